"""Identifiers as small integers, so that one integer key can stand for a cell. Numbers never leave a run."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

KEY = pl.UInt32
BLANK_TIN = 0
"""TIN key of an institutional line without a TIN: it belongs to a group when the NPI is in it (414.1435(b))."""
UNLISTED_TIN = 1
"""TIN key of every TIN that no list names, and of a blank TIN where one is due: it belongs to no group."""
_FIRST_LISTED_TIN = 2

_NPI_FORM = r"^\d{10}$"
_TIN_FORM = r"^\d{9}$"


@dataclass(frozen=True, slots=True)
class Numbering:
    """One row per identifier of the lists, each with its key; sorted, so that keys compare as the text does."""

    clinicians: pl.DataFrame
    tins: pl.DataFrame
    entities: pl.DataFrame

    @property
    def tin_count(self) -> int:
        return self.tins.height + _FIRST_LISTED_TIN


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
    return Numbering(
        clinicians=_numbered(participants.select("npi"), "clinician_key"),
        tins=_numbered(tins, "tin_key", first=_FIRST_LISTED_TIN),
        entities=_numbered(entity_ids, "entity_key"),
    )


def named_people(beneficiaries: pl.DataFrame, attribution: pl.DataFrame) -> pl.DataFrame:
    """One row per person whom the beneficiaries or an attribution list name."""
    people = pl.concat([beneficiaries.select("bene_id"), attribution.select("bene_id")])
    return _numbered(people, "bene_key")


def people_only_in_claims(lines: pl.LazyFrame, named: pl.DataFrame) -> pl.LazyFrame:
    """One row per person with a claim line whom no other table names."""
    return lines.select("bene_id").join(named.lazy(), on="bene_id", how="anti").unique()


def people(named: pl.DataFrame, only_in_claims: pl.DataFrame) -> People:
    """Everybody, those only in the claims last."""
    others = _numbered(only_in_claims, "bene_key", first=named.height)
    return People(pl.concat([named, others]), named.height)


def _numbered(identifiers: pl.DataFrame, key: str, *, first: int = 0) -> pl.DataFrame:
    name = identifiers.columns[0]
    distinct = identifiers.unique().sort(name).with_row_index(key, offset=first)
    return distinct.with_columns(pl.col(key).cast(KEY))


def matchable_clinicians(clinicians: pl.DataFrame) -> pl.DataFrame:
    """The clinicians whose NPI has the form that a claim line can match."""
    return clinicians.filter(pl.col("npi").str.contains(_NPI_FORM))
