"""TLS that always verifies: the chain against the machine's trusted authorities, and the name in the certificate."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from OpenSSL import SSL
from service_identity.exceptions import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import CertificateOptions, platformTrust
from twisted.python.failure import Failure
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

CHAIN = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself",
    19: "hangs on an authority that this machine does not trust",
    20: "hangs on an authority that this machine does not know (or the server left out a certificate of its chain)",
    21: "cannot be verified: the server left out a certificate of its chain",
    23: "was revoked",
}
"""OpenSSL's X509_V_ERR_* codes that a person meets, as the end of `the certificate …`."""


class Untrusted(Exception):
    """The server's certificate proves nothing; the text says why."""


@implementer(IPolicyForHTTPS)
class VerifyingPolicy:
    """Makes TLS connections that verify, whatever DOWNLOAD_VERIFY_CERTIFICATES says (Scrapy's default trusts anybody).

    Trusted are the authorities that OpenSSL finds; SSL_CERT_FILE and SSL_CERT_DIR name others. All hosts share one TLS
    context: making one reads every authority anew.

    Twisted's own optionsForClientTLS is not used: in 26.10 an error in its name check other than a plain mismatch is
    logged and the connection goes on, so that a trusted certificate without any name is good for every host.
    """

    def __init__(self) -> None:
        self._options: Any = CertificateOptions(trustRoot=platformTrust())  # type: ignore[no-untyped-call]

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802
        """Give what makes verified connections to a host."""
        return _Creator(self._options, hostname.decode("ascii"))


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    def __init__(self, options: Any, host: str) -> None:
        self._options, self._host = options, host

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:  # noqa: N802, N803
        connection: SSL.Connection = self._options.clientConnectionForTLS(tlsProtocol)
        if not _is_address(self._host):  # an address is never sent as a name (RFC 6066 section 3)
            connection.set_tlsext_host_name(self._host.encode("ascii"))
        mode = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
        connection.set_verify(mode, _verifier(self._host, tlsProtocol.failVerification))
        return connection


def _verifier(host: str, refuse: Callable[[Failure], None]) -> Callable[[Any, Any, int, int, int], bool]:
    """Give the callback that OpenSSL asks for each certificate of the chain; the server's own has depth 0."""

    def verify(connection: SSL.Connection, certificate: Any, code: int, depth: int, good: int) -> bool:
        reason = None if good else CHAIN.get(code, f"is not trusted (OpenSSL's code {code})")
        if reason is None and depth == 0:
            reason = misnamed(certificate, host)
        if reason is not None:
            refuse(Failure(Untrusted(f"the certificate {reason}")))  # type: ignore[no-untyped-call]
        return reason is None

    return verify


def misnamed(certificate: Any, host: str) -> str | None:
    """Return why a certificate is not for a host, or None if it is (RFC 9525)."""
    wanted = IPAddress_ID(host) if _is_address(host) else DNS_ID(host)
    try:
        verify_service_identity(extract_patterns(certificate), [wanted], [])
    except VerificationError:
        return f"is not for {host}"
    except (CertificateError, ValueError) as error:
        return f"names nobody that can be checked ({error})"
    return None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
