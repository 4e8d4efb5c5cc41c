"""The services that a sample's claims hold: some hundreds of codes by kind, the most frequent first, with a price."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

VISIT, PROCEDURE, LABORATORY, DRUG, OTHER, RHC_VISIT, FQHC_VISIT = range(7)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Codes of one kind and the range of their prices in cents."""

    codes: tuple[str, ...]
    least_cents: int
    most_cents: int


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _every(first: int, last: int, step: int, form: str = "{:05d}") -> tuple[str, ...]:
    return tuple(form.format(number) for number in range(first, last + 1, step))


_VISITS = _words(
    "99214 99213 99232 99204 99203 99223 G0439 99215 99284 99285 99291 99233 99309 99308 99212 99495 99490 99222 "
    "99239 99283 99310 99496 99205 99238 99231 G0438 99211 99282 99202 99221 99304 99305 99306 99307 99315 "
    "99341 99342 99347 99348 99349 99350 99417 99487 99489 99497 99498 G0402 G0506 99292 99406 99407"
)
_PROCEDURES = (
    *_words("93000 71046 97110 93306 20610 92014 97140 88305 11721 17000 96372 66984 45380 43239 77067 70450 74177"),
    *_words("73030 92012 92134 90834 92507 98941 11042 00142 00810 72148 93010 95165 17110 11102 64483 52000 G0008"),
    *_every(10_060, 36_000, 397),
    *_every(36_500, 69_990, 397),
    *_every(70_110, 79_999, 211),
    *_every(92_002, 96_999, 113),
    *_every(100, 1_999, 190),
)
_LABORATORY = (
    *_words("36415 80053 85025 83036 80061 84443 81001 82306 87086 85610 80048 82607 84153 86803 87635 80307 G0103"),
    *_every(82_000, 84_999, 61),
    *_every(86_100, 86_450, 25),
    *_every(87_000, 87_999, 53),
)
_DRUGS = (
    *_words("J3301 J1100 J0897 J1885 J9271 J0178 J2505 J3420 90662 90732 Q2038 J1745 J9299 J2357 J0585 J7325"),
    *_every(120, 9_999, 131, "J{:04d}"),
)
_OTHER = _words("A0425 A4253 E0601 A0429 E1390 A0427 A7037 G0463 A4604 L1851 K0001 V2632 P9016 L3000 E0431 A6216 Q3014")

_KINDS = (
    _Kind(_VISITS, 8_000, 19_000),
    _Kind(_PROCEDURES, 2_500, 60_000),
    _Kind(_LABORATORY, 500, 4_500),
    _Kind(_DRUGS, 400, 240_000),
    _Kind(_OTHER, 1_000, 26_000),
    _Kind(("T1015", "99213", "99214", "G0511", "G0439"), 9_000, 15_000),
    _Kind(("G0467", "G0466", "G0468", "G0469", "G0470", "99213"), 12_000, 18_000),
)

CODES = pl.Series([code for kind in _KINDS for code in kind.codes], dtype=pl.String)
"""Every code, by kind; a service is a position in this list."""

PRICES = pl.Series(
    [
        kind.least_cents + (kind.most_cents - kind.least_cents) * (number * number * 7919 % 97) ** 2 // 96**2
        for kind in _KINDS
        for number in range(len(kind.codes))
    ],
    dtype=pl.Int64,
)
"""The usual Medicare payment for each service in cents; most lie near the lower end of their kind."""

_SIZES = [len(kind.codes) for kind in _KINDS]
_STARTS = pl.Series([sum(_SIZES[:number]) for number in range(len(_SIZES))], dtype=pl.UInt64)
_COUNTS = pl.Series(_SIZES, dtype=pl.UInt64)


def service_of_kind(kind: str, bits: pl.Expr) -> pl.Expr:
    """A service of the column's kind by 16 bits (UInt64): the first codes of a kind far more often than the last."""
    skewed = bits * bits // (1 << 16) * bits // (1 << 16)
    return pl.lit(_STARTS).gather(kind) + skewed * pl.lit(_COUNTS).gather(kind) // (1 << 16)
