"""Month names of a language, in every calendar that it uses: CLDR's of all its regions, and the language file's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from archive.extractors.text import UNSEGMENTED, fold
from settings.language import Language

Names = dict[str, tuple[str, int]]
"""Folded name to calendar and number."""
CALENDARS = ("gregorian", "jalali", "hijri", "ethiopic", "hebrew")


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """Folded names, each with its calendar and number, and one regex that finds any of them."""

    names: Names
    pattern: re.Pattern[str]


@lru_cache(maxsize=128)
def months(code: str, language: Language | None = None) -> Months:
    """Return the month names of a language; `code` serves alone where we keep no file for it."""
    names: Names = {}
    for calendar in CALENDARS:
        for number, spellings in enumerate(getattr(language.dates, calendar) if language else (), start=1):
            for spelling in spellings:
                names.setdefault(fold(spelling), (calendar, number))
    # Serbian, Uzbek and their kin are written in Latin letters too; elsewhere CLDR has no such locale.
    for locale in (code, *(language.dates.locales if language else (f"{code}_Latn",))):
        for number, name in _cldr(locale):
            folded = fold(name)
            # Names of one letter, and names that are only a number ("5月"), are not names.
            if len(folded) > 1 and not folded.isdigit() and not re.match(r"\d", folded):
                names.setdefault(folded, ("gregorian", number))
    return Months(names, _pattern(names))


def _cldr(locale: str) -> list[tuple[int, str]]:
    from babel import Locale, UnknownLocaleError

    try:
        data = Locale.parse(locale).months
    except (UnknownLocaleError, ValueError):
        return []
    return [
        (number, str(name))
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in data[context][width].items()
    ]


def _pattern(names: Names) -> re.Pattern[str]:
    parts = [
        re.escape(name).replace(r"\ ", r"[\s.]+")
        if UNSEGMENTED.match(name)
        else rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])".replace(r"\ ", r"[\s.]+")
        for name in sorted(names, key=lambda name: (-len(name), name))
    ]
    return re.compile("|".join(parts) or "(?!)")
