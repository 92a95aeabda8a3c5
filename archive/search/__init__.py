"""One folding for index and query, and the query itself."""
