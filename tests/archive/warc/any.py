"""Captures, failures and runs of any text and any bytes, for properties."""

from __future__ import annotations

from datetime import UTC

from hypothesis import strategies as st

from archive.capture import Capture, Failure, Provenance
from archive.version import Run
from tests.archive.warc.made import ODD_HEAD

TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
MOMENTS = st.datetimes(timezones=st.just(UTC))
PROVENANCES = st.builds(
    Provenance,
    outlet=TEXT,
    run=TEXT,
    why=st.sampled_from(["home", "feed", "article", "requisite", "add"]),
    via=st.none() | TEXT,
    robots=TEXT,
)
CAPTURES = st.builds(
    Capture,
    url=TEXT,
    started=MOMENTS,
    request=st.binary(max_size=200),
    response=st.binary(max_size=400) | st.binary(max_size=60).map(ODD_HEAD.__add__),
    provenance=PROVENANCES,
    interim=st.binary(max_size=60),
    peer=st.none() | st.ip_addresses().map(str),
    certificate=st.none() | st.binary(min_size=1, max_size=60),
    protocol=st.sampled_from(["http/1.0", "http/1.1"]),
    truncated=st.sampled_from([None, "length", "time", "disconnect", "unspecified"]),
)
FAILURES = st.builds(
    Failure,
    url=TEXT,
    started=MOMENTS,
    provenance=PROVENANCES,
    cause=TEXT,
    message=TEXT,
)
RUNS = st.builds(
    Run,
    id=TEXT,
    outlet=TEXT,
    started=MOMENTS,
    ended=st.none() | MOMENTS,
    outcome=TEXT,
    counts=st.dictionaries(TEXT, st.integers(-(2**60), 2**60), max_size=3),
)
