"""What a page needs to look as it did: style sheets, images, fonts, scripts, media, by kind and in order of need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from lxml import etree

from crawler.discovery.address import join
from crawler.discovery.payload import decode, inflate
from settings.platforms import platforms

RequisiteKind = Literal["style", "image", "icon", "font", "script", "media"]

MAX_REQUISITES = 2000
MAX_CSS = 4 << 20
CSS_URL = re.compile(r"""url\(\s*(?:"([^"\n]{1,2000})"|'([^'\n]{1,2000})'|([^"'()\s]{1,2000}))\s*\)""", re.IGNORECASE)
CSS_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"'()\s;]{1,2000})""", re.IGNORECASE)
CSS_COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
CANDIDATE = re.compile(r"[\s,]*(\S*[^\s,])(?:\s+([^,]+))?")
"""One candidate of a srcset: an address, which may hold commas, and a width or density."""
FONT_FILE = re.compile(r"\.(?:woff2?|ttf|otf|eot)(?:$|[?#])", re.IGNORECASE)
IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|ico)(?:$|[?#])", re.IGNORECASE)
PRELOADED: dict[str, RequisiteKind] = {
    "style": "style",
    "image": "image",
    "font": "font",
    "script": "script",
    "video": "media",
    "audio": "media",
}
MARKED = ("img", "source", "video", "audio", "track", "embed", "object", "input", "script", "link", "style", "image")


@dataclass(frozen=True, slots=True)
class Requisite:
    """One file that a page shows or runs."""

    url: str
    kind: RequisiteKind
    primary: bool = True
    """False for other sizes of an image that the page has already: the first to leave out where a cap is reached."""


def page_requisites(tree: etree._Element, base: str) -> tuple[Requisite, ...]:
    """Return what a page's tree refers to; style sheets first, then what stands on it in order, then other sizes."""
    found = _Found(base)
    for element in tree.iter(*MARKED):
        getattr(found, f"tag_{element.tag}")(element)
    for style in _values(tree, "//@style[contains(., 'url(')]"):
        found.css(style)
    for href in _values(tree, "//@background"):
        found.add(href, "image")
    return found.sorted()


def css_requisites(body: bytes, url: str, content_type: str | None = None) -> tuple[Requisite, ...]:
    """Return what a style sheet refers to: sheets that it imports, images, fonts."""
    found = _Found(url)
    found.css(decode(inflate(body, MAX_CSS)[0], content_type))
    return found.sorted()


def _values(tree: etree._Element, path: str) -> list[str]:
    values = tree.xpath(path)
    return [str(value) for value in values[:MAX_REQUISITES]] if isinstance(values, list) else []


class _Found:
    """What has been found on one page so far."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.rows: dict[str, Requisite] = {}

    def add(self, href: str | None, kind: RequisiteKind, *, primary: bool = True) -> None:
        if not href or len(href) > 4000 or href[:5].lower() == "data:" or len(self.rows) >= MAX_REQUISITES:
            return
        url = join(self.base, href)
        if url and (url not in self.rows or (primary and not self.rows[url].primary)):
            self.rows[url] = Requisite(url, kind, primary)

    def sorted(self) -> tuple[Requisite, ...]:
        return tuple(sorted(self.rows.values(), key=lambda row: (not row.primary, row.kind != "style")))

    def css(self, text: str) -> None:
        text = CSS_COMMENT.sub("", text[:MAX_CSS])
        imported = set(CSS_IMPORT.findall(text))
        for href in imported:
            self.add(href, "style")
        for match in CSS_URL.finditer(text):
            href = (match[1] or match[2] or match[3] or "").strip()
            if href not in imported:
                self.add(href, "font" if FONT_FILE.search(href) else "image")

    def srcset(self, text: str | None, *, primary: bool = False) -> None:
        """Take a srcset's candidates; the last, by habit the largest, stands for the image where it has no src."""
        candidates = [match[1] for match in islice(CANDIDATE.finditer((text or "")[:20_000]), 20)]
        for number, href in enumerate(candidates, 1):
            self.add(href, "image", primary=primary and number == len(candidates))

    def tag_img(self, element: etree._Element) -> None:
        attributes = {str(name): str(value) for name, value in element.items()}
        source = attributes.get("src", "")
        self.add(source, "image")
        late = [attributes[name] for name in platforms().page.lazy if name in attributes]
        late = [href for href in late if "/" in href or IMAGE_FILE.search(href)]
        for href in late:
            self.add(href, "image")
        shown = bool(late or (source and not source.startswith("data:")))
        for name in ("srcset", *platforms().page.lazy_sets):
            if name in attributes:
                self.srcset(attributes[name], primary=not shown)

    tag_image = tag_input = tag_img

    def tag_source(self, element: etree._Element) -> None:
        self.srcset(element.get("srcset"))
        for name in platforms().page.lazy_sets:
            self.srcset(element.get(name))
        self.add(element.get("src"), "media")

    def tag_video(self, element: etree._Element) -> None:
        self.add(element.get("poster"), "image")
        self.add(element.get("src"), "media")

    tag_audio = tag_track = tag_embed = tag_video

    def tag_object(self, element: etree._Element) -> None:
        self.add(element.get("data"), "media")

    def tag_script(self, element: etree._Element) -> None:
        self.add(element.get("src"), "script")

    def tag_style(self, element: etree._Element) -> None:
        if element.text:
            self.css(element.text)

    def tag_link(self, element: etree._Element) -> None:
        rel = (element.get("rel") or "").lower().split()
        href = element.get("href")
        if "stylesheet" in rel:
            self.add(href, "style", primary="alternate" not in rel)
        elif "icon" in rel or "apple-touch-icon" in rel or "mask-icon" in rel:
            self.add(href, "icon")
        elif "preload" in rel and (kind := PRELOADED.get((element.get("as") or "").lower())):
            self.add(href, kind)
        elif "modulepreload" in rel:
            self.add(href, "script")
