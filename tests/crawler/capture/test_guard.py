"""Which addresses may be reached: the rule as a table, and the handler against a real server that must see nothing."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address as TxIPv4
from twisted.internet.address import IPv6Address as TxIPv6
from twisted.internet.protocol import Factory, Protocol

from crawler.capture.guard import GuardedFactory, forbidden, refuse
from crawler.errors import ForbiddenAddress
from tests.crawler.capture.server import RawServer, Script, answer
from tests.crawler.driver import Ask, Job, Result, crawl


def words(text: str) -> list[str]:
    return text.split()


FORBIDDEN = words("""
0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.255.255.255 100.64.0.0 100.64.0.1 100.127.255.255
127.0.0.0 127.0.0.1 127.1.2.3 127.255.255.255 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255
192.0.0.0 192.0.0.8 192.0.0.9 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.0 192.168.1.1 192.168.255.255
198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 233.252.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::2 ::127.0.0.1 ::7f00:1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:0:127.0.0.1 ::ffff:0:0 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::8.8.8.8
100::1 100:0:0:1::1 2001::1 2001:0:7f00:1:: 2001:0:53aa:64c:0:1:f7f7:f7f7 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
2001:1ff:ffff::1 2002:7f00:1::1 2002:a00:1::1 2002:808:808::1 2620:4f:8000::1 3fff::1 3fff:fff:ffff::1 4000::1 5f00::1
fc00::1 fd00::1 fd12:3456:789a::1 fe80::1 fe80::1%eth0 fe80::1%1 febf::1 fec0::1 ff00::1 ff02::1 ff05::2 ff0e::1
2606:4700::1%lo 8000::1 e000::1
""")
ALLOWED = words("""
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255
198.20.0.0 223.255.255.255 2000::1 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00:1450::1
2a02:2e0::1 3ffe::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8
""")
NO_ADDRESS = [
    *words("""
localhost example.com 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.1. 127.0.0.1:80
[::1] ::1/128 10.0.0.1/8 0x7f.0x0.0x0.0x1 127.000.000.001 ⑫⑦.⓪.⓪.①
"""),
    "",
    " ",
    "1.1.1.1 ",
    "1.1.1.1\n",
    "1.1.1.1\t",
]

SPELLINGS = words("""
127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.254 2130706433 0x7f000001 0x7F000001 0x7f.1 0x7f.0.0.1 0x7f.0x0.0x0.0x1
0177.1 0177.0.0.1 0177.0.0.01 017700000001 00000177.0.0.1 127.0.0.0x1 127.0x0.1 127.00.00.01 0 0.0.0.0 0x0 00 0.0
localhost LOCALHOST LocalHost localhost. [::1] [0:0:0:0:0:0:0:1] [::0001] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:127.0.0.1] [::FFFF:127.0.0.1] [::ffff:7f00:0001] [::] [0::0] [::127.0.0.1]
rebind.example mixed.example mapped.example linklocal.example sixtofour.example nat.example
""")
HOSTS = {
    "rebind.example": ["127.0.0.1"],
    "mixed.example": ["93.184.216.34", "127.0.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "linklocal.example": ["169.254.169.254"],
    "sixtofour.example": ["2002:7f00:1::1"],
    "nat.example": ["64:ff9b::7f00:1"],
}


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden(address: str) -> None:
    """What is not global unicast is forbidden, with a reason."""
    assert forbidden(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_allowed(address: str) -> None:
    """What lies on the public internet is allowed, right up to the borders of the special ranges."""
    assert forbidden(address) is None


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_only_plain_addresses(text: str) -> None:
    """Names and odd spellings are no addresses: they must be resolved first."""
    assert forbidden(text) == "no IP address"


@given(st.integers(0, 2**32 - 1))
def test_never_more_than_the_library_allows(number: int) -> None:
    """No IPv4 address is allowed that the standard library calls private, multicast or reserved."""
    address = IPv4Address(number)
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert forbidden(str(address))
        assert forbidden(f"::ffff:{address}")
        assert forbidden(str(IPv6Address("64:ff9b::") + number))


@given(st.integers(0, 2**128 - 1))
def test_ipv6_is_global_unicast(number: int) -> None:
    """An allowed IPv6 address lies in 2000::/3, or stands for an IPv4 address that is allowed itself."""
    address = IPv6Address(number)
    if forbidden(str(address)) is None:
        assert number >> 125 == 1 or address.ipv4_mapped or str(address).startswith("64:ff9b::")


@given(st.text())
def test_never_raises(text: str) -> None:
    """Any text gets an answer."""
    assert forbidden(text) is None or isinstance(forbidden(text), str)


def test_one_forbidden_address_is_enough() -> None:
    """A name with a private address beside public ones is refused, and the message names the setting."""
    with pytest.raises(ForbiddenAddress, match=r"crawl\.allow_private") as caught:
        refuse("mixed.example", ["93.184.216.34", "10.0.0.1"])
    assert "mixed.example leads to 10.0.0.1" in caught.value.message
    assert "WARRAQ_CRAWL__ALLOW_PRIVATE" in caught.value.hint


@pytest.mark.parametrize("peer", [TxIPv4("TCP", "127.0.0.1", 80), TxIPv6("TCP", "fe80::1", 80), None])
def test_no_protocol_on_a_forbidden_peer(peer: object) -> None:
    """Whatever was resolved: on a connection to a forbidden peer no protocol is built, so no byte can be sent."""
    with pytest.raises(ForbiddenAddress):
        GuardedFactory(Factory.forProtocol(Protocol), "rebound.example").buildProtocol(peer)


def test_protocol_on_an_allowed_peer() -> None:
    """A public peer gets the protocol of the factory behind the guard."""
    guarded = GuardedFactory(Factory.forProtocol(Protocol), "public.example")
    assert isinstance(guarded.buildProtocol(TxIPv4("TCP", "93.184.216.34", 80)), Protocol)


SCRIPTS: dict[str, Script] = {"/": [answer(b"seen")], "/robots.txt": [answer(b"")]}


@pytest.fixture(scope="module")
def server() -> Iterator[RawServer]:
    with RawServer(SCRIPTS) as server:
        yield server


@pytest.fixture(scope="module")
def refused(server: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Result:
    ignore = {"robots_policy": "ignore"}
    asks = [Ask(f"{scheme}://{s}:{server.port}/", ignore) for s in SPELLINGS for scheme in ("http", "https")]
    asks += [Ask(f"http://127.0.5.{n}:{server.port}/obeying") for n in range(3)]
    job = Job(asks, crawl={"allow_private": False, "retries": 2}, hosts=HOSTS)
    return crawl(job, tmp_path_factory.mktemp("guard"))


def test_no_connection_is_made(server: RawServer, refused: Result) -> None:
    """Over all spellings of loopback, names that lead there, and robots.txt: not one connection is accepted."""
    assert server.accepted == 0
    assert server.log == []
    assert len(SPELLINGS) >= 40


def test_each_refusal_is_recorded_once(server: RawServer, refused: Result) -> None:
    """Every spelling is a Failure for the forbidden address (or is no address), and is not tried again."""
    tried = [outcome for outcome in refused.outcomes if "obeying" not in outcome.asked]
    assert len(tried) == 2 * len(SPELLINGS)
    assert {outcome.failed for outcome in tried} <= {"forbidden-address", "dns", "invalid"}
    forbidden_ones = [outcome for outcome in tried if outcome.failed == "forbidden-address"]
    assert len(forbidden_ones) >= 70
    assert all("crawl.allow_private" in outcome.message for outcome in forbidden_ones)
    recorded = [failure for failure in refused.failures if failure.cause == "forbidden-address"]
    assert len(recorded) == len(forbidden_ones) + 3
    assert refused.captures == []


def test_refused_robots_refuses_the_page(server: RawServer, refused: Result) -> None:
    """Where robots.txt is refused, the page is refused for the same reason, not for robots.txt."""
    pages = [outcome for outcome in refused.outcomes if "obeying" in outcome.asked]
    assert {(page.error, page.cause) for page in pages} == {("ForbiddenAddress", "forbidden-address")}
    assert {f.cause for f in refused.failures if "robots.txt" in f.url} == {"forbidden-address"}


def test_redirects_are_guarded_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A page that sends us to a private address is kept; its target is never connected to."""
    places = [f"http://{s}:{{port}}/" for s in ("127.0.0.1", "2130706433", "[::1]", "rebind.example")]
    with RawServer(SCRIPTS) as inner:
        targets = [place.format(port=inner.port) for place in places]
        scripts: dict[str, Script] = {
            f"/{n}": [answer(b"", "302 Found", head=b"Location: %b\r\n" % target.encode())]
            for n, target in enumerate(targets)
        }
        with RawServer(scripts) as outer:
            # The outer server stands for a public one: the driver lets this one address through.
            asks = [Ask(outer.url(path, "public.example"), {"robots_policy": "ignore"}) for path in scripts]
            job = Job(
                asks,
                crawl={"allow_private": False},
                hosts={"public.example": ["127.0.7.7"], "rebind.example": ["127.0.0.1"]},
                let_through="127.0.7.7",
            )
            result = crawl(job, tmp_path_factory.mktemp("redirect"))
        assert len(result.captures) == len(targets)
        assert inner.accepted == 0
    assert sorted(f.url for f in result.failures) == sorted(targets)
    assert {f.cause for f in result.failures} == {"forbidden-address"}


def test_allowed_when_chosen(tmp_path_factory: pytest.TempPathFactory) -> None:
    """crawl.allow_private = true reaches loopback, in any spelling."""
    with RawServer(SCRIPTS) as server:
        asks = [Ask(f"http://{host}:{server.port}/") for host in ("127.0.0.1", "2130706433", "localhost")]
        result = crawl(Job(asks), tmp_path_factory.mktemp("allowed"))
    assert [outcome.status for outcome in result.outcomes] == [200, 200, 200]
