"""Derives one capture: reads it from its WARC file, extracts, packs. Runs in workers, so it is light to load."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Mapping
from hashlib import sha256

from archive.address import article_key
from archive.article import Article
from archive.assemble import claim, front_page, text_digest
from archive.capture import Capture
from archive.derivation import Derivation, Derived, Task
from archive.packed import pack
from archive.rows import storable
from archive.search.fold import fold
from settings.language import Languages
from settings.outlet import Outlet

SAMPLE = b"<html><head><title>a</title></head><body><article><h1>a</h1>%b</article></body></html>" % (
    b"<p>%b</p>" % (b"abc def ghi, " * 40) * 5
)
"""A page in no language, large enough to be taken for an article."""

NICENESS = 5
"""Workers give way to the crawl, which keeps appointments with other people's servers; not so far that a busy machine
starves them beyond a page's deadline, which is told by the clock on the wall."""


def derive(capture: Capture, capture_id: str, outlet: Outlet | None, languages: Languages) -> Derived:
    """Extract one capture. `outlet` is None where no file describes it."""
    from archive.extractors import RULES, extract

    outlet = outlet or Outlet(
        id=capture.provenance.outlet, name=capture.provenance.outlet, home=front_page(capture.url)
    )
    return _derived(extract(capture, outlet, languages), capture_id, capture.url, outlet, RULES)


def _derived(article: Article, capture_id: str, url: str, outlet: Outlet, rules: str) -> Derived:
    own = article_key(url)
    if article.not_article is not None:
        reason = storable(article.not_article)
        return Derived(
            Derivation(capture_id=capture_id, rules=rules, outcome="not-article", reason=reason, own_key=own)
        )
    title, body = fold(article.title or ""), fold(article.text)
    derivation = Derivation(
        capture_id=capture_id,
        rules=rules,
        outcome="article",
        reason=None,
        own_key=own,
        claimed_key=claim(article.canonical_url, url, outlet),
        title_fold=sha256(title.encode()).hexdigest() if title else "",
        text_digest=text_digest(article.title, article.text),
        article=pack(article),
    )
    return Derived(derivation, (title, body))


def failed(task: Task, rules: str, reason: str) -> Derived:
    """Give the derivation of a capture on which extraction failed: it is kept, and tried again under other rules."""
    return Derived(
        Derivation(
            capture_id=task.capture_id,
            rules=rules,
            outcome="error",
            reason=storable(reason),
            own_key=article_key(task.url),
        )
    )


# What follows runs in workers only. A worker process lives for one pool, so what it works with is its own state.

_outlets: Mapping[str, Outlet] = {}
_languages: Languages | None = None


def set_up(outlets: Mapping[str, Outlet], languages: Languages, memory: int) -> None:
    """Make this process a worker: its knowledge, its bounds."""
    global _outlets, _languages
    _outlets, _languages = outlets, languages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; whoever started us decides
    os.nice(NICENESS)
    warm()
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def work(task: Task) -> Derived:
    """Derive one capture."""
    from archive.warc.reader import read

    assert _languages is not None
    capture = read(task.file, task.offset, task.length)
    return derive(capture, task.capture_id, _outlets.get(task.outlet), _languages)


def warm() -> None:
    """Load the extractors and what they load at their first page, so that no page's deadline is spent on it."""
    import archive.warc.reader  # noqa: F401 - loaded for later
    from archive.extractors import extract_page

    extract_page(SAMPLE, "https://sample.invalid/2026/05/03/a", "text/html")
