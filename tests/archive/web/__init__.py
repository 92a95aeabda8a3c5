"""Tests of archive/web."""
