"""The gate: the pace of each host, with a clock that only the tests move."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from crawler.errors import GivenUp, Stopping
from crawler.gate import MARGIN, MARGIN_SECONDS, Gate


class Time:
    """A clock that goes forward only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        await asyncio.sleep(0)


def run(scenario: Callable[[Gate, Time], Awaitable[None]], delay: float = 2.0) -> None:
    time = Time()
    asyncio.run(asyncio.wait_for(scenario(Gate(delay, clock=time.clock, sleep=time.sleep), time), 10))  # type: ignore[arg-type]


async def ask(gate: Gate, time: Time, host: str, takes: float = 0.0) -> float:
    """Take a turn; return when the request left."""
    turn = await gate.turn(host)
    time.now += takes
    turn.sent()
    left = time.now
    turn.release()
    return left


def waited(delay: float) -> float:
    return pytest.approx(delay * (1 + MARGIN) + MARGIN_SECONDS)  # type: ignore[no-any-return]


def test_first_request_goes_at_once() -> None:
    """A host that was not asked yet is asked without waiting."""

    async def scenario(gate: Gate, time: Time) -> None:
        assert await ask(gate, time, "a.example") == 1000.0

    run(scenario)


def test_delay_counts_from_the_sending() -> None:
    """The delay runs from when the bytes left, however long connecting took; a little more, never less."""

    async def scenario(gate: Gate, time: Time) -> None:
        first = await ask(gate, time, "a.example", takes=7.0)
        second = await ask(gate, time, "a.example")
        assert second - first == waited(2.0)

    run(scenario)


def test_hosts_do_not_wait_for_each_other() -> None:
    """Another host is asked at once; the same host in other letters is not another."""

    async def scenario(gate: Gate, time: Time) -> None:
        first = await ask(gate, time, "a.example")
        assert await ask(gate, time, "b.example") == first
        assert await ask(gate, time, "A.Example") - first == waited(2.0)

    run(scenario)


def test_a_request_that_never_left_counts_from_its_start() -> None:
    """A host that could not be connected to is not hammered either."""

    async def scenario(gate: Gate, time: Time) -> None:
        turn = await gate.turn("a.example")
        turn.release()
        assert await ask(gate, time, "a.example") - 1000.0 == waited(2.0)

    run(scenario)


def test_one_at_a_time_in_order() -> None:
    """Who came first is served first, one under way at a time."""
    under_way, order = 0, list[int]()

    async def scenario(gate: Gate, time: Time) -> None:
        async def one(number: int) -> None:
            nonlocal under_way
            turn = await gate.turn("a.example")
            under_way += 1
            assert under_way == 1
            order.append(number)
            await asyncio.sleep(0)
            under_way -= 1
            turn.release()

        await asyncio.gather(*(one(number) for number in range(5)))

    run(scenario, delay=0.5)
    assert order == [0, 1, 2, 3, 4]


def test_without_delay() -> None:
    """A delay of 0 waits for nothing but the request under way."""

    async def scenario(gate: Gate, time: Time) -> None:
        for _ in range(3):
            assert await ask(gate, time, "a.example") == 1000.0

    run(scenario, delay=0.0)


def test_crawl_delay_raises_only() -> None:
    """robots.txt may raise a host's delay and never lower it."""

    async def scenario(gate: Gate, time: Time) -> None:
        gate.delay("a.example", 5.0)
        gate.delay("a.example", 3.0)
        gate.delay("b.example", 0.1)
        assert (gate.interval("a.example"), gate.interval("b.example")) == (5.0, 2.0)
        first = await ask(gate, time, "a.example")
        assert await ask(gate, time, "a.example") - first == waited(5.0)

    run(scenario)


def test_the_outlets_own_delay() -> None:
    """An outlet's own delay takes the place of the site's, also a shorter one; Crawl-delay still raises it."""

    async def scenario(gate: Gate, time: Time) -> None:
        gate.base("a.example", 0.5)
        assert gate.interval("A.example") == 0.5
        gate.delay("a.example", 4.0)
        assert gate.interval("a.example") == 4.0

    run(scenario)


def test_delay_learnt_on_the_way() -> None:
    """A delay that robots.txt names holds from the request after robots.txt itself."""

    async def scenario(gate: Gate, time: Time) -> None:
        turn = await gate.turn("a.example")
        turn.sent()
        turn.release()
        gate.delay("a.example", 9.0)
        assert await ask(gate, time, "a.example") - 1000.0 == waited(9.0)

    run(scenario)


def test_pause() -> None:
    """A paused host is left alone for that long, whoever waited already; the longest pause counts."""

    async def scenario(gate: Gate, time: Time) -> None:
        await ask(gate, time, "a.example")
        gate.pause("a.example", 60.0)
        gate.pause("a.example", 10.0)
        assert gate.paused("a.example")
        assert not gate.paused("b.example")
        assert await ask(gate, time, "a.example") >= 1060.0
        assert not gate.paused("a.example")

    run(scenario)


def test_stopping_frees_the_line() -> None:
    """What waits for a paused host ends within a second of the crawl's end, and others behind it are served."""

    async def scenario(gate: Gate, time: Time) -> None:
        gate.pause("a.example", 3600.0)
        with pytest.raises(Stopping):
            await gate.turn("a.example", stopping=lambda: time.now > 1010.0)
        assert time.now < 1012.0
        assert await ask(gate, time, "a.example") >= 4600.0

    run(scenario)


def test_stopping_behind_others() -> None:
    """A request that waits behind another one's turn is dropped too when its crawl ends."""

    async def scenario(gate: Gate, time: Time) -> None:
        turn = await gate.turn("a.example")
        with pytest.raises(Stopping):
            await gate.turn("a.example", stopping=lambda: True)
        turn.release()
        assert await ask(gate, time, "a.example") > 1000.0

    run(scenario)


def test_cancelled_while_waiting() -> None:
    """A waiting request that is cancelled leaves the line, and the next one is served."""

    async def scenario(gate: Gate, time: Time) -> None:
        turn = await gate.turn("a.example")
        waiting = asyncio.ensure_future(gate.turn("a.example"))
        behind = asyncio.ensure_future(gate.turn("a.example"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        turn.release()
        (await behind).release()
        assert waiting.cancelled()

    run(scenario)


def test_given_up_hosts_turn_away() -> None:
    """Who asks for a host that is given up, or waits for it already, is turned away with the reason."""

    async def scenario(gate: Gate, time: Time) -> None:
        turn = await gate.turn("a.example")
        waiting = asyncio.ensure_future(gate.turn("a.example"))
        await asyncio.sleep(0)
        gate.give_up("a.example", 3600.0, "it asked for an hour")
        turn.release()
        with pytest.raises(GivenUp, match="an hour"):
            await waiting
        with pytest.raises(GivenUp):
            await gate.turn("A.example")
        assert gate.given_up("a.example") == "it asked for an hour"
        assert await ask(gate, time, "b.example") == 1000.0
        time.now += 3600.0
        assert gate.given_up("a.example") == ""
        assert await ask(gate, time, "a.example") == 4600.0

    run(scenario)
