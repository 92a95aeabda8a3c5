"""Scrapy's settings for every crawl, each with its reason; `warraq crawl` adds what the Site chooses."""

from settings.site import Site, load_site

BOT_NAME = "warraq"
SPIDER_MODULES = ["crawler.spiders"]

# --- what may never be on: a crawl opens no listening socket and runs nothing that it was sent
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # on by default in 2.19

# --- politeness; the gate (crawler.politeness) holds every host to its delay where the bytes leave
ROBOTSTXT_OBEY = True  # False in Scrapy's defaults
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY_JITTER = 0.0  # the gate spaces exactly; jitter would only lower the rate
COOKIES_ENABLED = False  # an outlet may ask for them; they make pages personal and captures unalike
AUTOTHROTTLE_ENABLED = False  # it overrides delays that robots.txt asks for

# --- bytes: the handler keeps them, so nothing may hold them back or fetch them twice
HTTPCACHE_ENABLED = False
HTTPPROXY_ENABLED = False  # through a proxy the wire bytes and the peer address would be the proxy's
DOWNLOAD_VERIFY_CERTIFICATES = True  # False in Scrapy's defaults
METAREFRESH_ENABLED = False
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier knows what is done; a filter in memory would not
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.DownloaderAwarePriorityQueue"  # no host starves the others

# --- what Scrapy would do beside the crawl
LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"
DEPTH_LIMIT = 0  # listing pages have their own bounds (crawler.discovery.choose)
URLLENGTH_LIMIT = 2083
EXTENSIONS = {
    "crawler.session.SessionExtension": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
}


def from_site(site: Site) -> dict[str, object]:
    """Return the Scrapy settings that follow from what the site chooses."""
    return {
        "DOWNLOAD_DELAY": site.crawl.delay,
        "DOWNLOAD_TIMEOUT": site.crawl.deadline,
        "DOWNLOAD_MAXSIZE": site.crawl.max_body,
        "CONCURRENT_REQUESTS": site.crawl.concurrency,
        "REDIRECT_MAX_TIMES": site.crawl.max_redirects,
        "RETRY_TIMES": site.crawl.retries,
    }


__all__ = ["from_site", "load_site"]
