"""What was learnt of an outlet's pages: a pure value, a function of the set of its captures."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What repeats on an outlet's pages. Without one, a page is read by the rules alone."""

    outlet: str
    version: str = VERSION
    """Of the way in which it was learnt; stored with what was extracted under it."""
    repeated: frozenset[str] = frozenset()
    """Lines that stand on many different articles, folded without spaces (text.squeeze)."""
    site_names: tuple[str, ...] = ()
    """What the outlet adds to its pages' titles."""
