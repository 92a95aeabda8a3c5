"""Text as it is stored and as it is compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extractors.text import balance, ends_sentence, fold, settle, squeeze, trails_off, weight, words

JOINERS = "\u200c\u200d\u200b"


@given(st.text())
def test_settling_twice_is_settling_once(text: str) -> None:
    """What is settled stays as it is."""
    assert settle(settle(text)) == settle(text)


@given(st.text())
def test_settled_text_is_nfc_and_clean(text: str) -> None:
    """Stored text is NFC, has no controls, surrogates or soft hyphens, and no blanks at its ends."""
    settled = settle(text)
    assert unicodedata.is_normalized("NFC", settled)
    assert settled == settled.strip()
    assert not set(settled) & {"\x00", "\x1f", "\u00ad", "\ud800", "\ufeff", "\n", "\t"}


@given(st.lists(st.sampled_from(["می", "خواهم", "شود", "क्", "ष", *JOINERS]), min_size=1, max_size=12))
def test_joiners_are_kept(parts: list[str]) -> None:
    """Zero-width joiners and spaces are spelling: every one survives."""
    text = "a" + "".join(parts) + "b"
    assert [char for char in settle(text) if char in JOINERS] == [char for char in text if char in JOINERS]


@pytest.mark.parametrize(
    ("raw", "settled"),
    [
        ("  one\n two\t three ", "one two three"),
        ("non\u00adsense", "nonsense"),
        ("l\u2019\u00e9te\u0301", "l\u2019\u00e9t\u00e9"),
        ("10\u00a0000", "10\u00a0000"),
        ("\u200fنص\u200f", "نص"),
        ("\u202bنص\u202c", "\u202bنص\u202c"),
        ("\u202bنص", "نص"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_settle(raw: str, settled: str) -> None:
    """Blanks collapse, soft hyphens and stray marks go, joiners and no-break spaces stay."""
    assert settle(raw) == settled


@given(st.text(alphabet="ab\u202a\u202b\u202c\u2066\u2067\u2069"))
def test_balanced_controls_close(text: str) -> None:
    """After balancing, openers and closers are equally many, and letters are untouched."""
    left = balance(text)
    assert sum(left.count(char) for char in "\u202a\u202b") == left.count("\u202c")
    assert sum(left.count(char) for char in "\u2066\u2067") == left.count("\u2069")
    assert [char for char in left if char in "ab"] == [char for char in text if char in "ab"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("شاهد أيضاً", "شاهد أيضًا"),
        ("شاهد أيضًا:", "شــاهد ايضا"),
        ("می‌شود", "ميشود"),
        ("کتاب", "كتاب"),
        ("À LIRE AUSSI :", "a lire aussi"),
        ("٢٠١٦", "2016"),
        ("STRASSE", "straße"),
        ("ＡＢＣ", "abc"),
    ],
)
def test_spellings_fold_together(one: str, other: str) -> None:
    """What readers take for the same is compared as the same."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("की", "का"), ("пар", "пора"), ("مدرسة", "مدرس")])
def test_different_words_stay_apart(one: str, other: str) -> None:
    """Vowel signs of Indic scripts are letters, and no letter is lost."""
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_is_idempotent_and_lean(text: str) -> None:
    """Folding twice is folding once; nothing is left but words and single spaces."""
    assert fold(fold(text)) == fold(text)
    assert "  " not in fold(text)
    assert " " not in squeeze(text)


@pytest.mark.parametrize(
    "text",
    ["It ended.", "هل انتهى؟", "ختم ہوا۔", "समाप्त।", "完了。", "He said “yes.”", "Fin. »", "Τι;", "…und so weiter…"],
)
def test_sentences_end(text: str) -> None:
    """The last mark of a sentence is known in many scripts, behind closing quotes too."""
    assert ends_sentence(text) == (not text.endswith("Τι;"))


@pytest.mark.parametrize(
    ("text", "trails"),
    [("and then…", True), ("and then...", True), ("[…]", True), ("the end.", False), ("等等……", True)],
)
def test_teasers_trail_off(text: str, trails: bool) -> None:
    """An ellipsis at the end, of any make, is a teaser's."""
    assert trails_off(text) is trails


def test_words_and_weight_count_unsegmented_scripts() -> None:
    """Two letters of a script without spaces count as a word, one of them weighs as two."""
    assert words("one two three") == 3
    assert words("今天天气") == 2
    assert weight("今天") == 4
    assert weight("one") == 3
