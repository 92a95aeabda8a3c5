"""What an address says by itself of the page behind it: dates, numbers and words in its path and query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_plus

from crawler.discovery.address import parts, segments
from settings.platforms import PathWords, platforms

YEAR = r"(?:19[89]\d|20[0-4]\d|1[34]\d\d|25[5-9]\d)"
"""Gregorian from 1980 to 2049, Solar and lunar Hijri from 1300 to 1499, Buddhist from 2550 to 2599."""
MONTH, DAY = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
DATE = re.compile(
    rf"""
    (?<!\d)(?:
      {YEAR} (?P<sep>[/._-]) {MONTH} (?:(?P=sep) {DAY})?   # 2024/05/03, 2024-5-3, 1403/2/14; 2024/05
    | {YEAR} / (?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9])    # 2016/0503
    | (?:19[89]\d|20[0-4]\d)(?:1[0-2]|0[1-9]) (?:/? (?:3[01]|[12]\d|0[1-9]))?   # 20160503, 201605/03, 201605
    | [012]\d / (?:1[0-2]|0[1-9])(?:3[01]|[12]\d|0[1-9]) (?=/)    # 16/0503/
    | {DAY} (?P<back>[/._-]) {MONTH} (?P=back) (?:19[89]\d|20[0-4]\d)    # 3-5-2016
    )(?!\d)
    """,
    re.VERBOSE,
)
YEAR_ONLY = re.compile(r"^(?:19[89]\d|20[0-4]\d)$")
UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
TOKEN = re.compile(r"(?=[^/]*\d)(?=[^/]*[a-z])[a-z0-9]{7,40}", re.IGNORECASE)
"""A segment of letters and digits mixed, as content systems make for ids (`c4ng5z8l2x8o`)."""
NUMBERED = re.compile(
    r"^(?:[a-z]{1,4}[_-]?)?(\d{1,14})$|(?:^|[_.,-])[a-z]{0,4}(\d{3,14})$|^(\d{2,14})(?=[_.,-])|^[a-z]{1,8}[_-](\d{2,14})(?=[_-])",
    re.IGNORECASE,
)
"""The number of a segment: alone, behind a short prefix, at the end of a slug or before it."""
SPLIT = re.compile(r"[-_+\s–—،,.:]+")
SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff]")
"""Letters of scripts without blanks between words: three of them count as a word."""
LETTER = re.compile(r"[^\W\d_]")
ENDING = re.compile(r"\.([A-Za-z0-9]{1,11})$")
JOINED = re.compile(r"([A-Za-z_]+)(\d+)")
"""A parameter with its number and no sign between, as SPIP writes them: `?article123`, `?rubrique4`."""
HUMAN = re.compile(r"[_\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What stands in one address."""

    segments: tuple[str, ...]
    """Path segments in lower case and letters; the last without its file ending."""
    ending: str = ""
    dated: bool = False
    """A date, with something after it."""
    date_only: bool = False
    """A date and nothing after: the page of a day, month or year."""
    digits: int = 0
    """Of the number that names the page; 0 if there is none."""
    after_word: bool = False
    """Whether that number stands right after a word such as `news` or `node`."""
    words: int = 0
    """In the longest slug (scripts without blanks: a third of their letters)."""
    last_words: int = 0
    """In the last segment."""
    token: bool = False
    query_id: int = 0
    """Digits of a parameter that names an article."""
    query: tuple[tuple[str, str], ...] = ()

    @property
    def slug_only(self) -> bool:
        return not (self.dated or self.digits or self.query_id or self.token)


@lru_cache(maxsize=8192)
def evidence(url: str) -> Evidence:
    """Read an address, in the spelling of `address`."""
    found = parts(url)
    if found is None:
        return Evidence(segments=())
    names = [HUMAN.sub("-", segment.strip().lower()) for segment in segments(found.path)]
    ending = ""
    if names and (match := ENDING.search(names[-1])) and not match[1].isdigit():
        ending = match[1]
        names[-1] = names[-1][: match.start()]
    path = [name for name in names if name]
    if path and path[-1] in platforms().words.index and (ending or len(path) > 1):
        path.pop()
    query = tuple(_pair(pair) for pair in found.query.split("&") if pair)
    dated, date_only, rest = _date(path)
    digits, after_word = _number(rest if dated else path)
    return Evidence(
        segments=tuple(path), ending=ending, dated=dated, date_only=date_only and not query, digits=digits,
        after_word=after_word,
        last_words=_words(path[-1]) if path else 0,
        words=max((_words(segment) for segment in path[-3:]), default=0),
        token=bool(path and (UUID.search(path[-1]) or TOKEN.fullmatch(path[-1]))),
        query_id=_query_id(query), query=query,
    )  # fmt: skip


def word_kinds(found: Evidence) -> list[tuple[str, int]]:
    """Return the kinds of page that the segments name (`tag`, `author`, `listing` …), each with the segment's place."""
    table = _kinds()
    return [(kind, place) for place, name in enumerate(found.segments) if (kind := table.get(name))]


def _kinds() -> dict[str, str]:
    return _kind_table(platforms().words)


@lru_cache(maxsize=2)
def _kind_table(words: PathWords) -> dict[str, str]:
    kinds = (
        "listing",
        "attachment",
        "feed",
        "comment",
        "share",
        "print",
        "calendar",
        "login",
        "search",
        "author",
        "tag",
    )
    return {HUMAN.sub("-", word): kind for kind in kinds for word in getattr(words, kind)}


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark and (match := JOINED.fullmatch(name)):
        name, value = match[1], match[2]
    return name.lower(), unquote_plus(value).strip("{}")


def _date(path: list[str]) -> tuple[bool, bool, list[str]]:
    """Return whether a date names the page, whether the page is that of a date alone, and what stands after it."""
    if not path:
        return False, False, path
    text = "/".join(path)
    match = DATE.search(text) or _month_name(text)
    if match is None:
        return False, bool(YEAR_ONLY.match(path[-1])) and len(path) <= 2 and _bare(path[:-1]), path
    after = text[match.end() :].strip("/-_. ")
    start = text.rfind("/", 0, match.start()) + 1
    before = text[start : match.start()].strip("-_. ")  # within the date's own segment: `slug-2024-05-03`
    if not after and not before and start > 1:
        before = text[:start].rstrip("/").rpartition("/")[2]  # the date stands behind the slug
        before = before if _words(before) > 2 or before.isdecimal() else ""
    if not after and _words(before) < 2 and not before.isdecimal():
        return False, _bare(path[: text[: match.start()].count("/")]), path
    rest = [segment for segment in after.split("/") if segment] or [before]
    return True, False, rest


def _bare(before: list[str]) -> bool:
    """Tell whether what stands before a date is short enough for a section: then the page is that of a day."""
    return all(_words(segment) <= 2 for segment in before)


@lru_cache(maxsize=1)
def _month_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(platforms().words.months, key=len, reverse=True))
    return re.compile(rf"(?<!\d){YEAR}[/-](?:{names})(?:[/-]{DAY})?(?=/|$|-)", re.IGNORECASE)


def _month_name(text: str) -> re.Match[str] | None:
    return _month_pattern().search(text)


def _number(path: list[str]) -> tuple[int, bool]:
    """Return the digits of the number that names the page (the last in the path) and whether a word announces it."""
    words = platforms().words.article
    for place in range(len(path) - 1, max(-1, len(path) - 4), -1):
        match = NUMBERED.search(path[place])
        if not match:
            continue
        number = next(group for group in match.groups() if group)
        if len(number) == 4 and YEAR_ONLY.match(number) and not path[place].isdigit():
            continue  # `elections-2024` is a subject, not a number
        announced = place > 0 and path[place - 1] in words
        return len(number), announced
    return 0, False


def _words(segment: str) -> int:
    if SPACELESS.search(segment):
        return len(SPACELESS.findall(segment)) // 3
    return sum(1 for word in SPLIT.split(segment) if LETTER.search(word))


def _query_id(query: tuple[tuple[str, str], ...]) -> int:
    """Return the digits of the parameter that names an article; 1 for a long number under a name that says nothing."""
    asked = platforms().query
    known = max((_id_digits(value) for name, value in query if name in asked.article), default=0)
    if known:
        return known
    told = asked.listing | asked.page | asked.search | asked.calendar | asked.actions
    return int(any(value.isdecimal() and len(value) > 3 for name, value in query if name not in told))


def _id_digits(value: str) -> int:
    if value.isdecimal():
        return len(value)
    if UUID.fullmatch(value) or TOKEN.fullmatch(value):
        return 8
    return len(match[1]) if (match := re.match(r"(\d{2,})[:_-]", value)) else 0
