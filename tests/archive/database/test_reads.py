"""Tests of the answers from the tables, with rows made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, bindparam, insert, select

from archive.article import ArticleLanguage
from archive.database import reads, store
from archive.database.derived import row_number, tsvector
from archive.database.engine import connect, reading, writing
from archive.database.models import Meta
from archive.database.search import found
from archive.database.store import Also
from archive.rows import ArticleRow, CaptureRow
from archive.search.query import Query
from archive.version import Run
from tests.archive.rows import START, add, article, capture_row, day, fill

URL = "https://example.org/a"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an empty database."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


def nearest(engine: Engine, when: datetime) -> CaptureRow | None:
    with reading(engine) as connection:
        return reads.nearest(connection, "org,example)/a", when)


def search(engine: Engine, text: str = "", **filters: object) -> list[str | None]:
    with reading(engine) as connection:
        _, hits, _ = found(connection, Query(text=text, **filters))  # type: ignore[arg-type]
    return [hit.title for hit in hits]


def test_captures_come_by_time_and_filtered(engine: Engine) -> None:
    """Address, outlet, run and both ends of a time narrow the list; the limit cuts it."""
    rows = [
        capture_row(2, URL),
        capture_row(0, URL, outlet="other"),
        capture_row(1, "https://example.org/b", run="second"),
    ]
    add(engine, rows)
    two, zero, one = rows
    with reading(engine) as connection:
        assert list(reads.captures(connection)) == [zero, one, two]
        assert list(reads.captures(connection, urlkey="org,example)/a")) == [zero, two]
        assert list(reads.captures(connection, outlet="example")) == [one, two]
        assert list(reads.captures(connection, run="second")) == [one]
        assert list(reads.captures(connection, since=one.started, until=one.started)) == [one]
        assert list(reads.captures(connection, limit=1)) == [zero]
        assert reads.capture(connection, one.id) == one
        assert reads.capture(connection, "none") is None


def test_the_nearest_capture_in_real_seconds(engine: Engine) -> None:
    """Either direction; across the end of a month 14 digits would say otherwise."""
    last = datetime.fromisoformat("2026-04-30T23:50:00+00:00")
    first = datetime.fromisoformat("2026-05-01T00:20:00+00:00")
    add(engine, [capture_row(0, URL, started=last), capture_row(1, URL, started=first)])
    for when, expected in (
        (last - timedelta(days=9), last),
        (last + timedelta(minutes=14), last),
        (first - timedelta(minutes=14), first),
        (first + timedelta(days=9), first),
        (last + timedelta(minutes=15), last),  # as near: the earlier
    ):
        row = nearest(engine, when)
        assert row is not None
        assert row.started == expected


def test_a_page_is_preferred_only_where_it_is_as_near(engine: Engine) -> None:
    """Of equally near captures the one with status 200; a nearer redirect wins over a farther page."""
    add(engine, [capture_row(0, URL, status=301), capture_row(2, URL), capture_row(3, URL, status=404)])
    row = nearest(engine, START + timedelta(hours=1))
    assert row is not None
    assert row.status == 200
    row = nearest(engine, START + timedelta(minutes=59))
    assert row is not None
    assert row.status == 301


def test_two_captures_of_one_moment(engine: Engine) -> None:
    """Captures that began in one microsecond are told apart by status, then by id."""
    add(engine, [capture_row(0, URL, status=301), capture_row(1, URL, started=START)])
    row = nearest(engine, START)
    assert row is not None
    assert row.status == 200
    assert nearest(engine, START + timedelta(days=1)) == row
    with reading(engine) as connection:
        assert reads.nearest(connection, "org,example)/none", START) is None


def test_outlets_are_summed_up(engine: Engine) -> None:
    """Captures, articles, first and last of each outlet, by id."""
    fill(engine, (capture_row(0, URL), article(URL)), (capture_row(1, URL), article(URL)))
    add(engine, [capture_row(2, URL, outlet="another")])
    with reading(engine) as connection:
        another, example = reads.outlets(connection)
    assert (another.id, another.captures, another.articles) == ("another", 1, 0)
    assert (example.captures, example.articles) == (2, 1)
    assert (example.first, example.last) == (START, START + timedelta(hours=1))


def test_a_run_is_begun_and_ended_once(engine: Engine) -> None:
    """Its end replaces its beginning, whichever is read first; the newest run comes first."""
    begun = Run(id="1", outlet="example", started=START)
    ended = replace(begun, ended=START + timedelta(hours=1), outcome="done", counts={"200": 3})
    later = Run(id="2", outlet="other", started=START + timedelta(days=1))
    with writing(engine) as connection:
        for run in (ended, begun, later):
            store.put_run(connection, run)
    with reading(engine) as connection:
        assert reads.runs(connection) == [later, ended]
        assert reads.runs(connection, "example") == [ended]


def test_articles_come_newest_published_first(engine: Engine) -> None:
    """Those without a date stand where they were first seen."""
    fill(
        engine,
        (
            capture_row(0, "https://example.org/old"),
            article("https://example.org/old", "old", published=day("2020-01-01")),
        ),
        (capture_row(1, "https://example.org/none"), article("https://example.org/none", "none")),
        (
            capture_row(2, "https://example.org/new"),
            article("https://example.org/new", "new", published=day("2026-05-03")),
        ),
    )
    with reading(engine) as connection:
        assert [row.title for row in reads.articles(connection)] == ["none", "new", "old"]
        assert [row.title for row in reads.articles(connection, limit=1, offset=1)] == ["new"]
        since = datetime.fromisoformat("2026-05-03T00:00:00+00:00")
        assert [row.title for row in reads.articles(connection, until=since)] == ["old"]
        assert [row.title for row in reads.articles(connection, since=since)] == ["none", "new"]


def test_a_language_takes_in_its_scripts(engine: Engine) -> None:
    """`zh` finds `zh-Hant`; `zh-Hant` finds itself only; an underscore is no wildcard."""
    for number, code in enumerate(["zh", "zh-Hant", "zhx"]):
        url = f"https://example.org/{number}"
        language = ArticleLanguage(code=code, script="Hani", confidence=1.0, method="detector")
        fill(engine, (capture_row(number, url), replace(article(url, code), language=language)))
    assert sorted(map(str, search(engine, language="zh"))) == ["zh", "zh-Hant"]
    assert search(engine, language="zh-Hant") == ["zh-Hant"]
    assert search(engine, language="z_") == []


@pytest.fixture
def library(engine: Engine) -> Engine:
    """Give a database with a few articles in several scripts."""
    texts = [
        ("Flood in the city", "The river rose."),
        ("Weather", "No flood is expected in the coming days."),
        ("الحكومة تعلن عن خطة جديدة", "أعلنت الدَّولة عن مشروع في المدينة."),
        ("选举结果", "今天公布了选举结果。"),
        ("Élection à Paris", "L’été fut chaud."),
    ]
    for number, (title, text) in enumerate(texts):
        url = f"https://example.org/{number}"
        outlet = "example" if number % 2 == 0 else "other"
        fill(
            engine,
            (
                capture_row(number, url, outlet=outlet),
                article(url, title, text, published=day(f"2026-04-0{number + 1}")),
            ),
        )
    return engine


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("flood", ["Flood in the city", "Weather"]),
        ("flood -expected", ["Flood in the city"]),
        ('"in the city"', ["Flood in the city"]),
        ('"city The"', []),  # no phrase runs from the title into the text
        ("الدوله", ["الحكومة تعلن عن خطة جديدة"]),
        ("选举", ["选举结果"]),
        ("election ete", ["Élection à Paris"]),
        ("flo*", ["Flood in the city", "Weather"]),
        ("nothing-of-the-kind", []),
        ("?!", []),
        ("' OR 1=1 --", []),
    ],
)
def test_words_are_found_alike_on_both_databases(library: Engine, text: str, titles: list[str]) -> None:
    """Folded words, phrases, prefixes and exclusions; a word in the title weighs more than one in the text."""
    assert search(library, text) == titles


def test_without_words_all_that_pass_the_filters(library: Engine) -> None:
    """Newest first; outlet and days narrow."""
    assert len(search(library)) == 5
    assert search(library)[0] == "Élection à Paris"
    assert search(library, outlet="other") == ["选举结果", "Weather"]
    assert search(library, since=date(2026, 4, 4), until=date(2026, 4, 4)) == ["选举结果"]
    assert search(library, "flood", outlet="other") == ["Weather"]


def test_pages_and_total(library: Engine) -> None:
    """The total counts all that match, whatever page is asked for."""
    with reading(library) as connection:
        total, hits, counts = found(connection, Query(text="flood", limit=1, offset=1))
    assert (total, [hit.title for hit in hits], counts) == (2, ["Weather"], {})


def test_counts(library: Engine) -> None:
    """By day in order of days; by outlet and language the most first."""
    with reading(library) as connection:
        assert found(connection, Query(text="flood", count_by="day"))[2] == {"2026-04-01": 1, "2026-04-02": 1}
        assert list(found(connection, Query(count_by="outlet"))[2].items()) == [("example", 3), ("other", 2)]
        assert found(connection, Query(count_by="language"))[2] == {"en": 5}


def test_counts_before_1970(engine: Engine) -> None:
    """A day before the epoch is that day on both databases, at any hour."""
    fill(engine, (capture_row(0, URL), article(URL, published=replace(day("1969-07-20"), value="1969-07-20T20:17"))))
    with reading(engine) as connection:
        assert found(connection, Query(count_by="day"))[2] == {"1969-07-20": 1}


def test_an_article_is_found_by_id_and_by_address(library: Engine) -> None:
    """By its id, the beginning of it, or the key of its address."""
    with reading(library) as connection:
        (by_key,) = reads.article(connection, "none", "example.org/0")
        assert reads.article(connection, by_key.id, "") == [by_key]
        assert reads.article(connection, by_key.id[:12], "") == [by_key]
        assert reads.article(connection, "", "") == []
        assert reads.article(connection, "none", "none") == []


def test_tsvector_positions_stay_in_bounds() -> None:
    """Positions beyond PostgreSQL's last are that one, and no word has more than it takes."""
    vector = tsvector("a'b\\", " ".join(["w"] * 20_000))
    assert vector.startswith("'a''b\\\\':1A 'w':12,13,")
    assert len(vector.split("'w':")[1].split(",")) == 255
    assert tsvector("", "") == ""


def test_a_long_text_is_searched_alike(engine: Engine) -> None:
    """A word at the end of a long text is found on both databases."""
    fill(engine, (capture_row(0, URL), article(URL, text=" ".join(f"w{n}" for n in range(30_000)) + " needle")))
    assert search(engine, "needle") == ["Title"]


def test_row_numbers_fit() -> None:
    """FTS5's row number of any article is a positive 63-bit number."""
    assert row_number("f" * 32) == 2**63 - 1
    assert row_number("0" * 32) == 0


def test_statements_that_ride_along_run_once_for_all_values(engine: Engine) -> None:
    """The same statement object is run for all its values at once; one without values by itself."""
    one = insert(Meta).values(key=bindparam("k"), value=bindparam("v"))
    with writing(engine) as connection:
        store.run_also(
            connection,
            [
                Also(one, {"k": "a", "v": "1"}),
                Also(insert(Meta).values(key="c", value="3")),
                Also(one, {"k": "b", "v": "2"}),
            ],
        )
    with reading(engine) as connection:
        assert dict(connection.execute(select(Meta.key, Meta.value)).all()) == {"a": "1", "b": "2", "c": "3"}


def test_what_is_forgotten_of_one_outlet_leaves_the_others(library: Engine) -> None:
    """Every derived row of one outlet goes, and none of another."""
    with writing(library) as connection:
        store.put_run(connection, Run(id="1", outlet="other", started=START))
        store.forget(connection, "other")
    with reading(library) as connection:
        rows: list[ArticleRow] = reads.articles(connection)
        assert {row.outlet for row in rows} == {"example"}
        assert {row.outlet for row in reads.captures(connection)} == {"example"}
        assert reads.runs(connection) == []
    assert search(library, "flood") == ["Flood in the city"]
