"""One key for every spelling of an article's address within an outlet: what is equal here is one article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote_to_bytes, urlsplit

TRACKING = re.compile(
    r"""
      utm_\w+ | (?:fb|g|d|y|tt|tw)clid | msclkid | [gw]braid | li_fat_id | igshid | igsh  # click numbers
    | mc_[ce]id | mkt_tok | _hs(?:enc|mi)                                                         # newsletters
    | _ga | _gl | xtor | cmpid | ocid | ncid | smid | s_cid | icid | wt_mc
    | ns_(?:source|mchannel|campaign|linkname|fee) | at_(?:medium|campaign|custom\d|format|link_\w+|ptr_name)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Query parameters that say where a reader came from and not what is read."""

WWW = re.compile(r"www\d?\.")
DEFAULT_PORTS = {"http": 80, "https": 443}
PATH_SAFE = "/:@!$&'()*+,;=~"
QUERY_SAFE = "/:@!$'()*,;~?"


def article_key(url: str) -> str:
    """Give the key of an address, without its scheme.

    Equal for http and https, with and without www., default port, trailing slash, fragment and tracking parameters, in
    any order of parameters and any percent-encoding of the same characters. Never raises: an address that is no http
    address is its own key.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return url
    host = WWW.sub("", _ascii_host(parts.hostname), count=1)
    host = f"[{host}]" if ":" in host else host
    if port is not None and port not in DEFAULT_PORTS.values():
        host = f"{host}:{port}"
    path = _spelled(parts.path, PATH_SAFE).rstrip("/")
    query = "&".join(sorted(_parameters(parts.query)))
    return f"{host}{path}?{query}" if query else f"{host}{path}"


def host_of(key: str) -> str:
    """Give the host and port of a key."""
    return key.split("/", 1)[0].split("?", 1)[0]


def is_root(key: str) -> bool:
    """Tell whether a key is a host's front page."""
    return "/" not in key and "?" not in key


def _ascii_host(host: str) -> str:
    host = host.rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _parameters(query: str) -> Iterator[str]:
    for parameter in query.split("&"):
        name, equals, value = parameter.replace("+", " ").partition("=")
        if parameter and not TRACKING.fullmatch(name):
            yield _spelled(name, QUERY_SAFE) + (f"={_spelled(value, QUERY_SAFE)}" if equals else "")


def _spelled(part: str, safe: str) -> str:
    return quote(unquote_to_bytes(part.encode("utf-8", "surrogatepass")), safe=safe)
