"""What tests run in processes of their own, to end them in the middle."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from itertools import count
from pathlib import Path

from archive.archive import Archive
from archive.errors import ArchiveError
from tests.archive.made import capture, run
from tests.conftest import make_site


def keep_for_ever(archive: Archive, outlet: str) -> None:
    """Keep captures, and say which are kept; never end."""
    for first in count(0, 5):
        asked = []
        for number in range(first, first + 5):
            body = f"HTTP/1.1 200 OK\r\n\r\n{number} ".encode() + os.urandom(20_000)
            asked.append((number, archive.keep(capture(number % 1000, f"{number}", body, outlet=outlet))))
        for number, answer in asked:
            print(number, answer.result().record_id, flush=True)


def keep_until_full(archive: Archive) -> None:
    """Keep captures until the disk takes no more (here: the largest file that this process may write)."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    for number in range(200):
        try:
            ref = archive.keep(capture(number, str(number), b"HTTP/1.1 200 OK\r\n\r\n" + os.urandom(50_000))).result()
        except ArchiveError as error:
            print("error", type(error).__name__, flush=True)
            return
        print(number, ref.record_id, flush=True)


def keep_some(archive: Archive, outlet: str, captures: int) -> None:
    """Keep a number of captures, one after the other."""
    archive.begin(run(outlet))
    for number in range(captures):
        print(archive.keep(capture(number, str(number), outlet=outlet)).result().record_id, flush=True)
    archive.finish(run(outlet, outcome="done"))


def main(verb: str, root: str, url: str, outlet: str = "example") -> None:
    """Do what the verb says."""
    with Archive.open(make_site(Path(root), url), writable=True) as archive:
        match verb:
            case "forever":
                keep_for_ever(archive, outlet)
            case "full":
                keep_until_full(archive)
            case "some":
                keep_some(archive, outlet, 40)
            case "hold":
                with archive.lock(outlet):
                    print("held", flush=True)
                    time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
