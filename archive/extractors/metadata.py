"""What a page says about its article: title, people, section, tags, picture, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from archive.extractors import jsonld
from archive.extractors.blocks import TextBlock
from archive.extractors.keys import AUTHOR_KEYS, DESCRIPTION_KEYS, SECTION_KEYS, TAG_KEYS, TITLE_KEYS
from archive.extractors.markup import BYLINE, COMMENTS
from archive.extractors.page import Page
from archive.extractors.phrases import Phrasebook
from archive.extractors.text import UNSEGMENTED, fold, settle, squeeze, words

if TYPE_CHECKING:
    from settings.language import Language

SEPARATOR = re.compile(
    r"\s+[-\u2013\u2014|\u2022\u00b7\u00bb\u00ab:/~_]+\s+|\s*(?:\||::|\u00bb|\u00ab|\uff5c|_)\s*|\s[-\u2013\u2014]|[-\u2013\u2014]\s|(?<=[\u3040-\u9fff])[-_](?=[\u3040-\u9fff])"
)
"""What parts a headline from the site's name in `title`."""
MARKUP = re.compile(r"</?(?:b|i|em|strong|br|span|font|sup|sub|p)\b[^<>]{0,80}>", re.IGNORECASE)
"""Tags that some systems leave in their titles."""
NAME_BREAK = re.compile(r"\s*[,;|&\u060c\u3001\uff0c/\u00b7\u2022]\s*")
NOT_NAME = re.compile(r"https?:|www\.|@|\d{2}|[<>{}\[\]=]|\.(?:com|org|net)\b", re.IGNORECASE)
ROLE = re.compile(r"\s*[(\uff08\[].*$|\s+[-\u2013\u2014|].*$")
"""What follows a name: the paper, the place, in brackets or behind a dash."""
MOST_NAME_WORDS = 6
MOST_TAGS = 40


@dataclass(frozen=True, slots=True)
class Head:
    """What the page says in its head, as it is written there."""

    node: jsonld.Node
    metas: dict[str, list[str]]
    title: str | None
    h1: tuple[str, ...]
    canonical: str | None

    def first(self, keys: Iterable[str]) -> str | None:
        """Return the first value of the first of some keys that has one."""
        return next((value for key in keys for value in self.metas.get(key, ()) if value), None)

    @property
    def descriptions(self) -> tuple[str, ...]:
        told = [jsonld.text_of(self.node.get("description")), *(self.first((key,)) for key in DESCRIPTION_KEYS)]
        return tuple(dict.fromkeys(settle(unescape(text)) for text in told if text))


def read_head(page: Page) -> Head:
    """Read JSON-LD, meta elements, title and headings of a page that has a root."""
    root = page.root
    assert root is not None
    metas: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        content = settle(meta.get("content") or "")
        if key and content:
            metas.setdefault(key.strip().lower(), []).append(content)
    canonical = next(
        (link.get("href") for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()), None
    )
    title = next(
        (
            settle("".join(element.itertext()))
            for element in root.iter("title")
            if element.getparent() is not None and element.getparent().tag != "svg"
        ),
        None,
    )
    h1 = [settle(" ".join("".join(element.itertext()).split())) for element in root.iter("h1")]
    return Head(jsonld.article_node(root), metas, title or None, tuple(text for text in h1 if text), canonical)


def site_name(head: Head) -> str | None:
    """Return the site's name as it writes it itself."""
    told = head.first(("og:site_name", "application-name", "al:android:app_name"))
    publisher = next((name for name, _ in jsonld.names(head.node.get("publisher"))), None)
    return settle(unescape(told or publisher or "")) or None


def title_of(page: Page, head: Head, site: str | None) -> str | None:
    """Return the headline: the one that the reader sees, where the machine's agree with it."""
    url = page.url
    headline = _clean(jsonld.text_of(head.node.get("headline")))
    told = _clean(head.first(TITLE_KEYS))
    plain = _clean(head.title)
    names = {squeeze(name) for name in (site or "", _host_label(url)) if name}
    witnesses = [squeeze(text) for text in (plain, told, headline) if text]
    seen = [text for text in head.h1 if squeeze(text) and squeeze(text) not in names]
    for text in seen:
        key = squeeze(text)
        if any(key in witness for witness in witnesses) or any(
            len(witness) > 14 and witness in key for witness in witnesses[:2]
        ):
            return text
    if headline and squeeze(headline) not in names:
        return headline
    for written in (told, plain):
        if written and (printed := _printed(written, page, names)):
            return printed
    if told and squeeze(told) not in names:
        return without_site(told, names)
    if len(seen) == 1 and len(seen[0]) > 14:
        return seen[0]
    return without_site(plain, names) if plain else (seen[0] if seen else None)


def _printed(title: str, page: Page, names: set[str]) -> str | None:
    """Return the longest run of a title's parts that stands on the page by itself, as a headline does."""
    shown = {
        squeeze(block.text)
        for block in page.blocks
        if 10 <= block.weight <= 400 and (block.link_share < 0.5 or block.is_heading)
    }
    cuts = [match.span() for match in SEPARATOR.finditer(title)][:8]
    starts, ends = [0, *(cut[1] for cut in cuts)], [*(cut[0] for cut in cuts), len(title)]
    runs = {title[start:end].strip() for start in starts for end in ends if end > start}
    for run in sorted(runs, key=lambda run: (-len(run), run)):
        if words(run) >= 3 and squeeze(run) in shown - names:
            return run
    return None


def without_site(title: str, names: set[str]) -> str:
    """Return a title without the site's name before or behind it; the longest part where the name is not known."""
    parts = SEPARATOR.split(title)
    if len(parts) < 2:
        return title
    first, last = squeeze(parts[0]), squeeze(parts[-1])
    cuts = [match.span() for match in SEPARATOR.finditer(title)]
    if last in names or any(name in last for name in names if len(name) > 3):
        rest = title[: cuts[-1][0]].strip()
        return without_site(rest, names) if rest else title
    if first in names:
        return title[cuts[0][1] :].strip() or title
    head = title[: cuts[-1][0]].strip()
    return head if len(head) > 2 * len(parts[-1]) and words(parts[-1]) <= 4 else title


def authors_of(  # noqa: PLR0917
    page: Page,
    head: Head,
    nearby: Sequence[TextBlock],
    book: Phrasebook,
    languages: Sequence[Language],
    site: str | None,
) -> tuple[tuple[str, ...], str | None]:
    """Return the people who wrote the article (a desk where nobody is named), and an agency named as author."""
    joiners = tuple(word for language in languages for word in language.credits.joiners)
    shut = {squeeze(name) for name in (site or "", _host_label(page.url)) if name}
    agency: str | None = None
    for source in _author_sources(page, head, nearby, book):
        people, desks = list[str](), list[str]()
        for raw in source:
            for name in _split_names(raw, book, joiners):
                folded = fold(name)
                if folded in book.agencies:
                    agency = agency or name
                elif folded in book.desks or squeeze(name) in shut:
                    desks.append(name)
                else:
                    people.append(name)
        desks = [name for name in desks if squeeze(name) not in shut]
        if people or desks:
            return tuple(dict.fromkeys(people or desks)), agency
    return (), agency


def _author_sources(page: Page, head: Head, nearby: Sequence[TextBlock], book: Phrasebook) -> Iterator[list[str]]:
    """Give the places where authors are named, the surest first."""
    yield [name for name, _ in jsonld.names(head.node.get("author"))]
    yield [value for key in AUTHOR_KEYS for value in head.metas.get(key, ())][:6]
    yield _marked_authors(page)
    yield [rest for block in nearby if (rest := _after_by(block, book))]


def _marked_authors(page: Page) -> list[str]:
    """Read elements that are marked as the author: microdata, rel=author, telling names; not those of comments."""
    root = page.root
    assert root is not None
    found: list[str] = []
    for query in (
        ".//*[@itemprop='author']",
        ".//a[@rel='author']",
        ".//*[contains(@class,'author') or contains(@class,'byline') or contains(@class,'field--name-uid')]",
    ):
        for element in root.xpath(query)[:30]:
            if not isinstance(element.tag, str) or element.tag in (
                "body",
                "html",
                "article",
                "section",
                "main",
                "img",
                "script",
                "meta",
            ):
                continue
            names = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('rel') or ''}".lower()
            around = " ".join(
                (up.get("class") or "") + " " + (up.get("id") or "") for up in (element, *_up(element, 4))
            ).lower()
            if COMMENTS.search(around) or not BYLINE.search(names):
                continue
            inner = element.xpath(".//*[@itemprop='name']") or [element]
            text = settle(" ".join(" ".join(inner[0].itertext()).split()))
            if text and words(text) <= 2 * MOST_NAME_WORDS:
                found.append(text)
        if found:
            return found[:4]
    return []


def _up(element: object, count: int) -> Iterator[object]:
    for number, parent in enumerate(element.iterancestors()):  # type: ignore[attr-defined]
        if number == count:
            return
        yield parent


def _after_by(block: TextBlock, book: Phrasebook) -> str | None:
    """Return what follows "by" in a byline near the headline."""
    if block.weight > 90:
        return None
    opened = book.opening(fold(block.text))
    if not opened or opened[0] != "by" or not opened[1]:
        return None
    if UNSEGMENTED.match(opened[1]):
        return opened[1].split()[0]
    count = len(fold(block.text).split()) - len(opened[1].split())
    return " ".join(re.split(r"[\s:\uff1a|]+", block.text)[count:]) or None


def _split_names(raw: str, book: Phrasebook, joiners: Sequence[str]) -> list[str]:
    text = settle(unescape(raw))
    if "//" in text or "@" in text:
        return []
    for joiner in joiners:
        text = re.sub(rf"\s+{re.escape(joiner)}\s+", ", ", text, flags=re.IGNORECASE)
    found = []
    for part in NAME_BREAK.split(text):
        name = _without_by(part.strip(" \t.:\uff1a\"'\u00ab\u00bb*"), book)
        name = ROLE.sub("", name).strip(" .:\uff1a-")
        if (
            name
            and not NOT_NAME.search(name)
            and words(name) <= MOST_NAME_WORDS
            and any(char.isalpha() for char in name)
        ):
            found.append(name)
    return found


def _without_by(name: str, book: Phrasebook) -> str:
    if fold(name) in book.desks | book.agencies:
        return name
    opened = book.opening(fold(name))
    if opened and opened[0] == "by" and opened[1]:
        drop = len(fold(name).split()) - len(opened[1].split())
        pieces = name.split()
        # In scripts without spaces the word and the name are one piece: it stays as it is.
        return " ".join(pieces[drop:]) if 0 < drop < len(pieces) else name
    return name


def section_of(head: Head) -> str | None:
    """Return the section that the page says it stands in."""
    return _clean(jsonld.text_of(head.node.get("articleSection")) or head.first(SECTION_KEYS))


def tags_of(page: Page, head: Head) -> tuple[str, ...]:
    """Return the article's tags, each once, in the page's order."""
    told = head.node.get("keywords")
    raw = (
        [item for item in told if isinstance(item, str)]
        if isinstance(told, list)
        else [told]
        if isinstance(told, str)
        else []
    )
    if not raw:
        raw = next((values for key in TAG_KEYS if (values := head.metas.get(key))), [])
    if not raw and page.root is not None:
        raw = ["".join(link.itertext()) for link in page.root.xpath(".//a[contains(@rel,'tag')]")[:MOST_TAGS]]
    parts = raw if len(raw) > 1 else re.split(r"\s*[,;\u060c\u3001\uff0c]\s*", raw[0]) if raw else []
    return tuple(dict.fromkeys(tag for part in parts if (tag := settle(unescape(part))) and len(tag) < 80))[:MOST_TAGS]


def image_of(page: Page, head: Head) -> str | None:
    """Return the address of the article's picture."""
    return absolute(
        jsonld.text_of(head.node.get("image"))
        or head.first(("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")),
        page.url,
    )


def canonical_of(page: Page, head: Head) -> str | None:
    """Return the address that the page claims as its own."""
    return absolute(head.canonical, page.url) or absolute(head.first(("og:url",)), page.url)


def absolute(address: str | None, base: str) -> str | None:
    """Return an http address made whole, or None for what is none."""
    try:
        whole = urljoin(base, (address or "").strip()) if address and address.strip() else ""
        return whole if urlsplit(whole).scheme in ("http", "https") else None
    except ValueError:
        return None


def _clean(text: str | None) -> str | None:
    return settle(MARKUP.sub(" ", unescape(text))) or None if text else None


def _host_label(url: str) -> str:
    try:
        labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    except ValueError:
        return ""
    return labels[0] if labels else ""
