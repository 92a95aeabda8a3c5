"""A page as numbered blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.extractors.page import read_page


def texts(markup: str) -> list[str]:
    return [
        block.text for block in read_page(f"<html><body>{markup}</body></html>".encode(), "https://x.example/").blocks
    ]


def test_blocks_break_at_block_elements_and_line_breaks() -> None:
    """Paragraphs, line breaks and cells part the text; inline elements do not."""
    assert texts("<div>one <b>two</b><p>three</p>four<br>five</div><table><tr><td>six<td>seven</table>") == [
        "one two", "three", "four", "five", "six", "seven",
    ]  # fmt: skip


def test_blocks_are_numbered_in_document_order() -> None:
    """The number of a block is its place in the page."""
    page = read_page(b"<html><body><p>a</p><ul><li>b</li></ul>c</body></html>", "https://x.example/")
    assert [(block.index, block.tag, block.text) for block in page.blocks] == [
        (0, "p", "a"),
        (1, "li", "b"),
        (2, "body", "c"),
    ]


def test_silent_elements_say_nothing() -> None:
    """Scripts, styles, templates and controls are no text; what follows them is."""
    silent = (
        "<script>x()</script><style>p{}</style><template>t</template><select><option>o</select><noscript>n</noscript>"
    )
    assert texts(f"<p>a{silent}b</p>") == ["ab"]


def test_links_and_emphasis_are_measured() -> None:
    """Of each block it is known how much of it is a link, where that leads, and how much is bold."""
    page = read_page(b'<html><body><p>abcd <a href="/x">efgh</a></p><p><strong>all</strong></p></body></html>', "")
    first, second = page.blocks
    assert (round(first.link_share, 1), first.href) == (0.4, "/x")
    assert (second.emphasis, second.link_share) == (1.0, 0.0)


@pytest.mark.parametrize("markup", ["<div hidden><p>x</p></div>", '<div style="DISPLAY : none"><p>x</p></div>'])
def test_hidden_blocks_are_marked(markup: str) -> None:
    """What the page hides is read, and known to be hidden."""
    page = read_page(f"<html><body>{markup}<p>y</p></body></html>".encode(), "")
    assert [block.place.hidden for block in page.blocks] == [True, False]


def test_names_come_from_class_and_role_but_not_from_slugs() -> None:
    """Names tell what an element is for; the id of a heading is a slug of its text and tells nothing."""
    page = read_page(b'<html><body><h2 id="how-to-share">x</h2><p class="Lead" id="p1">y</p></body></html>', "")
    assert [block.place.names for block in page.blocks] == ["", "lead p1"]


def test_times_know_their_block() -> None:
    """A time element is kept with its value and the block that it belongs to."""
    page = read_page(
        b'<html><body><p>a</p><p><time datetime="2016-05-03" class="pub">3 May</time></p></body></html>', ""
    )
    assert [(mark.block, mark.value, mark.text, mark.place.names) for mark in page.times] == [
        (1, "2016-05-03", "3 May", "pub")
    ]


def test_spelling_marks_survive_entities() -> None:
    """Joiners written as entities are joiners."""
    assert texts("<p>می&zwnj;شود و می&#8204;رود</p>") == ["می\u200cشود و می\u200cرود"]


def test_a_page_that_cannot_be_parsed_has_no_root() -> None:
    """Nothing to parse is no error."""
    page = read_page(b"no markup at all", "")
    assert (page.root, page.blocks) == (None, ())


def test_deep_nesting_and_many_attributes_are_bounded() -> None:
    """Hostile markup is read in time, or not at all."""
    assert read_page(b"<html><body>" + b"<div>" * 50_000 + b"x", "").depth <= 4096
    attributes = " ".join(f'a{number}="x"' for number in range(50_000))
    assert texts(f"<p {attributes}>still read</p>") == ["still read"]


@given(st.text(alphabet=st.sampled_from("<>/abp \"='!-&;"), max_size=200))
def test_any_markup_gives_blocks(markup: str) -> None:
    """However broken the markup, blocks come out numbered and not empty."""
    page = read_page(markup.encode(), "")
    assert [block.index for block in page.blocks] == list(range(len(page.blocks)))
    assert all(block.text and 0 <= block.link_share <= 1 for block in page.blocks)
