"""Scrapy's settings for every crawl, each with its reason; `warraq crawl` adds what the Site chooses."""

BOT_NAME = "warraq"
SPIDER_MODULES = ["crawler.spiders"]

# --- what may never be on: a crawl opens no listening socket and runs nothing that it was sent
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # on by default in 2.19

# --- politeness; the gate (crawler.politeness) holds every host to its delay where the bytes leave
ROBOTSTXT_OBEY = True  # False in Scrapy's defaults
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 0  # the gate's wait is the delay; Scrapy's counts from its queue and would add to it
DOWNLOAD_DELAY_JITTER = 0.0  # the gate spaces exactly; jitter would only lower the rate
COOKIES_ENABLED = False  # an outlet may ask for them; they make pages personal and captures unalike
AUTOTHROTTLE_ENABLED = False  # it overrides delays that robots.txt asks for

# --- bytes: the handler keeps them, so nothing may hold them back or fetch them twice
HTTPCACHE_ENABLED = False
HTTPPROXY_ENABLED = False  # through a proxy the wire bytes and the peer address would be the proxy's
DOWNLOAD_VERIFY_CERTIFICATES = True  # False in Scrapy's defaults
METAREFRESH_ENABLED = False
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier knows what is done; a filter in memory would not
SCHEDULER_PRIORITY_QUEUE = "crawler.politeness.queue.HostQueue"  # a host that waits does not starve the others

# --- what Scrapy would do beside the crawl
LOG_LEVEL = "INFO"
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the failure is a row and a line of ours already
FEED_EXPORT_ENCODING = "utf-8"
DEPTH_LIMIT = 0  # listing pages have their own bounds (crawler.discovery.choose)
URLLENGTH_LIMIT = 2083
EXTENSIONS = {
    "crawler.session.SessionExtension": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
}

ADDONS = {
    "crawler.addon.WarraqAddon": 0
}  # the download handler and the middlewares, as the site's warraq.toml has them
