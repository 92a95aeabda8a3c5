"""Makes the derived tables again: from the WARC files alone, or from what the rules now say of the captures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from archive.archive import MADE_WITH
from archive.database import derived, reads, store
from archive.database.engine import reading, writing
from archive.errors import Held
from archive.ingest import Counts, Deriver
from archive.warc.files import OPEN, warc_files
from settings.language import Languages, languages
from settings.outlet import Outlet, load_outlets

if TYPE_CHECKING:
    from archive.archive import Archive

Progress = Callable[[str, int, int], object]
"""Called with what is done (`records`: bytes of WARC files, `articles`: captures), how much of it, and of how much."""


def rebuild(
    archive: Archive,
    *,
    from_warc: bool,
    outlet: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Counts:
    """Derive again, without network; return what became of the captures that were derived.

    `from_warc` forgets every derived row (of one outlet) and reads the WARC files. Else captures whose extraction is of
    other rules are derived, with `force` all of them. Raises Held while another process writes, StorageError,
    DatabaseError.
    """
    known = load_outlets(archive.site.outlets_path)
    with ExitStack() as stack:
        if from_warc:
            _read_again(archive, stack, outlet, progress)
        elif force or _folded_otherwise(archive):
            with writing(archive.engine) as transaction:
                derived.make_pending(transaction, outlet)
        deriver = _deriver(archive, known, outlet, languages())
        return deriver.run_pending(progress=progress and (lambda done, total: progress("articles", done, total)))


def _deriver(archive: Archive, known: dict[str, Outlet], outlet: str | None, spoken: Languages) -> Deriver:
    if outlet is None:
        return Deriver(archive, spoken, known, archive.site.extract, strangers=True)
    return Deriver(archive, spoken, known, archive.site.extract, only=[outlet])


def _read_again(archive: Archive, stack: ExitStack, outlet: str | None, progress: Progress | None) -> None:
    """Forget the rows and read the files; the outlets are held to the end, so that no crawl begins meanwhile."""
    from archive.reconcile import reconcile

    archive.settle()
    paths = [path for path in warc_files(archive.folder) if outlet in (None, path.parent.name)]
    for name in sorted({path.parent.name for path in paths} | ({outlet} if outlet else set())):
        stack.enter_context(archive.lock(name))
    for path in paths:
        if path.name.endswith(OPEN):
            raise Held(f"{path.name} is being written by another process", hint="wait until no crawl runs")
    total, read = sum(path.stat().st_size for path in paths), 0

    def count(size: int) -> None:
        nonlocal read
        read += size
        if progress:
            progress("records", min(read, total), total)

    with writing(archive.engine) as transaction:
        store.forget(transaction, outlet)
        store.put_meta(transaction, MADE_WITH)
    reconcile(archive.folder, archive.engine, count)


def _folded_otherwise(archive: Archive) -> bool:
    """Tell whether the search terms were made by another version of the folding; if so, note ours."""
    with reading(archive.engine) as transaction:
        noted = reads.meta(transaction)
    if noted.get("fold") == MADE_WITH["fold"]:
        return False
    with writing(archive.engine) as transaction:
        store.put_meta(transaction, MADE_WITH)
    return True
