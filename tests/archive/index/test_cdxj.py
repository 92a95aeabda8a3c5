"""Lines of the index are those of cdxj-indexer, and are read back as they were written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.http import parse_head
from archive.index.cdxj import Entry, line, parse, render, resource_entry, response_entry, timestamp

WHEN = datetime(2026, 1, 2, 3, 4, 5, 999999, tzinfo=UTC)


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode("utf-8")


def test_a_line() -> None:
    """Key, time and JSON, numbers as strings, parted by one space."""
    entry = response_entry(
        "https://www.a.example/X?b&a",
        WHEN,
        parse_head(head("HTTP/1.1 200 OK", "content-type: text/html; charset=utf-8")),
        "sha256:ab",
    ).at("f.warc.gz", 12, 345)
    assert line(entry) == (
        "example,a)/x?a&b 20260102030405 "
        '{"url": "https://www.a.example/X?b&a", "mime": "text/html", "status": "200", "digest": "sha256:ab", '
        '"length": "345", "offset": "12", "filename": "f.warc.gz"}'
    )


@pytest.mark.parametrize(
    ("lines", "mime", "status"),
    [
        (["HTTP/1.1 200 OK", "Content-Type: Text/HTML;charset=x"], "Text/HTML", "200"),
        (["HTTP/1.1 404", "Content-Type:  text/plain  "], "text/plain", "404"),
        (["HTTP/1.1  301  Moved", "Content-Type: a b"], "a", "301"),
        (["HTTP/1.1 204 No"], None, "204"),
        (["HTTP/1.1 abc", "Content-Type:"], "", "abc"),
        (["HTTP/1.1 200 OK", "Content-Type: نص/عادي"], "نص/عادي", "200"),
    ],
)
def test_mime_and_status(lines: list[str], mime: str | None, status: str) -> None:
    """Type and status stand as the head says, the type without parameters; what is not there is left out."""
    entry = response_entry("http://a.example/", WHEN, parse_head(head(*lines)), "sha256:ab")
    assert (entry.mime, entry.status) == (mime, status)
    assert ("mime" in line(entry)) == (mime is not None)


def test_other_records() -> None:
    """A response of no bytes has neither type nor status, a revisit its own type, a resource no status."""
    empty = response_entry("http://a.example/", WHEN, parse_head(b""), "sha256:ab")
    assert (empty.mime, empty.status) == (None, None)
    revisit = response_entry("http://a.example/", WHEN, parse_head(head("HTTP/1.1 200 OK")), "sha256:ab", revisit=True)
    assert (revisit.mime, revisit.status) == ("warc/revisit", "200")
    resource = resource_entry("urn:sha256:ab", WHEN, "application/pkix-cert", "sha256:ab")
    assert (resource.urlkey, resource.mime, resource.status) == ("urn:sha256:ab", "application/pkix-cert", None)


def test_time_is_utc_cut_to_the_second() -> None:
    """Another zone is turned, a fraction cut, never rounded."""
    assert timestamp(WHEN) == "20260102030405"
    assert timestamp(WHEN.astimezone(timezone(timedelta(hours=3, minutes=30)))) == "20260102030405"


def test_sorted_by_bytes_each_line_once() -> None:
    """The order is that of `LC_ALL=C sort -u`."""
    keys = ["com,b)/", "com,a)/é", "com,a)/Z", "com,a)/a", "com,a)/a", "com,a)/"]
    text = render(Entry(urlkey=key.replace("é", "%c3%a9"), timestamp="2" * 14, url="u") for key in keys)
    assert text.encode().splitlines() == sorted(set(text.encode().splitlines()))
    assert len(text.splitlines()) == 5


WORDS = st.text(max_size=20)


@given(
    st.builds(
        Entry,
        urlkey=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20),
        timestamp=st.integers(10**13, 10**14 - 1).map(str),
        url=WORDS,
        mime=st.none() | WORDS,
        status=st.none() | WORDS,
        digest=st.none() | WORDS,
        length=st.integers(0, 2**40),
        offset=st.integers(0, 2**40),
        filename=WORDS,
    )
)
def test_write_then_read(entry: Entry) -> None:
    """Any entry comes back as it was, from one line of ASCII."""
    text = line(entry)
    assert parse(text + "\n") == entry
    assert text.isascii()
    assert "\n" not in text


def test_lines_of_others() -> None:
    """Numbers that are numbers and fields that we do not know are read too."""
    entry = parse('com,a)/ 20260102030405 {"offset": 7, "length": "8", "status": 200, "url": "http://a.com/", "x": []}')
    assert (entry.offset, entry.length, entry.status, entry.url) == (7, 8, "200", "http://a.com/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "a 2026 {}",
        "a 20260102030405 []",
        "a 20260102030405 {",
        'a 20260102030405 {"offset": "x"}',
        "a ٢" + "0" * 13 + " {}",
    ],
)
def test_what_is_no_line(text: str) -> None:
    """What is no CDXJ line is a ValueError, whatever it is."""
    with pytest.raises(ValueError):  # noqa: PT011 - each fails in its own way
        parse(text)
