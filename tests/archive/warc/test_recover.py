"""What a crash left is cut to whole events, kept aside, indexed and sealed; live files are left alone."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archive.index import cdxj
from archive.warc import files
from archive.warc.reader import Damage, events, records
from archive.warc.recover import Recovered, recover
from archive.warc.sidecar import entries
from tests.archive.warc.made import DER, capture, file_of, run, writer


def reopened(path: Path) -> Path:
    """Make a sealed file look as a crash leaves it."""
    files.index_of(path).unlink()
    return path.rename(path.with_name(path.name + files.OPEN))


def test_nothing_to_do(tmp_path: Path) -> None:
    """An archive without open files, or without any, gives nothing."""
    assert recover(tmp_path) == []
    file_of(tmp_path, capture())
    assert recover(tmp_path) == []


def test_a_whole_file_is_only_sealed(tmp_path: Path) -> None:
    """A file that ends with a whole event is sealed as its writer would have sealed it."""
    path = file_of(tmp_path, run(), capture(1), capture(2, certificate=DER))
    before, index = path.read_bytes(), files.index_of(path).read_bytes()
    reopened(path)
    assert recover(tmp_path) == [Recovered(path.relative_to(tmp_path).as_posix(), 0, 9)]
    assert (path.read_bytes(), files.index_of(path).read_bytes()) == (before, index)
    assert len(list(path.parent.iterdir())) == 2


def test_torn_tails_are_cut_to_whole_events(tmp_path: Path) -> None:
    """Wherever a file is cut: whole events are not touched, what was cut lies aside, byte for byte."""
    source = file_of(tmp_path / "source", *(capture(number, certificate=DER) for number in range(8)))
    data = source.read_bytes()
    ends = [event.end for event in events(source)]
    first = next(length for _, _, length in records(source))
    chance = random.Random(9)
    for trial, cut in enumerate(chance.sample(range(first, len(data)), 60)):
        folder = tmp_path / str(trial)
        path = folder / "warc" / "demo" / source.name
        path.parent.mkdir(parents=True)
        path.with_name(path.name + files.OPEN).write_bytes(data[:cut])
        (done,) = recover(folder)
        torn = path.with_name(path.name + files.TORN)
        whole = [end for end in ends if end <= cut]
        if not whole:
            assert (done.records, path.exists()) == (0, False)
            continue
        kept = path.read_bytes()
        assert kept == data[: len(kept)]
        assert kept + (torn.read_bytes() if done.cut_bytes else b"") == data[:cut]
        assert len(kept) >= whole[-1]
        assert [event.what for event in events(path)] == [capture(n, certificate=DER) for n in range(len(whole))]
        assert files.index_of(path).read_text("ascii") == cdxj.render(entries(path))


def test_damage_before_the_end_stays(tmp_path: Path) -> None:
    """A broken record with good ones behind it is no torn tail: nothing is cut."""
    path = file_of(tmp_path, *(capture(number) for number in range(4)))
    data = bytearray(path.read_bytes())
    data[next(event.ref.offset for event in events(path)) + 100] ^= 0xFF
    path.write_bytes(data)
    reopened(path)
    (done,) = recover(tmp_path)
    assert (done.cut_bytes, path.read_bytes()) == (0, bytes(data))
    assert sum(not isinstance(event.what, Damage) for event in events(path)) == 3


@pytest.mark.parametrize("data", [b"", b"\x1f", b"no WARC at all", bytes(5000)])
def test_a_file_with_nothing_whole_is_taken_away(tmp_path: Path, data: bytes) -> None:
    """Nothing remains of it but what was cut, aside."""
    path = tmp_path / "warc" / "demo" / "demo-1.warc.gz"
    path.parent.mkdir(parents=True)
    path.with_name(path.name + files.OPEN).write_bytes(data)
    assert recover(tmp_path) == [Recovered("warc/demo/demo-1.warc.gz", len(data), 0)]
    left = {found.name: found.read_bytes() for found in path.parent.iterdir()}
    assert left == ({"demo-1.warc.gz.torn": data} if data else {})


def test_a_live_file_is_left_alone(tmp_path: Path) -> None:
    """What another writer holds is not touched; when it is gone, it is taken up."""
    out = writer(tmp_path)
    out.write(capture())
    assert recover(tmp_path) == []
    out.write(capture(1))
    name = out.seal()
    assert name is not None
    assert [event.what for event in events(tmp_path / name)] == [capture(), capture(1)]


CRAWL = """
import sys
from pathlib import Path
from tests.archive.warc.made import DER, capture, writer
out, number = writer(Path(sys.argv[1]), rotate_bytes=100_000), 0
while True:
    ref = out.write(capture(number, certificate=DER)).ref
    out.sync()
    print(ref.record_id, flush=True)
    number += 1
"""


def test_kill_9(tmp_path: Path) -> None:
    """Killed at any moment, what was reported as kept is there after recovery, once, and nothing else is torn."""
    chance = random.Random(4)
    for trial in range(6):
        folder = tmp_path / str(trial)
        process = subprocess.Popen([sys.executable, "-c", CRAWL, folder], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        reported = [process.stdout.readline().strip()]
        time.sleep(chance.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        reported += process.stdout.read().split()
        process.stdout.close()
        process.wait()
        recover(folder)
        found = [event for path in files.warc_files(folder) for event in events(path)]
        assert not list(folder.glob("warc/demo/*.open"))
        ids = [event.ref.record_id for event in found]
        assert len(set(ids)) == len(ids)
        assert set(reported) <= set(ids)
        assert [event.what for event in found] == [capture(n, certificate=DER) for n in range(len(found))]
