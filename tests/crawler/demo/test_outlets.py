"""The world's outlets as outlet files, and the world as a command."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx

from crawler.demo.faults import Faults
from crawler.demo.outlets import demo_outlets
from crawler.demo.server import Served
from settings.outlet import load_outlet, save_outlet

HEAVY = ("scrapy", "twisted", "trafilatura", "sqlalchemy", "warcio")


def test_outlets_name_what_is_there(served: Served, client: httpx.Client) -> None:
    """Every address of every outlet answers, and there is an outlet for each site."""
    outlets = demo_outlets(served)
    assert {outlet.id: outlet.home for outlet in outlets} == served.homes
    for outlet in outlets:
        for url in (*outlet.feeds, *outlet.sitemaps, *outlet.news_sitemaps, *outlet.sections):
            assert url.startswith(outlet.home)
            assert client.get(url).status_code == 200, url


def test_outlets_are_files_that_can_be_read_again(served: Served, tmp_path: Path) -> None:
    """Written as TOML and read, each outlet is itself."""
    for outlet in demo_outlets(served):
        path = tmp_path / f"{outlet.id}.toml"
        save_outlet(outlet, path)
        assert load_outlet(path) == outlet


def test_runs_as_a_command() -> None:
    """`python -m crawler.demo` prints the homes, serves them, and ends by SIGTERM with 0."""
    command = [sys.executable, "-m", "crawler.demo", "--port", "0", "--day", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        homes: dict[str, str] = {}
        while "faults" not in homes:
            name, _, home = process.stdout.readline().strip().partition("\t")
            homes[name] = home
        day = httpx.get(homes["faults"] + "__demo/day", trust_env=False).text
        status = httpx.get(homes["larkmoor"], trust_env=False).status_code
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert (day, status) == ("1\n", 200)
    assert len(homes) == 9


def test_a_taken_port_is_told_in_one_line(served: Served) -> None:
    """A port that is in use ends the command with exit code 12 and a line that names the way out."""
    command = [sys.executable, "-m", "crawler.demo", "--port", str(served.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 12
    assert "--port 0" in done.stderr
    assert done.stderr.count("\n") == 1


def test_needs_none_of_the_heavy_packages() -> None:
    """Serving the world imports neither Scrapy nor what extraction and the archive use."""
    code = f"import sys, crawler.demo.server, crawler.demo.outlets; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout.strip() == "[]"


def test_the_documentation_names_every_outlet_and_fault(served: Served) -> None:
    """docs/demo.md has each outlet's id and each odd answer's name."""
    page = (Path(__file__).parents[3] / "docs" / "demo.md").read_text("utf-8")
    names = {*served.homes, *(name.removesuffix("-2") for name in Faults(served.faults).names)}
    assert not [name for name in names if f"`{name}`" not in page]
