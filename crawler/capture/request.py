"""What a Scrapy request means on the wire: where it goes, who asked and why, and what of it is kept unseen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from twisted.web.http_headers import Headers as TxHeaders

from archive.capture import Provenance
from crawler.capture.sink import PROVENANCE, ROBOTS
from crawler.errors import InvalidAddress

PORTS = {"http": 80, "https": 443}
SECRET = re.compile(rb"^((?:proxy-)?authorization|cookie)(:[ \t]*)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
"""A header line whose value lets others in."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes."""

    url: str
    """As asked for, without fragment."""
    scheme: str
    host: str
    """Lower case, without the brackets of IPv6."""
    port: int
    path: bytes
    """The request target: path and query, byte for byte as in the address."""

    @property
    def authority(self) -> bytes:
        """The value of Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == PORTS[self.scheme] else f"{host}:{self.port}").encode("ascii")


def target(request: Request) -> Target:
    """Read the address of a request. Raises InvalidAddress."""
    url = request.url.partition("#")[0]
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if parts.scheme not in PORTS or not host:
            raise ValueError("no http address with a host")
        rest = url[len(parts.scheme) + 3 + len(parts.netloc) :]
        path = (rest if rest.startswith("/") else f"/{rest}").encode("ascii")
        host.encode("ascii")
    except ValueError as error:
        raise InvalidAddress(f"{url!r} cannot be asked for: {error}", hint="mend the address") from error
    if "@" in parts.netloc:
        public = url.replace(f"{parts.netloc.rpartition('@')[0]}@", "", 1)
        raise InvalidAddress(f"{public} was given with a name or password in it", hint="send an Authorization header")
    return Target(url, parts.scheme, host, port or PORTS[parts.scheme], path)


def wire_headers(request: Request, to: Target) -> TxHeaders:
    """Give the headers as Twisted wants them, Host first unless the request has its own."""
    headers = TxHeaders({} if b"Host" in request.headers else {b"Host": [to.authority]})
    for name, values in request.headers.items():
        headers.setRawHeaders(name, values)
    return headers


def provenance(request: Request, crawler: Crawler) -> Provenance:
    """Tell who asked and why: what the asker says, with the redirecting address and the word of robots.txt."""
    given: Provenance | None = request.meta.get(PROVENANCE)
    found = given or _default(request, crawler)
    if given is None and request.meta.get("dont_obey_robotstxt") and urlsplit(request.url).path == "/robots.txt":
        found = replace(found, why="robots", robots="exempt")
    if hops := request.meta.get("redirect_urls"):
        found = replace(found, via=hops[-1])
    if (decision := request.meta.get(ROBOTS)) and found.robots != "exempt":
        found = replace(found, robots=decision)
    return found


def _default(request: Request, crawler: Crawler) -> Provenance:
    default: Any = getattr(crawler, "default_provenance", None)
    if default is None:
        return Provenance(outlet="", run="", why="add")
    made: Provenance = default(request)
    return made


def masked(sent: bytes) -> bytes:
    """Return a request as it is kept: credentials in its head replaced by `[masked]`."""
    head, end, body = sent.partition(b"\r\n\r\n")
    return SECRET.sub(rb"\1\2[masked]", head) + end + body
