"""The JSON Schema of warraq.toml and of outlet files, made from their dataclasses and the words beside each field."""

from __future__ import annotations

import ast
import inspect
from dataclasses import is_dataclass
from typing import Any, get_type_hints

import msgspec

from settings.outlet import OUTLET_ID, Outlet
from settings.site import NOT_KEYS, Site

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build(kind: str) -> dict[str, Any]:
    """Return the schema of a `site` file, of an `outlet` file, or of `all`: either of them."""
    kinds: dict[str, list[type[Any]]] = {"site": [Site], "outlet": [Outlet], "all": [Site, Outlet]}
    chosen = kinds[kind]
    roots, parts = msgspec.json.schema_components(chosen, schema_hook=_hook)
    for part in _parts(chosen):
        _describe(parts[part.__name__], part)
    if Site in chosen:
        for key in NOT_KEYS:
            parts["Site"]["properties"].pop(key)
        parts["Site"]["required"] = []
    if Outlet in chosen:
        # A file that names no id has its own name as id.
        parts["Outlet"]["required"] = ["name", "home"]
        parts["Outlet"]["properties"]["id"]["pattern"] = f"^{OUTLET_ID.pattern}$"
        parts["Outlet"]["properties"]["home"]["pattern"] = "^https?://"
    shape = {"anyOf": list(roots)} if len(roots) > 1 else roots[0]
    schema: dict[str, Any] = {"$schema": DIALECT, "title": "warraq settings", **shape, "$defs": parts}
    return schema


def _hook(_kind: type[Any]) -> dict[str, Any]:
    """Paths occur only in what cannot be written in a file (NOT_KEYS), and is taken out again."""
    return {"type": "string"}


def _parts(kinds: list[type[Any]]) -> list[type[Any]]:
    """Return the dataclasses and those that they hold."""
    found: list[type[Any]] = []
    for kind in kinds:
        inner = [hint for hint in get_type_hints(kind).values() if isinstance(hint, type) and is_dataclass(hint)]
        found += [kind, *_parts(inner)]
    return found


def _describe(part: dict[str, Any], kind: type[Any]) -> None:
    """Add what the source says of each field, and that unknown keys are errors."""
    part["additionalProperties"] = False
    for name, text in meanings(kind).items():
        if name in part["properties"]:
            part["properties"][name]["description"] = text
    for value in part["properties"].values():
        # TOML knows no null: a key without a value is left out.
        choices = [choice for choice in value.get("anyOf", ()) if choice != {"type": "null"}]
        if len(choices) == 1:
            del value["anyOf"]
            value.pop("default", None)
            value.update(choices[0])


def meanings(kind: type[Any]) -> dict[str, str]:
    """Return the string that stands below each field of a dataclass in its source."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[field.target.id] = inspect.cleandoc(below.value.value)
    return found
