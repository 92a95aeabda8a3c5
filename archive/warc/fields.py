"""The words of WARC headers and warc-fields: addresses, dates, digests, and any text as a value on one line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from archive.errors import ArchiveError

VERSION = "WARC/1.1"
FIELDS_TYPE = "application/warc-fields"
CERTIFICATE_TYPE = "application/pkix-cert"
"""RFC 2585: one certificate, DER."""

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What could begin a new line or record for some reader, or has no UTF-8."""
NOT_IN_URI = re.compile(r"[^!-;=?-~]+")
"""All but the printable ASCII without `<` and `>`: WARC 1.1 writes addresses bare, so they may hold no space."""
PLAIN = re.compile(r'(?![\s"])[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*(?<!\s)')
"""A value that can stand in a field as it is; others stand as a JSON string."""
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?Z?", re.ASCII)


def safe(name: str, value: str) -> str:
    """Give a header's value back; raise ArchiveError where it could break the header (CR, LF, NUL and their like)."""
    if UNSAFE.search(value):
        raise ArchiveError(f"{name}: {value!r} cannot stand in a WARC header", hint="this is a defect: report it")
    return value


def uri(url: str) -> str:
    """Give an address as WARC-Target-URI may hold it: what no address may hold is percent-encoded, as UTF-8."""
    return NOT_IN_URI.sub(lambda found: quote(found[0].encode("utf-8", "surrogatepass"), safe=""), url)


def write_date(moment: datetime) -> str:
    """Give a time as WARC-Date has it: UTC, microseconds."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_date(text: str) -> datetime:
    """Read a WARC-Date, cut to microseconds. Raises ValueError."""
    found = DATE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no WARC-Date")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    return datetime(year, month, day, hour, minute, second, int((found[7] or "0").ljust(6, "0")[:6]), tzinfo=UTC)


def digest(data: bytes) -> str:
    """Give `sha256:` and the hex digest: other algorithms than SHA-1 stand in Base16 (iipc/warc-specifications#48)."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def write_id(record_id: str) -> str:
    """Give a record's id as headers hold it."""
    return f"<urn:uuid:{record_id}>"


def read_id(text: str) -> str:
    """Give the bare UUID of a record's id; of another scheme's id the whole address."""
    return text.strip().removeprefix("<").removesuffix(">").removeprefix("urn:uuid:")


def write_fields(fields: Mapping[str, str | None]) -> bytes:
    """Write an application/warc-fields block; fields without a value are left out."""
    lines = (f"{name}: {_quoted(value)}\r\n" for name, value in fields.items() if value is not None)
    return "".join(lines).encode("utf-8")


def read_fields(block: bytes) -> dict[str, str]:
    """Read an application/warc-fields block, the first value of each name."""
    fields = dict[str, str]()
    for name, value in header_lines(block.decode("utf-8", "replace").split("\n")):
        fields.setdefault(name, _unquoted(value))
    return fields


def header_lines(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Read `name: value` lines; a line that begins with a space belongs to the one before it."""
    found = list[tuple[str, str]]()
    for line in lines:
        if line[:1] in {" ", "\t"} and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon:
            found.append((name.strip(" \t"), value.strip(" \t\r")))
    return found


def _quoted(value: str) -> str:
    return value if PLAIN.fullmatch(value) else json.dumps(value)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        plain = json.loads(value)
    except ValueError:
        return value
    return plain if isinstance(plain, str) else value
