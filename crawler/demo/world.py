"""DemoWorld: outlets on loopback whose truth is known, the day they stand at, and the log of what they answered."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from crawler.demo.answer import ID_HEADER, Answer, Request, Step, Wire, seal, wire
from crawler.demo.content import Publication, publications
from crawler.demo.faults import Faults
from crawler.demo.item import Item
from crawler.demo.site import Site

FAULTS = "faults"
"""The host of odd answers: no outlet, and never crawled by the demo."""

LAST_DAY = 1
"""The last day on which something changes."""

BUSY_SECONDS = 1.0
"""How long the busy story's 503 lasts, and its Retry-After."""

CONTROL = "/__demo/"
"""Targets of the faults host that steer the world; they are not logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What an extractor should find on an article's page."""

    url: str
    outlet: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    """Text blocks in order, sub-headings among them; without the agency credit."""
    date: date
    """The day of publication in the outlet's own zone."""
    published: datetime
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    image: str
    credit: str
    must_not: tuple[str, ...]
    """Texts of the page that are no part of the article; title, byline, date and credit may go either way."""

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One row of the log: a request, and the answer as the server set out to send it."""

    id: str
    """Also the answer's X-Demo-Id header, where the answer has a head of ours."""
    time: datetime
    """UTC, when the request had been read."""
    outlet: str
    host: str
    """Address and port."""
    method: str
    target: str
    what: str
    status: int
    request: bytes
    response: bytes
    """As set out to be sent: of an answer that is cut on purpose, what is sent of it."""
    head: bytes
    entity: bytes

    @property
    def request_sha256(self) -> str:
        return hashlib.sha256(self.request).hexdigest()

    @property
    def head_sha256(self) -> str:
        return hashlib.sha256(self.head).hexdigest()

    @property
    def entity_sha256(self) -> str:
        return hashlib.sha256(self.entity).hexdigest()

    @property
    def wire_sha256(self) -> str:
        return hashlib.sha256(self.response).hexdigest()

    def row(self) -> dict[str, str | int]:
        """The row as JSON has it: hashes in place of bytes."""
        return {
            "id": self.id,
            "time": self.time.isoformat(),
            "outlet": self.outlet,
            "host": self.host,
            "method": self.method,
            "target": self.target,
            "what": self.what,
            "status": self.status,
            "request_sha256": self.request_sha256,
            "head_sha256": self.head_sha256,
            "entity_sha256": self.entity_sha256,
            "wire_sha256": self.wire_sha256,
            "entity_length": len(self.entity),
        }


class DemoWorld:
    """The outlets at a day. `serve` gives it its addresses; without it, the homes are only names."""

    def __init__(self, day: int = 0, *, clock: Callable[[], float] = time.time) -> None:
        self.publications = publications()
        self.log: list[Exchange] = []
        self._day = day
        self._clock = clock
        self._numbers = itertools.count(1)
        self._busy_until: dict[str, float] = {}
        self._sites: dict[tuple[str, int], Site] = {}
        names = [*self.publications, FAULTS]
        self.settle({name: f"http://127.0.0.{number}:8700/" for number, name in enumerate(names, 1)})

    @property
    def day(self) -> int:
        return self._day

    @property
    def homes(self) -> dict[str, str]:
        """Each outlet's address, the host of odd answers not among them."""
        return {name: self._homes[name] for name in self.publications}

    @property
    def faults_home(self) -> str:
        return self._homes[FAULTS]

    def settle(self, homes: Mapping[str, str]) -> None:
        """Give the outlets and the host of odd answers their addresses (with a slash at the end)."""
        self._homes = dict(homes)
        self._faults = Faults(self._homes[FAULTS])
        self._sites.clear()

    def set_day(self, day: int) -> None:
        """Move the world to a day: new stories, edits, deletions. Days after LAST_DAY are like it."""
        self._day = day

    def truth(self) -> list[Truth]:
        """Every article that stands today, outlet by outlet, newest first."""
        sites = [self._site(publication) for publication in self.publications.values()]
        return [_truth(site, item) for site in sites for item in site.items]

    def respond(self, outlet: str, request: Request) -> Wire:
        """The bytes that answer a request, logged before they are sent."""
        now, exchange = self._clock(), f"demo-{next(self._numbers):06}"
        if outlet == FAULTS and request.target.startswith(CONTROL):
            return self._control(request)
        if outlet == FAULTS:
            made = self._faults.wire(request, exchange, now)
        else:
            publication = self.publications[outlet]
            answer = self._answer(publication, request, now)
            made = wire(answer, request, publication.habits, exchange, now)
        self.log.append(self._exchange(outlet, request, made, now))
        return made

    def _site(self, publication: Publication) -> Site:
        key = (publication.id, self._day)
        if key not in self._sites:
            self._sites[key] = Site(publication, self._homes[publication.id], self._day)
        return self._sites[key]

    def _answer(self, publication: Publication, request: Request, now: float) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return Answer(what="refused", status=405, content_type="text/plain", headers=(("Allow", "GET, HEAD"),))
        site = self._site(publication)
        if self._is_busy(site, request.target, now):
            retry = (("Retry-After", f"{BUSY_SECONDS:.0f}"),)
            return Answer(what="busy", status=503, content_type="text/plain", headers=retry)
        return site.answer(request.target)

    def _is_busy(self, site: Site, target: str, now: float) -> bool:
        busy = site.publication.habits.busy
        item = site.item_at(target) if busy is not None else None
        if item is None or item.story.id != busy:
            return False
        return now < self._busy_until.setdefault(site.publication.id, now + BUSY_SECONDS)

    def _exchange(self, outlet: str, request: Request, made: Wire, now: float) -> Exchange:
        return Exchange(
            id=made.id,
            time=datetime.fromtimestamp(now, UTC),
            outlet=outlet,
            host=self._homes[outlet].split("/")[2],
            method=request.method,
            target=request.target,
            what=made.what,
            status=made.status,
            request=request.raw,
            response=made.response,
            head=made.head,
            entity=made.entity,
        )

    def _control(self, request: Request) -> Wire:
        """GET log | truth (JSON Lines), GET day, POST day with a number."""
        name = request.target.removeprefix(CONTROL)
        number = request.body.strip()
        if name == "day" and request.method == "POST" and number.isdigit():
            self.set_day(int(number))
        rows: list[object]
        if name == "log":
            rows = [exchange.row() for exchange in list(self.log)]
        elif name == "truth":
            rows = [asdict(truth) for truth in self.truth()]
        elif name == "day":
            rows = [self._day]
        else:
            rows = []
        body = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode()
        sealed = seal(200, [("Content-Type", "application/jsonl"), (ID_HEADER, "control")], body, end="close")
        return Wire(
            status=200,
            what="control",
            steps=(Step(sealed.head + sealed.body),),
            head=sealed.head,
            entity=sealed.entity,
            end="close",
        )


def _truth(site: Site, item: Item) -> Truth:
    story = item.story
    return Truth(
        url=item.url,
        outlet=site.publication.id,
        language=site.publication.language,
        title=item.title,
        paragraphs=tuple(block.text for block in item.blocks),
        date=story.published.date(),
        published=story.published,
        authors=story.authors,
        section=item.section_name,
        tags=story.tags,
        image=item.image_url,
        credit=story.credit,
        must_not=site.article(item).junk,
    )
