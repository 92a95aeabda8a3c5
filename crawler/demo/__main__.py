"""`python -m crawler.demo`: serve the demo world until it is stopped, and say where."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from crawler.demo.server import serve
from crawler.demo.world import DemoWorld


def main(arguments: list[str] | None = None) -> int:
    """Serve; one line an outlet on stdout (id, tab, home), the host of odd answers last. Exit code 12: port taken."""
    parser = argparse.ArgumentParser(prog="python -m crawler.demo", description="Serve the demo world on loopback.")
    parser.add_argument("--port", type=int, default=8700, help="0 takes a free one (default: 8700)")
    parser.add_argument("--day", type=int, default=0, help="the world's day, 0 or 1 (default: 0)")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with serve(DemoWorld(chosen.day), port=chosen.port) as served:
            for name, home in served.homes.items():
                print(f"{name}\t{home}")
            print(f"faults\t{served.faults}", flush=True)
            stop.wait()
    except OSError as error:
        print(f"port {chosen.port} cannot be used: {error.strerror}; try --port 0", file=sys.stderr)
        return 12
    return 0


if __name__ == "__main__":
    sys.exit(main())
