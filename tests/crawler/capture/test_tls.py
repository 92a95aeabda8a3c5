"""Capture over TLS, and what must not pass: certificates that prove nothing."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.crawler.capture.server import CLOSE, RawServer, Script, answer
from tests.crawler.driver import Ask, Job, Result, crawl

SCRIPTS: dict[str, Script] = {
    "/page": [answer(b"over TLS", head=b"x-ODD:v\r\n folded\r\n")],
    "/again": [answer(b"again")],
    "/chunked": [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;e=1\r\nok\r\n", b"0\r\nT: x\r\n\r\n"],
    "/short": [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", CLOSE],
    "/silence": [30.0],
}
REFUSED = ("wrong-name", "untrusted", "expired", "nameless", "not-yet", "no-tls")


class Authority:
    """A certificate authority that may also sign what a real one must not."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.certificate = self._sign(self.name, self.key, authority=True)

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: tuple[int, int] = (-1, 30),
        names: tuple[str, ...] = (), authority: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False
            )
        return builder.sign(self.key, hashes.SHA256())

    def context(
        self, folder: Path, common: str, *, days: tuple[int, int] = (-1, 30), names: tuple[str, ...] = ()
    ) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        certificate = self._sign(subject, key, days=days, names=names)
        path = folder / f"{common}-{days[0]}-{len(names)}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def trustme_context(authority: trustme.CA, *names: str) -> tuple[ssl.SSLContext, bytes]:
    issued = authority.issue_cert(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context, ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())


class World:
    """Servers by what is wrong with them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        known, own = trustme.CA(), Authority()
        good, self.der = trustme_context(known, "good.example", "127.0.0.1")
        stranger, _ = trustme_context(trustme.CA(), "untrusted.example")
        other, _ = trustme_context(known, "other.example")
        self.good = good
        contexts = {
            "good": good,
            "wrong-name": other,
            "untrusted": stranger,
            "expired": own.context(folder, "expired.example", days=(-30, -1), names=("expired.example",)),
            "not-yet": own.context(folder, "not-yet.example", days=(2, 30), names=("not-yet.example",)),
            "nameless": own.context(folder, "nameless.example"),
        }
        self.servers = {
            name: stack.enter_context(RawServer(SCRIPTS, tls=context)) for name, context in contexts.items()
        }
        self.servers["no-tls"] = stack.enter_context(RawServer({}, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        bundle = folder / "authorities.pem"
        bundle.write_bytes(known.cert_pem.bytes() + own.certificate.public_bytes(serialization.Encoding.PEM))
        self.env = {"SSL_CERT_FILE": str(bundle), "SSL_CERT_DIR": str(folder / "none")}

    def url(self, name: str, path: str = "/page", host: str | None = None) -> str:
        return self.servers[name].url(path, host or f"{name}.example", scheme="https")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("certificates"), stack)


@pytest.fixture(scope="module")
def result(world: World, tmp_path_factory: pytest.TempPathFactory) -> Result:
    asks = [Ask(world.url("good", path)) for path in ("/page", "/again", "/chunked", "/short")]
    asks += [Ask(world.url("good", host="127.0.0.1"))]
    asks += [Ask(world.url(name), meta={"robots_policy": "ignore"}) for name in REFUSED]
    asks += [Ask(world.url("good", "/silence", "127.0.0.1"), meta={"download_timeout": 0.5})]
    hosts = {f"{name}.example": ["127.0.0.1"] for name in world.servers}
    job = Job(asks, crawl={"retries": 0, "deadline": 5.0}, hosts=hosts)
    return crawl(job, tmp_path_factory.mktemp("tls"), env=world.env)


@pytest.mark.parametrize("path", ["/page", "/again", "/chunked", "/short"])
def test_bytes_over_tls(world: World, result: Result, path: str) -> None:
    """Over TLS too, request and response are kept as the server read and wrote them."""
    capture, seen = result.capture(world.url("good", path)), world.servers["good"].exchanges(path)[0]
    assert capture.request == seen.request
    assert capture.response == bytes(seen.sent)
    assert capture.truncated == ("disconnect" if path == "/short" else None)


def test_certificate_and_peer(world: World, result: Result) -> None:
    """The server's certificate is kept (DER), also for later exchanges on the connection."""
    for path in ("/page", "/again"):
        capture = result.capture(world.url("good", path))
        assert (capture.certificate, capture.peer) == (world.der, "127.0.0.1")
    assert result.outcome(world.url("good")).certificate


def test_certificate_of_an_address(world: World, result: Result) -> None:
    """An address instead of a name is verified against the certificate's addresses."""
    assert result.outcome(world.url("good", host="127.0.0.1")).status == 200


def test_silence_after_the_handshake(world: World, result: Result) -> None:
    """A server that says nothing over TLS is a timeout, not a TLS failure."""
    assert result.failure(world.url("good", "/silence", "127.0.0.1")).cause == "timeout"


@pytest.mark.parametrize("name", REFUSED)
def test_refused(world: World, result: Result, name: str) -> None:
    """No request is sent where the server does not prove its name by a trusted, valid certificate."""
    assert world.servers[name].log == []
    failure, outcome = result.failure(world.url(name)), result.outcome(world.url(name))
    assert failure.cause == "tls"
    assert "\n" not in failure.message
    assert (outcome.error, outcome.failed, outcome.cause) == ("CertificateRefused", "tls", "tls")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong-name", "is not for wrong-name.example"),
        ("nameless", "names nobody"),
        ("expired", "has expired"),
        ("not-yet", "is not valid yet"),
        ("untrusted", "authority that this machine does not know"),
    ],
)
def test_the_message_says_why(world: World, result: Result, name: str, words: str) -> None:
    """The Failure tells a person what is wrong with the certificate."""
    assert words in result.failure(world.url(name)).message


def test_no_noise(result: Result) -> None:
    """Refused certificates leave no traceback in the log."""
    assert "Traceback" not in result.log


def test_verified_whatever_scrapy_says(world: World, tmp_path: Path) -> None:
    """Scrapy's setting, off by default there, cannot switch verification off."""
    ask = Ask(world.url("untrusted"), meta={"robots_policy": "ignore"})
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": False}
    job = Job([ask], crawl={"retries": 0}, hosts={"untrusted.example": ["127.0.0.1"]}, settings=settings)
    assert crawl(job, tmp_path, env=world.env).failure(world.url("untrusted")).cause == "tls"


def test_delay_counts_from_the_end_of_the_handshake(world: World, tmp_path: Path) -> None:
    """A request waits for TLS after it was written: the delay runs from when it can really leave."""
    with RawServer(SCRIPTS, tls=world.good, handshake_after=0.6) as server:
        asks = [Ask(server.url(path), meta={"robots_policy": "ignore"}) for path in ("/page", "/again")]
        result = crawl(Job(asks, crawl={"delay": 0.7}), tmp_path, env=world.env)
        first, second = server.log
    assert [outcome.status for outcome in result.outcomes] == [200, 200]
    assert first.connection == second.connection
    assert second.arrived - first.arrived >= 0.7 * 0.99
