"""What the command loads must not pull in Scrapy."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["crawler.errors", "crawler.gate", "crawler.politeness.identity", "crawler.retry_after"]
)
def test_no_scrapy(module: str) -> None:
    """Errors, gate, identity and Retry-After load without Scrapy and Twisted."""
    code = f"import sys, {module}; sys.exit(any(m in sys.modules for m in ('scrapy', 'twisted')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
