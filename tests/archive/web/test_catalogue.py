"""The interface's languages."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from markupsafe import Markup

from archive.article import ArticleDate, ArticleLanguage
from archive.web.catalogue import Catalogue, choose, direction, load
from tests.archive.web.house import DAY_ONE

CATALOGUES = load()
TEMPLATES = "".join(
    entry.read_text("utf-8") for entry in (files("archive.web") / "templates").iterdir() if entry.name.endswith(".html")
)
SPOKEN = "".join((files(room) / name).read_text("utf-8") for room, name in (
    ("archive.web", "app.py"), ("archive.web", "guard.py"), ("archive.replay", "app.py")))  # fmt: skip
FIELD = re.compile(r"\{(\w+)\}")


def test_three_languages() -> None:
    """The interface speaks Arabic, English and French."""
    assert {code: c.direction for code, c in CATALOGUES.items()} == {"ar": "rtl", "en": "ltr", "fr": "ltr"}


@pytest.mark.parametrize("code", sorted(CATALOGUES))
def test_no_language_lacks_a_text(code: str) -> None:
    """Every catalogue has the same keys, with the same values to put in, and every plural form its language has."""
    english, other = CATALOGUES["en"], CATALOGUES[code]
    assert other.texts.keys() == english.texts.keys()
    assert other.patterns.keys() == english.patterns.keys()
    for key, text in english.texts.items():
        assert set(FIELD.findall(other.texts[key])) == set(FIELD.findall(text)), key
        assert other.texts[key].strip()
    assert other.plurals.keys() == english.plurals.keys()
    for key, forms in other.plurals.items():
        assert set(forms) == set(other.locale.plural_form.tags) | {"other"}, key


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    """Templates and applications ask for no text that is missing, and none is left over."""
    texts, plurals = CATALOGUES["en"].texts.keys(), CATALOGUES["en"].plurals.keys()
    assert set(re.findall(r'\bt\("([\w-]+)"', TEMPLATES)) <= texts
    assert set(re.findall(r'\bn\("([\w-]+)"', TEMPLATES)) == plurals
    said = {key for key in texts if f'"{key}"' in TEMPLATES + SPOKEN}
    # `bad-…`: what is wrong with a replay address is named by the error itself.
    assert texts - said == {"bad-url", "bad-scheme", "bad-time"} - said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "لم يُعثر على أي مقال"), (1, "عُثر على مقال واحد"), (2, "عُثر على مقالين"), (3, "عُثر على 3 مقالات"),
     (11, "عُثر على 11 مقالًا"), (100, "عُثر على 100 مقال"), (1234, "عُثر على 1,234 مقالًا")],
)  # fmt: skip
def test_arabic_counts_in_six_forms(number: int, said: str) -> None:
    """Each number takes the form that Arabic wants."""
    assert CATALOGUES["ar"].count("found", number) == said


def test_values_are_escaped_and_markup_is_not() -> None:
    """What is put into a text is content; only what we made markup stays markup."""
    english = CATALOGUES["en"]
    assert english.text("modified", when="<b>") == "changed &lt;b&gt;"
    assert english.text("modified", when=Markup("<b>x</b>")) == "changed <b>x</b>"
    assert english.text("modified", when="{0}{x}") == "changed {0}{x}"


def _date(value: str, precision: str) -> ArticleDate:
    return ArticleDate(value=value, precision=precision, raw=value, source="meta")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "precision", "english", "french"),
    [
        ("2016", "year", "2016", "2016"),
        ("2016-05", "month", "May 2016", "mai 2016"),
        ("2016-05-03", "day", "3 May 2016", "3 mai 2016"),
        ("2016-05-03T14:00+01:00", "minute", "3 May 2016, 14:00", "3 mai 2016 à 14:00"),
        ("2016-05-03T14:00:59Z", "second", "3 May 2016, 14:00", "3 mai 2016 à 14:00"),
        ("someday", "day", "someday", "someday"),
    ],
)
def test_dates_say_no_more_than_is_known(value: str, precision: str, english: str, french: str) -> None:
    """A year stays a year; hours are those of the page's own zone."""
    assert CATALOGUES["en"].published(_date(value, precision)) == english
    assert CATALOGUES["fr"].published(_date(value, precision)) == french


def test_captures_are_told_in_utc() -> None:
    """To the second, in the words of each language."""
    assert CATALOGUES["en"].moment(DAY_ONE) == "31 May 2024, 12:00:00 UTC"
    assert CATALOGUES["fr"].moment(DAY_ONE) == "31 mai 2024 à 12:00:00 UTC"
    assert CATALOGUES["ar"].moment(DAY_ONE) == "31 مايو 2024، 12:00:00 UTC"
    assert CATALOGUES["en"].published(None) == ""


@pytest.mark.parametrize(
    ("asked", "accept", "code"),
    [
        ("ar", "fr", "ar"),
        ("xx", "fr", "fr"),
        (None, "fr-CA,en;q=0.5", "fr"),
        (None, "de, ar;q=0.4, en;q=0.8", "en"),
        (None, "AR-DZ", "ar"),
        (None, "de", "en"),
        (None, "", "en"),
        (None, None, "en"),
        (None, "fr;q=0", "en"),
        (None, ";;q=;,\x00*;q=9", "en"),
    ],
)
def test_the_language_is_asked_for_or_the_browsers(asked: str | None, accept: str | None, code: str) -> None:
    """`?ui=` first, then Accept-Language by weight, then English."""
    assert choose(CATALOGUES, asked, accept) == code


@pytest.mark.parametrize(
    ("script", "way"), [("Arab", "rtl"), ("Hebr", "rtl"), ("Latn", "ltr"), ("Hans", "ltr"), ("Zyyy", "auto")]
)
def test_direction_follows_the_script(script: str, way: str) -> None:
    """A text's direction is its own."""
    assert direction(ArticleLanguage(code="xx", script=script, confidence=1, method="letters")) == way


def test_languages_are_named_in_the_interfaces_language() -> None:
    """Names as readers know them; a code that nobody knows stays itself."""
    arabic: Catalogue = CATALOGUES["ar"]
    assert arabic.language("fr") == "الفرنسية"
    assert CATALOGUES["en"].language("zh-Hant") == "Chinese (Traditional)"
    assert arabic.language("zz9!") == "zz9!"
    assert arabic.language("") == ""
