"""SURT keys and CDXJ index files."""
