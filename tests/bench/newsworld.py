"""One crawl of the development newsworld, outlets added by home address alone, held against the world's own log.

    python -m tests.bench.newsworld [--site DIR] [--keep]

Prints a markdown table: recall of gold addresses, politeness, traps, and the bytes of each exchange against the WARC.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from archive.http import entity, parse_head
from archive.warc.reader import captures
from tests.bench.shared import shared
from tests.bench.world import World, served, warraq

DAY = 5


def crawl(world: World, site: Path) -> None:
    """Add each outlet by its home address, then crawl them all once."""
    warraq(site, "init")
    for outlet in world.ask("outlets"):
        warraq(site, "outlets", "add", outlet["url"])
    warraq(site, "crawl", "--all")


def spelled(url: str) -> str:
    """One spelling for comparing: percent-encoding undone, scheme and host as they are."""
    return unquote(url).rstrip("/")


def recall(world: World, log: list[dict[str, Any]]) -> tuple[int, int, list[str]]:
    """Count the gold addresses that were answered with 200 (redirecting names and AMP copies are other names)."""
    got = {spelled(f"http://{row['host']}{row['target']}") for row in log if row["status"] == 200}
    gold = [row["url"] for row in world.ask("gold")]
    missed = [url for url in gold if spelled(url) not in got]
    return len(gold) - len(missed), len(gold), missed


def intervals(log: list[dict[str, Any]], delays: dict[str, float]) -> list[tuple[float, str, str]]:
    """Return each interval between two requests to a host that is below its delay, as a share of it."""
    short, last = [], dict[str, float]()
    for row in log:
        host = row["host"].split(":")[0]
        if host in last and row["t"] - last[host] < 0.99 * delays[host]:
            short.append(((row["t"] - last[host]) / delays[host], host, row["target"]))
        last[host] = row["t"]
    return short


def retry_after(log: list[dict[str, Any]], seconds: float = 5.0) -> tuple[int, int]:
    """Count the 503 answers, and those after which the host was left alone for the time it asked for."""
    rows = sorted(log, key=lambda r: float(r["t"]))
    asked = obeyed = 0
    for at, row in enumerate(rows):
        if row["status"] != 503:
            continue
        asked += 1
        after = next((r for r in rows[at + 1 :] if r["host"] == row["host"] and r["target"] == row["target"]), None)
        obeyed += after is not None and after["t"] - row["t"] >= seconds
    return asked, obeyed


def compare_bytes(site: Path, log: list[dict[str, Any]]) -> Counter[str]:
    """Hold each row of the log against the record that carries its X-NewsWorld-Id."""
    kept: dict[int, Any] = {}
    for path in sorted((site / "archive").rglob("*.warc.gz*")):
        if path.suffix in (".gz", ".open"):
            for item in captures(path):
                capture = item[0] if isinstance(item, tuple) else item
                if hasattr(capture, "response"):
                    number = parse_head(capture.response).get("X-NewsWorld-Id")
                    if number is not None:
                        kept[int(number)] = capture
    result: Counter[str] = Counter(rows=len(log))
    for row in log:
        capture = kept.get(row["id"])
        if capture is None:
            result["missing"] += 1
            continue
        head = capture.response[: parse_head(capture.response).length]
        result["head"] += hashlib.sha256(head).hexdigest() == row["head_sha256"]
        result["entity"] += hashlib.sha256(entity(capture.response)).hexdigest() == row["entity_sha256"]
        result["wire"] += hashlib.sha256(capture.response).hexdigest() == row["wire_sha256"]
        result["request"] += hashlib.sha256(capture.request).hexdigest() == row["request_sha256"]
    return result


def crawl_delays(world: World, site_delay: float) -> dict[str, float]:
    """Return the least interval that each outlet allows."""
    return {
        urlsplit(o["url"]).hostname or "": 3.0 if "crawl_delay" in o["habits"] else site_delay
        for o in world.ask("outlets")
    }


def redirect_hops(log: Iterable[dict[str, Any]]) -> int:
    """Return the most often that one redirecting loop address was asked for at one outlet."""
    return max(Counter(r["host"] for r in log if r["target"] == "/loop").values(), default=0)


def report(world: World, site: Path) -> bool:
    """Print the table; True if every figure is met."""
    log = world.ask("log")
    found, total, missed = recall(world, log)
    short = intervals(log, crawl_delays(world, 1.0))
    asked, obeyed = retry_after(log)
    forbidden = [r["target"] for r in log if r["target"].startswith("/private/")]
    calendar = Counter(r["host"] for r in log if re.match(r"/calendar/", r["target"]))
    matched = compare_bytes(site, log)
    repeats = Counter((r["host"], r["target"]) for r in log if r["status"] == 200)
    rows = [
        ("gold addresses archived", f"{found}/{total} = {found / total:.2%}", "≥ 99 %", found >= 0.99 * total),
        ("requests that robots.txt forbids", len(forbidden), "0", not forbidden),
        ("intervals > 1 % below the delay", len(short), "0", not short),
        ("Retry-After waited for", f"{obeyed}/{asked}", "all", obeyed == asked),
        ("calendar trap, pages", max(calendar.values(), default=0), "≤ 20", max(calendar.values(), default=0) <= 20),
        ("redirect loop, hops", redirect_hops(log), "≤ 10", redirect_hops(log) <= 10),
        *(
            (f"{part} byte-equal", f"{matched[part]}/{matched['rows']}", "all", matched[part] == matched["rows"])
            for part in ("head", "entity", "wire", "request")
        ),
        ("requests in all", len(log), "", True),
        ("pages asked for twice", sum(n > 1 for n in repeats.values()), "", True),
    ]
    print("| what | measured | asked | |\n|---|---|---|---|")
    for name, value, want, met in rows:
        print(f"| {name} | {value} | {want} | {'' if met else 'MISSED'} |")
    by_host = defaultdict(list)
    for url in missed:
        by_host[urlsplit(url).hostname].append(unquote(url))
    for host, urls in by_host.items():
        print(f"missed at {host}: {len(urls)}, e.g. {urls[0]}", file=sys.stderr)
    for share, host, target in sorted(short)[:10]:
        print(f"short interval at {host}: {share:.3f} of the delay before {target}", file=sys.stderr)
    return all(met for *_, met in rows)


def main() -> int:
    """Run the measurement; 0 if every figure is met or the data are absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, help="folder for the site and its archive (kept)")
    args = parser.parse_args()
    data = shared()
    if data is None:
        print("skipped: no shared data (set WARRAQ_SHARED)")
        return 0
    with tempfile.TemporaryDirectory() as scratch, served(data / "newsworld", DAY) as world:
        site = args.site or Path(scratch)
        site.mkdir(parents=True, exist_ok=True)
        crawl(world, site)
        return 0 if report(world, site) else 1


if __name__ == "__main__":
    sys.exit(main())
