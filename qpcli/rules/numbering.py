"""Identifiers as small integers, so that one integer key can stand for a cell. Numbers never leave a run."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

KEY = pl.UInt32
BLANK_TIN = 0
"""TIN key of an institutional line without a TIN: it belongs to a group when the NPI is in it (414.1435(b))."""
UNLISTED_TIN = 1
"""TIN key of every TIN that no list names, and of a blank TIN where one is due: it belongs to no group."""
FIRST_LISTED_TIN = 2

_NPI_FORM = r"^\d{10}$"
_TIN_FORM = r"^\d{9}$"


@dataclass(frozen=True, slots=True)
class Numbering:
    """One row per identifier of the lists, each with its key.

    Keys of TINs and entities compare as the text does; of the clinicians come first, `matchable_count` of them, those
    whose NPI has the form that a claim line can match.
    """

    clinicians: pl.DataFrame
    tins: pl.DataFrame
    entities: pl.DataFrame
    matchable_count: int

    @property
    def tin_count(self) -> int:
        return self.tins.height + FIRST_LISTED_TIN


@dataclass(frozen=True, slots=True)
class People:
    """One row per person (`frame`), with the key `bene_key`; keys are a shard's own.

    First those whom the beneficiaries or an attribution list name (`named_count`), then those only in the claims.
    """

    frame: pl.DataFrame
    named_count: int


def numbering(*, participants: pl.DataFrame, entities: pl.DataFrame, attributed_entities: pl.DataFrame) -> Numbering:
    """Number every identifier that a list names; `attributed_entities` has one row per entity with attribution."""
    entity_ids = pl.concat([frame.select("apm_entity_id") for frame in (entities, participants, attributed_entities)])
    tins = participants.select("tin").filter(pl.col("tin").str.contains(_TIN_FORM))
    npis = participants.select("npi").unique()
    is_matchable = pl.col("npi").str.contains(_NPI_FORM)
    matchable, others = _numbered(npis.filter(is_matchable), "clinician_key"), npis.filter(~is_matchable)
    return Numbering(
        clinicians=pl.concat([matchable, _numbered(others, "clinician_key", first=matchable.height)]),
        tins=_numbered(tins, "tin_key", first=FIRST_LISTED_TIN),
        entities=_numbered(entity_ids, "entity_key"),
        matchable_count=matchable.height,
    )


def named_people(beneficiaries: pl.DataFrame, attribution: pl.DataFrame) -> pl.DataFrame:
    """One row per person whom the beneficiaries or an attribution list name."""
    people = pl.concat([beneficiaries.select("bene_id"), attribution.select("bene_id")])
    return _numbered(people, "bene_key")


def people_only_in_claims(lines: pl.LazyFrame, named: pl.DataFrame) -> pl.LazyFrame:
    """One row per person with a claim line whom no other table names."""
    return lines.select("bene_id").filter(key_in(named.get_column("bene_id")).is_null()).unique()


def people(named: pl.DataFrame, only_in_claims: pl.DataFrame) -> People:
    """Everybody, those only in the claims last."""
    others = _numbered(only_in_claims, "bene_key", first=named.height)
    return People(pl.concat([named, others]), named.height)


def _numbered(identifiers: pl.DataFrame, key: str, *, first: int = 0) -> pl.DataFrame:
    name = identifiers.columns[0]
    distinct = identifiers.unique().sort(name).with_row_index(key, offset=first)
    return distinct.with_columns(pl.col(key).cast(KEY))


def key_in(identifiers: pl.Series, *, first: int = 0) -> pl.Expr:
    """The key of the text in the column of the same name: its place among distinct identifiers, counted from `first`.

    Null for a text that is not among them. An Enum finds places several times faster than a join of texts would.
    """
    place = pl.col(identifiers.name).cast(pl.Enum(identifiers), strict=False).to_physical().cast(KEY)
    return place + first if first else place
