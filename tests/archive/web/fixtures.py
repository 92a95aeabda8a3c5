"""One small archive, served for real on loopback, for all tests of replay and reading room."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from archive.web.serve import Origins, serving
from tests.archive.web.house import House, build, harbour_world


@dataclass(frozen=True, slots=True)
class Served:
    """A house and where it answers."""

    house: House
    origins: Origins


@pytest.fixture(scope="session")
def archive_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Give the archive of harbour_world; nobody writes to it."""
    return build(tmp_path_factory.mktemp("house"), harbour_world())


@pytest.fixture(scope="session")
def served(archive_house: House) -> Iterator[Served]:
    """Serve the archive on free ports."""
    with serving(archive_house.site) as origins:
        yield Served(archive_house, origins)


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """Give a client that follows no redirects and asks in no language."""
    with httpx.Client(headers={"Accept-Language": ""}, timeout=30) as client:
        yield client


def ask_raw(origin: str, target: str | bytes, *, method: str = "GET", host: str | None = None) -> tuple[int, bytes]:
    """Send a request line as it stands, which no client would send; give the status and the whole answer."""
    parts = urlsplit(origin)
    assert parts.hostname
    assert parts.port
    line = target.encode() if isinstance(target, str) else target
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(
            b"%b %b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n"
            % (method.encode(), line, (parts.netloc if host is None else host).encode())
        )
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return int(answer.split(b" ", 2)[1]), answer
