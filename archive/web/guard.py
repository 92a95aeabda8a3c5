"""What every request passes first: reading only, by our own name only, and with our headers on every answer."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from archive.web.render import Notices

READING = frozenset({"GET", "HEAD"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Guard:
    """Wraps an application: GET and HEAD for its own origin go through, anything else is told why not.

    The name is checked because a stranger's name can be made to lead here (DNS rebinding), and then the stranger's
    page would be of our origin.
    """

    def __init__(self, app: ASGIApp, notice: Notices, *, origin: str, headers: Mapping[str, str]) -> None:
        self.app = app
        self.notice = notice
        self.origin = origin
        self.host = urlsplit(origin).netloc
        self.port = urlsplit(origin).port
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        refusal = self._refusal(Request(scope))
        await (refusal or self.app)(scope, receive, sent)

    def _refusal(self, request: Request) -> Response | None:
        if request.method not in READING:
            refusal = self.notice(request, HTTPStatus.METHOD_NOT_ALLOWED, "read-only")
            refusal.headers["Allow"] = ", ".join(sorted(READING))
            return refusal
        raw: bytes = request.scope.get("raw_path") or b"/"
        query: bytes = request.scope["query_string"]
        if b"%00" in raw + query:
            # No text of ours holds U+0000, and PostgreSQL takes it for an error.
            return self.notice(request, HTTPStatus.BAD_REQUEST, "bad-url")
        host = request.headers.get("host", "")
        if host == self.host:
            return None
        name, _, port = host.rpartition(":")
        if name in LOOPBACK_NAMES and port == str(self.port):
            # One name for all, so that pages and frames know each other.
            target = f"{self.origin}/{raw.decode('latin-1').lstrip('/')}"
            target += f"?{query.decode('latin-1')}" if query else ""
            return Response(status_code=HTTPStatus.TEMPORARY_REDIRECT, headers={"Location": target})
        return self.notice(request, HTTPStatus.MISDIRECTED_REQUEST, "other-host")
