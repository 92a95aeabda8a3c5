"""`python -m crawler` is `warraq`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    # `-m` looks for modules in the current folder first, where a site has a folder `archive` that is not our package.
    if sys.path and Path(sys.path[0]).resolve() != ROOT and not sys.flags.safe_path:
        del sys.path[0]
    from crawler.cli import main

    main()
