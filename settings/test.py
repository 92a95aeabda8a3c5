"""Scrapy's settings for tests: as base, with every warning shown."""

from settings.base import *  # noqa: F403

LOG_LEVEL = "DEBUG"
