"""A served demo world, and a client that sees bytes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from crawler.demo.server import Served, serve
from crawler.demo.world import DemoWorld

Ask = Callable[..., bytes]


@pytest.fixture(scope="package")
def running() -> Iterator[Served]:
    with serve(DemoWorld()) as served:
        yield served


@pytest.fixture
def served(running: Served) -> Served:
    """The package's one world, back on day 0 and with an empty log."""
    running.world.set_day(0)
    running.world.log.clear()
    return running


@pytest.fixture(scope="package")
def client() -> Iterator[httpx.Client]:
    """Follows no redirects and uses no proxy of the environment."""
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def ask() -> Ask:
    """Send one request over a socket and give every byte that came back, until the connection's end."""

    def ask(url: str, *headers: str, method: str = "GET") -> bytes:
        parts = urlsplit(url)
        target = url.split(parts.netloc, 1)[1] or "/"
        lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close", *headers, "", ""]
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
            connection.sendall("\r\n".join(lines).encode())
            received = bytearray()
            while data := connection.recv(65536):
                received += data
        return bytes(received)

    return ask
