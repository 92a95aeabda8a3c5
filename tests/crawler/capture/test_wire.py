"""Captured bytes against the bytes that a raw server really sent and received, over plain HTTP."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.capture import Provenance
from tests.crawler.capture.server import CLOSE, RESET, Exchange, RawServer, Script, Step, answer
from tests.crawler.driver import Ask, Job, Result, crawl

MAX_BODY = 50_000
ZIPPED = gzip.compress("ورّاق".encode() * 50)
LONG_LINE = b"X-Policy: " + b"p" * 40_000

WHOLE: dict[str, Script] = {
    "/plain": [answer(b"hello")],
    "/odd-case": [answer(b"x", head=b"x-ODD:  v\r\nX-oDD:w\r\n")],
    "/folded": [answer(b"x", head=b"X-Long: one\r\n two\r\n\tthree\r\n")],
    "/repeated": [answer(b"x", head=b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nVia: x\r\nSet-Cookie: a=1\r\n")],
    "/no-colon": [answer(b"x", head=b"this line has none\r\nX-After: yes\r\n")],
    "/latin-1": [answer(b"x", head=b"X-Name: caf\xe9 \xff\x80\r\n")],
    "/no-reason": [b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"],
    "/odd-reason": [b"HTTP/1.1 200 Tr\xe8s bien  \r\nContent-Length: 2\r\n\r\nok"],
    "/bare-lf": [b"HTTP/1.1 200 OK\nContent-Length: 2\nX: y\n\nok"],
    "/long-line": [answer(b"x", head=LONG_LINE + b"\r\n")],
    "/chunked": [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;ext=\"v\";n\r\nhello\r\n0006\r\n world\r\n",
        b"0;last\r\nX-Trailer: t\r\nX-Sum: \xe9\r\n\r\n",
    ],
    "/chunked-slowly": [
        *[bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"]
    ],
    "/chunked-empty": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    "/gzip": [answer(ZIPPED, head=b"Content-Encoding: gzip\r\nContent-Type: text/html; charset=utf-8\r\n")],
    "/1.0-until-close": [b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall there is", CLOSE],
    "/1.1-until-close": [b"HTTP/1.1 200 OK\r\n\r\nall there is", CLOSE],
    "/empty": [answer(b"")],
    "/404": [answer(b"gone", "404 Not Found")],
    "/410": [answer(b"gone for good", "410 Gone")],
    "/500": [answer(b"broken", "500 Oh No")],
    "/999": [answer(b"go away", "999 Denied")],
    "/304": [b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"],
    "/204": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "/te-and-cl": [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    "/cl-twice": [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"],
    "/at-the-cap": [answer(b"c" * MAX_BODY)],
}  # fmt: skip
"""Answers that are whole: what is captured is all that was sent."""

INTERIM: dict[str, tuple[bytes, bytes]] = {
    "/103": (b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n", answer(b"after hints")),
    "/100-twice": (b"HTTP/1.1 100 Continue\r\n\r\n" * 2, answer(b"after two")),
}

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CUT: dict[str, tuple[str, list[Step]]] = {
    "/short": ("disconnect", [HEAD + b"Content-Length: 100\r\n\r\nonly this", CLOSE]),
    "/cut-chunk": ("disconnect", [HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nff\r\nhalf", CLOSE]),
    "/no-last-chunk": ("disconnect", [HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", CLOSE]),
    "/reset-in-body": ("disconnect", [HEAD + b"Content-Length: 100\r\n\r\nhalf", 0.2, RESET]),
    "/reset-until-close": ("disconnect", [HEAD + b"\r\nhalf", 0.2, RESET]),
    "/cut-in-head": ("disconnect", [HEAD + b"X-Half", CLOSE]),
    "/cut-in-status": ("disconnect", [b"HTT", CLOSE]),
    "/bad-chunk": ("unspecified", [HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", 0.3, CLOSE]),
    "/no-http": ("unspecified", [b"<html>0.9</html>\r\n", 0.3, CLOSE]),
    "/status-abc": ("unspecified", [b"HTTP/1.1 abc OK\r\n\r\n", 0.3, CLOSE]),
    "/cl-conflict": ("unspecified", [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", 0.3, CLOSE]),
    "/cl-negative": ("unspecified", [b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", 0.3, CLOSE]),
    "/te-unknown": ("unspecified", [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\n", 0.3, CLOSE]),
}
READABLE = {"/short", "/cut-chunk", "/no-last-chunk", "/reset-in-body", "/reset-until-close", "/bad-chunk"}
"""Those whose head was there: Scrapy gets what came of the body."""

LEFTOVER = answer(b"mine") + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
REDIRECTS: dict[str, Script] = {
    "/hop-1": [answer(b"to 2", "301 Moved Permanently", head=b"Location: /hop-2\r\n")],
    "/hop-2": [answer(b"to 3", "302 Found", head=b"location: /hop-3#part\r\n")],
    "/hop-3": [answer(b"here")],
}
OTHERS: dict[str, Script] = {
    "/leftover": [LEFTOVER],
    "/after-leftover": [answer(b"my own")],
    "/late-leftover": [answer(b"mine"), 0.1, b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"],
    "/after-late": [0.2, answer(b"my own")],
    "/silent-close": [CLOSE],
    "/reset-at-once": [RESET],
    "/only-interim": [b"HTTP/1.1 100 Continue\r\n\r\n", CLOSE],
    "/robots.txt": [answer(b"User-agent: *\nAllow: /\n", head=b"X-Odd:robots\r\n")],
    "/post": [answer(b"posted")],
    "/secret?a=1;b=2&c": [answer(b"s")],
    "/meta": [answer(b"m")],
    "/stale": lambda exchange: [CLOSE] if exchange.connection == stale_connection(exchange) else [answer(b"again")],
}
_stale: list[int] = []


def stale_connection(exchange: Exchange) -> int:
    """Give the connection on which `/stale` was first asked for: that one is closed without an answer."""
    _stale.append(exchange.connection)
    return _stale[0]


ASKED_ALONE = {
    "/leftover": "127.0.2.1",
    "/late-leftover": "127.0.2.2",
    "/stale": "127.0.2.3",
    "/post": "127.0.2.4",
}
"""Cases that need a connection, or the lack of one, of their own: each has its own host."""
PROVENANCE = Provenance(outlet="herald", run="r1", why="article", via="http://feed.example/")
SECRETS = {"Authorization": "Bearer canary-1", "Cookie": "sid=canary-2; b=3", "Proxy-Authorization": "Basic canary-3"}


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    scripts: dict[str, Script] = {
        **WHOLE,
        **REDIRECTS,
        **OTHERS,
        **{path: list(parts) for path, parts in INTERIM.items()},
        **{path: script for path, (_, script) in CUT.items()},
        "/before-stale": [answer(b"first")],
    }
    with RawServer(scripts) as server:
        yield server


@pytest.fixture(scope="module")
def result(server: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Result:
    asks = [Ask(server.url(path)) for path in [*WHOLE, *INTERIM, *CUT, "/hop-1"]]
    asks += [Ask(server.url(path, ASKED_ALONE[path])) for path in ("/leftover", "/late-leftover")]
    asks += [Ask(server.url("/before-stale", ASKED_ALONE["/stale"]))]
    asks += [Ask(server.url(path)) for path in ("/silent-close", "/reset-at-once", "/only-interim")]
    asks += [Ask(server.url("/post", ASKED_ALONE["/post"]), method="POST", body=b"a=1&b=\xff")]
    asks += [Ask(server.url("/secret?a=1;b=2&c"), headers=SECRETS)]
    asks += [Ask(server.url("/meta") + "#part", meta={"provenance": PROVENANCE})]
    asks += [Ask(server.url("/hop-1", "127.0.2.9"), meta={"provenance": PROVENANCE})]
    follow = {
        server.url("/leftover", "127.0.2.1"): [server.url("/after-leftover", "127.0.2.1")],
        server.url("/late-leftover", "127.0.2.2"): [server.url("/after-late", "127.0.2.2")],
        server.url("/before-stale", "127.0.2.3"): [server.url("/stale", "127.0.2.3")],
    }
    crawl_settings = {"max_body": MAX_BODY, "retries": 0, "deadline": 10.0}
    # The stray bytes of /late-leftover come 0.1 s after the answer, while the connection is idle for its delay.
    job = Job(asks, crawl=crawl_settings, follow=follow, base={"127.0.2.2": 0.4})
    return crawl(job, tmp_path_factory.mktemp("wire"))


@pytest.mark.parametrize("path", WHOLE)
def test_whole_answer(server: RawServer, result: Result, path: str) -> None:
    """Request and response are kept as the server read and wrote them, and nothing is marked as cut."""
    seen, capture = server.only(path), result.capture(server.url(path))
    assert capture.request == seen.request
    assert capture.response == bytes(seen.sent)
    assert (capture.interim, capture.truncated) == (b"", None)
    assert result.outcome(server.url(path)).flags == []


@pytest.mark.parametrize("path", INTERIM)
def test_interim_answers_stand_apart(server: RawServer, result: Result, path: str) -> None:
    """1xx answers are kept in `interim`, the final answer alone in `response`."""
    capture = result.capture(server.url(path))
    assert (capture.interim, capture.response) == INTERIM[path]


@pytest.mark.parametrize("path", CUT)
def test_cut_answer(server: RawServer, result: Result, path: str) -> None:
    """What came of an answer that ended early or cannot be read is kept whole, with the reason."""
    capture = result.capture(server.url(path))
    assert capture.response == bytes(server.only(path).sent)
    assert capture.request == server.only(path).request
    assert capture.truncated == CUT[path][0]


@pytest.mark.parametrize("path", CUT)
def test_cut_answer_for_the_spider(server: RawServer, result: Result, path: str) -> None:
    """Scrapy gets a body that is cut as a response flagged `partial`, and an error only where there is no head."""
    outcome = result.outcome(server.url(path))
    if path in READABLE:
        assert (outcome.status, outcome.flags) == (200, ["partial"])
        assert outcome.body in {b"only this", b"hellohalf", b"hello", b"half"}
    else:
        assert outcome.error == ("DownloadFailedError" if CUT[path][0] == "disconnect" else "UnreadableAnswer")
    assert outcome.record is not None


def test_decoded_body_for_the_spider(server: RawServer, result: Result) -> None:
    """Scrapy's response has the body without its codings, while the capture has them on."""
    assert result.outcome(server.url("/gzip")).body == gzip.decompress(ZIPPED)
    assert result.outcome(server.url("/chunked")).body == b"hello world"


def test_protocol_and_peer(server: RawServer, result: Result) -> None:
    """The capture names the protocol of the answer and the address that gave it."""
    assert result.capture(server.url("/1.0-until-close")).protocol == "http/1.0"
    assert result.capture(server.url("/plain")).protocol == "http/1.1"
    assert result.capture(server.url("/leftover", "127.0.2.1")).peer == "127.0.2.1"
    assert result.capture(server.url("/plain")).certificate is None


def test_each_hop_is_kept(server: RawServer, result: Result) -> None:
    """Every answer of a chain of redirects is kept, with the first one's reason and the hop before as via."""
    hops = [c for c in result.captures if c.peer == "127.0.2.9" and "/hop-" in c.url]
    assert [c.url for c in hops] == [server.url(f"/hop-{n}", "127.0.2.9") for n in (1, 2, 3)]
    assert [c.provenance.via for c in hops] == [PROVENANCE.via, hops[0].url, hops[1].url]
    assert {(c.provenance.why, c.provenance.outlet, c.provenance.run) for c in hops} == {("article", "herald", "r1")}


def test_robots_txt_is_kept(server: RawServer, result: Result) -> None:
    """robots.txt, which Scrapy's middleware asks for, is kept like any page, for why `robots`."""
    capture = result.capture(server.url("/robots.txt"))
    assert capture.response == answer(b"User-agent: *\nAllow: /\n", head=b"X-Odd:robots\r\n")
    assert (capture.provenance.why, capture.provenance.robots) == ("robots", "exempt")


def test_bytes_after_the_answer_are_not_part_of_it(server: RawServer, result: Result) -> None:
    """What follows an answer on the connection is neither kept with it nor taken for the next one."""
    assert result.capture(server.url("/leftover", "127.0.2.1")).response == answer(b"mine")
    after = server.url("/after-leftover", "127.0.2.1")
    assert result.capture(after).response == answer(b"my own")
    assert server.only("/after-leftover").connection != server.only("/leftover").connection


def test_bytes_between_two_answers(server: RawServer, result: Result) -> None:
    """What a server says unasked on an idle connection is not taken for the next answer."""
    assert result.capture(server.url("/late-leftover", "127.0.2.2")).response == answer(b"mine")
    assert result.capture(server.url("/after-late", "127.0.2.2")).response == answer(b"my own")
    assert server.only("/after-late").connection != server.only("/late-leftover").connection


def test_connections_are_used_again(server: RawServer) -> None:
    """Keep-alive works through the tee: plain answers share a connection."""
    paths = ("/plain", "/odd-case", "/folded", "/repeated")
    assert len({server.only(path).connection for path in paths}) == 1


@pytest.mark.parametrize("path", ["/silent-close", "/reset-at-once", "/only-interim"])
def test_nothing_came_back(server: RawServer, result: Result, path: str) -> None:
    """A server that hangs up without an answer makes a Failure, and no capture."""
    failure = result.failure(server.url(path))
    assert failure.cause == "connection"
    assert "\n" not in failure.message
    assert not [c for c in result.captures if c.url == server.url(path)]
    outcome = result.outcome(server.url(path))
    assert (outcome.error, outcome.failed) == ("DownloadFailedError", "connection")


def test_dead_kept_connection_is_asked_again(server: RawServer, result: Result) -> None:
    """A kept connection that the server just closed costs one more try on a new one, and makes no Failure."""
    first, second = server.exchanges("/stale")
    assert first.connection != second.connection
    assert result.capture(server.url("/stale", "127.0.2.3")).response == answer(b"again")
    assert not [f for f in result.failures if "/stale" in f.url]


def test_request_body(server: RawServer, result: Result) -> None:
    """The body that we send is kept with the request."""
    capture = result.capture(server.url("/post", "127.0.2.4"))
    assert capture.request == server.only("/post").request
    assert capture.request.endswith(b"\r\n\r\na=1&b=\xff")


def test_credentials_are_masked_in_the_copy_only(server: RawServer, result: Result) -> None:
    """The server gets our credentials, the archive does not."""
    sent, kept = server.only("/secret?a=1;b=2&c").request, result.capture(server.url("/secret?a=1;b=2&c")).request
    assert all(value.encode() in sent for value in SECRETS.values())
    assert b"canary" not in kept
    for value in SECRETS.values():
        sent = sent.replace(value.encode(), b"[masked]")
    assert kept == sent


def test_provenance_and_address(server: RawServer, result: Result) -> None:
    """The capture carries who asked and why, and the address without its fragment."""
    capture = result.capture(server.url("/meta"))
    assert capture.provenance == PROVENANCE


def test_kept_before_seen(server: RawServer, result: Result) -> None:
    """Nobody sees a response before it is kept, and its RecordRef is in the meta."""
    url = server.url("/plain")
    assert result.order.index(f"kept {url}") < result.order.index(f"seen {url}")
    record = result.outcome(url).record
    assert record is not None
    assert result.captures[record.offset - 1].url == url


def test_every_request_has_one_outcome(result: Result) -> None:
    """No case is lost, and none ends in an error that nobody foresaw."""
    assert len(result.outcomes) == len({outcome.asked for outcome in result.outcomes})
    assert "Traceback" not in result.log
    assert "Unhandled" not in result.log


def test_unmasked_when_chosen(tmp_path: Path) -> None:
    """crawl.mask_credentials = false keeps the request as it was sent."""
    with RawServer({"/s": [answer(b"s")]}) as server:
        job = Job([Ask(server.url("/s"), headers=SECRETS)], crawl={"mask_credentials": False})
        result = crawl(job, tmp_path)
        assert result.capture(server.url("/s")).request == server.only("/s").request
