"""No reflected and no stored script: payloads in every parameter and every archived field, read as a browser reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from urllib.parse import quote

import httpx
import pytest
from lxml import html

from archive.archive import Archive
from archive.article import Article, ArticleDate, ArticleLanguage
from archive.web.serve import Origins, serving
from tests.archive.web.house import DAY_ONE, House, Page, build, says

PAYLOADS = (files("tests.archive.web") / "payloads.txt").read_text("utf-8").splitlines()

OURS = frozenset(
    {"html", "head", "meta", "title", "link", "style", "body", "a", "header", "img", "span", "form", "label", "input"}
    | {
        "button",
        "main",
        "h1",
        "h2",
        "h3",
        "p",
        "footer",
        "nav",
        "section",
        "div",
        "table",
        "thead",
        "tr",
        "th",
        "tbody",
    }
    | {"td", "time", "ul", "ol", "li", "bdi", "article", "br", "iframe", "dl", "dt", "dd", "select", "option", "mark"}
)
"""Every element that a template of ours writes; `style` in notices only."""

ADDRESSES = ("href", "src", "action", "formaction", "background", "data", "srcset")


def harmless(answer: httpx.Response, origins: Origins) -> None:
    """Check an answer of ours: nothing in it but what our templates write."""
    assert "x-header" not in answer.headers
    location = answer.headers.get("location", "/")
    assert location.startswith(("/", origins.app, origins.replay))
    assert not location.startswith("//")
    kind = answer.headers.get("content-type", "")
    if not kind.startswith("text/html"):
        assert kind.startswith("application/json") or answer.status_code in (302, 307), kind
        return
    for node in html.document_fromstring(answer.content).iter():
        assert node.tag in OURS, (node.tag, answer.url)
        for name, value in node.items():
            assert not name.startswith("on"), (name, answer.url)
            assert name not in {"srcdoc", "style", "formaction"}
            if name in ADDRESSES:
                assert value.startswith(("/", "#", origins.app, origins.replay)), (value, answer.url)
                assert not value.startswith("//")
        if node.tag == "style":
            assert "@import" not in (node.text or "")
            assert "url(" not in (node.text or "")
        if node.tag == "meta":
            assert "http-equiv" not in node.attrib


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Origins]]:
    """Serve an archive in which each payload is in every field that comes from outside."""
    pages = []
    for number, payload in enumerate(PAYLOADS):
        url = f"https://example.org/{number}/{quote(payload)}"
        pages.append(
            Page(url, payload.encode(), says=_poisoned(url, payload), headers=(("X-Odd", payload),), outlet="poison")
        )
        pages.append(
            Page(f"https://example.org/r/{number}", payload.encode(), status="302 Found",
                 headers=(("Location", payload),))
        )  # fmt: skip
    house = build(tmp_path_factory.mktemp("poison"), pages)
    with serving(house.site) as origins:
        yield house, origins


def _poisoned(url: str, payload: str) -> Article:
    language = ArticleLanguage(code=payload[:40], script=payload[:40], confidence=1, method=payload)
    date = ArticleDate(value=payload, precision="day", raw=payload, source=payload)
    made = says(url, payload, f"{payload}\n\nharbour {payload}\n{payload}", language)
    return replace(
        made, authors=(payload,), section=payload, tags=(payload,), credit=payload, published=date, modified=date,
        image=payload, canonical_url=payload,
    )  # fmt: skip


def test_enough_payloads() -> None:
    """The table is long enough to mean something."""
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


def test_stored_payloads_are_only_text(stored: tuple[House, Origins], client: httpx.Client) -> None:
    """Titles, authors, dates, languages, tags, texts and addresses of the archived web are shown, never run."""
    house, origins = stored
    with Archive.open(house.site) as archive:
        articles = archive.articles()
        rows = list(archive.captures())
    assert len(articles) == len(PAYLOADS)
    for article in articles:
        answer = client.get(f"{origins.app}/article/{article.id}")
        assert answer.status_code == 200
        harmless(answer, origins)
        shown = html.document_fromstring(answer.content)
        assert " ".join((article.title or "").split()) in " ".join(shown.find(".//h1").text_content().split())
    for row in rows:
        harmless(client.get(f"{origins.app}/capture/{row.id}"), origins)
    for path in ("/", "/?ui=ar", "/outlet/poison", "/outlet/poison?page=2", "/search?q=harbour", "/search?q=script",
                 "/search?q=alert&page=2", "/search?q=onerror+OR+img&ui=fr"):  # fmt: skip
        answer = client.get(origins.app + path)
        assert answer.status_code == 200
        harmless(answer, origins)


def test_archived_pages_of_payloads_replay_without_acting(stored: tuple[House, Origins], client: httpx.Client) -> None:
    """Replayed, a payload has no script, no handler and no address outside; redirects stay within."""
    house, origins = stored
    for row in house.rows:
        answer = client.get(f"{origins.replay}/record/{row.id}")
        assert answer.headers["content-security-policy"].startswith("sandbox;")
        if answer.status_code == 302:
            assert answer.headers["location"].startswith("/2024")
            continue
        for node in html.document_fromstring(answer.content or b"<p>").iter():
            assert node.tag not in {"script", "iframe", "object", "embed", "base", "form[action]", "animate", "set"}
            for name, value in node.items():
                assert not name.startswith("on")
                if name in ADDRESSES or name == "xlink:href":
                    assert value.startswith(("/2024", "#", "data:image")), value
            if node.tag == "style" or node.get("style"):
                said = (node.text or "") + (node.get("style") or "")
                assert "//outside" not in said.replace("/https://outside", "")


PLACES = (
    "/search?q={}", "/search?language={}", "/search?outlet={}", "/search?from={}", "/search?to={}", "/search?ui={}",
    "/search?q=x&page={}", "/search?q=harbour&{}=1", "/?ui={}", "/outlet/{}", "/outlet/example?page={}",
    "/article/{}", "/capture/{}", "/{}", "/static/{}", "/search.json?q={}", "/search.json?from={}",
    "/article/{}.json",
)  # fmt: skip
REPLAY_PLACES = (
    "/{}", "/record/{}", "/record/{}/raw", "/20240531120000/{}", "/20240531120000id_/{}", "/20240531120000im_/{}",
    "/20240531120000/https://example.org/{}", "/20240531120000/https://{}/", "/20240531120000{}/https://example.org/",
    "/{}/https://example.org/", "/https://example.org/?q={}",
)  # fmt: skip


@pytest.mark.slow
def test_reflected_payloads_are_only_text(served_poison: Origins, client: httpx.Client) -> None:
    """Whatever is asked, what comes back holds nothing but what our templates write."""
    spellings = [quote(payload, safe="") for payload in PAYLOADS]
    spellings += [quote(payload, safe="/:?&=;,'()<>\"") for payload in PAYLOADS[:20]]
    for written in spellings:
        for place in PLACES:
            harmless(client.get(served_poison.app + place.format(written)), served_poison)
        for place in REPLAY_PLACES:
            harmless(client.get(served_poison.replay + place.format(written)), served_poison)


@pytest.fixture
def served_poison(stored: tuple[House, Origins]) -> Origins:
    """Give the origins alone."""
    return stored[1]


@pytest.mark.parametrize("header", ["Accept-Language", "Accept-Datetime", "Referer", "User-Agent", "X-Forwarded-Host"])
def test_headers_are_not_reflected(served_poison: Origins, client: httpx.Client, header: str) -> None:
    """Nothing of a request's headers comes back."""
    for payload in PAYLOADS[:30]:
        asked = {header: payload.encode()}
        for url in (served_poison.app, f"{served_poison.replay}/https://example.org/0"):
            answer = client.get(url, headers=asked)
            harmless(answer, served_poison)
            assert "alert(1)" not in str(answer.headers)


def test_line_breaks_make_no_headers(served_poison: Origins, client: httpx.Client) -> None:
    """A line break in an address cannot begin a header."""
    broken = "%0d%0aX-Header:1"
    for origin in (served_poison.app, served_poison.replay):
        for path in (f"/{broken}", f"/20240531120000/https://example.org/{broken}", f"/search?q={broken}"):
            harmless(client.get(origin + path), served_poison)


def test_the_day_of_the_house() -> None:
    """The addresses above are of the day on which the house's pages were captured."""
    assert f"{DAY_ONE:%Y%m%d}" == "20240531"
