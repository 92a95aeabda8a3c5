"""The demo world's outlets as a person would have written them: an Outlet each, from what the world knows of itself."""

from __future__ import annotations

from crawler.demo.content import Publication
from crawler.demo.server import Served
from settings.outlet import Outlet


def demo_outlets(served: Served) -> list[Outlet]:
    """One Outlet for each site that is served, with its feeds, sitemaps and sections."""
    return [_outlet(served.world.publications[name], home) for name, home in served.homes.items()]


def _outlet(publication: Publication, home: str) -> Outlet:
    def at(path: str) -> str:
        return home + path[1:]

    habits = publication.habits
    return Outlet(
        id=publication.id,
        name=publication.name,
        home=home,
        languages=(publication.language,),
        country=publication.country,
        feeds=tuple(at(feed.path) for feed in publication.feeds),
        sitemaps=(at(habits.sitemap),) if habits.sitemap else (),
        news_sitemaps=(at(habits.news_sitemap),) if habits.news_sitemap else (),
        sections=tuple(
            at(publication.paths.section.format(key=section.key)) for section in publication.sections if section.nav
        ),
    )
