"""Which links are articles, lists, next pages, or neither: real-world shapes of addresses in many languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.choose import Found, believed_canonical, classify, shapes
from crawler.discovery.pages import Link, PageLinks
from settings.outlet import Follow, Outlet

HOME = "https://www.example.com/"
OUTLET = Outlet(id="example", name="Example", home=HOME)
HEADLINE = "A headline of more than twenty-five letters"


def kind(path: str, text: str = HEADLINE, where: set[str] | None = None, **link: Any) -> str:
    """Classify a link of the home page, by default a headline in its main part."""
    found = Link(
        url=HOME[:-1] + path if path.startswith("/") else path, text=text, where=frozenset(where or {"main"}), **link
    )
    return classify(found, OUTLET, Found(page=HOME)).kind


@pytest.mark.parametrize(
    "path",
    [
        "/2026/05/03/slug/",
        "/2026/05/slug.html",
        "/politics/2026/5/3/slug",
        "/news/2026/jan/05/slug",
        "/2016/0503/c1001-123.html",
        "/n2/16/0503/c1001-12.html",
        "/a/20240503/t20240503_123.htm",
        "/a/20240503.htm/x",
        "/201605/03/x123.shtml",
        "/fa/news/123/slug",
        "/fa/news/1403/02/15/slug",
        "/1445/11/05/slug",
        "/new-bridge-03-05-2026.html",
        "/aktuelles/ein-langer-slug-hier/2022/12/29/",
        "/news/xyz-123.cms",
        "/city/delhi/slug/articleshow/102938475.cms",
        "/node/1234",
        "/fa/node/1000",
        "/news.php?id=1001",
        "/article.asp?newsid=345",
        "/?p=123",
        "/spip.php?article8532",
        "/news_view.html?idxno=8576&page=1",
        "/politics/123456",
        "/archives/12345",
        "/a/12345678",
        "/story-of-a-man-12345.html",
        "/d-12345.html",
        "/index.php?option=com_content&view=article&id=45&catid=3",
        "/index.php/politics/123-story-title",
        "/12345-slug-here.html",
        "/politics/some-long-story-title-here",
        "/some_long_story_title.aspx",
        "/%D8%AE%D8%A8%D8%B1-%D8%B9%D8%A7%D8%AC%D9%84-%D9%85%D9%86-%D8%A7%D9%84%D9%82%D8%A7%D9%87%D8%B1%D8%A9/",
        "/новости/мэр-города-открыл-новый-мост",
        "/חדשות/ראש-העיר-פתח-גשר-חדש",
        "/समाचार/शहर-में-नया-पुल-खुल-गया",
        "/新大桥经过多年施工今天正式通车",
        "/news/articles/c4ng5z8l2x8o",
        "/view/AKR20260503000100",
        "/article/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "/haber/belediye-baskani-yeni-kopruyu-acti-41234567",
        "/noticias/economia/20260503/nuevo-puente",
        "/category/politics/long-slug-of-an-article-12345",
        "/topics/2026/05/03/slug",
        "/autoren/name/ein-langer-slug-mit-worten",
    ],
)
def test_articles(path: str) -> None:
    """Dates of five calendars, numbers, slugs in any script, ids in queries."""
    assert kind(path) == "article"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/category/politics/", "Politics"),
        ("/section/economy", "Economy"),
        ("/rubrique/monde", "Monde"),
        ("/%D9%82%D8%B3%D9%85/%D8%B3%D9%8A%D8%A7%D8%B3%D8%A9", "سياسة"),
        ("/section.php?id=3", "Sport"),
        ("/list.asp?classid=7", "سياسة"),
        ("/?cat=4", "Cat"),
        ("/politics/", "Politics"),
        ("/politics/elections", "Elections"),
        ("/index.php?option=com_content&view=category&id=3", "Politique"),
        ("/spip.php?rubrique4", "Monde"),
        ("/category/world-news-and-more", "World"),
        ("/politics.html", "Politics"),
        ("/latest-news", "Latest"),
        ("/sports/articlelist/4719148.cms", "Sports"),
        ("/栏目/体育", "体育"),
    ],
)
def test_listings(path: str, text: str) -> None:
    """Sections by their words, their parameters, or their place in the menu."""
    assert kind(path, text, {"nav"}) == "listing"


@pytest.mark.parametrize(
    "path",
    [
        "/2026/05/03/",
        "/2026/05/",
        "/2026/",
        "/archive/2026-05-03.html",
        "/tag/a-long-tag-with-words/",
        "/tags/x",
        "/%D9%88%D8%B3%D9%85/%D9%83%D9%84%D9%85%D8%A9",
        "/schlagwort/wahl",
        "/etiket/secim",
        "/标签/选举",
        "/author/john-smith/",
        "/autor/juan-perez",
        "/yazar/ali",
        "/كاتب/أحمد",
        "/search?q=x",
        "/?s=x",
        "/recherche/x",
        "/бұл/поиск",
        "/login",
        "/user/register",
        "/giris",
        "/calendar/1",
        "/calendar/2026/05",
        "/events?month=5&year=2026",
        "/تقويم/5",
        "/print/123456",
        "/news/123456/print",
        "/news/123456?print=1",
        "/share/12345",
        "/go/12345",
        "/2026/05/03/slug/feed/",
        "/feed/",
        "/rss/",
        "/attachment/12345",
        "/wp-content/uploads/2026/05/photo-of-a-man.html",
        "/photo.jpg",
        "/2026/05/03/report-of-the-year.pdf",
        "/video.mp4",
        "/comments/12345",
        "/2026/05/03/slug/?replytocom=7",
        "/about-us",
        "/fr/mentions-legales",
        "/%D9%85%D9%86-%D9%86%D8%AD%D9%86",
        "/privacy-policy/",
        "/wp-json/wp/v2/posts/12345",
        "https://other.com/2026/05/03/slug/",
        "mailto:a@example.com",
        "javascript:print()",
    ],
)
def test_neither(path: str) -> None:
    """Tags, authors, search, log-in, calendars, days, print, share, comments, feeds, files, pages about the "
    "outlet, other sites."""
    assert kind(path) == "other"


@pytest.mark.parametrize(
    ("path", "text", "where", "expected"),
    [
        ("/economy/1234/", HEADLINE, {"article", "heading"}, "article"),
        ("/economy/1234/", "Economy", {"nav"}, "listing"),
        ("/world-news/", "World news", {"nav"}, "listing"),
        ("/world-news/", "World news", {"main", "heading"}, "listing"),
        ("/x/short", HEADLINE, {"article"}, "article"),
        ("/x", "夺冠的球队回到城市受到欢迎", {"article"}, "article"),
        ("/terms-of-our-service-and-use", "Terms", {"footer"}, "other"),
        ("/a-very-long-name-of-section", "A section", {"nav"}, "listing"),
        ("/12345", "Corporate", {"footer"}, "other"),
        ("/story/12345", HEADLINE, {"nav"}, "article"),
        ("/news.php?id=899", "A map", {"nav"}, "article"),
        ("/section.php?id=899", "A map", {"nav"}, "listing"),
        ("/story/12345", HEADLINE, {"nav", "footer"}, "other"),
        ("/2026/05/03/slug/", "", {"nav"}, "article"),
        ("/x/y", "More", set(), "listing"),
        ("/x/y/z/w", "More", set(), "other"),
        ("/story", "A", {"data"}, "listing"),
    ],
)
def test_place_and_text_decide_where_the_address_does_not(path: str, text: str, where: set[str], expected: str) -> None:
    """A headline in an article's box is an article; the same address in a menu is a section."""
    assert kind(path, text, where) == expected


def test_next_pages() -> None:
    """A next page is one on a list, even behind Blogger's search address, and none on an article."""
    following = Link(url=HOME + "?page=2", text="2", next=True)
    assert classify(following, OUTLET, Found(page=HOME)).kind == "next"
    assert kind("/search?updated-max=2026-05-01", "Older", next=True) == "next"
    assert kind("/calendar/2026/06", "Next", next=True) == "other"
    on_article = Found(page=HOME + "2026/05/03/slug/", listing=False)
    assert classify(Link(url=HOME + "2026/05/02/other/", rel=frozenset({"next"})), OUTLET, on_article).kind == "article"
    assert kind("/?page=9", "9", {"pager"}) == "other"


def test_marks_of_a_link() -> None:
    """Links marked as tags and authors are neither, whatever their address."""
    assert kind("/some-long-name-of-tag", rel=frozenset({"tag"})) == "other"
    assert kind("/some-long-name-of-someone", rel=frozenset({"author"})) == "other"
    assert kind("/members", "Members", {"nav"}, rel=frozenset({"nofollow"})) == "other"


@pytest.mark.parametrize("source", ["feed", "news-sitemap"])
def test_what_feeds_name(source: str) -> None:
    """What feeds and news sitemaps name is an article, unless its address clearly says otherwise."""
    found = Found(source=source, page=HOME + "feed/")  # type: ignore[arg-type]
    for path in ("x", "a/b", "?x=1", "video/1"):
        assert classify(HOME + path, OUTLET, found).kind == "article"
    for path in ("", "tag/x/", "a.mp3", "login", "2026/05/"):
        assert classify(HOME + path, OUTLET, found).kind == "other"
    assert classify("https://other.org/2026/05/03/slug", OUTLET, found).reason == "another site"
    assert classify("https://sport.example.com/x", OUTLET, found).kind == "article"


@pytest.mark.parametrize(
    ("sitemap", "path", "expected"),
    [
        ("post-sitemap.xml", "short", "article"),
        ("page-sitemap.xml", "a-long-name-of-a-page", "other"),
        ("sitemap.xml", "short", "other"),
        ("sitemap.xml", "world-news/", "other"),
        ("sitemap.xml", "sport/two-words", "article"),
        ("sitemap.xml", "category/long-slug-of-a-section", "other"),
        ("sitemap.xml", "fa/node/1000", "article"),
        ("sitemap.xml", "tag/x-y-z-w", "other"),
        ("sitemap.xml", "about-us", "other"),
        ("sitemap.xml", "section/economy", "other"),
        ("sitemap.xml", "%E5%85%B3%E4%BA%8E%E6%88%91%E4%BB%AC", "other"),
        ("sitemap.xml", "economy/a-b-c-1000", "article"),
        ("sitemap.xml", "", "other"),
    ],
)
def test_what_sitemaps_name(sitemap: str, path: str, expected: str) -> None:
    """A plain sitemap lists anything: its name tells, and the address where it does not."""
    assert classify(HOME + path, OUTLET, Found(source="sitemap", page=HOME + sitemap)).kind == expected


def test_the_outlets_own_patterns() -> None:
    """Where the outlet's file names patterns, they alone decide what an article is, and what is never asked for."""
    outlet = Outlet(id="e", name="E", home=HOME, follow=Follow(articles=(r"/x/\d+$",), skip=(r"/x/13\b",)))
    assert classify(HOME + "x/7", outlet).kind == "article"
    assert classify(HOME + "x/13", outlet).reason == "the outlet's own skip pattern"
    assert classify(HOME + "2026/05/03/slug/", outlet, Found(source="feed")).kind == "other"
    assert classify(Link(url=HOME + "politics/", text="P", where=frozenset({"nav"})), outlet).kind == "listing"
    assert classify(Link(url=HOME + "?page=2", next=True), outlet).kind == "next"


def test_shapes_of_known_articles() -> None:
    """An address of the same pattern as the feed's articles is one too, wherever it stands; one alone is no pattern."""
    known = shapes((HOME + "go/1", HOME + "z/12", HOME + "about", HOME + "contact"))
    found = Found(page=HOME, shapes=shapes((HOME + "z/812", HOME + "z/734")))
    assert known == shapes(())
    link = Link(url=HOME + "z/912", text="", where=frozenset({"footer"}))
    assert classify(link, OUTLET, found).reason == "its pattern is that of known articles"
    assert classify(link, OUTLET, Found(page=HOME)).kind != "article"


def test_the_home_page() -> None:
    """The home is a list on a page, and no article in a feed."""
    assert kind("/", "Home") == "listing"
    assert kind("/index.html", "Home") == "listing"


@pytest.mark.parametrize(
    ("canonical", "believed"),
    [
        ("https://example.com/a-b-c-d", True),
        ("/a-b-c-d", False),
        ("", False),
        (HOME, False),
        ("https://other.com/a-b-c-d", False),
        (HOME + "tag/x", False),
        (HOME + "news/a", True),
        (HOME + "news", False),
    ],
)
def test_canonical_addresses(canonical: str, believed: bool) -> None:
    """A canonical address is believed on the outlet's own site, and not where it is the home or a list."""
    page = PageLinks(url=HOME + "2026/05/03/x/amp", canonical=canonical)
    assert believed_canonical(page, OUTLET) == (canonical if believed else HOME + "2026/05/03/x/amp")


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["2026/05", "tag", "-", "/", "?id=1", "&", "%", "..", "a-b-c-d", "12345", "http://", "[", "新闻", "?page=2"]
    ),
)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6).map("".join), st.sampled_from(["page", "feed", "sitemap", "news-sitemap"]))
def test_any_link(text: str, source: str) -> None:
    """Any address is something, and has a reason."""
    for url in (text, HOME + text):
        assert classify(Link(url=url, text=text), OUTLET, Found(source=source, page=HOME)).reason  # type: ignore[arg-type]
