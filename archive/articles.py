"""Keeps articles, versions and the search index in step with the extractions, whatever order these come in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from archive.article import Article
from archive.assemble import Assembled, Shown, article_id, assemble, assign, settled, versions
from archive.database import derived
from archive.database.derived import Indexed
from archive.derivation import Derivation
from archive.packed import unpack
from archive.search.fold import fold

if TYPE_CHECKING:
    from archive.database.engine import Transaction

Words = Mapping[str, tuple[str, str]]
"""Folded title and text by capture, as far as they are at hand."""

AT_ONCE = 200
"""Articles put together at once: bounds the memory that their words take."""


def put_in(transaction: Transaction, made: Collection[Derivation], words: Words) -> set[str]:
    """Store what the rules made of captures, and bring the articles that it touches up to date; give their ids.

    What comes out is a function of all extractions in the database, not of their order or of how they were batched.
    """
    captures = [derivation.capture_id for derivation in made]
    before = derived.keys_of(transaction, captures)
    derived.store(transaction, list(made))
    after = derived.keys_of(transaction, captures)
    touched = _reassign(transaction, before | after, captures)
    _put_together(transaction, touched, words)
    return set(touched)


def _reassign(transaction: Transaction, keys: Collection[tuple[str, str]], captures: Collection[str]) -> dict[str, str]:
    """Settle which article each capture at (or claiming) these keys shows; give the touched articles' outlets."""
    by_outlet: dict[str, set[str]] = defaultdict(set)
    for outlet, key in keys:
        by_outlet[outlet].add(key)
    changed: dict[str, str | None] = {}
    touched: dict[str, str] = {}
    fresh = set(captures)
    for outlet, some in sorted(by_outlet.items()):
        rows = derived.shown_at(transaction, outlet, some)
        assigned = assign([row for row, _ in rows], some)
        for row, old in rows:
            new = article_id(outlet, assigned[row.capture_id]) if row.capture_id in assigned else old
            if new != old:
                changed[row.capture_id] = new
            if new != old or row.capture_id in fresh:
                touched |= {article: outlet for article in (old, new) if article}
    for capture, (outlet, article) in derived.lost(transaction, captures).items():
        changed[capture] = None
        touched[article] = outlet
    derived.set_articles(transaction, changed)
    return touched


def _put_together(transaction: Transaction, touched: Mapping[str, str], words: Words) -> None:
    ids = sorted(touched)
    for at in range(0, len(ids), AT_ONCE):
        shown = derived.shown_by(transaction, ids[at : at + AT_ONCE])
        gone = [article for article in ids[at : at + AT_ONCE] if article not in shown]
        # While a rule change is under way an article waits until all its captures stand under the new rules.
        ready = {article: rows for article, rows in shown.items() if settled(rows)}
        firsts = {
            version.first_capture
            for article, rows in ready.items()
            for version in versions(article, _key(article, touched[article], rows), rows)
        }
        read = {capture: unpack(blob) for capture, blob in derived.blobs(transaction, firsts).items()}
        made = [_assembled(article, touched[article], rows, read) for article, rows in sorted(ready.items())]
        derived.replace(transaction, gone, made, [_indexed(article, words) for article in made])


def _assembled(article: str, outlet: str, rows: list[Shown], read: Mapping[str, Article]) -> Assembled:
    return assemble(outlet, _key(article, outlet, rows), rows, read.__getitem__)


def _key(article: str, outlet: str, rows: Collection[Shown]) -> str:
    """Give the key whose hash is the article's id: one of those at which its captures lie, or that they claim."""
    keys = {key for row in rows for key in (row.own_key, row.claimed_key) if key}
    return next(key for key in keys if article_id(outlet, key) == article)


def _indexed(made: Assembled, words: Words) -> Indexed:
    said = made.article
    title, body = words.get(made.versions[-1].first_capture) or (fold(said.title or ""), fold(said.text))
    return Indexed(made.id, title, body)
