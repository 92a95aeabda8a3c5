"""Language: what we know of one language, read from `languages/<code>.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from settings.errors import ConfigError
from settings.outlet import refuse_unknown

FOLDER = Path(__file__).with_name("languages")
"""The files that the package ships."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """What sites print around articles, by class. Compared after folding, so spelling variants need no entry.

    `%s` stands for anything (the page's title, a name, a number). A phrase alone never cuts a sentence of an article:
    position, links and length decide with it.
    """

    see_also: tuple[str, ...] = ()
    read_also: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    most_read: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    """Headings and counts of the readers' comments, and invitations to write one."""
    comments_closed: tuple[str, ...] = ()
    comments_closed_on: tuple[str, ...] = ()
    """As comments_closed, with the page's title at `%s` (WordPress)."""
    share: tuple[str, ...] = ()
    print: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    newsletter: tuple[str, ...] = ()
    advertisement: tuple[str, ...] = ()
    copyright: tuple[str, ...] = ()
    previous_next: tuple[str, ...] = ()
    navigation: tuple[str, ...] = ()
    published_at: tuple[str, ...] = ()
    updated_at: tuple[str, ...] = ()
    reading_time: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    photo: tuple[str, ...] = ()
    """Words that open a photo credit or caption."""
    source: tuple[str, ...] = ()
    """Words that open a source line, which is the article's credit."""
    end_mark: tuple[str, ...] = ()
    """Lines that say "end of message"."""
    by: tuple[str, ...] = ()
    """Words that open a byline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """Who an article may come from, apart from the people who wrote it."""

    agencies: tuple[str, ...] = ()
    """Names of news agencies as this language writes them."""
    desks: tuple[str, ...] = ()
    """Bylines that name no person: the newsroom, the editors."""
    patterns: tuple[str, ...] = ()
    """Credit lines with `%s` for the source. Counted only as a short last line."""
    joiners: tuple[str, ...] = ()
    """Words between the names of several authors."""


Months = tuple[tuple[str, ...], ...]
"""Names by month number, first month first; each month may have several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """How dates are written, beyond what CLDR knows of the language."""

    locales: tuple[str, ...] = ()
    """CLDR locales whose month names count, beside the language's own."""
    gregorian: Months = ()
    """Further spellings of the twelve months."""
    hijri: Months = ()
    jalali: Months = ()
    """Month names of the Solar Hijri year (Iran and Afghanistan)."""
    ethiopic: Months = ()
    hebrew: Months = ()
    """Nisan first (as the calendar's arithmetic counts), Adar 12, Adar II 13."""
    small_years: Literal["", "hijri", "jalali"] = ""
    """The calendar of a year below 1500."""
    buddhist: bool = False
    """Whether a year above 2400, or of two digits, counts from 543 before the common era."""
    month_first: bool = False
    """Whether `1/2/2016` is the second of January."""
    eras: tuple[tuple[str, int], ...] = ()
    """Names of eras before a year, with what to add to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language. `code` is its ISO 639 code, the name of its file."""

    code: str
    name: str
    native_name: str
    scripts: tuple[str, ...]
    """ISO 15924, the usual one first."""
    direction: Literal["ltr", "rtl"] = "ltr"
    aliases: tuple[str, ...] = ()
    """Other codes that this file answers for (`nb` and `nn` for `no`)."""
    phrases: Phrases = field(default_factory=Phrases)
    credits: Credits = field(default_factory=Credits)
    dates: Dates = field(default_factory=Dates)
    next_page: tuple[str, ...] = ()
    """Words of the link to the next page of a list."""
    error_page: tuple[str, ...] = ()
    """Titles of pages that say that there is nothing here."""
    counter_examples: tuple[str, ...] = ()
    """Sentences of real prose that begin with or hold a phrase above: no rule may cut them (tested)."""

    def __hash__(self) -> int:
        return hash(self.code)


class Languages(Mapping[str, Language]):
    """The languages of a folder, each file read when it is first asked for."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {path.stem: path for path in sorted(folder.glob("*.toml"))}
        self._read: dict[str, Language] = {}
        self._aliases: dict[str, str] | None = None

    def __getitem__(self, code: str) -> Language:
        if code not in self._read:
            self._read[code] = load_language(self._files[code])
        return self._read[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def find(self, tag: str | None) -> Language | None:
        """Return the language of a BCP 47 tag, however written (`ar-TN`, `zh_Hant_TW`), or None."""
        parts = (tag or "").strip().lower().replace("_", "-").split("-")
        while parts:
            code = "-".join(parts)
            if code in self._files:
                return self[code]
            if alias := self._alias(code):
                return self[alias]
            parts.pop()
        return None

    def for_tags(self, tags: Iterable[str | None]) -> tuple[Language, ...]:
        """Return the languages of several tags, each once, in order; unknown tags are left out."""
        found = (self.find(tag) for tag in tags)
        return tuple(dict.fromkeys(language for language in found if language))

    def for_script(self, script: str) -> tuple[Language, ...]:
        """Return every language that is written in a script (ISO 15924)."""
        return tuple(language for language in self.values() if script in language.scripts)

    def _alias(self, code: str) -> str | None:
        if len(code) < 2:
            return None
        if self._aliases is None:
            self._aliases = {alias.lower(): language.code for language in self.values() for alias in language.aliases}
        return self._aliases.get(code)


@cache
def languages() -> Languages:
    """Return the languages that the package ships; the same object each time."""
    return Languages()


def load_language(path: Path) -> Language:
    """Read one language's file.

    Raises ConfigError for a file that cannot be read, an unknown key (naming the nearest right one) or a wrong value.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="languages lie in settings/languages") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}", hint="mend that line") from error
    return parse_language({"code": path.stem} | data, where=str(path))


def parse_language(data: dict[str, Any], *, where: str) -> Language:
    """Make a Language of a file's values; `where` is named in errors."""
    refuse_unknown(data, Language, where)
    try:
        language = msgspec.convert(data, Language)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}", hint="docs/extraction.md explains each key") from error
    _check(language, where)
    return language


def _check(language: Language, where: str) -> None:
    for name, months in (("gregorian", 12), ("hijri", 12), ("jalali", 12), ("ethiopic", 13), ("hebrew", 13)):
        given = len(getattr(language.dates, name))
        if given not in (0, months):
            raise ConfigError(
                f"{where}: dates.{name} has {given} months",
                hint=f"write {months} lists, empty where nothing is new",
            )
    for f in fields(Phrases):
        for phrase in getattr(language.phrases, f.name):
            if not phrase.strip() or phrase.count("%s") > 1:
                raise ConfigError(f"{where}: phrases.{f.name}: {phrase!r}", hint="one phrase, with one %s at the most")


def phrase_classes() -> tuple[str, ...]:
    """Return the names of the classes of phrases, in their order in the files."""
    return tuple(f.name for f in fields(Phrases))


__all__ = [
    "FOLDER",
    "Credits",
    "Dates",
    "Language",
    "Languages",
    "Phrases",
    "languages",
    "load_language",
    "parse_language",
    "phrase_classes",
]
