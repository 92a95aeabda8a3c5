"""Scrapy's settings for long-running installations: as base, with quieter logs."""

from settings.base import *  # noqa: F403

LOG_LEVEL = "WARNING"
