"""Who asks: the User-Agent, the From header, and the refusal to crawl without a contact."""

from __future__ import annotations

import re
from importlib.metadata import version

from settings.errors import ConfigError
from settings.site import Site

PRODUCT = re.compile(r"[A-Za-z_-]+")
"""A product token of RFC 9309 section 2.2.1: what robots.txt names a crawler by."""


def user_agent(site: Site) -> str:
    """Return the User-Agent: `warraq/0.1.0 (+https://…)`, or the site's own name in front of the contact."""
    name = site.crawl.user_agent or f"warraq/{version('warraq')}"
    contact = site.contact if "://" in site.contact else f"mailto:{site.contact}"
    return f"{name} (+{contact})" if site.contact else name


def robots_token(site: Site) -> str:
    """Return the name that robots.txt is searched for: no version, no contact, else a group `bot` would match both."""
    match = PRODUCT.match(site.crawl.user_agent)
    return match.group() if match else "warraq"


def sender(site: Site) -> str | None:
    """Return the value of From (RFC 9110 section 10.1.2): the contact, if it is a mail address."""
    return site.contact if "@" in site.contact and "://" not in site.contact else None


def require_contact(site: Site) -> None:
    """Raise ConfigError unless outlets are told whom to write to; only crawls of private machines need not say it."""
    if not site.contact and not site.crawl.allow_private:
        raise ConfigError(
            "no contact: a crawl tells each outlet whom to write to",
            hint='write contact = "https://…" or a mail address into warraq.toml, or set WARRAQ_CONTACT',
        )
