"""The server: its bytes are those of its log, and each outlet keeps its habits on the wire."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import threading
import time

import httpx
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import http
from crawler.demo.server import Served, _listen_beside, serve
from crawler.demo.world import DemoWorld
from tests.crawler.demo.conftest import Ask


def connected(home: str) -> socket.socket:
    host, _, port = home.split("/")[2].partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def some_of_everything(served: Served) -> list[str]:
    """Home, an article, robots, and everything that pages link to in their foot, of each outlet."""
    urls = []
    for name, home in served.homes.items():
        publication = served.world.publications[name]
        urls += [home, home + "robots.txt", home + "static/site.css", home + "nowhere"]
        urls += [home + extra.path[1:] for extra in publication.extras]
        urls += [home + feed.path[1:] for feed in publication.feeds]
        urls += [next(t.url for t in served.world.truth() if t.outlet == name)]
    return urls


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_bytes_on_the_wire_are_those_of_the_log(served: Served, ask: Ask, coding: str) -> None:
    """For every kind of answer, what a raw socket reads is what the log says, and head and entity agree with it."""
    for url in some_of_everything(served):
        raw = ask(url, f"Accept-Encoding: {coding}")
        row = served.world.log[-1]
        assert raw == row.response, url
        assert raw.startswith(row.head)
        assert http.entity(raw) == row.entity, url
        assert url.endswith(row.target)
        assert f": {row.id}\r\n".encode() in row.head


def test_the_log_has_the_request_as_sent(served: Served, ask: Ask) -> None:
    """The request's hash is that of the bytes the client wrote."""
    ask(served.homes["wadi"], "X-OdD: yes")
    row = served.world.log[-1]
    host = served.homes["wadi"].split("/")[2]
    sent = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nX-OdD: yes\r\n\r\n".encode()
    assert row.request_sha256 == hashlib.sha256(sent).hexdigest()
    assert row.host == host


def test_keep_alive_serves_many_requests_on_a_connection(served: Served) -> None:
    """Two requests on one connection are answered one after the other, but not where the body ends with it."""
    host = served.homes["wadi"].split("/")[2]
    request = f"GET /robots.txt HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    with connected(served.homes["wadi"]) as connection:
        for _ in range(2):
            connection.sendall(request)
            want, got = None, b""
            while want is None or len(got) < want:
                got += connection.recv(65536)
                want = len(served.world.log[-1].response)
            assert got == served.world.log[-1].response


def test_every_framing_occurs(served: Served, ask: Ask) -> None:
    """Content-Length, chunks, chunks with extension and trailer, and end of connection are all in use."""
    heads = {name: ask(home) for name, home in served.homes.items()}
    assert any(b"\r\nContent-Length: " in raw for raw in heads.values())
    assert any(b"Transfer-Encoding: chunked" in raw and b"Trailer" not in raw for raw in heads.values())
    assert b";part=0;" in heads["cheshmeh"]
    assert heads["cheshmeh"].endswith(b"\r\n\r\n")
    assert b"\r\nX-Checksum: " in heads["cheshmeh"].split(b"\r\n0;last", 1)[1]
    head = heads["tikhorechye"].split(b"\r\n\r\n", 1)[0].lower()
    assert b"content-length" not in head
    assert b"transfer-encoding" not in head


def test_header_names_in_lower_case(served: Served, ask: Ask) -> None:
    """One outlet writes every header's name in lower case."""
    head = ask(served.homes["larkmoor"]).split(b"\r\n\r\n", 1)[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
    assert names
    assert all(name == name.lower() for name in names)


def test_two_cookies_in_two_lines(served: Served, ask: Ask) -> None:
    """Cookies come as two Set-Cookie lines."""
    assert ask(served.homes["wadi"]).count(b"\r\nSet-Cookie: ") == 2


@pytest.mark.parametrize("outlet", ["wadi", "cheshmeh", "larkmoor"])
def test_validators_bring_304(served: Served, client: httpx.Client, outlet: str) -> None:
    """A request with the ETag of an unchanged page gets 304 without body or length; after the change, 200."""
    url = next(t.url for t in served.world.truth() if t.outlet == outlet)
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-length" not in again.headers
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert client.get(url, headers=since).status_code == 304
    assert client.get(url, headers={"If-Modified-Since": "Fri, 01 Jan 2010 00:00:00 GMT"}).status_code == 200


def test_the_edit_changes_the_validator(served: Served, client: httpx.Client) -> None:
    """The page that is edited on day 1 no longer matches its old validator."""
    url = next(t.url for t in served.world.truth() if "number 12" in t.text)
    while (answer := client.get(url)).status_code == 503:
        time.sleep(0.3)
    served.world.set_day(1)
    assert client.get(url, headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


def test_busy_once(client: httpx.Client) -> None:
    """One article is answered by 503 with Retry-After: 1 until that second is over, by the world's clock."""
    now = [1000.0]
    with serve(DemoWorld(clock=lambda: now[0])) as served:
        url = next(t.url for t in served.world.truth() if "number 12" in t.text)
        first = client.get(url)
        assert (first.status_code, first.headers["retry-after"]) == (503, "1")
        now[0] += 0.5
        assert client.get(url).status_code == 503
        now[0] += 0.6
        assert client.get(url).status_code == 200


def test_head_and_other_methods(served: Served, ask: Ask) -> None:
    """HEAD gives a head alone; POST is refused."""
    home = served.homes["wadi"]
    assert ask(home, method="HEAD").endswith(b"\r\n\r\n")
    assert ask(home, method="POST").startswith(b"HTTP/1.1 405 ")


def test_outlets_have_hosts_of_their_own(served: Served) -> None:
    """No two outlets share address and port; where the system has more than one loopback address, nor the address."""
    places = [home.split("/")[2] for home in (*served.homes.values(), served.faults)]
    assert len(set(places)) == len(places)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.2", 0))
        except OSError:
            return
    assert len({place.split(":")[0] for place in places}) == len(places)


def test_falls_back_to_another_port_and_then_to_127_0_0_1(served: Served) -> None:
    """Beside a taken port a free one is used; for an address that the system lacks (as macOS does), 127.0.0.1."""
    with _listen_beside("127.0.0.1", served.port) as beside:
        assert beside.getsockname()[1] != served.port
    with _listen_beside("192.0.2.1", served.port) as elsewhere:  # TEST-NET-1: no machine has it (RFC 5737)
        assert elsewhere.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_an_error(served: Served) -> None:
    """Asking for a port that another world holds raises OSError and leaves nothing open."""
    with pytest.raises(OSError, match="in use"), serve(DemoWorld(), port=served.port):
        pass


def test_over_tls() -> None:
    """With a TLS context the same world answers over https, and its addresses say so."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = [f"127.0.0.{number}" for number in range(1, 10)]
    authority.issue_cert(*names).configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with serve(DemoWorld(), tls=context) as served, httpx.Client(verify=trusting, trust_env=False) as client:
        truth = served.world.truth()[0]
        assert truth.url.startswith("https://")
        assert truth.paragraphs[0] in client.get(truth.url).text


def test_stops_with_connections_open() -> None:
    """Leaving the block ends the thread although clients still hold connections."""
    before = threading.active_count()
    with contextlib.ExitStack() as clients:
        with serve(DemoWorld()) as served:
            connection = clients.enter_context(connected(served.homes["wadi"]))
            connection.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(10)
        assert threading.active_count() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=300))
def test_garbage_ends_its_connection_and_nothing_else(served: Served, client: httpx.Client, noise: bytes) -> None:
    """Whatever bytes are thrown at a port, the next client is served."""
    with connected(served.homes["wadi"]) as connection, contextlib.suppress(OSError):
        connection.sendall(noise + b"\r\n\r\n")
    assert client.get(served.homes["wadi"] + "robots.txt").status_code == 200


def test_control(served: Served, client: httpx.Client) -> None:
    """Another process can move the day and read log and truth; that is not logged itself."""
    control = served.faults + "__demo/"
    client.get(served.homes["wadi"])
    rows = [row for row in client.get(control + "log").text.splitlines() if row]
    assert len(rows) == 1
    assert '"what": "home"' in rows[0]
    assert client.post(control + "day", content="1").text == "1\n"
    assert served.world.day == 1
    assert len(client.get(control + "truth").text.splitlines()) == len(served.world.truth())
    assert len(served.world.log) == 1
