"""Typed arguments and printing, one file per command."""
