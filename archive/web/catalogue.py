"""The words of the reading room, one TOML file a language: texts, plurals, dates, numbers, directions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from archive.article import ArticleDate, ArticleLanguage

FOLDER = "catalogues"
DEFAULT = "en"

RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})
"""Scripts, ISO 15924."""

WANTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.ASCII)
"""One language of Accept-Language (RFC 9110 section 12.5.4)."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language of the interface."""

    code: str
    name: str
    direction: str
    patterns: Mapping[str, str]
    texts: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]]

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.code)

    def text(self, key: str, **values: object) -> Markup:
        """Return a text, with values put in; values that are no Markup are escaped. KeyError: no such text."""
        return Markup(escape(self.texts[key])).format(**values)  # noqa: S704 (escaped one call before)

    def count(self, key: str, number: int, **values: object) -> Markup:
        """Return a text that counts, in the plural form that the number takes."""
        forms = self.plurals[key]
        form = forms.get(self.locale.plural_form(number)) or forms["other"]
        return Markup(escape(form)).format(n=self.number(number), **values)  # noqa: S704

    def number(self, number: int) -> str:
        """Return a number with the language's grouping."""
        return str(format_decimal(number, locale=self.locale))

    def moment(self, when: datetime) -> str:
        """Return a time of capture, UTC, to the second."""
        return str(format_datetime(when.astimezone(UTC), self.patterns["captured"], locale=self.locale))

    def published(self, when: ArticleDate | None) -> str:
        """Return a date of publication, as far as it is known and in its own zone; empty where it is not known."""
        if when is None:
            return ""
        # A whole date, for a year or a month too: only the known part of it is written.
        begin = when.value + "-01-01"[len(when.value) - 4 :] if len(when.value) < 10 else when.value
        try:
            moment = datetime.fromisoformat(begin)
        except ValueError:
            return when.value
        pattern = self.patterns["minute" if when.precision == "second" else when.precision]
        return str(format_datetime(moment, pattern, tzinfo=moment.tzinfo, locale=self.locale))

    def language(self, code: str) -> str:
        """Return a language's name; its code where the name is not known."""
        try:
            return Locale.parse(code, sep="-").get_display_name(self.locale) or code
        except (ValueError, UnknownLocaleError):
            return code


def load() -> dict[str, Catalogue]:
    """Read every language of the interface, by code."""
    found: dict[str, Catalogue] = {}
    for entry in sorted((files(__package__) / FOLDER).iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            data: dict[str, Any] = tomllib.loads(entry.read_text("utf-8"))
            code = entry.name.removesuffix(".toml")
            found[code] = Catalogue(code=code, **data)
    return found


def choose(known: Iterable[str], asked: str | None, accept: str | None) -> str:
    """Return the language to answer in: the one asked for by address, else the browser's best, else English."""
    known = set(known)
    if asked in known:
        return asked
    best, most = DEFAULT, 0.0
    for part in (accept or "").split(","):
        if (match := WANTED.fullmatch(part)) and match[1].lower() in known:
            weight = float(match[2] or 1)
            if weight > most:
                best, most = match[1].lower(), weight
    return best


def direction(language: ArticleLanguage) -> str:
    """Return the direction of a text's own script, whatever the interface's; `auto` where the script is not known."""
    if language.script in RIGHT_TO_LEFT:
        return "rtl"
    return "auto" if language.script in ("", "Zyyy") else "ltr"
