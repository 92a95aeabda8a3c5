"""`warraq outlets list|show|enable|disable`."""

import tomllib
from pathlib import Path

import pytest

from crawler.exits import Exit
from tests.crawler.commands.conftest import Run, write_outlet


def test_list(run: Run, site: Path) -> None:
    """A line an outlet, in order of id, its name last."""
    write_outlet(
        "beacon", 'name = "The Beacon"\nhome = "https://beacon.example/"\nenabled = false\nlanguages = ["en", "fr"]\n'
    )
    assert run("outlets", "list").lines == [
        "beacon\tno\ten fr\thttps://beacon.example/\tThe Beacon",
        "jarida\tyes\tar\thttps://jarida.example/\tالجريدة",
    ]


def test_list_json(run: Run, site: Path) -> None:
    """Each line of JSON is a whole outlet."""
    (row,) = run("outlets", "list", "--json").documents
    assert row["schema"] == "warraq.outlet/1"
    assert (row["id"], row["name"], row["follow"]["requisites"]) == ("jarida", "الجريدة", "images")


def test_list_without_outlets(run: Run) -> None:
    """An empty list is no error, and says what to do."""
    answer = run("outlets", "list")
    assert (answer.code, answer.out) == (Exit.DONE, "")
    assert "warraq outlets add" in answer.err


def test_show(run: Run, site: Path) -> None:
    """An outlet is shown as the TOML that could be its file."""
    answer = run("outlets", "show", "jarida")
    assert tomllib.loads(answer.out) == {
        "id": "jarida",
        "name": "الجريدة",
        "home": "https://jarida.example/",
        "languages": ["ar"],
    }
    assert run("--json", "outlets", "show", "jarida").document["file"].endswith("jarida.toml")


def test_show_finds_the_file_of_another_name(run: Run, site: Path) -> None:
    """An outlet may lie in a file that is not called by its id."""
    write_outlet("zz", 'id = "beacon"\nname = "B"\nhome = "https://b.example/"\n')
    assert run("outlets", "show", "beacon", "--json").document["file"].endswith("zz.toml")


@pytest.mark.parametrize("verb", ["show", "enable", "disable"])
def test_unknown_outlet_names_the_nearest(run: Run, site: Path, verb: str) -> None:
    """A mistyped id is a usage error with the right one beside it."""
    answer = run("outlets", verb, "jaridah")
    assert answer.code == Exit.USAGE
    assert answer.err == "warraq: no outlet 'jaridah'\n  did you mean `jarida`?\n"


def test_switching_keeps_comments(run: Run, site: Path) -> None:
    """Disable and enable change one key and leave the owner's comments alone."""
    path = write_outlet("beacon", '# ours\nname = "B"  # short\nhome = "https://b.example/"\n')
    assert run("outlets", "disable", "beacon", "jarida").lines == ["beacon is off", "jarida is off"]
    assert "# ours\n" in path.read_text("utf-8")
    assert "# short\n" in path.read_text("utf-8")
    assert [row["enabled"] for row in run("outlets", "list", "--json").documents] == [False, False]
    (row,) = run("outlets", "enable", "beacon", "--json").documents
    assert (row["id"], row["enabled"]) == ("beacon", True)


def test_broken_file_is_a_configuration_error(run: Run, site: Path) -> None:
    """An unknown key in an outlet's file names the nearest right one."""
    write_outlet("beacon", 'name = "B"\nhome = "https://b.example/"\nfeed = []\n')
    answer = run("outlets", "list")
    assert answer.code == Exit.CONFIG
    assert "unknown key `feed`" in answer.err
    assert "did you mean `feeds`?" in answer.err
