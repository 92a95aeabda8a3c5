"""The language of a text."""

from __future__ import annotations

import pytest

from archive.extractors.language import identify, script_of
from tests.archive.extractors.leftovers import LANGUAGES, story

SORANI = (
    "شارەوانی ڕایگەیاند کە کارەکانی نۆژەنکردنەوەی پردەکە هەفتەی داهاتوو دەست پێدەکەن "
    "و خەڵکی گوندەکە زۆر دڵخۆشن بەم هەواڵە."
)
PASHTO = "ښاروالۍ وویل چې د پخواني پله د رغولو کار به راتلونکې اونۍ پیل شي او د کلي خلک له دې خبره ډېر خوښ دي."
URDU = "بلدیہ نے اعلان کیا ہے کہ پرانے پل کی مرمت کا کام اگلے ہفتے شروع ہو گا اور گاؤں کے لوگ اس خبر سے بہت خوش ہیں۔"
SIMPLIFIED = "市政府今天宣布了修缮老桥的计划，工程将在下个月开始，预计持续半年，附近居民对此表示欢迎。"
TRADITIONAL = "市政府今天宣布了修繕老橋的計畫，工程將在下個月開始，預計持續半年，附近居民對此表示歡迎。"
SERBIAN = (
    "Opština je danas objavila plan za popravku starog mosta, "
    "a radovi počinju već sledećeg meseca, rekao je predsednik."
)


@pytest.mark.parametrize("code", LANGUAGES)
def test_our_pages(code: str) -> None:
    """The text decides, whatever the page declares."""
    found = identify(story(code).text, ("en-US",))
    assert found.code.split("-")[0] == code
    assert found.confidence > 0.5


@pytest.mark.parametrize(
    ("text", "code", "script", "method"),
    [
        (SORANI, "ckb", "Arab", "letters"),
        (PASHTO, "ps", "Arab", "letters"),
        (URDU, "ur", "Arab", "letters"),
        (SIMPLIFIED, "zh-Hans", "Hans", "detector"),
        (TRADITIONAL, "zh-Hant", "Hant", "detector"),
    ],
)
def test_neighbours_are_told_apart(text: str, code: str, script: str, method: str) -> None:
    """Languages of one script are told apart by their letters, written variants by the detector."""
    found = identify(text)
    assert (found.code, found.script, found.method) == (code, script, method)


@pytest.mark.parametrize(("hint", "code"), [("sr", "sr-Latn"), ("bs-BA", "bs"), ("hr", "hr")])
def test_one_language_with_three_names(hint: str, code: str) -> None:
    """Bosnian, Croatian and Serbian in Latin letters are parted by what the outlet says."""
    assert identify(SERBIAN, (hint,)).code == code


def test_dari_is_persian_that_says_so() -> None:
    """Dari is told from Persian by the page's own word alone."""
    assert identify(story("fa").text, ("prs",)).code == "prs"
    assert identify(story("fa").text, ("en",)).code == "fa"


@pytest.mark.parametrize(
    ("text", "hints", "code", "method"),
    [
        ("", ("fr-FR",), "fr", "declared"),
        ("12:30", ("zh-TW",), "zh-Hant", "declared"),
        ("...", (), "und", "detector"),
        ("", ("x",), "und", "detector"),
        ("", (None, " "), "und", "detector"),
    ],
)
def test_without_text_the_hint_counts(text: str, hints: tuple[str | None, ...], code: str, method: str) -> None:
    """A page without text is in the declared language, with little confidence, or in none."""
    found = identify(text, hints)
    assert (found.code, found.method) == (code, method)
    assert found.confidence <= 0.3


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("abc", "Latn"),
        ("абв", "Cyrl"),
        ("日本の橋", "Jpan"),
        ("古城", "Hani"),
        ("다리", "Kore"),
        ("पुल", "Deva"),
        ("สะพาน", "Thai"),
        ("123", "Zyyy"),
        ("ab غ ab", "Latn"),
    ],
)
def test_scripts(text: str, script: str) -> None:
    """The script is that of most letters; kana makes a text Japanese."""
    assert script_of(text) == script


def test_odd_code_points_are_no_error() -> None:
    """Text that the detector refuses falls back to the hint."""
    assert identify("\ufdd0\U0001fffe" + "\u0378" * 60, ("fr",)).code in ("fr", "und")
