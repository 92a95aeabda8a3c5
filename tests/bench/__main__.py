"""`make bench`: every measurement of docs/benchmarks.md that this machine can make, one after another."""

from __future__ import annotations

import subprocess
import sys

MODULES = ("tests.bench.cost", "tests.bench.newsworld", "tests.bench.extraction")
"""`tests.bench.validity ARCHIVE` and `tests/bench/fresh_clone.sh` want an archive and a clone: .ci/run calls them."""


def main() -> int:
    """Run each; 1 if any missed a figure."""
    results = {}
    for module in MODULES:
        print(f"## {module}", flush=True)
        results[module] = subprocess.run([sys.executable, "-m", module], check=False).returncode
    for module, code in results.items():
        print(f"{module}: {'met' if code == 0 else 'MISSED'}")
    return int(any(results.values()))


if __name__ == "__main__":
    sys.exit(main())
