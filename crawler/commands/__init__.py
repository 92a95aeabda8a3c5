"""The commands of `warraq`, a module for each verb or noun; crawler/cli.py lists them."""
