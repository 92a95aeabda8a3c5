"""Serve a DemoWorld over HTTP/1.1 on loopback from a thread: every byte sent is one that the world's log knows."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from crawler.demo.answer import Headers, Request, Wire
from crawler.demo.world import FAULTS, DemoWorld

LARGEST_HEAD = 64 << 10
"""Bytes of a request's head that are read."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, of 0 seconds: closing then sends RST (socket(7))."""


@dataclass(frozen=True, slots=True)
class Served:
    """A world that is being served."""

    world: DemoWorld
    homes: dict[str, str]
    """Each outlet's address."""
    faults: str
    """The address of the host of odd answers; `faults + "fault/<name>"` is one of them."""
    port: int
    """Of the first outlet; where the addresses were free, of all."""


@contextmanager
def serve(world: DemoWorld, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve the world until the block ends; port 0 takes a free one.

    Each outlet has a loopback address of its own (127.0.0.1, 127.0.0.2, …), since politeness goes by host; where the
    system knows only 127.0.0.1 they are told apart by their ports. Raises OSError when the port asked for is taken.
    """
    names = [*world.publications, FAULTS]
    listeners = dict(zip(names, _listen_all(len(names), port), strict=True))
    scheme = "https" if tls else "http"
    homes = {name: "{}://{}:{}/".format(scheme, *listener.getsockname()) for name, listener in listeners.items()}
    world.settle(homes)
    server = _Server(world, listeners, tls)
    server.start()
    try:
        yield Served(world, world.homes, world.faults_home, listeners[names[0]].getsockname()[1])
    finally:
        server.stop()


class _Server(threading.Thread):
    """The event loop that answers, in a thread of its own."""

    def __init__(self, world: DemoWorld, listeners: dict[str, socket.socket], tls: ssl.SSLContext | None) -> None:
        super().__init__(name="demo-world", daemon=True)
        self._world, self._listeners, self._tls = world, listeners, tls
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._open: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        super().start()
        self._ready.wait()

    def stop(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._done.set)
        self.join()

    def run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        servers = [await self._server(name, listener) for name, listener in self._listeners.items()]
        self._ready.set()
        await self._done.wait()
        for server in servers:
            server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _server(self, outlet: str, listener: socket.socket) -> asyncio.Server:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._open.add(task)
            try:
                await self._converse(outlet, reader, writer)
            except asyncio.CancelledError:
                # Only stop() cancels; asyncio before 3.12 prints a trace for a connection whose task ends cancelled.
                writer.transport.abort()
            finally:
                self._open.discard(task)

        return await asyncio.start_server(connected, sock=listener, ssl=self._tls, limit=LARGEST_HEAD)

    async def _converse(self, outlet: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The client may leave, cut or garble at any point: that ends its connection and nothing else.
        try:
            going = True
            while going:
                request = await _read_request(reader)
                if request is None:
                    break
                going = await _send(self._world.respond(outlet, request), reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _send(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Write an answer; True when the connection stays for another request."""
    for step in wire.steps:
        if step.pause:
            await asyncio.sleep(step.pause)
        writer.write(step.data)
        await writer.drain()
    if wire.end == "reset":
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
    elif wire.end == "hold":
        await reader.read()
    return wire.end == "keep"


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or None at the connection's end or where the words are not HTTP."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        return None
    headers: Headers = tuple(
        (name.strip(), value.strip()) for name, colon, value in (line.partition(":") for line in lines) if colon
    )
    length = next((value for name, value in headers if name.lower() == "content-length"), "0")
    body = await reader.readexactly(int(length)) if length.isdigit() else b""
    return Request(words[0], words[1], headers, head + body, body)


def _listen_all(count: int, port: int) -> Sequence[socket.socket]:
    listeners = [_listen("127.0.0.1", port)]
    try:
        for number in range(2, count + 1):
            listeners.append(_listen_beside(f"127.0.0.{number}", listeners[0].getsockname()[1]))
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def _listen_beside(address: str, port: int) -> socket.socket:
    for place in ((address, port), (address, 0)):
        with suppress(OSError):
            return _listen(*place)
    return _listen("127.0.0.1", 0)


def _listen(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
