"""Sites: feeds and sitemaps parse, listings lead to every article, traps are what they are meant to be."""

from __future__ import annotations

import gzip
import json
import re
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import feedparser
import httpx
import pytest
from lxml import etree
from lxml import html as lxml_html

from crawler.demo.content import Feed, publications
from crawler.demo.feeds import NEWEST
from crawler.demo.server import Served

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
FEEDS = [(name, feed) for name, publication in publications().items() for feed in publication.feeds]


def truths(served: Served, outlet: str) -> list[str]:
    return [t.url for t in served.world.truth() if t.outlet == outlet]


def plain(url: str) -> str:
    """An address without tracking parameters."""
    return re.sub(r"[?&]utm_[^#]*", "", url)


def links(client: httpx.Client, url: str) -> list[str]:
    response = client.get(url)
    page = lxml_html.fromstring(response.content) if response.content else None
    return [] if page is None else [urljoin(url, href) for href in page.xpath("//a/@href")]


def reached(client: httpx.Client, home: str, *, following: str) -> set[str]:
    """Every address linked from the pages that a listing walk meets: those that match the pattern are walked on."""
    waiting, walked, found = [home], set[str](), set[str]()
    while waiting:
        url = waiting.pop()
        walked.add(url)
        for link in links(client, url):
            found.add(link)
            if re.search(following, link) and link not in walked and link not in waiting:
                waiting.append(link)
    return found


@pytest.mark.parametrize(("outlet", "feed"), FEEDS, ids=[f"{name}{feed.path}" for name, feed in FEEDS])
def test_feeds_parse_and_hold_the_newest(outlet: str, feed: Feed, served: Served, client: httpx.Client) -> None:
    """Each feed parses, and names title, date and address of the newest articles, and of no other."""
    url = served.homes[outlet] + feed.path[1:]
    body = client.get(url).content
    newest = [t for t in served.world.truth() if t.outlet == outlet][:NEWEST]
    if feed.kind == "json":
        items = json.loads(body)["items"]
        got = [(plain(item["url"]), item["title"]) for item in items]
    else:
        parsed = feedparser.parse(body)
        # feedparser reads gb2312 as the gb18030 that is meant, and says so.
        assert not parsed.bozo or isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride)
        got = [(plain(entry.link), entry.title) for entry in parsed.entries]
        assert all(entry.published_parsed[:1] == (2016,) for entry in parsed.entries)
        assert [entry.author for entry in parsed.entries][-1]
    assert got == [(t.url, t.title) for t in newest]


def test_some_feed_links_carry_tracking_parameters(served: Served, client: httpx.Client) -> None:
    """A tracked address gives the article all the same, with the plain one as its canonical address."""
    link = feedparser.parse(client.get(served.homes["wadi"] + "feed/").content).entries[0].link
    assert "utm_source=" in link
    page = lxml_html.fromstring(client.get(link).content)
    assert page.xpath("//link[@rel='canonical']/@href") == [plain(link)]


@pytest.mark.parametrize("outlet", publications())
def test_sitemaps_hold_every_article(outlet: str, served: Served, client: httpx.Client) -> None:
    """Through robots.txt, index and gzipped part each outlet that has a sitemap gives all its articles."""
    robots = RobotFileParser()
    robots.parse(client.get(served.homes[outlet] + "robots.txt").text.splitlines())
    habits = served.world.publications[outlet].habits
    named = robots.site_maps() or []
    assert len(named) == bool(habits.sitemap) + bool(habits.news_sitemap)
    found = set[str]()
    waiting = list(named)
    while waiting:
        url = waiting.pop()
        body = client.get(url).content
        tree = etree.fromstring(gzip.decompress(body) if url.endswith(".gz") else body)
        waiting += tree.xpath("s:sitemap/s:loc/text()", namespaces=SITEMAP)
        found |= set(tree.xpath("s:url/s:loc/text()", namespaces=SITEMAP))
    if habits.sitemap:
        assert set(truths(served, outlet)) <= found
    assert found <= {*truths(served, outlet), served.homes[outlet]}


def test_news_sitemaps_hold_the_last_days(served: Served, client: httpx.Client) -> None:
    """A news sitemap has title, language and date of what is new, and less than the sitemap."""
    for outlet in ("valombre", "larkmoor"):
        path = served.world.publications[outlet].habits.news_sitemap
        tree = etree.fromstring(client.get(served.homes[outlet] + path[1:]).content)
        urls = tree.xpath("s:url/s:loc/text()", namespaces=SITEMAP)
        assert 0 < len(urls) < len(truths(served, outlet))
        assert len(tree.xpath("//n:title/text()", namespaces=SITEMAP)) == len(urls)


@pytest.mark.parametrize("outlet", publications())
def test_pagination_leads_to_every_article(outlet: str, served: Served, client: httpx.Client) -> None:
    """Home page and pagination together link all articles; home, feeds and sections alone do not."""
    home, publication = served.homes[outlet], served.world.publications[outlet]
    page = re.escape(publication.paths.page).replace(r"\{n\}", r"\d+").replace(r"\{n0\}", r"\d+")
    every = set(truths(served, outlet))
    assert every <= reached(client, home, following=page + "$")
    sections = [home + publication.paths.section.format(key=s.key)[1:] for s in publication.sections if s.nav]
    near = {link for url in (home, *sections) for link in links(client, url)}
    assert not every <= near


def test_walks_end_except_in_the_calendar(served: Served, client: httpx.Client) -> None:
    """Each month of the calendar leads to the next one: 30 steps bring 30 new addresses."""
    url, seen = served.homes["valombre"] + "agenda/2016/05/", set[str]()
    for _ in range(30):
        assert url not in seen
        seen.add(url)
        url = next(link for link in links(client, url) if "/agenda/" in link)
    assert served.world.log[-1].what == "calendar"
    assert url.endswith("/agenda/2018/11/")


def test_the_loop_never_ends(served: Served, client: httpx.Client) -> None:
    """The redirect loop leads back to where it began."""
    start = served.homes["shaked"] + "mobile/home"
    second = client.get(start).headers["location"]
    assert client.get(second).headers["location"] == start


def test_redirects_lead_to_articles(served: Served, client: httpx.Client) -> None:
    """Short links and an article's address without its slash are redirected to the article itself."""
    urls = set(truths(served, "wadi"))
    for path in ("go/102", "?p=102"):
        assert client.get(served.homes["wadi"] + path).headers["location"] in urls
    bare = next(iter(urls)).rstrip("/")
    answer = client.get(bare)
    assert (answer.status_code, answer.headers["location"]) == (301, bare + "/")


def test_each_outlet_forbids_a_page_that_it_links(served: Served, client: httpx.Client) -> None:
    """The page behind the login is linked, forbidden by robots.txt, and would be answered."""
    for name, home in served.homes.items():
        robots = RobotFileParser()
        robots.parse(client.get(home + "robots.txt").text.splitlines())
        linked = {url for url in links(client, home) if not robots.can_fetch("warraq", url)}
        assert linked, name
        assert all(robots.can_fetch("warraq", url) for url in truths(served, name))
        for url in linked:
            client.get(url)
            assert served.world.log[-1].what == "forbidden", url


def test_empty_binary_and_missing_pages(served: Served, client: httpx.Client) -> None:
    """A page of 0 bytes, a binary that calls itself HTML, and a linked page that is not there."""
    empty = client.get(served.homes["liudu"] + "html/2016/0501/699.htm")
    assert (empty.status_code, empty.content) == (200, b"")
    binary = client.get(served.homes["tikhorechye"] + "news.php?id=899")
    assert binary.headers["content-type"].startswith("text/html")
    assert binary.content.startswith(bytes(range(256)))
    missing = [url for url in links(client, served.homes["larkmoor"]) if client.get(url).status_code == 404]
    assert len(missing) == 1


def test_amp_copies_name_their_article(served: Served, client: httpx.Client) -> None:
    """Each AMP copy has the article's text and its address as canonical one."""
    for truth in (t for t in served.world.truth() if t.outlet == "valombre"):
        page = lxml_html.fromstring(client.get(truth.url).content.decode())
        (amp,) = page.xpath("//link[@rel='amphtml']/@href")
        copy = lxml_html.fromstring(client.get(amp).content.decode())
        assert copy.xpath("//link[@rel='canonical']/@href") == [truth.url]
        assert truth.paragraphs[-1] in copy.text_content()


@pytest.mark.parametrize("outlet", publications())
def test_what_a_page_needs_is_there(outlet: str, served: Served, client: httpx.Client) -> None:
    """Style sheet, icon, pictures and the style sheet's own background are answered with the right type."""
    url = truths(served, outlet)[-1]
    page = lxml_html.fromstring(client.get(url).content)
    needs = page.xpath("//img/@src | //link[@rel='stylesheet' or @rel='icon']/@href")
    assert len(needs) >= 3
    for need in [*needs, "/static/pattern.svg"]:
        answer = client.get(urljoin(url, need))
        assert answer.status_code == 200, need
        suffix = urlsplit(need).path.rpartition(".")[2]
        kind = {"css": "text/css", "svg": "image/svg+xml", "png": "image/png"}[suffix]
        assert answer.headers["content-type"] == kind
        assert answer.content.startswith({"css": b":root", "svg": b"<svg", "png": b"\x89PNG"}[suffix])


def test_direction_follows_the_script(served: Served, client: httpx.Client) -> None:
    """Arabic, Persian and Hebrew pages run from right to left, the others do not."""
    for truth in served.world.truth():
        page = lxml_html.fromstring(client.get(truth.url).content or b"<html/>")
        if served.world.log[-1].status == 200:
            assert (page.get("dir") == "rtl") == (truth.language in ("ar", "fa", "he"))


def test_metadata_agrees_with_the_truth(served: Served, client: httpx.Client) -> None:
    """Where JSON-LD is given, headline, date and authors are the truth's."""
    checked = 0
    for truth in served.world.truth():
        found = re.search(rb'ld\+json">(.*?)</script>', client.get(truth.url).content)
        if found:
            linked = json.loads(found[1])
            assert linked["headline"] == truth.title
            assert linked["datePublished"] == truth.published.isoformat()
            assert tuple(author["name"] for author in linked["author"]) == truth.authors
            checked += 1
    assert checked >= 7
