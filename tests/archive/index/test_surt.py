"""Keys of addresses agree with those of cdxj-indexer and pywb, are fixed points, and never raise."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.index.surt import canonical, urlkey

TABLE = json.loads(Path(__file__).with_name("keys.json").read_text("utf-8"))
TOOLS = os.environ.get("WARRAQ_TEST_TOOLS", "")
ASK_THEM = """
import json, sys, surt
def key(url):
    try: return surt.surt(url)
    except ValueError: return url
print(json.dumps([key(url) for url in json.load(sys.stdin)]))
"""


def test_the_table_is_large_enough() -> None:
    """At least 150 addresses stand in the table, a tenth of them outside ASCII or percent-encoded."""
    assert len(TABLE["same"]) >= 150
    assert sum(not url.isascii() or "%" in url for url in TABLE["same"]) >= len(TABLE["same"]) / 10


def test_agrees_with_cdxj_indexer() -> None:
    """Each key in the table is the one that cdxj-indexer writes for the same address."""
    assert {url: urlkey(url) for url in TABLE["same"]} == TABLE["same"]


def test_differs_where_theirs_makes_no_sense() -> None:
    """Each known difference is one that we chose."""
    for url, both in TABLE["ours_differs"].items():
        assert urlkey(url) == both["ours"] != both["theirs"]


@pytest.mark.skipif(not TOOLS, reason="WARRAQ_TEST_TOOLS names no environment with cdxj-indexer in it")
def test_the_table_is_true() -> None:
    """The keys in the table are what the tools themselves give today."""
    expected = TABLE["same"] | {url: both["theirs"] for url, both in TABLE["ours_differs"].items()}
    asked = json.dumps(list(expected))
    python = Path(TOOLS) / "bin" / "python"
    said = subprocess.run([python, "-c", ASK_THEM], input=asked, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == list(expected.values())


def test_canonical_address_keeps_the_key() -> None:
    """The canonical spelling has the key of the address, and is its own canonical spelling."""
    for url in [*TABLE["same"], *TABLE["ours_differs"]]:
        assert urlkey(canonical(url)) == urlkey(url)
        assert canonical(canonical(url)) == canonical(url)


def test_what_means_the_same_has_one_key() -> None:
    """Spellings of one address that outlets mix have one key; different pages do not."""
    arabic = "https://www.موقع.مصر/أخبار/تونس/?ب=٢&a=1#top"
    assert urlkey(arabic) == urlkey(
        "http://xn--4gbrim.xn--wgbh1c:80/%d8%a3%d8%AE%D8%A8%D8%A7%D8%B1/%D8%AA%D9%88%D9%86%D8%B3?a=1&%D8%A8=%D9%A2"
    )
    assert urlkey("https://example.com/a") != urlkey("https://example.com/b")
    assert urlkey("https://example.com/?p=1") != urlkey("https://example.com/?p=2")


SPELLINGS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                *(
                    "http://",
                    "https://",
                    "ftp:",
                    "urn:",
                    "//",
                    "www.",
                    "example",
                    ".com",
                    "موقع",
                    "xn--",
                    "[::1]",
                    "1.2",
                ),
                *(
                    ":80",
                    ":443",
                    "@",
                    "/",
                    "..",
                    ".",
                    "%",
                    "25",
                    "%2F",
                    "%3F",
                    "%26",
                    "%D8",
                    "%41",
                    "é",
                    " ",
                    "\\",
                    "\x00",
                ),
                *("?", "&", "=", "#", "a", "B", "sid=" + "0" * 32, "cfid=1&cftoken=2", "(" + "a" * 24 + ")/", "x.aspx"),
                *("\ud800", "\u202e", "\u3002", "ß", "İ", ",", ")"),
            ]
        ),
        max_size=14,
    ).map("".join),
)


@settings(max_examples=500, deadline=None)
@given(SPELLINGS)
def test_any_text_has_a_stable_key(url: str) -> None:
    """Whatever the text, its key is printable ASCII without spaces, and that of its canonical spelling."""
    key = urlkey(url)
    assert key.isascii()
    assert not any(ord(letter) <= 0x20 or letter == "\x7f" for letter in key)
    assert urlkey(canonical(url)) == key
    assert canonical(canonical(url)) == canonical(url)
