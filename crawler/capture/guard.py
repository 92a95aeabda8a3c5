"""Which network addresses may be reached: global unicast only, decided on the address that is really connected to."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import (
    IHostnameResolver,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.errors import ForbiddenAddress

# IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and what has been added), multicast and the deprecated
# transition ranges. Written out because the standard library's `is_global` says yes to multicast, 6to4 and site-local.
SPECIAL_4 = {
    IPv4Network(network): reason
    for network, reason in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a provider's customers (RFC 6598)",
        "127.0.0.0/8": "loopback",
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved for protocols",
        "192.0.2.0/24": "documentation",
        "192.31.196.0/24": "reserved for AS112",
        "192.52.193.0/24": "reserved for AMT",
        "192.88.99.0/24": "a 6to4 relay",
        "192.168.0.0/16": "private",
        "192.175.48.0/24": "reserved for AS112",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
GLOBAL_6 = IPv6Network("2000::/3")
"""The only block of IPv6 from which global unicast addresses are given out (RFC 4291, IANA)."""
SPECIAL_6 = {
    IPv6Network(network): reason
    for network, reason in {
        "2001::/23": "reserved for protocols (Teredo, benchmarking, ORCHID …)",
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4",
        "2620:4f:8000::/48": "reserved for AS112",
        "3fff::/20": "documentation",
    }.items()
}
NAMED_6 = {
    IPv6Network(network): reason
    for network, reason in {
        "::/128": "unspecified",
        "::1/128": "loopback",
        "64:ff9b:1::/48": "NAT64 of a local network",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
        "fec0::/10": "site-local",
        "ff00::/8": "multicast",
    }.items()
}
NAT64 = IPv6Network("64:ff9b::/96")
"""Stands for the IPv4 address in its last 32 bits (RFC 6052); networks that have IPv6 only reach the old web so."""


def forbidden(address: str) -> str | None:
    """Return why an IP address may not be connected to, or None if it is global unicast.

    Any text that is no plain IP address is forbidden too: names and odd spellings (`127.1`, `0x7f000001`) must have
    been resolved before.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "no IP address"
    return _forbidden_4(parsed) if isinstance(parsed, IPv4Address) else _forbidden_6(parsed)


def _forbidden_4(address: IPv4Address) -> str | None:
    return next((reason for network, reason in SPECIAL_4.items() if address in network), None)


def _forbidden_6(address: IPv6Address) -> str | None:
    if address.scope_id is not None:
        return "bound to a local interface"
    inner = address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None)
    if inner is not None:
        return f"{reason} ({inner})" if (reason := _forbidden_4(inner)) else None
    ranges = SPECIAL_6 if address in GLOBAL_6 else NAMED_6
    reason = next((reason for network, reason in ranges.items() if address in network), None)
    return reason or (None if address in GLOBAL_6 else "not global unicast")


def refuse(host: str, addresses: Iterable[str]) -> None:
    """Raise ForbiddenAddress if one of the addresses of a host may not be connected to.

    One is enough: a name that leads to a private address beside a public one is a mistake or an attack (DNS rebinding).
    """
    for address in addresses:
        if reason := forbidden(address):
            raise ForbiddenAddress(
                f"{host} leads to {address}, which is {reason}: refused, for crawl.allow_private is off",
                hint="set crawl.allow_private = true (WARRAQ_CRAWL__ALLOW_PRIVATE=1) to crawl machines of your own",
            )


@implementer(IStreamClientEndpoint)
class GuardedEndpoint:
    """Connects to a host by name, with happy eyeballs, refusing forbidden addresses before anything is sent.

    Checked twice: every address that the resolver gives, before connecting; and the peer of the socket when it is
    connected, before a protocol (TLS or HTTP) is built on it.
    """

    def __init__(
        self, reactor: Any, host: str, port: int, *, timeout: float, bind: Any = None, guard: bool = True
    ) -> None:
        self._reactor, self._host, self._port = reactor, host, port
        self._timeout, self._bind, self._guard = timeout, bind, guard

    def __repr__(self) -> str:
        return f"<GuardedEndpoint {self._host}:{self._port}>"

    def connect(self, protocol_factory: Any) -> Deferred[Any]:
        """Connect; the Deferred fails with ForbiddenAddress for a refused host."""
        if not self._guard:
            plain = HostnameEndpoint(
                self._reactor, self._host, self._port, timeout=self._timeout, bindAddress=self._bind
            )
            return plain.connect(protocol_factory)
        reactor = _ResolvingReactor(self._reactor)
        endpoint = HostnameEndpoint(reactor, self._host, self._port, timeout=self._timeout, bindAddress=self._bind)
        factory: Any = GuardedFactory(protocol_factory, self._host)
        return endpoint.connect(factory).addErrback(reactor.explain)


class GuardedFactory(Factory):
    """Builds no protocol on a connection whose peer is forbidden."""

    noisy = False

    def __init__(self, wrapped: Any, host: str) -> None:
        self._wrapped, self._host = wrapped, host

    def doStart(self) -> None:  # noqa: N802  (Twisted's name)
        self._wrapped.doStart()

    def doStop(self) -> None:  # noqa: N802  (Twisted's name)
        self._wrapped.doStop()

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802  (Twisted's name)
        """Build the wrapped factory's protocol; raises ForbiddenAddress, on which Twisted drops the connection."""
        refuse(self._host, [str(getattr(addr, "host", addr))])
        return self._wrapped.buildProtocol(addr)


@implementer(IReactorPluggableNameResolver, IHostnameResolver)
class _ResolvingReactor:
    """The reactor, except that names which lead to a forbidden address resolve to nothing."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._refused: ForbiddenAddress | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)

    @property
    def nameResolver(self) -> _ResolvingReactor:  # noqa: N802  (Twisted's name)
        return self

    def resolveHostName(  # noqa: N802  (Twisted's name)
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Any = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        receiver = _Receiver(self, resolutionReceiver, hostName)
        return self._reactor.nameResolver.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )

    def refuse(self, host: str, addresses: Iterable[str]) -> bool:
        """Tell whether a name is refused, and remember why."""
        try:
            refuse(host, addresses)
        except ForbiddenAddress as error:
            self._refused = error
        return self._refused is not None

    def explain(self, failure: Failure) -> Failure:
        """Put the refusal in place of the empty lookup that it caused."""
        return Failure(self._refused) if self._refused is not None else failure  # type: ignore[no-untyped-call]


@implementer(IResolutionReceiver)
class _Receiver:
    def __init__(self, reactor: _ResolvingReactor, receiver: Any, host: str) -> None:
        self._reactor, self._receiver, self._host = reactor, receiver, host
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if not self._reactor.refuse(self._host, [address.host for address in self._addresses]):
            for address in self._addresses:
                self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()
