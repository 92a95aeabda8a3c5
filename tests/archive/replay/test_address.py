"""Replay addresses, read and written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.replay.address import PAGE, PART, RAW, Asked, BadAddress, Links, digits, path_to, read, web_url

NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/20240531120000/https://example.org/", Asked("https://example.org/", NOON, PAGE)),
        ("/20240531120000id_/http://example.org/a?b=c", Asked("http://example.org/a?b=c", NOON, RAW)),
        ("/20240531120000mp_/https:/example.org/a", Asked("https://example.org/a", NOON, PAGE)),
        ("/20240531120000im_/HTTPS:///example.org/a", Asked("https://example.org/a", NOON, PART)),
        ("/20240531120000cs_/http://example.org/a#f", Asked("http://example.org/a", NOON, PART)),
        ("/20240531120000/example.org", Asked("http://example.org", NOON, PAGE)),
        ("/20240531120000/example.org:8080/a", Asked("http://example.org:8080/a", NOON, PAGE)),
        ("/20240531120000///example.org/a", Asked("http://example.org/a", NOON, PAGE)),
        ("/https://example.org/x", Asked("https://example.org/x", None, PAGE)),
        ("/example.org/x", Asked("http://example.org/x", None, PAGE)),
        ("/20240531120000/https://example.org/../x", Asked("https://example.org/../x", NOON, PAGE)),
        ("/20240531120000/https://مثال.example/أخبار", Asked("https://مثال.example/أخبار", NOON, PAGE)),
        ("/20240531120000/https://example.org/a b", Asked("https://example.org/a b", NOON, PAGE)),
        ("/20240531120000/https://[::1]:81/a", Asked("https://[::1]:81/a", NOON, PAGE)),
    ],
)
def test_an_address_says_what_is_asked_for(path: str, asked: Asked) -> None:
    """URL, time and manner are read; a missing scheme is http, merged slashes are mended."""
    assert read(path) == asked


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/", "url"),
        ("/20240531120000/", "time"),
        ("/20240531120000/http://", "url"),
        ("/20240531120000/http://[bad/", "url"),
        ("/20240531120000/https://a b.example/", "url"),
        ("/20240531120000/https://example.org/%00", "url"),
        ("/20240531120000/https://example.org/%0d%0aSet-Cookie:x", "url"),
        ("/20240531120000/ftp://example.org/", "scheme"),
        ("/20240531120000/javascript:alert(1)", "scheme"),
        ("/20240531120000/file:///etc/passwd", "scheme"),
        ("/20240531120000/data:text/html,x", "scheme"),
        ("/20240531120000/view-source:https://example.org/", "scheme"),
        ("/2024/https://example.org/", "time"),
        ("/20241331120000/https://example.org/", "time"),
        ("/20240230120000/https://example.org/", "time"),
        ("/00000000000000/https://example.org/", "time"),
        ("/20240531126000/https://example.org/", "time"),
        ("/202405311200000/https://example.org/", "time"),
        ("/20240531120000xx_/https://example.org/", "time"),
        ("/20240531", "time"),
    ],
)
def test_what_is_wrong_is_named(path: str, wrong: str) -> None:
    """An address that cannot be meant says which part of it is wrong."""
    with pytest.raises(BadAddress, match=f"^{wrong}$"):
        read(path)


@given(st.text())
def test_any_path_is_read_or_refused(path: str) -> None:
    """No path brings anything but an answer or BadAddress."""
    try:
        asked = read(f"/{path}")
    except BadAddress:
        return
    assert asked.url.startswith(("http://", "https://"))


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"])))
def test_what_is_written_is_read(tail: str) -> None:
    """A path written for a URL leads to that URL, percent-encoded; reading and writing again changes nothing."""
    try:
        url = web_url(f"https://example.org/{tail}")
    except BadAddress:
        return
    path = path_to(url, "20240531120000", RAW)
    assert path.isascii()
    assert not set(path) & set('<>"\\ \n\r')
    asked = read(path)
    assert path_to(asked.url, "20240531120000", RAW) == path


def test_digits_are_the_second_it_is_in() -> None:
    """Microseconds are cut, other zones become UTC, years have four digits."""
    assert digits(NOON.replace(microsecond=999_999)) == "20240531120000"
    assert digits(datetime.fromisoformat("2024-05-31T14:00:00+02:00")) == "20240531120000"
    assert digits(datetime(999, 1, 1, tzinfo=UTC)) == "09990101000000"


LINKS = Links("https://example.org/a/b.html?q", "20240531120000")


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("c.html", "/20240531120000mp_/https://example.org/a/c.html"),
        ("../x?y=1&z=2#f", "/20240531120000mp_/https://example.org/x?y=1&z=2#f"),
        ("//other.example/x", "/20240531120000mp_/https://other.example/x"),
        ("?r", "/20240531120000mp_/https://example.org/a/b.html?r"),
        ("\\\\other.example\\x", "/20240531120000mp_/https://other.example/x"),
        (" \n/a\tb ", "/20240531120000mp_/https://example.org/ab"),
        ("/أخبار", "/20240531120000mp_/https://example.org/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
        ("/%D8%A3", "/20240531120000mp_/https://example.org/%D8%A3"),
        ('/"><script>', "/20240531120000mp_/https://example.org/%22%3E%3Cscript%3E"),
        ("#part", "#part"),
        ("javascript:alert(1)", None),
        ("JaVa\nScript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@example.org", None),
        ("http://[", None),
    ],
)
def test_links_lead_within_the_archive(link: str, page: str | None) -> None:
    """A link of a page leads to the replay of its target as of the same time, or nowhere."""
    assert LINKS.page(link) == page


def test_parts_keep_inline_data() -> None:
    """An inline picture stays; a script address is no part."""
    assert LINKS.part("data:image/png;base64,AA==") == "data:image/png;base64,AA=="
    assert LINKS.part("i.png") == "/20240531120000im_/https://example.org/a/i.png"
    assert LINKS.part("javascript:x") is None


def test_a_base_is_heeded_if_it_is_one() -> None:
    """A base element changes what links are relative to; a base that is none changes nothing."""
    assert LINKS.within("/c/").page("x") == "/20240531120000mp_/https://example.org/c/x"
    assert LINKS.within("javascript:1").page("x") == LINKS.page("x")


@given(st.text())
def test_no_link_leads_outside(link: str) -> None:
    """Whatever a link is, what becomes of it is a path of ours, a fragment, inline data or nothing."""
    for found in (LINKS.page(link), LINKS.part(link)):
        assert found is None or found.startswith(("/2024", "#", "data:")) or link.strip()[:5].lower() == "data:"
