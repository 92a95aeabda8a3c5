"""Files are whole or not there: one append an event, locks, rotation, full disks, sealing."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.capture import Capture, Failure
from archive.errors import ArchiveError, DiskFull, StorageError
from archive.index import cdxj
from archive.version import Run
from archive.warc import files
from archive.warc.reader import Damage, events, load, records
from archive.warc.records import Record
from archive.warc.sidecar import entries
from archive.warc.writer import WarcWriter
from tests.archive.warc.made import DER, INFO, capture, failure, file_of, run, writer

NAME = re.compile(r"warc/demo/demo-20261123080910123-[A-Za-z0-9._]+-(\d+)-(\d{5})\.warc\.gz")


def types(path: Path) -> list[str]:
    return [record.type if isinstance(record, Record) else "damage" for record, _, _ in records(path)]


def test_a_file_from_open_to_sealed(tmp_path: Path) -> None:
    """A file is begun by the first write, `.open` while written, known by its final name, and sealed with an index."""
    out = writer(tmp_path)
    assert (out.file, out.size, out.seal(), list(tmp_path.iterdir())) == (None, 0, None, [])
    written = out.write(capture())
    assert out.file == written.ref.file
    assert (named := NAME.fullmatch(written.ref.file))
    assert int(named[1]) == os.getpid()
    opened = tmp_path / (written.ref.file + ".open")
    out.sync()
    assert opened.stat().st_size == out.size
    assert out.seal() == written.ref.file
    assert out.file is None
    path = tmp_path / written.ref.file
    assert sorted(tmp_path.glob("warc/demo/*")) == [files.index_of(path), path]
    assert types(path) == ["warcinfo", "response", "request", "metadata"]


def test_references_name_the_response(tmp_path: Path) -> None:
    """A reference gives place and length of the response's member, and its id, given or new."""
    out = writer(tmp_path)
    first = out.write(capture(1), record_id="0c6b4a1e-0000-4000-8000-000000000001").ref
    second = out.write(capture(2)).ref
    out.seal()
    assert first.record_id == "0c6b4a1e-0000-4000-8000-000000000001" != second.record_id
    data = (tmp_path / first.file).read_bytes()
    for ref, what in ((first, capture(1)), (second, capture(2))):
        member = tmp_path / "member.warc.gz"
        member.write_bytes(data[ref.offset : ref.offset + ref.length])
        ((record, _, _),) = records(member)
        assert isinstance(record, Record)
        assert (record.id, record.block) == (ref.record_id, what.response)


def test_an_event_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The members of an event reach the file in a single append."""
    out = writer(tmp_path)
    out.write(capture(0))
    sizes, real = [], os.write

    def counted(fd: int, data: memoryview) -> int:
        sizes.append(len(data))
        return real(fd, data)

    monkeypatch.setattr(os, "write", counted)
    before = out.size
    out.write(capture(1))
    assert sizes == [out.size - before]


def test_a_certificate_lies_once_in_each_file(tmp_path: Path) -> None:
    """Captures of a file share one record of their server's certificate; the next file has its own."""
    out = writer(tmp_path)
    refs = []
    for _ in range(2):
        refs += [out.write(capture(n, certificate=DER)).ref for n in range(3)]
        refs.append(out.write(capture(3, certificate=DER[1:])).ref)
        out.seal()
    for path in tmp_path.glob("warc/demo/*.gz"):
        assert types(path).count("resource") == 2
    wanted = [*(capture(n, certificate=DER) for n in range(3)), capture(3, certificate=DER[1:])]
    assert [load(tmp_path, ref.file, ref.offset) for ref in refs] == wanted * 2


def test_rotation(tmp_path: Path) -> None:
    """A file that has grown to its size is sealed before the next event; nothing is split or lost."""
    out = writer(tmp_path, rotate_bytes=5000)
    refs = [out.write(capture(number)).ref for number in range(20)]
    out.seal()
    paths = sorted(tmp_path.glob("warc/demo/*.gz"))
    assert len(paths) == len({ref.file for ref in refs}) > 2
    assert all(types(path)[0] == "warcinfo" for path in paths)
    assert all(path.stat().st_size >= 5000 for path in paths[:-1])
    assert [load(tmp_path, ref.file, ref.offset) for ref in refs] == [capture(number) for number in range(20)]


def test_a_run_without_captures_is_kept(tmp_path: Path) -> None:
    """A file that holds only a run and its failures is kept: a rebuild needs them."""
    path = file_of(tmp_path, run(), failure())
    assert types(path) == ["warcinfo", "metadata", "metadata"]
    assert files.index_of(path).read_bytes() == b""


def test_a_value_that_is_refused_leaves_no_trace(tmp_path: Path) -> None:
    """What no header can hold is refused before anything is written, and writing goes on."""
    out = writer(tmp_path)
    with pytest.raises(ArchiveError, match="WARC-IP-Address"):
        out.write(capture(peer="192.0.2.1\r\nX: y"))
    assert out.seal() is None
    assert list(tmp_path.glob("warc/demo/*")) == []
    out.write(capture(1))
    assert out.seal() is not None


def test_a_live_file_is_locked(tmp_path: Path) -> None:
    """While a file is written its lock is held, so that nobody else takes it up."""
    out = writer(tmp_path)
    out.write(capture())
    opened = next(tmp_path.glob("warc/demo/*.open"))
    with opened.open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    out.seal()


def test_a_taken_name_is_passed_over(tmp_path: Path) -> None:
    """Where the first name is there already, sealed or open, the next serial number is taken."""
    first = file_of(tmp_path, capture())
    second = file_of(tmp_path, capture())
    third = writer(tmp_path)
    ref = third.write(capture()).ref
    serials = [found[2] for name in (first, second, tmp_path / ref.file) if (found := NAME.search(str(name)))]
    assert serials == ["00001", "00002", "00003"]
    third.seal()


WRITE_MANY = """
import sys
from pathlib import Path
from tests.archive.warc.made import capture, writer
out = writer(Path(sys.argv[1]))
for number in range(300):
    out.write(capture(number))
out.seal()
"""


def test_two_processes(tmp_path: Path) -> None:
    """Two processes that write for one outlet at once have a file each, and every record is readable."""
    both = [subprocess.Popen([sys.executable, "-c", WRITE_MANY, tmp_path]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    paths = sorted(tmp_path.glob("warc/demo/*.gz"))
    assert len(paths) == 2
    for path in paths:
        assert [event.what for event in events(path)] == [capture(number) for number in range(300)]


@contextmanager
def room(size: int) -> Iterator[None]:
    """Let no file grow beyond `size`: the kernel then takes a part of a write and refuses the rest, as a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_all(out: WarcWriter, *whats: Capture) -> None:
    for what in whats:
        out.write(what)


def test_a_full_disk_leaves_whole_events(tmp_path: Path) -> None:
    """Wherever the disk is full, the event is refused as DiskFull, nothing torn stays, and writing goes on later."""
    for more in range(1, 1500, 37):
        folder = tmp_path / str(more)
        out = writer(folder)
        out.write(capture(0))
        size = out.size
        with room(size + more), pytest.raises(DiskFull) as caught:
            write_all(out, *[capture(1, certificate=DER)] * 3)
        assert caught.value.hint
        opened = next(folder.glob("warc/demo/*.open"))
        assert opened.stat().st_size == out.size
        assert not any(isinstance(event.what, Damage) for event in events(opened))
        out.write(capture(2))
        name = out.seal()
        assert name is not None
        kept = [event.what for event in events(folder / name)]
        assert (kept[0], kept[-1]) == (capture(0), capture(2))


def test_a_full_disk_at_the_start_of_a_file(tmp_path: Path) -> None:
    """Where not even the first record has room, no file is left, and the next try makes one."""
    out = writer(tmp_path)
    with room(100), pytest.raises(DiskFull):
        out.write(capture())
    assert list(tmp_path.glob("warc/demo/*")) == []
    assert out.write(capture()).ref.offset > 0
    out.seal()


def failing(code: int) -> Callable[..., int]:
    def fail(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    return fail


def test_a_failed_fsync_is_never_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed fsync the file is left to recovery, and what follows goes to another one."""
    out = writer(tmp_path)
    first = out.write(capture(0)).ref
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(errno.EIO))
        with pytest.raises(StorageError):
            out.sync()
    assert out.file is None
    second = out.write(capture(1)).ref
    out.sync()
    assert first.file != second.file
    out.seal()
    assert [path.name for path in tmp_path.glob("warc/demo/*.open")] == [Path(first.file).name + ".open"]


def test_a_failed_fsync_at_rotation_fails_the_next_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in a file that could not be sealed is not reported as kept, although a new file took its place."""
    out = writer(tmp_path, rotate_bytes=1)
    out.write(capture(0))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(errno.EIO))
        with pytest.raises(StorageError):
            out.write(capture(1))
    out.write(capture(2))
    with pytest.raises(StorageError):
        out.sync()


def test_what_cannot_be_cut_off_ends_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a half-written event cannot be cut off again, nothing is appended behind it."""
    out = writer(tmp_path)
    first = out.write(capture(0)).ref
    with monkeypatch.context() as patch, room(out.size + 50):
        patch.setattr(os, "ftruncate", failing(errno.EIO))
        with pytest.raises(DiskFull):
            out.write(capture(1))
    assert out.file is None
    assert out.write(capture(2)).ref.file != first.file
    out.seal()


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    """A folder that is a file is a StorageError that names it."""
    (tmp_path / "warc").write_text("no folder")
    with pytest.raises(StorageError, match="warc") as caught:
        writer(tmp_path).write(capture())
    assert not isinstance(caught.value, DiskFull)


def test_index_is_what_the_file_holds(tmp_path: Path) -> None:
    """The index written at sealing is the one that reading the file gives, sorted by bytes, once each."""
    whats: list[Capture | Failure | Run] = [
        run(),
        *(capture(n, chunked=n % 2 == 1, certificate=DER) for n in range(9)),
        failure(),
    ]
    path = file_of(tmp_path, *whats)
    lines = files.index_of(path).read_bytes()
    assert lines.decode("ascii") == cdxj.render(entries(path))
    assert lines.splitlines() == sorted(lines.splitlines())
    assert len(lines.splitlines()) == 10
    names = {json.loads(line.split(b" ", 2)[2])["filename"] for line in lines.splitlines()}
    assert names == {path.name}


def test_writer_of_another_outlet(tmp_path: Path) -> None:
    """Each outlet has its own folder."""
    out = WarcWriter(tmp_path, type(INFO)(outlet="b.two", software="w/0"))
    assert out.write(failure()).ref.file.startswith("warc/b.two/b.two-")
    out.seal()
