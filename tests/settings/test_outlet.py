"""An outlet's file: read strictly, written so that a person can read it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.errors import ConfigError
from settings.outlet import (
    Follow,
    Outlet,
    Politeness,
    load_outlet,
    load_outlets,
    parse_outlet,
    render_outlet,
    save_outlet,
    set_enabled,
)

PLAIN = {"id": "x", "name": "X", "home": "https://x.example/"}


def test_reads_what_it_wrote(tmp_path: Path) -> None:
    """An outlet with every kind of value comes back from its file as it went in."""
    outlet = Outlet(
        id="alfajr",
        name='الفجر "الجديد"',
        home="https://alfajr.example/",
        languages=("ar",),
        feeds=("https://alfajr.example/feed/", "https://alfajr.example/rss"),
        follow=Follow(skip=(r"\?print=",), requisites="none"),
        politeness=Politeness(delay=2.5, robots="ignore", robots_reason="agreed by mail"),
    )
    save_outlet(outlet, tmp_path / "alfajr.toml")
    assert load_outlet(tmp_path / "alfajr.toml") == outlet


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60))
def test_any_name_survives_its_file(name: str) -> None:
    """Whatever an outlet is called, TOML gives it back."""
    import tomllib

    outlet = Outlet(id="x", name=name, home="https://x.example/")
    assert parse_outlet(tomllib.loads(render_outlet(outlet)), where="x") == outlet


def test_defaults_stay_out_of_the_file() -> None:
    """A file says only what was chosen, so that a person sees it at a glance."""
    text = render_outlet(Outlet(id="x", name="X", home="https://x.example/"))
    assert [line.split(" ")[0] for line in text.splitlines() if line and not line.startswith("#")] == [
        "id",
        "name",
        "home",
    ]


@pytest.mark.parametrize(
    ("extra", "message", "hint"),
    [
        ({"feed": []}, "unknown key `feed`", "`feeds`"),
        ({"politeness": {"dealy": 3}}, "unknown key `politeness.dealy`", "`politeness.delay`"),
        ({"politeness": {"delay": "slow"}}, "politeness.delay", "schema"),
        ({"politeness": {"delay": -1}}, "negative", "seconds"),
        ({"politeness": {"robots": "ignore"}}, "without a reason", "robots_reason"),
        ({"follow": {"requisites": "some"}}, "some", "schema"),
        ({"follow": {"skip": ["("]}}, "regular expression", "quotes"),
        ({"id": "../etc"}, "file name", "a-z"),
        ({"home": "ftp://x"}, "http", "https"),
        ({"zzz": 1}, "unknown key `zzz`", "known keys"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix(extra: dict[str, object], message: str, hint: str) -> None:
    """Every wrong key or value is one clear line that names the place and the fix."""
    with pytest.raises(ConfigError) as caught:
        parse_outlet(PLAIN | extra, where="outlets/x.toml")
    assert message in caught.value.message
    assert "outlets/x.toml" in caught.value.message
    assert hint in caught.value.hint


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    """Broken TOML and bytes that are no UTF-8 are configuration errors, not tracebacks."""
    (tmp_path / "a.toml").write_text("id = ", "utf-8")
    (tmp_path / "b.toml").write_bytes(b"name = '\xff'")
    for name in ("a.toml", "b.toml", "none.toml"):
        with pytest.raises(ConfigError, match=name):
            load_outlet(tmp_path / name)


def test_two_files_may_not_share_an_id(tmp_path: Path) -> None:
    """The id names WARC files and rows: two outlets of one id would mix."""
    save_outlet(Outlet(id="x", name="X", home="https://x.example/"), tmp_path / "x.toml")
    save_outlet(Outlet(id="x", name="Y", home="https://y.example/"), tmp_path / "y.toml")
    with pytest.raises(ConfigError, match=r"y\.toml"):
        load_outlets(tmp_path)


def test_no_folder_is_no_outlets(tmp_path: Path) -> None:
    """A site without outlets has none; that is no error."""
    assert load_outlets(tmp_path / "outlets") == {}


def test_switching_off_keeps_the_users_comments(tmp_path: Path) -> None:
    """Enabling and disabling change one value and leave the rest of the file as the user wrote it."""
    path = tmp_path / "x.toml"
    path.write_text('# mine\nid = "x"\nname = "X"  # so called\nhome = "https://x.example/"\n', "utf-8")
    set_enabled(path, False)
    assert "# mine" in path.read_text("utf-8")
    assert "# so called" in path.read_text("utf-8")
    assert load_outlet(path).enabled is False
    set_enabled(path, True)
    assert load_outlet(path).enabled is True
