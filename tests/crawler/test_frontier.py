"""The frontier: what waits, what is done, and that a crash or a lie loses nothing; the same on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from archive.database.engine import connect, writing
from archive.database.store import run_also
from crawler.frontier import frontier
from crawler.frontier.frontier import Found

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database of this version."""
    made = connect(database_url)
    yield made
    made.dispose()


def found(key: str, *, priority: int = 50, changed: str | None = None) -> Found:
    return Found(key=key, url=key, kind="article", via="https://x.example/", priority=priority, changed=changed)


def keys(items: list[Found]) -> list[str]:
    return [item.key for item in items]


def answer(engine: Engine, key: str, status: int | None) -> None:
    with writing(engine) as connection:
        run_also(connection, [frontier.answered("x", key, status)])


def test_an_address_is_new_once(engine: Engine) -> None:
    """What is named twice, in one batch or in two, is asked for once."""
    assert keys(frontier.add(engine, "x", [found("a"), found("b"), found("a")], NOW)) == ["a", "b"]
    assert frontier.add(engine, "x", [found("a")], NOW) == []
    assert keys(frontier.add(engine, "y", [found("a")], NOW)) == ["a"], "outlets do not share addresses"


def test_nothing_to_add_is_nothing(engine: Engine) -> None:
    """An empty page adds no address and breaks no statement."""
    assert frontier.add(engine, "x", [], NOW) == []


def test_what_waits_comes_back_most_urgent_first(engine: Engine) -> None:
    """An interrupted run leaves its addresses to the next, in order of priority and then of finding."""
    frontier.add(engine, "x", [found("low", priority=10), found("high", priority=90)], NOW)
    frontier.add(engine, "x", [found("later", priority=90)], NOW + timedelta(seconds=1))
    assert keys(frontier.waiting(engine, "x")) == ["high", "later", "low"]
    assert frontier.waiting(engine, "y") == []


def test_an_answer_ends_the_waiting(engine: Engine) -> None:
    """Done means answered: 200, a redirect, 404 and 410 alike; a capture is never asked for twice."""
    frontier.add(engine, "x", [found(str(status)) for status in (200, 301, 404, 410)], NOW)
    for status in (200, 301, 404, 410):
        answer(engine, str(status), status)
    assert frontier.waiting(engine, "x") == []
    assert frontier.count(engine, "x") == {"done": 4}
    assert frontier.add(engine, "x", [found("200")], NOW) == []


@pytest.mark.parametrize("status", [429, 503, 500, None])
def test_later_is_not_no(engine: Engine, status: int | None) -> None:
    """An answer that says `later` leaves the address to the next run, until it has failed too often."""
    frontier.add(engine, "x", [found("a")], NOW)
    for attempt in range(frontier.MAX_ATTEMPTS):
        assert frontier.give_up(engine, "x") == 0, attempt
        answer(engine, "a", status)
    assert frontier.give_up(engine, "x") == 1
    assert frontier.count(engine, "x") == {"failed": 1}


def test_a_failure_in_passing_is_tried_again_and_a_refusal_is_not(engine: Engine) -> None:
    """A name that did not resolve may do so tomorrow; what robots.txt forbids stays forbidden."""
    frontier.add(engine, "x", [found("dns"), found("robots")], NOW)
    with writing(engine) as connection:
        run_also(connection, [frontier.failed("x", cause, cause) for cause in ("dns", "robots")])
    assert keys(frontier.waiting(engine, "x")) == ["dns"]
    assert frontier.count(engine, "x") == {"waiting": 1, "failed": 1}


def test_a_change_makes_a_done_address_due_again(engine: Engine) -> None:
    """A later time of change has the page fetched again; the same, an earlier or the first known has not."""
    frontier.add(engine, "x", [found("a", changed="2026-05-01")], NOW)
    answer(engine, "a", 200)
    assert frontier.add(engine, "x", [found("a", changed="2026-05-01")], NOW) == []
    assert frontier.add(engine, "x", [found("a", changed=None)], NOW) == []
    assert frontier.add(engine, "x", [found("a", changed="2026-04-30")], NOW) == []
    assert keys(frontier.add(engine, "x", [found("a", changed="2026-05-02")], NOW)) == ["a"]
    assert keys(frontier.waiting(engine, "x")) == ["a"]


def test_sources_that_disagree_do_not_have_a_page_fetched_for_ever(engine: Engine) -> None:
    """The feed names the day of publication, the sitemap a later change: the latest counts, whoever named it when."""
    for changed in ("2026-05-01", "2026-05-02", "2026-05-01"):
        frontier.add(engine, "x", [found("a", changed=changed)], NOW)
    answer(engine, "a", 200)
    for changed in ("2026-05-01", "2026-05-02"):
        assert frontier.add(engine, "x", [found("a", changed=changed)], NOW) == []
    frontier.add(engine, "x", [found("b")], NOW)
    answer(engine, "b", 200)
    assert frontier.add(engine, "x", [found("b", changed="2026-05-01")], NOW) == [], "no time was known before"
    assert keys(frontier.add(engine, "x", [found("b", changed="2026-05-03")], NOW)) == ["b"]


def test_fresh_makes_everything_due(engine: Engine) -> None:
    """`crawl --fresh` asks for every known address anew, of that outlet only."""
    for outlet in ("x", "y"):
        frontier.add(engine, outlet, [found("a")], NOW)
        with writing(engine) as connection:
            run_also(connection, [frontier.answered(outlet, "a", 200)])
    frontier.forget(engine, "x")
    assert keys(frontier.waiting(engine, "x")) == ["a"]
    assert frontier.waiting(engine, "y") == []


def test_more_than_a_statement_holds(engine: Engine) -> None:
    """A sitemap of thousands goes in whole, in its order."""
    many = [found(f"{n:05}") for n in range(frontier.BATCH * 2 + 1)]
    assert keys(frontier.add(engine, "x", many, NOW)) == keys(many)


def test_the_next_process_knows_when_a_host_was_asked(engine: Engine) -> None:
    """The last request to a host outlives the process, so that two runs in a row keep the distance of one."""
    for seconds in (0, 3):
        with writing(engine) as connection:
            asked = NOW + timedelta(seconds=seconds)
            run_also(connection, [frontier.host_asked(engine, "x.example", asked, 2.5)])
    assert list(frontier.hosts(engine, NOW)) == [("x.example", NOW + timedelta(seconds=3), 2.5)]
    assert list(frontier.hosts(engine, NOW + timedelta(minutes=1))) == []
