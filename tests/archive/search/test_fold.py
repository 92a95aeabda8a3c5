"""What the fold makes of letters of many scripts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.fold import FOLD, MARKS_ARE_LETTERS, RUN, TERM_LIMIT, fold, letters, pairs

SAME = [
    ("Arabic alef with hamza", "أحمد", "احمد"),
    ("Arabic madda", "القرآن", "القران"),
    ("Arabic teh marbuta", "دولة", "دوله"),
    ("Arabic alef maksura", "على", "علي"),
    ("Arabic hamza on waw", "مسؤول", "مسوول"),
    ("Arabic harakat", "مُحَمَّد", "محمد"),
    ("Arabic tatweel", "مـصـر", "مصر"),
    ("Arabic presentation forms", "ﺍﻟﺴﻼﻡ", "السلام"),
    ("Persian kaf and yeh", "کتابی", "كتابي"),
    ("Persian ZWNJ", "می‌شود", "میشود"),
    ("Urdu heh", "ہفتہ", "هفته"),
    ("Arabic digits", "٢٠٢٤", "2024"),
    ("Persian digits", "۲۰۲۴", "2024"),
    ("Devanagari digits", "२०२४", "2024"),
    ("superscript digit", "m²", "m2"),
    ("French accents", "élégant Noël", "elegant noel"),
    ("decomposed accents", "e\u0301", "é"),
    ("German sharp s", "Straße", "STRASSE"),
    ("Polish", "Łódź", "lodz"),
    ("Danish", "København", "kobenhavn"),
    ("Croatian", "Đorđe", "dorde"),
    ("Icelandic", "Þingvellir ærlegur", "thingvellir aerlegur"),
    ("Maltese", "Ħal Għaxaq", "hal ghaxaq"),
    ("Northern Sami", "ŧ", "t"),
    ("Turkish dotted", "İSTANBUL", "istanbul"),
    ("Turkish dotless", "Iğdır ılık", "igdir ilik"),
    ("Greek accents and final sigma", "Ἀθήνας", "αθηνας"),
    ("Russian yo", "Ёлка", "елка"),
    ("Hebrew niqqud", "שָׁלוֹם", "שלום"),
    ("Hindi anusvara", "हिन्दी", "हिंदी"),
    ("Bengali anusvara", "শঙ্কর", "শংকর"),
    ("full width", "ＡＢＣ１２", "abc12"),
    ("half-width kana", "ﾄｳｷｮｳ", "トウキョウ"),
    ("ligature", "ﬁn", "fin"),
    ("soft hyphen", "news\u00adpaper", "newspaper"),
    ("no-break space", "a\u00a0b", "a b"),
    ("curly apostrophe", "l’été", "l'ete"),
    ("modifier apostrophe", "oʻzbek", "o'zbek"),
    ("Cherokee case", "ꭰꭱ", "ᎠᎡ"),
    ("punctuation", "A-B_c.d", "a b c d"),
]

APART = [
    ("Cyrillic short i is no i", "й", "и"),
    ("Ukrainian yi is no i", "ї", "і"),
    ("Indic vowel signs", "कि", "की"),
    ("Thai vowels", "กิน", "กัน"),
    ("Burmese marks", "မြန်မာ", "မန်မာ"),
    ("Khmer vowels", "កុ", "កូ"),
    ("Thaana vowels", "ދި", "ދެ"),
    ("Japanese voicing", "が", "か"),
    ("doubled nasal", "अन्न", "अंन"),
]


@pytest.mark.parametrize(("first", "second"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_spellings_of_one_word_fold_alike(first: str, second: str) -> None:
    """However a word was typed, its terms are the same."""
    assert fold(first) == fold(second) != ""


@pytest.mark.parametrize(("first", "second"), [row[1:] for row in APART], ids=[row[0] for row in APART])
def test_different_letters_stay_apart(first: str, second: str) -> None:
    """Marks that are letters of the language are kept."""
    assert fold(first) != fold(second)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("选", "选"),
        ("选举", "选举 举"),
        ("美国总统", "美国 国总 总统 统"),
        ("iPhone发布会 now", "iphone 发布 布会 会 now"),
        ("選挙、結果", "選挙 挙 結果 果"),
        ("총선거", "총선 선거 거"),
        ("กิน", "กิน น"),
        ("កម្ពុជា", "កម្ពុ ម្ពុជា ជា"),
        ("မြန်မာ", "မြန် န်မာ မာ"),
        ("", ""),
        (" !?", ""),
    ],
)
def test_unspaced_runs_become_pairs(text: str, terms: str) -> None:
    """A run gives overlapping pairs of letters with their marks, and its last letter alone."""
    assert fold(text) == terms


def test_a_term_has_a_longest_length() -> None:
    """A megabyte without a space is one short term, which PostgreSQL can take."""
    assert fold("x" * 1_000_000) == "x" * TERM_LIMIT


def test_marks_without_a_letter_are_no_word() -> None:
    """A vowel sign with nothing before it starts no term."""
    assert fold("\u093f क \u093f\u0915") == "क क"


def test_version_is_a_plain_string() -> None:
    """The version can stand in the database beside the index."""
    assert isinstance(FOLD, str)
    assert FOLD


TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=st.characters(min_codepoint=0x300, max_codepoint=0x1CFF)),
    st.text(alphabet=st.sampled_from("اأآةهىيک\u064b\u0640\u200c\u0654иі\u0306\u0308ёйЙ هe\u0301ßİı'’-")),
    st.text(alphabet=st.sampled_from("选举総が\u3099カｶﾞ총ᄎ\u1169\u11bcกิ\u0e33ក\u17d2មမ\u1039န ab1")),
    st.text(alphabet=st.sampled_from("कङञणनम\u094d\u093f\u093c\u0902\u200dতন\u09cd\u09c7\u09be")),
)


@given(TEXTS)
def test_letters_are_folded_once_for_all(text: str) -> None:
    """Folding letters twice changes nothing."""
    once = letters(text)
    assert letters(once) == once


@given(TEXTS)
def test_terms_are_letters_digits_and_marks(text: str) -> None:
    """No sign that a search engine could take for syntax is in a term, and spaces are single."""
    folded = fold(text)
    assert folded == " ".join(folded.split())
    for term in folded.split():
        assert len(term) <= TERM_LIMIT
        assert all(unicodedata.category(c)[0] in "LNM" for c in term)
        assert not unicodedata.category(term[0]).startswith("M") or ord(term[0]) > MARKS_ARE_LETTERS[0][0]


@given(TEXTS)
def test_pairs_lose_nothing(text: str) -> None:
    """The pairs of a run hold every character of it, in order."""
    for run in RUN.findall(letters(text)):
        *grams, last = pairs(run)
        read = last
        for gram in reversed(grams):
            assert any(read.startswith(gram[cut:]) for cut in range(1, len(gram)))
            cut = next(cut for cut in range(1, len(gram)) if read.startswith(gram[cut:]))
            read = gram[:cut] + read
        assert read == run


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30), st.booleans())
def test_normal_forms_do_not_matter(text: str, compatible: bool) -> None:
    """A text and its decomposed form fold alike."""
    form = "NFKD" if compatible else "NFD"
    assert letters(unicodedata.normalize(form, text)) == letters(text)
