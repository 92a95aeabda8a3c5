"""A served newsworld for measurements: started, asked for its log and truth, stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTROL = "http://127.0.0.1:8800/__world/"


@dataclass(frozen=True)
class World:
    """The control interface of a served world."""

    def ask(self, what: str) -> list[dict[str, Any]]:
        """Return the rows of log, gold or outlets."""
        with urllib.request.urlopen(CONTROL + what, timeout=60) as answer:
            return [json.loads(line) for line in answer.read().decode("utf-8").splitlines()]

    def move(self, day: int) -> None:
        """Move the world to a day."""
        request = urllib.request.Request(CONTROL + "day", data=str(day).encode(), method="POST")
        urllib.request.urlopen(request, timeout=60).read()


@contextmanager
def served(folder: Path, day: int) -> Iterator[World]:
    """Serve the world of a folder with its host names (needs root: the names go into the hosts file)."""
    command = [sys.executable, str(folder / "serve.py"), "--hosts", "--day", str(day)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        if "outlets" not in server.stdout.readline():
            raise RuntimeError("the world did not start; is port 8800 taken?")
        yield World()
    finally:
        server.terminate()
        server.wait()


def warraq(site: Path, *words: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the command in a site's folder as a user would."""
    env = os.environ | {
        "WARRAQ_CRAWL__ALLOW_PRIVATE": "1",
        "WARRAQ_CONTACT": "https://bench.example/contact",
    }
    started = time.monotonic()
    done = subprocess.run(
        [str(Path(sys.executable).parent / "warraq"), *words],
        cwd=site,
        env=env,
        text=True,
        capture_output=True,
        check=False,
    )
    if not quiet:
        print(f"$ warraq {' '.join(words)}  → {done.returncode} in {time.monotonic() - started:.1f} s", file=sys.stderr)
        if done.returncode:
            print(done.stdout[-2000:], done.stderr[-4000:], file=sys.stderr)
    return done
