"""The site's settings: flags over variables over the file over defaults, each with its origin."""

from pathlib import Path

import pytest

from settings.errors import ConfigError
from settings.site import Site, find_config, keys, load_site


def write(folder: Path, text: str) -> Path:
    path = folder / "warraq.toml"
    path.write_text(text, "utf-8")
    return path


def test_flags_win_over_variables_over_file_over_defaults(tmp_path: Path) -> None:
    """Each source overrules the one below it, and the origin tells which did."""
    path = write(tmp_path, 'contact = "https://file.example/"\n[crawl]\ndelay = 2\nretries = 5\nconcurrency = 3\n')
    site = load_site(
        path,
        env={"WARRAQ_CRAWL__DELAY": "3.5", "WARRAQ_CRAWL__RETRIES": "4"},
        flags={"crawl.delay": 9.0, "contact": None},
    )
    assert (site.crawl.delay, site.crawl.retries, site.crawl.concurrency) == (9.0, 4, 3)
    assert site.contact == "https://file.example/"
    assert site.origins["crawl.delay"] == "flag"
    assert site.origins["crawl.retries"] == "WARRAQ_CRAWL__RETRIES"
    assert site.origins["crawl.concurrency"] == str(path)
    assert site.origins["crawl.deadline"] == "default"


def test_every_key_can_be_set_by_a_variable() -> None:
    """No setting is out of reach of the environment, and every one has an origin."""
    samples = {bool: "true", int: "70000000", float: "5", str: "a@b.example"}
    for key, kind in keys().items():
        value = samples.get(kind, "record")
        site = load_site(env={"WARRAQ_" + key.upper().replace(".", "__"): value}, start=Path("/"))
        assert site.origins[key].startswith("WARRAQ_"), key


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("contcat = 'x'", "unknown key `contcat`", "`contact`"),
        ("[crawl]\ndeley = 1", "unknown key `crawl.deley`", "`crawl.delay`"),
        ("[crawl]\ndelay = 'x'", "crawl.delay", "schema"),
        ("[crawl]\ndelay = -1", "crawl.delay", "0.0 or more"),
        ("[crawl]\nconcurrency = 0", "crawl.concurrency", "1 or more"),
        ("contact = 'nobody'", "contact", "https://"),
        ("root = '/'", "unknown key `root`", "schema"),
        ("[archive]\nfsync = 'never'", "archive.fsync", "schema"),
        ("[crawl\n", "not TOML", "mend"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix(tmp_path: Path, text: str, message: str, hint: str) -> None:
    """A wrong key, value or file is one clear line that names place and fix."""
    with pytest.raises(ConfigError) as caught:
        load_site(write(tmp_path, text), env={})
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_mistyped_variable_is_an_error() -> None:
    """A WARRAQ_ variable that sets nothing is refused, naming the nearest right one."""
    with pytest.raises(ConfigError) as caught:
        load_site(env={"WARRAQ_CRAWL__DELAYS": "1"}, start=Path("/"))
    assert "WARRAQ_CRAWL__DELAY" in caught.value.hint


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """WARRAQ_DATABASE__URL_FILE names a file that holds the address, as containers hand out secrets."""
    (tmp_path / "url").write_text("postgresql://x/y\n", "utf-8")
    site = load_site(env={"WARRAQ_DATABASE__URL_FILE": str(tmp_path / "url")}, start=tmp_path)
    assert site.database_url == "postgresql://x/y"
    with pytest.raises(ConfigError, match="URL_FILE"):
        load_site(env={"WARRAQ_DATABASE__URL_FILE": str(tmp_path / "none")}, start=tmp_path)


def test_the_nearest_file_upward_is_found(tmp_path: Path) -> None:
    """The file in force is $WARRAQ_CONFIG, else the nearest one upward from where the command runs."""
    path = write(tmp_path, "")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_config(deep, {}) == path
    assert find_config(deep, {"WARRAQ_CONFIG": "/else.toml"}) == Path("/else.toml")
    assert load_site(env={}, start=deep).root == tmp_path


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """The archive, its database and the outlets lie beside warraq.toml, wherever the command runs."""
    site = load_site(write(tmp_path, "[archive]\npath = 'kept'"), env={})
    assert site.archive_path == tmp_path / "kept"
    assert site.outlets_path == tmp_path / "outlets"
    assert site.database_url == f"sqlite:///{tmp_path / 'kept' / 'warraq.db'}"


def test_a_named_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    """A configuration that was asked for and is missing is an error that names `warraq init`."""
    with pytest.raises(ConfigError) as caught:
        load_site(tmp_path / "none.toml", env={})
    assert "warraq init" in caught.value.hint


def test_a_site_can_be_made_in_code(tmp_path: Path) -> None:
    """Tests and libraries build a Site without any file."""
    assert Site(root=tmp_path).archive_path == tmp_path / "archive"
