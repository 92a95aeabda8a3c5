"""Fixtures of the replay tests: those of the reading room."""

from tests.archive.web.fixtures import archive_house, client, served

__all__ = ["archive_house", "client", "served"]
