"""One spelling for each address, and one key for each article."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from w3lib.url import safe_url_string

from crawler.discovery.address import address, article_key, join, parts

PIECES = st.sampled_from(
    [
        "http://",
        "HTTPS://",
        "www.",
        "m.",
        "a.com",
        "خبر.إختبار",
        ":80",
        ":8080",
        ":99999",
        "/",
        "//",
        "..",
        ".",
        "%2e",
        "%d8%a7",
        "ا",
        "%",
        "%zz",
        "?",
        "&",
        "=",
        "a=1",
        "utm_source=x",
        "amp",
        "/amp/",
        ".amp.html",
        "#x",
        ";jsessionid=1",
        "@",
        "\\",
        " ",
        "\t",
        "'",
        "[",
        "]",
        "|",
        "slug-1",
    ]
)
URLS = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=14).map("".join),
    st.lists(PIECES, max_size=9).map(lambda p: "http://x.com/" + "".join(p)),
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Example.COM:80/a/../b/./c/?b=2&a=1#f", "http://www.example.com/b/c/?b=2&a=1"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com:443/a;jsessionid=9F?x=1", "https://example.com/a?x=1"),
        ("http://user:secret@example.com/", "http://example.com/"),
        ("http://مثال.إختبار/خبر", "http://xn--mgbh0fb.xn--kgbechtv/%D8%AE%D8%A8%D8%B1"),
        ("http://example.com/%d8%ae%d8%a8%d8%b1", "http://example.com/%D8%AE%D8%A8%D8%B1"),
        ("http://example.com/%7euser/%41", "http://example.com/~user/A"),
        ("http://example.com/a b?q=a b", "http://example.com/a%20b?q=a%20b"),
        ("http://example.com/100%", "http://example.com/100%25"),
        ("http://example.com\\a\\b", "http://example.com/a/b"),
        (" http://example.com/a\nb ", "http://example.com/ab"),
        ("http://[2001:DB8::0:1]:80/x", "http://[2001:db8::1]/x"),
        ("http://example.com./x", "http://example.com/x"),
        ("http://example.com/%2e%2e/%2E/x", "http://example.com/x"),
    ],
)
def test_spelling(url: str, expected: str) -> None:
    """Case, ports, users, fragments, dot segments, blanks and percent-encoding have one spelling."""
    assert address(url) == expected


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("utm_source=rss&utm_medium=x&id=7", "?id=7"),
        ("id=7&fbclid=AbC&gclid=1", "?id=7"),
        ("PHPSESSID=abc&page=2", "?page=2"),
        ("cid=123&eid=5&sid=9&aid=4", "?cid=123&eid=5&sid=9&aid=4"),
        ("at_medium=custom7&xtor=RSS-1", ""),
        ("pk_no=1412361", "?pk_no=1412361"),
        ("b=2&a=1&b=1", "?b=2&a=1&b=1"),
        ("&&a=1&", "?a=1"),
    ],
)
def test_tracking(query: str, kept: str) -> None:
    """What says who sent the reader goes; what may name the page stays, in its order."""
    assert address(f"http://example.com/news?{query}") == f"http://example.com/news{kept}"


@pytest.mark.parametrize(
    ("copy", "page"),
    [
        ("http://e.com/2026/05/a-new-bridge/amp/", "http://e.com/2026/05/a-new-bridge/"),
        ("http://e.com/news/12345/amp/", "http://e.com/news/12345/"),
        ("http://e.com/%D8%AE%D8%A8%D8%B1/amp/", "http://e.com/%D8%AE%D8%A8%D8%B1/"),
        ("http://e.com/a-new-bridge.amp.html", "http://e.com/a-new-bridge.html"),
        ("http://e.com/a-new-bridge?amp=1", "http://e.com/a-new-bridge"),
        ("http://e.com/a-new-bridge?amp", "http://e.com/a-new-bridge"),
        ("http://e.com/a-new-bridge?outputType=amp&x=1", "http://e.com/a-new-bridge?x=1"),
        ("http://e.com/tag/amp/", "http://e.com/tag/amp/"),
        ("http://e.com/amp/", "http://e.com/amp/"),
        ("http://e.com/watt-volt-amp", "http://e.com/watt-volt-amp"),
    ],
)
def test_amp_copies_of_sure_form(copy: str, page: str) -> None:
    """AMP copies fold where the form leaves no doubt, and sections about amps stay."""
    assert address(copy) == page


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mailto:a@b.c",
        "javascript:void(0)",
        "ftp://a.b/",
        "//a.b/",
        "/a",
        "http://",
        "http:///",
        "http://a b/",
        "http://a..b/",
        "http://a.b:99999/",
        "http://a.b:0/",
        "http://[::1/",
        "http://[x]/",
        "data:text/html,x",
        "http://-a.com/",
    ],
)
def test_no_web_address(url: str) -> None:
    """What is no web address gives nothing."""
    assert address(url) == ""
    assert article_key(url) == ""
    assert parts(url) is None


@pytest.mark.parametrize(
    "other",
    [
        "http://example.com/news/a-b-c?x=1&y=2",
        "https://www.example.com/news/a-b-c/?x=1&y=2",
        "https://m.example.com/news/a-b-c?y=2&x=1",
        "https://example.com//news//a-b-c/?x=1&y=2",
        "https://amp.example.com/news/a-b-c/amp?x=1&y=2",
        "https://example.com/news/a-b-c/amp/?x=1&y=2",
        "https://example.com/news/a-b-c/index.html?x=1&y=2",
        "https://example.com/news/a-b-c?x=1&y=2&ref=home&source=rss",
        "https://example.com/news/a-b-c?x=1&y=2&utm_source=a#c",
    ],
)
def test_one_article_has_one_key(other: str) -> None:
    """Scheme, www, mobile and AMP hosts, slashes, order and senders make no other article."""
    assert article_key(other) == article_key("https://example.com/news/a-b-c?x=1&y=2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://e.com/news?id=1", "http://e.com/news?id=2"),
        ("http://e.com/a", "http://e.com/A"),
        ("http://ar.e.com/a", "http://fr.e.com/a"),
        ("http://e.com:8001/a", "http://e.com:8002/a"),
        ("http://e.com/x?source=12", "http://e.com/x?source=13"),
        ("http://e.com/a?page=2", "http://e.com/a"),
    ],
)
def test_other_articles_have_other_keys(one: str, other: str) -> None:
    """What may be another article keeps its own key."""
    assert article_key(one) != article_key(other)


@settings(deadline=None)
@given(URLS)
def test_address_is_a_fixed_point(url: str) -> None:
    """Spelling an address twice changes nothing, and Scrapy asks for it as it is spelt."""
    once = address(url)
    assert address(once) == once
    assert article_key(once) == article_key(url)
    if once:
        assert safe_url_string(once) == once


@settings(deadline=None)
@given(URLS, URLS)
def test_join_never_raises(base: str, href: str) -> None:
    """Whatever stands in a link, it gives an address or nothing."""
    found = join(base, href)
    assert found == "" or address(found) == found


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("b", "http://e.com/a/b"),
        ("/b", "http://e.com/b"),
        ("?p=2", "http://e.com/a/x?p=2"),
        ("//f.com/b", "http://f.com/b"),
        ("../b", "http://e.com/b"),
        ("#top", ""),
        ("", ""),
        ("  ", ""),
        ("mailto:x@y.z", ""),
        ("javascript:history.back()", ""),
        ("tel:123", ""),
        ("http://[", ""),
        ("\n/b\n", "http://e.com/b"),
    ],
)
def test_join(href: str, expected: str) -> None:
    """A link is resolved as a browser resolves it; what leads nowhere gives nothing."""
    assert join("http://e.com/a/x", href) == expected


def test_letters_of_a_query_go_in_the_charset_of_the_page() -> None:
    """A page in windows-1251 sends a query in windows-1251, and a path in UTF-8, as browsers do."""
    assert join("http://e.com/", "/путь?q=я", "cp1251") == "http://e.com/%D0%BF%D1%83%D1%82%D1%8C?q=%FF"
