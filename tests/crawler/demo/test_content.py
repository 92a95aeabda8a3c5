"""The world's texts as data: whole, consistent, and dated rightly."""

from __future__ import annotations

from importlib.resources import files

import jinja2
import pytest

from crawler.demo.content import ORDER, Publication, publications
from crawler.demo.item import Item, today

EACH = list(publications().values())


def names(outlet: Publication) -> str:
    return outlet.id


def test_every_file_of_texts_is_an_outlet() -> None:
    """No file of texts is forgotten, and the order names no other."""
    found = {path.name for path in (files("crawler.demo") / "texts").iterdir()}
    assert found == {f"{name}.toml" for name in ORDER}
    assert [outlet.id for outlet in EACH] == list(ORDER)


def test_every_theme_is_used_and_has_its_style_sheet() -> None:
    """Each theme has a template and a style sheet, and each style sheet a theme."""
    sheets = {path.name.removesuffix(".css") for path in (files("crawler.demo") / "static").iterdir()}
    assert sheets == {outlet.theme for outlet in EACH}
    environment = jinja2.Environment(loader=jinja2.PackageLoader("crawler.demo", "themes"), autoescape=True)
    assert sheets <= {name.removesuffix(".html") for name in environment.list_templates()}


@pytest.mark.parametrize("outlet", EACH, ids=names)
def test_stories_are_consistent(outlet: Publication) -> None:
    """Ids and slugs are unique, stories newest first, sections known, and the oldest in one that no menu names."""
    stories = outlet.stories
    assert len({story.id for story in stories}) == len({story.slug for story in stories}) == len(stories)
    assert list(stories) == sorted(stories, key=lambda story: story.published, reverse=True)
    assert {story.section for story in stories} <= {section.key for section in outlet.sections}
    assert not outlet.section(stories[-1].section).nav
    assert all(story.published.utcoffset() is not None for story in stories)


@pytest.mark.parametrize("outlet", EACH, ids=names)
def test_written_dates_are_those_of_publication(outlet: Publication) -> None:
    """The date as the page writes it has the day and the year of publication (1395 in the Jalali calendar)."""
    for story in outlet.stories:
        digits = "".join(c if c.isdecimal() else " " for c in story.written).translate(
            {ord("۰") + n: str(n) for n in range(10)}
        )
        numbers = [int(number) for number in digits.split()]
        if outlet.language == "fa":
            assert 1395 in numbers
        else:
            assert {story.published.day, story.published.year} <= set(numbers), story.written


def test_jalali_dates_are_right() -> None:
    """In 1395 Ordibehesht began on 20 April and Farvardin on 20 March (day of the month as written on the page)."""
    persian = publications()["cheshmeh"]
    days = {story.published.date().isoformat(): story.written.split()[1] for story in persian.stories}
    assert days == {"2016-05-03": "۱۴", "2016-05-01": "۱۲", "2016-04-26": "۷", "2016-04-18": "۳۰"}


@pytest.mark.parametrize("outlet", EACH, ids=names)
def test_no_story_is_of_tomorrow(outlet: Publication) -> None:
    """Each story is published on or before the day from which it stands."""
    for story in outlet.stories:
        assert story.published.date() <= today(story.from_day)


def test_bytes_can_write_the_texts() -> None:
    """Every story can be written in its outlet's charset without loss."""
    for outlet in EACH:
        for story in outlet.stories:
            "".join((story.title, story.caption, *story.paragraphs, *story.authors)).encode(outlet.charset)


def test_items_have_addresses_and_teasers() -> None:
    """Addresses are ASCII and unique; teasers end in an ellipsis and begin as the story does."""
    for outlet in EACH:
        items = [Item(story, outlet, "http://h/", 0) for story in outlet.stories]
        assert len({item.url for item in items}) == len(items)
        for item in items:
            assert item.url.isascii()
            assert item.teaser.endswith("…")
            assert item.blocks[0].text.startswith(item.teaser[:-1])
            assert len(item.teaser) <= 91
