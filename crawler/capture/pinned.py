"""The private names of Scrapy 2.19 and Twisted that exact capture leans on, and the check that they are there."""

from __future__ import annotations

from importlib import import_module

import scrapy

from crawler.errors import ScrapyChanged

SCRAPY = "2.19."
"""The minor version whose source was read; pyproject.toml pins the same."""

NAMES = {
    "scrapy.core.downloader.handlers.http11": ("HTTP11DownloadHandler", "_LenientHTTPClientParser"),
    "scrapy.core.engine": ("_Slot.close",),
    "scrapy.pqueues": ("DownloaderAwarePriorityQueue.pop", "DownloaderInterface.stats"),
    "scrapy.downloadermiddlewares.robotstxt": ("RobotsTxtMiddleware.robot_parser",),
    "scrapy.downloadermiddlewares.retry": ("RetryMiddleware._retry",),
    "scrapy.downloadermiddlewares.redirect": ("RedirectMiddleware.process_response",),
    "twisted.web.client": ("_HTTP11ClientFactory", "HTTPConnectionPool._factory", "HTTPConnectionPool.getConnection"),
    "twisted.web._newclient": (
        "Request.writeTo",
        "HTTP11ClientProtocol._finishResponse",
        "HTTP11ClientProtocol._parser",
        "HTTP11ClientProtocol._currentRequest",
        "HTTPClientParser.MAX_LENGTH",
    ),
}
"""By module: names, dotted within it."""


def require(version: str = scrapy.__version__, names: dict[str, tuple[str, ...]] = NAMES) -> None:
    """Raise ScrapyChanged unless the installed Scrapy is the one that was read and every name is there."""
    hint = "install scrapy>=2.19,<2.20, or mend crawler/capture/tee.py and pinned.py (docs/capture.md)"
    if not version.startswith(SCRAPY):
        raise ScrapyChanged(f"exact capture was built on Scrapy {SCRAPY}*, and this is {version}", hint=hint)
    for module, dotted in names.items():
        for name in dotted:
            if not _has(module, name):
                raise ScrapyChanged(f"exact capture leans on {module}.{name}, which is gone", hint=hint)


def _has(module: str, dotted: str) -> bool:
    try:
        found = import_module(module)
    except ImportError:
        return False
    for name in dotted.split("."):
        if not hasattr(found, name):
            return False
        found = getattr(found, name)
    return True
