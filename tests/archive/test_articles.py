"""Tests of keeping articles in step with extractions: whatever order they come in, the tables are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from archive.assemble import article_id
from archive.database import reads, store
from archive.database.dump import dump
from archive.database.engine import connect, reading, writing
from archive.derivation import Derived
from archive.rows import ArticleRow
from tests.archive.rows import add, article, capture_row, day, derive, derived, fill


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an empty database."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give one SQLite database for many examples, each of which begins by emptying it."""
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('scratch') / 'warraq.db'}")
    yield engine
    engine.dispose()


def found(engine: Engine) -> list[ArticleRow]:
    with reading(engine) as connection:
        return reads.articles(connection)


def test_one_capture_makes_one_article_with_one_version(engine: Engine) -> None:
    """Article, version and search row follow from a single capture."""
    row, says = capture_row(0, "https://example.org/a"), article("https://example.org/a", published=day("2026-05-01"))
    fill(engine, (row, says))
    (made,) = found(engine)
    assert made.id == article_id("example", "example.org/a")
    assert (made.title, made.text, made.published, made.versions) == ("Title", "Text.", day("2026-05-01"), 1)
    assert (made.capture_id, made.first_seen, made.last_seen) == (row.id, row.started, row.started)
    with reading(engine) as connection:
        (version,) = reads.versions(connection, made.id)
    assert version.article == says
    assert (version.id, version.first_capture) == (made.version_id, row.id)
    assert len(dump(engine)["search"]) == 1


def test_an_edit_is_a_version_and_an_unchanged_page_is_none(engine: Engine) -> None:
    """Equal words lengthen a version; other words begin one, and the article takes them."""
    url = "https://example.org/a"
    texts = ["Old.", "Old.", "New."]
    fill(engine, *((capture_row(n, url), article(url, text=text)) for n, text in enumerate(texts)))
    (made,) = found(engine)
    assert (made.text, made.versions) == ("New.", 2)
    with reading(engine) as connection:
        first, second = reads.versions(connection, made.id)
    assert (first.article.text, first.captures, second.article.text) == ("Old.", 2, "New.")


def test_an_article_that_is_none_any_more_goes(engine: Engine) -> None:
    """Where other rules find no article, the article, its versions and its words are gone."""
    row, says = capture_row(0, "https://example.org/a"), article("https://example.org/a")
    fill(engine, (row, says))
    derive(engine, [derived(row, replace(says, not_article="list"), "2")])
    tables = dump(engine)
    assert (tables["articles"], tables["versions"], tables["search"]) == ([], [], [])
    assert tables["extractions"][0]["article_id"] is None


def test_a_rule_change_makes_no_edit(engine: Engine) -> None:
    """While only some captures stand under the new rules the article waits; then it has the versions it had."""
    url = "https://example.org/a"
    rows = [capture_row(n, url) for n in range(2)]
    fill(engine, *((row, article(url, text="Text and menu.")) for row in rows))
    derive(engine, [derived(rows[1], article(url), "2")])
    (waiting,) = found(engine)
    assert (waiting.text, waiting.versions, waiting.rules) == ("Text and menu.", 1, "1")
    derive(engine, [derived(rows[0], article(url), "2")])
    (made,) = found(engine)
    assert (made.text, made.versions, made.rules) == ("Text.", 1, "2")


def test_a_copy_joins_its_article_when_the_article_comes(engine: Engine) -> None:
    """A claim is believed or not by all that is known: what comes later may move an earlier capture."""
    canonical = "https://example.org/a"
    copies = [
        (capture_row(n, f"https://example.org/print/{n}"), article(f"https://example.org/print/{n}", title))
        for n, title in enumerate(["One", "Two"])
    ]
    fill(engine, *((row, replace(says, canonical_url=canonical)) for row, says in copies))
    assert {row.url for row in found(engine)} == {row.url for row, _ in copies}
    fill(engine, (capture_row(2, canonical), article(canonical, "One")))
    assert {row.url for row in found(engine)} == {canonical, "https://example.org/print/1"}


def test_outlets_are_apart(engine: Engine) -> None:
    """The same address and words at two outlets are two articles."""
    url = "https://example.org/a"
    other = capture_row(1, url, outlet="other")
    fill(engine, (capture_row(0, url), article(url)), (other, article(url)))
    assert sorted(row.outlet for row in found(engine)) == ["example", "other"]


def test_text_with_odd_characters_is_stored_alike(engine: Engine) -> None:
    """NUL, quotes, backslashes and letters beyond the first plane go into every column of both databases."""
    url = "https://example.org/a"
    text = 'It\'s \\ a "test" \x00 😀 مرحبا بالعالم 你好'
    fill(engine, (capture_row(0, url), article(url, text, text)))
    (made,) = found(engine)
    assert (made.title, made.text) == (text, text)


PAGE = st.tuples(
    st.sampled_from(["a", "b", "print/a", "print/b"]),
    st.sampled_from([None, "a", "b", "print/a"]),
    st.sampled_from([None, "One", "Two"]),
    st.sampled_from(["Text.", "Other text."]),
    st.sampled_from([None, None, "list"]),
    st.sampled_from([None, "2026-05-01", "2031-01-01"]),
    st.booleans(),
)


def _pages(drawn: list[tuple[str, str | None, str | None, str, str | None, str | None, bool]]) -> list[Derived]:
    made = []
    for number, (path, canonical, title, text, not_article, published, whole) in enumerate(drawn):
        row = capture_row(number, f"https://example.org/{path}", truncated=None if whole else "length")
        says = article(row.url, title, text, not_article=not_article, published=day(published) if published else None)
        says = replace(says, canonical_url=f"https://example.org/{canonical}" if canonical else None)
        made.append((row, derived(row, says)))
    return made  # type: ignore[return-value]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PAGE, min_size=1, max_size=7), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_and_batching_gives_the_same_tables(
    scratch: Engine, drawn: list[object], random: Random, size: int
) -> None:
    """Whatever order extractions come in, and however many at once, the derived tables are equal, row for row."""
    pages: list[tuple[object, Derived]] = _pages(drawn)  # type: ignore[arg-type, assignment]
    tables = []
    for order, batch in ((pages, len(pages)), (random.sample(pages, len(pages)), size)):
        with writing(scratch) as connection:
            store.forget(connection)
        add(scratch, [row for row, _ in pages])  # type: ignore[misc]
        for at in range(0, len(order), batch):
            derive(scratch, [one for _, one in order[at : at + batch]])
        tables.append(dump(scratch))
    assert tables[0] == tables[1]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PAGE, min_size=1, max_size=6), st.lists(PAGE, min_size=6, max_size=6), st.integers(1, 4))
def test_deriving_anew_leaves_nothing_of_before(
    scratch: Engine, drawn: list[object], again: list[object], size: int
) -> None:
    """After new rules have been over every capture the tables are what those rules alone would have made."""
    pages: list[tuple[object, Derived]] = _pages(drawn)  # type: ignore[arg-type, assignment]
    # The same captures under new rules say other things.
    said = [(old[0], *new[1:6], old[6]) for old, new in zip(drawn, again, strict=False)]  # type: ignore[index]
    other: list[tuple[object, Derived]] = _pages(said)  # type: ignore[arg-type, assignment]
    newer = [replace(one, derivation=replace(one.derivation, rules="2")) for _, one in other]
    tables = []
    for first in (True, False):
        with writing(scratch) as connection:
            store.forget(connection)
        add(scratch, [row for row, _ in pages])  # type: ignore[misc]
        if first:
            derive(scratch, [one for _, one in pages])
        for at in range(0, len(newer), size):
            derive(scratch, newer[at : at + size])
        tables.append(dump(scratch))
    assert tables[0] == tables[1]
