"""A raw socket server on loopback that says exactly what a script tells it to, and remembers every byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

RESET = "reset"
CLOSE = "close"
Step = bytes | float | str
"""Bytes to send, seconds to wait, or how to end: CLOSE, RESET. A script without an end keeps the connection."""


@dataclass
class Exchange:
    """What one request and its answer were, as the server saw them."""

    path: str
    request: bytes
    arrived: float
    """time.monotonic() when the request was there as a whole."""
    connection: int
    """Serial number of the connection."""
    host: str
    """The address that the client connected to."""
    sent: bytearray = field(default_factory=bytearray)


Script = list[Step] | Callable[[Exchange], list[Step]]


class RawServer:
    """Serves scripts by path on every loopback address (127.0.0.0/8, and ::1 where there is IPv6)."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        *,
        tls: ssl.SSLContext | None = None,
        greeting: bytes = b"",
        handshake_after: float = 0.0,
    ) -> None:
        self.scripts = dict(scripts)
        self.log: list[Exchange] = []
        self.accepted = 0
        self._tls, self._greeting, self._handshake_after = tls, greeting, handshake_after
        self._closed = threading.Event()
        self._listeners: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port = 0

    def __enter__(self) -> RawServer:
        first = self._listen(socket.AF_INET, "0.0.0.0", 0)
        self.port = first.getsockname()[1]
        with contextlib.suppress(OSError):
            self._listen(socket.AF_INET6, "::1", self.port)
        for listener in self._listeners:
            self._start(self._accept, listener)
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join(10)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str | None = None) -> str:
        return f"{scheme or ('https' if self._tls else 'http')}://{host}:{self.port}{path}"

    def exchanges(self, path: str) -> list[Exchange]:
        return [exchange for exchange in self.log if exchange.path == path]

    def only(self, path: str) -> Exchange:
        [exchange] = self.exchanges(path)
        return exchange

    def _listen(self, family: socket.AddressFamily, host: str, port: int) -> socket.socket:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            listener.close()
            raise
        listener.listen(64)
        self._listeners.append(listener)
        return listener

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._closed.is_set():
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._start(self._serve, plain, self.accepted)

    def _serve(self, plain: socket.socket, number: int) -> None:
        plain.settimeout(0.2)
        connection = plain
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.ExitStack() as stack:
            stack.callback(plain.close)
            if self._tls is not None:
                self._closed.wait(self._handshake_after)
                plain.settimeout(5)
                connection = stack.enter_context(self._tls.wrap_socket(plain, server_side=True))
                connection.settimeout(0.2)
            if self._greeting:
                connection.sendall(self._greeting)
                return
            for exchange in self._requests(connection, number):
                script = self.scripts.get(exchange.path, [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"])
                if not self._play(connection, exchange, script(exchange) if callable(script) else script):
                    return

    def _requests(self, connection: socket.socket, number: int) -> Iterator[Exchange]:
        waiting = b""
        while not self._closed.is_set():
            head, blank, rest = waiting.partition(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
            )
            if blank and len(rest) >= length:
                request, waiting = waiting[: len(head) + 4 + length], rest[length:]
                path = request.split(b" ", 2)[1].decode("ascii")
                exchange = Exchange(path, request, time.monotonic(), number, connection.getsockname()[0])
                self.log.append(exchange)
                yield exchange
                continue
            try:
                data = connection.recv(65536)
            except TimeoutError:
                continue
            if not data:
                return
            waiting += data

    def _play(self, connection: socket.socket, exchange: Exchange, script: list[Step]) -> bool:
        """Play a script; tell whether the connection stays open."""
        for step in script:
            if self._closed.is_set() or step == CLOSE:
                return False
            if step == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            if isinstance(step, float | int):
                self._closed.wait(step)
            elif isinstance(step, bytes):
                connection.settimeout(20)
                connection.sendall(step)
                connection.settimeout(0.2)
                exchange.sent += step
        return True


def answer(body: bytes = b"", status: str = "200 OK", *, head: bytes = b"") -> bytes:
    """Make a whole plain answer; `head` holds further header lines, each with its CR LF."""
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status.encode(), head, len(body), body)
