"""Days of other calendars as Gregorian dates; None for a day that does not exist."""

from __future__ import annotations

from datetime import date

JALALI_BREAKS = (
    -61,
    9,
    38,
    199,
    426,
    686,
    756,
    818,
    1111,
    1181,
    1210,
    1635,
    2060,
    2097,
    2192,
    2262,
    2324,
    2394,
    2456,
    3178,
)
"""Years at which the cycle of leap years shifts (K. M. Borkowski, "The Persian calendar for 3000 years", 1996)."""
ETHIOPIC_EPOCH = date(8, 8, 27).toordinal()
"""1 Mäskäräm of year 1, in the proleptic Gregorian calendar."""
HEBREW_EPOCH = -1373428
"""The ordinal (date.toordinal) of the day before 1 Tishri of year 1."""


def gregorian(year: int, month: int, day: int) -> date | None:
    """Return a date of the Gregorian calendar itself."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def jalali(year: int, month: int, day: int) -> date | None:
    """Return a day of the Solar Hijri calendar of Iran and Afghanistan."""
    if not (1 <= year < 3178 and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        return None
    leaps, new_year = _jalali_year(year)
    if month == 12 and day == 30 and leaps != 0:
        return None
    start = date(year + 621, 3, new_year).toordinal()
    return date.fromordinal(start + (month - 1) * 31 - max(0, month - 7) + day - 1)


def _jalali_year(year: int) -> tuple[int, int]:
    """Return how many years have passed since the last leap year (0 in one), and the day of March that is new year."""
    leaps, before = -14, JALALI_BREAKS[0]
    jump = 0
    for after in JALALI_BREAKS[1:]:
        jump = after - before
        if year < after:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        before = after
    since = year - before
    leaps += since // 33 * 8 + (since % 33 + 3) // 4
    if jump % 33 == 4 and jump - since == 4:
        leaps += 1
    gregorian_year = year + 621
    gregorian_leaps = gregorian_year // 4 - (gregorian_year // 100 + 1) * 3 // 4 - 150
    if jump - since < 6:
        since = since - jump + (jump + 4) // 33 * 33
    passed = ((since + 1) % 33 - 1) % 4
    return (4 if passed == -1 else passed), 20 + leaps - gregorian_leaps


def hijri(year: int, month: int, day: int) -> date | None:
    """Return a day of the Umm al-Qura calendar (1343 to 1500); where the moon is sighted it may differ by a day."""
    from hijridate import Hijri

    try:
        found = Hijri(year, month, day).to_gregorian()
    except (ValueError, OverflowError):
        return None
    return date(found.year, found.month, found.day)


def ethiopic(year: int, month: int, day: int) -> date | None:
    """Return a day of the Ethiopian calendar."""
    last = 30 if month <= 12 else 6 if year % 4 == 3 else 5
    if not (1 <= year <= 9000 and 1 <= month <= 13 and 1 <= day <= last):
        return None
    return date.fromordinal(ETHIOPIC_EPOCH + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1)


def hebrew(year: int, month: int, day: int) -> date | None:
    """Return a day of the Hebrew calendar; months count from Nisan, Adar (or Adar I) is 12, Adar II is 13."""
    if not (4000 <= year <= 9000 and 1 <= month <= 13 and 1 <= day <= _hebrew_days(year, month)):
        return None
    months = range(7, month) if month >= 7 else (*range(7, 14), *range(1, month))
    passed = sum(_hebrew_days(year, passed_month) for passed_month in months)
    return date.fromordinal(HEBREW_EPOCH + _hebrew_new_year(year) + passed + day)


def _hebrew_leap(year: int) -> bool:
    return (7 * year + 1) % 19 < 7


def _hebrew_elapsed(year: int) -> int:
    months = (235 * year - 234) // 19
    parts = 12084 + 13753 * months
    days = 29 * months + parts // 25920
    return days + 1 if 3 * (days + 1) % 7 < 3 else days


def _hebrew_new_year(year: int) -> int:
    before, this, after = (_hebrew_elapsed(y) for y in (year - 1, year, year + 1))
    return this + (2 if after - this == 356 else 1 if this - before == 382 else 0)


def _hebrew_days(year: int, month: int) -> int:
    length = _hebrew_new_year(year + 1) - _hebrew_new_year(year)
    if month == 13 and not _hebrew_leap(year):
        return 0
    if month in (2, 4, 6, 10, 13) or (month == 12 and not _hebrew_leap(year)):
        return 29
    if (month == 8 and length % 10 != 5) or (month == 9 and length % 10 == 3):
        return 29
    return 30
