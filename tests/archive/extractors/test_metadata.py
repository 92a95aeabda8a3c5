"""Title, people, section, tags, picture and addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archive.article import Article
from archive.extractors import extract_page

SITE = "<meta property='og:site_name' content='Gazette'>"
LINES = "".join(
    f"<p>Sentence {n} of the story tells at some length how the choir learnt its songs by heart over the winter.</p>"
    for n in range(4)
)


def article(
    head: str = "",
    body: str = "",
    *,
    h1: str = "A choir by heart",
    url: str = "https://www.gazette.example/a",
    lang: str = "en",
) -> Article:
    heading = f"<h1>{h1}</h1>" if h1 else ""
    top = f'<html lang="{lang}"><head><meta charset="utf-8">{head}</head>'
    page = f"{top}<body>{heading}{body}<div>{LINES}</div></body></html>"
    return extract_page(page.encode(), url)


_SCRIPT = '<script type="application/ld+json">{}</script>'


def ld(**data: Any) -> str:
    return _SCRIPT.format(json.dumps({"@type": "NewsArticle", **data}, ensure_ascii=False))


@pytest.mark.parametrize(
    ("head", "h1", "title"),
    [
        ("<title>A choir by heart | Gazette</title>", "A choir by heart", "A choir by heart"),
        ("<title>A choir by heart - Culture - Gazette</title>", "", "A choir by heart"),
        (f"<title>Gazette :: A choir by heart</title>{SITE}", "", "A choir by heart"),
        (ld(headline="A choir by heart"), "", "A choir by heart"),
        (ld(headline="The choir &amp; its songs &quot;by heart&quot;"), "", 'The choir & its songs "by heart"'),
        (f"<meta property='og:title' content='A choir by heart — Gazette'>{SITE}", "", "A choir by heart"),
        ("<title>Choir and orchestra: a winter's tale</title>", "Gazette", "Choir and orchestra: a winter's tale"),
        ("<title>One word &lt;b&gt;bold&lt;/b&gt; in the headline</title>", "", "One word bold in the headline"),
        ("", "A choir by heart", "A choir by heart"),
    ],
)  # fmt: skip
def test_title(head: str, h1: str, title: str) -> None:
    """The headline comes without the site's name, entities and tags, from wherever it is told."""
    assert article(head, h1=h1).title == title


def test_the_part_of_a_title_that_is_printed_is_the_headline() -> None:
    """Sections and names in the title do not stand on the page as a headline does."""
    told = article(
        "<title>Local news - A choir by heart - Gazette Online</title>",
        "<div class='big'>A choir by heart</div>",
        h1="",
    )
    assert told.title == "A choir by heart"


@pytest.mark.parametrize(
    ("head", "body", "authors"),
    [
        (ld(author={"@type": "Person", "name": "Mara Lind"}), "", ("Mara Lind",)),
        (ld(author=[{"@type": "Person", "name": "Mara Lind"}, {"name": "Odo Reiss"}]), "", ("Mara Lind", "Odo Reiss")),
        (ld(author="Mara Lind"), "", ("Mara Lind",)),
        (ld(author={"@type": "Organization", "name": "Reuters"}), "", ()),
        (ld(author=[{"name": "Newsroom"}, {"name": "Mara Lind"}]), "", ("Mara Lind",)),
        (ld(author={"name": "Newsroom"}), "", ("Newsroom",)),
        (ld(author={"name": "https://gazette.example/mara"}), "", ()),
        ("<meta name='author' content='By Mara Lind and Odo Reiss'>", "", ("Mara Lind", "Odo Reiss")),
        ("<meta property='article:author' content='https://facebook.example/mara'>", "", ()),
        ("", "<p>By Mara Lind</p>", ("Mara Lind",)),
        ("", "<span class='byline'>By <a rel='author' href='/m'>Mara Lind</a></span>", ("Mara Lind",)),
        ("", "<span itemprop='author'><span itemprop='name'>Mara Lind</span></span>", ("Mara Lind",)),
        ("", "<div id='comments'><span class='comment-author'>troll17</span></div>", ()),
    ],
)
def test_authors(head: str, body: str, authors: tuple[str, ...]) -> None:
    """People come without "by", apart from agencies, desks (where a person is named), addresses and commenters."""
    assert article(head, body).authors == authors


@pytest.mark.parametrize(("line", "author"), [("作者：王小明", "王小明"), ("记者 李芳", "李芳")])
def test_authors_in_scripts_without_spaces(line: str, author: str) -> None:
    """A byline is read where no space parts the word from the name."""
    body = "".join(
        f"<p>第{n}段讲述了合唱团在整个冬天里如何一首一首地把所有的歌都背了下来，大家都很高兴。</p>" for n in range(4)
    )
    page = (
        f'<html lang="zh"><meta charset="utf-8"><body><h1>背唱的合唱团</h1><p>{line}</p><div>{body}</div></body></html>'
    )
    assert extract_page(page.encode(), "https://x.example/").authors == (author,)


def test_an_agency_as_author_is_the_credit() -> None:
    """An agency is nobody's name: it goes to the credit."""
    assert article(ld(author={"name": "Reuters"})).credit == "Reuters"


def test_addresses_are_made_whole() -> None:
    """Canonical address and picture are absolute http addresses or nothing."""
    told = article('<link rel="canonical" href="/choir"><meta property="og:image" content="//cdn.example/c.jpg">')
    assert (told.canonical_url, told.image) == ("https://www.gazette.example/choir", "https://cdn.example/c.jpg")
    bad = article('<link rel="canonical" href="javascript:void(0)"><meta property="og:image" content="http://[bad">')
    assert (bad.canonical_url, bad.image) == (None, None)


def test_canonical_falls_back_to_og_url() -> None:
    """Without a canonical link the page's own og:url counts."""
    assert (
        article('<meta property="og:url" content="https://gazette.example/b">').canonical_url
        == "https://gazette.example/b"
    )


@pytest.mark.parametrize(
    ("head", "body", "tags"),
    [
        (ld(keywords="choir, winter,choir"), "", ("choir", "winter")),
        (ld(keywords=["choir", "winter"]), "", ("choir", "winter")),
        ("<meta property='article:tag' content='a'><meta property='article:tag' content='b, c'>", "", ("a", "b, c")),
        ("<meta name='keywords' content='جوقة، شتاء'>", "", ("جوقة", "شتاء")),
        ("", "<a rel='tag' href='/t'>choir</a>", ("choir",)),
        ("", "", ()),
    ],
)
def test_tags(head: str, body: str, tags: tuple[str, ...]) -> None:
    """Tags come from the surest place that has some, each once."""
    assert article(head, body).tags == tags


def test_section_and_site() -> None:
    """Section and site's name are told as the page tells them."""
    told = article(ld(articleSection="Culture", publisher={"name": "The Gazette"}))
    assert (told.section, told.site_name) == ("Culture", "The Gazette")


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"@type":"NewsArticle","headline":"Told in a comment"} -->',
        '{"@type":"NewsArticle","headline":"Told in a comment",}',
        '{"@graph":[{"@type":"WebPage","name":"x"},{"@type":["NewsArticle"],"headline":"Told in a comment"}]}',
        '[{"@type":"BreadcrumbList"},{"@type":"ReportageNewsArticle","headline":"Told in a comment"}]',
        '{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"Told in a comment"}}',
        '{"@type":"NewsArticle","headline":"Told in a comment","articleBody":"never closed',
        '{"@type":"NewsArticle","headline":"Told in\n a comment"}',
    ],
)
def test_json_ld_in_all_its_states(script: str) -> None:
    """Lists, graphs, comments, trailing commas and broken ends are read as far as they can be."""
    assert article(f'<script type="application/ld+json">{script}</script>', h1="").title == "Told in a comment"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "[]",
        "null",
        "7",
        '"x"',
        "[" * 5000,
        '{"@type": 5, "author": {"name": 7}}',
        '{"@type":"NewsArticle","author":[[[]]]}',
    ],
)
def test_useless_json_ld(script: str) -> None:
    """Data without use change nothing and break nothing."""
    assert article(f'<script type="application/ld+json">{script}</script>').title == "A choir by heart"
