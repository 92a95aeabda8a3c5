"""Phrases, looked up folded."""

from __future__ import annotations

import pytest

from archive.extractors.phrases import Phrasebook, phrasebook
from archive.extractors.text import fold
from settings.language import languages


def book(*codes: str) -> Phrasebook:
    return phrasebook(languages().for_tags(codes))


@pytest.mark.parametrize(
    ("code", "line", "kind"),
    [
        ("ar", "شاهد ايضا", "see_also"),
        ("fr", "À LIRE AUSSI :", "read_also"),
        ("en", "Comments (17)", "comments"),
        ("zh", "相关阅读：", "read_also"),
        ("ru", "Читайте также", "read_also"),
        ("en", "A sentence of its own", None),
    ],
)
def test_labels(code: str, line: str, kind: str | None) -> None:
    """A line that is a phrase, in any spelling and with any counter, has the phrase's class."""
    assert book(code).label(fold(line)) == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [("Share | Print | Tweet", "share"), ("Facebook Twitter WhatsApp", "share"), ("Share prices", None)],
)
def test_rows_of_labels(line: str, kind: str | None) -> None:
    """Several labels in a row are furniture; a label before other words is not yet."""
    assert book("en").only_labels(fold(line)) == kind


def test_openings_end_at_a_word() -> None:
    """A phrase opens a line only as whole words, where the script has words."""
    english, chinese = book("en"), book("zh")
    assert english.opening(fold("Read also: the bridge")) == ("read_also", "the bridge")
    assert english.opening(fold("Shared memories of the bridge")) is None
    assert chinese.opening(fold("相关阅读古城的桥")) == ("read_also", "古城的桥")


def test_the_longest_phrase_opens() -> None:
    """Of several phrases that fit, the longest is meant."""
    found = book("en").opening(fold("Follow us on Twitter for more"))
    assert found == ("follow", "for more")


@pytest.mark.parametrize(
    ("code", "line", "filling"),
    [
        ("ar", "التعليقات على عين القرية مغلقة", "عين القريه"),
        ("en", "Comments Off on The old bridge", "the old bridge"),
        ("zh", "古城的桥已关闭评论", "古城的桥"),
        ("en", "Comments Offset the losses", None),
    ],
)
def test_frames(code: str, line: str, filling: str | None) -> None:
    """A phrase with a hole gives what fills it, at word bounds."""
    found = book(code).framed(fold(line))
    assert (found[1] if found else None) == filling


def test_first_language_rules() -> None:
    """Where two languages use a word differently, the article's own counts."""
    assert book("fr", "en").label(fold("Par")) == "by"
    assert phrasebook(languages().for_tags(("fr",))) is phrasebook(languages().for_tags(("fr",)))
