"""Cutting: each rule at work on a page of our own, and beside it what the rule must leave."""

from __future__ import annotations

import pytest

from archive.article import Article
from archive.extractors import extract_page
from archive.extractors.body import Body
from archive.extractors.boilerplate import Facts, cut_blocks
from archive.extractors.page import read_page
from archive.extractors.phrases import phrasebook
from settings.language import languages

PARAGRAPHS = (
    "The ferry crossed the bay for the last time on Sunday, carrying three cars, a brass band and most of the village.",
    "For sixty years the boat had been the only way to reach the island, and its captain knew every passenger by name.",
    "“We will still come down to the quay at six, just to look at the water,” said the baker, who sold bread on board.",
    "The new bridge opens on Monday, and the council has promised to keep the old landing stage as a place to swim.",
)


def page(*pieces: str, title: str = "Last ferry crosses the bay") -> Article:
    """Lay out a page: pieces that are plain text become paragraphs of the body."""
    body = "".join(piece if piece.startswith("<") else f"<p>{piece}</p>" for piece in pieces)
    markup = f"<html lang='en'><head><title>{title}</title></head><body><h1>{title}</h1><div>{body}</div></body></html>"
    return extract_page(f"<meta charset='utf-8'>{markup}".encode(), "https://gazette.example/news/ferry")


def around(piece: str) -> Article:
    return page(PARAGRAPHS[0], PARAGRAPHS[1], piece, PARAGRAPHS[2], PARAGRAPHS[3])


def behind(*pieces: str) -> Article:
    return page(*PARAGRAPHS, *pieces)


CUT = [
    ("<p>Share this article</p>", "phrase:share"),
    ("<p>Read also: <a href='/b'>Bridge opens to the public on Monday</a></p>", "phrase:read-also"),
    ("<p><a href='/b'>Bridge opens to the public on Monday morning</a></p>", "links"),
    ("<p><em>Sign up for our newsletter to get the news every day.</em></p>", "phrase:newsletter"),
    ("<p>Advertisement</p>", "phrase:advertisement"),
    ("<div class='related-posts'><p>Ten bridges that changed an island for good.</p></div>", "place:related"),
    ("<aside><p>The bay in figures: eleven kilometres, four lighthouses and one ferry.</p></aside>", "place:aside"),
    ("<figure><img src='x.jpg'><figcaption>The ferry leaves the quay.</figcaption></figure>", "caption"),
    ("<p>Last ferry crosses the bay</p>", "title"),
    ("<p>3 May 2016, 14:30</p>", "date-line"),
    ("<p>17302</p>", "no-letters"),
    ("<div style='display:none'><p>You have read three of five free articles this month.</p></div>", "hidden"),
]  # fmt: skip


@pytest.mark.parametrize(("piece", "rule"), CUT)
def test_leftovers_among_the_paragraphs_are_cut(piece: str, rule: str) -> None:
    """A leftover in the midst of the text goes, by its own rule or unchosen; the text stays whole."""
    article = around(piece)
    assert article.text.split("\n\n") == list(PARAGRAPHS)
    assert {block.rule for block in article.blocks if not block.kept} <= {rule, "outside", "title"}


@pytest.mark.parametrize(("piece", "rule"), CUT)
def test_leftovers_behind_the_text_are_cut(piece: str, rule: str) -> None:
    """The same behind the last paragraph."""
    assert behind(piece).text.split("\n\n") == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "tail",
    [
        (
            "Comments Off on Last ferry crosses the bay",
            "See also",
            "Harbour lights go out",
            "The harbour lights went out on …",
        ),
        ("Read also", "Harbour lights go out", "The harbour lights went out on Tuesday when…"),
        ("Share this", "Facebook", "Twitter", "Related articles", "Harbour lights go out"),
        ("<h3>Comments</h3>", "user1", "What a lovely piece, thank you for it", "Leave a reply"),
        ("Tags: ferry, bay, bridge", "Previous article", "Harbour lights go out"),
        ("© 2016 The Gazette. All rights reserved.",),
    ],
)
def test_the_tail_goes_with_its_marker(tail: tuple[str, ...]) -> None:
    """From the first marker behind the last paragraph nothing is kept: labels, other headlines, their teasers."""
    assert behind(*tail).text.split("\n\n") == list(PARAGRAPHS)


@pytest.mark.parametrize(
    "sentence",
    [
        "See also the old charts, he told the children, and you will understand why the boat went round the rocks.",
        "Read more slowly, the teacher used to say.",
        "Share prices of the ferry company fell on the news.",
        "Follow us, cried the band, and everybody did.",
        "Related to the first captain, the last one keeps his cap.",
        "Comments were few on the last day.",
        "Advertisement or not, the poster on the quay was a work of art.",
    ],
)
def test_prose_that_begins_with_a_phrase_stays(sentence: str) -> None:
    """A sentence of the article is no leftover, however it begins."""
    for article in (around(sentence), behind(sentence)):
        assert sentence in article.text.split("\n\n")


def test_text_behind_a_link_in_its_midst_stays() -> None:
    """A read-also line before the last, short sentence takes nothing with it."""
    article = page(*PARAGRAPHS, "<p>Read also: <a href='/b'>Bridge opens on Monday</a></p>", "The bell was rung twice.")
    assert article.text.split("\n\n") == [*PARAGRAPHS, "The bell was rung twice."]


def test_subheadings_with_text_under_them_stay() -> None:
    """A heading among the paragraphs is kept; one that heads nothing is not."""
    article = page(PARAGRAPHS[0], PARAGRAPHS[1], "<h2>The last captain</h2>", *PARAGRAPHS[2:], "<h2>Our podcasts</h2>")
    assert article.text.split("\n\n") == [*PARAGRAPHS[:2], "The last captain", *PARAGRAPHS[2:]]


def test_a_headline_that_is_a_link_elsewhere_on_the_page_goes() -> None:
    """A line equal to a link of the page's other lists is another article's headline."""
    headline = "Harbour lights go out for good this winter"
    article = page(
        PARAGRAPHS[0], PARAGRAPHS[1], headline, *PARAGRAPHS[2:], f"<ul><li><a href='/h'>{headline}</a></li></ul>"
    )
    assert headline not in article.text


def test_a_teaser_under_a_linked_headline_goes() -> None:
    """Opening words that trail off under a link are another article's."""
    teaser = "The harbour lights went out for good on Tuesday, when the last keeper handed over the keys to…"
    assert teaser not in behind("<p><a href='/h'>Harbour lights go out for good</a></p>", teaser).text


def test_a_paragraph_that_trails_off_stays() -> None:
    """An ellipsis alone makes no teaser of a paragraph."""
    paragraph = "And then, somewhere behind the fog, the horn was heard once more, very far away and very quietly…"
    assert paragraph in around(paragraph).text


def test_a_named_place_that_holds_the_text_is_the_article() -> None:
    """A class that says `sidebar` or `tags` on the body's own element cuts nothing."""
    for name in ("post tag-ferry category-news", "content has-sidebar", "print"):
        body = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
        assert page(f"<div class='{name}'>{body}</div>").text.split("\n\n") == list(PARAGRAPHS), name


def test_tables_of_contents_do_not_make_headings_of_others() -> None:
    """A heading that the page itself links to is its own."""
    article = page(
        "<ul><li><a href='#captain'>The last captain of the ferry</a></li></ul>", *PARAGRAPHS[:2],
        "<h2 id='captain'>The last captain of the ferry</h2>", *PARAGRAPHS[2:],
    )  # fmt: skip
    assert "The last captain of the ferry" in article.text.split("\n\n")


def judged(*pieces: str) -> dict[str, str]:
    """Judge a page of which every block was chosen: the rules alone, without anybody's first opinion."""
    read = read_page(f"<html><body>{''.join(pieces)}</body></html>".encode(), "https://gazette.example/news/ferry")
    body = Body(dict.fromkeys(range(len(read.blocks)), "body"), None)
    known = languages().for_tags(("en",))
    rules = cut_blocks(read, body, Facts("Last ferry crosses the bay", ("Mara Lind",), phrasebook(known), known))
    return {read.blocks[index].text: rule for index, rule in rules.items()}


def test_strays_around_the_paragraphs() -> None:
    """Short lines before the first and behind the last paragraph are strays; among them, or ended as sentences, not."""
    lines = ["SPORT", *PARAGRAPHS[:2], "Silence", *PARAGRAPHS[2:], "Then nothing.", "Desk three"]
    assert judged(*(f"<p>{line}</p>" for line in lines)) == {"SPORT": "stray", "Desk three": "stray"}


def test_a_heading_of_nothing() -> None:
    """A heading behind the last paragraph heads nothing that is kept."""
    heading = "What our readers looked at most this week"
    pieces = [*(f"<p>{line}</p>" for line in PARAGRAPHS), f"<h2>{heading}</h2>"]
    assert judged(*pieces) == {heading: "heading-of-nothing"}


def test_a_signature_behind_the_text_is_no_stray() -> None:
    """A credit and a line in brackets behind the last paragraph stay."""
    assert judged(*(f"<p>{line}</p>" for line in (*PARAGRAPHS, "(Reuters)"))) == {}


def test_a_byline_is_known_by_its_name() -> None:
    """A line that is an author's name, with or without "by", is no text."""
    rules = judged("<p>Mara Lind</p>", "<p>By Mara Lind</p>", *(f"<p>{line}</p>" for line in PARAGRAPHS))
    assert rules == {"Mara Lind": "byline", "By Mara Lind": "phrase:by"}
