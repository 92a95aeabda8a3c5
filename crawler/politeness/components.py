"""The Scrapy settings that put capture and politeness in place."""

from __future__ import annotations

from crawler.politeness.identity import robots_token, sender, user_agent
from settings.site import Site

HANDLER = "crawler.capture.handler.CaptureHandler"
NETWORK_ERRORS = [
    "CannotResolveHostError",
    "DownloadConnectionRefusedError",
    "DownloadFailedError",
    "DownloadTimeoutError",
]
RETRIED = [408, 429, 500, 502, 503, 504, 522, 524]


def scrapy_settings(site: Site) -> dict[str, object]:
    """Return Scrapy's settings for a site, with their reasons. docs/capture.md lists what a Crawler object carries."""
    crawl, mail = site.crawl, sender(site)
    return {
        # Only http and https exist: a link to file:, data:, ftp: or s3: opens nothing.
        "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER, "file": None, "data": None, "ftp": None, "s3": None},
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawler.politeness.robots.RobotsMiddleware": 100,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "crawler.politeness.retry.RetryMiddleware": 550,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "crawler.politeness.redirect.RedirectMiddleware": 600,
        },
        "SCHEDULER_PRIORITY_QUEUE": "crawler.politeness.queue.HostQueue",
        "USER_AGENT": user_agent(site),
        # No Accept-Language: Scrapy's `en` would ask multilingual outlets for their English edition.
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            **({"From": mail} if mail else {}),
        },
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": robots_token(site),
        # The gate paces each host where the bytes leave; Scrapy's own delay counts from its queue and would add to it.
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_REQUESTS": crawl.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_TIMEOUT": crawl.deadline,
        # The handler cuts at max_body and keeps the bytes; this bounds what a compressed body may unpack to.
        "DOWNLOAD_MAXSIZE": crawl.max_body,
        "DOWNLOAD_WARNSIZE": 0,
        # The handler verifies whatever this says; it is set so that nobody reads the opposite.
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # Both address families; the default resolver knows IPv4 only. The deadline covers the lookup.
        "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",
        # Lookups run in threads: the default of 10 is soon full of dead names, and live hosts wait behind them.
        "REACTOR_THREADPOOL_MAXSIZE": 32,
        "RETRY_TIMES": crawl.retries,
        # Scrapy's list has OSError too: a full disk, or a body that claims a coding it has not, is not the network's.
        "RETRY_EXCEPTIONS": [f"scrapy.exceptions.{name}" for name in NETWORK_ERRORS],
        "RETRY_HTTP_CODES": RETRIED,
        "REDIRECT_MAX_TIMES": crawl.max_redirects,
        # A page that sends its reader on is a page: it is kept as it is.
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        # A proxy would stand between the wire and the copy, and between the guard and the peer.
        "HTTPPROXY_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        # Both listen on a socket, and the second runs Python for whoever has its token.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }
