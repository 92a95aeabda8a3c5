"""Another Scrapy fails loudly, never silently."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crawler.capture.pinned import NAMES, require
from crawler.errors import ScrapyChanged


def test_the_installed_scrapy_is_the_one() -> None:
    """Every private name that we lean on is there."""
    require()


@pytest.mark.parametrize("version", ["2.18.4", "2.20.0", "3.0", "2.190.0", ""])
def test_other_versions(version: str) -> None:
    """Another minor version is refused, and the hint says what to install."""
    with pytest.raises(ScrapyChanged, match=r"2\.19") as caught:
        require(version)
    assert "scrapy>=2.19,<2.20" in caught.value.hint


@pytest.mark.parametrize(("module", "name"), [
    ("twisted.web._newclient", "HTTP11ClientProtocol._gone"),
    ("twisted.web._gone", "Anything"),
    ("scrapy.core.downloader.handlers.http11", "_GoneParser"),
])  # fmt: skip
def test_a_name_that_is_gone(module: str, name: str) -> None:
    """A missing name is named."""
    with pytest.raises(ScrapyChanged, match="gone"):
        require("2.19.3", {**NAMES, module: (name,)})


@pytest.mark.parametrize("name", ["_LenientHTTPClientParser", "HTTP11DownloadHandler"])
def test_gone_at_import(name: str) -> None:
    """A name that is gone already at import is an error, not a handler that captures nothing."""
    code = f"""
import scrapy.core.downloader.handlers.http11 as http11
del http11.{name}
import crawler.capture.handler
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert name in done.stderr


def test_pyproject_pins_the_same() -> None:
    """The pin in pyproject.toml and the version that was read are one."""
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    assert any(line.replace(" ", "").startswith("scrapy>=2.19,<2.20") for line in project["dependencies"])
