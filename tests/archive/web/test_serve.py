"""Serving as a process: ports, signals, what is loaded."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from archive.errors import ArchiveError, StorageError
from archive.web.serve import serve, serving
from tests.archive.web.house import STYLED, Page, build
from tests.conftest import make_site

PROGRAM = """
import sys
from pathlib import Path
from settings.site import Site
from archive.web.serve import serve
serve(Site(root=Path(sys.argv[1])), port=0, replay_port=0)
loaded = {"scrapy", "twisted", "trafilatura", "crawler", "archive.extractors.body"} & set(sys.modules)
print("ended", *sorted(loaded), flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_success(tmp_path: Path, number: signal.Signals) -> None:
    """It prints where it answers; SIGTERM and Ctrl-C let it return, and neither Scrapy nor trafilatura was loaded."""
    house = build(tmp_path, [Page(STYLED, b"<p>x</p>")])
    command = [sys.executable, "-c", PROGRAM, str(house.site.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        app, replay = process.stdout.readline().strip(), process.stdout.readline().strip()
        # A connection that stays open must not keep it from ending.
        with httpx.Client() as client:
            assert client.get(app).status_code == 200
            assert client.get(f"{replay}/record/{house.rows[0].id}").status_code == 200
            begun = time.monotonic()
            process.send_signal(number)
            assert process.stdout.read() == "ended\n"
            assert process.wait(30) == 0
        assert time.monotonic() - begun < 10
        assert process.stderr.read() == ""


def test_a_taken_port_is_a_clear_error(tmp_path: Path) -> None:
    """The error names the port and the way out, and the other port is let go."""
    site = make_site(tmp_path, "")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for ports in ({"port": port, "replay_port": 0}, {"port": 0, "replay_port": port}):
            with pytest.raises(ArchiveError, match=f"port {port} of 127.0.0.1 is taken") as caught:
                serve(site, **ports)
            assert "port 0" in caught.value.hint


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])
def test_no_address_but_our_own(tmp_path: Path, host: str) -> None:
    """The archive is not opened to other machines."""
    with pytest.raises(ArchiveError, match="not this machine's own"):
        serve(make_site(tmp_path, ""), host, 0, 0)


def test_a_number_that_is_no_port(tmp_path: Path) -> None:
    """Ports end at 65535."""
    with pytest.raises(ArchiveError, match="70000 is no port"):
        serve(make_site(tmp_path, ""), port=70_000, replay_port=0)


def test_no_archive_is_a_clear_error(tmp_path: Path) -> None:
    """A folder without an archive is told from an empty one."""
    site = make_site(tmp_path, "")
    site.archive_path.rmdir()
    with pytest.raises(StorageError):
        serve(site, port=0, replay_port=0)


def test_other_names_of_this_machine(tmp_path: Path) -> None:
    """The name localhost is 127.0.0.1; IPv6's loopback works where there is IPv6."""
    house = build(tmp_path, [])
    with serving(house.site, "localhost") as origins:
        assert origins.app.startswith("http://127.0.0.1:")
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with serving(house.site, "::1") as origins:
        assert origins.app.startswith("http://[::1]:")
        assert httpx.get(origins.app).status_code == 200
