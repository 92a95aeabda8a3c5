"""Reading and writing WARC files; the one home of warcio."""
