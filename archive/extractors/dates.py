"""Dates as pages write them: machine formats, and words in any language and calendar we know. Never a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from archive.article import ArticleDate, Precision
from archive.extractors import calendars
from archive.extractors.months import Months, Names, months
from archive.extractors.text import LETTERS, is_accent
from settings.language import Language

ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2}(?!\d)|[+-]\d{2}(?!\d))?)?",
    re.I,
)
YEAR_MONTH = re.compile(r"(\d{4})-(\d{1,2})$")
EPOCH = re.compile(r"\d{10}(?:\d{3})?$")
IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)([/_-]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?![\d])")
IN_URL_SHORT = re.compile(r"/((?:19|20)\d\d)/?(0[1-9]|1[0-2])(?=/|$)")
IN_URL_SPLIT = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=/|$)")

ERA = re.compile(r"(?P<era>[^\W\d_]{2})\s?(?P<y>\d{1,3}|元)\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?日?")
EAST = re.compile(r"(?<!\d)(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日号號일]?")
"""Chinese, Japanese and Korean; the letters after the numbers are units, not phrases."""
EAST_NUMERAL = re.compile("[〇零一二三四五六七八九十]+(?=[年月日号號])")
EAST_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {"零": "0"}
YEAR_FIRST = re.compile(r"(?<![\d.])(?P<y>\d{4})\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<d>\d{1,2})(?!\d)")
DAY_FIRST = re.compile(r"(?<![\d.])(?P<d>\d{1,2})\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<y>\d{4})(?!\d)")
VIETNAMESE = re.compile(r"(?<!\d)(?P<d>\d{1,2})\s+thang\s+(?P<m>\d{1,2})[\s,]+(?:nam\s+)?(?P<y>\d{4})(?!\d)")
HEBREW_DAY = re.compile(r"(?<![^\W_])([א-ת]{1,2}[\"'׳״]?[א-ת]?)\s*[\"'׳]?\s*$")
HEBREW_YEAR = re.compile(r"\s*(?:ה['׳])?(ת[א-ת]{0,2}[\"״][א-ת])")
HEBREW_VALUES = dict(
    zip("אבגדהוזחטיכלמנסעפצקרשת", (*range(1, 10), *range(10, 100, 10), *range(100, 500, 100)), strict=True)
)
TIME = re.compile(
    r"(?<![\d:])([01]?\d|2[0-3])\s?(?::|(?<=\d)h(?=\d))\s?([0-5]\d)(?::([0-5]\d))?(?!\d)\s*(?P<half>[ap]\.?m\b)?"
)
FOUR = re.compile(r"\d{4}")
DAY_BEFORE = re.compile(r"(?<!\d)(\d{1,2})(?!\d)\D{0,8}$")
YEAR_AFTER = re.compile(r"^\D{0,14}?(?<!\d)(\d{4})(?!\d)")
YEAR_AFTER_SHORT = re.compile(r"^[\s.]{0,2}(\d{2})(?!\d)")
YEAR_BEFORE = re.compile(r"(?<!\d)(\d{4})(?!\d)\D{0,6}$")
DAY_YEAR_AFTER = re.compile(r"^[\s.]{0,2}(\d{1,2})(?:st|nd|rd|th)?[\s,.]{1,3}(\d{4})(?!\d)")
DAY_AFTER = re.compile(r"^[\s.]{0,2}(\d{1,2})(?!\d)")
LEAST_YEAR, MOST_YEAR = 1800, 2100
SMALL_YEAR = 1500
"""A year below this is not Gregorian in a language that has another calendar."""
BUDDHIST_OFFSET = 543


@dataclass(frozen=True, slots=True)
class Found:
    """A date in a text: the day, the calendar it was written in, and where in the normalised text it stands."""

    day: date
    calendar: str
    start: int
    end: int


def read_machine(raw: str, source: str, languages: Iterable[Language] = ()) -> ArticleDate | None:
    """Read a value made for machines (JSON-LD, meta, `time`): ISO 8601, RFC 822, seconds since 1970; else as text."""
    text = raw.strip()
    if (iso := ISO.match(_plain(text))) and (found := _iso(iso, raw, source)):
        return found
    if month_only := YEAR_MONTH.match(text):
        year, month = int(month_only[1]), int(month_only[2])
        if LEAST_YEAR <= year <= MOST_YEAR and 1 <= month <= 12:
            return ArticleDate(value=f"{year:04}-{month:02}", precision="month", raw=raw, source=source)
    if EPOCH.match(text):
        moment = datetime.fromtimestamp(int(text[:10]), UTC)
        return _moment(moment, "second", raw, source)
    if "," in text[:5] or text[-5:-4] in "+-":
        try:
            return _moment(parsedate_to_datetime(text), "second", raw, source)
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    return read_text(text, languages, source=source) if len(text) < 100 else None


def read_url(url: str) -> ArticleDate | None:
    """Read the date in an address: a day, or a month where no more is told."""
    path = re.sub(r"^[a-z]+://[^/]+", "", url)
    for pattern, groups in ((IN_URL, (1, 3, 4)), (IN_URL_SPLIT, (1, 2, 3))):
        for match in pattern.finditer(path):
            day = calendars.gregorian(*(int(match[group]) for group in groups))
            if day:
                return _of_day(day, match[0].strip("/"), "url")
    if short := IN_URL_SHORT.search(path):
        return ArticleDate(value=f"{short[1]}-{short[2]}", precision="month", raw=short[0].strip("/"), source="url")
    return None


def read_text(
    text: str, languages: Iterable[Language], *, codes: Iterable[str] = (), source: str = "text"
) -> ArticleDate | None:
    """Read the first date of a short text, in the languages given; `codes` are languages or locales without a file.

    A Gregorian date beside one of another calendar wins. A text that tells no day gives None.
    """
    if not any(char.isdigit() for char in text) and not HEBREW_YEAR.search(text) and not EAST_NUMERAL.search(text):
        return None
    plain = _plain(text)
    known = tuple(languages)
    hits = list(_hits(plain, known, tuple(codes)))
    if not hits:
        return None
    best = min(hits, key=lambda hit: (hit.calendar != "gregorian", hit.start))
    found = replace(_of_day(best.day, text, source), calendar=best.calendar)
    return _with_time(found, plain, best)


def spread(text: str, languages: Iterable[Language], codes: Iterable[str] = ()) -> float:
    """Return how much of a text is a date with its time: 0 for none, 1 for a text that is nothing else."""
    plain = _plain(text)
    hits = list(_hits(plain, tuple(languages), tuple(codes)))
    if not hits:
        return 0.0
    letters = sum(hit.end - hit.start for hit in hits[:2])
    return min(1.0, (letters + sum(len(match[0]) for match in TIME.finditer(plain))) / max(1, len(plain)))


class _Normal(dict[int, str]):
    """As text.fold does, but punctuation stays: it parts the numbers."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = unicodedata.category(char)
        if char in LETTERS:
            out = LETTERS[char]
        elif kind == "Nd":
            out = str(unicodedata.decimal(char))
        elif char == "\u0640" or kind == "Cf" or is_accent(code, kind):
            out = ""
        elif kind[0] == "Z":
            out = " "
        elif kind == "Pd" or char == "\u2212":
            out = "-"
        else:
            out = char
        self[code] = out
        return out


NORMAL = _Normal()


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text.casefold()).translate(NORMAL))
        text = EAST_NUMERAL.sub(lambda match: _east_number(match[0]), text)
    else:
        text = text.casefold()
    return " ".join(text.split())


def _east_number(numeral: str) -> str:
    if "十" not in numeral:
        return "".join(EAST_DIGITS[char] for char in numeral)
    tens, _, ones = numeral.partition("十")
    return str(10 * int(EAST_DIGITS.get(tens[-1:], "1")) + int(EAST_DIGITS.get(ones[:1], "0")))


def _hits(text: str, languages: tuple[Language, ...], codes: tuple[str, ...]) -> Iterator[Found]:
    yield from _eastern(text, languages)
    yield from _named(text, languages, codes)
    yield from _numeric(text, languages, codes)
    if any(language.dates.hebrew for language in languages):
        yield from _hebrew(text, languages)


def _eastern(text: str, languages: tuple[Language, ...]) -> Iterator[Found]:
    eras = {
        unicodedata.normalize("NFKC", name): offset for language in languages for name, offset in language.dates.eras
    }
    for match in ERA.finditer(text):
        if match["era"] in eras:
            year = eras[match["era"]] + (1 if match["y"] == "元" else int(match["y"]))
            yield from _found(match, calendars.gregorian(year, int(match["m"]), int(match["d"])), "era")
    for match in EAST.finditer(text):
        yield from _found(match, calendars.gregorian(int(match["y"]), int(match["m"]), int(match["d"])))


def _numeric(text: str, languages: tuple[Language, ...], codes: tuple[str, ...]) -> Iterator[Found]:
    first = languages[0] if languages else None
    for match in YEAR_FIRST.finditer(text):
        yield from _converted(match, first, int(match["y"]), int(match["m"]), int(match["d"]))
    for match in DAY_FIRST.finditer(text):
        day, month, year = int(match["d"]), int(match["m"]), int(match["y"])
        order = _order(first, codes)
        if day <= 12 and month <= 12 and day != month and order == "unknown":
            continue  # 3/5 may be in March or in May: no date rather than a wrong one
        if (order == "month" and day <= 12) or month > 12:
            day, month = month, day
        yield from _converted(match, first, year, month, day)
    for match in VIETNAMESE.finditer(text):
        yield from _converted(match, first, int(match["y"]), int(match["m"]), int(match["d"]))


def _order(language: Language | None, codes: tuple[str, ...]) -> str:
    """Tell which of two small numbers is the day: English alone writes both orders, its region decides."""
    regions = {code.replace("_", "-").lower() for code in codes}
    if regions & {"en-us", "en-ph"}:
        return "month"
    unregional = regions <= {"en"}
    return "unknown" if unregional and (language is None or language.code == "en") else "day"


def _converted(match: re.Match[str], language: Language | None, year: int, month: int, day: int) -> Iterator[Found]:
    dates = language.dates if language else None
    if dates and dates.buddhist and year > 2400:
        yield from _found(match, calendars.gregorian(year - BUDDHIST_OFFSET, month, day), "buddhist")
    elif year < SMALL_YEAR and dates and dates.small_years:
        convert = calendars.jalali if dates.small_years == "jalali" else calendars.hijri
        yield from _found(match, convert(year, month, day), dates.small_years)
    else:
        yield from _found(match, calendars.gregorian(year, month, day))


def _found(match: re.Match[str], day: date | None, calendar: str = "gregorian") -> Iterator[Found]:
    if day and LEAST_YEAR <= day.year <= MOST_YEAR:
        yield Found(day, calendar, match.start(), match.end())


def _named(text: str, languages: tuple[Language, ...], codes: tuple[str, ...]) -> Iterator[Found]:
    """Find dates with a month's name: "3 May 2016" before "May 3, 2016", as weekdays may look like months ("mar.")."""
    if not FOUR.search(text) and not any(language.dates.buddhist for language in languages):
        return
    tables: list[tuple[Months, Language | None]] = [(months(known.code, known), known) for known in languages]
    tables += [(months(re.split("[-_]", code)[0]), None) for code in codes if not languages]
    for table, language in tables:
        hits = list(table.pattern.finditer(text))
        for read in (_day_month_year, _month_day_year, _year_month_day):
            found = [hit for match in hits for hit in read(text, match, table.names, language)]
            if found:
                yield from found
                return


def _name(match: re.Match[str], names: Names) -> tuple[str, int]:
    return names.get(" ".join(re.split(r"[\s.]+", match[0])), ("", 0))


def _day_month_year(text: str, match: re.Match[str], names: Names, language: Language | None) -> Iterator[Found]:
    before, after = text[: match.start()], text[match.end() :]
    day, year = DAY_BEFORE.search(before[-12:]), YEAR_AFTER.match(after)
    if day is None or re.search(r"\d{4}\D{0,8}$", before[-14:]):
        return
    if year is None and language and language.dates.buddhist and (year := YEAR_AFTER_SHORT.match(after)):
        number = int(year[1]) + 2500
    elif year is not None:
        number = int(year[1])
    else:
        return
    start = match.start() - len(day[0])
    yield from _dated(language, _name(match, names), number, int(day[1]), start, match.end() + year.end())


def _month_day_year(text: str, match: re.Match[str], names: Names, language: Language | None) -> Iterator[Found]:
    after = DAY_YEAR_AFTER.match(text[match.end() :])
    if after:
        yield from _dated(
            language, _name(match, names), int(after[2]), int(after[1]), match.start(), match.end() + after.end()
        )


def _year_month_day(text: str, match: re.Match[str], names: Names, language: Language | None) -> Iterator[Found]:
    year, day = YEAR_BEFORE.search(text[: match.start()][-12:]), DAY_AFTER.match(text[match.end() :])
    if year and day:
        yield from _dated(
            language,
            _name(match, names),
            int(year[1]),
            int(day[1]),
            match.start() - len(year[0]),
            match.end() + day.end(),
        )
        return
    # Kazakh and its kin: the year, then the day, then the month.
    if both := re.search(r"(?<!\d)(\d{4})\D{1,6}(\d{1,2})\D{0,3}$", text[: match.start()][-16:]):
        yield from _dated(
            language, _name(match, names), int(both[1]), int(both[2]), match.start() - len(both[0]), match.end()
        )


def _dated(  # noqa: PLR0917
    language: Language | None, name: tuple[str, int], year: int, day: int, start: int, end: int
) -> Iterator[Found]:
    calendar, month = name
    if calendar == "gregorian":
        if language and language.dates.buddhist and year > 2400:
            calendar, year = "buddhist", year - BUDDHIST_OFFSET
        found = calendars.gregorian(year, month, day)
    elif calendar in ("jalali", "hijri", "ethiopic"):
        found = getattr(calendars, calendar)(year, month, day)
    else:
        return
    if found and LEAST_YEAR <= found.year <= MOST_YEAR:
        yield Found(found, calendar, start, end)


def _hebrew(text: str, languages: tuple[Language, ...]) -> Iterator[Found]:
    for language in languages:
        table = months(language.code, language)
        for match in table.pattern.finditer(text):
            calendar, month = _name(match, table.names)
            day, year = HEBREW_DAY.search(text[: match.start()][-8:]), HEBREW_YEAR.match(text[match.end() :])
            if calendar == "hebrew" and day and year:
                found = calendars.hebrew(5000 + _hebrew_value(year[1]), month, _hebrew_value(day[1]))
                if found:
                    yield Found(found, "hebrew", match.start() - len(day[0]), match.end() + year.end())


def _hebrew_value(letters: str) -> int:
    return sum(HEBREW_VALUES.get(letter, 0) for letter in letters)


def _iso(match: re.Match[str], raw: str, source: str) -> ArticleDate | None:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    found = calendars.gregorian(year, month, day)
    if found is None or not LEAST_YEAR <= year <= MOST_YEAR:
        return None
    if match[4] is None or int(match[4]) > 23 or int(match[5]) > 59 or int(match[6] or 0) > 59:
        return _of_day(found, raw, source)
    seconds = f":{match[6]}" if match[6] else ""
    zone = (match[7] or "").upper()
    if zone not in ("", "Z"):
        zone = f"{zone[:3]}:{zone[3:].lstrip(':') or '00'}"
    value = f"{found.isoformat()}T{int(match[4]):02}:{match[5]}{seconds}{zone.replace('Z', '+00:00')}"
    return ArticleDate(
        value=value, precision="second" if seconds else "minute", raw=raw, source=source, day=_utc_day(value, found)
    )


def _utc_day(value: str, local: date) -> str:
    try:
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date().isoformat()
    except (ValueError, OverflowError):
        return local.isoformat()


def _moment(moment: datetime, precision: Precision, raw: str, source: str) -> ArticleDate | None:
    if not LEAST_YEAR <= moment.year <= MOST_YEAR:
        return None
    value = moment.isoformat(timespec="seconds")
    return ArticleDate(value=value, precision=precision, raw=raw, source=source, day=_utc_day(value, moment.date()))


def _of_day(day: date, raw: str, source: str) -> ArticleDate:
    return ArticleDate(value=day.isoformat(), precision="day", raw=raw, source=source, day=day.isoformat())


def _with_time(found: ArticleDate, text: str, hit: Found) -> ArticleDate:
    """Add the time that stands after the date, or else right before it. Without a zone it is the outlet's own."""
    match = TIME.search(text, hit.end, hit.end + 24) or TIME.search(text, max(0, hit.start - 12), hit.start)
    if match is None:
        return found
    hour = int(match[1])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].startswith("p") else 0)
    seconds = f":{match[3]}" if match[3] else ""
    return replace(
        found, value=f"{found.value}T{hour:02}:{match[2]}{seconds}", precision="second" if seconds else "minute"
    )


def plausible(found: ArticleDate | None, latest: datetime | None) -> ArticleDate | None:
    """Return a date unless it lies after the capture: then it is another thing's (an event, a subscription's end)."""
    if found is None or latest is None or not found.day:
        return found
    return found if date.fromisoformat(found.day) <= latest.date() + timedelta(days=1) else None
