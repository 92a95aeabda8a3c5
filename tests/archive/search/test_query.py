"""What a typed query finds, on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.search.query import DEPTH_LIMIT, WORD_LIMIT, Phrase, Query, fts5, parse, phrases, tsquery
from tests.archive.search.engines import Finds, postgres, postgres_finds, sqlite_finds

TEXT = "The quick brown fox jumps over the lazy dog near the old bridge"

CASES = [
    ("one word", "fox", TEXT, True),
    ("absent word", "cat", TEXT, False),
    ("all words, any order", "dog fox", TEXT, True),
    ("all words, one absent", "dog cat", TEXT, False),
    ("explicit AND", "dog AND fox", TEXT, True),
    ("phrase", '"brown fox"', TEXT, True),
    ("phrase, wrong order", '"fox brown"', TEXT, False),
    ("phrase, curly quotes", "“brown fox”", TEXT, True),
    ("phrase, guillemets", "«brown fox»", TEXT, True),
    ("phrase, closing quote missing", '"brown fox', TEXT, True),
    ("phrase, closing quote missing, absent", '"fox brown', TEXT, False),
    ("OR", "cat OR fox", TEXT, True),
    ("bar", "cat | fox", TEXT, True),
    ("OR, both absent", "cat OR cow", TEXT, False),
    ("OR is loosest", "cat fox OR dog", TEXT, True),
    ("brackets bind", "cat (fox OR dog)", TEXT, False),
    ("minus", "fox -cat", TEXT, True),
    ("minus hits", "fox -dog", TEXT, False),
    ("NOT hits", "fox NOT dog", TEXT, False),
    ("minus phrase", 'fox -"lazy dog"', TEXT, False),
    ("minus phrase, absent", 'fox -"dog lazy"', TEXT, True),
    ("minus brackets", "fox -(cat OR dog)", TEXT, False),
    ("minus twice", "fox -(-dog)", TEXT, True),
    ("minus twice, absent", "fox -(-cat)", TEXT, False),
    ("exclusion alone finds nothing", "-cat", TEXT, False),
    ("exclusion alone in a choice is left out", "cat OR -cow", TEXT, False),
    ("exclusion first", "-cat fox", TEXT, True),
    ("hyphen within a word is no minus", "old-bridge", TEXT, True),
    ("prefix", "brid*", TEXT, True),
    ("prefix, absent", "bridal*", TEXT, False),
    ("prefix of a phrase's last word", '"old bri"*', TEXT, True),
    ("no prefix without a star", "brid", TEXT, False),
    ("stray brackets", ") fox ((", TEXT, True),
    ("stray operators", "OR AND NOT fox OR", TEXT, False),
    ("apostrophe inside", "l'élection", "voici l’election", True),
    ("elision", "election", "voici l’élection de mai", True),
    ("Arabic", "الدوله", "كلمة رئيس الدولة اليوم", True),
    ("Arabic phrase", '"رئيس الدولة"', "كلمة رئيس الدولة اليوم", True),
    ("Persian ZWNJ", "میشود", "این کار می‌شود دیگر", True),
    ("Chinese, two letters", "选举", "美国总统选举结果公布", True),
    ("Chinese, run", "总统选举", "美国总统选举结果公布", True),
    ("Chinese, not in this order", "选举总统", "美国总统选举结果公布", False),
    ("Chinese, one letter", "选", "美国总统选举结果公布", True),
    ("Chinese, one letter, the last", "布", "美国总统选举结果公布", True),
    ("Chinese, one letter, absent", "法", "美国总统选举结果公布", False),
    ("Chinese phrase over a number", '"总统 2024"', "美国总统2024年", True),
    ("Japanese", "東京", "本日東京都庁で会議", True),
    ("Korean inside a word", "선거", "총선거에서 승리", True),
    ("Thai inside a run", "น้ำ", "ในน้ำมีปลา", True),
    ("Khmer inside a run", "កម្ពុជា", "ប្រទេសកម្ពុជាថ្ងៃនេះ", True),
    ("Burmese inside a run", "မြန်မာ", "ယနေ့မြန်မာနိုင်ငံ", True),
    ("Hindi", "हिंदी", "हिन्दी भाषा", True),
    ("a column name is a word", "text:fox", "the text fox", True),
    ("a column name restricts nothing", "terms:fox", TEXT, False),
    ("NEAR is a word", "NEAR(fox dog)", TEXT, True),
    ("caret", "^fox", TEXT, True),
    ("plus", "+fox", TEXT, True),
    ("SQL", "fox'); DROP TABLE found; --", TEXT, False),
    ("tsquery signs", "fox & !dog", TEXT, True),
]


@pytest.fixture(scope="module")
def on_postgres() -> Iterator[Finds]:
    connection = postgres()
    with connection:
        yield postgres_finds(connection)


@pytest.mark.parametrize(("query", "text", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_fts5_finds(query: str, text: str, found: bool) -> None:
    """SQLite finds what was asked for and nothing else."""
    assert sqlite_finds(query, text) is found


@pytest.mark.postgres
@pytest.mark.parametrize(("query", "text", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_tsquery_finds(query: str, text: str, found: bool, on_postgres: Finds) -> None:
    """PostgreSQL finds the same."""
    assert on_postgres(query, text) is found


@pytest.mark.parametrize("query", ["", "   ", '"', '""', "-", "*", "OR", "NOT NOT", "((()))", "…، ؟!", "\u064b\u200c"])
def test_nothing_to_look_for(query: str) -> None:
    """A query without a word has no expression."""
    assert fts5(query) is None
    assert tsquery(query) is None
    assert phrases(query) == ()


def test_phrases_to_mark_leave_out_what_is_excluded() -> None:
    """What is excluded cannot stand in a text that was found."""
    assert phrases('fox -dog ("old bridge" OR cat)') == (
        Phrase(("fox",)),
        Phrase(("old", "bridge")),
        Phrase(("cat",)),
    )


def test_long_and_deep_queries_are_bounded() -> None:
    """Neither brackets nor words without end reach the engine."""
    assert sqlite_finds("(" * 5000 + "fox", TEXT)
    assert sqlite_finds("(fox OR (" * (DEPTH_LIMIT * 2) + "dog", TEXT)
    assert sqlite_finds(" ".join(["fox"] * 5000), TEXT)
    assert (fts5("a OR b " * 5000) or "").count('"') == 2 * WORD_LIMIT


def test_a_query_has_no_filters_unless_asked() -> None:
    """The plain query filters nothing and gives twenty."""
    assert Query(text="x") == Query(
        text="x", language=None, outlet=None, since=None, until=None, count_by=None, limit=20, offset=0
    )


SIGNS = ['"', "“", "(", ")", "-", "*", "|", "OR", "AND", "NOT", "'", "\\", ":", "^", "&", "!", "<->", "NEAR", "{"]
WORDS = ["fox", "dog", "quick brown", "选", "选举", "ก", "مصر", "\x00", "\ud800", " ", "\u200d", "é*"]
ODD = st.lists(st.sampled_from([*SIGNS, *WORDS, " "])).map("".join)


@given(ODD | st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_typing_is_an_error(query: str) -> None:
    """Whatever is typed, SQLite takes the expression."""
    sqlite_finds(query, TEXT)


@pytest.mark.postgres
@given(ODD)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_both_engines_agree(on_postgres: Finds, query: str) -> None:
    """Whatever is typed, PostgreSQL takes the expression and answers as SQLite does."""
    assert on_postgres(query, TEXT) == sqlite_finds(query, TEXT)


@given(ODD)
def test_reading_is_stable(query: str) -> None:
    """Reading the same query twice gives equal values: they can be keys of a cache."""
    assert parse(query) == parse(query)
    assert hash(parse(query)) == hash(parse(query))
