"""Every table of the database, as typed models. Derived tables can be made again from the WARC files (DERIVED)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from archive.database.types import Moment

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""Constraints have names of our own making, so that a migration can name them on both databases."""

PENDING = ""
"""The rules version of an extraction that was never tried; sorts before every real one."""


class Base(DeclarativeBase):
    """Root of the models."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        str: Text(),
        int: BigInteger(),
        bytes: LargeBinary(),
        datetime: Moment(),
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
    }


class Meta(Base):
    """What the derived rows were made with: versions of rules outside the schema."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class WarcFile(Base):
    """A WARC file and how far its records stand in `captures`."""

    __tablename__ = "warc_files"

    name: Mapped[str] = mapped_column(primary_key=True)
    """Relative to the archive's folder, forward slashes; the name it has (or will have) when sealed."""
    outlet: Mapped[str] = mapped_column(index=True)
    sealed: Mapped[bool]
    size: Mapped[int]
    """Bytes whose records are accounted for in the other tables; records behind it are taken up at the next open."""


class CaptureRecord(Base):
    """One exchange in the archive: where it lies and what is asked of it without reading it."""

    __tablename__ = "captures"
    __table_args__ = (
        UniqueConstraint("file", "offset"),
        Index(None, "urlkey", "started"),
        Index(None, "outlet", "started"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    urlkey: Mapped[str]
    outlet: Mapped[str]
    started: Mapped[datetime]
    status: Mapped[int | None]
    mime: Mapped[str]
    length: Mapped[int]
    payload_digest: Mapped[str] = mapped_column(index=True)
    block_digest: Mapped[str]
    file: Mapped[str]
    offset: Mapped[int]
    record_length: Mapped[int]
    truncated: Mapped[str | None]
    run: Mapped[str] = mapped_column(index=True)
    why: Mapped[str]
    via: Mapped[str | None]
    robots: Mapped[str]
    peer: Mapped[str | None]
    protocol: Mapped[str]
    location: Mapped[str | None]


class FetchError(Base):
    """A request that brought no response; `id` is the record id of its metadata record."""

    __tablename__ = "fetch_errors"
    __table_args__ = (Index(None, "outlet", "started"), Index(None, "urlkey", "started"))

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    urlkey: Mapped[str]
    outlet: Mapped[str]
    run: Mapped[str] = mapped_column(index=True)
    started: Mapped[datetime]
    why: Mapped[str]
    via: Mapped[str | None]
    robots: Mapped[str]
    cause: Mapped[str]
    message: Mapped[str]


class RunRecord(Base):
    """What one crawl of one outlet did."""

    __tablename__ = "runs"
    __table_args__ = (Index(None, "outlet", "started"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    outlet: Mapped[str]
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    outcome: Mapped[str]
    counts: Mapped[dict[str, Any]]


class Extraction(Base):
    """What the rules made of one capture, or that they are still to be tried (rules PENDING)."""

    __tablename__ = "extractions"
    __table_args__ = (
        Index(None, "rules", "started"),
        Index(None, "outlet", "own_key"),
        Index(None, "outlet", "claimed_key"),
    )

    capture_id: Mapped[str] = mapped_column(ForeignKey("captures.id"), primary_key=True)
    outlet: Mapped[str]
    started: Mapped[datetime]
    whole: Mapped[bool]
    """Whether the response was not cut short."""
    rules: Mapped[str]
    outcome: Mapped[str]
    """pending | article | not-article | error."""
    reason: Mapped[str | None]
    """Why it is no article, or what the error was."""
    own_key: Mapped[str]
    """Key of the address that was asked for."""
    claimed_key: Mapped[str | None]
    """Key of the address that the page calls canonical, where it is another one that may be believed."""
    title_fold: Mapped[str]
    """sha256 of the folded title; empty where there is none."""
    text_digest: Mapped[str]
    article_id: Mapped[str | None] = mapped_column(index=True)
    """The article that this capture shows."""
    article: Mapped[bytes | None]
    """The Article with its blocks: zlib-compressed JSON."""


class ArticleRecord(Base):
    """One canonical address within an outlet, as its latest version has it."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("outlet", "key"),
        Index(None, "outlet", "sort_at"),
        Index(None, "language", "sort_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    outlet: Mapped[str]
    key: Mapped[str]
    url: Mapped[str]
    canonical_url: Mapped[str]
    title: Mapped[str | None]
    language: Mapped[str]
    published: Mapped[dict[str, Any] | None]
    """The earliest date of publication that can be believed, of all versions."""
    modified: Mapped[dict[str, Any] | None]
    sort_at: Mapped[datetime] = mapped_column(index=True)
    """When it was published as far as it is known, else when it was first seen: the order of lists."""
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    versions: Mapped[int]
    captures: Mapped[int]
    version_id: Mapped[str]
    capture_id: Mapped[str]
    rules: Mapped[str]
    sha256: Mapped[str]
    notes: Mapped[list[str]]


class VersionRecord(Base):
    """An article's text from the capture that first showed it to the last that did."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("article_id", "ordinal"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id"))
    ordinal: Mapped[int]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    first_capture: Mapped[str]
    """Its extraction holds the version's Article and blocks, compressed, once."""
    last_capture: Mapped[str]
    text_digest: Mapped[str]
    captures: Mapped[int]
    rules: Mapped[str]


class FrontierRecord(Base):
    """An address to be asked for. State, not derived: it is lost with the database without harm."""

    __tablename__ = "frontier"
    __table_args__ = (Index(None, "outlet", "state", "priority", "due"),)

    outlet: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    kind: Mapped[str]
    via: Mapped[str | None]
    priority: Mapped[int]
    found: Mapped[datetime]
    due: Mapped[datetime]
    state: Mapped[str]
    """waiting | done | failed."""
    attempts: Mapped[int]
    outcome: Mapped[str | None]
    changed: Mapped[str | None]
    """When the address last changed, as the feed or sitemap that named it says, in its own words."""


class HostRecord(Base):
    """When a host was last asked, so that the next process keeps its distance too. State, not derived."""

    __tablename__ = "hosts"

    host: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[datetime]
    delay: Mapped[float]
    """Seconds between two requests that were in force."""


DERIVED = (
    "meta",
    "warc_files",
    "captures",
    "fetch_errors",
    "runs",
    "extractions",
    "articles",
    "versions",
    "search",
)
"""Tables that `warraq rebuild --from-warc` makes again, parents before children."""
