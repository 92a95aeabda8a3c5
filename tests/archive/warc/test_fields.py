"""Fields hold any text on one line, dates any moment, addresses any characters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.fields import read_date, read_fields, read_id, uri, write_date, write_fields, write_id

ANY = st.text(st.characters(exclude_categories=()), max_size=40)


@given(st.dictionaries(st.from_regex(r"\A[A-Za-z][A-Za-z0-9-]{0,12}\Z"), st.none() | ANY, max_size=6))
def test_fields_hold_any_text(fields: dict[str, str | None]) -> None:
    """Whatever the values, each stands on a line of its own and comes back; None is left out."""
    block = write_fields(fields)
    present = {name: value for name, value in fields.items() if value is not None}
    assert read_fields(block) == present
    assert len(block.decode("utf-8").splitlines()) == len(present)


def test_plain_values_stay_plain() -> None:
    """What a person can read stays as it is; only what could break a line is quoted."""
    assert write_fields({"a": "b: c", "d": "ورّاق", "e": "x\ny"}).decode() == 'a: b: c\r\nd: ورّاق\r\ne: "x\\ny"\r\n'


def test_fields_of_others() -> None:
    """Folded lines are joined, the first of a name counts, what is no field is passed over, a lone quote stays."""
    assert read_fields(b'a: one\r\n two\nb:"x\nA: z\na: 2\nno colon\nc: "\xff"\n') == {
        "a": "one two",
        "b": '"x',
        "A": "z",
        "c": "\ufffd",
    }


@given(st.datetimes(timezones=st.timezones()))
def test_dates(moment: datetime) -> None:
    """Any moment of any zone comes back, in UTC."""
    try:
        wanted = moment.astimezone(UTC)
    except OverflowError:
        return  # before the first or after the last moment that there is
    assert read_date(write_date(moment)) == wanted
    assert len(write_date(moment)) == 27


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-05-03T10:00:00Z", datetime(2016, 5, 3, 10, tzinfo=UTC)),
        ("2016-05-03T10:00:00.123456789Z", datetime(2016, 5, 3, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2016-05-03T10:00:00.5Z", datetime(2016, 5, 3, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2016-05-03", datetime(2016, 5, 3, tzinfo=UTC)),
    ],
)
def test_dates_of_others(text: str, expected: datetime) -> None:
    """Whole seconds, nanoseconds and bare days are read."""
    assert read_date(text) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2016-13-01T00:00:00Z", "20160503100000", "2016-05-03T10:00:00+01:00"]
)
def test_what_is_no_date(text: str) -> None:
    """What is no WARC-Date is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - Python's own for impossible days
        read_date(text)


@given(ANY)
def test_addresses(url: str) -> None:
    """Any address becomes printable ASCII without spaces and brackets, and is then its own spelling."""
    written = uri(url)
    assert written.isascii()
    assert not set(written) & set("<> \r\n\x00")
    assert uri(written) == written


def test_ids() -> None:
    """UUIDs stand bare, ids of other kinds whole."""
    assert read_id(write_id("0c6b4a1e-0000-4000-8000-000000000001")) == "0c6b4a1e-0000-4000-8000-000000000001"
    assert read_id(" <http://a.example/1> ") == "http://a.example/1"
