"""Feeds of every kind, whole and broken."""

from __future__ import annotations

import gzip
import json
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.feeds import MAX_ITEMS, Feed, NotAFeed, parse_feed

URL = "http://example.com/blog/feed"
WHEN = datetime(2026, 5, 4, 7, tzinfo=UTC)

RSS2 = """<?xml version="1.0"?><rss version="2.0"><channel><title>خبر</title><link>http://example.com/</link>
<language>ar</language>
<ttl>30</ttl><item><title>One</title><link>/a?x=1&amp;y=2</link><guid isPermaLink="false">7</guid>
<pubDate>Mon, 04 May 2026 10:00:00 +0300</pubDate></item>
<item><guid>http://example.com/by-guid</guid></item><item><title>no address</title></item></channel></rss>"""
RSS1 = """<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES"
"http://www.w3.org/x.ent">%HTMLlat1;]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel rdf:about="x"><title>R</title>
<sy:updatePeriod>hourly</sy:updatePeriod>
<sy:updateFrequency>2</sy:updateFrequency></channel><item rdf:about="http://example.com/a"><title>t</title>
<link>http://example.com/a</link>
<dc:date>2026-05-04T10:00:00+03:00</dc:date></item></rdf:RDF>"""
RSS091 = """<rss version="0.91"><channel><title>R</title><item><title>t</title><link>http://example.com/a</link>
</item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fa" xml:base="http://example.com/base/">
<title>At</title><link href="/"/>
<link rel="next" href="?page=2"/><link rel="hub" href="http://hub.example/"/>
<link rel="self" href="http://example.com/self"/>
<entry xml:base="sub/"><title>t</title><link rel="enclosure" href="e.mp3"/><link rel="alternate" href="d"/>
<id>tag:1</id>
<published>2026-05-04T10:00:00+03:00</published><updated>2026-05-05T10:00:00+03:00</updated></entry></feed>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "J",
    "language": "en",
    "home_page_url": "/",
    "next_url": "/feed.json?page=2",
    "hubs": [{"type": "WebSub", "url": "http://hub.example/"}],
    "items": [
        {"id": 1, "url": "/a", "title": "t", "date_published": "2026-05-04T10:00:00+03:00"},
        {"id": "2", "external_url": "http://other.example/b"},
        {"id": "http://example.com/c"},
        {"id": "4"},
        "nonsense",
    ],
}


def feed(body: str | bytes, content_type: str | None = None) -> Feed:
    """Read what must be a feed."""
    found = parse_feed(body.encode() if isinstance(body, str) else body, URL, content_type)
    assert isinstance(found, Feed), found
    return found


def test_rss2() -> None:
    """RSS 2.0: addresses made absolute, a permalink for a missing link, items without an address left out."""
    found = feed(RSS2)
    assert (found.kind, found.title, found.language, found.home, found.interval) == (
        "rss",
        "خبر",
        "ar",
        "http://example.com/",
        1800,
    )
    assert [item.url for item in found.items] == ["http://example.com/a?x=1&y=2", "http://example.com/by-guid"]
    assert (found.items[0].title, found.items[0].published, found.items[0].updated, found.items[0].id) == (
        "One",
        WHEN,
        None,
        "7",
    )
    assert found.problem == ""


def test_rss1_and_older() -> None:
    """RSS 1.0 with its DOCTYPE of entities, and RSS 0.91."""
    found = feed(RSS1)
    assert [(item.url, item.updated) for item in found.items] == [("http://example.com/a", WHEN)]
    assert found.interval == 1800
    assert [item.url for item in feed(RSS091).items] == ["http://example.com/a"]


def test_atom() -> None:
    """Atom: nested xml:base, the alternate link, next page, hub and self."""
    found = feed(ATOM)
    assert [(item.url, item.published, item.updated) for item in found.items] == [
        ("http://example.com/base/sub/d", WHEN, datetime(2026, 5, 5, 7, tzinfo=UTC))
    ]
    assert (found.kind, found.next, found.hub, found.self_url) == (
        "atom",
        "http://example.com/base/?page=2",
        "http://hub.example/",
        "http://example.com/self",
    )


def test_json_feed() -> None:
    """JSON Feed: links, foreign links, an id that is an address; anything else is left out."""
    found = feed(json.dumps(JSON))
    assert [item.url for item in found.items] == [
        "http://example.com/a",
        "http://other.example/b",
        "http://example.com/c",
    ]
    assert (found.kind, found.title, found.language, found.next, found.hub) == (
        "json",
        "J",
        "en",
        "http://example.com/feed.json?page=2",
        "http://hub.example/",
    )
    assert found.items[0].published == WHEN


def test_feedburner() -> None:
    """The original address behind a FeedBurner link."""
    body = RSS091.replace("<rss", '<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"')
    body = body.replace("</item>", "<feedburner:origLink>http://example.com/real</feedburner:origLink></item>")
    assert [item.url for item in feed(body).items] == ["http://example.com/real"]


def test_podcast_links_stay_pages() -> None:
    """An enclosure is not the item's page."""
    body = RSS091.replace("</item>", '<enclosure url="http://example.com/a.mp3" type="audio/mpeg"/></item>')
    assert [item.url for item in feed(body).items] == ["http://example.com/a"]


@pytest.mark.parametrize(
    "body",
    [
        "\n\n  " + RSS2,
        "PHP Warning: foo in /x.php\n" + RSS2,
        "\ufeff" + RSS2,
        RSS2.replace("One", "O &nbsp; &eacute; A & B"),
        RSS2.replace("&amp;", "&"),
        RSS2.replace("One", "O\x0b\x00ne"),
        RSS2.replace("<title>One</title>", "<title><b>One</title>"),
        RSS2.replace("</channel></rss>", ""),
        RSS2.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="windows-1256"?>'),
    ],
)
def test_broken_feeds_are_read(body: str) -> None:
    """Junk before it, entities of HTML, bare ampersands, controls, unclosed tags, a wrong declaration: the "
    "items come."""
    assert feed(body).items[0].url == "http://example.com/a?x=1&y=2"


def test_a_feed_that_is_cut_off() -> None:
    """A feed that ends in the middle gives its whole items; the address that was cut is none."""
    whole = feed(RSS2.replace("<item><guid>", "<item><link>http://example.com/second</link></item><item><guid>"))
    assert len(whole.items) == 3
    cut = feed(RSS2[: RSS2.index("by-guid") + 4])
    assert [item.url for item in cut.items] == ["http://example.com/a?x=1&y=2"]
    assert cut.problem.startswith("broken XML")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1256"])
def test_charsets(encoding: str) -> None:
    """Titles are read in the charset of the bytes, whatever the header says."""
    body = RSS2.replace('"1.0"?>', f'"1.0" encoding="{encoding}"?>').encode(encoding)
    assert feed(body, "text/xml; charset=iso-8859-1" if encoding == "utf-8" else None).title == "خبر"


def test_gzip() -> None:
    """A gzipped feed is read, whatever its type says."""
    assert len(feed(gzip.compress(RSS2.encode()), "text/html").items) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><html><body>404</body></html>", "html"),
        (b"<html><rss></html>", "html"),
        (b"hello", "not a feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x01", "binary"),
        (b"{", "unreadable"),
        (b"[1]", "not a feed"),
        (b'{"items": 3}', "not a feed"),
        (b"<urlset/>", "not a feed"),
        (b"[" * 100_000, "unreadable"),
    ],
)
def test_no_feed(body: bytes, reason: str) -> None:
    """What is no feed is named for what it is."""
    assert parse_feed(body, URL) == NotAFeed(reason)  # type: ignore[arg-type]


def test_an_empty_feed_is_a_feed() -> None:
    """A channel without items is a feed without items."""
    assert feed("<rss version='2.0'><channel><title>x</title></channel></rss>").items == ()


def test_items_are_bounded() -> None:
    """An endless feed gives its first items."""
    body = (
        "<rss version='2.0'><channel>"
        + "".join(f"<item><link>/{n}</link></item>" for n in range(MAX_ITEMS + 50))
        + "</channel></rss>"
    )
    assert len(feed(body).items) == MAX_ITEMS


@pytest.mark.parametrize("inside", ["<item>", "<a>", "&a", "<", "<![CDATA[", "<item a='1'"])
def test_hostile_feeds_take_no_time(inside: str) -> None:
    """Unclosed tags by the hundred thousand, entities, brackets: over within two seconds."""
    start = time.process_time()
    parse_feed(("<rss><channel><item><title>" + inside * 100_000).encode(), URL)
    assert time.process_time() - start < 2


def test_entity_bombs_and_foreign_entities(tmp_path: Path) -> None:
    """No entity is expanded and no file read."""
    secret = tmp_path / "secret"
    secret.write_text("top secret")
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{lol}<!ENTITY x SYSTEM "file://{secret}">]>' + RSS2.replace(
        "One", "&l9;&x;"
    )
    found = feed(body)
    assert "lol" not in found.items[0].title
    assert "secret" not in str(found)


def test_a_body_that_names_a_file_or_a_page_fetches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feedparser opens what it takes for a name: it gets no chance to."""
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was tried"))
    path = tmp_path / "feed.xml"
    path.write_text(RSS2)
    assert parse_feed(str(path).encode(), URL) == NotAFeed("not a feed")
    assert parse_feed(b"http://example.com/feed", URL) == NotAFeed("not a feed")


@settings(deadline=None)
@given(st.binary(max_size=500))
def test_any_bytes(body: bytes) -> None:
    """Any bytes are a feed or none."""
    assert isinstance(parse_feed(body, URL), Feed | NotAFeed)


PARTS = st.sampled_from(
    [
        "<rss version='2.0'>",
        "<channel>",
        "<item>",
        "</item>",
        "<link>",
        "</link>",
        "<link href='x'/>",
        "<feed xmlns='http://www.w3.org/2005/Atom'>",
        "<entry>",
        "</entry>",
        "<title>",
        "<![CDATA[",
        "]]>",
        "&",
        "&lt;",
        "&#0;",
        "http://a.b/c",
        "<pubDate>",
        "Mon, 99",
        "<guid>",
        "xml:base='://'",
        "<a b='",
        "\x00",
        "ا",
        "<?",
        "<!--",
        "<ttl>9</ttl>",
        "<ttl>²</ttl>",
    ]
)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=25).map("".join))
def test_any_pieces_of_feeds(text: str) -> None:
    """Pieces of feeds in any order are a feed or none."""
    assert isinstance(parse_feed(("<rss>" + text).encode(), URL), Feed | NotAFeed)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["items", "url", "id", "hubs", "title", "version", "date_published"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_any_json(value: object) -> None:
    """Any JSON is a feed or none."""
    assert isinstance(parse_feed(json.dumps({"items": value}).encode(), URL), Feed | NotAFeed)
    assert isinstance(parse_feed(json.dumps({"items": [value], "hubs": value}).encode(), URL), Feed | NotAFeed)
