"""A small news world of our own on loopback, for `warraq demo` and the tests; see docs/demo.md."""
