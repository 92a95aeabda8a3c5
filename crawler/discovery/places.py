"""Where on a page an element stands: in its navigation, footer, main part, an article's box, a heading."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from lxml import etree

from settings.platforms import platforms

Place = frozenset[str]
NOWHERE: Place = frozenset()
TAGS = {
    "nav": "nav", "header": "header", "footer": "footer", "aside": "aside", "main": "main", "article": "article",
    "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading",
    "figure": "figure",
    "menu": "nav",
}  # fmt: skip
ROLES = {
    "navigation": "nav", "menu": "nav", "menubar": "nav", "banner": "header", "contentinfo": "footer", "main": "main",
    "article": "article", "heading": "heading", "complementary": "aside",
}  # fmt: skip
WORD = re.compile(r"[a-z]+")
HEADING_CLASS = re.compile(r"(?:^|[\s_-])(?:title|headline|heading|entry-title)(?:$|[\s_-])")
OF_PAGE = frozenset({"html", "body"})
"""Their classes name the kind of page (`has-sidebar`), not a part of it."""


@cache
def _by_word() -> dict[str, str]:
    words = platforms().page
    listed = {
        "aside": words.aside,
        "header": words.header,
        "nav": words.nav,
        "footer": words.footer,
        "pager": words.pager,
    }
    return {word: place for place, group in listed.items() for word in group}


@lru_cache(maxsize=8192)
def _own(tag: str, classes: str | None, ident: str | None, role: str | None) -> Place:
    """Return the part of the page that an element's own tag and names say it is; the same names come on every page."""
    if tag in OF_PAGE:
        return NOWHERE
    classes = (classes or "")[:200].lower()
    names = f"{classes} {(ident or '')[:100].lower()}"
    words = _by_word()
    found = {place for word in WORD.findall(names) if (place := words.get(word))}
    if tag in TAGS:
        found.add(TAGS[tag])
    if role in ROLES:
        found.add(ROLES[role])
    if not platforms().page.next.isdisjoint(classes.split()):
        found.add("next")
    if tag != "a" and HEADING_CLASS.search(names):
        found.add("heading")
    return frozenset(found)


class Places:
    """The places of one page's elements; what stands around an element is worked out once."""

    def __init__(self) -> None:
        self._known: dict[etree._Element, Place] = {}

    def of(self, element: etree._Element) -> Place:
        """Return the parts of the page in which an element stands, its own part among them."""
        path: list[etree._Element] = []
        here: etree._Element | None = element
        while here is not None and here not in self._known:
            path.append(here)
            here = here.getparent()
        place = self._known[here] if here is not None else NOWHERE
        for step in reversed(path):
            own = _own(step.tag, step.get("class"), step.get("id"), step.get("role"))
            if own and not own <= place:
                # an article's own header holds its headline, and is no header of the page
                place = place | (own - {"header"} if "article" in place else own)
            self._known[step] = place
        return place
