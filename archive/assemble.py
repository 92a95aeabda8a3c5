"""Puts articles and their versions together from what single captures show. Pure: a function of the set of captures."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from urllib.parse import urlsplit

from archive.address import article_key, host_of, is_root
from archive.article import Article, ArticleDate
from settings.outlet import Outlet

AHEAD = timedelta(hours=14)
"""How far a date of publication may lie after the first capture: many sites call their local time UTC, or name a day
that has begun only in the easternmost zone. A date further ahead is wrong."""

ISO_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?P<time>T\d\d:\d\d.*)?)?)?",
    re.ASCII,
)

ID_LENGTH = 32
"""Hex digits of an article's or version's id: 128 bits, so that no two meet by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one capture shows of an article, without its words."""

    capture_id: str
    started: datetime
    whole: bool
    rules: str
    own_key: str
    claimed_key: str | None
    title_fold: str
    text_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version as the database holds it: its words stand with the extraction of `first_capture`."""

    id: str
    article_id: str
    ordinal: int
    first_seen: datetime
    last_seen: datetime
    first_capture: str
    last_capture: str
    text_digest: str
    captures: int
    rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """An article as its captures have it; `article` is what the capture of its latest version says."""

    id: str
    outlet: str
    key: str
    article: Article
    canonical_url: str
    published: ArticleDate | None
    modified: ArticleDate | None
    sort_at: datetime
    first_seen: datetime
    last_seen: datetime
    captures: int
    versions: tuple[VersionRow, ...]
    notes: tuple[str, ...]


def article_id(outlet: str, key: str) -> str:
    """Give the id of the article at an address of an outlet."""
    return _hash(outlet, key)


def text_digest(title: str | None, text: str) -> str:
    """Give the sha256 of an article's words: title, a blank line, text (UTF-8)."""
    return sha256(f"{title or ''}\n\n{text}".encode("utf-8", "replace")).hexdigest()


def claim(canonical_url: str | None, url: str, outlet: Outlet) -> str | None:
    """Give the key of the address that a page calls canonical, where that may be believed by the page alone.

    None where it is the page's own, of another site, or no article's address (a front, home or section page).
    """
    if not canonical_url:
        return None
    key, own, home = article_key(canonical_url), article_key(url), article_key(outlet.home)
    if key in (own, home) or is_root(key) or key in {article_key(section) for section in outlet.sections}:
        return None
    return key if host_of(key) == host_of(own) or _is_of_site(host_of(key), outlet) else None


def _is_of_site(host: str, outlet: Outlet) -> bool:
    hosts = {host_of(article_key(outlet.home))} | {
        host_of(article_key(f"https://{name}/")) for name in outlet.follow.hosts
    }
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def believed(key: str, rows: Iterable[Shown]) -> frozenset[str]:
    """Give the own keys whose claim to be `key` is believed; `rows` are all that claim it or lie there.

    Addresses that share a title are one article. Where all are one, all are believed; where several different articles
    claim one address, only what is one with the page that lies there.
    """
    titles: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if key in (row.claimed_key, row.own_key):
            titles[row.own_key] |= {row.title_fold} - {""}
    parts = _connected(titles)
    if len(parts) == 1:
        return parts[0]
    return next((part for part in parts if key in part), frozenset())


def _connected(titles: Mapping[str, set[str]]) -> list[frozenset[str]]:
    """Part addresses into groups that share titles, directly or through others."""
    parent = {own: own for own in titles}

    def root(own: str) -> str:
        while parent[own] != own:
            parent[own] = own = parent[parent[own]]
        return own

    first: dict[str, str] = {}
    for own, named in titles.items():
        for title in named:
            parent[root(own)] = root(first.setdefault(title, own))
    groups: dict[str, set[str]] = defaultdict(set)
    for own in titles:
        groups[root(own)].add(own)
    return [frozenset(group) for group in groups.values()]


def assign(rows: Sequence[Shown], keys: Iterable[str]) -> dict[str, str]:
    """Give the article key of every capture that lies at one of `keys` or claims one of them.

    `rows` must hold every capture that does. A capture that lies there and claims a key outside of `keys` is left out:
    whether that claim is believed cannot be told from these rows.
    """
    wanted = set(keys)
    claimants: dict[str, list[Shown]] = defaultdict(list)
    for row in rows:
        for key in {row.own_key, row.claimed_key or row.own_key} & wanted:
            claimants[key].append(row)
    trusted = {key: believed(key, group) for key, group in claimants.items()}
    assigned: dict[str, str] = {}
    for row in rows:
        if row.claimed_key in wanted and row.own_key in trusted.get(row.claimed_key, ()):
            assigned[row.capture_id] = row.claimed_key
        elif row.claimed_key is None or row.claimed_key in wanted:
            assigned[row.capture_id] = row.own_key
    return assigned


def settled(rows: Sequence[Shown]) -> bool:
    """Tell whether all rows were made under one rules version, so that they can be held against each other."""
    return len({row.rules for row in rows}) == 1


def versions(of_article: str, key: str, rows: Sequence[Shown]) -> tuple[VersionRow, ...]:
    """Give an article's versions, oldest first: runs of captures with the same words.

    Only captures of one address are held against each other (the canonical one, else the one seen first), since a page
    and its AMP or print copy differ in small ways that are no edits; and no truncated ones where there are whole ones.
    """
    ordered = sorted(rows, key=lambda row: (row.started, row.capture_id))
    address = key if any(row.own_key == key for row in rows) else ordered[0].own_key
    compared = [row for row in ordered if row.own_key == address]
    compared = [row for row in compared if row.whole] or compared
    found = []
    for ordinal, (digest, run) in enumerate(groupby(compared, key=lambda row: row.text_digest), 1):
        same = list(run)
        found.append(
            VersionRow(
                id=_hash(of_article, digest, str(ordinal)),
                article_id=of_article,
                ordinal=ordinal,
                first_seen=same[0].started,
                last_seen=same[-1].started,
                first_capture=same[0].capture_id,
                last_capture=same[-1].capture_id,
                text_digest=digest,
                captures=len(same),
                rules=same[0].rules,
            )
        )
    return tuple(found)


def assemble(outlet: str, key: str, rows: Sequence[Shown], read: Callable[[str], Article]) -> Assembled:
    """Put one article together from all captures that show it; `read` gives a capture's Article."""
    own_id = article_id(outlet, key)
    chain = versions(own_id, key, rows)
    articles = [read(version.first_capture) for version in chain]
    latest = articles[-1]
    first, last = min(row.started for row in rows), max(row.started for row in rows)
    notes: list[str] = []
    published = earliest([a.published for a in articles if _credible(a.published, "published", first, notes)])
    modified = latest.modified if _credible(latest.modified, "modified", last, notes) else None
    start = begin(published) if published else None
    claims_it = latest.canonical_url is not None and article_key(latest.canonical_url) == key
    return Assembled(
        id=own_id,
        outlet=outlet,
        key=key,
        article=latest,
        canonical_url=(latest.canonical_url or latest.url) if claims_it else latest.url,
        published=published,
        modified=modified,
        sort_at=start or first,
        first_seen=first,
        last_seen=last,
        captures=len(rows),
        versions=chain,
        notes=tuple(dict.fromkeys(notes)),
    )


def earliest(dates: Sequence[ArticleDate | None]) -> ArticleDate | None:
    """Give the earliest of the dates that are known to the day; of coarser ones only where there are no others."""
    known = [(_fineness(date), begin(date), date) for date in dates if date is not None]
    dated = [(min(fineness, 2), start, -fineness, date) for fineness, start, date in known if start]
    if not dated:
        return None
    best = max(rank for rank, *_ in dated)
    # Of two that begin together (a day, and its midnight) the finer tells more; the value decides what is left.
    return min((d for d in dated if d[0] == best), key=lambda d: (d[1], d[2], d[3].value, d[3].source, d[3].raw))[3]


def begin(date: ArticleDate) -> datetime | None:
    """Give the moment at which a date begins (UTC; a time without a zone is read as UTC); None if it is none."""
    match = ISO_DATE.fullmatch(date.value)
    if not match:
        return None
    try:
        if match["time"]:
            moment = datetime.fromisoformat(date.value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return datetime(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _fineness(date: ArticleDate) -> int:
    return ("year", "month", "day", "minute", "second").index(date.precision)


def _credible(date: ArticleDate | None, what: str, seen: datetime, notes: list[str]) -> bool:
    if date is None:
        return False
    start = begin(date)
    if start is None:
        notes.append(f"{what} {date.value} is no date")
        return False
    if start > seen + AHEAD:
        notes.append(f"{what} {date.value} lies after the capture of {seen:%Y-%m-%dT%H:%MZ}")
        return False
    return True


def front_page(url: str) -> str:
    """Give the front page of an address' host: the home of an outlet that no file describes."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}/"


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]
