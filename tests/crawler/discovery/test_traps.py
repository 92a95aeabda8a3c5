"""Bounds against pages without end, and none against honest lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.traps import TrapGuard, pattern

HOME = "http://example.com"


def cost(
    start: str, links: Callable[[str], list[str]], articles: Callable[[str], int] = lambda _: 0, limit: int = 3000
) -> int:
    """Walk lists from one page on and return how many were asked for."""
    guard, queue, asked = TrapGuard(), deque([start]), 0
    seen = {start}
    while queue and asked < limit:
        url = queue.popleft()
        asked += 1
        guard.result(url, articles(url))
        for link in links(url):
            if link not in seen and guard.allow(link, "listing") is None:
                seen.add(link)
                queue.append(link)
    return asked


def number(url: str) -> int:
    """Return the last number in an address."""
    return int("".join(filter(str.isdigit, url.rpartition("/")[2])) or 0)


@pytest.mark.parametrize(
    "links",
    [
        lambda url: [f"{HOME}/dates/{number(url) * 7 + k}" for k in range(1, 8)],
        lambda url: [
            f"{HOME}/d/{number(url) + 1}/",
            f"{HOME}/d/{number(url) + 1}/{number(url)}",
            f"{HOME}/d/{number(url)}/x/{number(url) + 1}",
        ],
        lambda url: [f"{HOME}/cal?month={m}&year={number(url) % 9999 + 1}" for m in range(1, 13)],
        lambda url: [
            f"{HOME}/{2000 + number(url) % 100}/{m}/{number(url) + 1}" for m in ("jan", "feb", "march", "april", "may")
        ],
        lambda url: [f"{HOME}/?d={number(url) + k}" for k in range(1, 4)],
        lambda url: [f"{HOME}/s/{number(url) + 1:012d}abcdef{k}" for k in range(3)],
        lambda url: [url.rstrip("/") + "/a/b"],
    ],
    ids=["fan", "levels", "query", "months", "home", "tokens", "repeating"],
)
def test_a_calendar_without_end(links: Callable[[str], list[str]]) -> None:
    """Pages whose links lead only to more such pages cost at most twenty."""
    assert cost(HOME + "/", links) <= 20


def test_a_trap_with_a_side_bar() -> None:
    """A trap that shows the newest articles once beside it is left as well."""
    assert (
        cost(
            f"{HOME}/x/1",
            lambda url: [f"{HOME}/x/{number(url) * 7 + k}" for k in range(1, 8)],
            lambda url: 5 * (number(url) == 1),
        )
        <= 20
    )


def test_a_long_list_is_walked_to_its_end() -> None:
    """Hundreds of pages that each bring new articles are all asked for."""
    following = lambda url: [f"{HOME}/?page={(number(url) or 1) + 1}"] if number(url) < 400 else []  # noqa: E731
    assert cost(HOME + "/", following, lambda _: 12) == 400


def test_a_list_with_gaps_is_walked_on() -> None:
    """Two pages without anything new do not end a list; three do."""
    following = lambda url: [f"{HOME}/?page={(number(url) or 1) + 1}"] if number(url) < 60 else []  # noqa: E731
    assert cost(HOME + "/", following, lambda url: int(number(url) % 3 == 0)) == 60
    assert cost(HOME + "/", following, lambda url: int(number(url) < 10)) == 12


def test_many_sections_are_all_asked_for() -> None:
    """Fifty sections by name, each with nothing new, do not bar one another."""
    sections = [f"{HOME}/section/name-of-{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(50)]
    assert cost(HOME + "/", lambda url: sections if url == HOME + "/" else []) == 51


def test_numbered_sections_are_asked_for_when_they_prove_themselves() -> None:
    """Thirty sections that differ by number: ten at first, the others once these have brought articles."""
    sections = [f"{HOME}/section.php?id={n}" for n in range(30)]
    assert cost(HOME + "/", lambda _: sections, lambda _: 3) == 31


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/a/b/a/b/", "folders that repeat"),
        ("/x/x/x/y", "folders that repeat"),
        ("/a/b/c/a/b/c", "folders that repeat"),
        ("/" + "/".join("abcdefghijklm"), "deeper than 12 folders"),
        ("/" + "a" * 2100, "longer than 2,000 characters"),
        ("/2026/05/05/05/x", None),
        ("/news/news/1", None),
        ("/01/01/01/", None),
        ("/a/b/a/c", None),
    ],
)
def test_malformed(path: str, reason: str | None) -> None:
    """Addresses that no honest site has are refused, articles too; dates that repeat are none."""
    assert TrapGuard().allow(HOME + path, "article", trusted=True) == reason


def test_visitors_ids() -> None:
    """One page under ever new ids is asked for thirty times at most; numbers of articles are no such ids."""
    guard = TrapGuard()
    granted = [guard.allow(f"{HOME}/story?visitor={n:016x}ab", "article") for n in range(100)]
    assert granted.count(None) == 30
    assert all(guard.allow(f"{HOME}/news.php?id={n}", "article") is None for n in range(1000))
    assert guard.allow(f"{HOME}/story?visitor={1:016x}zz", "article", trusted=True) is None


def test_what_is_granted_stays_so() -> None:
    """An address that was granted is granted again without being counted; a pattern may be granted more later."""
    guard = TrapGuard()
    for n in range(10):
        assert guard.allow(f"{HOME}/l/{n}", "listing") is None
    assert guard.allow(f"{HOME}/l/3", "listing") is None
    assert guard.allow(f"{HOME}/l/10", "listing")
    guard.result(f"{HOME}/l/0", 4)
    assert guard.allow(f"{HOME}/l/10", "listing") is None


def test_trusted_lists_are_exempt() -> None:
    """Sections of the outlet's own file are asked for whatever others brought."""
    guard = TrapGuard()
    for n in range(20):
        guard.allow(f"{HOME}/l/{n}", "listing")
        guard.result(f"{HOME}/l/{n}", 0)
    assert guard.allow(f"{HOME}/l/99", "listing")
    assert guard.allow(f"{HOME}/l/99", "listing", trusted=True) is None


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/2026/05/a-b-c/", "/#/#/a-b-c"),
        ("/?page=7", "/?page=#"),
        ("/news/123.html", "/news/#.html"),
        ("/cal/may/1", "/cal/#/#"),
        ("/x/3f2504e0-4f89-41d3-9a0c-0305e82c3301", "/x/#"),
        ("/خبر/١٢", "/خبر/#"),
    ],
)
def test_pattern(path: str, shape: str) -> None:
    """Numbers, months and ids are the same; names stay themselves."""
    assert pattern(HOME + path) == "example.com" + shape


def test_pattern_of_articles() -> None:
    """Without their slugs, articles of one outlet look alike."""
    assert (
        pattern(HOME + "/2026/05/a-b-c/", slugs=False)
        == pattern(HOME + "/2027/11/x-y-12/", slugs=False)
        == "example.com/#/#/*"
    )


@given(st.text(max_size=60))
def test_any_address(text: str) -> None:
    """Any address is granted or refused."""
    guard = TrapGuard()
    for url in (text, f"{HOME}/{text}"):
        assert guard.allow(url, "listing") is None or isinstance(guard.allow(url, "listing"), str)
        guard.result(url, 0)
