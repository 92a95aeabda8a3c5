"""The documentation says what the program does: commands, settings, outlet keys, exit codes, shown files."""

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from crawler.commands import reference
from crawler.exits import MEANING
from settings.outlet import Outlet, parse_outlet
from settings.site import Site, keys

DOCS = Path(__file__).parents[1] / "docs"
ROW = re.compile(
    r"^\| `(?P<key>[a-z_.]+)` \| (?P<type>[^|]+) \| (?P<default>[^|]+) \| (?P<meaning>.+) \|$", re.MULTILINE
)


def rows(page: str) -> dict[str, re.Match[str]]:
    return {match["key"]: match for match in ROW.finditer((DOCS / page).read_text("utf-8"))}


def value(kind: Any, key: str) -> Any:
    for part in key.split("."):
        kind = getattr(kind, part)
    return kind


OUTLET = Outlet(id="example", name="Example", home="https://www.example.org/")


def written(default: Any) -> str:
    return json.dumps(default)  # the defaults in use are written in JSON as they are in TOML


def test_commands_page_is_what_help_says() -> None:
    """docs/commands.md is what `python -m crawler.commands.reference` writes."""
    assert reference.PAGE.read_text("utf-8") == reference.page(), "run `python -m crawler.commands.reference`"


def test_commands_page_has_every_command_and_exit_code() -> None:
    """Each command has a section, each exit code a row."""
    page = reference.PAGE.read_text("utf-8")
    for path, _ in reference.walk():
        assert f"\n## {path}\n" in page
    for code in MEANING:
        assert f"\n| {int(code)} | " in page


def test_reference_tells_an_old_page_from_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--check fails before the page is written and after it is changed, and passes when it is fresh."""
    monkeypatch.setattr(reference, "PAGE", tmp_path / "docs" / "commands.md")
    assert reference.main(["--check"]) == 1
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    reference.PAGE.write_text("old", "utf-8")
    assert reference.main(["--check"]) == 1


def test_settings_page_has_every_key_and_its_default() -> None:
    """docs/settings.md names exactly the keys of warraq.toml, with the defaults that are in force."""
    found = rows("settings.md")
    assert list(found) == list(keys())
    site = Site(root=Path())
    for key, row in found.items():
        assert row["default"].strip() == f"`{written(value(site, key))}`", key


def test_outlets_page_has_every_key_and_its_default() -> None:
    """docs/outlets.md names exactly the keys of an outlet's file, with the defaults that are in force."""
    found = rows("outlets.md")
    assert list(found) == list(keys(Outlet))
    words = {"id": "the file's name", "name": "required", "home": "required"}
    words |= {"politeness.delay": "`crawl.delay`", "limits.pages": "none"}
    for key, row in found.items():
        expected = words.get(key) or f"`{written(value(OUTLET, key))}`"
        assert row["default"].strip() == expected, key


def test_shown_outlet_file_is_valid() -> None:
    """The outlet file that docs/outlets.md shows can be read as it stands."""
    text = (DOCS / "outlets.md").read_text("utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    outlet = parse_outlet({"id": "example", **tomllib.loads(block)}, where="docs/outlets.md")
    assert outlet.politeness.delay == 2.5
    assert {f.name for f in fields(outlet)} > {"feeds", "follow"}


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_between_pages_lead_somewhere(page: str) -> None:
    """A link to a neighbouring page finds it."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (DOCS / page).read_text("utf-8")):
        assert (DOCS / target).exists(), target
