"""Archived style sheets rewritten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.replay.address import Links
from archive.replay.css import rewrite_css

LINKS = Links("https://example.org/css/a.css", "20240531120000")
PART = "/20240531120000im_/https://example.org"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a{b:url(c.png)}", f'a{{b:url("{PART}/css/c.png")}}'),
        ("a{b:url( 'c.png' )}", f'a{{b:url("{PART}/css/c.png")}}'),
        ('a{b:URL("/c d.png")}', f'a{{b:url("{PART}/c%20d.png")}}'),
        (r"a{b:url(c\29 .png)}", f'a{{b:url("{PART}/css/c).png")}}'),
        ("a{b:url(//other.example/c)}", 'a{b:url("/20240531120000im_/https://other.example/c")}'),
        ("a{b:url(data:image/png;base64,AA==)}", 'a{b:url("data:image/png;base64,AA==")}'),
        ("a{b:url(#filter)}", 'a{b:url("#filter")}'),
        ("a{b:url()}", 'a{b:url("data:,")}'),
        ("a{b:url(javascript:x)}", 'a{b:url("data:,")}'),
        ("@import 'b.css' screen;", f'@import "{PART}/css/b.css" screen;'),
        ('@import"b.css";', f'@import "{PART}/css/b.css";'),
        ("@import url(b.css);", f'@import url("{PART}/css/b.css");'),
        ('@charset "x"; a{}', "  a{}"),
        ("a{}/* url(c.png) */b{}", "a{} b{}"),
        ("a{}/* never closed", "a{} "),
        ("a::after{content:'url(c.png)'}", "a::after{content:'url(c.png)'}"),
        ("a::after{content:'never closed url(c.png)", "a::after{content:'never closed url(c.png)"),
        ("a::after{content:'</style><script>'}", r"a::after{content:'\3c /style>\3c script>'}"),
        ("a{color:red}", "a{color:red}"),
    ],
)
def test_addresses_come_from_the_archive(before: str, after: str) -> None:
    """Images, fonts and imports are found in the archive; strings and comments hide nothing."""
    assert rewrite_css(before, LINKS) == after


@given(
    st.text(alphabet=st.sampled_from("url()\"'\\/* @import<>;{}a.\n\t29#:")) | st.text(),
)
def test_no_tag_can_begin_in_a_sheet(text: str) -> None:
    """Whatever the sheet, it cannot end the element it stands in."""
    assert "<" not in rewrite_css(text, LINKS)
