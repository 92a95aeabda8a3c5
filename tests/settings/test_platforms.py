"""What the package knows of platforms can be read, and does not contradict itself."""

from __future__ import annotations

from dataclasses import fields
from urllib.parse import urlsplit

from settings.platforms import PathWords, platforms


def test_words_are_spelt_as_they_are_compared() -> None:
    """Words are in lower case and without blanks at their ends, as addresses are when they are compared with them."""
    known = platforms()
    for group in (known.words, known.page, known.endings, known.query, known.sitemaps, known.feeds):
        for field in fields(group):
            for word in getattr(group, field.name):
                assert word == word.strip().lower(), word


def test_a_word_is_of_one_kind() -> None:
    """No word names both a kind of page that is never an article and a list, or two such kinds."""
    words = platforms().words
    beside = ("about", "article", "page", "index", "months")
    kinds = [field.name for field in fields(PathWords) if field.name not in beside]
    seen: dict[str, str] = {}
    for kind in kinds:
        for word in getattr(words, kind):
            assert seen.setdefault(word, kind) == kind, f"{word}: {seen[word]} and {kind}"


def test_usual_addresses_are_paths() -> None:
    """Usual feeds and sitemaps are paths from the root, each once."""
    for listed in (platforms().feeds.well_known, platforms().sitemaps.well_known):
        assert len(set(listed)) == len(listed)
        for path in listed:
            assert path.startswith("/")
            assert not urlsplit(path).netloc


def test_names_of_articles_are_no_tracking() -> None:
    """No parameter that may name an article or a page of a list is dropped from addresses."""
    known = platforms()
    named = known.query.article | known.query.page | known.query.listing
    assert not named & known.tracking.names
    assert not [name for name in named if name.startswith(known.tracking.prefixes)]
    assert not [pair for pair in known.amp.query if pair.partition("=")[0] in named - {"format", "view"}]
