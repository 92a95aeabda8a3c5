"""From a captured page to an article: text, metadata, and what was kept or cut and why. Pure; no files, no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.article import Article
    from archive.capture import Capture
    from archive.extractors.template import Template
    from settings.language import Languages
    from settings.outlet import Outlet

RULES = "1"
"""Version of the rules: raised with every change that can change an article, so that older ones become pending."""


def extract(capture: Capture, outlet: Outlet, languages: Languages, template: Template | None = None) -> Article:
    """Return the article that a capture shows; `not_article` says why where it shows none. Never raises.

    The same capture, outlet, languages and template give the same article, whenever and wherever it is done.
    """
    from archive.extractors.pipeline import Setting, article_of
    from archive.http import decoded, parse_head

    head = parse_head(capture.response)
    setting = Setting(
        languages=languages,
        declared=outlet.languages,
        help=outlet.extract,
        template=template,
        latest=capture.started,
        rules=RULES,
        status=head.status,
    )
    return article_of(decoded(capture.response), capture.url, head.get("Content-Type"), setting)


def extract_page(body: bytes, url: str, content_type: str | None = None) -> Article:
    """Return the article of a page's bytes, as far as the page alone tells it. Never raises."""
    from archive.extractors.pipeline import Setting, article_of
    from settings.language import languages

    return article_of(body, url, content_type, Setting(languages=languages(), rules=RULES))
