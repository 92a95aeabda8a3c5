"""Bounds against pages without end: calendars, visitors' ids, folders that repeat. Pure state; the spider asks it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from crawler.discovery.address import parts, segments
from settings.platforms import platforms

MAX_SEGMENTS = 12
MAX_LENGTH = 2000
UNPROVEN_PAGES = 10
"""Pages that a pattern of lists may cost before one of them has brought a new article."""
BARREN_PAGES = 3
"""Pages in a row without a new article after which a pattern of lists is left."""
FAMILY_PAGES = 15
"""Lists of one folder (`/calendar/…`) that may bring nothing, whatever their patterns, before the folder is left."""
VARIANTS = 30
"""Addresses that differ in nothing but an opaque value of their query: visitors' ids, not articles."""
OPAQUE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])[0-9a-z]{12,}",
    re.IGNORECASE,
)
DIGITS = re.compile(r"\d+")
JOINTS = re.compile(r"[-_+]")
LETTER = re.compile(r"[^\W\d_]")
NUMBER_OR_SHORT = re.compile(r"\d{1,4}")


@lru_cache(maxsize=8192)
def pattern(url: str, *, slugs: bool = True) -> str:
    """Return the pattern of an address: digits, month names and opaque ids become `#`, other words stay as they are.

    `/news/123` → `/news/#`, `/?page=7` → `/?page=#`. Without `slugs`, words joined by hyphens become `*`
    (`/2026/05/a-b-c/` → `/#/#/*`): so articles of one outlet look alike, while each of its sections stays itself.
    """
    found = parts(url)
    if found is None:
        return ""
    path = "/".join(_shape(segment, slugs=slugs) for segment in segments(found.path))
    pairs = (pair.partition("=") for pair in found.query.split("&") if pair)
    query = "&".join(f"{name}={_shape(value, slugs=slugs)}" for name, _, value in pairs)
    return f"{found.authority}/{path}" + (f"?{query}" if query else "")


def _shape(segment: str, *, slugs: bool) -> str:
    if segment.lower() in platforms().words.months or OPAQUE.fullmatch(segment):
        return "#"
    if not slugs and (len(JOINTS.findall(segment)) > 1 or (JOINTS.search(segment) and DIGITS.search(segment))):
        return "*" if LETTER.search(segment) else "#"
    return DIGITS.sub("#", segment)


@dataclass
class _Record:
    granted: int = 0
    answered: int = 0
    proven: bool = False
    barren: int = 0
    """Pages in a row that brought nothing new."""

    @property
    def open(self) -> bool:
        waiting = self.granted - self.answered
        if not self.proven:
            return self.granted < UNPROVEN_PAGES
        return self.barren < BARREN_PAGES and waiting < UNPROVEN_PAGES


@dataclass
class TrapGuard:
    """What one run has asked of one outlet's lists, and what they brought.

    `allow` is asked before a request is made and counts it when it grants it; a refusal is not for ever, as a pattern
    that has proved itself since is granted more. `result` is told what each granted list page brought.
    """

    _patterns: dict[str, _Record] = field(default_factory=dict)
    _families: dict[str, _Record] = field(default_factory=dict)
    _variants: dict[str, int] = field(default_factory=dict)
    _granted: set[str] = field(default_factory=set)

    def allow(self, url: str, kind: str, *, trusted: bool = False) -> str | None:
        """Return None if an address may be asked for, else the reason why not.

        `kind` is that of `classify`. `trusted` exempts what feeds, sitemaps and the outlet's own file name from all
        bounds but those on the address itself.
        """
        if url in self._granted:
            return None
        reason = _malformed(url)
        if reason is None and not trusted:
            reason = self._visitor(url) or (self._exhausted(url) if kind in ("listing", "next") else None)
        if reason is None:
            self._granted.add(url)
            if kind in ("listing", "next"):
                for record in self._records(url):
                    record.granted += 1
        return reason

    def result(self, url: str, new_articles: int) -> None:
        """Tell what a list page brought: how many article links that no list page of this run had shown before.

        Articles that feeds or sitemaps named in the same run count as new: else a sitemap of the newest would end the
        walk through the older. Articles archived by earlier runs do not count.
        """
        for record in self._records(url):
            record.answered += 1
            if new_articles > 0:
                record.proven, record.barren = True, 0
            else:
                record.barren += 1

    def _records(self, url: str) -> tuple[_Record, ...]:
        shape = pattern(url)
        own = self._patterns.setdefault(shape, _Record())
        if "#" not in shape:
            return (own,)  # a section by its name; the run's bound on list pages is the only one
        return own, self._families.setdefault(_family(shape), _Record())

    def _exhausted(self, url: str) -> str | None:
        own, *family = self._records(url)
        if not own.open:
            shape = pattern(url)
            return (
                f"{own.barren} pages like {shape} brought nothing new"
                if own.barren
                else f"enough pages like {shape} for now"
            )
        for record in family:
            if record.barren >= FAMILY_PAGES or (not record.proven and record.granted >= FAMILY_PAGES):
                return f"lists below {_family(pattern(url))} brought nothing new"
        return None

    def _visitor(self, url: str) -> str | None:
        before, mark, query = url.partition("?")
        if not mark or not OPAQUE.search(query):
            return None
        shape = f"{before}?{OPAQUE.sub('#', query)}"
        self._variants[shape] = self._variants.get(shape, 0) + 1
        return f"more than {VARIANTS} variants of one address" if self._variants[shape] > VARIANTS else None


def _family(shape: str) -> str:
    """Return the folder of a pattern, up to its first number: `/cal/#/#` and `/cal/#` are of `/cal/`."""
    before = shape.partition("#")[0]
    path, mark, _ = before.partition("?")
    return path + mark if mark else path.rpartition("/")[0] + "/"


def _malformed(url: str) -> str | None:
    """Return what no honest address is: too long, too deep, or with folders that repeat."""
    if len(url) > MAX_LENGTH:
        return "longer than 2,000 characters"
    found = parts(url)
    if found is None:
        return "no web address"
    path = segments(found.path)
    if len(path) > MAX_SEGMENTS:
        return "deeper than 12 folders"
    return "folders that repeat" if _repeats(path) else None


def _repeats(path: list[str]) -> bool:
    """Tell whether a folder comes three times in a row (a date's numbers aside), or several folders twice."""
    for start in range(len(path)):
        for width in range(1, (len(path) - start) // 2 + 1):
            block = path[start : start + width]
            if all(NUMBER_OR_SHORT.fullmatch(segment) for segment in block):
                continue
            times = 3 if width == 1 else 2
            if path[start : start + width * times] == block * times:
                return True
    return False
