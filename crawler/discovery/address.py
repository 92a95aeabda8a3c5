"""One spelling for each address: for asking (`address`) and for telling articles apart (`article_key`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import unquote, urljoin

import idna

from settings.platforms import platforms

WEB = re.compile(r"(?P<scheme>https?)://+(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE)
"""An absolute web address, taken apart as browsers do (WHATWG URL; more slashes than two are two)."""
ORIGIN = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
SPELLED = re.compile(rf"https?://{LABEL}(?:\.{LABEL}){{1,6}}/(?:[A-Za-z0-9_~!$*,:@/.-]++|%[89A-F][0-9A-F])*+")
"""Addresses that have their one spelling already, as most links do: no port, query or dot segment. For speed alone."""
BLANKS = re.compile(r"[\t\n\r]+")
EDGES = "".join(map(chr, range(0x21)))
"""What browsers strip from both ends: C0 controls and the blank."""
HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
MAX_HOST = 253
"""Characters of a host's name (RFC 1035)."""
PORT = re.compile(r"\d{1,5}", re.ASCII)
DEFAULT_PORTS = {"http": "80", "https": "443"}
IN_PATH = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/-]")
IN_QUERY = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&()*+,;=:@/?-]")
"""What must be percent-encoded, and what is, to be spelled anew: as Scrapy asks for it (w3lib.url.safe_url_string)."""
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
AMP_FILE = re.compile(r"\.amp(\.s?html?)$", re.IGNORECASE)
AMP_FOLDER = re.compile(r"(?P<page>.*/(?P<last>[^/]+))/amp(?P<slash>/?)$", re.IGNORECASE)
ARTICLE_LIKE = re.compile(r"\d|%[89A-F]|-.*-|\.\w+$")
"""A segment before `/amp` that names an article: by a digit, a letter beyond ASCII, two hyphens or a file ending."""
ALIAS_HOST = re.compile(r"^(?:www\d?|m|mobile|amp|wap)\.(?=[^.]+\.)")
INDEX_FILE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
SLASHES = re.compile(r"//+")


@dataclass(frozen=True, slots=True)
class Parts:
    """An address taken apart, each part in its one spelling. `port` is "" where it is the scheme's own."""

    scheme: str
    host: str
    port: str
    path: str
    query: str

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def text(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}" + (f"?{self.query}" if self.query else "")


@lru_cache(maxsize=8192)
def parts(url: str) -> Parts | None:
    """Take a web address apart, or return None for what is none (another scheme, no host, an impossible port)."""
    match = WEB.match(BLANKS.sub("", url.strip(EDGES)).replace("\\", "/"))
    if match is None:
        return None
    scheme = match["scheme"].lower()
    authority = _authority(match["authority"].rpartition("@")[2], scheme)
    if authority is None:
        return None
    path = _path(match["path"])
    return Parts(scheme, *authority, _without_amp(path), _query(match["query"] or ""))


def address(url: str) -> str:
    """Return the one spelling of an address, in which it is asked for; "" for what is no web address.

    Scheme and host in lower case, international names in punycode, no user, default port, fragment, session or tracking
    parameter; dot segments resolved; percent-encoding in upper-case UTF-8, so that a slug in raw letters and the same
    encoded are one; AMP copies of sure form (`/slug/amp/`, `.amp.html`, `?amp=1`) folded. The order of the query
    stays, as some sites depend on it. A fixed point: `address(address(u)) == address(u)`.
    """
    if SPELLED.fullmatch(url) and "/." not in url and "amp" not in url[-9:].lower():
        return url
    found = parts(url)
    return found.text if found else ""


def article_key(url: str) -> str:
    """Return what names one article within an outlet: two addresses with the same key are the same article.

    Beyond `address`: http and https, `www.`, `m.` and `amp.` hosts, a trailing slash, doubled slashes, an index file,
    the order of parameters and parameters such as `ref=home` make no difference. A key is no address: do not ask for
    it.
    """
    found = parts(url)
    if found is None:
        return ""
    host = ALIAS_HOST.sub("", found.host)
    path = INDEX_FILE.sub("/", SLASHES.sub("/", found.path)).rstrip("/")
    if match := AMP_FOLDER.fullmatch(path):
        path = match["page"] if ARTICLE_LIKE.search(match["last"]) else path
    query = "&".join(sorted(p for p in found.query.split("&") if p and not _is_soft(p)))
    return f"{host}{':' + found.port if found.port else ''}{path}" + (f"?{query}" if query else "")


def join(base: str, href: str, encoding: str = "utf-8") -> str:
    """Return the `address` of a link on a page, or "" for what leads nowhere (a bare fragment, mailto:, javascript:).

    `encoding` is the page's: letters in a query are sent in it (URL standard), those of a path always in UTF-8.
    """
    href = href.strip(EDGES)
    if not href or href[0] == "#":
        return ""
    if not href.isascii() and encoding != "utf-8":
        before, mark, query = href.partition("?")
        href = before + mark + _in_charset(query, encoding)
    if WEB.match(href):
        return address(href)
    if href[0] == "/" and href[1:2] not in ("/", "\\") and (root := ORIGIN.match(base)):
        return address(root[0] + href)
    try:
        return address(urljoin(base, BLANKS.sub("", href).replace("\\", "/")))
    except ValueError:  # impossible ports and brackets in the host
        return ""


def segments(path: str) -> list[str]:
    """Return the segments of an address' path in letters, without the empty ones."""
    return [unquote(segment) for segment in path.split("/") if segment]


def _authority(text: str, scheme: str) -> tuple[str, str] | None:
    host, port = text, ""
    if text.startswith("["):
        inside, bracket, port = text[1:].partition("]")
        try:
            host = f"[{IPv6Address(inside).compressed}]"
        except AddressValueError:
            return None
        if not bracket or port[:1] not in ("", ":"):
            return None
        port = port[1:]
    else:
        if ":" in text:
            host, _, port = text.rpartition(":")
        host = _host(host)
    if not host or (port and not (PORT.fullmatch(port) and 0 < int(port) < 65536)):
        return None
    port = str(int(port)) if port else ""
    return host, "" if port == DEFAULT_PORTS[scheme] else port


def _host(name: str) -> str:
    name = unquote(name).lower()
    if not name.isascii():
        if len(name) > MAX_HOST:
            return ""
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    name = name.removesuffix(".")
    return name if HOST.fullmatch(name) else ""


def _path(path: str) -> str:
    path = SESSION.sub("", IN_PATH.sub(_recode, path))
    if "/." not in path:
        return path or "/"
    kept: list[str] = []
    *folders, last = path.split("/")[1:]
    for segment in (*folders, last):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if last in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _without_amp(path: str) -> str:
    path = AMP_FILE.sub(r"\1", path)
    while (match := AMP_FOLDER.fullmatch(path)) and match["slash"] and ARTICLE_LIKE.search(match["last"]):
        path = match["page"] + match["slash"]
    return path


def _query(query: str) -> str:
    pairs = (IN_QUERY.sub(_recode, pair) for pair in query.split("&"))
    return "&".join(pair for pair in pairs if pair and not _is_noise(pair))


def _recode(match: re.Match[str]) -> str:
    if match[1]:
        letter = chr(int(match[1], 16))
        return letter if letter in UNRESERVED else match[0].upper()
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def _is_noise(pair: str) -> bool:
    known = platforms()
    pair = pair.lower()
    name = pair.partition("=")[0]
    return name in known.tracking.names or name.startswith(known.tracking.prefixes) or pair in known.amp.query


def _is_soft(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return name.lower() in platforms().tracking.soft and not value.isdigit()


def _in_charset(query: str, encoding: str) -> str:
    return "".join(
        letter if letter.isascii() else "".join(f"%{byte:02X}" for byte in letter.encode(encoding, "xmlcharrefreplace"))
        for letter in query
    )
