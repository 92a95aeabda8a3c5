"""What can go wrong between a request and the archive. Imports no Scrapy, so that the command can name these cheaply.

CrawlError
├── ScrapyChanged      another Scrapy or Twisted than the download handler was built on
├── CaptureError       one request that brought nothing usable; `cause` in the words of archive.capture.Failure
│   ├── ForbiddenAddress   the address is not on the public internet (`crawl.allow_private`)
│   ├── InvalidAddress     no address that can be asked for
│   ├── CertificateRefused TLS: no trusted certificate for that name
│   └── UnreadableAnswer   bytes came back (and were kept) that are no HTTP answer
├── GivenUp            the host asked for a pause that is longer than we wait
└── Stopping           the crawl is ending: what waits at the gate is not asked for any more

What Scrapy can retry keeps Scrapy's own exceptions (scrapy.exceptions.CannotResolveHostError, …TimeoutError …);
what is dropped unasked is crawler.unasked.NotAsked.
"""


class CrawlError(Exception):
    """Root of the errors of this room. `hint` names the fix in one line."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ScrapyChanged(CrawlError):
    """The installed Scrapy or Twisted lacks a name that exact capture leans on."""


class CaptureError(CrawlError):
    """A request brought nothing usable, and asking again in a moment would not help."""

    cause = "other"


class ForbiddenAddress(CaptureError):
    """The address to connect to is not global unicast, and `crawl.allow_private` is off."""

    cause = "forbidden-address"


class InvalidAddress(CaptureError):
    """The request's address cannot be asked for."""

    cause = "invalid"


class CertificateRefused(CaptureError):
    """The server proved no identity: TLS failed or its certificate is not trusted for the name."""

    cause = "tls"


class UnreadableAnswer(CaptureError):
    """What came back was kept, and cannot be read as an HTTP answer."""


class GivenUp(CrawlError):
    """The host is left alone for longer than a request would wait."""


class Stopping(CrawlError):
    """The crawl is ending; the request was not sent."""
