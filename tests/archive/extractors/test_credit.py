"""Credits: who an article was taken from."""

from __future__ import annotations

import pytest

from archive.extractors.credit import credit_of
from archive.extractors.phrases import phrasebook
from settings.language import languages


def credit(code: str, *lines: str) -> str | None:
    return credit_of(lines, phrasebook(languages().for_tags((code, "en"))))


@pytest.mark.parametrize(
    ("code", "line", "found"),
    [
        ("ar", "(عن الهافنغتون بوست)", "عن الهافنغتون بوست"),
        ("ar", "(رويترز)", "رويترز"),
        ("ar", "المصدر: وكالات", "المصدر: وكالات"),
        ("fr", "(avec AFP)", "avec AFP"),
        ("fr", "AFP", "AFP"),
        ("de", "Mit Material von dpa", "Mit Material von dpa"),
        ("zh", "来源：新华社", "来源：新华社"),
        ("ru", "По материалам ТАСС", "По материалам ТАСС"),
        ("en", "Reuters contributed to this report", "Reuters contributed to this report"),
        ("en", "(Gazette)", None),
        ("en", "With every year the bridge grows older and no one seems to mind the noise.", None),
        ("ar", "عن هذا الموضوع قال الوزير إن الحكومة ستنظر في كل المقترحات قبل نهاية السنة.", None),
    ],
)
def test_last_lines(code: str, line: str, found: str | None) -> None:
    """A short last line with a source's words or an agency's name is a credit; sentences are not."""
    assert credit(code, "A first line of the article that says a good deal.", line) == found


def test_at_the_end_of_the_last_paragraph() -> None:
    """An agency in brackets may close the last paragraph."""
    assert credit("de", "Die Brücke bleibt bis auf Weiteres gesperrt. (dpa)") == "dpa"
    assert credit("de", "Die Brücke bleibt bis auf Weiteres gesperrt (siehe Karte).") is None


def test_in_the_dateline() -> None:
    """An agency in the dateline is a credit too."""
    assert credit("en", "PORT ELLEN (Reuters) - The ferry crossed the bay for the last time.", "The end.") == "Reuters"


def test_early_lines_do_not_count() -> None:
    """Only the last lines are asked."""
    assert credit("fr", "AFP", "Une ligne.", "Une autre ligne.", "Encore une ligne.", "La dernière ligne.") is None
