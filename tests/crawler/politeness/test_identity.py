"""Who we say we are."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from crawler.politeness.identity import require_contact, robots_token, sender, user_agent
from settings.errors import ConfigError
from settings.site import CrawlSettings, Site

PAGE = Site(root=Path(), contact="https://archive.example/about")
MAIL = Site(root=Path(), contact="crawl@archive.example")


def named(site: Site, name: str) -> Site:
    return replace(site, crawl=replace(site.crawl, user_agent=name))


def test_user_agent() -> None:
    """Name, version and contact, as outlets read them in their logs."""
    assert user_agent(PAGE) == f"warraq/{version('warraq')} (+https://archive.example/about)"
    assert user_agent(MAIL) == f"warraq/{version('warraq')} (+mailto:crawl@archive.example)"
    assert user_agent(named(PAGE, "herald-bot/2")) == "herald-bot/2 (+https://archive.example/about)"
    assert user_agent(replace(PAGE, contact="")) == f"warraq/{version('warraq')}"


def test_from() -> None:
    """From is a mail address, or left out."""
    assert sender(MAIL) == "crawl@archive.example"
    assert sender(PAGE) is None
    assert sender(replace(PAGE, contact="https://archive.example/@us")) is None


@pytest.mark.parametrize(
    ("name", "token"),
    [("", "warraq"), ("herald-bot/2", "herald-bot"), ("Herald_Bot", "Herald_Bot"), ("7up", "warraq"), ("a b", "a")],
)
def test_robots_token(name: str, token: str) -> None:
    """robots.txt is searched for the product token alone."""
    assert robots_token(named(PAGE, name)) == token


def test_no_crawl_without_contact() -> None:
    """A crawl that reaches the public internet needs a contact, and the error says where to write it."""
    require_contact(PAGE)
    require_contact(MAIL)
    with pytest.raises(ConfigError) as caught:
        require_contact(Site(root=Path()))
    assert "warraq.toml" in caught.value.hint
    assert "WARRAQ_CONTACT" in caught.value.hint


def test_private_crawls_need_no_contact() -> None:
    """Tests and the demo crawl their own machine."""
    require_contact(Site(root=Path(), crawl=CrawlSettings(allow_private=True)))
