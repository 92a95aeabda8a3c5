"""The key under which an address is indexed: one spelling for the addresses that mean the same page (SURT).

The rule is the one that cdxj-indexer and pywb write their indexes by, so that ours can be read beside theirs; it was
found by comparing what comes out, not taken from their code. Where theirs is not a fixed point of itself or gives a key
that cannot stand in a line, ours goes its own way (docs/warc.md lists where).
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from urllib.parse import unquote_to_bytes

CANON = "1"
"""Version of the rule, kept with each index: keys of different versions must not be compared."""

DEFAULT_PORTS = {"http": 80, "https": 443}
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(.*)", re.ASCII | re.DOTALL)
AUTHORITY = re.compile(r"/*([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.DOTALL)
OPAQUE = re.compile(r"([^?#]*)(?:\?([^#]*))?", re.DOTALL)
PLAIN_HOST = re.compile(r"(?:[A-Za-z0-9_\-]+\.)+[A-Za-z]+", re.ASCII)
LEADING_SLASHES = re.compile(r"^/+")
HOST_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]*))?")
DROPPED = re.compile(r"[\t\r\n]")
"""Characters that browsers drop from an address wherever they stand."""

NESTED_PERCENT = re.compile(rb"%(?:25)+(?=[0-9A-Fa-f]{2})")
TO_ESCAPE = re.compile(rb"[^!-~]|[%#]")
TO_ESCAPE_IN_HOST = re.compile(rb"[^!-~]|[%#/?@:,()\\\[\]]")
TO_ESCAPE_IN_KEY = re.compile(rb"[^!-~]")

WWW = re.compile(r"^www[0-9]*\.(?=.)")
NUMBER = r"(?:0[0-7]*|[1-9][0-9]*)"
IPV4 = re.compile(rf"{NUMBER}(?:\.{NUMBER}){{0,3}}")
"""The decimal and octal forms of RFC 6943 section 3.1.1 (inet_aton): `127.1`, `2130706433`, `0177.0.0.1`."""

PATH_SESSIONS = (
    re.compile(r"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$"),
    re.compile(r"^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$"),
)
QUERY_SESSIONS = (
    re.compile(r"^(.*)(?:jsessionid=[0-9a-z]{32})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:phpsessid=[0-9a-z]{32})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:sid=[0-9a-z]{32})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:aspsessionid[a-z]{8}=[a-z]{24})(?:&(.*))?$"),
    re.compile(r"^(.*)(?:cfid=[^&]+&cftoken=[^&]+)(?:&(.*))?$"),
)
"""Session numbers of common servers, which part addresses of one page. For paths and queries in lower case."""
SESSION_HINT = re.compile(r"sid=|sessionid|cftoken=")
"""What every query holds in which one of them can be found: most hold none."""


@lru_cache(maxsize=4096)
def urlkey(url: str) -> str:
    """Give the SURT of an address: `https://www.Example.com/B/?y&x` → `com,example)/b?x&y`.

    Printable ASCII without spaces. Never raises: what is no address is its own key.
    """
    _, host, port, rest = _parts(url)
    if host is None:
        return rest
    labels = host.removeprefix("[").removesuffix("]") if host.startswith("[") else WWW.sub("", host, count=1)
    return ",".join(reversed(labels.split("."))) + (f":{port}" if port else "") + ")" + rest


def canonical(url: str) -> str:
    """Give the one spelling of an address that has the same key: scheme and `www.` stay, the rest is as in the key."""
    scheme, host, port, rest = _parts(url)
    if host is None:
        return rest
    return f"{scheme}://{host}" + (f":{port}" if port else "") + rest


def _parts(url: str) -> tuple[str, str | None, int | None, str]:
    """Give scheme, host, port and path with query; no host: the last is the whole key."""
    url = DROPPED.sub("", url).strip()
    scheme, rest = "http", url
    if found := SCHEME.fullmatch(url):
        scheme, rest = found[1].lower(), found[2]
        if scheme == "filedesc":
            return scheme, None, None, f"filedesc:{_escape(rest, TO_ESCAPE_IN_KEY)}"
        if scheme not in DEFAULT_PORTS and (not rest.startswith("//") or rest.startswith("///")):
            return _opaque(scheme, rest)
    found = AUTHORITY.match(rest)
    assert found is not None  # each of its parts may be empty
    host, port = _host_port(found[1])
    if not host or port is None:
        return scheme, None, None, _escape(url, TO_ESCAPE_IN_KEY)
    rest = _settled(found[2], found[3] or "")
    return scheme, host, port if port != DEFAULT_PORTS.get(scheme) else None, rest


def _opaque(scheme: str, rest: str) -> tuple[str, None, None, str]:
    rest, before = LEADING_SLASHES.sub("/", rest), ""
    while rest != before:
        found = OPAQUE.match(rest)
        assert found is not None  # each of its parts may be empty
        before, rest = rest, _escape(_plain(found[1])).lower().rstrip("/") + _query(found[2] or "")
    return scheme, None, None, f"{scheme}:{rest}"


def _settled(path: str, query: str) -> str:
    """Canonicalise until nothing changes: `%3F` becomes a question mark, and what follows it a query."""
    before = f"{path}?{query}" if query else path
    while (settled := _path(path) + _query(query)) != before:
        before = settled
        path, _, query = settled.partition("?")
    return settled


def _host_port(authority: str) -> tuple[str, int | None]:
    """Give host and port (0 for none); no host, or None for the port, where there is no sense in it."""
    found = HOST_PORT.fullmatch(authority.rpartition("@")[2])
    if not found:
        return "", None
    port = int(found[2] or 0) if len(found[2] or "") < 7 else 1 << 16
    host = found[1].lower() if found[1].startswith("[") else _host(found[1])
    if host.startswith("["):
        host = f"[{_escape(host[1:-1].encode(errors='surrogatepass'), TO_ESCAPE_IN_KEY)}]" if len(host) > 2 else ""
    return host, port if port < 1 << 16 else None


def _host(text: str) -> str:
    if PLAIN_HOST.fullmatch(text):
        return text.lower()
    plain = _plain(text)
    host = re.sub(r"\.{2,}", ".", plain.decode("utf-8", "surrogateescape")).strip(".")
    if not host.isascii():
        with suppress(UnicodeError):  # what is no name that DNS could hold stays, its bytes escaped
            host = host.encode("idna").decode("ascii").strip(".")
    host = _escape(host.lower().encode("utf-8", "surrogateescape"), TO_ESCAPE_IN_HOST)
    return _ipv4(host) if IPV4.fullmatch(host) else host


def _ipv4(host: str) -> str:
    *numbers, last = (int(part, 8 if part.startswith("0") else 10) for part in host.split("."))
    room = 4 - len(numbers)
    if any(number > 255 for number in numbers) or last >= 1 << 8 * room:
        return host
    return ".".join(map(str, [*numbers, *last.to_bytes(room, "big")]))


def _path(text: str) -> str:
    path = _escape(_plain(text))
    segments = list[str]()
    for segment in path.removeprefix("/").split("/"):
        if segment == ".." and segments:
            segments.pop()
        elif segment != ".":
            segments.append(segment)
    path = "/" + "/".join(filter(None, segments))
    path = path.lower()
    for session in PATH_SESSIONS if ".aspx" in path else ():
        path = session.sub(r"\1\2", path)
    return path.rstrip("/") or "/"


def _query(text: str) -> str:
    query = _escape(_plain(text)).lower()
    for session in QUERY_SESSIONS if SESSION_HINT.search(query) else ():
        query = session.sub(lambda found: found[1] + (found[2] or ""), query)
    if not query:
        return ""
    return "?" + "&".join(sorted(query.split("&"), key=lambda pair: pair.split("=", 1)))


def _plain(text: str) -> bytes:
    """Take off every layer of percent-encoding."""
    data = text.encode("utf-8", "surrogatepass")
    while b"%" in data:
        plain = unquote_to_bytes(NESTED_PERCENT.sub(b"%", data))
        if plain == data:
            break
        data = plain
    return data


def _escape(data: bytes | str, pattern: re.Pattern[bytes] = TO_ESCAPE) -> str:
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if not pattern.search(data):
        return data.decode("ascii")
    return pattern.sub(lambda found: b"%%%02x" % found[0][0], data).decode("ascii")
