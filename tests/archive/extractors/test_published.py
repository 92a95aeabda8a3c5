"""When an article was published: which of a page's many dates is believed."""

from __future__ import annotations

import pytest

from archive.article import Article
from archive.extractors import extract_page

LINES = "".join(
    f"<p>Le paragraphe {n} raconte assez longuement comment le moulin a été réparé par les gens du village voisin.</p>"
    for n in range(4)
)


def article(head: str = "", before: str = "", after: str = "", url: str = "https://echo.example/a") -> Article:
    top = f'<head><meta charset="utf-8">{head}</head><body><h1>Le moulin tourne à nouveau</h1>{before}'
    page = f'<html lang="fr">{top}<div>{LINES}</div>{after}</body></html>'
    return extract_page(page.encode(), url)


LD = '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2016-05-03T10:00:00+02:00"}</script>'
META = '<meta property="article:published_time" content="2016-05-04T10:00:00+02:00">'
TIME = '<time datetime="2016-05-05T10:00:00+02:00">hier</time>'
PRINTED = "<p>Publié le 7 mai 2016</p>"


@pytest.mark.parametrize(
    ("head", "before", "url", "value", "source"),
    [
        (LD + META, TIME + PRINTED, "https://e.example/2016/05/06/a", "2016-05-03T10:00:00+02:00", "json-ld"),
        (META, TIME + PRINTED, "https://e.example/2016/05/06/a", "2016-05-04T10:00:00+02:00", "meta"),
        ("", TIME + PRINTED, "https://e.example/2016/05/06/a", "2016-05-05T10:00:00+02:00", "time"),
        ("", PRINTED, "https://e.example/2016/05/06/a", "2016-05-06", "url"),
        ("", PRINTED, "https://e.example/a", "2016-05-07", "text"),
        ("", "<p>Publié le 6 mai 2016 à 14h30</p>", "https://e.example/2016/05/06/a", "2016-05-06T14:30", "text"),
        ("", "", "https://e.example/2016/05/a", "2016-05", "url"),
    ],
)
def test_the_surest_word_counts(head: str, before: str, url: str, value: str, source: str) -> None:
    """JSON-LD before meta before time before the address before print; the printed day adds its time."""
    published = article(head, before, url=url).published
    assert published is not None
    assert (published.value, published.source) == (value, source)


def test_no_date_is_none() -> None:
    """A page without a date has none; the year of a copyright line or of the text is no date."""
    told = article(before="<p>En mai 2016, la roue était cassée.</p>", after="<footer>© 2016 Écho</footer>")
    assert told.published is None


def test_dates_of_the_sidebar_are_not_the_articles() -> None:
    """Dates far below the text belong to other articles."""
    others = "".join(
        f"<div><a href='/{n}'>Une autre nouvelle du village numéro {n}</a><p>{n + 1} juin 2015</p></div>"
        for n in range(9)
    )
    assert article(after=f"<div><p>Autres nouvelles</p>{others}</div>").published is None


def test_a_printed_date_that_contradicts_the_address_is_not_believed() -> None:
    """Where the address names a month, a printed date of another month is another thing's."""
    published = article(before="<p>12 juin 2014</p>", url="https://e.example/2016/05/a").published
    assert published is not None
    assert (published.value, published.precision) == ("2016-05", "month")


def test_the_outlets_day_counts_where_the_machine_speaks_utc() -> None:
    """A moment in UTC may be the day before for the outlet, who prints it; the day for sorting stays UTC's."""
    published = article(
        '<meta property="article:published_time" content="2016-05-04T02:30:00+00:00">', "<p>3 mai 2016 à 22h30</p>"
    ).published
    assert published is not None
    assert (published.value, published.day) == ("2016-05-03T22:30", "2016-05-04")


def test_modified_is_told_apart() -> None:
    """What was changed later is no publication, in data or in markup."""
    told = article(before='<time class="updated" datetime="2016-05-09">x</time><time datetime="2016-05-03">y</time>')
    assert told.published is not None
    assert told.modified is not None
    assert (told.published.value, told.modified.value) == ("2016-05-03", "2016-05-09")


def test_the_raw_text_is_kept() -> None:
    """What a date was read from can be seen."""
    published = article(before=PRINTED).published
    assert published is not None
    assert published.raw == "Publié le 7 mai 2016"
