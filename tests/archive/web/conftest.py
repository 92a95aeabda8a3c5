"""Fixtures of the reading room's and the replay's tests."""

from tests.archive.web.fixtures import archive_house, client, served

__all__ = ["archive_house", "client", "served"]
