"""Dates in words, in any calendar, and never a guess."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from babel import Locale
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from archive.article import ArticleDate
from archive.extractors.dates import plausible, read_machine, read_text, read_url, spread
from settings.language import languages

WRITTEN = [
    ("ar", "الثلاثاء 3 ماي2016", "2016-05-03"),
    ("ar", "الأربعاء 11 جانفي 2017", "2017-01-11"),
    ("ar", "7 غشت 2019", "2019-08-07"),
    ("ar", "19 كانون الثاني 2020", "2020-01-19"),
    ("ar", "السبت 4 تشرين الأول / أكتوبر 2014", "2014-10-04"),
    ("ar", "٢٣ أغسطس ٢٠١٩", "2019-08-23"),
    ("ar", "١٢/٠٤/٢٠١٨", "2018-04-12"),
    ("ar", "6 رجب 1441 هـ", "2020-03-01"),
    ("ar", "1 مارس 2020 - 6 رجب 1441", "2020-03-01"),
    ("ar", "6 رجب 1441 - 1 مارس 2020", "2020-03-01"),
    ("fa", "۲۵ آبان ۱۳۹۸", "2019-11-16"),
    ("fa", "۱۳۹۸/۰۸/۲۵", "2019-11-16"),
    ("fa", "9 حوت 1399", "2021-02-27"),
    ("fa", "چهارشنبه ۵ فوریه ۲۰۲۰", "2020-02-05"),
    ("ps", "۹ کب ۱۳۹۹", "2021-02-27"),
    ("ur", "پیر 4 فروری 2019", "2019-02-04"),
    ("ckb", "٤ی شوباتی ٢٠١٩", "2019-02-04"),
    ("he", "4 בפברואר 2019", "2019-02-04"),
    ("he", 'י"ד בניסן תשע"ט', "2019-04-19"),
    ("fr", "mar. 5 mars 2019", "2019-03-05"),
    ("fr", "le 1er février 2019 à 7h05", "2019-02-01"),
    ("en", "February 4, 2019", "2019-02-04"),
    ("en", "4th of February 2019", "2019-02-04"),
    ("es", "lunes, 9 de setiembre de 2019", "2019-09-09"),
    ("de", "Montag, 4. Feber 2019", "2019-02-04"),
    ("ru", "4 февраля 2019 г.", "2019-02-04"),
    ("el", "4 Φλεβάρη 2019", "2019-02-04"),
    ("tr", "4 Şubat 2019 Pazartesi", "2019-02-04"),
    ("hi", "४ फ़रवरी २०१९", "2019-02-04"),
    ("th", "4 กุมภาพันธ์ 2562", "2019-02-04"),
    ("th", "4 ก.พ. 62", "2019-02-04"),
    ("vi", "ngày 4 tháng 2 năm 2019", "2019-02-04"),
    ("zh", "2019年2月4日", "2019-02-04"),
    ("zh", "二〇一九年二月十四日", "2019-02-14"),
    ("zh", "民國108年2月4日", "2019-02-04"),
    ("ja", "平成31年2月4日", "2019-02-04"),
    ("ko", "2019년 2월 4일", "2019-02-04"),
    ("hu", "2019. február 4.", "2019-02-04"),
    ("kk", "2019 ж. 4 ақпан", "2019-02-04"),
    ("lt", "2019 m. vasario 4 d.", "2019-02-04"),
]  # fmt: skip


def read(code: str, text: str) -> ArticleDate | None:
    found = languages().find(code)
    return read_text(text, (found,) if found else (), codes=(code,))


@pytest.mark.parametrize(("code", "text", "day"), WRITTEN)
def test_dates_in_words(code: str, text: str, day: str) -> None:
    """A written date is read in its language, calendar and digits."""
    found = read(code, text)
    assert found is not None
    assert (found.value[:10], found.day, found.raw) == (day, day, text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ar", "ماي 2016"),
        ("en", "2016"),
        ("en", "May 2016"),
        ("en", "3/5/2016"),
        ("fr", "31 février 2016"),
        ("fa", "۳۰ اسفند ۱۴۰۰"),
        ("en", "Call 555-2016 by May"),
        ("zh", "2016年"),
        ("ar", "45 ماي 2016"),
        ("en", ""),
    ],
)
def test_no_day_is_no_date(code: str, text: str) -> None:
    """Where no day is told, or it does not exist, or it may be two, there is none: never an invented 1 January."""
    assert read(code, text) is None


@pytest.mark.parametrize(("locale", "day"), [("en-US", "2016-03-05"), ("en-GB", "2016-05-03"), ("fr", "2016-05-03")])
def test_the_order_of_day_and_month_hangs_on_the_region(locale: str, day: str) -> None:
    """Americans put the month first, all others the day."""
    found = read_text("3/5/2016", languages().for_tags((locale,)), codes=(locale,))
    assert found is not None
    assert found.value == day


@pytest.mark.parametrize(
    "code",
    [
        "ar_LB",
        "ar_TN",
        "fr",
        "de_AT",
        "es",
        "pl",
        "el",
        "uk",
        "tr",
        "vi",
        "id",
        "it",
        "nl",
        "ro",
        "hi",
        "bn",
        "ko",
        "ja",
        "zh",
        "he",
        "ur",
    ],
)
@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_of_cldr(code: str, month: int) -> None:
    """What CLDR writes out long is read back to the day."""
    day = datetime(2019, month, 23, tzinfo=UTC).date()
    text = format_date(day, "long", locale=Locale.parse(code))
    found = read(code.replace("_", "-"), text)
    assert found is not None, text
    assert found.value == day.isoformat()


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("3 mai 2016 à 14h30", "2016-05-03T14:30", "minute"),
        ("14:30 - 3 mai 2016", "2016-05-03T14:30", "minute"),
        ("3 mai 2016, 14:30:05", "2016-05-03T14:30:05", "second"),
        ("3 mai 2016", "2016-05-03", "day"),
    ],
)
def test_time_beside_the_date(text: str, value: str, precision: str) -> None:
    """A time right beside the date is kept, as far as it is told."""
    found = read("fr", text)
    assert found is not None
    assert (found.value, found.precision) == (value, precision)


def test_half_days() -> None:
    """Hours of twelve count with their half of the day."""
    found = read("en", "May 3, 2016 2:30 p.m.")
    assert found is not None
    assert found.value == "2016-05-03T14:30"


@pytest.mark.parametrize(
    ("raw", "value", "precision", "day"),
    [
        ("2016-05-03", "2016-05-03", "day", "2016-05-03"),
        ("2016-05-03T23:30:00-05:00", "2016-05-03T23:30:00-05:00", "second", "2016-05-04"),
        ("2016-05-03T14:30Z", "2016-05-03T14:30+00:00", "minute", "2016-05-03"),
        ("2016-05-03 14:30:00.123+0100", "2016-05-03T14:30:00+01:00", "second", "2016-05-03"),
        ("2016-05", "2016-05", "month", None),
        ("Tue, 03 May 2016 14:30:00 +0000", "2016-05-03T14:30:00+00:00", "second", "2016-05-03"),
        ("1462285800", "2016-05-03T14:30:00+00:00", "second", "2016-05-03"),
    ],
)
def test_machine_values(raw: str, value: str, precision: str, day: str | None) -> None:
    """Machine formats keep their zone and precision; the day for sorting is that of UTC."""
    found = read_machine(raw, "json-ld")
    assert found is not None
    assert (found.value, found.precision, found.day, found.source) == (value, precision, day, "json-ld")


@pytest.mark.parametrize(
    "raw", ["", "soon", "2016-13-45", "0000-00-00", "9999999999999999", "1-1-1", "2016-05-03T99:99:99"]
)
def test_bad_machine_values(raw: str) -> None:
    """What is no date gives none, or only the part that is one."""
    found = read_machine(raw, "meta")
    assert found is None or found.value == "2016-05-03"


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://x.example/2016/05/03/slug/", "2016-05-03"),
        ("https://x.example/a/20160503/slug", "2016-05-03"),
        ("https://x.example/2016/0503/1.html", "2016-05-03"),
        ("https://x.example/2016-05-03-slug.html", "2016-05-03"),
        ("https://x.example/2016/05/slug", "2016-05"),
        ("https://x.example/20161399/slug", None),
        ("https://2016-05-03.example/slug", None),
        ("https://x.example/story-120160503999", None),
    ],
)
def test_dates_in_addresses(url: str, value: str | None) -> None:
    """An address tells a day, a month, or nothing."""
    found = read_url(url)
    assert (found.value if found else None) == value


def test_spread_tells_date_lines_from_prose() -> None:
    """A line that is nothing but a date is told from a sentence that names one."""
    french = languages().for_tags(("fr",))
    assert spread("mardi 3 mai 2016 à 14h30", french) > 0.6
    assert spread("Le 3 mai 2016, la commune a décidé de rouvrir le pont aux voitures.", french) < 0.25


def test_dates_after_the_capture_are_another_thing() -> None:
    """An article is not published after it was captured."""
    found = read("en", "May 3, 2030")
    assert plausible(found, datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert plausible(found, None) is found


@given(st.text(max_size=120), st.sampled_from(sorted(languages())))
def test_any_text_is_read_without_error(text: str, code: str) -> None:
    """Whatever the text: a date with a real day, or none."""
    found = read(code, text)
    assert found is None or datetime.fromisoformat(found.value)
    for told in (read_machine(text, "meta"), read_url(text)):
        assert told is None or told.value[:4].isdigit()
