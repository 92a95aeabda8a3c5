"""The gate that each request passes: one under way a host, and never two sooner than the host's delay."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from crawler.errors import GivenUp, Stopping

MARGIN = 0.02
"""Share of the delay that is waited on top, against the jitter of the way to the server."""
MARGIN_SECONDS = 0.03
"""The same, fixed: a machine at full load was seen to deliver one request 26 ms late, and the next one in time."""
SLICE = 1.0
"""Seconds after which a waiting request looks whether its crawl is still wanted."""


@dataclass(slots=True)
class _Host:
    base: float | None = None
    asked: float = 0.0
    busy: bool = False
    last: float = float("-inf")
    """When the last request left."""
    paused_until: float = float("-inf")
    given_up_until: float = float("-inf")
    reason: str = ""
    line: deque[asyncio.Event] = field(default_factory=deque)


class Gate:
    """Paces hosts, names in lower case, ports left out. One gate serves every crawler of a process.

    The delay of a host is counted from when the last request's bytes left, as the protocol tells; never from when it
    was taken off a queue. `clock` gives monotonic seconds, `sleep` waits for some.
    """

    def __init__(
        self,
        delay: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._default = delay
        self._clock, self._sleep = clock, sleep
        self._hosts: dict[str, _Host] = {}

    def base(self, host: str, seconds: float) -> None:
        """Set what the outlet's file says of a host, in place of the site's delay."""
        self._host(host).base = seconds

    def delay(self, host: str, seconds: float) -> None:
        """Raise a host's delay (Crawl-delay); it is never lowered by this."""
        found = self._host(host)
        found.asked = max(found.asked, seconds)

    def interval(self, host: str) -> float:
        """Return the seconds that lie between two requests to a host, without the margin."""
        return self._interval(self._host(host))

    def pause(self, host: str, seconds: float) -> None:
        """Ask nothing of a host for some seconds from now; a longer pause that it has already stays."""
        found = self._host(host)
        found.paused_until = max(found.paused_until, self._clock() + seconds)

    def paused(self, host: str) -> bool:
        """Tell whether a host is to be left alone for now."""
        return self._host(host).paused_until > self._clock()

    def give_up(self, host: str, seconds: float, reason: str) -> None:
        """Let nobody wait for a host for some seconds from now: its requests are turned away, for `reason`."""
        found = self._host(host)
        found.given_up_until, found.reason = max(found.given_up_until, self._clock() + seconds), reason

    def given_up(self, host: str) -> str:
        """Return why a host is given up; empty if it is not."""
        found = self._host(host)
        return found.reason if found.given_up_until > self._clock() else ""

    async def turn(self, host: str, *, stopping: Callable[[], bool] = lambda: False) -> Turn:
        """Wait until a host may be asked, first come, first served.

        Raises Stopping when `stopping` turns true, and GivenUp for a host that is.
        """
        found = self._host(host)
        ticket = asyncio.Event()
        found.line.append(ticket)
        try:
            while (wait := self._wait(found, ticket)) != 0:
                if stopping():
                    raise Stopping("the crawl is ending")
                self._turn_away(host)
                if wait is None:
                    await _signal(ticket)
                else:
                    await self._sleep(min(wait, SLICE))
            self._turn_away(host)
            found.busy = True
        finally:
            found.line.remove(ticket)
            if not found.busy:
                _call_next(found)
        return Turn(found, self._clock)

    def _turn_away(self, host: str) -> None:
        if reason := self.given_up(host):
            raise GivenUp(reason)

    def _wait(self, host: _Host, ticket: asyncio.Event) -> float | None:
        """Return the seconds to wait; None for as long as others are first."""
        ticket.clear()
        if host.busy or host.line[0] is not ticket:
            return None
        interval = self._interval(host)
        free_at = host.last + interval * (1 + MARGIN) + MARGIN_SECONDS if interval > 0 else host.last
        return max(0.0, free_at - self._clock(), host.paused_until - self._clock())

    def _interval(self, host: _Host) -> float:
        return max(self._default if host.base is None else host.base, host.asked)

    def _host(self, host: str) -> _Host:
        host = host.lower().removesuffix(".")
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = _Host()
        return found


class Turn:
    """The right to ask a host once."""

    def __init__(self, host: _Host, clock: Callable[[], float]) -> None:
        self._host, self._clock = host, clock
        self.sent()

    def sent(self) -> None:
        """Count the host's delay from now: the request has left. May be told more than once, the last counts."""
        self._host.last = self._clock()

    def release(self) -> None:
        """Let the next one come: the exchange has ended."""
        self._host.busy = False
        _call_next(self._host)


def _call_next(host: _Host) -> None:
    if host.line:
        host.line[0].set()


async def _signal(ticket: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(ticket.wait(), SLICE)
    except TimeoutError:
        return
