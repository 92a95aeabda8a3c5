"""Odd answers under /fault/<name>: what servers do wrong, each on purpose and always the same."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from crawler.demo.answer import ID_HEADER, End, Headers, Request, Sealed, Step, Wire, chunked, head, seal
from crawler.demo.feeds import render_index, render_sitemap
from crawler.demo.pages import Link, index

PREFIX = "/fault/"
HTML = "text/html; charset=utf-8"
DRIP_PAUSE = 0.1
"""Seconds between the bytes of a drip."""
DRIP_STEPS = 1200
"""A drip lasts two minutes: longer than any deadline worth testing."""
HUGE_HEAD = 1 << 20
"""Bytes of the huge head."""
BOMB = 80 << 20
"""Bytes that the bomb's small body swells to."""
ELSEWHERE = {
    "redirect-private": "http://10.255.255.1/",
    "redirect-metadata": "http://169.254.169.254/latest/",
    "redirect-file": "file:///etc/hostname",
    "redirect-nowhere": "http://127.0.0.1:1/",
}

Parts = tuple[int, Sealed, tuple[Step, ...] | None, End]
"""Status, the answer, its steps where they are not simply head and body, and the connection's end."""
Maker = Callable[[str], Parts]


class Faults:
    """The host of odd answers."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._makers: dict[str, Maker] = {**_makers(), **self._own_makers()}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._makers)

    def url(self, name: str) -> str:
        """The address of an odd answer."""
        return f"{self.home}{PREFIX[1:]}{name}"

    def wire(self, request: Request, exchange: str, now: float) -> Wire:
        """The answer to a request; an unknown name is a plain 404."""
        path = request.target.partition("?")[0]
        name = path.removeprefix(PREFIX) if path.startswith(PREFIX) else ""
        if maker := self._makers.get(name):
            status, sealed, steps, end = maker(exchange)
        else:
            status, sealed, steps, end = self._plain(path, exchange)
        wire = Wire(
            status=status,
            what="fault" if name in self._makers else "faults",
            steps=steps if steps is not None else (Step(sealed.head + sealed.body),),
            head=sealed.head,
            entity=sealed.entity,
            end="close" if end == "keep" and request.closing else end,
            id=exchange,
        )
        if request.method == "HEAD" and steps is None:
            return replace(wire, steps=(Step(sealed.head),), entity=b"")
        return wire

    def _plain(self, path: str, exchange: str) -> Parts:
        if path == "/":
            links = [Link(self.url(name), name) for name in self._makers]
            return _whole(exchange, HTML, index(PREFIX, links).encode())
        if path == "/robots.txt":
            return _whole(exchange, "text/plain", b"User-agent: *\nDisallow:\n")
        return _whole(exchange, "text/plain", b"", status=404)

    def _own_makers(self) -> dict[str, Maker]:
        def circle(other: str) -> Maker:
            return lambda x: _whole(x, "application/xml", render_index([(self.url(other), "2016-05-04")]))

        def sent_to(url: str) -> Maker:
            return lambda x: _whole(x, HTML, b"", status=302, headers=(("Location", url),))

        return {
            "sitemap-circle": circle("sitemap-circle-2"),
            "sitemap-circle-2": circle("sitemap-circle"),
            "redirect-loop": sent_to(self.url("redirect-loop-2")),
            "redirect-loop-2": sent_to(self.url("redirect-loop")),
            **{name: sent_to(url) for name, url in ELSEWHERE.items()},
        }


def _whole(
    exchange: str, content_type: str, body: bytes, *, status: int = 200, headers: Headers = (), end: End = "keep"
) -> Parts:
    lines = [("Content-Type", content_type), *headers, (ID_HEADER, exchange)]
    return status, seal(status, lines, body, end=end), None, end


def _page() -> bytes:
    return (index(PREFIX, [Link("/", str(number)) for number in range(400)])).encode()


def _short_length(exchange: str) -> Parts:
    """Content-Length promises more than comes."""
    _, sealed, _, _ = _whole(exchange, HTML, _page(), end="close")
    kept = sealed.body[: len(sealed.body) // 2]
    return 200, replace(sealed, entity=kept), (Step(sealed.head + kept),), "close"


def _cut_chunk(exchange: str) -> Parts:
    """The connection ends inside the second chunk."""
    body, size = _page(), 4000
    lines = [("Content-Type", HTML), (ID_HEADER, exchange), ("Transfer-Encoding", "chunked")]
    kept = chunked(body, size=size)[: size + 600]
    # What a reader has in hand: the whole first chunk, and of the second what follows the three size lines' bytes.
    second = len(kept) - (len(f"{size:x}") + 2) * 2 - size - 2
    sealed = Sealed(head(200, lines), body[: size + second], kept)
    return 200, sealed, None, "close"


def _reset(exchange: str) -> Parts:
    """The connection is reset in the middle of the body."""
    status, sealed, steps, _ = _short_length(exchange)
    return status, sealed, steps, "reset"


def _silence(_exchange: str) -> Parts:
    """The request is read, and nothing ever comes."""
    return 0, Sealed(b"", b"", b""), (), "hold"


def _closed(_exchange: str) -> Parts:
    """The request is read, and the connection closed without a byte."""
    return 0, Sealed(b"", b"", b""), (), "close"


def _drip_body(exchange: str) -> Parts:
    """The head at once, then a byte at a time."""
    _, sealed, _, _ = _whole(exchange, HTML, _page()[:DRIP_STEPS], end="close")
    drops = tuple(Step(sealed.body[at : at + 1], DRIP_PAUSE) for at in range(len(sealed.body)))
    return 200, sealed, (Step(sealed.head), *drops), "close"


def _drip_head(exchange: str) -> Parts:
    """A head without end, a byte at a time."""
    line = f"HTTP/1.1 200 OK\r\n{ID_HEADER}: {exchange}\r\nX-Filler: ".encode().ljust(DRIP_STEPS, b"x")
    drops = tuple(Step(line[at : at + 1], DRIP_PAUSE) for at in range(len(line)))
    return 200, Sealed(line, b"", b""), drops, "close"


def _huge_head(exchange: str) -> Parts:
    """A whole answer under a head of a mebibyte."""
    filler = tuple((f"X-Filler-{number}", "x" * 1000) for number in range(HUGE_HEAD // 1000))
    return _whole(exchange, HTML, _page(), headers=filler)


def _early_hints(exchange: str) -> Parts:
    """A 103 answer comes before the final one (RFC 8297)."""
    status, sealed, _, end = _whole(exchange, HTML, _page())
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </static/site.css>; rel=preload\r\n\r\n"
    return status, sealed, (Step(hint), Step(sealed.head + sealed.body)), end


def _odd_head(exchange: str) -> Parts:
    """Odd case, a folded line, repeated names, latin-1 bytes, a line without colon, no reason phrase."""
    body = _page()
    lines = (
        b"HTTP/1.1 200\r\nCoNtEnT-tYpE:text/html;charset=utf-8\r\nX-Folded: one\r\n\ttwo\r\nSet-Cookie: a=1\r\n"
        b"set-cookie: b=2\r\nX-Latin: caf\xe9\r\nX-Spaced  :  wide  \r\nno colon here\r\n"
    )
    tail = f"{ID_HEADER}: {exchange}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    return 200, Sealed(lines + tail, body, body), None, "close"


def _noise() -> bytes:
    return random.Random(7).randbytes(20_000)  # noqa: S311  bytes that look like no text, no secret


@cache
def _bomb() -> bytes:
    press, block = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS), bytes(1 << 20)
    return b"".join(press.compress(block) for _ in range(BOMB >> 20)) + press.flush()


def _encoded(body: bytes) -> Maker:
    return lambda x: _whole(x, HTML, body, headers=(("Content-Encoding", "gzip"),))


def _bombing(exchange: str) -> Parts:
    """A small gzip body that swells beyond any sane limit."""
    return _encoded(_bomb())(exchange)


def _lasting(status: int, seconds: int) -> Maker:
    return lambda x: _whole(x, HTML, _page(), status=status, headers=(("Retry-After", str(seconds)),))


def _makers() -> dict[str, Maker]:
    zipped = gzip.compress(_page(), mtime=0)
    return {
        "short-length": _short_length,
        "cut-chunk": _cut_chunk,
        "reset": _reset,
        "silence": _silence,
        "closed": _closed,
        "drip-body": _drip_body,
        "drip-head": _drip_head,
        "huge-head": _huge_head,
        "early-hints": _early_hints,
        "odd-head": _odd_head,
        "html-as-feed": lambda x: _whole(x, "application/rss+xml", _page()),
        "broken-xml": lambda x: _whole(x, "application/xml", render_sitemap([("http://127.0.0.1/", "2016")])[:-20]),
        "empty-sitemap": lambda x: _whole(x, "application/xml", render_sitemap([])),
        "zero": lambda x: _whole(x, HTML, b""),
        "binary": lambda x: _whole(x, HTML, _noise()),
        "bad-gzip": _encoded(zipped[:40] + b"\x00" * 40 + zipped[80:]),
        "false-gzip": _encoded(_page()),
        "bomb": _bombing,
        "429": _lasting(429, 1),
        "503": _lasting(503, 1),
        "503-long": _lasting(503, 86_400),
        "500": lambda x: _whole(x, HTML, b"", status=500),
    }
