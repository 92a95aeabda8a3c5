"""Work that goes wrong in a worker, by the address of the page: hangs, dies, takes all memory, has a defect."""

from __future__ import annotations

import os
import signal
import time

from archive.derivation import Derived, Task
from archive.extracting import work


def hostile(task: Task) -> Derived:
    """Derive a capture, if its address does not say otherwise."""
    match task.url.rsplit("/", 1)[-1]:
        case "hangs":
            time.sleep(600)
        case "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        case "eats":
            hoard = [bytes(1 << 20) for _ in range(1 << 20)]
            assert hoard
        case "defect":
            raise KeyError("defect")
    return work(task)
