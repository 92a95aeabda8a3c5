"""Holds an archive against other people's tools: warcio, fastwarc, gzip, cdxj-indexer and pywb.

    python -m tests.bench.validity ARCHIVE --tools .venv-tools [--replay 100]

`make tools` makes .venv-tools (pywb is GPL and breaks Scrapy's brotli, so it has an environment of its own). Prints a
markdown table; exits with 1 if any tool disagrees with us beyond what docs/warc.md documents.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from archive.archive import Archive
from archive.http import entity, parse_head

BIN = Path(sys.executable).parent
ALLOWED = re.compile(r"payload digest failed", re.IGNORECASE)
"""warcio wants the digest of the chunked bytes; WARC 1.1 section 6.3.2 that of the payload (webrecorder/warcio#74)."""

BEYOND_PYWB = "chunk extensions and trailers, which pywb does not read"
"""Seen on pywb 2.10.0: it serves the chunks' sizes as part of the body."""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a tool and take down what it says."""
    return subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False)


def chunked_ids(archive: Archive) -> set[str]:
    """Return the ids of captures with a chunked body: the documented complaint is about these alone."""
    found = set()
    for row in archive.captures():
        head = parse_head(archive.get(row.id).response)
        if "chunked" in (head.get("Transfer-Encoding") or "").lower():
            found.add(row.id)
    return found


def warcio_complaints(files: list[Path], chunked: set[str]) -> list[str]:
    """Return what `warcio check` says beyond the documented complaint."""
    bad = []
    for path in files:
        record = ""
        for line in run(BIN / "warcio", "check", "-v", path).stdout.splitlines():
            if match := re.search(r"WARC-Record-ID <urn:uuid:([^>]+)>", line):
                record = match[1]
            elif "failed" in line and not (ALLOWED.search(line) and record in chunked):
                bad.append(f"{path.name}: {record}: {line.strip()}")
    return bad


def fastwarc_complaints(files: list[Path]) -> list[str]:
    """Return the files that `fastwarc check` does not pass."""
    results = {path: run(BIN / "fastwarc", "check", path) for path in files}
    return [f"{path.name}: {done.stdout}{done.stderr}" for path, done in results.items() if done.returncode]


def index_differences(files: list[Path], tools: Path) -> list[str]:
    """Return the lines in which our CDXJ and cdxj-indexer's differ."""
    different = []
    for path in files:
        theirs = sorted(run(tools / "bin" / "cdxj-indexer", "-s", path).stdout.splitlines())
        ours = sorted(path.with_name(path.name.removesuffix(".warc.gz") + ".cdxj").read_text("utf-8").splitlines())
        different += [f"{path.name}: {a} | {b}" for a, b in zip(parsed(ours), parsed(theirs), strict=False) if a != b]
        if len(ours) != len(theirs):
            different.append(f"{path.name}: {len(ours)} lines of ours, {len(theirs)} of cdxj-indexer's")
    return different


FIELDS = ("url", "mime", "status", "digest", "length", "offset", "filename")


def parsed(lines: list[str]) -> list[tuple[object, ...]]:
    """Take CDXJ lines apart, so that the order of JSON keys does not count."""
    rows = []
    for line in lines:
        key, stamp, document = line.split(" ", 2)
        values = json.loads(document)
        rows.append((key, stamp, *(values.get(field) for field in FIELDS)))
    return rows


def replayed(archive: Archive, files: list[Path], tools: Path, number: int) -> Counter[str]:
    """Replay articles in pywb and compare each body with ours, byte for byte."""
    result: Counter[str] = Counter()
    rows = [row for row in archive.captures() if row.why == "article" and row.status == 200]
    chosen = random.Random(1).sample(rows, min(number, len(rows)))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([tools / "bin" / "wb-manager", "init", "c"], cwd=folder, check=True, capture_output=True)
        subprocess.run([tools / "bin" / "wb-manager", "add", "c", *files], cwd=folder, check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [tools / "bin" / "wayback", "-b", "127.0.0.1", "-p", str(port)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(port)
            for row in chosen:
                target = f"/c/{row.started:%Y%m%d%H%M%S}id_/{quote(row.url, safe=':/?&=%+;,@!$()*~#[]')}"
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", target, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
                answer = connection.getresponse()
                same = answer.read() == entity(archive.get(row.id).response)
                if not same and parse_head(archive.get(row.id).response).get("Trailer"):
                    result[BEYOND_PYWB] += 1
                    continue
                if not same:
                    print(f"pywb: {answer.status} {row.url} {answer.headers}", file=sys.stderr)
                result["equal" if same and answer.status == 200 else f"different ({answer.status})"] += 1
                connection.close()
        finally:
            server.terminate()
            server.wait()
    return result


def wait_for(port: int) -> None:
    """Wait until a server listens."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("pywb did not start")


def main() -> int:
    """Run every tool; 0 if none complains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--tools", type=Path, default=Path(".venv-tools"))
    parser.add_argument("--replay", type=int, default=100)
    args = parser.parse_args()
    args.tools = args.tools.resolve()
    files = sorted(path.resolve() for path in args.archive.rglob("*.warc.gz"))
    with Archive.open(args.archive) as archive:
        complaints = warcio_complaints(files, chunked_ids(archive))
        fast = fastwarc_complaints(files)
        index = index_differences(files, args.tools)
        equal = replayed(archive, files, args.tools, args.replay)
    torn = [path.name for path in files if run("gzip", "-t", path).returncode]
    rows = [
        (f"warcio check, {len(files)} files (but for the documented complaint)", complaints),
        ("fastwarc check", fast),
        ("gzip -t", torn),
        ("cdxj-indexer against our CDXJ, lines that differ", index),
    ]
    print("| tool | complaints |\n|---|---|")
    for name, found in rows:
        print(f"| {name} | {len(found)} |")
        for line in found[:5]:
            print(line, file=sys.stderr)
    print(f"| pywb, {sum(equal.values())} articles replayed | {', '.join(f'{k}: {n}' for k, n in equal.items())} |")
    return 1 if any(found for _, found in rows) or not set(equal) <= {"equal", BEYOND_PYWB} else 0


if __name__ == "__main__":
    sys.exit(main())
