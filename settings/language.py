"""Language: what we know of one language, read from `languages/<code>.toml`."""
