"""The languages that the package ships, and what is said of a file that is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from settings.errors import ConfigError
from settings.language import Languages, languages, load_language, parse_language, phrase_classes

NAMES = "ar fa ur he ckb ps fr en es de it pt nl ru uk tr hi bn zh ja ko id vi th el pl ro"
EXPECTED = frozenset(NAMES.split(" "))
LEAST = {"name": "Test", "native_name": "Test", "scripts": ["Latn"]}


def test_every_expected_language_is_there() -> None:
    """The first languages each have a file that reads."""
    assert set(languages()) >= EXPECTED
    assert all(languages()[code].code == code for code in languages())


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_a_language_knows_enough(code: str) -> None:
    """Each file has the classes that decide on leftovers, credits, error pages, and prose that must stay."""
    language = languages()[code]
    needed = "see_also read_also related share tags follow newsletter advertisement copyright by photo previous_next"
    for name in needed.split(" "):
        assert getattr(language.phrases, name), name
    for name in ("agencies", "desks", "patterns"):
        assert getattr(language.credits, name), name
    assert language.error_page
    assert language.next_page
    assert len(language.counter_examples) >= 2


@pytest.mark.parametrize("code", sorted(EXPECTED))
def test_comments_closed_on_has_its_hole(code: str) -> None:
    """A pattern with the page's title inside has exactly one hole."""
    assert all(pattern.count("%s") == 1 for pattern in languages()[code].phrases.comments_closed_on)


def test_right_to_left_languages_say_so() -> None:
    """Direction follows the script."""
    for language in languages().values():
        assert (language.direction == "rtl") == (language.scripts[0] in ("Arab", "Hebr")), language.code


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("ar", "ar"),
        ("ar-TN", "ar"),
        ("AR_tn", "ar"),
        ("zh-Hant-TW", "zh"),
        ("prs", "fa"),
        ("iw", "he"),
        ("en-US", "en"),
        ("ms", "id"),
    ],
)
def test_tags_are_found_however_written(tag: str, code: str) -> None:
    """A region, a script, case, underscores and old codes all lead to the language."""
    found = languages().find(tag)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("tag", ["", None, "xx", "x", "-", "tlh-Latn", "a" * 500])
def test_unknown_tags_find_nothing(tag: str | None) -> None:
    """What is no language we know gives None, whatever it is."""
    assert languages().find(tag) is None


def test_for_tags_keeps_order_and_drops_doubles() -> None:
    """Several tags give each language once, in their order."""
    assert [language.code for language in languages().for_tags(("fr-FR", None, "ar", "fr", "xx"))] == ["fr", "ar"]


def test_for_script() -> None:
    """A script finds every language that is written in it."""
    assert {"ar", "fa", "ur", "ckb", "ps"} <= {language.code for language in languages().for_script("Arab")}
    assert [language.code for language in languages().for_script("Hant")] == ["zh"]


def test_files_are_read_when_asked_for(tmp_path: Path) -> None:
    """A broken file harms nobody who does not ask for it."""
    (tmp_path / "aa.toml").write_text('name = "A"\nnative_name = "A"\nscripts = ["Latn"]\n', "utf-8")
    (tmp_path / "bb.toml").write_text("not toml", "utf-8")
    found = Languages(tmp_path)
    assert len(found) == 2
    assert found["aa"].name == "A"
    with pytest.raises(ConfigError, match="not TOML"):
        found["bb"]
    with pytest.raises(KeyError):
        found["cc"]


def test_languages_are_read_once() -> None:
    """The packaged languages are one object, and its files are read once."""
    assert languages() is languages()
    assert languages()["ar"] is languages()["ar"]


@pytest.mark.parametrize(
    ("key", "value", "near"),
    [
        ("phrase", {}, "phrases"),
        ("phrases", {"see_als": []}, "phrases.see_also"),
        ("dates", {"hijry": []}, "dates.hijri"),
    ],
)
def test_unknown_keys_name_the_nearest(key: str, value: object, near: str) -> None:
    """A mistyped key is an error that names the right one."""
    with pytest.raises(ConfigError, match="unknown key") as caught:
        parse_language({"code": "xx", **LEAST, key: value}, where="xx.toml")
    assert near in caught.value.hint


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("scripts", "Latn", "Expected `array`"),
        ("direction", "up", "Invalid enum value"),
        ("phrases", {"share": ["%s and %s"]}, "phrases.share"),
        ("phrases", {"share": [" "]}, "phrases.share"),
        ("dates", {"gregorian": [["one"]]}, "has 1 months"),
    ],
)
def test_wrong_values_are_refused(key: str, value: object, message: str) -> None:
    """A value of the wrong kind is an error that says where."""
    with pytest.raises(ConfigError, match=message):
        parse_language({"code": "xx", **LEAST, key: value}, where="xx.toml")


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    """A file that is not there gives a configuration error with a hint."""
    with pytest.raises(ConfigError, match="No such file"):
        load_language(tmp_path / "xx.toml")


def test_classes_are_in_the_order_of_the_files() -> None:
    """The classes have stable names that rules and files share."""
    assert phrase_classes()[:2] == ("see_also", "read_also")


def test_importing_reads_nothing() -> None:
    """Importing the module opens no language file and loads no calendar data."""
    code = "import sys, settings.language as l; print(l.languages.cache_info().currsize, 'babel' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["0", "False"]
