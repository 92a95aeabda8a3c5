"""Where the shared measuring data lie: `$WARRAQ_SHARED`, else `../shared` beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def shared() -> Path | None:
    """Return the folder of the shared data, or None where there is none."""
    folder = Path(os.environ.get("WARRAQ_SHARED") or CHECKOUT.parent / "shared")
    return folder if (folder / "newsworld" / "serve.py").is_file() else None
