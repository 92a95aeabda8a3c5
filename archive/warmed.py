"""Loads the extractors when it is loaded: for the process that workers are forked from, and for nobody else."""

import sys
from types import TracebackType

from archive.extracting import warm


def _quiet(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """Say nothing of a worker whose asker went away while it was being forked: there is nobody left to tell.

    What goes wrong while a page is extracted is caught by the pool and does not come here.
    """
    if not isinstance(error, OSError | EOFError):
        sys.__excepthook__(kind, error, at)


sys.excepthook = _quiet
warm()
