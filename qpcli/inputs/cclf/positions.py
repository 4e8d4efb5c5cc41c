"""Where the columns of the CCLF files stand, which record lengths there are, and how far a line must reach."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

RECORD_LENGTHS: Mapping[str, tuple[int, ...]] = {
    "1": (292, 352, 437),
    "2": (179, 199),
    "3": (94, 114),
    "4": (92, 112),
    "5": (332, 363, 383, 388),
    "6": (227, 247),
    "7": (195,),
    "8": (549,),
    "9": (54, 55),
    "A": (101, 324),
    "B": (93, 128),
}
"""Record lengths by file: versions 22-24 (2018, CCLF5 only), 25-32, 33-35 and 36-43."""
NEEDED_LENGTHS: Mapping[str, int] = {"1": 170, "2": 164, "5": 211, "8": 188, "9": 23, "B": 92}
"""The last column that a line must reach; trailing blanks may have been cut."""
UNCHECKED_LENGTH = 332
"""CCLF5 of 2018 has the MBI, but its positions were not checked column by column."""


@cache
def record_columns(number: str) -> Mapping[str, tuple[int, int]]:
    """CMS column name -> first and last position (1-based, inclusive) of a file such as "5" or "B"."""
    text = files("qpcli.inputs").joinpath("data", "cclf_layout.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["column"]: (int(row["start"]), int(row["end"])) for row in rows if row["file"] == f"CCLF{number}"}
