"""Serves an archive: the reading room and the replay origin, two ports of one process."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from archive.archive import Archive
from archive.errors import ArchiveError
from archive.replay import headers
from archive.replay.app import replay_app
from archive.web.app import web_app
from archive.web.guard import Guard
from archive.web.render import Notices, Renderer
from settings.site import Site

HOST: Final = "127.0.0.1"
PORT: Final = 8080
REPLAY_PORT: Final = 8081

BACKLOG: Final = 512
GRACE: Final = 5
"""Seconds that answers under way are waited for at the end."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the two applications answer, as in `http://127.0.0.1:8080`."""

    app: str
    replay: str


def serve(
    site: Site,
    host: str = HOST,
    port: int = PORT,
    replay_port: int = REPLAY_PORT,
    ready: Callable[[Origins], None] | None = None,
) -> None:
    """Serve an archive until SIGTERM or Ctrl-C, then return.

    Port 0 takes a free one. `ready` is told both origins once they answer; without it they are printed, one a line.
    Raises ArchiveError for a host that is not this machine's own, or a port that is taken; else what Archive.open does.
    """
    with _opened(site, host, port, replay_port) as servers:
        servers.run(ready or _print)


@contextlib.contextmanager
def serving(site: Site, host: str = HOST, port: int = 0, replay_port: int = 0) -> Iterator[Origins]:
    """Serve an archive from a thread of this process while the context lasts."""
    with _opened(site, host, port, replay_port) as servers:
        answering = threading.Event()

        def run() -> None:
            try:
                servers.run(lambda _: answering.set())
            finally:
                answering.set()

        thread = threading.Thread(target=run, name="warraq-serve")
        thread.start()
        try:
            answering.wait()
            yield servers.origins
        finally:
            servers.stop()
            thread.join()


def _print(origins: Origins) -> None:
    sys.stdout.write(f"{origins.app}\n{origins.replay}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def _opened(site: Site, host: str, port: int, replay_port: int) -> Iterator[_Servers]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(_bind(host, number)) for number in (port, replay_port)]
        app_origin, replay_origin = (_origin(bound) for bound in sockets)
        archive = stack.enter_context(Archive.open(site))
        renderer = Renderer()
        notices = Notices(renderer, "notice.html")
        safety = headers.safety(headers.policy(replay_origin, (app_origin,)))
        apps: list[ASGIApp] = [
            web_app(archive, renderer, origin=app_origin, replay_origin=replay_origin),
            Guard(replay_app(archive, notices), notices, origin=replay_origin, headers=safety),
        ]
        yield _Servers(Origins(app_origin, replay_origin), apps, sockets)


def _bind(host: str, port: int) -> socket.socket:
    name = HOST if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(name).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ArchiveError(
            f"{host} is not this machine's own address: the archive would be open to others",
            hint=f"serve on {HOST} and let an authenticating proxy or an SSH tunnel lead there",
        )
    if not 0 <= port <= 65535:
        raise ArchiveError(f"{port} is no port", hint="ports are 0 to 65535; 0 takes a free one")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    try:
        bound = socket.create_server((name, port), family=family, backlog=BACKLOG)
    except OSError as error:
        taken = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise ArchiveError(f"port {port} of {host} {taken}", hint="choose another; port 0 takes a free one") from error
    # asyncio does this only for sockets that were made with IPPROTO_TCP by name. Without it, head and body of an answer
    # are two packets of which the second waits 40 ms for an acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def _origin(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """A server that leaves signals alone: two share one process, and both must end, with exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Servers:
    def __init__(self, origins: Origins, apps: list[ASGIApp], sockets: list[socket.socket]) -> None:
        self.origins = origins
        self._sockets = sockets
        self._servers = [_Server(_config(app)) for app in apps]

    def run(self, ready: Callable[[Origins], None]) -> None:
        """Serve until stopped or told to end by a signal."""
        asyncio.run(self._serve(ready))

    def stop(self) -> None:
        """End serving; may be called from any thread."""
        for server in self._servers:
            server.should_exit = True

    async def _serve(self, ready: Callable[[Origins], None]) -> None:
        loop = asyncio.get_running_loop()
        # Signals reach the main thread only; elsewhere whoever started us stops us.
        ours = SIGNALS if threading.current_thread() is threading.main_thread() else ()
        for number in ours:
            loop.add_signal_handler(number, self.stop)
        try:
            async with asyncio.TaskGroup() as tasks:
                for server, bound in zip(self._servers, self._sockets, strict=True):
                    tasks.create_task(server.serve(sockets=[bound]))
                while not all(s.started or s.should_exit for s in self._servers):  # noqa: ASYNC110 (uvicorn has no event)
                    await asyncio.sleep(0.005)
                ready(self.origins)
        finally:
            for number in ours:
                loop.remove_signal_handler(number)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE,
        ws="none",
    )
