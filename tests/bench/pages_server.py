"""A bare HTTP/1.1 server of made-up pages on twenty loopback addresses, for measuring what a crawler costs.

    python -m tests.bench.pages_server PAGES PORT

Pages are 60-100 KB of HTML with words, links and mark-up in the proportions of news pages, all different; served from
memory, so that the server is never what is measured.
"""

from __future__ import annotations

import asyncio
import random
import sys

HOSTS = [f"127.0.1.{n}" for n in range(1, 21)]
WORDS = ["الحكومة", "المدينة", "council", "harvest", "bibliothèque", "اليوم", "weather", "کتابخانه", "图书馆", "vote"]


def page(number: int) -> bytes:
    """Return one page: the same for the same number, of 60 to 100 KB."""
    rng = random.Random(number)
    size, parts, length = rng.randrange(60_000, 100_000), [], 0
    while length < size:
        words = " ".join(
            rng.choice(WORDS) + (str(rng.randrange(1000)) if rng.random() < 0.3 else "") for _ in range(40)
        )
        part = (
            f'<div class="item-{rng.randrange(10**6)}"><a href="/article/{rng.randrange(10**6)}">{words[:60]}</a>'
            f"<p>{words}</p></div>\n"
        )
        parts.append(part)
        length += len(part.encode())
    head = f'<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>{number}</title></head><body>'
    body = (head + "".join(parts) + "</body></html>").encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Pages(asyncio.Protocol):
    """Answers `GET /page/N` from memory."""

    answers: list[bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, self.waiting = self.waiting.split(b"\r\n\r\n", 1)
            target = head.split(b" ", 2)[1].decode()
            number = target.removeprefix("/page/")
            found = number.isdigit() and int(number) < len(self.answers)
            answer = self.answers[int(number)] if found else b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            self.transport.write(answer)  # type: ignore[attr-defined]


async def serve(pages: int, port: int) -> None:
    """Serve until killed; prints a line when ready."""
    Pages.answers = [page(n) for n in range(pages)]
    loop = asyncio.get_running_loop()
    for host in HOSTS:
        await loop.create_server(Pages, host, port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
