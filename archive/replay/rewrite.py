"""Archived HTML made harmless and kept within the archive: links and parts rewritten, whatever acts removed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring, tostring

from archive.replay import charset
from archive.replay.address import Links
from archive.replay.css import rewrite_css

# Act, or are no part of what is seen: gone with what is in them.
REMOVED: Final = frozenset({"script", "iframe", "template", "handler"})

# Show or do what was never captured as part of the page: the tag goes. What is in it stays, as it is what browsers show
# instead, or (for those that have no end tag, which libxml2 does not know) the rest of the page.
UNTAGGED: Final = frozenset(
    {"object", "embed", "applet", "portal", "fencedframe", "frameset", "frame", "bgsound", "param", "keygen", "base"}
    | {"animate", "animatemotion", "animatetransform", "set"}
)

# Read as plain text by browsers and as elements by others, or read differently with scripts off: the content stays in
# an element that is always read alike.
UNWRAPPED: Final = {"noscript": "span", "noembed": "span", "noframes": "span"} | dict.fromkeys(
    ("xmp", "plaintext", "listing"), "pre"
)

# Ask for something as soon as they are seen (ping), change what others mean (integrity would refuse a rewritten sheet,
# crossorigin an image without CORS headers), or leave the frame (target).
DROPPED: Final = frozenset(
    {"action", "formaction", "formtarget", "method", "ping", "integrity", "crossorigin", "nonce", "referrerpolicy"}
    | {"target", "srcdoc", "manifest", "classid", "codebase", "archive", "code", "profile", "longdesc", "cite", "data"}
    | {"attributionsrc", "http-equiv", "autofocus", "autoplay", "is", "imagesrcset", "imagesizes", "download"}
    | {"loading", "blocking", "popovertarget", "command", "commandfor", "itemid"}
)

FOLLOWED: Final = frozenset({"a", "area"})
"""Elements whose href is a link to follow; elsewhere an address is a part of the page."""

PARTS: Final = frozenset({"src", "poster", "background", "href", "xlink:href", "lowsrc", "dynsrc"})
LISTS: Final = frozenset({"srcset"})

# Where scripts that no longer run would have taken the address from, the commonest first.
LAZY: Final = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-orig-file", "data-full-url", "data-url")
LAZY_LISTS: Final = ("data-srcset", "data-lazy-srcset")
LAZY_ELEMENTS: Final = frozenset({"img", "source", "video", "audio"})

IN_HEAD: Final = "in-head"
"""Stands for a noscript element in the head until its tags go: only style sheets are in it."""

SHEET: Final = frozenset({"stylesheet"})
ICON: Final = frozenset({"icon", "apple-touch-icon"})
META: Final = frozenset({"viewport", "color-scheme", "theme-color"})
"""What meta elements say about looks. The others say nothing to a reader, and some (referrer, refresh) act."""

NAME: Final = re.compile(r"[A-Za-z_][\w.:-]*", re.ASCII)
DOCTYPE: Final = re.compile(
    r"""(?> \s++ | <\?xml [^>]*+ > | <!-- .*? --> )*+ (<!DOCTYPE \s [\w\s"'./:,()+-]*+ >)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL | re.ASCII,
)

# Within SVG these can end in themselves; elsewhere, and to libxml2 everywhere, all that follows would be their text.
FOREIGN: Final = re.compile(r"<(?P<end>/?)svg\b|<(?P<tag>script|style|title)\b[^<>]*+(?<=/)>", re.IGNORECASE)

# One image of a srcset, as the HTML standard reads it: an address ends at white space, or at the commas before that.
BETWEEN: Final = re.compile(r"[\s,]*+")
ADDRESS: Final = re.compile(r"\S++")
SIZE: Final = re.compile(r"[^,(]*+(?:\([^)]*+\)?+[^,(]*+)*+")


def rewrite_html(body: bytes, links: Links, content_type: str | None = None) -> bytes:
    """Return the page as UTF-8: it looks as it did as far as that needs no scripts, and asks for nothing outside.

    `links.base` is the page's own address; the page's base element is heeded. Never raises on any bytes.
    """
    text = charset.read(body, content_type)
    parser = HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = document_fromstring(_plain(text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return b""
    _Page(links).clean(root)
    doctype = DOCTYPE.match(text)
    return b"%b%b" % (f"{doctype[1]}\n".encode() if doctype else b"", tostring(root, encoding="utf-8"))


def _plain(text: str) -> bytes:
    if "<svg" in text:
        text = _close_in_svg(text)
    # U+0000 ends a text for libxml2 and is U+FFFD in HTML; half surrogates have no UTF-8.
    return text.replace("\0", "\ufffd").encode("utf-8", "replace") or b" "


def _close_in_svg(text: str) -> str:
    depth = 0

    def written(found: re.Match[str]) -> str:
        nonlocal depth
        if not found["tag"]:
            depth = max(0, depth - 1) if found["end"] else depth + 1
        elif depth:
            return f"{found[0][:-2]}></{found['tag']}>"
        return found[0]

    return FOREIGN.sub(written, text)


class _Page:
    def __init__(self, links: Links) -> None:
        self.links = links

    def clean(self, root: HtmlElement) -> None:
        self._heed_base(root)
        for node in list(root.iter()):
            if not isinstance(node.tag, str):
                # Comments can be conditional, processing instructions can name style sheets.
                _remove(node)
            elif node.tag in REMOVED:
                _remove(node)
            elif node.tag in UNTAGGED or not NAME.fullmatch(node.tag):
                node.drop_tag()
            elif node.tag in UNWRAPPED and node is not root:
                self._unwrap(node)
            else:
                self._element(node)
        for node in list(root.iter(IN_HEAD)):
            node.drop_tag()
        _declare_utf8(root)

    def _heed_base(self, root: HtmlElement) -> None:
        for base in root.iter("base"):
            if href := base.get("href"):
                self.links = self.links.within(href)
                return

    def _unwrap(self, node: HtmlElement) -> None:
        before, parent = node.getprevious(), node.getparent()
        if before is not None and any(image.get(name) for image in before.iter("img") for name in LAZY):
            # The copy of a lazy image for browsers without scripts: here the lazy one shows already.
            _remove(node)
            return
        node.tag = IN_HEAD if parent is not None and parent.tag == "head" else UNWRAPPED[node.tag]
        self._attributes(node)

    def _element(self, node: HtmlElement) -> None:
        match node.tag:
            case "meta" if (node.get("name") or "").lower() not in META:
                _remove(node)
            case "link" if not _kept_link(node):
                _remove(node)
            case "style":
                node.text = rewrite_css(node.text_content(), self.links)
                del node[:]
                self._attributes(node)
            case "title" | "textarea":
                # Only text can be in these; what a parser made elements of would be read anew by a browser.
                node.text = node.text_content()
                del node[:]
                self._attributes(node)
            case _:
                _wake(node)
                self._attributes(node)

    def _attributes(self, node: HtmlElement) -> None:
        for name, value in node.items():
            new = self._value(str(node.tag), name.lower(), value)
            if new is None or not NAME.fullmatch(name):
                del node.attrib[name]
            elif new != value:
                node.set(name, new)

    def _value(self, tag: str, name: str, value: str) -> str | None:
        if name.startswith("on") or name in DROPPED:
            return None
        if name in LISTS:
            return _rewrite_list(value, self.links.part)
        if name == "style":
            return rewrite_css(value, self.links)
        if name in PARTS:
            if tag in FOLLOWED:
                return self.links.page(value)
            if value.startswith("#"):
                return value
            return self.links.part(value) if value.strip() else None
        return value


def _remove(node: HtmlElement) -> None:
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is None:
            parent.text = (parent.text or "") + node.tail
        else:
            before.tail = (before.tail or "") + node.tail
    parent.remove(node)


def _kept_link(node: HtmlElement) -> bool:
    """Tell whether a link element shows something: style sheets, also those that a script would have switched on."""
    rel = set((node.get("rel") or "").lower().split())
    if "preload" in rel and (node.get("as") or "").lower() == "style":
        rel = {"stylesheet"}
    if rel & SHEET:
        node.set("rel", "alternate stylesheet" if "alternate" in rel else "stylesheet")
        if (node.get("media") or "").lower() == "print" and "media" in (node.get("onload") or ""):
            del node.attrib["media"]
        _links_only(node)
        return bool(node.get("href"))
    if rel & ICON or rel == {"shortcut", "icon"}:
        node.set("rel", "icon")
        _links_only(node)
        return bool(node.get("href"))
    return False


def _links_only(node: HtmlElement) -> None:
    for name in node.keys():  # noqa: SIM118 (an element's iterator gives its children)
        if name not in {"rel", "href", "media", "type", "sizes", "title"}:
            del node.attrib[name]


def _wake(node: HtmlElement) -> None:
    """Give an image that waits for a script the address that the script would have given it."""
    if node.tag not in LAZY_ELEMENTS:
        return
    for name in LAZY:
        if value := (node.get(name) or "").strip():
            node.set("src", value)
            break
    for name in LAZY_LISTS:
        if value := (node.get(name) or "").strip():
            node.set("srcset", value)
            break


def _rewrite_list(value: str, part: Callable[[str], str | None]) -> str | None:
    return ", ".join(_candidates(value, part)) or None


def _candidates(value: str, part: Callable[[str], str | None]) -> Iterator[str]:
    at = BETWEEN.match(value).end()  # type: ignore[union-attr]  # it matches the empty string
    while address := ADDRESS.match(value, at):
        size = SIZE.match(value, address.end()) if not address[0].endswith(",") else None
        if url := part(address[0].rstrip(",")):
            yield f"{url} {size[0].strip() if size else ''}".strip()
        at = BETWEEN.match(value, (size or address).end()).end()  # type: ignore[union-attr]


def _declare_utf8(root: HtmlElement) -> None:
    meta = root.makeelement("meta", {"charset": "utf-8"})
    head = root.find("head")
    if head is None:
        head = root.makeelement("head", {})
        root.insert(0, head)
    head.insert(0, meta)
