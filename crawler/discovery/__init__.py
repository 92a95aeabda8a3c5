"""Bytes to links, pure: feeds, sitemaps, pages, and which links are articles."""
