"""A small news site of our own on loopback, for `warraq demo` and the tests."""
