"""Other people's tools read our files and have no complaints, but for the one that is theirs."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.http import entity
from archive.warc import files
from tests.archive.warc.made import DER, capture, failure, file_of, run

BIN = Path(sys.executable).parent
TOOLS = os.environ.get("WARRAQ_TEST_TOOLS", "")
PAGES = 40


def said(*command: str | Path) -> tuple[int, str]:
    # pywb's environment warns of its own old packages, which is not what is asked of it here
    env = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of everything we write, no response chunked."""
    whats = [capture(n, certificate=DER if n % 2 else None, truncated="time" if n == 7 else None) for n in range(PAGES)]
    moved = capture(50, response=b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")
    return file_of(
        tmp_path_factory.mktemp("plain"), run(), *whats, moved, failure(message="two\nlines"), run(outcome="done")
    )


@pytest.fixture(scope="module")
def chunked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with chunks."""
    return file_of(tmp_path_factory.mktemp("chunked"), *(capture(n, chunked=True) for n in range(PAGES)))


def test_gzip(plain: Path, chunked: Path) -> None:
    """The gzip command tests our files."""
    assert shutil.which("gzip")
    for path in (plain, chunked):
        assert said("gzip", "-t", path) == (0, "")


def test_warcio_check(plain: Path) -> None:
    """The check of warcio finds every digest right."""
    code, text = said(BIN / "warcio", "check", "-v", plain)
    assert code == 0, text
    assert text.count("digest pass") == len(list(ArchiveIterator(BytesIO(plain.read_bytes()))))
    assert "no digest" not in text


def test_warcio_check_of_chunks(chunked: Path) -> None:
    """The one complaint of warcio: it takes the chunks for payload; the standard (6.3.2) has the body without them."""
    code, text = said(BIN / "warcio", "check", "-v", chunked)
    assert code == 1
    complaints = [line.strip() for line in text.splitlines() if "fail" in line]
    assert len(complaints) == PAGES
    assert all(line.startswith("payload digest failed sha256:") for line in complaints)


def test_fastwarc_check(plain: Path, chunked: Path) -> None:
    """FastWARC finds every block's digest right, with chunks and without."""
    for path in (plain, chunked):
        code, text = said(BIN / "fastwarc", "check", path)
        assert code == 0, text
        assert "(0 failed" in text
        assert "verified successfully" in text


def test_warcio_reads_the_same(plain: Path, chunked: Path) -> None:
    """The reader of warcio gives the bytes of each response and request that we wrote."""
    for path, chunks in ((plain, False), (chunked, True)):
        found = [
            (record.rec_type, record.raw_stream.read())
            for record in ArchiveIterator(BytesIO(path.read_bytes()), no_record_parse=True)
        ]
        wanted = [capture(n, chunked=chunks) for n in range(PAGES)]
        assert [block for kind, block in found if kind == "response"][:PAGES] == [what.response for what in wanted]
        assert [block for kind, block in found if kind == "request"][:PAGES] == [what.request for what in wanted]


def test_warcio_takes_the_chunks_off(tmp_path: Path) -> None:
    """What warcio takes for the content is what we take for the payload (without trailers, which it stumbles over)."""
    bare = [capture(n, chunked=True).response.replace(b"X-Trailer: t\r\n", b"") for n in range(PAGES)]
    path = file_of(tmp_path, *(capture(n, response=response) for n, response in enumerate(bare)))
    stream = ArchiveIterator(BytesIO(path.read_bytes()))
    bodies = [record.content_stream().read() for record in stream if record.rec_type == "response"]
    assert bodies == [entity(response) for response in bare]


def test_each_record_is_a_member_of_its_own(plain: Path) -> None:
    """Standard gzip: each member begins where the index says, and holds one record."""
    data = plain.read_bytes()
    text = gzip.decompress(data).decode("utf-8", "replace")
    assert text.count("WARC/1.1\r\nWARC-Type: ") == data.count(b"\x1f\x8b\x08\x00")


@pytest.mark.skipif(not TOOLS, reason="WARRAQ_TEST_TOOLS names no environment with cdxj-indexer in it")
def test_cdxj_indexer(plain: Path, chunked: Path) -> None:
    """What cdxj-indexer writes is our index, byte for byte."""
    for path in (plain, chunked):
        code, text = said(Path(TOOLS) / "bin" / "cdxj-indexer", "-s", path)
        assert (code, text) == (0, files.index_of(path).read_text("ascii"))
