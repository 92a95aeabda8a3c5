"""TLS that always verifies: the chain against the machine's trusted authorities, and the name."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from twisted.internet.ssl import optionsForClientTLS, platformTrust
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

CACHED = 32
"""Hosts whose TLS context is kept: making one reads all authorities anew, and each holds them in memory."""


@implementer(IPolicyForHTTPS)
class VerifyingPolicy:
    """Twisted's verifying client, whatever DOWNLOAD_VERIFY_CERTIFICATES says (Scrapy's default trusts anybody).

    Trusted are the authorities that OpenSSL finds; SSL_CERT_FILE and SSL_CERT_DIR name others.
    """

    def __init__(self) -> None:
        self._creators: OrderedDict[bytes, Any] = OrderedDict()

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        """Give what makes verified connections to a host."""
        creator = self._creators.pop(hostname, None)
        if creator is None:
            creator = optionsForClientTLS(hostname.decode("ascii"), trustRoot=platformTrust())  # type: ignore[no-untyped-call]
        self._creators[hostname] = creator
        if len(self._creators) > CACHED:
            self._creators.popitem(last=False)
        return creator
