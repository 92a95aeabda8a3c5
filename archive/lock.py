"""One process an outlet: a file lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from archive.errors import Held, StorageError

FOLDER = "locks"


@contextmanager
def lock(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of this name in an archive's folder.

    Raises Held, naming the process and since when, if another process (or another part of this one) holds it.
    """
    path = folder / FOLDER / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+b")
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror}", hint="the archive's folder must exist and be writable"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().decode("utf-8", "replace").strip() or "another process"
            raise Held(f"{name} is held by {holder}", hint="wait until it is done, or end that process") from error
        # The file stays when the lock goes: a file that is deleted could be locked by two, one of each name's life.
        handle.truncate(0)
        handle.write(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode())
        handle.flush()
        yield
