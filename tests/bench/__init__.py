"""The measurements behind docs/benchmarks.md; each is a module with its own `--help`."""
