"""Captures of our own making for the tests of WARC files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.capture import Capture, Failure, Provenance
from archive.version import Run
from archive.warc.writer import FileInfo, WarcWriter

NOW = datetime(2026, 11, 23, 8, 9, 10, 123456, tzinfo=UTC)
INFO = FileInfo(outlet="demo", software="warraq/0.0-test", contact="https://warraq.example/contact", user_agent="w/0")
DER = bytes(range(256)) * 4
ODD_HEAD = b"HTTP/1.1 200 Gut so\r\nsErVer: x\r\nX-Fold: one\r\n\ttwo\r\nno colon\r\nNoSpace:v\r\nX-Latin: \xe9\r\n"


def provenance(**changes: object) -> Provenance:
    values: dict[str, Any] = {"outlet": "demo", "run": "run-1", "why": "article", "via": "https://a.example/feed"}
    return Provenance(**values | changes)


def capture(number: int = 0, *, chunked: bool = False, **changes: object) -> Capture:
    """A page of some size, different for each number, with a head that no parser would write like that."""
    text = f"<!DOCTYPE html><html lang=ar><title>خبر {number}</title>" + "<p>ورّاق ينسخ الكتب</p>" * (number % 50 + 20)
    body = text.encode()
    if chunked:
        framing, body = (
            b"Transfer-Encoding: chunked",
            b"%x;ext=1\r\n%s\r\n0\r\nX-Trailer: t\r\n\r\n" % (len(body), body),
        )
    else:
        framing = b"Content-Length: %d" % len(body)
    values: dict[str, Any] = {
        "url": f"https://a.example/2026/{number}?q=%D8%A3",
        "started": NOW + timedelta(seconds=number, microseconds=number),
        "request": b"GET /2026/%d?q=%%D8%%A3 HTTP/1.1\r\nhOst: a.example\r\n\r\n" % number,
        "response": ODD_HEAD + b"Content-Type: text/html; charset=utf-8\r\n" + framing + b"\r\n\r\n" + body,
        "provenance": provenance(),
        "peer": "192.0.2.7",
        **changes,
    }
    return Capture(**values)


def failure(**changes: object) -> Failure:
    values: dict[str, Any] = {
        "url": "https://gone.example/",
        "started": NOW,
        "provenance": provenance(),
        "cause": "dns",
        "message": "no such name",
        **changes,
    }
    return Failure(**values)


def run(**changes: object) -> Run:
    values: dict[str, Any] = {"id": "run-1", "outlet": "demo", "started": NOW}
    return Run(**values | changes)


def writer(folder: Path, *, rotate_bytes: int = 1 << 30) -> WarcWriter:
    return WarcWriter(folder, INFO, rotate_bytes=rotate_bytes, clock=lambda: NOW)


def file_of(folder: Path, *whats: Capture | Failure | Run) -> Path:
    """Write and seal one file; give its path."""
    out = writer(folder)
    for what in whats:
        out.write(what)
    name = out.seal()
    assert name is not None
    return folder / name
