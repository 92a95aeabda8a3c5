"""One folding for index and query, and the query itself."""

from archive.search.fold import FOLD, fold
from archive.search.query import Query, fts5, tsquery
from archive.search.snippet import Span, mark, snippet

__all__ = ["FOLD", "Query", "Span", "fold", "fts5", "mark", "snippet", "tsquery"]
