"""`warraq archive ls|cat`: the originals."""

from __future__ import annotations

import base64
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from crawler.commands.options import FROM, OUTLET, TO, begin, end, limit
from crawler.console import Column, versioned
from crawler.context import Context, command
from crawler.exits import Exit, Stop

if TYPE_CHECKING:
    from archive.archive import Archive
    from archive.capture import Capture
    from archive.rows import CaptureRow

RECORD_ID = re.compile(r"(?:<?urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>?", re.IGNORECASE)
"""A WARC-Record-ID, with or without what WARC writes around it."""

CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
"""What no text holds; on a terminal it could do anything."""

MOMENT = re.compile(
    r"""(?P<year>\d{4}) (?: -?(?P<month>\d{2}) (?: -?(?P<day>\d{2})
        (?: [T ]?(?P<hour>\d{2}) (?: :?(?P<minute>\d{2}) (?: :?(?P<second>\d{2}) (?:\.\d+)? )? )? )? )? )? Z?""",
    re.VERBOSE,
)
"""The time behind `@`: ISO (UTC) or the 14 digits of web archives, either cut short."""


@command(
    "ls",
    examples=(
        "warraq archive ls --outlet example --from 2026-01-01",
        "warraq archive ls --url https://www.example.org/ --json",
    ),
)
@click.option("--url", metavar="URL", help="Of this address only.")
@OUTLET
@FROM
@TO
@limit(None)
def ls(
    context: Context, *, url: str | None, outlet: str | None, since: date | None, until: date | None, limit: int | None
) -> None:
    """List captures, oldest first.

    Dates are those of the capture, in UTC. With --json each line has also its record id, file, offset and digests.
    """
    with context.archive() as archive:
        rows = archive.captures(url, outlet=outlet, since=begin(since), until=end(until), limit=limit)
        columns = (
            Column("time", lambda row: f"{row.started:%Y-%m-%dT%H:%M:%SZ}"),
            Column("status", lambda row: row.status, right=True),
            Column("type", lambda row: row.mime),
            Column("bytes", lambda row: row.length, right=True),
            Column("address", lambda row: row.url),
        )
        context.console.rows("capture", rows, columns, empty="no such captures")


@command(
    "cat",
    examples=(
        "warraq archive cat https://www.example.org/@2026-01-31 > page.html",
        "warraq archive cat https://www.example.org/ --head",
    ),
)
@click.argument("which", metavar="URL[@TIME]|RECORD-ID")
@click.option("--raw", "part", flag_value="raw", help="The whole answer as it came over the wire.")
@click.option("--head", "part", flag_value="head", help="Its status line and headers only.")
@click.option("--entity", "part", flag_value="entity", help="Its body as sent: chunks joined, compression left on.")
@click.option("--request", "part", flag_value="request", help="The request as it went over the wire.")
@click.option("--body", "part", flag_value="body", default=True, help="Its body, decompressed (the default).")
def cat(context: Context, which: str, part: str) -> None:
    """Write the bytes of a capture to stdout.

    Of several captures of an address the one nearest to TIME is meant (2026-01-31, 20260131120000), or the last.
    With --json, the capture's metadata and the bytes in base64. Exit code 7 when there is no such capture.
    """
    with context.archive() as archive:
        row = find(archive, which)
        capture = archive.get(row.id)
    content = cut(capture, part)
    if context.console.json:
        document = {**versioned("capture", row), "part": part, "base64": base64.b64encode(content).decode("ascii")}
        context.console.document("capture", document)
        return
    if context.console.terminal() and CONTROLS.search(content):
        raise Stop(Exit.USAGE, f"{len(content)} bytes that are no text", hint="send them to a file: … > FILE")
    context.console.data(content)


def find(archive: Archive, which: str) -> CaptureRow:
    """Return the capture of a record id, or the nearest one of an address. Raises NotFound."""
    if match := RECORD_ID.fullmatch(which):
        return archive.row(match[1].lower())
    url, when = split(which)
    row = archive.nearest(url, when or datetime.now(UTC))
    if row is None and when is not None:
        row = archive.nearest(which, datetime.now(UTC))  # an address that itself ends in @ and digits
    if row is None:
        raise Stop(Exit.BAD_ANSWER, f"no capture of {url}", hint="`warraq archive ls` lists what there is")
    return row


def split(which: str) -> tuple[str, datetime | None]:
    """Part URL@TIME; a time that is cut short means its first moment."""
    url, at, text = which.rpartition("@")
    match = MOMENT.fullmatch(text) if at else None
    if match is None:
        return which, None
    year, month, day = int(match["year"]), int(match["month"] or 1), int(match["day"] or 1)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    try:
        return url, datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return which, None


def cut(capture: Capture, part: str) -> bytes:
    """Return one part of a capture's bytes."""
    from archive.http import decoded, entity, parse_head

    match part:
        case "raw":
            return capture.interim + capture.response
        case "head":
            return capture.response[: parse_head(capture.response).length]
        case "entity":
            return entity(capture.response)
        case "request":
            return capture.request
    return decoded(capture.response)
