"""Site: where the archive lies and how it is run; from warraq.toml, WARRAQ_* variables and flags."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec
import platformdirs

from settings.errors import ConfigError
from settings.names import nearest
from settings.outlet import refuse_unknown

FILE_NAME = "warraq.toml"
CONTACT = re.compile(r"https?://\S+\.\S+|\S+@\S+\.\S+")
"""A page or a mail address at which an outlet reaches whoever runs the crawl."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """Where originals lie and how they are written."""

    path: str = "archive"
    """The archive's folder, relative to warraq.toml."""
    rotate_bytes: int = 1 << 30
    """A WARC file is sealed when it has grown to this."""
    fsync: Literal["group", "record"] = "group"
    """group: one fsync for all records that wait; record: one each. Nothing is reported as kept before its fsync."""
    min_free_bytes: int = 64 << 20
    """The crawl stops, resumable (exit code 11), when the disk has less room than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """The derived tables."""

    url: str = ""
    """An SQLAlchemy address (`postgresql+psycopg://…`); empty: SQLite in the archive's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSettings:
    """How outlets are asked, and what a fetch may cost."""

    delay: float = 1.0
    """Seconds between two requests to one host; an outlet's file or its robots.txt may raise it."""
    deadline: float = 60.0
    """Seconds after which a fetch ends, whatever it has brought."""
    max_body: int = 32 << 20
    """Bytes of a response body that are kept; more is cut and marked."""
    max_redirects: int = 10
    concurrency: int = 64
    """Requests under way at once, all hosts together (one a host)."""
    retries: int = 2
    """Further tries of a request that failed in passing."""
    max_retry_after: float = 3600.0
    """Seconds: a host that asks for a longer pause is left for a later run."""
    allow_private: bool = False
    """Whether loopback and private addresses may be connected to; for tests and the demo."""
    mask_credentials: bool = True
    """Whether Authorization and Cookie values that we send are masked in the kept request."""
    user_agent: str = ""
    """The name in front of the contact in User-Agent; empty: warraq and its version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSettings:
    """Extraction beside the crawl."""

    workers: int = 2
    deadline: float = 20.0
    """Seconds that one page may take before its worker is killed."""
    memory: int = 1 << 30
    """Bytes of memory that one worker may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All that one installation chooses. `root` is the folder of warraq.toml; paths are relative to it."""

    root: Path
    contact: str = ""
    """A web page or mail address for outlets to complain to; sent with every request."""
    outlets: str = "outlets"
    """The folder of the outlets' files."""
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    crawl: CrawlSettings = field(default_factory=CrawlSettings)
    extract: ExtractSettings = field(default_factory=ExtractSettings)
    file: Path | None = None
    """The warraq.toml that was read; None where there was none."""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each value came from: key → default | file | variable | flag, in the words of `config show --origin`."""

    @property
    def archive_path(self) -> Path:
        return self.root / self.archive.path

    @property
    def outlets_path(self) -> Path:
        return self.root / self.outlets

    @property
    def database_url(self) -> str:
        if self.database.url:
            return self.database.url
        return f"sqlite:///{(self.archive_path / 'warraq.db').resolve()}"


NOT_KEYS = frozenset({"root", "file", "origins"})
"""Fields of Site that follow from where it was read and cannot be written in it."""


def keys(kind: type[Any] = Site, prefix: str = "") -> dict[str, Any]:
    """Return every settable key, dotted, with its type."""
    found: dict[str, Any] = {}
    hints = get_type_hints(kind)
    for f in fields(kind):
        if kind is Site and f.name in NOT_KEYS:
            continue
        if hasattr(hints[f.name], "__dataclass_fields__"):
            found |= keys(hints[f.name], f"{prefix}{f.name}.")
        else:
            found[f"{prefix}{f.name}"] = hints[f.name]
    return found


def find_config(start: Path, env: Mapping[str, str]) -> Path | None:
    """Return the configuration file in force: $WARRAQ_CONFIG, the nearest warraq.toml upward, the user's own."""
    if named := env.get("WARRAQ_CONFIG"):
        return Path(named)
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    personal = Path(platformdirs.user_config_dir("warraq", appauthor=False)) / FILE_NAME
    return personal if personal.is_file() else None


def load_site(
    config: Path | None = None,
    *,
    env: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    start: Path | None = None,
) -> Site:
    """Read the site's settings: flags over WARRAQ_* variables over the file over defaults.

    `flags` maps dotted keys to values; None values are not given. Raises ConfigError.
    """
    env = os.environ if env is None else env
    start = (start or Path.cwd()).resolve()
    path = config or find_config(start, env)
    values: dict[str, Any] = {}
    origins = dict.fromkeys(keys(), "default")
    if path is not None:
        data = _read(path)
        refuse_unknown(data, Site, str(path))
        if bad := NOT_KEYS & data.keys():
            raise ConfigError(f"{path}: unknown key `{min(bad)}`", hint="`warraq config schema` lists every key")
        for key, value in _flat(data):
            values[key], origins[key] = value, str(path)
    for key, value, name in _from_env(env):
        values[key], origins[key] = value, name
    for key, value in (flags or {}).items():
        if value is not None:
            values[key], origins[key] = value, "flag"
    root = path.resolve().parent if path is not None else start
    return _build(root, path, values, origins)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="run `warraq init` to make one") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}", hint="mend that line") from error


def _flat(data: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in data.items():
        rows += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return rows


NOT_SETTINGS = frozenset({"WARRAQ_CONFIG", "WARRAQ_NOW"})
"""WARRAQ_* variables that say something else than a key of the site."""


def _from_env(env: Mapping[str, str]) -> list[tuple[str, str, str]]:
    known, rows = keys(), []
    for name in sorted(env):
        if not name.startswith("WARRAQ_") or name in NOT_SETTINGS or name.startswith("WARRAQ_TEST_"):
            continue
        key = name.removeprefix("WARRAQ_").lower().replace("__", ".")
        value = env[name]
        if key.endswith("_file") and key not in known and key.removesuffix("_file") in known:
            key, value = key.removesuffix("_file"), _secret(Path(value), name)
        if key not in known:
            near = nearest(key, known)
            hint = f"did you mean WARRAQ_{near.upper().replace('.', '__')}?" if near else "see `warraq config schema`"
            raise ConfigError(f"environment: {name} is no setting", hint=hint)
        rows.append((key, value, name))
    return rows


def _secret(path: Path, name: str) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"environment: {name}: {path}: {error.strerror}", hint="name a file that can be read"
        ) from error


def _build(root: Path, path: Path | None, values: dict[str, Any], origins: dict[str, str]) -> Site:
    known, tree = keys(), dict[str, Any]()
    for key, value in values.items():
        try:
            converted = msgspec.convert(value, known[key], strict=not isinstance(value, str))
        except msgspec.ValidationError as error:
            raise ConfigError(
                f"{origins[key]}: {key}: {error}", hint="`warraq config schema` gives its type"
            ) from error
        table, _, leaf = key.rpartition(".")
        (tree.setdefault(table, {}) if table else tree)[leaf] = converted
    site = Site(root=root, file=path, origins=origins)
    inner = {k: replace(getattr(site, k), **v) for k, v in tree.items() if isinstance(v, dict)}
    site = replace(site, **{**tree, **inner})
    _check(site)
    return site


def _check(site: Site) -> None:
    crawl = site.crawl
    for name, value, least in (
        ("crawl.delay", crawl.delay, 0.0),
        ("crawl.deadline", crawl.deadline, 0.1),
        ("crawl.concurrency", crawl.concurrency, 1),
        ("crawl.max_body", crawl.max_body, 1),
        ("crawl.max_redirects", crawl.max_redirects, 0),
        ("crawl.retries", crawl.retries, 0),
        ("extract.workers", site.extract.workers, 1),
        ("archive.rotate_bytes", site.archive.rotate_bytes, 1),
    ):
        if value < least:
            origin = site.origins.get(name, "default")
            raise ConfigError(f"{origin}: {name} = {value} is too small", hint=f"write {least} or more")
    if site.contact and not CONTACT.fullmatch(site.contact):
        raise ConfigError(
            f"{site.origins.get('contact')}: contact {site.contact!r} is neither a web page nor a mail address",
            hint="write https://… or name@host",
        )
