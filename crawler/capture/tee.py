"""The protocol that copies what goes over the wire: above TLS, below Twisted's HTTP parser.

It leans on private names of Scrapy 2.19 and Twisted: see pinned.py and docs/capture.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from OpenSSL.crypto import FILETYPE_ASN1, dump_certificate
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener, ISSLTransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.client import _HTTP11ClientFactory
from twisted.web.iweb import IResponse
from zope.interface import implementer  # type: ignore[import-untyped]

from archive.capture import Truncated
from archive.http import HEAD_END, INTERIM_LINE
from crawler.errors import ScrapyChanged

try:
    from scrapy.core.downloader.handlers.http11 import _LenientHTTPClientParser
    from twisted.web._newclient import HTTP11ClientProtocol
    from twisted.web._newclient import Request as TxRequest
except ImportError as error:
    raise ScrapyChanged(
        f"exact capture leans on a private name that is gone: {error}",
        hint="install scrapy>=2.19,<2.20, or mend crawler/capture/tee.py (docs/capture.md)",
    ) from error

MAX_HEAD = 256 << 10
"""Bytes of a response's head, interim answers included; what sends more is hung up on (Scrapy itself has no bound)."""
MAX_HEAD_LINES = 1_000


class Tee:
    """The bytes of one exchange, as they come and go. One a request, never one a connection: keep-alive is safe."""

    __slots__ = (
        "_head", "_kept", "_parts", "_searched", "_sent", "body_start", "certificate", "finished",
        "full", "interim_end", "lost", "max_body", "peer", "request", "reused",
    )  # fmt: skip

    def __init__(self, *, max_body: int, sent: Callable[[], None]) -> None:
        self.max_body = max_body
        self._sent = sent
        self.request = bytearray()
        self._parts: list[bytes] = []
        self._kept = 0
        self._head = bytearray()
        self._searched = 0
        self.interim_end = 0
        self.body_start: int | None = None
        self.finished = False
        self.full = False
        self.lost: Failure | None = None
        self.peer: str | None = None
        self.certificate: bytes | None = None
        self.reused = False

    def sent(self) -> None:
        """Tell whoever counts the time that the request has left just now."""
        self._sent()

    def take(self, data: bytes) -> bytes:
        """Keep bytes that came, and return those that may be parsed: fewer where a cap is reached (then `full`)."""
        if self.body_start is None:
            self._read_head(data)
        limit = MAX_HEAD if self.body_start is None else self.body_start + self.max_body
        if self._kept + len(data) > limit:
            self.full = True
            data = data[: max(0, limit - self._kept)]
        self._parts.append(data)
        self._kept += len(data)
        return b"" if self.full and self.body_start is None else data

    def _read_head(self, data: bytes) -> None:
        self._head += data
        while match := HEAD_END.search(self._head, self._searched):
            self._searched = match.end()
            if not INTERIM_LINE.match(self._head, self.interim_end):
                self.body_start = match.end()
                break
            self.interim_end = match.end()
        else:
            self._searched = max(self.interim_end, len(self._head) - 2)
        end = len(self._head) if self.body_start is None else self.body_start
        if end > MAX_HEAD or self._head.count(b"\n", 0, end) > MAX_HEAD_LINES:
            self.full, self.body_start = True, None
        if self.body_start is not None:
            self._head = bytearray()

    def finish(self, rest: int) -> None:
        """Note that the response is whole; the last `rest` bytes that came do not belong to it."""
        self.finished = True
        if rest:
            whole = b"".join(self._parts)
            self._parts = [whole[: len(whole) - rest]]
            self._kept -= rest

    @property
    def answered(self) -> bool:
        """Whether anything of a final answer came."""
        return self._kept > self.interim_end

    @property
    def truncated(self) -> Truncated | None:
        """Why the answer is not whole, as far as the wire tells; a deadline is the caller's to know."""
        if self.full and (self.lost is not None or not self.finished):
            return "length"
        if self.finished:  # and if the connection's end was the answer's end: unless that was no proper end
            return "disconnect" if self.lost is not None and not isinstance(self.lost.value, ConnectionDone) else None
        return "disconnect" if self.lost is not None else "unspecified"

    def give(self) -> tuple[bytes, bytes]:
        """Hand over the interim answers and the final one, once: the parts are dropped to save their memory."""
        raw = b"".join(self._parts)
        self._parts = []
        return (raw[: self.interim_end], raw[self.interim_end :]) if self.interim_end else (b"", raw)


class _TeeTransport:
    """A transport that copies what is written to it."""

    def __init__(self, transport: Any, copy: bytearray) -> None:
        self._transport, self._copy = transport, copy

    def write(self, data: bytes) -> None:
        self._copy += data
        self._transport.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:  # noqa: N802  (Twisted's name)
        self.write(b"".join(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class TeeRequest(TxRequest):
    """A request that is copied while it is written."""

    def __init__(self, method: bytes, uri: bytes, headers: Any, body: Any, tee: Tee) -> None:
        super().__init__(method, uri, headers, body, persistent=True)  # type: ignore[no-untyped-call]
        self.tee = tee

    def writeTo(self, transport: Any) -> Deferred[None]:  # noqa: N802  (Twisted's name)
        """Write the request, and its copy to the tee."""
        return super().writeTo(_TeeTransport(transport, self.tee.request))  # type: ignore[no-any-return, no-untyped-call]


class _TeeParser(_LenientHTTPClientParser):
    """Twisted's parser, lenient as Scrapy's, with lines as long as the head's cap (Twisted hangs up at 16 KiB)."""

    MAX_LENGTH = MAX_HEAD


@implementer(IHandshakeListener)
class TeeProtocol(HTTP11ClientProtocol):
    """One connection; copies each exchange to that exchange's tee."""

    _tee: Tee | None = None
    _exchanges = 0
    _certificate: bytes | None = None
    _handshaken = False
    transport: Any

    def converse(self, request: TeeRequest) -> Deferred[IResponse]:
        """Send a request; the Deferred fires when the head of its answer is read."""
        tee = self._tee = request.tee
        tee.peer = _plain(self.transport.getPeer().host)
        tee.certificate = self._certificate
        tee.reused = self._exchanges > 0
        self._exchanges += 1
        answer: Deferred[IResponse] = self.request(request)
        if self._parser is not None:
            # request() names the parser's class; as in Scrapy's own protocol, the only way is to change it afterwards.
            self._parser.__class__ = _TeeParser
        if self._handshaken or not ISSLTransport.providedBy(self.transport):
            self._count_from_now(tee)
        return answer

    def handshakeCompleted(self) -> None:  # noqa: N802  (Twisted's name)
        """Take the certificate, and count from here: until now the request has waited in TLS's buffer."""
        self._handshaken = True
        if (certificate := self.transport.getPeerCertificate()) is not None:
            self._certificate = dump_certificate(FILETYPE_ASN1, certificate)
        if self._tee is not None:
            self._tee.certificate = self._certificate
            self._count_from_now(self._tee)

    def _count_from_now(self, tee: Tee) -> None:
        """Count the host's delay from when the request is on the wire.

        Twisted writes at the next turn of the loop, and the timer runs after that: a loop that was busy meanwhile
        would else shorten the interval that the server sees.
        """
        from twisted.internet import reactor

        tee.sent()
        clock: Any = reactor
        clock.callLater(0, tee.sent)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  (Twisted's name)
        """Copy what came, then let Twisted parse it; hang up where a cap is reached."""
        tee = self._tee
        if tee is None:  # bytes that nobody asked for, between two exchanges: they must not pass for the next answer
            self.transport.abortConnection()
            return
        if tee.full:
            return
        super().dataReceived(tee.take(data))  # type: ignore[no-untyped-call]
        if tee.full:
            self.transport.abortConnection()

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802  (Twisted's name)
        tee, self._tee = self._tee, None
        if tee is not None:
            tee.finish(len(rest))
            if rest and self._currentRequest is not None:
                self._currentRequest.persistent = False  # what follows the answer would taint the next: drop the line
        super()._finishResponse(rest)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802  (Twisted's name)
        """Note how the connection ended before Twisted tells the parser."""
        if self._tee is not None:
            self._tee.lost = reason
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self._tee = None


class TeeFactory(_HTTP11ClientFactory):
    """Makes the protocols of a connection pool."""

    noisy = False

    def buildProtocol(self, addr: Any) -> TeeProtocol:  # noqa: N802  (Twisted's name)
        """Build a protocol that returns to the pool when it is quiet."""
        return TeeProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


def _plain(host: str) -> str:
    """Give a peer's address in the spelling of RFC 5952."""
    return ip_address(host).compressed
