"""What archiving costs: the same Scrapy requests with exact capture, WARC, CDXJ and database, and without any of it.

    python -m tests.bench.cost [--pages 5000] [--rounds 3]

Both variants ask for the same fixed list of addresses on 20 loopback hosts, with an empty callback and no delay, in a
process of their own; the CPU seconds are those of the whole process, sealing and index included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from tests.bench.pages_server import HOSTS

PORT = 8977


def measure(variant: str, pages: int, folder: Path) -> dict[str, float]:
    """Crawl in this process; return what it cost."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    from archive.capture import Provenance
    from settings import base

    class FixedList(Spider):
        """Asks for each page once and does nothing with it."""

        name = "fixed"
        seen = 0

        async def start(self) -> AsyncIterator[Request]:
            for n in range(pages):
                url = f"http://{HOSTS[n % len(HOSTS)]}:{PORT}/page/{n}"
                why = Provenance(outlet="bench", run="bench", why="article")
                yield Request(url, callback=self.parse, meta={"provenance": why})

        def parse(self, response: object) -> None:
            self.__class__.seen += 1

    settings = Settings()
    settings.setmodule(base, priority="project")
    settings.set("ROBOTSTXT_OBEY", False)
    settings.setdict({"CONCURRENT_REQUESTS": 64, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0})
    settings.set("LOG_LEVEL", "ERROR")
    if variant == "plain":
        own = {
            "EXTENSIONS": {},
            "ADDONS": {},
            "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",
        }
        settings.setdict(own)
        process = AsyncCrawlerProcess(settings)
        process.crawl(FixedList)
        process.start()
    else:
        from dataclasses import replace

        from archive.archive import Archive
        from crawler.run import Crawling, drive
        from crawler.session import Session
        from settings.outlet import Outlet
        from settings.site import CrawlSettings, Site

        site = Site(root=folder, crawl=replace(CrawlSettings(), delay=0.0, allow_private=True))
        outlet = Outlet(id="bench", name="bench", home=f"http://{HOSTS[0]}:{PORT}/")
        with Archive.open(site, writable=True) as archive:
            session = Session(site, archive, {"bench": outlet})

            async def steps(crawling: Crawling) -> None:
                await crawling.run(session, FixedList)

            drive(site, archive, steps, {"ROBOTSTXT_OBEY": False})
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {"pages": FixedList.seen, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}


def main() -> int:
    """Measure both variants by turns; print the medians; 0 if the figures are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--variant", choices=["plain", "archive"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.variant:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(args.variant, args.pages, Path(folder))))
        return 0
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.pages_server", str(args.pages), str(PORT)],
        stdout=subprocess.PIPE,
        text=True,
    )
    results: dict[str, list[dict[str, float]]] = {"plain": [], "archive": []}
    try:
        assert server.stdout is not None
        server.stdout.readline()
        for _ in range(args.rounds):
            for variant, rows in results.items():
                command = [sys.executable, "-m", "tests.bench.cost", "--variant", variant, "--pages", str(args.pages)]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                rows.append(json.loads(done.stdout.splitlines()[-1]))
                if rows[-1]["pages"] != args.pages:
                    raise RuntimeError(f"{variant}: {rows[-1]['pages']} of {args.pages} pages came")
    finally:
        server.kill()
        server.wait()
    rate = {variant: median(row["pages"] / row["cpu"] for row in rows) for variant, rows in results.items()}
    ratio = median(
        (a["pages"] / a["cpu"]) / (p["pages"] / p["cpu"])
        for a, p in zip(results["archive"], results["plain"], strict=True)
    )
    memory = max(row["memory"] for row in results["archive"])
    print("| variant | pages a CPU-second | memory, MB |\n|---|---|---|")
    for variant, rows in results.items():
        print(f"| {variant} | {rate[variant]:.0f} | {max(row['memory'] for row in rows):.0f} |")
    print(f"| ratio (median of {args.rounds} rounds; asked: ≥ 0.5) | {ratio:.2f} | (asked: ≤ 250) |")
    return 0 if ratio >= 0.5 and memory <= 250 else 1


if __name__ == "__main__":
    sys.exit(main())
