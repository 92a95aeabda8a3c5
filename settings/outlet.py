"""Outlet: what we know of one news site and how its owner wants it followed; one TOML file each."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomlkit

from settings.errors import ConfigError
from settings.names import nearest

OUTLET_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""Ids name files and WARC files, so they keep to what every file system takes."""

Requisites = Literal["none", "images", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Which links of the outlet are followed."""

    articles: tuple[str, ...] = ()
    """Regular expressions; where given, an address is an article if one of them is found in it."""
    skip: tuple[str, ...] = ()
    """Regular expressions; an address in which one is found is never asked for."""
    hosts: tuple[str, ...] = ()
    """Further hosts that belong to the outlet, beside its home's."""
    requisites: Requisites = "images"
    """What article pages need to look as they did: none | images (and style sheets) | all (fonts, scripts, media)."""
    max_requisites: int = 40
    """The most requisites that one article page may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """How gently the outlet is asked; None takes the site's value."""

    delay: float | None = None
    """Seconds between two requests to one host; robots.txt may only raise it."""
    robots: Literal["obey", "ignore"] = "obey"
    robots_reason: str = ""
    """Why robots.txt is ignored: required where it is, and kept with each capture."""
    cookies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may cost the outlet; None means no bound of its own."""

    pages: int | None = None
    listing_pages: int = 200
    """The most home and section pages (with their pagination) of one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Hand-written help for extraction; most outlets need none."""

    keep: tuple[str, ...] = ()
    """CSS selectors of what belongs to the article whatever the rules say."""
    cut: tuple[str, ...] = ()
    """CSS selectors of what never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One news site. Where a list is empty, nothing of the kind was found or wanted."""

    id: str
    name: str
    home: str
    languages: tuple[str, ...] = ()
    country: str = ""
    enabled: bool = True
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    news_sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    follow: Follow = field(default_factory=Follow)
    politeness: Politeness = field(default_factory=Politeness)
    limits: Limits = field(default_factory=Limits)
    extract: Extract = field(default_factory=Extract)


def load_outlet(path: Path) -> Outlet:
    """Read one outlet's file.

    Raises ConfigError for a file that cannot be read, an unknown key (naming the nearest right one) or a wrong value.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="see `warraq outlets list`") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}", hint="mend that line") from error
    data.setdefault("id", path.stem)
    return parse_outlet(data, where=str(path))


def parse_outlet(data: dict[str, Any], *, where: str) -> Outlet:
    """Make an Outlet of a file's values; `where` is named in errors."""
    refuse_unknown(data, Outlet, where)
    try:
        outlet = msgspec.convert(data, Outlet)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}", hint="`warraq config schema` lists every key and its type") from error
    _check(outlet, where)
    return outlet


def refuse_unknown(data: dict[str, Any], kind: type[Any], where: str, prefix: str = "") -> None:
    """Raise ConfigError for a key that the dataclass `kind` has not, naming the nearest one that it has."""
    known = {f.name: f for f in fields(kind)}
    for key, value in data.items():
        if key not in known:
            near = nearest(key, known)
            hint = f"did you mean `{prefix}{near}`?" if near else f"known keys: {', '.join(sorted(known))}"
            raise ConfigError(f"{where}: unknown key `{prefix}{key}`", hint=hint)
        table = known[key].default_factory
        if isinstance(value, dict) and isinstance(table, type):
            refuse_unknown(value, table, where, f"{prefix}{key}.")


def _check(outlet: Outlet, where: str) -> None:
    if not OUTLET_ID.fullmatch(outlet.id):
        raise ConfigError(f"{where}: id {outlet.id!r} is no file name", hint="use a-z, 0-9, dot, hyphen, underscore")
    if not outlet.home.startswith(("http://", "https://")):
        raise ConfigError(f"{where}: home {outlet.home!r} is no http address", hint="write it whole: https://…")
    if outlet.politeness.robots == "ignore" and not outlet.politeness.robots_reason.strip():
        raise ConfigError(
            f"{where}: politeness.robots = ignore without a reason", hint="write politeness.robots_reason"
        )
    if outlet.politeness.delay is not None and outlet.politeness.delay < 0:
        raise ConfigError(f"{where}: politeness.delay is negative", hint="write seconds, 0 or more")
    for name in ("articles", "skip"):
        for pattern in getattr(outlet.follow, name):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(
                    f"{where}: follow.{name}: {pattern!r} is no regular expression: {error}",
                    hint="write it in single quotes, as TOML literal",
                ) from error


def load_outlets(folder: Path) -> dict[str, Outlet]:
    """Read every outlet of a folder, by id, in order of id."""
    outlets: dict[str, Outlet] = {}
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        outlet = load_outlet(path)
        if outlet.id in outlets:
            raise ConfigError(f"{path}: id {outlet.id!r} is taken by another file", hint="give each outlet its own id")
        outlets[outlet.id] = outlet
    return outlets


def render_outlet(outlet: Outlet) -> str:
    """Write an outlet as TOML that a person can read and change: what is default stays out."""
    document = tomlkit.document()
    document.add(
        tomlkit.comment("An outlet of warraq. `warraq config schema` lists every key; docs/outlets.md explains them.")
    )
    for key, value in _chosen(outlet).items():
        document.add(key, _item(value))
    return tomlkit.dumps(document)


def _chosen(value: Any) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for f in fields(value):
        content = getattr(value, f.name)
        if hasattr(content, "__dataclass_fields__"):
            if inner := _chosen(content):
                chosen[f.name] = inner
        elif content != f.default:
            chosen[f.name] = list(content) if isinstance(content, tuple) else content
    return chosen


def _item(value: Any) -> Any:
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(value) > 1 or sum(map(len, map(str, value))) > 80)
    return tomlkit.item(value)


def save_outlet(outlet: Outlet, path: Path) -> None:
    """Write an outlet's file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".toml.new")
    draft.write_text(render_outlet(outlet), "utf-8")
    draft.replace(path)


def set_enabled(path: Path, enabled: bool) -> None:
    """Switch an outlet on or off in its file, leaving the user's comments and order alone."""
    document = tomlkit.parse(path.read_text("utf-8"))
    document["enabled"] = enabled
    draft = path.with_suffix(".toml.new")
    draft.write_text(tomlkit.dumps(document), "utf-8")
    draft.replace(path)
