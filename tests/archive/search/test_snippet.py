"""Which piece of a text a search shows, and what is marked in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.fold import fold
from archive.search.snippet import ELLIPSIS, Span, mark, snippet


def shown(spans: tuple[Span, ...]) -> str:
    return "".join(f"[{span.text}]" if span.hit else span.text for span in spans)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("The quick brown fox", "fox", "The quick brown [fox]"),
        ("The quick brown fox", '"quick brown"', "The [quick brown] fox"),
        ("The quick brown fox", "brown quick", "The [quick] [brown] fox"),
        ("The quick brown fox", "quick -fox", "The [quick] brown fox"),
        ("The quick brown fox", "qui*", "The [quick] brown fox"),
        ("Voici l’Élection (européenne).", "election europeenne", "Voici l’[Élection] ([européenne])."),
        ("قال مسؤول في إيران، أمس", "ايران", "قال مسؤول في [إيران]، أمس"),
        ("قال مُحَمَّدٌ أمس", "محمد", "قال [مُحَمَّدٌ] أمس"),
        ("این کار می‌شود دیگر", "میشود", "این کار [می‌شود] دیگر"),
        ("אמר שָׁלוֹם לכם", "שלום", "אמר [שָׁלוֹם] לכם"),
        ("美国总统选举结果公布", "选举结果", "美国总统[选举结果]公布"),
        ("美国总统选举结果公布", "选", "美国总统[选举]结果公布"),
        ("iPhone发布会", "iphone 发布", "[iPhone][发布]会"),
        ("ในน้ำมีปลา", "น้ำ", "ใน[น้ำ]มีปลา"),
        ("ប្រទេសកម្ពុជាថ្ងៃនេះ", "កម្ពុជា", "ប្រទេស[កម្ពុជា]ថ្ងៃនេះ"),
        ("हिन्दी-भाषा", "हिंदी", "[हिन्दी]-भाषा"),
        ("Straße und ﬁn", "strasse fin", "[Straße] und [ﬁn]"),
        ("one\n\ntwo", "two", "one [two]"),
        ("nothing here", "fox", "nothing here"),
        ("", "fox", ""),
        ("fox", "", "fox"),
    ],
)
def test_marks_stand_in_the_original(text: str, query: str, marked: str) -> None:
    """What is marked are the original's own letters, accents, harakat and joiners included."""
    assert shown(snippet(text, query)) == marked


def test_a_long_text_is_cut_at_words_around_the_match() -> None:
    """The piece holds the match, begins and ends at words, and says that there is more."""
    text = "alpha beta gamma delta " * 50 + "needle " + "epsilon zeta eta theta " * 50
    spans = snippet(text, "needle", 80)
    assert Span("needle", hit=True) in spans
    whole = "".join(span.text for span in spans)
    assert whole.startswith(ELLIPSIS)
    assert whole.endswith(ELLIPSIS)
    assert len(whole) <= 82
    assert set(whole.strip(ELLIPSIS).split()) <= set(text.split())


def test_the_place_with_most_of_the_query_is_shown() -> None:
    """Two of the words together beat one of them earlier."""
    text = "fox alone " + "filler " * 100 + "fox and dog together " + "filler " * 100
    assert "[fox] and [dog]" in shown(snippet(text, "fox dog", 60))


def test_an_unspaced_text_is_cut_anywhere() -> None:
    """Chinese has no word edge to cut at."""
    spans = snippet("国" * 500 + "选举" + "家" * 500, "选举", 40)
    assert Span("选举", hit=True) in spans
    assert len("".join(span.text for span in spans)) <= 42


def test_a_title_is_marked_whole() -> None:
    """A title is never cut."""
    title = "word " * 100 + "fox"
    assert shown(mark(title, "fox")) == "word " * 100 + "[fox]"


@given(st.text() | st.text(alphabet="国家ก\u0e33ب\u064b’é-x1 \n\u200d\u093f\u0915"), st.text(), st.integers(0, 50))
def test_a_snippet_is_a_piece_of_the_text(text: str, query: str, width: int) -> None:
    """Whatever text and query, the spans are consecutive pieces of the original."""
    whole = "".join(span.text for span in snippet(text, query, width) if span.text != ELLIPSIS)
    assert whole.strip() in " ".join(text.split(" ")) or " ".join(whole.split()) in " ".join(text.split())


@given(st.text(alphabet="国家ก\u0e33ب\u064b’é-x1 \u200d\u093f\u0915한ﬁ", min_size=1, max_size=20))
def test_a_text_is_found_by_itself(text: str) -> None:
    """Searching for a text's own words marks something in it."""
    if fold(text):
        assert any(span.hit for span in snippet(text, f'"{text}"', 100))
