"""Adding outlets by their home address: asks what a Probe wants to know, and keeps each answer as a crawl does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure as TxFailure

from archive.archive import Archive
from archive.capture import Capture, Provenance, RecordRef
from crawler.capture.sink import PROVENANCE
from crawler.discovery.address import address
from crawler.discovery.probe import Probe, ProbeResult
from crawler.discovery.profile import outlet_id
from crawler.politeness.identity import robots_token
from crawler.reading import content_type
from crawler.session import Session
from crawler.spiders.outlet import OutletSpider
from settings.outlet import Outlet, load_outlets, save_outlet
from settings.site import Site

if TYPE_CHECKING:
    from crawler.run import Crawling, Home


class ProbeSpider(Spider):
    """Asks what each probe wants to know, in its order."""

    name = "probe"
    custom_settings = {"SPIDER_MODULES": []}

    def __init__(self, session: Session, probes: Mapping[str, Probe], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.session = session
        self.probes = probes

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the first addresses of each."""
        for id_, probe in self.probes.items():
            for request in self.ask(id_, probe):
                yield request

    def ask(self, id_: str, probe: Probe) -> Iterable[Request]:
        """Ask for what a probe wants to know now."""
        for url in probe.next_requests():
            run = self.session.books[id_].run.id
            yield Request(
                url,
                callback=self.on_answer,
                errback=self.on_failure,
                cb_kwargs={"id_": id_, "asked": url},
                meta={
                    PROVENANCE: Provenance(outlet=id_, run=run, why="probe", via=None),
                    "handle_httpstatus_all": True,
                },
            )

    def on_answer(self, response: Response, id_: str, asked: str) -> Iterable[Request]:
        """Give a probe its answer."""
        probe = self.probes[id_]
        probe.give(asked, response.status, content_type(response), response.body, final_url=response.url)
        return self.ask(id_, probe)

    def on_failure(self, failure: TxFailure) -> Iterable[Request]:
        """Tell a probe that nothing came."""
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]
        if failure.value is not None:
            OutletSpider.end_on(self.session, failure.value)
        probe = self.probes[asked["id_"]]
        probe.give(asked["asked"], 0, None, b"")
        return self.ask(asked["id_"], probe)


async def probe_homes(
    crawling: Crawling,
    site: Site,
    archive: Archive,
    homes: Sequence[Home],
    on_kept: Callable[[Capture, RecordRef], None] | None = None,
) -> tuple[Session, dict[str, ProbeResult]]:
    """Probe outlets by their homes; return what was found, by the id that the outlet gets."""
    taken, probes = set(load_outlets(site.outlets_path)), dict[str, Probe]()
    for home in homes:
        probe = Probe(home.url, agent=robots_token(site), taken=taken)
        probes[home.id or outlet_id(probe.home, taken)] = probe
        taken |= probes.keys()
    stubs = {id_: Outlet(id=id_, name=id_, home=probe.home or "http://invalid/") for id_, probe in probes.items()}
    session = Session(site, archive, stubs, gate=crawling.gate, on_kept=on_kept)
    await crawling.run(session, ProbeSpider, session=session, probes=probes)
    return session, {id_: renamed(probe.conclude(), id_) for id_, probe in probes.items()}


def renamed(result: ProbeResult, id_: str) -> ProbeResult:
    """Give a result the id under which its answers are archived."""
    return replace(result, outlet=replace(result.outlet, id=id_))


def save_found(site: Site, results: Mapping[str, ProbeResult]) -> list[Outlet]:
    """Write the file of each outlet that can be followed; return these outlets."""
    found = [result.outlet for result in results.values() if not result.problem]
    for outlet in found:
        save_outlet(outlet, site.outlets_path / f"{outlet.id}.toml")
    return found


def known_home(site: Site, url: str) -> Outlet | None:
    """Return the outlet that has this home already."""
    wanted = address(url if "://" in url else f"https://{url}")
    return next((o for o in load_outlets(site.outlets_path).values() if address(o.home) == wanted), None)
