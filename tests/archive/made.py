"""Captures made by hand, as the download handler would deliver them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from archive.capture import Capture, Failure, Provenance, Why
from archive.version import Run

START = datetime(2026, 5, 3, 12, 0, 0, 123456, tzinfo=UTC)
PARAGRAPHS = (
    "The council met on Tuesday evening to decide about the old bridge, which has been closed since the winter.",
    "Engineers told the members that the two middle arches can be saved if the work begins before the autumn rains.",
    "Traders of the lower town, who have lost half of their customers, asked for a ferry until the bridge is open.",
)


def html(title: str, *paragraphs: str, canonical: str = "", published: str = "") -> bytes:
    """Write a page with an article on it."""
    head = f"<title>{title}</title><meta charset=utf-8>"
    if canonical:
        head += f'<link rel="canonical" href="{canonical}">'
    if published:
        head += f'<meta property="article:published_time" content="{published}">'
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or PARAGRAPHS)
    body = f"<header><nav><a href=/>Home</a></nav></header><article><h1>{title}</h1>{text}</article>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


def answer(body: bytes, status: str = "200 OK", *headers: str, mime: str | None = "text/html; charset=utf-8") -> bytes:
    """Write a response as it comes over the wire."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {mime}"] if mime else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def capture(number: int = 0, path: str = "a", response: bytes | None = None, **values: Any) -> Capture:
    """Make the n-th exchange, an hour after the one before."""
    outlet, why = values.pop("outlet", "example"), values.pop("why", "article")
    assert why in get_args(Why)
    url = f"https://{outlet}.org/{path}"
    made: dict[str, Any] = {
        "url": url,
        "started": START + timedelta(hours=number),
        "request": f"GET /{path} HTTP/1.1\r\nHost: {outlet}.org\r\n\r\n".encode(),
        "response": answer(html("The old bridge")) if response is None else response,
        "provenance": Provenance(outlet=outlet, run=f"run-{outlet}", why=why, via=f"https://{outlet}.org/"),
        "peer": "192.0.2.1",
        **values,
    }
    return Capture(**made)


def failure(number: int = 0, path: str = "gone", **values: Any) -> Failure:
    """Make a request without an answer."""
    made: dict[str, Any] = {
        "url": f"https://example.org/{path}",
        "started": START + timedelta(hours=number),
        "provenance": Provenance(outlet="example", run="run-example", why="article"),
        "cause": "refused",
        "message": "connection refused",
        **values,
    }
    return Failure(**made)


def run(outlet: str = "example", **values: Any) -> Run:
    """Make a run."""
    return Run(**{"id": f"run-{outlet}", "outlet": outlet, "started": START, **values})
