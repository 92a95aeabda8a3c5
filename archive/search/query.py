"""What people type, read into phrases and written as match expressions with one meaning on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from archive.search.fold import PIECE, RUN, TERM_LIMIT, letters, pairs

WORD_LIMIT = 64
"""Words and phrases of a query that are looked at: FTS5 refuses deep expressions, and more hardly narrow a search."""

DEPTH_LIMIT = 16
"""Brackets within brackets; deeper ones are read as if they were not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search: words and filters. Without words every article that passes the filters is found, newest first."""

    text: str = ""
    language: str | None = None
    """BCP 47 code of the article's text."""
    outlet: str | None = None
    since: date | None = None
    """First day of publication, inclusive."""
    until: date | None = None
    """Last day of publication, inclusive."""
    count_by: Literal["day", "outlet", "language"] | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded terms that stand one after the other; with `prefix`, the last is only the beginning of one."""

    terms: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every one of `wanted` and none of `excluded`."""

    wanted: tuple[Node, ...]
    excluded: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of the choices."""

    choices: tuple[Node, ...]


Node = Phrase | All | Any

# One thing a person types: an optional minus, then a phrase (its closing quote may be missing), a bracket or a word.
TOKEN = re.compile(
    r"""
      (?P<minus> (?<![^\s()]) - (?=[^\s)]) )?
      (?: " (?P<phrase> [^"]* ) (?: " (?P<star> \* )? | $ )
        | (?P<bracket> [()] )
        | (?P<word> [^\s"()]+ )
      )
    """,
    re.VERBOSE,
)

QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"（": "(", "）": ")"})
"""What keyboards and word processors make of a quotation mark, and full-width brackets."""


class _Token(NamedTuple):
    kind: Literal["phrase", "(", ")", "or", "not"]
    phrase: Phrase | None = None
    minus: bool = False


def parse(text: str) -> Node | None:
    """Read a query: words are all wanted; "phrases"; OR or |; -word or NOT; prefix*; brackets.

    OR binds loosest. Whatever is unbalanced, doubled or misplaced is read as if it were not there. None: no word in it.
    """
    return _Reader(list(_tokens(text))).choice(0)


def fts5(text: str) -> str | None:
    """Return SQLite FTS5's match expression for what was typed; None when there is no word in it."""
    return _render(text, FTS5)


def tsquery(text: str) -> str | None:
    """Return PostgreSQL's tsquery, in text form, for what was typed; None when there is no word in it.

    Good for a cast (`::tsquery`) and for `to_tsquery('simple', …)` alike.
    """
    return _render(text, TSQUERY)


def phrases(text: str) -> tuple[Phrase, ...]:
    """Return the phrases that are wanted, for marking them in a text; what is excluded is not among them."""
    node = parse(text)
    return tuple(dict.fromkeys(_wanted(node))) if node else ()


def phrase(text: str, *, prefix: bool = False) -> Phrase | None:
    """Return the terms by which the index finds a text as it stands; None when there is nothing to find in it."""
    pieces = PIECE.findall(letters(text))
    terms: list[str] = []
    for number, piece in enumerate(pieces, 1):
        if not RUN.match(piece):
            terms.append(piece[:TERM_LIMIT])
            continue
        *grams, last = pairs(piece)
        if number < len(pieces):
            terms += [*grams, last]
        elif grams:
            # The run may go on in the text, so its last letter is not looked for alone.
            terms += grams
        else:
            terms, prefix = [*terms, last], True
    return Phrase(tuple(terms), prefix) if terms else None


def _tokens(text: str) -> Iterator[_Token]:
    words = 0
    for match in TOKEN.finditer(text.translate(QUOTES)):
        minus, word = bool(match["minus"]), match["word"] or ""
        if match["bracket"]:
            yield _Token("(" if match["bracket"] == "(" else ")", minus=minus)
        elif word in ("OR", "|"):
            yield _Token("or")
        elif word == "NOT":
            yield _Token("not")
        elif word != "AND" and words < WORD_LIMIT:
            starred = bool(match["star"]) or (len(word) > 1 and word.endswith("*"))
            if found := phrase(word or match["phrase"] or "", prefix=starred):
                words += 1
                yield _Token("phrase", found, minus)


class _Reader:
    """A walk over the tokens, forward only."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def choice(self, depth: int) -> Node | None:
        groups = [self.group(depth)]
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "or":
            self.at += 1
            groups.append(self.group(depth))
        found = [group for group in groups if group]
        # "this OR anything without that" would be nearly everything: an alternative of exclusions alone is left out.
        positive = [group for group in found if not (isinstance(group, All) and not group.wanted)]
        if len(positive) > 1:
            return Any(tuple(positive))
        return next(iter(positive or found), None)

    def group(self, depth: int) -> Node | None:
        wanted: list[Node] = []
        excluded: list[Node] = []
        negate = False
        ends = ("or", ")") if depth else ("or",)
        while self.at < len(self.tokens) and self.tokens[self.at].kind not in ends:
            token = self.tokens[self.at]
            self.at += 1
            if token.kind == "not":
                negate = True
                continue
            node: Node | None = token.phrase
            if token.kind == "(" and depth < DEPTH_LIMIT:
                node = self.choice(depth + 1)
                self.at += 1
            if node is None:
                continue
            if isinstance(node, All) and not node.wanted:
                # Brackets around exclusions alone: their exclusion is ours, and excluding them wants one of them.
                if negate or token.minus:
                    wanted.append(Any(node.excluded))
                else:
                    excluded += node.excluded
            else:
                (excluded if negate or token.minus else wanted).append(node)
            negate = False
        if not wanted and not excluded:
            return None
        return wanted[0] if len(wanted) == 1 and not excluded else All(tuple(wanted), tuple(excluded))


def _wanted(node: Node) -> Iterator[Phrase]:
    match node:
        case Phrase():
            yield node
        case All(wanted=parts) | Any(choices=parts):
            for part in parts:
                yield from _wanted(part)


class _Dialect(NamedTuple):
    phrase: Callable[[Phrase], str]
    every: str
    either: str
    without: str
    nothing: str
    """Matches no document: the answer to exclusions alone, which leave nothing to look for."""


def _fts5_phrase(wanted: Phrase) -> str:
    quoted = " ".join(wanted.terms).replace('"', '""')
    return f'"{quoted}" *' if wanted.prefix else f'"{quoted}"'


def _tsquery_phrase(wanted: Phrase) -> str:
    quoted = ["'" + term.replace("\\", "\\\\").replace("'", "''") + "'" for term in wanted.terms]
    joined = " <-> ".join(quoted) + (":*" if wanted.prefix else "")
    return f"({joined})" if len(quoted) > 1 else joined


FTS5 = _Dialect(_fts5_phrase, " AND ", " OR ", " NOT ", '"a" NOT "a"')
TSQUERY = _Dialect(_tsquery_phrase, " & ", " | ", " & !", "'a' & !'a'")


def _render(text: str, dialect: _Dialect) -> str | None:
    node = parse(text)
    return None if node is None else _write(node, dialect)


def _write(node: Node, dialect: _Dialect) -> str:
    match node:
        case Phrase():
            return dialect.phrase(node)
        case Any(choices=choices):
            return f"({dialect.either.join(_write(choice, dialect) for choice in choices)})"
        case All(wanted=(), excluded=_):
            return dialect.nothing
    wanted = dialect.every.join(_write(part, dialect) for part in node.wanted)
    if not node.excluded:
        return f"({wanted})"
    excluded = dialect.either.join(_write(part, dialect) for part in node.excluded)
    return f"(({wanted}){dialect.without}({excluded}))"
