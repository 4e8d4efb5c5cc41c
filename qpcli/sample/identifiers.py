"""Identifiers that nobody can hold: their form is right and their ranges were never issued."""

from __future__ import annotations

import polars as pl

from qpcli.sample.randomness import stream_key

_DIGITS = "0123456789"
_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_BOTH = _DIGITS + _LETTERS

_BENEFICIARY_CHUNKS = (
    tuple(a + "S" + b + c for a in _DIGITS[1:] for b in _BOTH for c in _DIGITS),
    tuple(a + b + c for a in _LETTERS for b in _BOTH for c in _DIGITS),
    tuple(a + b + c + d for a in _LETTERS for b in _LETTERS for c in _DIGITS for d in _DIGITS),
)
"""An MBI in three pieces; its second character is never an S."""
_BENEFICIARY_SPACE = 2_700 * 6_000 * 40_000
_BENEFICIARY_STEPS = (7_919_000_033, 27_644_437)
"""Steps without a divisor in common with the space, small enough for 64 bits."""

_NPI_SPACE, _NPI_STEP = 100_000_000, 61_803_399
_NPI_PREFIX_SUM = 24
"""What the card issuer prefix 80840 adds to the check sum of every NPI."""

_TIN_SPACE, _TIN_STEP = 999_999, 611_953
_CLAIM_START, _CLAIM_STARTS = 10_000_000_000_000, 80_000_000_000_000


def beneficiary_ids(seed: int, indexes: pl.Series) -> pl.Series:
    """One id per index (UInt64), of the form of an MBI with `S` as its second character."""
    start = stream_key(seed, "beneficiary ids") % _BENEFICIARY_SPACE
    number = (indexes * _BENEFICIARY_STEPS[0] + start) % _BENEFICIARY_SPACE
    number = number * _BENEFICIARY_STEPS[1] % _BENEFICIARY_SPACE
    first, second, third = (pl.Series(chunk, dtype=pl.String) for chunk in _BENEFICIARY_CHUNKS)
    pieces = pl.DataFrame(
        {
            "first": first.gather(number // (6_000 * 40_000)),
            "second": second.gather(number // 40_000 % 6_000),
            "third": third.gather(number % 40_000),
        }
    )
    return pieces.select(bene_id=pl.concat_str("first", "second", "third")).to_series()


def npi(seed: int, index: int) -> str:
    """A ten-digit NPI that begins with 9 and whose check digit is right."""
    start = stream_key(seed, "npis") % _NPI_SPACE
    body = f"9{(index * _NPI_STEP + start) % _NPI_SPACE:08d}"
    return body + str(-_luhn_sum(body) % 10)


def tin(seed: int, index: int) -> str:
    """A nine-digit TIN that begins with 000 or 999."""
    prefix = ("000", "999")[index % 2]
    start = stream_key(seed, f"tins {prefix}") % _TIN_SPACE
    return prefix + f"{(index // 2 * _TIN_STEP + start) % _TIN_SPACE + 1:06d}"


def claim_ids(seed: int, claim_number: pl.Expr) -> pl.Expr:
    """Claim control numbers of 14 digits, one per claim number (UInt64)."""
    start = _CLAIM_START + stream_key(seed, "claim ids") % _CLAIM_STARTS
    return (claim_number + start).cast(pl.String)


def _luhn_sum(body: str) -> int:
    """Check sum of an NPI without its check digit, the issuer prefix included."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in body[::-2])
    return _NPI_PREFIX_SUM + sum(doubled) + sum(int(digit) for digit in body[-2::-2])
