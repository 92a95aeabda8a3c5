"""Loads the extractors when it is loaded: for the process that workers are forked from, and for nobody else."""

from archive.extracting import warm

warm()
