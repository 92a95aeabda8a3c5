"""The reading room: outlets, articles, search."""
