"""REACH reports: who is aligned to an ACO."""
