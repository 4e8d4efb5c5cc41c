"""Readers: a tiny file per defect."""
