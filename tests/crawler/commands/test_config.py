"""`warraq config show|schema`, and what a wrong configuration says."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from crawler.exits import Exit
from settings.site import keys
from tests.crawler.commands.conftest import Run


def test_show_names_every_key(run: Run, site: Path) -> None:
    """Every setting is shown with its value, as TOML writes it."""
    lines = dict(line.split("\t") for line in run("config", "show").lines)
    assert set(lines) == set(keys())
    assert lines["contact"] == '"crawl@example.org"'
    assert lines["crawl.delay"] == "1.0"


def test_origins(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--origin tells the file, the variable and the default apart."""
    monkeypatch.setenv("WARRAQ_CRAWL__DELAY", "2.5")
    rows = {row["key"]: row for row in run("config", "show", "--origin", "--json").documents}
    assert rows["contact"]["origin"] == str(site / "warraq.toml")
    assert (rows["crawl.delay"]["origin"], rows["crawl.delay"]["value"]) == ("WARRAQ_CRAWL__DELAY", 2.5)
    assert rows["crawl.retries"]["origin"] == "default"


def test_passwords_are_not_shown(run: Run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database's password stays where it is."""
    monkeypatch.setenv("WARRAQ_DATABASE__URL", "postgresql+psycopg://me:secret@db/news")
    answer = run("config", "show")
    assert "secret" not in answer.out
    assert "postgresql+psycopg://me:***@db/news" in answer.out


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("contct = 'a@example.org'", "unknown key `contct`", "did you mean `contact`?"),
        ("[crawl]\ndelai = 2", "unknown key `crawl.delai`", "did you mean `crawl.delay`?"),
        ("[crawl]\ndelay = 'soon'", "crawl.delay", "warraq config schema"),
        ("contact = ", "not TOML", "mend that line"),
    ],
)
def test_wrong_file(run: Run, text: str, message: str, hint: str) -> None:
    """A wrong warraq.toml ends in code 4 with what is wrong and how to mend it, for people and for scripts."""
    Path("warraq.toml").write_text(text, "utf-8")
    answer = run("config", "show")
    assert answer.code == Exit.CONFIG
    assert (answer.out, answer.err.count("\n")) == ("", 2)
    assert message in answer.err
    assert hint in answer.err
    error = run("config", "show", "--json").document["error"]
    assert error["code"] == 4
    assert message in error["message"]
    assert hint in error["hint"]


def test_config_option_before_and_after_the_command(run: Run, site: Path) -> None:
    """--config counts wherever it stands, over $WARRAQ_CONFIG and the file of this folder."""
    other = site / "other.toml"
    other.write_text("contact = 'other@example.org'", "utf-8")
    assert '"other@example.org"' in run("--config", other, "config", "show").out
    assert '"other@example.org"' in run("config", "show", "--config", other).out
    missing = run("config", "show", "--config", "none.toml")
    assert missing.code == Exit.CONFIG
    assert "warraq init" in missing.err


def test_schemas_are_schemas_and_take_real_files(run: Run, site: Path) -> None:
    """Both schemas are valid JSON Schema, take the files that we write and refuse an unknown key."""
    for kind, file in (("site", "warraq.toml"), ("outlet", "outlets/jarida.toml")):
        schema = json.loads(run("config", "schema", kind).out)
        jsonschema.Draft202012Validator.check_schema(schema)
        check = jsonschema.Draft202012Validator(schema)
        data = tomllib.loads(Path(file).read_text("utf-8"))
        check.validate(data)
        assert not check.is_valid({**data, "nonsense": 1})
    both = run("config", "schema", "--json").document
    assert both["schema"] == "warraq.json-schema/1"
    assert jsonschema.Draft202012Validator(both).is_valid({"name": "B", "home": "https://b.example/"})


def test_schema_explains_keys_and_types(run: Run) -> None:
    """What the source says beside a field stands in the schema, as do choices; null is no TOML value."""
    parts = json.loads(run("config", "schema").out)["$defs"]
    assert "Seconds between two requests" in parts["CrawlSettings"]["properties"]["delay"]["description"]
    assert set(parts["Follow"]["properties"]["requisites"]["enum"]) == {"none", "images", "all"}
    assert parts["Limits"]["properties"]["pages"]["type"] == "integer"
    assert "root" not in parts["Site"]["properties"]
