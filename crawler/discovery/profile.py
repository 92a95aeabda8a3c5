"""What the pages, feeds and sitemaps of an outlet say of it: its id, name, languages, country and sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from ipaddress import ip_address
from typing import Literal

from crawler.discovery.address import article_key, parts
from crawler.discovery.choose import Found, classify
from crawler.discovery.feeds import Feed
from crawler.discovery.pages import PageLinks
from crawler.discovery.sitemaps import Sitemap
from crawler.discovery.sites import name_of
from settings.outlet import Outlet
from settings.platforms import platforms

MAX_SECTIONS = 40
NOT_SECTIONS = frozenset({"the home page", "a short address", "a frame of the page"})
"""Reasons for which a page is walked as a list, but not written into the outlet's file."""
MAX_TEXT = 20_000
"""Characters from which the language is told; links and titles of one home page are a few thousand."""
MIN_TEXT = 40
MAX_NAME = 120
SHARE = 30
"""Percent of the text from which on a second language is one of the outlet's."""
SEPARATOR = re.compile(r"\s+[|\-–—:·•»«/~]+\s+|\s*[|｜»«–—·•]\s*|_+|\s::\s")
UNSAFE = re.compile(r"[^a-z0-9._-]+")
CODES = {
    "iw": "he",
    "jw": "jv",
    "in": "id",
    "ji": "yi",
    "mo": "ro",
    "zh-hant": "zh",
    "nb": "no",
    "nn": "no",
    "prs": "fa",
    "ary": "ar",
    "arz": "ar",
}
"""Old, regional and cld2's own codes, by the ISO 639-1 code of an outlet's file."""
WORDLIKE = re.compile(r"[^\W\d_]+(?:[\u200c'’-][^\W\d_]+)*")

Value = tuple[str, str]
"""A value and what it was read from."""
Kind = Literal["section", "name", "language", "country"]
Row = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe has seen of an outlet: its home (and what lies in its frames), feeds and sitemaps by address."""

    home: str
    pages: Sequence[PageLinks]
    feeds: Mapping[str, Feed]
    sitemaps: Mapping[str, Sitemap]


def describe(seen: Seen, taken: Collection[str], allowed: Callable[[str], bool]) -> tuple[Outlet, list[Row]]:
    """Make the Outlet of what was seen, with a row (kind, value, evidence) for each value that was read from it.

    `taken` are ids that the new one must differ from; `allowed` says whether robots.txt lets an address be asked for.
    """
    home, pages, feeds, sitemaps = seen.home, seen.pages, seen.feeds, seen.sitemaps
    name, name_from = _name(home, pages, feeds)
    languages, languages_from = _languages(pages, feeds)
    country, country_from = _country(home, pages, languages)
    draft = Outlet(
        id=outlet_id(home, taken),
        name=name,
        home=home,
        languages=languages,
        country=country,
        feeds=tuple(feeds),
        sitemaps=tuple(url for url, sitemap in sitemaps.items() if not sitemap.is_news),
        news_sitemaps=tuple(url for url, sitemap in sitemaps.items() if sitemap.is_news),
    )
    sections = _sections(pages, draft, allowed)
    rows: list[Row] = [("name", name, name_from)]
    rows += [("language", language, languages_from) for language in languages]
    rows += [("country", country, country_from)] if country else []
    rows += [("section", url, text) for url, text in sections.items()]
    return replace(draft, sections=tuple(sections)), rows


def outlet_id(home: str, taken: Collection[str]) -> str:
    """Return an id that may name files: what people call the host, made unique among those that are taken."""
    found = parts(home)
    if found is None:
        return "outlet"
    bare = _is_address(found.host) or "." not in found.host
    stem = f"{found.host}-{found.port}" if bare and found.port else found.host if bare else name_of(found.host)
    path = "-".join(segment for segment in found.path.split("/") if segment)
    short = _safe(f"{stem}-{path}" if path and len(path) <= 12 else stem)
    whole = _safe(re.sub(r"^www\.", "", found.authority.replace(":", "-")))
    candidates = [short, whole, *(f"{short[:58]}-{number}" for number in range(2, 1000))]
    return next((name for name in candidates if name not in taken), short)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _safe(text: str) -> str:
    return UNSAFE.sub("-", text.lower()).strip("-._")[:64] or "outlet"


def _name(home: str, pages: Sequence[PageLinks], feeds: Mapping[str, Feed]) -> Value:
    found = parts(home)
    host = name_of(found.host) if found else home
    for page in pages:
        for name, where in ((page.site_name, "og:site_name"), (page.data.site_name, "JSON-LD")):
            if _says_something(name):
                return name, where
    called = {host, *(link.text for page in pages for link in page.links if article_key(link.url) == article_key(home))}
    for feed in feeds.values():
        if _says_something(name := _without_slogan(feed.title, called)):
            return name, "feed title"
    for page in pages:
        if _says_something(name := _without_slogan(page.title, called)):
            return name, "page title"
    return host, "host"


def _says_something(name: str) -> bool:
    return (
        bool(WORDLIKE.search(name)) and name.strip().lower() not in platforms().names.generic and len(name) <= MAX_NAME
    )


def _without_slogan(title: str, called: Collection[str]) -> str:
    """Return the part of a title that names the outlet, else the first that tells.

    `called` is what the outlet is called elsewhere: its host, and the words of links to its home.
    """
    pieces = [piece.strip() for piece in SEPARATOR.split(title) if piece and _says_something(piece.strip())]
    if not pieces:
        return ""
    alike = {piece: max(_likeness(piece, name) for name in called) for piece in pieces}
    best = max(pieces, key=lambda piece: alike[piece])
    return best if alike[best] > 0.5 else pieces[0]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, _letters(one), _letters(other[:MAX_NAME])).ratio()


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _languages(pages: Sequence[PageLinks], feeds: Mapping[str, Feed]) -> tuple[tuple[str, ...], str]:
    """Return the outlet's languages: those of its texts; what it declares decides among languages that look alike."""
    declared = [base for text in _declarations(pages, feeds) if (base := _base(text))]
    detected = _detect(_text(pages, feeds))
    if not detected:
        return tuple(dict.fromkeys(declared[:1])), "declared" if declared else ""
    chosen: list[str] = []
    for code in detected:
        alike = [group for group in platforms().languages.alike if code in group]
        told = next((said for said in declared if said == code or any(said in group for group in alike)), "")
        chosen.append(told or code)
    return tuple(dict.fromkeys(chosen)), "the language of its titles" + (
        ", as declared" if set(chosen) & set(declared) else ""
    )


def _declarations(pages: Sequence[PageLinks], feeds: Mapping[str, Feed]) -> Iterable[str]:
    for page in pages:
        yield page.lang
        yield page.locale
    for feed in feeds.values():
        yield feed.language


def _base(text: str) -> str:
    code = re.split(r"[-_]", text.strip().lower())[0]
    return CODES.get(code, code) if re.fullmatch(r"[a-z]{2,3}", code) else ""


def _text(pages: Sequence[PageLinks], feeds: Mapping[str, Feed]) -> str:
    texts = [text for page in pages for text in (page.title, page.description, *(link.text for link in page.links))]
    texts += [text for feed in feeds.values() for text in (feed.title, *(item.title for item in feed.items[:50]))]
    return " ".join(" ".join(WORDLIKE.findall(text)) for text in dict.fromkeys(texts))[:MAX_TEXT]


def _detect(text: str) -> list[str]:
    import pycld2

    if len(text) < MIN_TEXT:
        return []
    try:
        reliable, _, rows = pycld2.detect(text.encode("utf-8", "ignore"), isPlainText=True)
    except pycld2.error:
        return []
    found = [(CODES.get(code.lower(), code.lower()), share) for _, code, share, _ in rows if code != "un"]
    if not found or not (reliable or found[0][1] > 80):
        return []
    return [code for number, (code, share) in enumerate(found) if number == 0 or share >= SHARE]


def _country(home: str, pages: Sequence[PageLinks], languages: tuple[str, ...]) -> Value:
    """Return the country (ISO 3166-1): by the host's ending, else the region of a declaration that fits the text."""
    known = platforms().countries
    found = parts(home)
    ending = found.host.rpartition(".")[2] if found and not _is_address(found.host) else ""
    if len(ending) == 2 and ending.isalpha() and ending not in known.generic:
        return known.renamed.get(ending, ending.upper()), f"the host ends in .{ending}"
    for page in pages:
        for text, where in ((page.lang, "html lang"), (page.locale, "og:locale")):
            match = re.fullmatch(r"([A-Za-z]{2,3})[-_](?:[A-Za-z]{4}[-_])?([A-Za-z]{2})", text.strip())
            if not match or f"{match[1].lower()}-{match[2].upper()}" in known.not_regions:
                continue
            if where == "og:locale" and text.lower() in ("en_us", "en-us"):
                continue  # what the tag is where nobody chose
            if _base(match[1]) in languages:
                return match[2].upper(), f"{where} {text}"
    return "", ""


def _sections(pages: Sequence[PageLinks], outlet: Outlet, allowed: Callable[[str], bool]) -> dict[str, str]:
    """Return the list pages that the home's navigation names, each with the words of its link."""
    sections: dict[str, str] = {}
    keys = {article_key(outlet.home)}
    for page in pages:
        for link in page.links:
            choice = classify(link, outlet, Found(page=outlet.home))
            if choice.kind != "listing" or choice.reason in NOT_SECTIONS:
                continue
            if (key := article_key(link.url)) not in keys and allowed(link.url) and len(sections) < MAX_SECTIONS:
                keys.add(key)
                sections[link.url] = link.text or choice.reason
    return sections
