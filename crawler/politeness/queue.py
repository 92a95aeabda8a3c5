"""Scrapy's request queue, except that a host which waits takes no more places than it can use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from scrapy import Request
from scrapy.pqueues import DownloaderAwarePriorityQueue

from crawler.capture.handler import gate_of, site_of
from crawler.gate import Gate

PLACES = 2
"""Requests of one host in the downloader and its middlewares: one under way and one that waits for its turn."""


class HostQueue(DownloaderAwarePriorityQueue):
    """Gives requests of hosts that may be asked now.

    CONCURRENT_REQUESTS bounds the places of all hosts together; Scrapy's own queue lets one slow or paused host fill
    them with requests that only wait (for their turn, or for a robots.txt that does not come).
    """

    def __init__(self, crawler: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(crawler, *args, **kwargs)
        gate = gate_of(crawler, site_of(crawler))
        self._downloader_interface = _Ready(crawler.engine.downloader, gate)  # type: ignore[assignment]


class _Ready:
    """The downloader as the queue sees it, without the hosts that must wait."""

    def __init__(self, downloader: Any, gate: Gate) -> None:
        self._downloader, self._gate = downloader, gate

    def stats(self, possible_slots: Iterable[str]) -> list[tuple[int, str]]:
        places = Counter(map(self.get_slot_key, self._downloader.active))
        return [
            (places[slot], slot) for slot in possible_slots if places[slot] < PLACES and not self._gate.paused(slot)
        ]

    def get_slot_key(self, request: Request) -> str:
        key: str = self._downloader.get_slot_key(request)
        return key
