"""Which addresses belong to an outlet: its registrable domain, by the bundled public-suffix list, without network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import tldextract

from crawler.discovery.address import parts
from settings.outlet import Outlet

PLAIN_HOST = re.compile(r"^(?:www\d?|m|mobile|amp|wap|web|portal)\.")
"""Names in front of a site's own that make no site of its own."""


@cache
def _suffixes() -> tldextract.TLDExtract:
    # no address to fetch a list from, no cache on disk; private suffixes, as each blog of blogspot.com is its own site
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """Return the registrable domain of a host (`sport.example.co.uk` → `example.co.uk`), or "" where it has none."""
    found = _suffixes().extract_str(host)
    return f"{found.domain}.{found.suffix}" if found.domain and found.suffix else ""


@lru_cache(maxsize=4096)
def name_of(host: str) -> str:
    """Return the name by which people know a host: `www.example.co.uk` → `example`, `ar.example.com` → `ar.example`."""
    host = PLAIN_HOST.sub("", host)
    found = _suffixes().extract_str(host)
    if found.domain and found.suffix:
        return f"{found.subdomain}.{found.domain}" if found.subdomain else str(found.domain)
    labels = host.split(".")
    return ".".join(labels[:-1]) if len(labels) > 1 and not labels[-1].isdigit() else host


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to one outlet."""

    host: str
    """The home's host without `www.`, with its port where the name has no registrable domain (loopback, tests)."""
    domain: str
    """The home's registrable domain, or ""."""
    further: frozenset[str]

    def has(self, url: str, *, named: bool = False) -> bool:
        """Tell whether an address belongs to the outlet.

        A home at the domain itself has all of its hosts. A home on a host of its own below (`ar.example.com`) is an
        outlet of its own: its neighbours (`fr.example.com`) are not its, unless `named` by its feeds or sitemaps.
        """
        found = parts(url)
        if found is None:
            return False
        if found.host in self.further:
            return True
        host = PLAIN_HOST.sub("", found.host)
        if not self.domain:
            return (f"{host}:{found.port}" if found.port else host) == self.host
        if host == self.host or host.endswith(f".{self.host}"):
            return True
        return registrable(found.host) == self.domain and (named or self.host == self.domain)


@lru_cache(maxsize=256)
def scope_of(home: str, further: tuple[str, ...] = ()) -> Scope:
    """Return the scope of an outlet by its home address and the further hosts that its file names."""
    found = parts(home)
    if found is None:
        return Scope("", "", frozenset(further))
    host, domain = PLAIN_HOST.sub("", found.host), registrable(found.host)
    if not domain and found.port:
        host = f"{host}:{found.port}"
    return Scope(host, domain, frozenset(name.lower() for name in further))


def scope(outlet: Outlet) -> Scope:
    """Return the scope of an outlet."""
    return scope_of(outlet.home, outlet.follow.hosts)
