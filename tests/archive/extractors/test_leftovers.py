"""The pages that extraction was built for: whole, clean, dated and credited, in any mark-up."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.extractors import extract_page
from settings.language import languages
from tests.archive.extractors.leftovers import FOLDER, LANGUAGES, MARKUPS, draw, story

EVERY = pytest.mark.parametrize(("code", "markup"), [(code, markup) for code in LANGUAGES for markup in MARKUPS])


@EVERY
def test_text_is_whole_and_clean(code: str, markup: str) -> None:
    """Every paragraph stays, sentences that begin with a phrase among them, and every leftover goes."""
    told = story(code)
    assert extract_page(draw(told, markup), told.url).text.split("\n\n") == told.text.split("\n\n")


@EVERY
def test_date(code: str, markup: str) -> None:
    """The printed date is read in its language and calendar."""
    told = story(code)
    published = extract_page(draw(told, markup), told.url).published
    assert published is not None
    assert (published.value[:10], published.day) == (told.date, told.date)


@EVERY
def test_title_credit_and_language(code: str, markup: str) -> None:
    """The title is the headline without the site's name; the credit is told apart; the language is the text's."""
    told = story(code)
    article = extract_page(draw(told, markup), told.url)
    assert (article.title, article.credit, article.language.code[:2]) == (told.title, told.credit, told.language)
    assert article.not_article is None


def test_the_sample_page() -> None:
    """The Tunisian page ends at its agency credit; comments-closed line, see-also, headline and teaser are gone."""
    article = extract_page((FOLDER / "sample.html").read_bytes(), "https://sawt-assahel.example/?p=4711")
    lines = article.text.split("\n\n")
    assert lines[0].startswith("يقضي الحاج الهادي")
    assert lines[-1] == "(عن الهافنغتون بوست)"
    assert len(lines) == 5
    assert article.title == "مزارعو الشمال ينتظرون المطر بعد شتاء جاف"
    assert article.credit == "عن الهافنغتون بوست"
    assert article.published is not None
    assert (article.published.value, article.published.precision, article.published.source) == (
        "2016-05-03",
        "day",
        "text",
    )


@pytest.mark.parametrize("spelling", ["شاهد أيضًا", "شاهد أيضاً", "شاهد ايضا", "شــاهد أيضا"])
def test_the_sample_page_in_other_spellings(spelling: str) -> None:
    """Phrases are compared folded: tanwin, hamza and tatweel make no difference."""
    page = (FOLDER / "sample.html").read_text("utf-8").replace("شاهد أيضًا", spelling)
    assert extract_page(page.encode(), "https://sawt-assahel.example/?p=4711").text.endswith("(عن الهافنغتون بوست)")


def test_every_block_is_accounted_for() -> None:
    """Each block of the page is kept or cut, and names the rule that decided."""
    article = extract_page((FOLDER / "sample.html").read_bytes(), "https://sawt-assahel.example/?p=4711")
    assert "\n\n".join(block.text for block in article.blocks if block.kept) == article.text
    assert all(block.rule for block in article.blocks)
    rules = {block.text[:12]: block.rule for block in article.blocks if not block.kept}
    assert rules["التعليقات عل"] == "phrase:comments-closed-on"
    assert rules["شاهد أيضًا"] == "phrase:see-also"


@pytest.mark.parametrize("place", ["among", "last"])
@pytest.mark.parametrize("code", sorted(languages()))
def test_counter_examples_stay(code: str, place: str) -> None:
    """Prose that begins with or holds a phrase is never cut, among the paragraphs or as the last of them."""
    language = languages()[code]
    filler = story("ar" if "Arab" in language.scripts else "es").paragraphs
    for example in language.counter_examples:
        lines = [filler[0], filler[1], filler[4]]
        lines.insert(2 if place == "among" else 3, example)
        body = "".join(f"<p>{line}</p>" for line in lines)
        page = f'<html lang="{code}"><meta charset="utf-8"><body><h1>1 2 3</h1><div>{body}</div></body></html>'
        article = extract_page(page.encode(), f"https://x.example/{code}")
        assert [block.rule for block in article.blocks if block.text == example and not block.kept] == [], example


def test_pages_are_ours() -> None:
    """Each language has a page, so that none drops out unseen."""
    assert set(LANGUAGES) == {"ar", "es", "fa", "fr", "he", "ru", "zh"}
    assert Path(FOLDER / "sample.html").is_file()
