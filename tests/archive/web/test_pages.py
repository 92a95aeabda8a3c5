"""The reading room's pages, asked over HTTP."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from lxml import html
from lxml.html import HtmlElement

from archive.web.serve import serving
from tests.archive.web.fixtures import Served, ask_raw
from tests.archive.web.house import ARABIC_URL, ENGLISH, STYLED, Page, build, harbour_world, on, says

LOCAL_LINK = re.compile(r"/(?!/)")


def page(served: Served, client: httpx.Client, path: str, **headers: str) -> HtmlElement:
    """Ask for a page that must be there."""
    answer = client.get(served.origins.app + path, headers=headers)
    assert answer.status_code == 200, answer.text
    return html.document_fromstring(answer.content)


def words(node: HtmlElement) -> str:
    return " ".join(node.text_content().split())


def paths(served: Served) -> list[str]:
    """Give a path to each kind of page."""
    house = served.house
    return ["/", "/outlet/example", f"/article/{house.article_id(STYLED)}", f"/article/{house.article_id(ARABIC_URL)}",
            f"/capture/{house.rows[0].id}", "/search", "/search?q=harbour"]  # fmt: skip


def test_the_first_page_shows_outlets_and_newest_articles(served: Served, client: httpx.Client) -> None:
    """Counts and times by outlet; titles in their own language and direction, newest first."""
    home = page(served, client, "/")
    rows = [" ".join(map(words, row)) for row in home.xpath("//tbody/tr")]
    assert rows == [
        "example 3 14 31 May 2024, 12:00:00 UTC 2 Jun 2024, 09:30:00 UTC",
        "second 1 1 31 May 2024, 12:00:00 UTC 31 May 2024, 12:00:00 UTC",
    ]
    titles = home.xpath("//ul[@class='articles']/li//h3/a")
    assert [(a.get("lang"), a.get("dir")) for a in titles] == [
        ("ar", "rtl"), ("en", "ltr"), ("fr", "ltr"), ("zh", "ltr")]  # fmt: skip
    assert [words(a) for a in titles][:2] == ["افتتاح الميناء الجديد", "The harbour opens later"]


def test_an_article_stands_beside_its_original(served: Served, client: httpx.Client) -> None:
    """Text in its language and direction, the original in a sandboxed frame of the other origin, provenance."""
    house = served.house
    shown = page(served, client, f"/article/{house.article_id(ARABIC_URL)}?ui=en")
    (article,) = shown.xpath("//article")
    assert (article.get("lang"), article.get("dir")) == ("ar", "rtl")
    assert (shown.get("lang"), shown.get("dir")) == ("en", "ltr")
    assert [words(p) for p in article.xpath(".//div[@class='text']/p")] == [
        "يُفتتح ميناء المدينة الجديد يوم الإثنين بحضور الأهالي.",
        "وقال المهندس إن العمل استغرق ثلاث سنوات.",
    ]
    row = house.row(ARABIC_URL)
    (frame,) = shown.xpath("//iframe")
    assert frame.get("src") == f"{served.origins.replay}/record/{row.id}"
    assert frame.get("sandbox") == ""
    told = words(shown.xpath("//section[@aria-labelledby='provenance']")[0])
    for fact in (row.id, row.file, f"{row.offset:,}", row.payload_digest, ARABIC_URL, "192.0.2.1"):
        assert fact in told
    assert shown.xpath(f"//a[@href='{served.origins.replay}/record/{row.id}/raw']")


def test_versions_are_listed_newest_first(served: Served, client: httpx.Client) -> None:
    """Each version names its title of the time and leads to its capture."""
    house = served.house
    shown = page(served, client, f"/article/{house.article_id(STYLED)}")
    versions = shown.xpath("//ol[@class='versions']/li")
    assert [version.get("value") for version in versions] == ["2", "1"]
    assert [words(version.find("bdi")) for version in versions] == ["The harbour opens later", "The harbour opens"]
    assert versions[1].find("a").get("href") == f"/capture/{house.rows[0].id}"


def test_search_marks_what_it_found(served: Served, client: httpx.Client) -> None:
    """Hits with the words marked in title and text, in their own direction."""
    found = page(served, client, "/search?q=ميناء")
    (hit,) = found.xpath("//ol/li")
    assert hit.get("dir") == "rtl"
    assert [words(mark) for mark in hit.xpath(".//p[@class='snippet']/mark")] == ["ميناء"]
    assert words(found.xpath("//p[@role='status']")[0]) == "1 article found"
    assert found.xpath("//input[@name='q']")[0].get("value") == "ميناء"


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("q=port+OR+harbour", 2),
        ("q=harbour&language=fr", 0),
        ("q=&language=fr", 1),
        ("outlet=second", 1),
        ("outlet=nobody", 0),
        ("from=2024-05-30&to=2024-05-30", 1),
        ("from=2024-05-30", 2),
        ("q=-harbour", 0),
        ("q=港口", 1),
        ("q=%22harbour+of+Larkmoor%22", 1),
        ("q=' OR 1=1 --", 0),
        ("q=" + "x+" * 400, 0),
    ],
)
def test_search_filters(served: Served, client: httpx.Client, query: str, total: int) -> None:
    """Words, phrase, language, outlet and days narrow the search; the same as JSON."""
    assert client.get(f"{served.origins.app}/search.json?{query}").json()["total"] == total
    assert len(page(served, client, f"/search?{query}").xpath("//ol/li")) == total


def test_a_query_without_a_word_says_so(served: Served, client: httpx.Client) -> None:
    """Signs alone are nothing to look for; an empty form asks nothing."""
    assert "no word" in words(page(served, client, "/search?q=...").xpath("//p[@role='status']")[0])
    assert page(served, client, "/search").xpath("//p[@role='status']") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/search?from=yesterday", 400),
        ("/search?to=2024-13-01", 400),
        ("/search?q=x&page=0", 400),
        ("/search?q=x&page=-1", 400),
        ("/search?q=x&page=1e3", 400),
        ("/search?q=x&page=99999999999999999999", 400),
        ("/search?q=x&page=٣", 400),
        ("/search?q=" + "x" * 1001, 400),
        ("/search?q=%00", 400),
        ("/outlet/nobody", 404),
        ("/outlet/%00", 400),
        ("/article/0000", 404),
        ("/article/../../etc/passwd", 404),
        ("/article/%0A", 404),
        ("/capture/nothing", 404),
        ("/nothing", 404),
        ("/static/nothing.css", 404),
        ("/static/%2e%2e/app.py", 404),
        ("/static/../app.py", 404),
    ],
)
def test_bad_questions_get_a_clear_page(served: Served, path: str, status: int) -> None:
    """The right status and a page of ours that leads home; JSON says the same."""
    got, answer = ask_raw(served.origins.app, path.replace("٣", "%D9%A3"))
    assert got == status
    assert b'href="/"' in answer
    assert b"<h1>" in answer


def test_errors_as_json(served: Served, client: httpx.Client) -> None:
    """A code for programs and a message for people."""
    answer = client.get(f"{served.origins.app}/search.json?from=x&ui=fr")
    assert answer.status_code == 400
    assert answer.json() == {
        "error": {"code": "bad-date", "message": "Ce n’est pas une date : écrivez-la comme 2024-05-31."}
    }


def test_every_page_is_also_json(served: Served, client: httpx.Client) -> None:
    """The same document, UTF-8, never escaped."""
    home = client.get(f"{served.origins.app}/index.json")
    assert home.headers["content-type"] == "application/json"
    assert "افتتاح الميناء الجديد" in home.text
    assert [outlet["id"] for outlet in home.json()["outlets"]] == ["example", "second"]
    article_id = served.house.article_id(STYLED)
    article = client.get(f"{served.origins.app}/article/{article_id}.json").json()
    assert article["article"]["id"] == article_id
    assert [version["ordinal"] for version in article["versions"]] == [1, 2]
    assert article["raw"] == f"{served.origins.replay}/record/{article['capture']['id']}/raw"
    row = served.house.rows[0]
    assert client.get(f"{served.origins.app}/capture/{row.id}.json").json()["capture"]["file"] == row.file
    outlet = client.get(f"{served.origins.app}/outlet/second.json").json()
    assert [article["url"] for article in outlet["articles"]] == ["https://example.org/zh/port"]


@pytest.mark.parametrize(("ui", "direction"), [("en", "ltr"), ("fr", "ltr"), ("ar", "rtl")])
def test_pages_speak_three_languages(served: Served, client: httpx.Client, ui: str, direction: str) -> None:
    """`?ui=` chooses, every link within keeps the choice, and each language leads to the others."""
    for path in paths(served):
        shown = page(served, client, path + ("&" if "?" in path else "?") + f"ui={ui}")
        assert (shown.get("lang"), shown.get("dir")) == (ui, direction)
        for link in shown.xpath("//header//a | //main//a[not(starts-with(@href, 'http'))]"):
            assert f"ui={ui}" in link.get("href"), link.get("href")
        assert [a.get("hreflang") for a in shown.xpath("//footer//a")] == ["ar", "en", "fr"]


def test_the_browsers_language_is_heeded_without_cookies(served: Served, client: httpx.Client) -> None:
    """Accept-Language chooses too, and then links carry nothing; no answer sets a cookie."""
    answer = client.get(served.origins.app, headers={"Accept-Language": "ar-DZ,fr;q=0.5"})
    shown = html.document_fromstring(answer.content)
    assert shown.get("lang") == "ar"
    assert "ui=" not in "".join(shown.xpath("//main//a/@href"))
    assert answer.headers["vary"] == "Accept-Language"
    assert "set-cookie" not in answer.headers


def test_every_link_leads_somewhere(served: Served, client: httpx.Client) -> None:
    """No page of ours links to a page that is not there."""
    seen: set[str] = set()
    for path in paths(served):
        for link in page(served, client, path).xpath("//a/@href | //link/@href | //img/@src | //iframe/@src"):
            seen.add(served.origins.app + link if LOCAL_LINK.match(link) else link)
    for link in sorted(seen - {"#main"}):
        answer = client.get(link, follow_redirects=True)
        expected = {row.status for row in served.house.rows if row.id in link} or {200}
        assert answer.status_code in expected, link


def test_long_lists_have_pages(tmp_path: Path, client: httpx.Client) -> None:
    """Twenty at a time, with links to the pages around that keep the question."""
    urls = [f"https://example.org/{number}" for number in range(45)]
    pages = [Page(url, b"<p>x</p>", says=says(url, f"Ship {n}", f"A ship numbered {n}.", ENGLISH,
             published=on(f"2024-05-{n % 28 + 1:02}"))) for n, url in enumerate(urls)]  # fmt: skip
    house = build(tmp_path, pages)
    with serving(house.site) as origins:
        seen: list[str] = []
        path: str | None = "/search?q=ship&outlet=example&ui=fr"
        while path:
            shown = html.document_fromstring(client.get(origins.app + path).content)
            seen += shown.xpath("//ol/li//h2/a/@href")
            assert shown.xpath("//ol/@start") == [str(len(seen) - len(shown.xpath("//ol/li")) + 1)]
            path = next(iter(shown.xpath("//a[@rel='next']/@href")), None)
        assert len(set(seen)) == len(seen) == 45
        outlet = html.document_fromstring(client.get(f"{origins.app}/outlet/example?page=3").content)
        assert len(outlet.xpath("//ul[@class='articles']/li")) == 5
        assert outlet.xpath("//a[@rel='prev']/@href") == ["/outlet/example?page=2"]


def test_an_empty_archive_says_so(tmp_path: Path, client: httpx.Client) -> None:
    """Before the first crawl there is a page all the same."""
    house = build(tmp_path, [])
    with serving(house.site) as origins:
        assert "Nothing is archived here yet." in client.get(origins.app).text
        assert client.get(f"{origins.app}/search?q=x").status_code == 200


def test_what_is_kept_while_serving_is_shown(tmp_path: Path, client: httpx.Client) -> None:
    """An archive that a crawl is writing can be read: the newest capture is there, its file still open."""
    from archive.archive import Archive

    house = build(tmp_path, [Page(STYLED, b"<p>x</p>")])
    with serving(house.site) as origins, Archive.open(house.site, writable=True) as archive:
        record = archive.keep(Page("https://example.org/new", b"<p>new</p>").capture()).result().record_id
        assert client.get(f"{origins.app}/capture/{record}").status_code == 200
        assert "<p>new</p>" in client.get(f"{origins.replay}/record/{record}").text


def test_headers_keep_the_room_to_itself(served: Served, client: httpx.Client) -> None:
    """Nothing from elsewhere, nothing framed but the replay origin, no framing of ours."""
    for path in [*paths(served), "/nothing", "/static/warraq.css", "/index.json"]:
        headers = client.get(served.origins.app + path).headers
        assert headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src {served.origins.replay}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


@pytest.mark.parametrize("origin", ["app", "replay"])
def test_only_our_own_name_is_answered_to(served: Served, client: httpx.Client, origin: str) -> None:
    """A stranger's name that leads here gets nothing; another name of this machine is led to the one name."""
    here = getattr(served.origins, origin)
    port = here.rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", "", "127.0.0.1:1", f"x@127.0.0.1:{port}"):
        status, answer = ask_raw(here, "/index.json", host=host)
        assert status in (400, 421)
        assert b"example.org" not in answer
    answer = client.get(f"http://localhost:{port}/search?q=x")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{here}/search?q=x")
    status, raw = ask_raw(here, "//evil.example/x", host=f"localhost:{port}")
    assert (status, f"location: {here}/evil.example/x".encode() in raw.lower()) == (307, True)


def test_nothing_is_written(served: Served, client: httpx.Client) -> None:
    """The room is read-only, whatever the method."""
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert client.request(method, served.origins.app).status_code == 405


def test_the_style_sheet_knows_no_sides() -> None:
    """Logical properties only, in sheet and templates: both directions are served by one."""
    room = files("archive.web")
    for folder in ("static", "templates"):
        for entry in (room / folder).iterdir():
            if entry.name.endswith((".css", ".html")):
                text = re.sub(r"\{#.*?#\}|/\*.*?\*/", "", entry.read_text("utf-8"), flags=re.DOTALL)
                assert not re.search(r"\b(?:left|right)\b|-(?:left|right)", text), entry.name
                assert "<script" not in text
                assert not re.search(r"\bon\w+=", text)
                assert not re.search(r"\|\s*safe\b", text)


def test_documents_are_sound(served: Served, client: httpx.Client) -> None:
    """One main heading, labelled fields, unique ids, a way to skip to the content, a language for every article."""
    for path in [*paths(served), "/search?q=harbour&ui=ar"]:
        shown = page(served, client, path)
        assert len(shown.xpath("//h1")) == 1
        assert len(shown.xpath("//main[@id='main']")) == 1
        assert shown.xpath("//body/a[1]/@href") == ["#main"]
        ids = shown.xpath("//*/@id")
        assert len(set(ids)) == len(ids)
        for field in shown.xpath("//input[not(@type='hidden')] | //select"):
            assert shown.xpath(f"//label[@for='{field.get('id')}']"), (path, field.get("name"))
        for label in shown.xpath("//*/@aria-labelledby"):
            assert label in ids
        for image in shown.xpath("//img"):
            assert image.get("alt") is not None
        for frame in shown.xpath("//iframe"):
            assert frame.get("title")


@pytest.mark.postgres
def test_postgresql_gives_the_same_pages(
    served: Served, client: httpx.Client, tmp_path: Path, postgres_url: str
) -> None:
    """The same captures in the other database: the same hits in the same words, the same bytes."""
    house = build(tmp_path, harbour_world(), postgres_url)
    with serving(house.site) as origins:
        for query in ("q=harbour", "q=ميناء", "q=港口", "q=port+OR+harbour", "q=larkmoor+-harbour", "language=fr",
                      "q='%22%5C"):  # fmt: skip
            here, there = (client.get(f"{app}/search.json?{query}").json() for app in (origins.app, served.origins.app))
            assert here["total"] == there["total"]
            assert _said(here) == _said(there)
        assert "mp_/https://example.org/news/next" in client.get(f"{origins.replay}/record/{house.rows[0].id}").text
        assert client.get(f"{origins.replay}/20240531120000/{STYLED}").status_code == 200


def _said(document: dict[str, list[dict[str, object]]]) -> list[tuple[str, str]]:
    return sorted((str(hit["title"]), str(hit["snippet"])) for hit in document["hits"])
