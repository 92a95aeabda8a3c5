"""From a home address to an outlet: in few requests, never what robots.txt forbids, with evidence for each finding."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.pages import read_page
from crawler.discovery.probe import Answer, Probe, ProbeResult, Robots, after_home, plan, replay
from settings.outlet import OUTLET_ID
from tests.crawler.discovery.sites import Site, probe, rss, urlset

HOME = "https://www.example.com/"
ITEMS = [(f"{HOME}2026/05/0{n}/a-story-of-the-city-{n}/", f"A story of the city number {n}") for n in range(1, 6)]


def site(home: str = HOME, *, head: str = "", body: str = "") -> Site:
    """Make a site whose home page has a few English headlines."""
    found = Site(home)
    rows = "".join(f"<article><h2><a href='{url}'>{title} and of its people</a></h2></article>" for url, title in ITEMS)
    found.page("/", body + rows, head=f"<title>The Example | News of the city</title>{head}")
    return found


def reasons(result: ProbeResult, kind: str) -> dict[str, tuple[bool, str]]:
    """Return what was found of a kind, with whether it was taken and why."""
    return {finding.value: (finding.taken, finding.evidence) for finding in result.found if finding.kind == kind}


def test_plan() -> None:
    """A probe begins with robots.txt and the home."""
    assert plan("https://www.example.com") == ("https://www.example.com/robots.txt", HOME)
    state = Probe("www.example.com")
    assert state.next_requests() == (HOME + "robots.txt",)
    assert state.next_requests() == ()
    state.give(HOME + "robots.txt", 404, None, b"")
    assert state.next_requests() == (HOME,)
    assert not state.done


def test_after_home() -> None:
    """What the outlet names itself is looked at first: its feeds, and its sitemaps with news sitemaps in front."""
    page = read_page(b"<link rel=alternate type=application/rss+xml href=/f>", HOME)
    text = b"User-agent: *\nSitemap: /sitemap.xml\nSitemap: https://www.example.com/news-sitemap.xml\n"
    robots = Robots(Answer(HOME + "robots.txt", 200, "text/plain", text, HOME + "robots.txt"), "warraq")
    assert after_home(page, robots) == ((HOME + "f",), (HOME + "news-sitemap.xml", HOME + "sitemap.xml"))


def test_what_is_named_ends_the_search() -> None:
    """Where the home names a feed and robots.txt a sitemap, four requests are enough."""
    found = site(head="<link rel=alternate type=application/rss+xml href=/f>")
    found.put("/f", rss(ITEMS, "The Example"), "text/html")
    found.put("/robots.txt", "Sitemap: /s.xml", "text/plain")
    found.put("/s.xml", urlset([url for url, _ in ITEMS]), "text/html")
    result = probe(found)
    assert len(found.asked) == 4
    assert (result.outlet.feeds, result.outlet.sitemaps) == ((HOME + "f",), (HOME + "s.xml",))
    assert reasons(result, "feed") == {HOME + "f": (True, "named by the home page: rss, 5 items")}
    assert (result.outlet.id, result.outlet.name, result.outlet.languages) == ("example", "The Example", ("en",))


def test_usual_addresses_until_the_first_hit() -> None:
    """Without a name given, usual addresses are tried in turn; pages that answer anything with HTML have no feed."""
    found = site()
    for path in ("/feed/", "/rss.xml", "/rss", "/sitemap.xml"):
        found.page(path, "<p>not found</p>")
    found.put("/atom.xml", rss(ITEMS), "application/xml")
    found.put("/sitemap_index.xml", urlset([ITEMS[0][0]]), "application/xml")
    result = probe(found)
    assert result.outlet.feeds == (HOME + "atom.xml",)
    assert HOME + "feed.xml" not in found.asked
    assert reasons(result, "feed")[HOME + "feed/"] == (False, "at a usual address: no feed: html")
    assert result.outlet.sitemaps == (HOME + "sitemap_index.xml",)


def test_robots_is_obeyed() -> None:
    """What robots.txt forbids is never asked for, and said so."""
    found = site(
        head="<link rel=alternate type=application/rss+xml href=/private/feed>",
        body="<nav><a href='/politics/'>P</a><a href='/hidden/'>H</a></nav>",
    )
    found.put("/private/feed", rss(ITEMS), "text/xml")
    found.put(
        "/robots.txt",
        "User-agent: *\nDisallow: /private/\nDisallow: /rss\nDisallow: /hidden/\nSitemap: /private/s.xml",
        "text/plain",
    )
    result = probe(found)
    assert not [url for url in found.asked if "/private/" in url or "/rss" in url]
    assert reasons(result, "robots")[HOME + "private/feed"] == (False, "robots.txt forbids it")
    assert result.outlet.sections == (HOME + "politics/",)


@pytest.mark.parametrize(
    ("status", "allowed"), [(200, False), (404, True), (403, True), (500, False), (503, False), (0, False)]
)
def test_robots_that_cannot_be_had(status: int, allowed: bool) -> None:
    """No robots.txt allows everything; one that the server fails to give forbids everything (RFC 9309)."""
    answer = Answer(HOME + "robots.txt", status, None, b"User-agent: *\nDisallow: /\n", HOME + "robots.txt")
    assert Robots(answer, "warraq").allows(HOME) is allowed
    result = replay(Probe(HOME), [answer])
    assert (result.problem == "robots.txt forbids the home page") is not allowed


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (404, "the home page gives status 404"),
        (500, "the home page gives status 500"),
        (0, "the home page gives no answer"),
    ],
)
def test_a_home_that_cannot_be_had(status: int, problem: str) -> None:
    """A home that does not answer is a problem, told in one line; the outlet's file still has a name."""
    answers = [Answer(HOME + "robots.txt", 404, None, b"", HOME + "robots.txt"), Answer(HOME, status, None, b"", HOME)]
    result = replay(Probe(HOME), answers)
    assert (result.problem, result.outlet.id, result.outlet.name) == (problem, "example", "example")


def test_no_web_address() -> None:
    """What is no address is refused without asking anything."""
    state = Probe("ftp://example.com/")
    assert state.next_requests() == ()
    assert state.done
    assert "no web address" in state.conclude().problem


def test_a_home_that_has_moved() -> None:
    """A redirect is followed to where it leads, whose robots.txt counts."""
    state, asked = Probe("http://example.com/"), []
    there = site()
    there.put("/robots.txt", "User-agent: *\nDisallow: /feed/\n", "text/plain")
    while wanted := state.next_requests():
        for url in wanted:
            asked.append(url)
            answer = there.get(HOME if url == "http://example.com/" else url)
            state.give(url, answer.status, answer.content_type, answer.body, final_url=answer.url)
    result = state.conclude()
    assert result.outlet.home == HOME
    assert asked[:3] == ["http://example.com/robots.txt", "http://example.com/", HOME + "robots.txt"]
    assert HOME + "feed/" not in asked


def test_an_empty_home_that_sends_its_readers_on() -> None:
    """A page that holds nothing but a refresh is not the home: where it leads is."""
    found = Site(HOME)
    found.page("/", "", head="<meta http-equiv=refresh content='0; url=/ar/'>")
    found.page("/ar/", "<article><h2><a href='/ar/2026/05/03/x'>افتتاح جسر جديد فوق النهر بعد سنوات</a></h2></article>")
    assert probe(found).outlet.home == HOME + "ar/"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (rss([]), "a feed without items"),
        (rss([("https://other.org/a", "x")]), "all items are of other sites"),
        (rss([(HOME + "a.mp3", "x")]), "its items are files"),
        ("<html>", "no feed: html"),
        ("", "no feed: empty"),
        (
            rss([(HOME + "a", "x")]).replace("</item>", "<guid>https://www.example.com/a#comment-3</guid></item>"),
            "readers' comments",
        ),
    ],
)
def test_feeds_that_are_not_wanted(body: str, reason: str) -> None:
    """Empty feeds, comments, podcasts, other sites and pages are named and left."""
    found = site(head="<link rel=alternate type=application/rss+xml href=/f>")
    found.put("/f", body, "application/rss+xml")
    result = probe(found)
    assert result.outlet.feeds == ()
    assert reasons(result, "feed")[HOME + "f"] == (False, f"named by the home page: {reason}")


def test_the_same_feed_in_two_formats_is_one() -> None:
    """A second feed with the same items is left."""
    found = site(
        head=(
            "<link rel=alternate type=application/rss+xml href=/f><link rel=alternate "
            "type=application/atom+xml href=/g>"
        )
    )
    found.put("/f", rss(ITEMS), "text/xml")
    found.put("/g", rss(ITEMS[1:]), "text/xml")
    result = probe(found)
    assert result.outlet.feeds == (HOME + "f",)
    assert reasons(result, "feed")[HOME + "g"] == (False, f"named by the home page: the same items as {HOME}f")


def test_an_index_is_looked_into_for_news() -> None:
    """The news sitemap within an index is found and told apart by its content; an index in a circle does no harm."""
    found = site()
    found.put("/robots.txt", "Sitemap: /index.xml\nSitemap: /empty.xml", "text/plain")
    found.put(
        "/index.xml",
        "<sitemapindex><sitemap><loc>/index.xml</loc></sitemap><sitemap><loc>/tags.xml</loc></sitemap><sitemap>"
        "<loc>/latest-news.xml</loc></sitemap></sitemapindex>",
        "text/xml",
    )
    found.put("/latest-news.xml", urlset([ITEMS[0][0]], news=True), "text/xml")
    found.put("/empty.xml", "<urlset/>", "text/xml")
    result = probe(found)
    assert (result.outlet.sitemaps, result.outlet.news_sitemaps) == ((HOME + "index.xml",), (HOME + "latest-news.xml",))
    assert reasons(result, "sitemap")[HOME + "empty.xml"] == (False, "named by robots.txt: an empty sitemap")


@pytest.mark.parametrize(
    ("home", "taken", "expected"),
    [
        ("https://www.bbc.co.uk/", (), "bbc"),
        ("https://www.bbc.co.uk/", ("bbc",), "bbc.co.uk"),
        ("https://www.bbc.co.uk/", ("bbc", "bbc.co.uk"), "bbc-2"),
        ("https://ar.example.com/", (), "ar.example"),
        ("http://127.0.0.1:8001/", (), "127.0.0.1-8001"),
        ("http://localhost:8001/", (), "localhost-8001"),
        ("http://alfajr.test:8800/", (), "alfajr"),
        ("https://example.com/ar/", (), "example-ar"),
        ("http://مثال.إختبار/", (), "xn--mgbh0fb"),
        ("http://[::1]:81/", (), "1--81"),
        ("https://under_score.example.com/", (), "under_score.example"),
        ("https://" + "a" * 60 + ".example.com/", (), "a" * 60 + ".exa"),
    ],
)
def test_ids(home: str, taken: tuple[str, ...], expected: str) -> None:
    """An id is what people call the host, may name a file, and differs from those that are taken."""
    outlet = replay(Probe(home, taken=taken), []).outlet
    assert outlet.id == expected
    assert OUTLET_ID.fullmatch(outlet.id)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("<meta property='og:site_name' content='صحيفة المثال'>", "صحيفة المثال"),
        ("<meta property='og:site_name' content='Home'><title>x</title>", "The Example"),
        (
            '<script type="application/ld+json">{"@type":"NewsMediaOrganization","name":"Example Media"}</script>',
            "Example Media",
        ),
        ("", "The Example"),
    ],
)
def test_names(head: str, name: str) -> None:
    """og:site_name, then JSON-LD, then the title without its slogan; words that any site has are no name."""
    assert probe(site(head=head)).outlet.name == name


@pytest.mark.parametrize(
    ("home", "html", "text", "languages", "country"),
    [
        (
            "https://e.com/",
            "en-US",
            "افتتح رئيس البلدية الجسر الجديد فوق النهر بعد سنوات طويلة من الأشغال",
            ("ar",),
            "",
        ),
        (
            "https://e.com/",
            "ar-EG",
            "افتتح رئيس البلدية الجسر الجديد فوق النهر بعد سنوات طويلة من الأشغال",
            ("ar",),
            "EG",
        ),
        (
            "https://e.com.eg/",
            "",
            "افتتح رئيس البلدية الجسر الجديد فوق النهر بعد سنوات طويلة من الأشغال",
            ("ar",),
            "EG",
        ),
        (
            "https://e.co.uk/",
            "en",
            "The mayor has opened the new bridge over the river after many years of work",
            ("en",),
            "GB",
        ),
        (
            "https://e.tv/",
            "fr-CA",
            "Le maire a ouvert le nouveau pont sur le fleuve après de longues années de travaux",
            ("fr",),
            "CA",
        ),
        ("https://e.com/", "he", "ראש העיר פתח את הגשר החדש מעל הנהר לאחר שנים ארוכות של עבודות", ("he",), ""),
        (
            "https://e.com/",
            "zh-Hant-TW",
            "市長在多年工程之後啟用了河上的新橋，市民紛紛前來參觀新的景點並拍照留念，交通部門表示這座橋將大大改善通勤時間",
            ("zh",),
            "TW",
        ),
        (
            "https://e.io/",
            "id",
            "Wali kota membuka jembatan baru di atas sungai setelah bertahun-tahun pengerjaan",
            ("id",),
            "",
        ),
        ("https://e.com/", "sw-KE", "short", ("sw",), "KE"),
        ("https://e.com/", "", "", (), ""),
    ],
)
def test_languages_and_countries(home: str, html: str, text: str, languages: tuple[str, ...], country: str) -> None:
    """The text's language, and what is declared where it fits; the host's ending, or the region of what fits."""
    found = Site(home)
    found.page("/", "<html>" + f"<h2><a href='/2026/05/03/x'>{text}</a></h2>")
    kind, body = found.answers[home]
    found.put("/", body.replace(b"<!doctype html><html>", f"<!doctype html><html lang='{html}'>".encode()), kind)
    outlet = probe(found).outlet
    assert (outlet.languages, outlet.country) == (languages, country)


def test_a_name_behind_a_slogan() -> None:
    """Which part of a title is the name shows in the links to the home."""
    found = Site("http://127.0.0.1:8001/")
    head = "<title>Новости района с 1998 года - Вестник Тихоречья</title>"
    found.page("/", "<a href='/'>Вестник Тихоречья</a><a href='/index.php'>На главную</a>", head=head)
    assert probe(found).outlet.name == "Вестник Тихоречья"


def test_sections_are_bounded() -> None:
    """A menu without end gives forty sections."""
    menu = "".join(f"<a href='/section-{chr(97 + n % 26)}{chr(97 + n // 26)}/'>S</a>" for n in range(90))
    assert len(probe(site(body=f"<nav>{menu}</nav>")).outlet.sections) == 40


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 599),
            st.sampled_from([None, "text/html", "application/xml"]),
            st.binary(max_size=80),
            st.sampled_from(["", "http://b.c/", "x:"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_answers(answers: list[tuple[int, str | None, bytes, str]]) -> None:
    """Whatever is answered, a probe ends within 25 requests and has an outlet to tell of."""
    state, count = Probe(HOME), 0
    while wanted := state.next_requests():
        for url in wanted:
            status, kind, body, final = answers[count % len(answers)]
            state.give(url, status, kind, body, final_url=final or None)
            count += 1
    assert state.done
    assert count <= 25
    assert OUTLET_ID.fullmatch(state.conclude().outlet.id)
