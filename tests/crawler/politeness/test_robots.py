"""robots.txt as RFC 9309 has it, in a real crawl."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import pairwise

import pytest

from archive.capture import Provenance
from crawler.politeness.robots import MAX_BYTES, first_lines
from tests.crawler.capture.server import CLOSE, RESET, Exchange, RawServer, Script, Step, answer
from tests.crawler.driver import Ask, Job, Outcome, Result, crawl

BOMB = gzip.compress(b"User-agent: *\nAllow: /\n" + b"#" * (40 << 20))
RULES = b"""User-agent: *
Disallow: /

User-agent: Warraq
Disallow: /private
Crawl-delay: 0.3
Allow: /private/open

Sitemap: https://robots.example/map.xml
"""
CASES: dict[str, tuple[str, list[Step]]] = {
    "rules": ("allowed", [answer(RULES)]),
    "bom": ("allowed", [answer(b"\xef\xbb\xbf" + RULES)]),
    "404": ("none", [answer(b"", "404 Not Found")]),
    "401": ("none", [answer(b"", "401 Unauthorized")]),
    "403": ("none", [answer(b"", "403 Forbidden")]),
    "410": ("none", [answer(b"", "410 Gone")]),
    "empty": ("allowed", [answer(b"")]),
    "html": ("allowed", [answer(b"<html><h1>Not a robots.txt</h1></html>")]),
    "gzip": ("allowed", [answer(gzip.compress(RULES), head=b"Content-Encoding: gzip\r\n")]),
    "until-close": ("allowed", [b"HTTP/1.0 200 OK\r\n\r\n" + RULES, CLOSE]),
    "500": ("unreachable", [answer(b"", "500 Oh No")]),
    "503": ("unreachable", [answer(b"", "503 Busy")]),
    "429": ("unreachable", [answer(b"", "429 Slow Down")]),
    "599": ("unreachable", [answer(b"", "599 Odd")]),
    "silence": ("unreachable", [30.0]),
    "hangs-up": ("unreachable", [CLOSE]),
    "resets": ("unreachable", [RESET]),
    "no-http": ("unreachable", [b"<html>\r\n", 0.3, CLOSE]),
    "short": ("unreachable", [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nUser-agent: *\n", CLOSE]),
    "bomb": ("unreachable", [answer(BOMB, head=b"Content-Encoding: gzip\r\n")]),
    "bad-gzip": ("unreachable", [answer(b"User-agent: *\nAllow: /\n", head=b"Content-Encoding: gzip\r\n")]),
    "redirected": ("allowed", [answer(b"", "301 Moved", head=b"Location: /hop/1\r\n")]),
    "far": ("none", [answer(b"", "301 Moved", head=b"Location: /far/1\r\n")]),
    "scheme": ("none", [answer(b"", "301 Moved", head=b"Location: file:///etc/hostname\r\n")]),
}
HOSTS = {name: f"127.0.6.{number}" for number, name in enumerate(CASES, 1)}
BY_ADDRESS = {address: name for name, address in HOSTS.items()}
PROVENANCE = Provenance(outlet="herald", run="r7", why="section", via="http://home.example/")


def robots(exchange: Exchange) -> list[Step]:
    return CASES[BY_ADDRESS[exchange.host]][1]


def hop(number: int, last: int, prefix: str) -> list[Step]:
    if number == last:
        return [answer(RULES)]
    return [answer(b"", "302 Found", head=f"Location: /{prefix}/{number + 1}\r\n".encode())]


PAGES: dict[str, Script] = {path: [answer(b"page")] for path in ("/page", "/private", "/private/open")}
SCRIPTS: dict[str, Script] = {
    **PAGES,
    "/robots.txt": robots,
    "/chosen": [answer(b"page")],
    **{f"/hop/{n}": hop(n, 5, "hop") for n in range(1, 6)},
    **{f"/far/{n}": hop(n, 9, "far") for n in range(1, 10)},
}


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(SCRIPTS) as server:
        yield server


@pytest.fixture(scope="module")
def result(server: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Result:
    asks = [Ask(server.url(path, HOSTS[name]), {"provenance": PROVENANCE}) for name in CASES for path in PAGES]
    asks += [Ask(server.url("/robots.txt", HOSTS["rules"]), {"provenance": PROVENANCE})]
    asks += [Ask(server.url("/chosen", HOSTS["503"]), {"robots_policy": "ignore", "provenance": PROVENANCE})]
    job = Job(asks, crawl={"deadline": 3.0, "retries": 1})
    return crawl(job, tmp_path_factory.mktemp("robots"))


def outcome(server: RawServer, result: Result, name: str, path: str = "/page") -> Outcome:
    return result.outcome(server.url(path, HOSTS[name]))


@pytest.mark.parametrize("name", [name for name, (kind, _) in CASES.items() if kind != "unreachable"])
def test_reachable(server: RawServer, result: Result, name: str) -> None:
    """Rules, or the lack of them (4xx, too many redirects), let a page pass; its capture says under which."""
    assert outcome(server, result, name).status == 200
    capture = result.capture(server.url("/page", HOSTS[name]))
    assert capture.provenance.robots == CASES[name][0]


@pytest.mark.parametrize("name", ["rules", "bom", "gzip", "until-close", "redirected"])
def test_rules_are_obeyed(server: RawServer, result: Result, name: str) -> None:
    """Our own group counts, not the one for all; the longest rule wins; what is forbidden is never asked for."""
    refused = outcome(server, result, name, "/private")
    assert (refused.error, refused.cause) == ("NotAsked", "robots")
    assert result.failure(server.url("/private", HOSTS[name])).cause == "robots"
    assert outcome(server, result, name, "/private/open").status == 200
    assert not [e for e in server.log if e.host == HOSTS[name] and e.path == "/private"]


@pytest.mark.parametrize("name", [name for name, (kind, _) in CASES.items() if kind == "unreachable"])
def test_unreachable(server: RawServer, result: Result, name: str) -> None:
    """A robots.txt that could not be had forbids the whole host: no page is asked for, and one Failure says so."""
    assert {outcome(server, result, name, path).cause for path in PAGES} == {"robots-unreachable"}
    paths = {e.path for e in server.log if e.host == HOSTS[name]} - {"/chosen"}
    assert paths == {"/robots.txt"}
    told = [f for f in result.failures if HOSTS[name] in f.url and f.cause == "robots-unreachable"]
    assert [f.url for f in told] == [server.url("/robots.txt", HOSTS[name])]
    assert (told[0].provenance.outlet, told[0].provenance.why) == ("herald", "robots")


def test_asked_for_once(server: RawServer) -> None:
    """However many pages wait for it, robots.txt is asked for once."""
    assert len([e for e in server.log if e.host == HOSTS["empty"] and e.path == "/robots.txt"]) == 1


def test_failing_servers_are_asked_again(server: RawServer) -> None:
    """A server error is tried again before the host is given up."""
    assert len([e for e in server.log if e.host == HOSTS["500"] and e.path == "/robots.txt"]) == 2


def test_robots_captures(server: RawServer, result: Result) -> None:
    """robots.txt is kept with its hops, as asked for by the run and outlet of the page that needed it."""
    kept = [c for c in result.captures if HOSTS["redirected"] in c.url and c.provenance.why == "robots"]
    assert len(kept) == 6
    assert {(c.provenance.outlet, c.provenance.run, c.provenance.robots) for c in kept} == {("herald", "r7", "exempt")}


def test_five_redirects_are_followed_and_no_more(server: RawServer, result: Result) -> None:
    """Five redirects of robots.txt are followed; a sixth makes it unavailable, which allows."""
    asked = [e.path for e in server.log if e.host == HOSTS["far"]]
    assert "/far/5" in asked
    assert "/far/6" not in asked
    assert [f.cause for f in result.failures if HOSTS["far"] in f.url] == ["too-many-redirects"]


def test_crawl_delay(server: RawServer) -> None:
    """Crawl-delay of our group paces the host from the next request on; no interval falls below it."""
    times = [e.arrived for e in server.log if e.host == HOSTS["rules"]]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) >= 2
    assert min(gaps) >= 0.3 * 0.99


def test_robots_txt_itself(server: RawServer, result: Result) -> None:
    """A robots.txt that somebody asks for is never forbidden."""
    assert outcome(server, result, "rules", "/robots.txt").status == 200


def test_ignored_by_choice(server: RawServer, result: Result) -> None:
    """An outlet's written choice goes past robots.txt, and the capture says so."""
    assert outcome(server, result, "503", "/chosen").status == 200
    assert result.capture(server.url("/chosen", HOSTS["503"])).provenance.robots == "ignored"


def test_sitemaps_are_told(result: Result) -> None:
    """The parsed file goes out with Scrapy's signal robots_parsed, Sitemap lines and all."""
    assert "https://robots.example/map.xml" in result.sitemaps


def test_by_authority(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each port of a host has a robots.txt of its own."""
    closed: dict[str, Script] = {"/robots.txt": [answer(b"User-agent: *\nDisallow: /\n")], **PAGES}
    opened: dict[str, Script] = {"/robots.txt": [answer(b"")], **PAGES}
    with RawServer(closed) as first, RawServer(opened) as second:
        result = crawl(Job([Ask(s.url("/page")) for s in (first, second)]), tmp_path_factory.mktemp("ports"))
        assert result.outcome(first.url("/page")).cause == "robots"
        assert result.outcome(second.url("/page")).status == 200


def test_identity_everywhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    """User-Agent and From go out with every request: robots.txt, redirects and pages; no language is preferred."""
    scripts: dict[str, Script] = {"/robots.txt": [answer(b"")], "/a": [answer(b"", "302 F", head=b"Location: /b\r\n")]}
    with RawServer({**scripts, "/b": [answer(b"b")]}) as server:
        crawl(Job([Ask(server.url("/a"))], contact="crawl@archive.example"), tmp_path_factory.mktemp("identity"))
        assert [e.path for e in server.log] == ["/robots.txt", "/a", "/b"]
        for exchange in server.log:
            assert b"\r\nUser-Agent: warraq/" in exchange.request
            assert b"(+mailto:crawl@archive.example)\r\n" in exchange.request
            assert b"\r\nFrom: crawl@archive.example\r\n" in exchange.request
            assert b"Accept-Language" not in exchange.request


def test_first_lines() -> None:
    """Of a file that is too long, the whole lines within 500 KiB are read."""
    assert first_lines(RULES) == RULES
    long = b"Disallow: /a\n" * 60_000
    assert len(long) > MAX_BYTES
    assert first_lines(long) == b"Disallow: /a\n" * (MAX_BYTES // 13)
    assert first_lines(b"x" * (MAX_BYTES + 1)) == b""
