"""Choosing the article's blocks."""

from __future__ import annotations

import pytest

from archive.extractors.body import find_body, is_better, is_paragraph
from archive.extractors.page import read_page

LINES = tuple(
    f"Paragraph {name} tells how the orchard was planted, who watered it, and why nobody would sell it in the end."
    for name in ("one", "two", "three", "four", "five")
)
TITLE = "The orchard that was never sold"


def chosen(markup: str, title: str | None = TITLE, descriptions: tuple[str, ...] = ()) -> dict[str, str]:
    page = read_page(f"<html><body>{markup}</body></html>".encode(), "https://x.example/a")
    body = find_body(page, title, descriptions)
    return {
        page.blocks[index].text: reason for index, reason in body.reasons.items() if page.blocks[index].text != title
    }


def paragraphs(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def test_the_body_is_found_in_plain_markup() -> None:
    """Paragraphs in an element without a name are the body; menus are not."""
    menu = "<ul>" + "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(12)) + "</ul>"
    assert list(chosen(f"{menu}<h1>{TITLE}</h1><div>{paragraphs(*LINES)}</div>{menu}")) == list(LINES)


@pytest.mark.parametrize("opening", ["<div class='standfirst'>{}</div>", "<header><p>{}</p></header>", "<h2>{}</h2>"])
def test_the_lead_is_brought_back(opening: str) -> None:
    """The first paragraph counts although it stands outside the element of the others."""
    lead = "Three generations turned down every offer for the trees behind the church, and the fourth will too."
    found = chosen(f"<h1>{TITLE}</h1>{opening.format(lead)}<div class='x'>{paragraphs(*LINES)}</div>")
    assert next(iter(found)) == lead
    assert list(found)[1:] == list(LINES)


def test_a_caption_is_no_lead() -> None:
    """What stands in a figure between headline and body is not brought back."""
    caption = "The orchard in the first week of May, when all the pear trees are in blossom at once."
    found = chosen(
        f"<h1>{TITLE}</h1><figure><figcaption>{caption}</figcaption></figure><div>{paragraphs(*LINES)}</div>"
    )
    assert caption not in found


def test_the_densest_element_answers_where_the_first_opinion_is_a_footer() -> None:
    """Text in an unusual place under the headline wins over legal notices at the end."""
    cells = "".join(f"<font>{line}</font><br>" for line in LINES)
    legal = "<div id='footer'>This site is published by the Gazette, which answers for no damage at all.</div>"
    found = chosen(f"<table><tr><td><b>{TITLE}</b><br>{cells}</td></tr></table>{legal}")
    assert set(LINES) <= set(found)


def test_what_is_denser_must_also_lie_under_the_headline() -> None:
    """Far more text wins over a chosen footer; it does not win over a short article that stands under the headline."""
    legal = (
        "<p>This site is published by the Gazette, which answers for no damage from the use of its pages at all.</p>"
    )
    markup = f"<body><h1>{TITLE}</h1>{paragraphs(*LINES)}{'<p>x</p>' * 30}{legal}</body>"
    page = read_page(f"<html>{markup}</html>".encode(), "https://x.example/a")
    body, footer = range(1, 6), [len(page.blocks) - 1]
    assert is_better(page, body, footer, TITLE)
    assert is_better(page, body, footer, None)
    short = f"<body><h1>{TITLE}</h1><p>{LINES[0]}</p>{'<p>x</p>' * 30}{paragraphs(*LINES[1:])}</body>"
    page = read_page(f"<html>{short}</html>".encode(), "https://x.example/a")
    assert not is_better(page, range(32, 36), [1], TITLE)


def test_link_lists_hold_no_body() -> None:
    """A page of links has no paragraphs to choose."""
    links = "".join(
        f"<p><a href='/{n}'>Headline number {n} of the many that are on this page</a></p>" for n in range(40)
    )
    page = read_page(f"<html><body>{links}</body></html>".encode(), "https://x.example/")
    assert not any(is_paragraph(page.blocks[index]) for index in find_body(page, None).reasons)


def test_too_deep_for_recursion_is_read_all_the_same() -> None:
    """A tree that is nested too deep for others is read by density."""
    markup = "<div>" * 1200 + f"<h1>{TITLE}</h1>{paragraphs(*LINES)}" + "</div>" * 1200
    assert set(LINES) <= set(chosen(markup))


def test_what_trafilatura_loses_in_spelling_is_kept() -> None:
    """Joiners in the text survive, since the text is the page's own."""
    persian = "کتاب‌خانه‌ای که در روستا ساخته شده بود می‌خواهد امسال هم میزبان بچه‌های دبستانی باشد و کتاب‌های تازه بخرد."
    body = paragraphs(*(f"{persian} {n}" for n in range(4)))
    page = read_page(f"<html><meta charset='utf-8'><body><h1>x</h1><div>{body}</div></body></html>".encode(), "")
    text = "".join(page.blocks[index].text for index in find_body(page, None).reasons)
    assert text.count("\u200c") == 4 * persian.count("\u200c")
