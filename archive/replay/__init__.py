"""Archived pages on an origin of their own, scripts off."""
