"""The replay origin: archived pages as they were, on an origin of their own, scripts off, never the live web."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import request_response
from starlette.types import ASGIApp

from archive.archive import Archive
from archive.capture import Capture
from archive.errors import Damaged, NotFound, StorageError
from archive.http import decoded, entity_of, media_type, parse_head
from archive.index.surt import urlkey
from archive.replay import charset, headers
from archive.replay.address import PAGE, PART, RAW, Asked, BadAddress, Links, digits, path_to, read, web_url
from archive.replay.css import rewrite_css
from archive.replay.rewrite import rewrite_html
from archive.rows import CaptureRow

RECORD: Final = re.compile(r"/record/(?P<id>[0-9A-Za-z-]{1,64})(?P<raw>/raw)?(?:\?.*)?", re.ASCII | re.DOTALL)
MOMENT: Final = timedelta(seconds=1)
"""What 14 digits cannot part."""

MOST_CAPTURES: Final = 10_000
"""Captures of one address that are looked through for one that is no redirect to itself."""

HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
ACTIVE: Final = re.compile(
    r"(?:application|text)/[\w.+-]*(?:javascript|ecmascript|json|xml|xsl)[\w.+-]*", re.ASCII | re.IGNORECASE
)
"""Types that a browser may run or transform: shown as the text that they are."""

LOOKS_LIKE_HTML: Final = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|!--)", re.IGNORECASE)


Notice = Callable[[Request, HTTPStatus, str, str], Response]
"""Makes a page that says why there is nothing else, of request, status, key of a text, and address to show."""


def replay_app(archive: Archive, notice: Notice) -> ASGIApp:
    """Make the application. Whoever serves it adds the headers of archive.replay.headers to every answer."""
    return request_response(Replay(archive, notice).answer)


class Replay:
    """Answers requests from the archive. Its methods may be called from any thread."""

    def __init__(self, archive: Archive, notice: Notice) -> None:
        self.archive = archive
        self.notice = notice

    def answer(self, request: Request) -> Response:
        """Answer a request for a capture, by its address and time or by its record id."""
        target = _target(request)
        try:
            if record := RECORD.fullmatch(target):
                row = self.archive.row(record["id"])
                return self._serve(row, RAW if record["raw"] else PAGE, request)
            return self._by_address(read(target), request)
        except BadAddress as bad:
            return self.notice(request, HTTPStatus.BAD_REQUEST, f"bad-{bad}", target[1:])
        except NotFound:
            return self.notice(request, HTTPStatus.NOT_FOUND, "no-record", "")
        except (Damaged, StorageError):
            return self.notice(request, HTTPStatus.INTERNAL_SERVER_ERROR, "damaged", target[1:])

    def _by_address(self, asked: Asked, request: Request) -> Response:
        if asked.when is None:
            return self._timegate(asked, request)
        row = self._choose(asked)
        if row is None:
            return self.notice(request, HTTPStatus.NOT_FOUND, "not-archived", asked.url)
        if digits(row.started) != digits(asked.when) and asked.modifier != PART:
            return _redirect(path_to(row.url, digits(row.started), asked.modifier), {})
        return self._serve(row, asked.modifier, request)

    def _timegate(self, asked: Asked, request: Request) -> Response:
        """Redirect to the capture nearest to Accept-Datetime, or to the latest (RFC 7089 section 4.1, pattern 1.1)."""
        wanted = request.headers.get("accept-datetime")
        try:
            when = parsedate_to_datetime(wanted) if wanted else datetime.now(UTC)
        except ValueError:
            return self.notice(request, HTTPStatus.BAD_REQUEST, "bad-time", asked.url)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        row = self.archive.nearest(asked.url, when)
        if row is None:
            answer = self.notice(request, HTTPStatus.NOT_FOUND, "not-archived", asked.url)
        else:
            said = {"Link": headers.memento(row.url, row.started)["Link"]}
            answer = _redirect(path_to(row.url, digits(row.started), PAGE), said)
        answer.headers["Vary"] = "accept-datetime"
        return answer

    def _choose(self, asked: Asked) -> CaptureRow | None:
        """Pick the capture of the asked second, spelled as asked if there are several; else the nearest in time."""
        assert asked.when is not None
        there = list(islice(self.archive.captures(asked.url, since=asked.when, until=asked.when + MOMENT), 100))
        there = [row for row in there if row.started < asked.when + MOMENT]
        row: CaptureRow | None
        if there:
            row = min(there, key=lambda r: (r.url != asked.url, _to_itself(r), r.status != HTTPStatus.OK, r.started))
        else:
            row = self.archive.nearest(asked.url, asked.when)
        if row is None or asked.modifier == RAW or not _to_itself(row):
            return row
        # http → https, or to www.: one key, so that the redirect's target has the redirect beside it. Step over it.
        others = [r for r in islice(self.archive.captures(asked.url), MOST_CAPTURES) if not _to_itself(r)]
        near = row.started
        return min(others, key=lambda r: (abs(r.started - near), r.started), default=row)

    def _serve(self, row: CaptureRow, modifier: str, request: Request) -> Response:
        said = headers.memento(row.url, row.started)
        target = _within(row, modifier)
        if target and modifier != RAW and not _to_itself(row):
            return _redirect(target, said)
        try:
            capture = self.archive.get(row.id)
        except NotFound as gone:
            raise Damaged(f"{row.file}: the record {row.id} is gone") from gone
        head = parse_head(capture.response)
        status = head.status if head.status is not None and 200 <= head.status < 600 else HTTPStatus.OK
        if modifier == RAW:
            if target:
                said["Location"] = target
            body, kind = entity_of(capture.response, head), headers.as_archived(head)
        else:
            # 304 names what was there before, and a redirect that leads nowhere is the page that it came with.
            status = HTTPStatus.OK if 300 <= status < 400 else status
            body, kind = _shown(capture, row, as_sheet=request.headers.get("sec-fetch-dest") == "style")
        kind.setdefault("Content-Type", "application/octet-stream")
        if status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            body = b""
        return Response(body, status, {**kind, **said, **headers.fonts(kind["Content-Type"])})


def _target(request: Request) -> str:
    """The path as it was sent, percent-encoding on, and the query: both belong to the archived address."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("utf-8", "replace")


def _redirect(path: str, said: Mapping[str, str]) -> Response:
    return Response(status_code=HTTPStatus.FOUND, headers={**said, "Location": path})


def _to_itself(row: CaptureRow) -> bool:
    return row.location is not None and urlkey(row.location) == row.urlkey


def _within(row: CaptureRow, modifier: str) -> str:
    """Where an archived redirect leads within the archive; empty where it leads to no web address."""
    try:
        return path_to(web_url(row.location or ""), digits(row.started), modifier)
    except BadAddress:
        return ""


def _shown(capture: Capture, row: CaptureRow, *, as_sheet: bool) -> tuple[bytes, dict[str, str]]:
    """The body to show and the headers that say what it is: content coding off, pages and style sheets rewritten."""
    head = parse_head(capture.response)
    body = decoded(capture.response)
    links = Links(row.url, digits(row.started))
    kind = headers.as_archived(head)
    kind.pop("Content-Encoding", None)
    declared = media_type(head).lower()
    if declared in HTML or (not declared and LOOKS_LIKE_HTML.match(body)):
        kind["Content-Type"] = "text/html; charset=utf-8"
        return rewrite_html(body, links, head.get("content-type")), kind
    if declared == "text/css" or as_sheet:
        kind["Content-Type"] = "text/css; charset=utf-8"
        return rewrite_css(charset.read(body, head.get("content-type")), links).encode("utf-8", "replace"), kind
    if ACTIVE.fullmatch(declared):
        kind["Content-Type"] = "text/plain; charset=utf-8"
        return charset.read(body, head.get("content-type")).encode("utf-8", "replace"), kind
    return body, kind
