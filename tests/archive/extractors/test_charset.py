"""Charsets: what a page is written in, whatever it declares."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extractors.charset import canonical, decode

TEXTS = {
    "ar": "أعلنت البلدية اليوم عن خطة جديدة لصيانة الطرق في القرى البعيدة، وقال رئيسها إن العمل يبدأ قريبا.",
    "ru": "Городской совет объявил сегодня о ремонте старых мостов, работы начнутся уже в следующем месяце.",
    "zh": "市政府今天宣布了修缮老桥的计划，工程将在下个月开始，预计持续半年左右。",
    "tw": "市政府今天宣布了修繕老橋的計畫，工程將在下個月開始，預計持續半年左右。",
    "ja": "市は今日、古い橋を修理する計画を発表した。工事は来月から始まる見込みだ。",
    "ko": "시청은 오늘 오래된 다리를 고치는 계획을 발표했다. 공사는 다음 달에 시작될 예정이다.",
    "el": "Ο δήμος ανακοίνωσε σήμερα ένα νέο σχέδιο για την επισκευή των παλιών γεφυριών.",
    "he": "העירייה הודיעה היום על תוכנית חדשה לתיקון הגשרים הישנים, והעבודות יתחילו בקרוב.",
    "tr": "Belediye bugün eski köprülerin onarımı için yeni bir planı açıkladı, çalışmalar yakında başlıyor.",
    "pl": "Urząd miasta ogłosił dziś plan remontu starych mostów, prace mają ruszyć już wkrótce.",
    "th": "เทศบาลประกาศแผนซ่อมแซมสะพานเก่าในวันนี้ และงานจะเริ่มในเดือนหน้า",
}
CHARSETS = {
    "ar": "windows-1256 iso-8859-6 utf-16-le utf-8",
    "ru": "windows-1251 koi8-r iso-8859-5",
    "zh": "gb18030",
    "tw": "big5",
    "ja": "shift_jis euc-jp iso-2022-jp",
    "ko": "euc-kr",
    "el": "windows-1253",
    "he": "windows-1255",
    "tr": "windows-1254",
    "pl": "windows-1250 iso-8859-2",
    "th": "tis-620",
}
PAIRS = [(code, name) for code, names in CHARSETS.items() for name in names.split()]


def page(text: str, charset: str, declared: str) -> bytes:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<html><head>{meta}</head><body>{f'<p>{text}</p>' * 8}</body></html>".encode(charset)


@pytest.mark.parametrize("declared", ["right", "", "utf-8", "iso-8859-1"])
@pytest.mark.parametrize(("code", "charset"), PAIRS)
def test_the_text_is_right_whatever_is_declared(code: str, charset: str, declared: str) -> None:
    """Right, missing and wrong declarations all give the same text."""
    read = decode(page(TEXTS[code], charset, charset if declared == "right" else declared))
    assert f"<p>{TEXTS[code]}</p>" in read.text


def test_the_header_counts_before_the_page() -> None:
    """What HTTP declares is the declaration; what was used is told apart."""
    read = decode(page(TEXTS["ar"], "windows-1256", "utf-8"), "text/html; charset=ISO-8859-1")
    assert (read.declared, read.used) == ("ISO-8859-1", "windows-1256")


@pytest.mark.parametrize(
    ("mark", "charset"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_rules(mark: bytes, charset: str) -> None:
    """A byte order mark is believed over everything, and is no part of the text."""
    read = decode(mark + TEXTS["ru"].encode(charset), "text/html; charset=koi8-r")
    assert (read.text, read.used) == (TEXTS["ru"], charset)


def test_utf8_with_a_few_bad_bytes_stays_utf8() -> None:
    """A cut sequence and a stray byte do not send a page to a legacy table."""
    body = page(TEXTS["ar"], "utf-8", "utf-8").replace(b"<p>", b"<p>\xe9", 1) + "ق".encode()[:1]
    read = decode(body)
    assert read.used == "utf-8"
    assert read.text.count(TEXTS["ar"]) == 8


def test_one_latin_byte_in_an_english_page() -> None:
    """A page that is ASCII but for a legacy quote or accent is read as browsers would."""
    assert "caf\xe9" in decode(b"<html><body><p>We met at the caf\xe9 by the river and talked.</p></body></html>").text


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("gb2312", "gb18030"),
        ("ISO-8859-1", "windows-1252"),
        ("Shift_JIS", "cp932"),
        ("latin1", "windows-1252"),
        ("nonsense", None),
        ("", None),
        ("hex", None),
    ],
)
def test_labels_are_read_as_browsers_do(label: str, name: str | None) -> None:
    """Labels stand for the wider charset that pages really use; no label can name a codec that is none."""
    assert canonical(label) == name


@given(st.binary(max_size=3000), st.one_of(st.none(), st.text(max_size=40)))
def test_never_raises(body: bytes, content_type: str | None) -> None:
    """Any bytes under any header give a text."""
    assert isinstance(decode(body, content_type).text, str)
