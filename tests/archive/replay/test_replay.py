"""The replay origin, asked over HTTP."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from archive.archive import Archive
from archive.http import entity
from archive.replay.address import digits, path_to
from archive.web.serve import serving
from tests.archive.web.fixtures import Served, ask_raw
from tests.archive.web.house import ARABIC_URL, DAY_ONE, DAY_TWO, RED_DOT, STYLED, Page, build

ONE, TWO = digits(DAY_ONE), digits(DAY_TWO)


def test_every_record_is_given_byte_for_byte(served: Served, client: httpx.Client) -> None:
    """By record id and by address and time, id_ gives entity, status and type as archived, content coding on."""
    with Archive.open(served.house.site) as archive:
        for row in served.house.rows:
            wanted = entity(archive.get(row.id).response)
            for path in (f"/record/{row.id}/raw", path_to(row.url, digits(row.started), "id_")):
                with client.stream("GET", served.origins.replay + path) as answer:
                    assert b"".join(answer.iter_raw()) == wanted, row.url
                    assert answer.status_code == row.status
                    assert answer.headers["content-type"].split(";")[0] == row.mime
                    assert answer.headers["content-length"] == str(len(wanted))


def test_content_coding_is_as_archived(served: Served, client: httpx.Client) -> None:
    """A gzipped body comes gzipped and says so; rewritten it comes as it is."""
    raw = client.get(f"{served.origins.replay}/{ONE}id_/https://example.org/fr/port")
    assert raw.headers["content-encoding"] == "gzip"
    assert raw.text == "<p>Le port, l’été</p>"
    shown = client.get(f"{served.origins.replay}/{ONE}/https://example.org/fr/port")
    assert "content-encoding" not in shown.headers
    assert "l’été" in shown.text


@pytest.mark.parametrize("path", [f"/{ONE}/{STYLED}", f"/{ONE}id_/{STYLED}", "/2024/x", f"/{ONE}/https://x.example/"])
def test_head_gives_the_same_headers(served: Served, client: httpx.Client, path: str) -> None:
    """HEAD answers as GET does, without a body."""
    got, asked = (client.request(method, served.origins.replay + path) for method in ("GET", "HEAD"))
    assert asked.content == b""
    assert asked.status_code == got.status_code
    assert asked.headers == got.headers


def test_a_page_is_shown_with_its_links_in_the_archive(served: Served, client: httpx.Client) -> None:
    """The page of the asked time, rewritten, as UTF-8."""
    answer = client.get(f"{served.origins.replay}/{ONE}/{STYLED}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "opens on Monday" in answer.text
    assert f'href="/{ONE}mp_/https://example.org/news/next"' in answer.text
    assert "<script" not in answer.text
    assert "http-equiv" not in answer.text


def test_another_time_leads_to_the_nearest_capture(served: Served, client: httpx.Client) -> None:
    """A time between captures redirects to the nearest one's own, either way."""
    between = DAY_ONE + (DAY_TWO - DAY_ONE) / 2
    for when, nearest in (
        (between - timedelta(seconds=2), ONE),
        (between + timedelta(seconds=2), TWO),
        (datetime(1999, 1, 1, tzinfo=UTC), ONE),
        (datetime(2099, 1, 1, tzinfo=UTC), TWO),
    ):
        answer = client.get(f"{served.origins.replay}/{digits(when)}/{STYLED}")
        assert answer.status_code == 302
        assert answer.headers["location"] == f"/{nearest}mp_/{STYLED}"


def test_nearest_is_right_in_random_questions(tmp_path: Path, client: httpx.Client) -> None:
    """Captures at random moments, some in one second: the one served is the nearest in real seconds."""
    chance = random.Random(7)
    url = "https://example.org/often"
    moments = sorted({DAY_ONE + timedelta(seconds=chance.randrange(500), microseconds=chance.randrange(10**6))
                      for _ in range(60)})  # fmt: skip
    house = build(tmp_path, [Page(url, str(when).encode(), started=when) for when in moments])
    with serving(house.site) as origins:
        for _ in range(150):
            asked = (DAY_ONE + timedelta(seconds=chance.randrange(-100, 600))).replace(microsecond=0)
            same = [when for when in moments if asked <= when < asked + timedelta(seconds=1)]
            wanted = same[0] if same else min(moments, key=lambda when: (abs(when - asked), when))
            answer = client.get(f"{origins.replay}/{digits(asked)}id_/{url}")
            if not same:
                assert answer.headers["location"] == f"/{digits(wanted)}id_/{url}"
                continue
            assert answer.text == str(wanted)


def test_a_redirect_is_followed_within_the_archive(served: Served, client: httpx.Client) -> None:
    """An archived redirect leads to the replay of its target; raw it is what it was, its target within the archive."""
    shown = client.get(f"{served.origins.replay}/{ONE}/http://example.org/moved")
    assert (shown.status_code, shown.headers["location"]) == (302, f"/{ONE}mp_/http://example.org/news/next")
    raw = client.get(f"{served.origins.replay}/{ONE}id_/http://example.org/moved")
    assert (raw.status_code, raw.text) == (301, "moved")
    assert raw.headers["location"] == f"/{ONE}id_/http://example.org/news/next"
    followed = client.get(f"{served.origins.replay}/{ONE}/http://example.org/moved", follow_redirects=True)
    assert "The next page" in followed.text


def test_a_redirect_to_the_same_address_is_stepped_over(served: Served, client: httpx.Client) -> None:
    """From http to https is one address to the index: the page is found, not the redirect again and again."""
    answer = client.get(f"{served.origins.replay}/{ONE}/http://example.org/secure", follow_redirects=True)
    assert answer.status_code == 200
    assert "<p>secure</p>" in answer.text
    assert len(answer.history) <= 2


def test_parts_come_from_the_capture_nearest_to_the_page(served: Served, client: httpx.Client) -> None:
    """A requisite is given at once, whatever its own second, with the time it was captured at."""
    answer = client.get(f"{served.origins.replay}/{TWO}im_/https://example.org/news/dot.png")
    assert (answer.status_code, answer.content) == (200, RED_DOT)
    assert answer.headers["memento-datetime"] == "Fri, 31 May 2024 12:00:00 GMT"


def test_style_sheets_are_rewritten(served: Served, client: httpx.Client) -> None:
    """Imports and fonts of a style sheet come from the archive; a font may be loaded by a sandboxed page."""
    sheet = client.get(f"{served.origins.replay}/{ONE}im_/https://example.org/style.css")
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert f'@import "/{ONE}im_/https://example.org/more.css"' in sheet.text
    font = client.get(f"{served.origins.replay}/{ONE}im_/https://example.org/own.woff2")
    assert font.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in sheet.headers


def test_arabic_addresses_are_found_however_written(served: Served, client: httpx.Client) -> None:
    """Letters or percent signs: one address. The page in windows-1256 comes as UTF-8."""
    quoted = path_to(ARABIC_URL, ONE, "")
    answer = client.get(served.origins.replay + quoted)
    assert "يُفتتح ميناء المدينة" in answer.text
    assert 'dir="rtl"' in answer.text
    assert client.get(served.origins.replay + quoted.lower()).status_code == 200


def test_an_archived_status_is_kept(served: Served, client: httpx.Client) -> None:
    """A page that was gone is shown as gone."""
    answer = client.get(f"{served.origins.replay}/{ONE}/https://example.org/gone")
    assert (answer.status_code, "gone for good" in answer.text) == (410, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 400),
        ("/favicon.ico", 404),
        (f"/{ONE}/https://never.example/", 404),
        (f"/{ONE}im_/https://never.example/i.png", 404),
        ("/https://never.example/", 404),
        (f"/{ONE}/https://example.org/news/../../etc/passwd", 404),
        ("/../../etc/passwd", 404),
        (f"/{ONE}/news harbour", 400),
        (f"/{ONE}/ftp://example.org/", 400),
        (f"/{ONE}/javascript:alert(1)", 400),
        (f"/{ONE}/https://example.org/%00", 400),
        (f"/{ONE}/https://example.org/%0d%0aX-Header:%201", 400),
        (f"/{ONE}/http://[::bad/", 400),
        (f"/{ONE}/https://example.org/" + "a" * 10_000, 404),
        ("/2024/https://example.org/", 400),
        ("/20241399000000/https://example.org/", 400),
        ("/99999999999999/https://example.org/", 400),
        ("/record/", 404),
        ("/record/00000000-0000-4000-8000-000000000000", 404),
        ("/record/00000000-0000-4000-8000-000000000000/raw", 404),
        ("/record/../../etc/passwd", 404),
    ],
)
def test_bad_questions_get_a_clear_page(served: Served, path: str, status: int) -> None:
    """What cannot be answered gets the right status and a page that says why, under the same policy."""
    got, answer = ask_raw(served.origins.replay, path.replace(" ", "%20"))
    assert got == status
    assert b"content-security-policy: sandbox;" in answer.lower()
    assert b"Nothing is fetched from the live web." in answer
    assert b"passwd" not in answer.split(b"\r\n\r\n", 1)[0]


def test_letters_in_a_request_line_are_no_crash(served: Served) -> None:
    """Bytes that should have been percent-encoded are read or refused."""
    status, _ = ask_raw(served.origins.replay, f"/{ONE}/{ARABIC_URL}".encode())
    assert status in (200, 302, 400, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_is_written(served: Served, client: httpx.Client, method: str) -> None:
    """Other methods than GET and HEAD are refused."""
    answer = client.request(method, f"{served.origins.replay}/{ONE}/{STYLED}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_only_safe_headers_are_passed_on(tmp_path: Path, client: httpx.Client) -> None:
    """What an archived answer says about cookies, workers, refreshes and policies stays in the archive."""
    bad = {
        "Set-Cookie": "a=b", "Refresh": "0;url=https://outside.example/", "Clear-Site-Data": '"*"',
        "Service-Worker-Allowed": "/", "Report-To": "{}", "NEL": "{}", "Link": "<https://outside.example>;rel=preload",
        "Content-Security-Policy": "default-src *", "Access-Control-Allow-Origin": "*", "Content-Disposition": "x",
        "X-Frame-Options": "DENY", "Strict-Transport-Security": "max-age=1", "Alt-Svc": "x", "SourceMap": "/x",
        "Reporting-Endpoints": 'x="https://outside.example"', "Location": "https://outside.example/", "P3P": "x",
        "Content-Encoding": "x-odd", "Server": "odd", "ETag": "x", "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip
    url = "https://example.org/headers"
    house = build(tmp_path, [Page(url, b"<p>x</p>", "text/html;charset=utf-8\x01", headers=tuple(bad.items()))])
    with serving(house.site) as origins:
        for modifier in ("", "id_", "im_"):
            answer = client.get(f"{origins.replay}/{ONE}{modifier}/{url}")
            assert answer.status_code == 200
            assert answer.content.endswith((b"<p>x</p>", b"</html>"))
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("sandbox; default-src 'none';")
            assert f"frame-ancestors {origins.app}" in policy
            assert answer.headers["link"].startswith(f'<{url}>; rel="original"')
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
            for name in set(bad) - {"Content-Security-Policy", "Link", "Cross-Origin-Resource-Policy"}:
                assert name not in answer.headers, (modifier, name)


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        ("application/javascript", "text/plain; charset=utf-8"),
        ("text/xml", "text/plain; charset=utf-8"),
        ("application/rss+xml; charset=utf-8", "text/plain; charset=utf-8"),
        ("application/json", "text/plain; charset=utf-8"),
        ("application/xhtml+xml", "text/html; charset=utf-8"),
        ("image/svg+xml", "image/svg+xml"),
        ("application/pdf", "application/pdf"),
        ("", "text/html; charset=utf-8"),
        ("nonsense", "application/octet-stream"),
    ],
)
def test_types_that_run_are_shown_as_text(tmp_path: Path, client: httpx.Client, content_type: str, shown: str) -> None:
    """A feed or script is text to look at; a page without a type is recognised."""
    url = "https://example.org/typed"
    house = build(tmp_path, [Page(url, b"<html><p>x</p></html>", content_type)])
    with serving(house.site) as origins:
        assert client.get(f"{origins.replay}/{ONE}/{url}").headers["content-type"] == shown
        raw = client.get(f"{origins.replay}/{ONE}id_/{url}").headers["content-type"]
        assert raw == (content_type if "/" in content_type else "application/octet-stream")


def test_a_damaged_record_says_so(tmp_path: Path, client: httpx.Client) -> None:
    """Bytes that cannot be read are told from bytes that are not there."""
    house = build(tmp_path, [Page(STYLED, b"<p>x</p>" * 1000)])
    (row,) = house.rows
    path = house.site.archive_path / row.file
    bytes_ = bytearray(path.read_bytes())
    middle = row.offset + row.record_length // 2
    bytes_[middle : middle + 40] = b"\xff" * 40
    path.write_bytes(bytes_)
    with serving(house.site) as origins:
        for target in (f"/record/{row.id}", f"/record/{row.id}/raw", f"/{ONE}/{STYLED}"):
            answer = client.get(origins.replay + target)
            assert answer.status_code == 500
            assert "cannot be read" in answer.text
        path.unlink()
        assert client.get(f"{origins.replay}/record/{row.id}").status_code == 500


def test_a_page_can_be_asked_for_by_date_header(served: Served, client: httpx.Client) -> None:
    """Without a time: the latest, or the nearest to Accept-Datetime, as RFC 7089 says; a bad date is 400."""
    gate = f"{served.origins.replay}/{STYLED}"
    latest = client.get(gate)
    assert (latest.status_code, latest.headers["location"]) == (302, f"/{TWO}mp_/{STYLED}")
    assert latest.headers["vary"] == "accept-datetime"
    early = client.get(gate, headers={"Accept-Datetime": "Fri, 31 May 2024 20:00:00 GMT"})
    assert early.headers["location"] == f"/{ONE}mp_/{STYLED}"
    assert client.get(gate, headers={"Accept-Datetime": "yesterday"}).status_code == 400
    memento = client.get(served.origins.replay + early.headers["location"])
    assert memento.headers["memento-datetime"] == "Fri, 31 May 2024 12:00:00 GMT"
    assert memento.headers["link"] == f'<{STYLED}>; rel="original", </{STYLED}>; rel="timegate"'


def test_two_captures_of_one_second_have_addresses_of_their_own(tmp_path: Path, client: httpx.Client) -> None:
    """14 digits cannot part them; the record id does."""
    url = "https://example.org/twice"
    moments = [DAY_ONE, DAY_ONE + timedelta(microseconds=1000)]
    house = build(tmp_path, [Page(url, str(number).encode(), started=when) for number, when in enumerate(moments)])
    with serving(house.site) as origins:
        bodies = [client.get(f"{origins.replay}/record/{row.id}/raw").text for row in house.rows]
    assert bodies == ["0", "1"]
