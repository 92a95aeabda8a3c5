"""Keeps originals, derives articles, versions and search from them, and replays them."""
