"""The download handler: Scrapy's for http and https, keeping each exchange byte for byte before anybody uses it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from ipaddress import ip_address
from time import monotonic
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _RequestBodyProducer
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError, NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import wrapClientTLS
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.ssl import Certificate
from twisted.python.failure import Failure as TxFailure
from twisted.web.client import HTTPConnectionPool
from twisted.web.iweb import UNKNOWN_LENGTH

from archive.capture import Capture, Failure, Provenance, Truncated
from crawler.capture.causes import WIRE_ERRORS, cause_of, message_of, raised
from crawler.capture.guard import GuardedEndpoint
from crawler.capture.pinned import require
from crawler.capture.request import Target, masked, provenance, target, wire_headers
from crawler.capture.sink import FAILED, RECORD, CaptureSink
from crawler.capture.tee import MAX_HEAD, MAX_HEAD_LINES, Tee, TeeFactory, TeeProtocol, TeeRequest
from crawler.capture.trust import VerifyingPolicy
from crawler.errors import GivenUp, InvalidAddress, Stopping, UnreadableAnswer
from crawler.gate import Gate
from crawler.retry_after import wished
from crawler.unasked import NotAsked
from settings.site import Site, load_site

logger = logging.getLogger(__name__)

PARTIAL = "partial"
"""Flag of a response whose body is not whole."""


class CaptureHandler(HTTP11DownloadHandler):
    """Fetches one request at a time from a host, and gives what came to `crawler.capture_sink` first.

    Reads from the Crawler object: `capture_sink` (required), `site`, `gate`, `default_provenance`.
    """

    def __init__(self, crawler: Crawler) -> None:
        require()
        sink: CaptureSink | None = getattr(crawler, "capture_sink", None)
        if sink is None:
            raise NotConfigured(
                "nothing is fetched without an archive to keep it in: set crawler.capture_sink before the crawl starts"
            )
        super().__init__(crawler)
        self._sink = sink
        self._site = site_of(crawler)
        self._gate = gate_of(crawler, self._site)
        self._pool = _pool(max(1, crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")))
        self._tls = VerifyingPolicy()

    async def download_request(self, request: Request) -> Response:
        """Fetch, keep, and only then answer.

        The RecordRef is in `request.meta["record"]`; where nothing came back, the cause is in `request.meta["failed"]`.
        Raises Scrapy's download errors, CaptureError, NotAsked, and what the sink raises, as it is.
        """
        request.meta.pop(RECORD, None)
        request.meta.pop(FAILED, None)
        asked = provenance(request, self._crawler)
        try:
            to = target(request)
            if request.meta.get("proxy"):
                raise InvalidAddress(f"{to.url}: proxies are not supported: the original would be the proxy's")
        except InvalidAddress as error:
            url = _without_secrets(request.url)
            await self._fail(request, _failure(url, datetime.now(UTC), asked, "invalid", error.message))
            raise
        exchange = await self._ask(request, to)
        if exchange.stale and request.method in {"GET", "HEAD"}:
            # The server had closed a kept connection in the same moment. Twisted would ask again at once; we wait.
            exchange = await self._ask(request, to)
        return await self._deliver(request, to, exchange, asked)

    async def _ask(self, request: Request, to: Target) -> _Exchange:
        from twisted.internet import reactor

        clock: Any = reactor
        try:
            turn = await self._gate.turn(to.host, stopping=self._stopping)
        except Stopping as error:
            raise NotAsked(f"not asked, for {error}: {to.url}", cause="stopping") from error
        except GivenUp as error:
            raise NotAsked(f"not asked, for {error}: {to.url}", cause="host-given-up") from error
        try:
            exchange = _Exchange(Tee(max_body=self._site.crawl.max_body, sent=turn.sent))
            talk: Deferred[None] = Deferred.fromCoroutine(self._converse(request, to, exchange))
            timer = clock.callLater(self._deadline(request), exchange.expire, talk)
            try:
                await maybe_deferred_to_future(talk)
            except WIRE_ERRORS as error:
                exchange.error = error
            finally:
                if timer.active():
                    timer.cancel()
            self._heed(to.host, exchange)
        finally:
            turn.release()
        return exchange

    def _heed(self, host: str, exchange: _Exchange) -> None:
        """Leave a host alone for as long as it asks, before the next request of the line gets its turn."""
        answer = exchange.answer
        if answer is None:
            return
        value, date = (next(iter(answer.headers.getRawHeaders(name, ())), None) for name in (b"retry-after", b"date"))
        seconds, longest = wished(answer.code, value, date), self._site.crawl.max_retry_after
        if seconds is not None and seconds > longest:
            reason = f"{host} asked for a pause of {seconds:g} s, longer than crawl.max_retry_after ({longest:g} s)"
            logger.warning("%s: left for a later run", reason)
            self._gate.give_up(host, seconds, reason)
        elif seconds:
            self._gate.pause(host, seconds)

    async def _converse(self, request: Request, to: Target, exchange: _Exchange) -> None:
        key = (to.scheme, to.host, to.port)
        protocol: Any = await self._pool.getConnection(key, self._endpoint(request, to))
        assert isinstance(protocol, TeeProtocol)
        producer = _RequestBodyProducer(request.body) if request.body else None
        method = request.method.encode("ascii")
        started = monotonic()
        wire = TeeRequest(method, to.path, wire_headers(request, to), producer, exchange.tee)
        answer: Any = await protocol.converse(wire)
        exchange.answer = answer
        request.meta["download_latency"] = monotonic() - started
        if answer.length != 0:  # a body of no length is never delivered
            exchange.body = _Body(protocol)
            answer.deliverBody(exchange.body)
            await exchange.body.ended

    def _endpoint(self, request: Request, to: Target) -> Any:
        from twisted.internet import reactor

        timeout, bind = self._deadline(request), request.meta.get("bindaddress") or self._bind_address
        bind = (bind, 0) if isinstance(bind, str) else bind
        guard = not self._site.crawl.allow_private
        plain: Any = GuardedEndpoint(reactor, to.host, to.port, timeout=timeout, bind=bind, guard=guard)
        if to.scheme == "http":
            return plain
        return wrapClientTLS(self._tls.creatorForNetloc(to.host.encode("ascii"), to.port), plain)

    def _deadline(self, request: Request) -> float:
        """Seconds for names, connection, TLS, head and body together; waiting at the gate is not counted."""
        own = request.meta.get("download_timeout")
        return min(self._site.crawl.deadline, float(own)) if own else self._site.crawl.deadline

    def _stopping(self) -> bool:
        slot = getattr(self._crawler.engine, "_slot", None)
        return slot is not None and slot.closing is not None

    async def _deliver(self, request: Request, to: Target, exchange: _Exchange, asked: Provenance) -> Response:
        tee = exchange.tee
        if not tee.answered:
            cause, message = exchange.why_nothing(to.host, self._deadline(request))
            await self._fail(request, _failure(to.url, exchange.started, asked, cause, message))
            raise raised(cause, message) from exchange.error
        truncated = exchange.truncated
        capture = self._capture(to, exchange, asked, truncated)
        size = len(capture.response)
        request.meta[RECORD] = await self._sink.keep(capture)
        del capture  # its bytes are the archive's now; the body below is another copy
        self._count(size, truncated)
        if truncated == "time":
            raise DownloadTimeoutError(f"{to.url} took longer than {self._deadline(request):g} s: what came is kept")
        if exchange.answer is None:
            raise _headless(to, truncated) from exchange.error
        return exchange.response(to, truncated)

    def _capture(self, to: Target, exchange: _Exchange, asked: Provenance, truncated: Truncated | None) -> Capture:
        tee = exchange.tee
        interim, response = tee.give()
        sent = bytes(tee.request)
        return Capture(
            url=to.url,
            started=exchange.started,
            request=masked(sent) if self._site.crawl.mask_credentials else sent,
            response=response,
            provenance=asked,
            interim=interim,
            peer=tee.peer,
            certificate=tee.certificate,
            protocol="http/1.0" if response.startswith(b"HTTP/1.0") else "http/1.1",
            truncated=truncated,
        )

    async def _fail(self, request: Request, failure: Failure) -> None:
        request.meta[FAILED] = failure.cause
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(f"capture/failed/{failure.cause}")
        await self._sink.fail(failure)

    def _count(self, size: int, truncated: Truncated | None) -> None:
        if (stats := self._crawler.stats) is not None:
            stats.inc_value("capture/kept")
            stats.inc_value("capture/bytes", size)
            if truncated:
                stats.inc_value(f"capture/truncated/{truncated}")


def site_of(crawler: Crawler) -> Site:
    """Return the crawler's Site; plain `scrapy shell` has none set and reads warraq.toml."""
    site: Site | None = getattr(crawler, "site", None)
    if site is None:
        site = crawler.site = load_site()  # type: ignore[attr-defined]
    return site


def gate_of(crawler: Crawler, site: Site) -> Gate:
    """Return the crawler's gate, made where none is set: the handlers of http and https must share one."""
    gate: Gate | None = getattr(crawler, "gate", None)
    if gate is None:
        gate = crawler.gate = Gate(site.crawl.delay)  # type: ignore[attr-defined]
    return gate


class _Exchange:
    """What is known of one exchange while it runs."""

    def __init__(self, tee: Tee) -> None:
        self.tee = tee
        self.started = datetime.now(UTC)
        self.answer: Any = None
        self.body: _Body | None = None
        self.error: BaseException | None = None
        self.expired = False

    def expire(self, talk: Deferred[None]) -> None:
        """End it: time is up."""
        self.expired = True
        talk.cancel()

    @property
    def stale(self) -> bool:
        """Whether a kept connection turned out dead before anything came back."""
        return self.tee.reused and not self.tee.answered and not self.expired and self.error is not None

    @property
    def truncated(self) -> Truncated | None:
        return "time" if self.expired and not self.tee.finished else self.tee.truncated

    def why_nothing(self, host: str, deadline: float) -> tuple[str, str]:
        """Give cause and message of an exchange without an answer."""
        if self.expired:
            return "timeout", f"{host} sent no answer within {deadline:g} s"
        assert self.error is not None
        return cause_of(self.error), message_of(self.error, host)

    def response(self, to: Target, truncated: Truncated | None) -> Response:
        """Give what came as Scrapy's response."""
        answer, tee = self.answer, self.tee
        headers = Headers()
        if answer.length != UNKNOWN_LENGTH:
            headers[b"Content-Length"] = str(answer.length).encode()
        headers.update(answer.headers.getAllRawHeaders())
        body = self.body.give() if self.body is not None else b""
        kind = responsetypes.from_args(headers=headers, url=to.url, body=body)
        _, major, minor = answer.version
        return kind(
            url=to.url,
            status=int(answer.code),
            headers=headers,
            body=body,
            flags=[PARTIAL] if truncated else [],
            certificate=Certificate.load(tee.certificate) if tee.certificate else None,
            ip_address=ip_address(tee.peer) if tee.peer else None,
            protocol=f"HTTP/{major}.{minor}",
        )


class _Body(Protocol):
    """Gathers the decoded body for Scrapy; `ended` fires when no more will come."""

    def __init__(self, connection: TeeProtocol) -> None:
        self._connection = connection
        self._parts: list[bytes] = []
        self.ended: Deferred[None] = Deferred(lambda _: self._connection.transport.abortConnection())

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  (Twisted's name)
        self._parts.append(data)

    def connectionLost(self, reason: TxFailure = connectionDone) -> None:  # noqa: N802  (Twisted's name)
        if not self.ended.called:
            self.ended.callback(None)

    def give(self) -> bytes:
        """Hand the body over, once."""
        body = b"".join(self._parts)
        self._parts = []
        return body


def _failure(url: str, started: datetime, asked: Provenance, cause: str, message: str) -> Failure:
    return Failure(url=url, started=started, provenance=asked, cause=cause, message=message)


def _pool(a_host: int) -> HTTPConnectionPool:
    from twisted.internet import reactor

    pool = HTTPConnectionPool(reactor, persistent=True)  # type: ignore[no-untyped-call]
    pool.maxPersistentPerHost = a_host
    pool.retryAutomatically = False  # Twisted's retry comes at once, unseen by the gate
    pool._factory = TeeFactory
    return pool


def _headless(to: Target, truncated: Truncated | None) -> Exception:
    """Give the error for an answer whose head could not be read."""
    if truncated == "disconnect":
        return DownloadFailedError(f"{to.host} hung up in the head of its answer: what came is kept")
    if truncated == "length":
        limit = f"{MAX_HEAD >> 10} KiB or {MAX_HEAD_LINES} lines"
        return UnreadableAnswer(f"{to.url}: the head of the answer is larger than {limit}: what came is kept")
    return UnreadableAnswer(f"{to.url}: the answer is no HTTP/1.x: what came is kept")


def _without_secrets(url: str) -> str:
    """Return an address without the name and password that it may hold."""
    scheme, mark, rest = url.partition("#")[0].partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"
