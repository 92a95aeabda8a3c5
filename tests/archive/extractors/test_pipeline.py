"""The whole way from bytes to article: what holds for any page."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.capture import Capture, Provenance
from archive.extractors import RULES, extract, extract_page
from archive.extractors.template import Template
from archive.extractors.text import fold, squeeze
from settings.language import languages
from settings.outlet import Extract, Outlet
from tests.archive.extractors.leftovers import FOLDER, LANGUAGES, draw, story

LOST = (
    b"<html><head><title>Page not found</title></head><body><h1>Page not found</h1>"
    b"<p>Sorry, there is nothing here for you to read any more, try the search.</p></body></html>"
)
STARTED = datetime(2026, 5, 3, 12, tzinfo=UTC)


def outlet(**keys: object) -> Outlet:
    return Outlet(id="gazette", name="Gazette", home="https://gazette.example/", **keys)  # type: ignore[arg-type]


def capture(body: bytes, status: str = "200 OK", content_type: str = "text/html") -> Capture:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Capture(
        url="https://gazette.example/a", started=STARTED, request=b"GET /a HTTP/1.1\r\n\r\n", response=head + body,
        provenance=Provenance(outlet="gazette", run="r", why="article"),
    )  # fmt: skip


def test_a_capture_gives_what_its_page_gives() -> None:
    """Through HTTP the article is the same as from the page's bytes alone, and says which rules made it."""
    body = draw(story("fr"), "paragraphs")
    article = extract(capture(body), outlet(languages=("fr",)), languages())
    assert article == extract_page(body, "https://gazette.example/a", "text/html")
    assert article.rules == RULES


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_line_stands_on_the_page(code: str) -> None:
    """Nothing is invented: each line of the text is on the page as it is."""
    body = draw(story(code), "breaks")
    shown = " ".join(body.decode().replace("&amp;", "&").split())
    assert all(" ".join(line.split()) in shown for line in extract_page(body, "https://x.example/").text.split("\n\n"))


def test_extraction_is_deterministic_and_blind_to_what_does_not_matter() -> None:
    """The same page gives the same article; comments and the order of attributes change nothing."""
    page = (FOLDER / "sample.html").read_text("utf-8")
    first = extract_page(page.encode(), "https://x.example/")
    assert extract_page(page.encode(), "https://x.example/") == first
    changed = page.replace('<html dir="rtl" lang="ar">', '<html lang="ar" dir="rtl">').replace("<p>", "<!-- x --><p>")
    assert extract_page(changed.encode(), "https://x.example/") == first


def test_joiners_and_emoji_come_through() -> None:
    """Zero-width joiners of Persian and of emoji are in the text as they were on the page."""
    told = story("fa")
    article = extract_page(draw(told, "paragraphs"), told.url)
    assert article.text.count("\u200c") == told.text.count("\u200c") > 0
    assert article.title is not None
    assert article.title.count("\u200c") == told.title.count("\u200c") > 0


def test_declared_and_used_charset_are_told_apart() -> None:
    """A page that lies about its charset is read right, and the lie is on record."""
    told = story("ru")
    body = draw(told, "paragraphs").decode().encode("windows-1251")
    article = extract_page(body, told.url)
    assert article.text == told.text
    assert (article.charset, article.declared_charset) == ("windows-1251", "utf-8")


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", None, "empty"),
        (b" \n\t ", None, "empty"),
        (b"%PDF-1.7 not a page", "text/html", "not-html"),
        (b"\x89PNG\r\n\x1a\n", None, "not-html"),
        (b"<html><p>x</p></html>", "application/json", "not-html"),
        (b"plain words, no page", None, "not-html"),
        (bytes(range(256)) * 40, None, "not-html"),
        (b"<html><head><title>x</title></head><body></body></html>", None, "no-text"),
        (LOST, None, "error-page"),
        (LOST.replace(b"Page not found", b"Page introuvable").replace(b"<html", b"<html lang=fr"), None, "error-page"),
        (b"<html><body>" + b"<h3><a href='/x'>One of the many headlines of today</a></h3>" * 30, None, "list"),
    ],
)  # fmt: skip
def test_what_is_no_article_says_why(body: bytes, content_type: str | None, reason: str) -> None:
    """A page that is no article gives the reason instead of a text made up."""
    assert extract_page(body, "https://x.example/", content_type).not_article == reason


def test_an_article_about_errors_is_one() -> None:
    """A headline that is also an error's name makes no error page of a long text."""
    told = story("es")
    page = draw(told, "paragraphs").decode().replace(told.title, "Not found")
    assert extract_page(page.encode(), told.url).not_article is None


def test_other_answers_are_no_articles() -> None:
    """What the server itself calls an error or a redirect is not read as an article."""
    assert (
        extract(capture(draw(story("fr"), "paragraphs"), "404 Not Found"), outlet(), languages()).not_article
        == "status-404"
    )


def test_a_date_after_the_capture_is_not_believed() -> None:
    """Nothing was published after it was fetched."""
    body = (
        b"<html><head><meta property='article:published_time' content='2031-01-01'></head><body><p>x</p></body></html>"
    )
    assert extract(capture(body), outlet(), languages()).published is None
    assert extract_page(body, "https://x.example/").published is not None


def test_the_outlets_own_selectors_rule() -> None:
    """Hand-written help cuts and keeps whatever the rules say; a selector that cannot be read is none."""
    told = story("fr")
    body = draw(told, "boxes").replace(
        f"<p>{told.paragraphs[1]}".encode(), f"<p class='odd'>{told.paragraphs[1]}".encode()
    )
    help_ = Extract(keep=(".related-box", "p:::bad"), cut=("p.odd",))
    article = extract(capture(body), outlet(extract=help_), languages())
    assert told.paragraphs[1] not in article.text
    assert told.inline[0] in article.text
    assert {block.rule for block in article.blocks if block.text == told.paragraphs[1]} == {"outlet"}


def test_a_template_cuts_what_it_learnt() -> None:
    """A line that the outlet repeats on its pages is cut, by a rule of that name."""
    told = story("ru")
    line = told.paragraphs[2]
    template = Template(outlet="gazette", repeated=frozenset({squeeze(line)}))
    article = extract(capture(draw(told, "paragraphs")), outlet(), languages(), template)
    assert line not in article.text
    assert {block.rule for block in article.blocks if fold(block.text) == fold(line)} == {"template"}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_never_raises_on_any_bytes(body: bytes) -> None:
    """Whatever the bytes, bare or inside a page: an article, or the reason why not."""
    for draft in (body, b"<html><body><p>" + body + b"</p></body></html>"):
        article = extract_page(draft, "https://x.example/")
        assert article.text or article.not_article


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div>",
                "</div>",
                "<a href='/x'>",
                "</a>",
                "<h1>",
                "<table><tr><td>",
                "<br>",
                "Read also: ",
                "شاهد أيضا ",
                "3 ماي2016 ",
                "A sentence that is long enough to count as a paragraph of the text, and ends. ",
                "\x00",
                "&#xD800;",
                "<script type='application/ld+json'>{",
                "</script>",
                "<time datetime='x'>",
            ]
        ),
        max_size=60,
    )
)
def test_never_raises_on_any_markup(pieces: list[str]) -> None:
    """However the pieces of a page are thrown together."""
    article = extract_page(("<html>" + "".join(pieces)).encode(), "https://x.example/2016/05/03/a")
    assert [block for block in article.blocks if block.kept and block.text not in article.text] == []


@pytest.mark.parametrize("url", ["", "not an address", "http://[::1", "https://x.example/" + "a" * 5000, "mailto:x@y"])
def test_odd_addresses_are_no_error(url: str) -> None:
    """The address helps where it can and harms nowhere."""
    assert extract_page(draw(story("es"), "paragraphs"), url).text == story("es").text


@pytest.mark.parametrize(
    "page",
    [
        b"<html><body>" + b"<div>" * 100_000 + b"x",
        b"<html><body>" + b"<p><a href='/x'>A headline that leads elsewhere</a></p>" * 20_000,
        b"<" * 200_000,
    ],
)
def test_hostile_pages_end_in_time(page: bytes) -> None:
    """Nesting, links and brackets without end cost seconds at the most."""
    assert extract_page(page, "https://x.example/").not_article in ("no-text", "list", "not-html")


def test_importing_is_light() -> None:
    """Importing the room loads none of the heavy packages; calling it does."""
    code = (
        "import sys, archive.extractors, archive.extractors.template\n"
        "print(sorted({'trafilatura', 'lxml', 'pycld2', 'babel', 'chardet'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
