"""What tests run in processes of their own, to end them in the middle. Forked: loading all anew takes seconds."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from itertools import count
from typing import Self

from archive.archive import Archive
from archive.errors import ArchiveError
from settings.site import Site
from tests.archive.made import capture, run


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


def main(verb: str, site: Site, outlet: str) -> None:
    """Do what the verb says."""
    with Archive.open(site, writable=True) as archive:
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


class Child:
    """A process that does what a verb says on a site's archive. A context manager: it is gone at the end."""

    def __init__(self, verb: str, site: Site, outlet: str = "example") -> None:
        reads, writes = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(writes, 1)
            sys.stdout = os.fdopen(1, "w")
            code = 1
            try:
                main(verb, site, outlet)
                code = 0
            finally:  # never back into the test that was copied with this process
                if code:
                    traceback.print_exc()
                sys.stdout.flush()
                os._exit(code)
        os.close(writes)
        self.out = os.fdopen(reads)

    def kill(self) -> None:
        """End it as a crash would."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def rest(self) -> list[str]:
        """Wait for its end; give the whole lines that were not read yet."""
        lines = [line for line in self.out.readlines() if line.endswith("\n")]
        self.out.close()
        os.waitpid(self.pid, 0)
        return lines

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.out.closed:
            self.kill()
            self.rest()
