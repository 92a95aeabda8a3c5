"""The Scrapy add-on that puts capture and politeness in place for plain `scrapy crawl`, `shell` and `parse`."""

from __future__ import annotations

from scrapy.settings import BaseSettings

from crawler.politeness.components import scrapy_settings
from crawler.politeness.identity import require_contact
from settings.site import load_site


class WarraqAddon:
    """Adds what follows from the site's warraq.toml; `warraq` itself passes the same settings and needs no add-on."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Add the settings. Raises ConfigError without a contact."""
        site = load_site()
        require_contact(site)
        settings.setdict(scrapy_settings(site), priority="addon")
