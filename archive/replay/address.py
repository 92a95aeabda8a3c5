"""Replay addresses: `/<14 digits><modifier>/<url>` read and written. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urljoin, urlsplit

RAW = "id_"
"""As archived: the entity byte for byte."""
PAGE = "mp_"
"""Rewritten so that links and requisites stay in the archive."""
PART = "im_"
"""A requisite of a page: rewritten where it is a style sheet, given without a redirect to its own time."""

MODIFIERS = {"": PAGE, PAGE: PAGE, "if_": PAGE, RAW: RAW, PART: PART, "cs_": PART, "js_": PART, "oe_": PART}
"""Those that clients of pywb and the Wayback Machine use, and what they mean here."""

ADDRESS = re.compile(r"/(?P<digits>\d{14})(?P<modifier>[a-z]{2}_)?/(?P<url>.+)", re.DOTALL | re.ASCII)
LIKE_A_TIME = re.compile(r"/\d+(?:[a-z]{2}_)?/|/\d+$", re.ASCII)

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+(?:[/?#]|$))", re.ASCII)
"""A scheme; a host followed by a port is none."""
WEB = re.compile(r"(https?):/*", re.IGNORECASE)
"""With any number of slashes: proxies and people merge two into one."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
EDGES = "".join(map(chr, range(0x21)))
"""What the URL standard cuts from both ends: space and control characters."""

WRITABLE = "!$&'()*+,-./:;=?@_~%[]"
"""What stands in a path as it is. `#` does not: a fragment is no part of what was asked for."""


class BadAddress(ValueError):
    """An address of nothing that the archive could hold. Its argument says what is wrong: `scheme`, `time` or `url`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a replay address asks for. `when` is None where it names no time."""

    url: str
    when: datetime | None
    modifier: str


def read(path: str) -> Asked:
    """Read the path of a request, percent-encoding and query still on.

    Raises BadAddress.
    """
    found = ADDRESS.fullmatch(path)
    if not found:
        if LIKE_A_TIME.match(path):
            raise BadAddress("time")
        return Asked(web_url(path[1:]), None, PAGE)
    modifier = MODIFIERS.get(found["modifier"] or "")
    if modifier is None:
        raise BadAddress("time")
    return Asked(web_url(found["url"]), moment(found["digits"]), modifier)


def web_url(text: str) -> str:
    """Return the http address that a person or a client means.

    Raises BadAddress for another scheme, for no host, and for control characters, however they are written.
    """
    text = text.strip(EDGES)
    if CONTROL.search(unquote(text)):
        raise BadAddress("url")
    if web := WEB.match(text):
        text = f"{web[1].lower()}://{text[web.end() :]}"
    elif SCHEME.match(text):
        raise BadAddress("scheme")
    else:
        text = f"http://{text.lstrip('/')}"
    try:
        host = urlsplit(text).hostname
    except ValueError as error:
        raise BadAddress("url") from error
    if not host or " " in unquote(host):
        raise BadAddress("url")
    return text.split("#", 1)[0]


def moment(digits: str) -> datetime:
    """Return the time that 14 digits say, UTC. Raises BadAddress."""
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadAddress("time") from error


def digits(when: datetime) -> str:
    """Return a time as 14 digits, UTC, the second it is in."""
    when = when.astimezone(UTC)
    return f"{when.year:04}{when:%m%d%H%M%S}"


def path_to(url: str, when: str, modifier: str = PAGE) -> str:
    """Return the path at which a URL is replayed as of `when` (14 digits)."""
    return f"/{when}{modifier}/{quote(url.split('#', 1)[0], safe=WRITABLE)}"


@dataclass(frozen=True, slots=True)
class Links:
    """Turns the links of one archived document into replay addresses."""

    base: str
    """What relative links are relative to."""
    when: str
    """14 digits: the time of the document's own capture."""

    def page(self, link: str) -> str | None:
        """Return where a link to follow leads within the archive; None for what is no web address."""
        return self._to(link, PAGE)

    def part(self, link: str) -> str | None:
        """Return where an image or style sheet is found; data: stays as it is; None for what is no web address."""
        if link.strip(EDGES)[:5].lower() == "data:":
            return link
        return self._to(link, PART)

    def within(self, base: str) -> Links:
        """Return the same for a document that names another base."""
        return Links(self.absolute(base) or self.base, self.when)

    def absolute(self, link: str) -> str | None:
        """Return the web address that a link means; None where it means none."""
        try:
            url = urljoin(self.base, _unbroken(link))
            return url if WEB.match(url) and urlsplit(url).hostname else None
        except ValueError:
            return None

    def _to(self, link: str, modifier: str) -> str | None:
        link = _unbroken(link)
        if link.startswith("#"):
            return link if modifier == PAGE else None
        url = self.absolute(link)
        if url is None:
            return None
        fragment = url.partition("#")[2]
        path = path_to(url, self.when, modifier)
        return f"{path}#{quote(fragment, safe=WRITABLE)}" if fragment else path


def _unbroken(link: str) -> str:
    """A link as browsers read it: without the tabs and line breaks inside, backslashes as slashes before the query."""
    link = re.sub(r"[\t\n\r]", "", link.strip(EDGES))
    path, mark, query = link.partition("?")
    return path.replace("\\", "/") + mark + query
