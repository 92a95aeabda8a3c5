"""One page to one article: the steps of extraction, in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archive.article import Article, ArticleLanguage, Block
from archive.extractors import metadata
from archive.extractors.body import Body, find_body, with_credit
from archive.extractors.boilerplate import Facts, cut_blocks
from archive.extractors.credit import credit_of, is_credit
from archive.extractors.language import identify
from archive.extractors.page import Page, read_page
from archive.extractors.phrases import Phrasebook, phrasebook
from archive.extractors.published import Reader, dates_of, nearby
from archive.extractors.template import Template
from archive.extractors.text import fold, weight
from settings.language import Language, Languages
from settings.outlet import Extract

UNKNOWN = ArticleLanguage(code="und", script="Zyyy", confidence=0.0, method="detector")
NOT_HTML = re.compile(rb"^\s*(?:%PDF|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|\x1f\x8b|RIFF|OggS|ID3|\x00\x00\x00.ftyp)")
"""How files begin that are no page, whatever they are served as."""
HTML = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|div|p|br|span|a|table|article|section|main|h[1-6]|font|b|i)\b[^<]{0,9999}>",
    re.I,
)
"""One tag at least that is HTML's own."""
SNIFFED = 200_000
LEAST_TEXT = 60
"""Weight under which there is no article to speak of."""
MOST_ERROR = 400
"""An error page says little: with more text than this, "404" is what the article is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is known before the page is read."""

    languages: Languages
    declared: tuple[str, ...] = ()
    """The outlet's languages."""
    help: Extract = field(default_factory=Extract)
    template: Template | None = None
    latest: datetime | None = None
    """The time of the capture: nothing was published after it."""
    rules: str = ""
    status: int | None = None
    """The HTTP status, where one is known."""


def article_of(body: bytes, url: str, content_type: str | None, setting: Setting) -> Article:
    """Extract one page. Never raises, whatever the bytes."""
    if setting.status is not None and not 200 <= setting.status < 300:
        return _nothing(url, f"status-{setting.status}", setting)
    if not body.strip():
        return _nothing(url, "empty", setting)
    if NOT_HTML.match(body) or (
        content_type and not re.search(r"html|xml|text/plain|octet-stream", content_type, re.IGNORECASE)
    ):
        return _nothing(url, "not-html", setting)
    page = read_page(body, url, content_type)
    if page.root is None or not HTML.search(body[:SNIFFED].replace(b"\0", b"")):
        return _nothing(url, "not-html", setting, page)
    return _read(page, setting)


def _read(page: Page, setting: Setting) -> Article:
    head = metadata.read_head(page)
    site = metadata.site_name(head)
    title = metadata.title_of(page, head, site)
    body = find_body(page, title, head.descriptions)
    language = _language(page, body, setting)
    languages = _languages(language, page, setting)
    book = phrasebook(languages)
    body = with_credit(page, body, lambda line: is_credit(line, book))
    reader = Reader(
        languages,
        tuple(tag for tag in (page.declared_language, *setting.declared, language.code) if tag),
        book,
        setting.latest,
    )
    authors, agency = metadata.authors_of(page, head, nearby(page, body, title), book, languages, site)
    dates = dates_of(page, head, body, title, reader)
    facts = Facts(
        title,
        authors,
        book,
        languages,
        repeated=setting.template.repeated if setting.template else frozenset(),
        cut=_selected(page, setting.help.cut),
        keep=_selected(page, setting.help.keep),
    )
    body = Body(dict(sorted((body.reasons | dict.fromkeys(facts.keep, "outlet")).items())), body.container)
    rules = cut_blocks(page, body, facts)
    kept = [index for index in body.reasons if index not in rules]
    lines = [page.blocks[index].text for index in kept]
    text = "\n\n".join(lines)
    return Article(
        url=page.url,
        canonical_url=metadata.canonical_of(page, head),
        title=title,
        text=text,
        language=language,
        authors=authors,
        published=dates.published,
        modified=dates.modified,
        section=metadata.section_of(head),
        tags=metadata.tags_of(page, head),
        image=metadata.image_of(page, head),
        credit=credit_of(lines, book, agency),
        site_name=site,
        charset=page.charset,
        declared_charset=page.declared_charset,
        blocks=_account(page, body, rules),
        rules=setting.rules,
        not_article=_not_article(page, kept, title, book, languages),
    )


def _language(page: Page, body: Body, setting: Setting) -> ArticleLanguage:
    text = "\n".join(page.blocks[index].text for index in body.reasons)
    if weight(text[:500]) < LEAST_TEXT:
        text = "\n".join(block.text for block in page.blocks[:200])
    return identify(text, (page.declared_language, *setting.declared))


def _languages(language: ArticleLanguage, page: Page, setting: Setting) -> tuple[Language, ...]:
    """Return the languages whose phrases count: the text's, the page's, the outlet's, and English beside them."""
    known = setting.languages
    found = known.for_tags((language.code, page.declared_language, *setting.declared))
    if not found and language.script not in ("Zyyy", "Latn"):
        found = known.for_script(language.script)
    return tuple(dict.fromkeys((*found[:4], *known.for_tags(("en",)))))


def _selected(page: Page, selectors: Sequence[str]) -> frozenset[int]:
    """Return the blocks that the outlet's own CSS selectors choose; a selector that cannot be read chooses none."""
    if not selectors or page.root is None:
        return frozenset()
    from cssselect import SelectorError

    chosen = set()
    for selector in selectors:
        try:
            chosen |= set(page.root.cssselect(selector))
        except SelectorError:
            continue
    return frozenset(
        block.index for block in page.blocks if any(place.element in chosen for place in block.place.chain())
    )


def _account(page: Page, body: Body, rules: Mapping[int, str]) -> tuple[Block, ...]:
    """Say of every block of the page whether it was kept, and by which rule."""
    return tuple(
        Block(block.text, False, rules[block.index], block.tag)
        if block.index in rules
        else Block(block.text, block.index in body.reasons, body.reasons.get(block.index, "outside"), block.tag)
        for block in page.blocks
    )


def _not_article(
    page: Page, kept: Sequence[int], title: str | None, book: Phrasebook, languages: Sequence[Language]
) -> str | None:
    size = sum(page.blocks[index].weight for index in kept)
    errors = {fold(phrase) for language in languages for phrase in language.error_page}
    named = fold(title or "")
    if (
        size < MOST_ERROR
        and named
        and any(named == error or named.startswith(f"{error} ") or named.endswith(f" {error}") for error in errors)
    ):
        return "error-page"
    if size >= LEAST_TEXT:
        linked = sum(block.weight for block in page.blocks if block.link_share > 0.7)
        paragraphs = sum(1 for index in kept if page.blocks[index].weight >= 80)
        return "list" if paragraphs == 0 and linked > 3 * size else None
    headlines = sum(1 for block in page.blocks if block.link_share > 0.7 and block.weight >= 24)
    return "list" if headlines >= 8 else "no-text"


def _nothing(url: str, reason: str, setting: Setting, page: Page | None = None) -> Article:
    return Article(
        url=url,
        canonical_url=None,
        title=None,
        text="",
        language=UNKNOWN,
        charset=page.charset if page else "utf-8",
        declared_charset=page.declared_charset if page else None,
        rules=setting.rules,
        not_article=reason,
    )
