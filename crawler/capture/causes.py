"""Why nothing came back: the errors of Twisted and OpenSSL in the words of a Failure, and in Scrapy's own errors."""

from __future__ import annotations

from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from twisted.internet.defer import CancelledError
from twisted.internet.error import (
    ConnectError,
    ConnectionClosed,
    ConnectionRefusedError,
    DNSLookupError,
    TCPTimedOutError,
    TimeoutError,
)
from twisted.web._newclient import RequestGenerationFailed, RequestNotSent, RequestTransmissionFailed
from twisted.web.client import ResponseFailed

from crawler.capture.trust import Untrusted
from crawler.errors import CertificateRefused, ForbiddenAddress, InvalidAddress

TLS_ERRORS = (SSL.Error, Untrusted)
WIRE_ERRORS = (
    CancelledError,
    ConnectError,
    ConnectionClosed,
    DNSLookupError,
    ForbiddenAddress,
    RequestGenerationFailed,
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseFailed,
    TimeoutError,
    UnicodeError,  # a host name that is none (IDNA)
    ValueError,  # the same, in Twisted's words
    *TLS_ERRORS,
)
"""What a fetch may end with; anything else is a mistake of ours and is not caught."""

WORDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ForbiddenAddress, "forbidden-address"),
    (TLS_ERRORS, "tls"),
    (DNSLookupError, "dns"),
    (ConnectionRefusedError, "refused"),
    ((TimeoutError, TCPTimedOutError), "timeout"),
    ((UnicodeError, ValueError), "invalid"),
    ((ConnectError, ConnectionClosed, RequestNotSent, CancelledError), "connection"),
)
"""First match wins: a TLS failure, say, also closes the connection."""


def cause_of(error: BaseException) -> str:
    """Return the cause of a Failure for an error of the wire."""
    chain = list(_chain(error))
    return next((word for kinds, word in WORDS if any(isinstance(link, kinds) for link in chain)), "other")


def message_of(error: BaseException, host: str) -> str:
    """Say in one line, for a person, what went wrong."""
    cause = cause_of(error)
    links = list(_chain(error))
    if cause == "forbidden-address":
        return str(next(link for link in links if isinstance(link, ForbiddenAddress)))
    if cause == "tls":
        return f"TLS with {host} failed: {_tls(next(link for link in links if isinstance(link, TLS_ERRORS)))}"
    plain = {
        "dns": f"no address found for {host}",
        "refused": f"{host} refused the connection",
        "timeout": f"{host} did not answer the connection in time",
    }
    return plain.get(cause) or f"{host}: {' '.join(str(links[-1]).split()) or type(links[-1]).__name__}"


def raised(cause: str, message: str) -> Exception:
    """Give the error that Scrapy's components understand (and may retry) for a cause."""
    if cause == "forbidden-address":
        return ForbiddenAddress(message, hint="set crawl.allow_private = true to crawl machines of your own")
    if cause == "tls":
        return CertificateRefused(message, hint="the outlet must mend its certificate; or check this machine's clock")
    if cause == "invalid":
        return InvalidAddress(message, hint="mend the address")
    kinds = {"dns": CannotResolveHostError, "refused": DownloadConnectionRefusedError, "timeout": DownloadTimeoutError}
    return kinds.get(cause, DownloadFailedError)(message)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those that Twisted wrapped in it, outermost first."""
    yield error
    for reason in getattr(error, "reasons", ()):
        yield from _chain(reason.value)


def _tls(error: BaseException) -> str:
    if isinstance(error, SSL.Error) and error.args and isinstance(error.args[0], list):
        return ", ".join(str(part[-1]) for part in error.args[0]) or "no reason given"
    return " ".join(str(error).split()) or type(error).__name__
