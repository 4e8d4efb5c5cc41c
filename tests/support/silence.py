"""What no error, finding or log may hold, in whatever test: values of the people that the tests' files are made of."""

from __future__ import annotations

import re

CANARIES = (
    *("1EG4TE5MK73", "1CANARY0BENE", "CANARYC", "Canary Name", "Canaria"),
    *("1S00E00AA", "2S00E00AA", "1S00C00AN", "2S00C00AN", "1S00Q00QP"),
    *("1234567893", "1437702123", "7654321098", "9999990010"),
    *("012345678", "987654321", "000990001", "1931-07-19", "77777.77"),
)
"""Ids, names, a birth date and an amount of made people and clinicians."""
_TOLD = re.compile("|".join(map(re.escape, CANARIES)))
_CODE = re.compile(r"^error\[QP\d{3}\]: |\"code\": \"QP\d{3}\"", re.MULTILINE)
_SILENT = (75, 129, 130, 137, 141, 143)
"""Statuses that need no error with a code: a held lock, signals, a closed pipe."""


def assert_tells_nobody(words: str) -> None:
    """No canary is in the words."""
    found = _TOLD.search(words)
    assert found is None, f"a value of a person stands in: {words}"


def assert_silent(status: int, out: str, err: str) -> None:
    """What every answer of qpcli must be: no traceback, no value outside the data, a code where it failed."""
    assert "Traceback (most recent call last)" not in out + err
    assert_tells_nobody(err if status in (0, 1) else out + err)
    if status > 1 and status not in _SILENT:
        assert _CODE.search(err) is not None, f"status {status} without a code: {err}"
