"""`warraq serve` as a process: it answers, and ends as it should."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from crawler.exits import Exit
from tests.crawler.commands.conftest import Run

CODE = """
import sys
from crawler.cli import main
try:
    main()
finally:
    print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_it_is_told_to_end(full: Path, number: int) -> None:
    """Both origins are told on stdout; a signal ends it with 0; neither scrapy nor trafilatura was loaded."""
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, "serve", "--port", "0", "--replay-port", "0", "--json"],
        cwd=full,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["schema"] == "warraq.serving/1"
        assert told["app"] != told["replay"]
        with urllib.request.urlopen(told["app"], timeout=20) as page:
            assert "jarida" in page.read().decode("utf-8")
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == Exit.DONE
    assert not {"scrapy", "twisted", "trafilatura"} & set(err.decode().split())


def test_taken_port(run: Run, full: Path) -> None:
    """A port that another program has is one line with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = run("serve", "--port", str(taken.getsockname()[1]))
    assert answer.code == Exit.USAGE
    assert "is taken" in answer.err


def test_other_machines_are_not_served(run: Run, full: Path) -> None:
    """The archive is not opened to a network."""
    answer = run("serve", "--host", "0.0.0.0")
    assert answer.code == Exit.USAGE
    assert "127.0.0.1" in answer.err


def test_without_an_archive(run: Run) -> None:
    """Without an archive there is nothing to serve: code 12."""
    assert run("serve", "--port", "0", "--replay-port", "0").code == Exit.STORAGE
