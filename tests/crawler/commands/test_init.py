"""`warraq init`: a site made, and never overwritten."""

import tomllib
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest

from crawler.exits import Exit
from settings.site import Site, keys, load_site
from tests.crawler.commands.conftest import Run


def test_makes_a_site_and_names_the_next_two_commands(run: Run) -> None:
    """A folder gets its configuration, folders and database; two commands follow."""
    answer = run("init", "news", "--contact", "crawl@example.org")
    assert answer.code == Exit.DONE
    assert Path("news/outlets").is_dir()
    assert Path("news/archive/warraq.db").is_file()
    assert load_site(Path("news/warraq.toml")).contact == "crawl@example.org"
    assert answer.lines[-2:] == ["  cd news && warraq outlets add https://www.example.org", "  warraq crawl --all"]
    assert answer.err == ""
    assert run("db", "check", "--config", "news/warraq.toml").code == Exit.DONE


def test_never_overwrites(run: Run) -> None:
    """A second time leaves what is there, and makes what is missing."""
    assert run("init").code == Exit.DONE
    Path("warraq.toml").write_text('contact = "a@example.org"\n', "utf-8")
    Path("outlets").rmdir()
    answer = run("init", "--contact", "b@example.org")
    assert answer.code == Exit.DONE
    assert Path("warraq.toml").read_text("utf-8") == 'contact = "a@example.org"\n'
    assert Path("outlets").is_dir()
    assert answer.lines[0].startswith("made ")
    assert answer.lines[0].endswith("outlets")
    assert "all is there already" in run("init").out


def test_without_contact_it_says_so(run: Run) -> None:
    """A site without a contact can be made, and the user hears what is missing."""
    answer = run("init")
    assert answer.code == Exit.DONE
    assert "set `contact`" in answer.err


def test_refuses_a_contact_that_is_none(run: Run) -> None:
    """A contact that nobody could be reached by is a usage error, and nothing is made."""
    assert run("init", "--contact", "me").code == Exit.USAGE
    assert not Path("warraq.toml").exists()


def test_json(run: Run) -> None:
    """Under --json one document says what was made and what comes next."""
    document = run("init", "--json").document
    assert document["schema"] == "warraq.site/1"
    assert len(document["made"]) == 3
    assert document["next"] == ["warraq outlets add https://www.example.org", "warraq crawl --all"]


def test_unwritable_folder(run: Run) -> None:
    """A place where no folder can be made is one clear line."""
    Path("file").write_text("", "utf-8")
    answer = run("init", "file/news")
    assert answer.code == Exit.STORAGE
    assert answer.err.startswith("warraq: ")


def test_written_file_shows_true_keys_and_defaults(tmp_path: Path) -> None:
    """Every key in the new warraq.toml, taken out of its comment, is a key, with its default."""
    text = files("crawler.commands").joinpath("new-site.toml").read_text("utf-8")
    assert tomllib.loads(text) == {"archive": {}, "database": {}, "crawl": {}, "extract": {}}
    lines = [line.removeprefix("# ") if " = " in line.split("`")[0] else line for line in text.splitlines()]
    path = tmp_path / "warraq.toml"
    path.write_text("\n".join(lines), "utf-8")
    site = load_site(path, env={})
    assert {key for key, origin in site.origins.items() if origin != "default"} >= {"contact", "crawl.delay"}
    plain = Site(root=tmp_path)
    for f in fields(Site):
        if f.name not in ("root", "file", "origins"):
            assert getattr(site, f.name) == getattr(plain, f.name)
    assert set(site.origins) == set(keys())


@pytest.mark.parametrize("name", ["-dash", "with space"])
def test_odd_folder_names_can_be_pasted(run: Run, name: str) -> None:
    """The next command is quoted as a shell needs it."""
    answer = run("init", "--", name)
    assert answer.code == Exit.DONE
    assert f"cd {name if ' ' not in name else repr(name)} &&" in answer.out
