"""The reading room: outlets, articles beside their originals, search, provenance. Each page also as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import Final
from urllib.parse import quote

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from archive.archive import Archive
from archive.errors import ArchiveError, NotFound
from archive.replay.address import digits, path_to
from archive.rows import CaptureRow
from archive.search.query import Query, parse
from archive.search.snippet import mark
from archive.version import Version
from archive.web.guard import Guard
from archive.web.render import Notices, Renderer

PAGE_SIZE: Final = 20
NEWEST: Final = 30
"""Articles on the first page."""
MOST_CAPTURES: Final = 500
"""Captures of one address that are listed."""
LONGEST_QUERY: Final = 1000
"""Characters."""
LAST_PAGE: Final = 10_000
PARAMETERS: Final = frozenset({"q", "language", "outlet", "from", "to", "page"})
"""What a link to another page or language of the same view carries along."""


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows: a template, and the document that is filled in or given as JSON."""

    template: str
    document: Mapping[str, object]


class Refused(Exception):
    """A request that cannot be answered as it stands; the argument is the key of a text that says why."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def web_app(archive: Archive, renderer: Renderer, *, origin: str, replay_origin: str) -> ASGIApp:
    """Make the application. Both origins as in `http://127.0.0.1:8080`."""
    room = ReadingRoom(archive, renderer, replay_origin)
    pages: Mapping[str, Callable[[Request], View]] = {
        "/index": room.home,
        "/outlet/{id}": room.outlet,
        "/article/{id}": room.article,
        "/capture/{id}": room.capture,
        "/search": room.search,
    }
    routes: list[Route | Mount] = [Route("/", partial(room.answer, room.home))]
    for path, view in pages.items():
        routes.append(Route(f"{path}.json", partial(room.answer_json, view)))
        routes.append(Route(path, partial(room.answer, view)))
    routes.append(Mount("/static", StaticFiles(packages=[("archive.web", "static")])))
    safety = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src {replay_origin}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    app = Starlette(routes=routes, exception_handlers={HTTPStatus.NOT_FOUND: room.answer_nothing})
    return Guard(app, Notices(renderer, "error.html"), origin=origin, headers=safety)


class ReadingRoom:
    """Answers requests from the archive. Its methods may be called from any thread."""

    def __init__(self, archive: Archive, renderer: Renderer, replay_origin: str) -> None:
        self.archive = archive
        self.renderer = renderer
        self.replay_origin = replay_origin

    # --- answers --------------------------------------------------------------------------------------------------
    def answer(self, view: Callable[[Request], View], request: Request) -> Response:
        """Answer with a page."""
        words = self.renderer.words(request)
        status, shown = self._status(view, request)
        asked = {name: value for name, value in request.query_params.items() if name in PARAMETERS}
        path = quote(request.url.path, safe="/")
        html = self.renderer.render(shown.template, words, path=path, asked=asked, **shown.document)
        headers = {"Content-Language": words.catalogue.code, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
        return Response(html, status, headers, media_type="text/html")

    def answer_json(self, view: Callable[[Request], View], request: Request) -> Response:
        """Answer with the same document as JSON."""
        status, shown = self._status(view, request)
        document = shown.document
        if status != HTTPStatus.OK:
            message = str(document["message"])
            said = self.renderer.words(request).catalogue.texts[message]
            document = {"error": {"code": message, "message": said}}
        return Response(msgspec.json.encode(document), status, media_type="application/json")

    def answer_nothing(self, request: Request, error: Exception) -> Response:
        """Answer for a path that is no page."""

        def nothing(request: Request) -> View:
            raise Refused("not-found", HTTPStatus.NOT_FOUND)

        return self.answer(nothing, request)

    def _status(self, view: Callable[[Request], View], request: Request) -> tuple[HTTPStatus, View]:
        try:
            return HTTPStatus.OK, view(request)
        except Refused as refused:
            status, message = refused.status, refused.message
        except NotFound:
            status, message = HTTPStatus.NOT_FOUND, "not-found"
        except ArchiveError:
            status, message = HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"
        return status, View("error.html", {"message": message, "status": int(status), "url": ""})

    # --- views ----------------------------------------------------------------------------------------------------
    def home(self, request: Request) -> View:
        """Show every outlet, and the newest articles of all."""
        return View("home.html", {"outlets": self.archive.outlets(), "articles": self.archive.articles(limit=NEWEST)})

    def outlet(self, request: Request) -> View:
        """Show one outlet's articles, newest first."""
        wanted = request.path_params["id"]
        summary = next((outlet for outlet in self.archive.outlets() if outlet.id == wanted), None)
        if summary is None:
            raise Refused("no-outlet", HTTPStatus.NOT_FOUND)
        page = _page(request)
        articles = self.archive.articles(outlet=wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
        return View(
            "outlet.html", {"outlet": summary, "articles": articles, "page": page, "pages": _pages(summary.articles)}
        )

    def article(self, request: Request) -> View:
        """Show an article's text beside its original, with its versions and where it comes from."""
        article = self.archive.article(request.path_params["id"])
        row = self.archive.row(article.capture_id)
        captures = list(islice(self.archive.captures(row.url, outlet=row.outlet), MOST_CAPTURES))
        versions = [_version(version) for version in self.archive.versions(article.id)]
        document = {"article": article, "versions": versions, "captures": captures, "capture": row}
        return View("article.html", {**document, **self._replayed(row)})

    def capture(self, request: Request) -> View:
        """Show where a capture lies and how it came to be."""
        row = self.archive.row(request.path_params["id"])
        return View("capture.html", {"capture": row, **self._replayed(row)})

    def search(self, request: Request) -> View:
        """Search the articles' words."""
        query, page = _query(request), _page(request)
        counts = self.archive.search(Query(count_by="language", limit=0)).counts
        document: dict[str, object] = {
            "query": query,
            "languages": dict(counts),
            "outlets": [outlet.id for outlet in self.archive.outlets()],
            "page": page,
            "pages": 0,
            "total": 0,
            "hits": [],
            "asking": bool(query.text.strip() or query.language or query.outlet or query.since or query.until),
            "wordless": bool(query.text.strip()) and parse(query.text) is None,
        }
        if document["asking"]:
            found = self.archive.search(query)
            hits = [
                {"article": hit.article, "title": mark(hit.article.title or "", query.text), "snippet": hit.snippet}
                for hit in found.hits
            ]
            document |= {"total": found.total, "pages": _pages(found.total), "hits": hits}
        return View("search.html", document)

    def _replayed(self, row: CaptureRow) -> dict[str, object]:
        record = f"{self.replay_origin}/record/{row.id}"
        dated = self.replay_origin + path_to(row.url, digits(row.started), "")
        return {"replay": record, "raw": f"{record}/raw", "dated": dated}


def _version(version: Version) -> dict[str, object]:
    """A version without its text: the article page shows the latest, and each has a capture of its own."""
    return {
        "id": version.id,
        "ordinal": version.ordinal,
        "first_seen": version.first_seen,
        "last_seen": version.last_seen,
        "captures": version.captures,
        "capture_id": version.first_capture,
        "title": version.article.title,
        "language": version.article.language,
        "text_digest": version.text_digest,
    }


def _pages(total: int) -> int:
    return -(-total // PAGE_SIZE)


def _page(request: Request) -> int:
    asked = request.query_params.get("page") or "1"
    if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= LAST_PAGE and len(asked) <= 6):
        raise Refused("bad-page")
    return int(asked)


def _query(request: Request) -> Query:
    asked = request.query_params
    text = asked.get("q", "")
    if len(text) > LONGEST_QUERY:
        raise Refused("long-query")
    return Query(
        text=text,
        language=asked.get("language") or None,
        outlet=asked.get("outlet") or None,
        since=_day(asked.get("from")),
        until=_day(asked.get("to")),
        limit=PAGE_SIZE,
        offset=(_page(request) - 1) * PAGE_SIZE,
    )


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("bad-date") from error
