"""Tests of putting articles and versions together: which address, which words, which dates, in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.address import article_key, host_of, is_root
from archive.article import Article, ArticleDate, ArticleLanguage
from archive.assemble import (
    Shown,
    article_id,
    assemble,
    assign,
    begin,
    believed,
    claim,
    earliest,
    front_page,
    settled,
    text_digest,
    versions,
)
from settings.outlet import Follow, Outlet

START = datetime(2026, 5, 3, 12, tzinfo=UTC)
OUTLET = Outlet(
    id="example",
    name="Example",
    home="https://www.example.org/",
    sections=("https://www.example.org/politics/",),
    follow=Follow(hosts=("cdn-example.net",)),
)


def shown(number: int, own: str, claimed: str | None = None, **values: object) -> Shown:
    """Make what the n-th capture shows, an hour after the one before."""
    base = Shown(
        capture_id=f"capture-{number}",
        started=START + timedelta(hours=number),
        whole=True,
        rules="1",
        own_key=own,
        claimed_key=claimed,
        title_fold="title",
        text_digest="text",
    )
    return replace(base, **values)  # type: ignore[arg-type]


def article(url: str = "https://example.org/a", **values: object) -> Article:
    language = ArticleLanguage(code="en", script="Latn", confidence=1.0, method="detector")
    base = Article(url=url, canonical_url=None, title="Title", text="Text.", language=language)
    return replace(base, **values)  # type: ignore[arg-type]


def date(value: str, precision: str, source: str = "meta") -> ArticleDate:
    return ArticleDate(value=value, precision=precision, raw=value, source=source)  # type: ignore[arg-type]


# --- addresses --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/a/b?x=1&y=2",
        "https://www.example.org/a/b?x=1&y=2",
        "https://www.EXAMPLE.org:443/a/b/?x=1&y=2",
        "https://example.org/a/b?y=2&x=1#top",
        "https://example.org/a/b?utm_source=mail&x=1&y=2&fbclid=abc&gclid=1&msclkid=2&mc_cid=3",
        "https://example.org./%61/b?x=%31&y=2",
        " https://example.org/a/b?x=1&&y=2 ",
    ],
)
def test_spellings_of_one_address_have_one_key(other: str) -> None:
    """Scheme, www., port, slash, fragment, tracking, order and percent-encoding do not part an article from itself."""
    assert article_key(other) == article_key("https://example.org/a/b?x=1&y=2") == "example.org/a/b?x=1&y=2"


@pytest.mark.parametrize(
    "other",
    [
        "https://m.example.org/a",
        "https://example.org/A",
        "https://example.org/a?id=1",
        "https://example.org:8443/a",
        "https://example.com/a",
        "https://example.org/a/b",
    ],
)
def test_different_addresses_have_different_keys(other: str) -> None:
    """Host, port, case of the path and real parameters part two addresses."""
    assert article_key(other) != article_key("https://example.org/a")


def test_arabic_addresses_are_equal_however_they_are_encoded() -> None:
    """A slug in letters and the same percent-encoded, in either case, are one; so is a host in punycode."""
    plain = article_key("https://مثال.example/خبر عاجل")
    assert plain == article_key("https://xn--mgbh0fb.example/%D8%AE%D8%A8%D8%B1%20%D8%B9%D8%A7%D8%AC%D9%84")
    assert plain == article_key("https://xn--mgbh0fb.example/%d8%ae%d8%a8%d8%b1%20%d8%b9%d8%a7%d8%ac%d9%84")


def test_what_is_no_http_address_is_its_own_key() -> None:
    """Rubbish is not refused and not changed."""
    for url in ("http://[::1", "mailto:a@example.org", "", "http://"):
        assert article_key(url) == url


@given(st.text())
def test_a_key_is_made_of_anything(text: str) -> None:
    """No text makes article_key raise, and the key of a key's own address is itself."""
    for url in (text, f"http://{text}", f"https://example.org/{text}"):
        key = article_key(url)
        if key != url:
            assert article_key(f"https://{key}") == key


def test_front_pages_and_hosts() -> None:
    """A front page has no path; a host keeps its port."""
    assert is_root(article_key("https://www.example.org/?utm_source=x"))
    assert not is_root(article_key("https://example.org/a"))
    assert not is_root(article_key("https://example.org/?p=1"))
    assert host_of(article_key("http://127.0.0.1:8080/a")) == "127.0.0.1:8080"
    assert front_page("https://www.example.org/a/b?c") == "https://www.example.org/"
    assert front_page("http://[::1") == "http://[::1"


# --- what a page says of its own address ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("canonical", "believed_key"),
    [
        ("https://www.example.org/a", None),  # itself
        ("https://www.example.org/b", "example.org/b"),
        ("http://example.org/b/?utm_source=x", "example.org/b"),
        ("https://news.example.org/b", "news.example.org/b"),  # below the home's host
        ("https://cdn-example.net/b", "cdn-example.net/b"),  # named by the outlet
        ("https://other.example/b", None),
        ("https://notexample.org/b", None),
        ("https://www.example.org/", None),
        ("https://news.example.org", None),
        ("https://www.example.org/politics", None),
        ("", None),
        (None, None),
    ],
)
def test_which_canonical_addresses_may_be_believed(canonical: str | None, believed_key: str | None) -> None:
    """Only another article address of the same site: never a front, home or section page."""
    assert claim(canonical, "https://www.example.org/a", OUTLET) == believed_key


def test_a_page_elsewhere_may_claim_its_own_host() -> None:
    """An outlet's page on a host that no file names may still name an address on that host."""
    assert claim("https://blog.example/b", "https://blog.example/b?x=1", OUTLET) == "blog.example/b"


def test_copies_with_one_title_are_one_article() -> None:
    """Print and AMP copies that name the article are believed."""
    rows = [shown(0, "e/a"), shown(1, "e/amp/a", "e/a"), shown(2, "e/print/a", "e/a")]
    assert believed("e/a", rows) == {"e/a", "e/amp/a", "e/print/a"}


def test_different_articles_that_claim_one_address_are_not_believed() -> None:
    """A template that names one address on every page does not make one article of all."""
    rows = [shown(n, f"e/{n}", "e/wrong", title_fold=f"title {n}") for n in range(3)]
    assert believed("e/wrong", rows) == frozenset()
    assert assign(rows, ["e/wrong", "e/0"]) == {"capture-0": "e/0", "capture-1": "e/1", "capture-2": "e/2"}


def test_the_page_that_lies_there_keeps_its_copies() -> None:
    """Where another article claims the address of a real one, the real one's copies are still its copies."""
    rows = [
        shown(0, "e/a", title_fold="one"),
        shown(1, "e/amp/a", "e/a", title_fold="one"),
        shown(2, "e/b", "e/a", title_fold="two"),
    ]
    assert assign(rows, ["e/a", "e/amp/a", "e/b"]) == {"capture-0": "e/a", "capture-1": "e/a", "capture-2": "e/b"}


def test_a_new_headline_does_not_part_a_page_from_its_copy() -> None:
    """Titles are held against each other over all captures of an address, so an edited headline changes nothing."""
    rows = [
        shown(0, "e/a", title_fold="old"),
        shown(1, "e/a", title_fold="new"),
        shown(2, "e/print/a", "e/a", title_fold="new"),
    ]
    assert believed("e/a", rows) == {"e/a", "e/print/a"}


def test_pages_without_title_are_different_articles() -> None:
    """No title is no sign of being the same."""
    rows = [shown(0, "e/1", "e/x", title_fold=""), shown(1, "e/2", "e/x", title_fold="")]
    assert believed("e/x", rows) == frozenset()


def test_a_single_claim_is_believed() -> None:
    """A copy whose article was never seen is the article, under the address that it names."""
    assert assign([shown(0, "e/print/a", "e/a")], ["e/a"]) == {"capture-0": "e/a"}


# --- versions ---------------------------------------------------------------------------------------------------------
def test_versions_are_runs_of_equal_words() -> None:
    """The same words again are no new version; going back to old words is one."""
    rows = [shown(n, "e/a", text_digest=digest) for n, digest in enumerate("AABBA")]
    chain = versions("id", "e/a", rows)
    assert [(v.ordinal, v.text_digest, v.captures) for v in chain] == [(1, "A", 2), (2, "B", 2), (3, "A", 1)]
    assert [(v.first_capture, v.last_capture) for v in chain] == [
        ("capture-0", "capture-1"),
        ("capture-2", "capture-3"),
        ("capture-4", "capture-4"),
    ]
    assert len({v.id for v in chain}) == 3


def test_a_truncated_capture_is_no_edit() -> None:
    """A page that came in half is not held against whole ones, but stands where there is nothing else."""
    half = shown(1, "e/a", text_digest="half", whole=False)
    assert [v.text_digest for v in versions("id", "e/a", [shown(0, "e/a"), half, shown(2, "e/a")])] == ["text"]
    assert [v.text_digest for v in versions("id", "e/a", [half])] == ["half"]


def test_copies_make_no_versions() -> None:
    """An AMP copy differs in small ways from the page itself: only the canonical address is held against itself."""
    rows = [shown(0, "e/a"), shown(1, "e/amp/a", "e/a", text_digest="amp"), shown(2, "e/a")]
    chain = versions("id", "e/a", rows)
    assert [(v.text_digest, v.captures) for v in chain] == [("text", 2)]
    only = versions("id", "e/a", [rows[1], shown(3, "e/print/a", "e/a", text_digest="print")])
    assert [v.text_digest for v in only] == ["amp"]


def test_rows_under_different_rules_are_not_settled() -> None:
    """A rule change makes no false edits: nothing is compared until all is made anew."""
    assert settled([shown(0, "e/a"), shown(1, "e/a")])
    assert not settled([shown(0, "e/a"), shown(1, "e/a", rules="2")])


def test_ids_come_from_content() -> None:
    """Outlet and key make an article's id; article, words and ordinal a version's; nothing else does."""
    assert article_id("example", "e/a") == article_id("example", "e/a")
    assert article_id("example", "e/a") != article_id("other", "e/a")
    assert len(article_id("example", "e/a")) == 32
    assert text_digest("Title", "Text.") == sha256(b"Title\n\nText.").hexdigest()
    assert text_digest(None, "x") == text_digest("", "x") != text_digest("x", "")


# --- dates ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "start"),
    [
        ("2016", datetime(2016, 1, 1, tzinfo=UTC)),
        ("2016-05", datetime(2016, 5, 1, tzinfo=UTC)),
        ("2016-05-03", datetime(2016, 5, 3, tzinfo=UTC)),
        ("2016-05-03T14:00", datetime(2016, 5, 3, 14, tzinfo=UTC)),
        ("2016-05-03T14:00:01+01:00", datetime(2016, 5, 3, 13, 0, 1, tzinfo=UTC)),
        ("2016-13", None),
        ("2016-02-30", None),
        ("0001-01-01T00:00+14:00", None),
        ("yesterday", None),
    ],
)
def test_when_a_date_begins(value: str, start: datetime | None) -> None:
    """A date begins at its first moment; what is no date begins nowhere."""
    assert begin(date(value, "day")) == start


def test_the_earliest_date_is_of_the_finest_kind() -> None:
    """`2016` is not earlier than the third of May of that year; a time on a day tells more than the day."""
    year, day = date("2016", "year"), date("2016-05-03", "day")
    midnight, later = date("2016-05-03T00:00+00:00", "minute"), date("2016-05-04", "day")
    assert earliest([year, later, day]) == day
    assert earliest([day, midnight, later]) == midnight
    assert earliest([year, None]) == year
    assert earliest([date("soon", "day"), None]) is None
    assert earliest([]) is None


def test_a_date_after_the_capture_is_dropped_and_said() -> None:
    """A publication that lies after the first capture is wrong; the article says what was not believed."""
    rows = [shown(0, "example.org/a")]
    made = assemble("example", "example.org/a", rows, lambda _: article(published=date("2031-01-01", "day")))
    assert made.published is None
    assert made.sort_at == START
    assert made.notes == ("published 2031-01-01 lies after the capture of 2026-05-03T12:00Z",)


def test_a_date_in_an_eastern_zone_is_believed() -> None:
    """The day may have begun elsewhere, and sites call their own time UTC."""
    rows = [shown(0, "example.org/a")]
    made = assemble("example", "example.org/a", rows, lambda _: article(published=date("2026-05-04", "day")))
    assert made.published is not None
    assert made.sort_at == datetime(2026, 5, 4, tzinfo=UTC)


def test_publication_is_the_earliest_of_all_versions() -> None:
    """A site that renews the date with each edit does not move the article; all else is the latest version's."""
    says = {
        "capture-0": article(published=date("2026-05-01", "day"), authors=("A",)),
        "capture-1": article(published=date("2026-05-02", "day"), authors=("B",), modified=date("2027-01-01", "day")),
    }
    rows = [shown(0, "example.org/a", text_digest="A"), shown(1, "example.org/a", text_digest="B")]
    made = assemble("example", "example.org/a", rows, says.__getitem__)
    assert made.published == date("2026-05-01", "day")
    assert made.article.authors == ("B",)
    assert made.modified is None
    assert made.sort_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert (made.first_seen, made.last_seen, made.captures) == (rows[0].started, rows[1].started, 2)


def test_the_canonical_address_is_as_the_page_writes_it() -> None:
    """Believed: the page's own spelling. Not believed: the address that was asked for."""
    rows = [shown(0, "example.org/print/a", "example.org/a")]
    says = article("https://example.org/print/a", canonical_url="https://www.example.org/a/")
    assert assemble("example", "example.org/a", rows, lambda _: says).canonical_url == "https://www.example.org/a/"
    alone = [shown(0, "example.org/print/a", "example.org/a")]
    made = assemble("example", "example.org/print/a", alone, lambda _: says)
    assert made.canonical_url == "https://example.org/print/a"


KEYS = ["e/a", "e/b", "e/c"]
ROWS = st.lists(
    st.builds(
        shown,
        st.integers(0, 10_000),
        st.sampled_from(KEYS),
        st.none() | st.sampled_from(KEYS),
        title_fold=st.sampled_from(["", "one", "two"]),
        text_digest=st.sampled_from(["A", "B"]),
        whole=st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row.capture_id,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_order_changes_nothing(rows: list[Shown], random: object) -> None:
    """Any order of the same captures gives the same articles and versions."""
    other = list(rows)
    random.shuffle(other)  # type: ignore[attr-defined]
    assigned = assign(rows, KEYS)
    assert assigned == assign(other, KEYS)
    for key in set(assigned.values()):
        mine = [row for row in rows if assigned[row.capture_id] == key]
        theirs = [row for row in other if assigned[row.capture_id] == key]
        assert versions("id", key, mine) == versions("id", key, theirs)


@given(ROWS)
def test_every_capture_shows_one_article(rows: list[Shown]) -> None:
    """Each capture is given its own address or the one that it claims, and never another."""
    assigned = assign(rows, KEYS)
    assert set(assigned) == {row.capture_id for row in rows}
    for row in rows:
        assert assigned[row.capture_id] in (row.own_key, row.claimed_key)
