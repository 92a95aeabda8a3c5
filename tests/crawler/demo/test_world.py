"""The demo world: its truth, its days, and that each page holds what the truth says."""

from __future__ import annotations

import html
import re
import time

import httpx
import pytest

from crawler.demo.server import Served, serve
from crawler.demo.world import LAST_DAY, DemoWorld, Truth

TAG = re.compile(r"<[^>]+>")
SPACE = re.compile(r"\s+")


def seen(page: str) -> str:
    """The words of a page: no tags, one space for any white space."""
    return SPACE.sub(" ", html.unescape(TAG.sub("", page)))


def page_of(world: DemoWorld, truth: Truth, client: httpx.Client) -> str:
    response = client.get(truth.url)
    if response.status_code == 503:
        time.sleep(float(response.headers["retry-after"]) + 0.05)
        response = client.get(truth.url)
    assert response.status_code == 200
    return response.content.decode(world.publications[truth.outlet].charset)


def test_truth_is_large_enough() -> None:
    """There are at least 28 articles in at least 7 languages, and four or more for each outlet."""
    truth = DemoWorld().truth()
    outlets = {t.outlet for t in truth}
    assert len(truth) >= 28
    assert len({t.language for t in truth}) >= 7
    assert all(sum(t.outlet == outlet for t in truth) >= 4 for outlet in outlets)


def test_articles_are_real_prose() -> None:
    """Each article has four to seven paragraphs of some length, authors, tags, and what must not be in its text."""
    for truth in DemoWorld().truth():
        assert 4 <= len(truth.paragraphs) <= 7, truth.url
        assert len(truth.text) >= 200, truth.url
        assert truth.authors
        assert truth.tags
        assert len(truth.must_not) >= 5, truth.url


@pytest.mark.parametrize("day", range(LAST_DAY + 1))
def test_pages_hold_their_truth(day: int, client: httpx.Client) -> None:
    """Each page, decoded as what it is, holds title, paragraphs in order, authors, credit and the texts around."""
    with serve(DemoWorld(day)) as served:
        for truth in served.world.truth():
            page = seen(page_of(served.world, truth, client))
            assert truth.title in page
            places = [page.find(paragraph) for paragraph in truth.paragraphs]
            assert -1 not in places, truth.url
            assert places == sorted(places), truth.url
            for text in (*truth.authors, *truth.must_not, truth.credit):
                assert SPACE.sub(" ", text) in page, (truth.url, text)


def test_what_must_not_be_kept_is_not_in_the_text() -> None:
    """No line to be dropped is a part of the article itself, on any day."""
    for day in range(LAST_DAY + 1):
        for truth in DemoWorld(day).truth():
            assert not [line for line in truth.must_not if line in truth.text], truth.url


def test_the_sample_page() -> None:
    """The Tunisian page carries the leftovers of the sample page inside its body, after the agency's credit."""
    world = DemoWorld()
    truth = next(t for t in world.truth() if t.outlet == "wadi")
    site = world._site(world.publications["wadi"])
    page = site.article(site.items[0]).html
    body = page[page.index('<div class="entry-content">') : page.index('<div class="sharedaddy')]
    places = [body.find(line) for line in (truth.paragraphs[-1], truth.credit, *truth.must_not[1:5])]
    assert -1 not in places
    assert places == sorted(places)
    assert truth.must_not[4].endswith("…")
    assert re.search(r"\d \w+2016<", page), "month and year are glued together"


def test_zero_width_non_joiners_are_on_the_persian_pages() -> None:
    """Persian articles need U+200C; every one of them has some."""
    persian = [t for t in DemoWorld().truth() if t.language == "fa"]
    assert persian
    assert all("\u200c" in t.text for t in persian)


def test_chinese_bytes_are_no_gb2312() -> None:
    """The Chinese pages hold characters that the charset they claim cannot write."""
    text = "".join(t.text + "".join(t.authors) for t in DemoWorld().truth() if t.language == "zh")
    with pytest.raises(UnicodeEncodeError):
        text.encode("gb2312")
    text.encode("gb18030")


def test_older_russian_pages_claim_another_charset(served: Served, client: httpx.Client) -> None:
    """Some windows-1251 pages say utf-8 in header and meta, and are no utf-8."""
    lying = [
        t for t in served.world.truth() if t.language == "ru" and "utf-8" in client.get(t.url).headers["content-type"]
    ]
    assert len(lying) == 2
    body = client.get(lying[0].url).content
    assert b"charset=utf-8" in body
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")
    assert lying[0].paragraphs[0] in body.decode("windows-1251")


def test_an_agency_story_is_shared() -> None:
    """One text stands in two outlets, under two titles and with a credit in both."""
    truth = DemoWorld().truth()
    shared = [(a, b) for a in truth for b in truth if a.outlet < b.outlet and a.paragraphs == b.paragraphs]
    assert len(shared) == 1
    ((first, second),) = shared
    assert first.title != second.title
    assert first.credit
    assert second.credit


def test_set_day_adds_edits_and_deletes(served: Served, client: httpx.Client) -> None:
    """Day 1 has new articles, one with another text, and one fewer, which is answered by 410."""
    before = {t.url: t for t in served.world.truth()}
    served.world.set_day(1)
    after = {t.url: t for t in served.world.truth()}
    changed = [url for url in before.keys() & after.keys() if before[url].paragraphs != after[url].paragraphs]
    (gone,) = before.keys() - after.keys()
    assert len(after.keys() - before.keys()) >= 2
    assert len(changed) == 1
    assert before[changed[0]].title != after[changed[0]].title
    assert client.get(gone).status_code == 410
    served.world.set_day(0)
    assert client.get(gone).status_code == 200


def test_a_new_article_is_not_there_before_its_day(served: Served, client: httpx.Client) -> None:
    """The address of a day-1 article is a 404 on day 0."""
    served.world.set_day(1)
    later = {t.url for t in served.world.truth()}
    served.world.set_day(0)
    new = later - {t.url for t in served.world.truth()}
    assert {client.get(url).status_code for url in new} == {404}


def test_pages_are_equal_from_world_to_world() -> None:
    """Two worlds give the same truth: nothing is drawn by chance or by the clock."""
    assert DemoWorld().truth() == DemoWorld().truth()


def test_starts_fast() -> None:
    """A world is made, bound and stopped within half a second of work, whatever else the machine does."""
    start = time.process_time()
    with serve(DemoWorld()):
        pass
    assert time.process_time() - start < 0.5
