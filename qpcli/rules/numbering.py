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
_MORE_THAN_ANY_KEY = 2**32
_FEW_PEOPLE = 200_000
"""An Enum of more people than the processor's cache holds takes longer to look up than a join, which sorts them out."""

NPI_FORM = r"^\d{10}$"
_TIN_FORM = r"^\d{9}$"


@dataclass(frozen=True, slots=True)
class Numbering:
    """One row per identifier of the lists, each with its key.

    Keys of TINs and entities compare as the text does. `clinician_key` and `tin_key` are those of the npi and the tin
    of a claim line, null where no list names them; only an NPI of the right form matches.
    """

    clinicians: pl.DataFrame
    tins: pl.DataFrame
    entities: pl.DataFrame
    clinician_key: pl.Expr
    tin_key: pl.Expr

    @property
    def tin_count(self) -> int:
        return self.tins.height + _FIRST_LISTED_TIN


@dataclass(frozen=True, slots=True)
class People:
    """One row per person (`frame`), with the key `bene_key`; keys are a shard's own.

    `bene_key` is the key of the bene_id of any row.
    """

    frame: pl.DataFrame
    bene_key: pl.Expr


def numbering(*, participants: pl.DataFrame, entities: pl.DataFrame, attributed_entities: pl.DataFrame) -> Numbering:
    """Number every identifier that a list names; `attributed_entities` has one row per entity with attribution."""
    entity_ids = pl.concat([frame.select("apm_entity_id") for frame in (entities, participants, attributed_entities)])
    tins = participants.select("tin").filter(pl.col("tin").str.contains(_TIN_FORM))
    npis = participants.select("npi").unique()
    is_matchable = pl.col("npi").str.contains(NPI_FORM)
    matchable, others = _numbered(npis.filter(is_matchable), "clinician_key"), npis.filter(~is_matchable)
    listed_tins = _numbered(tins, "tin_key", first=_FIRST_LISTED_TIN)
    return Numbering(
        clinicians=pl.concat([matchable, _numbered(others, "clinician_key", first=matchable.height)]),
        tins=listed_tins,
        entities=_numbered(entity_ids, "entity_key"),
        clinician_key=key_in(matchable.get_column("npi")),
        tin_key=key_in(listed_tins.get_column("tin")) + _FIRST_LISTED_TIN,
    )


def clinician_tin() -> pl.Expr:
    """One integer for clinician and TIN, by their keys: joining by two columns takes twice as long."""
    return pl.col("clinician_key").cast(pl.UInt64) * _MORE_THAN_ANY_KEY + pl.col("tin_key")


def numbering_of_keys(*, clinicians: pl.DataFrame, tins: pl.DataFrame, entity_ids: pl.DataFrame) -> Numbering:
    """A numbering whose clinicians and TINs have their keys already; no claim line can be looked up in it."""
    no_line = pl.lit(None, KEY)
    return Numbering(clinicians, tins, _numbered(entity_ids, "entity_key"), no_line, no_line)


def people(known: pl.Series) -> People:
    """The people of `known`, bene_ids that are distinct and in order."""
    numbered = known.to_frame().with_row_index("bene_key").cast({"bene_key": KEY})
    return People(numbered, key_in(known))


def people_beside(known: People, named: pl.LazyFrame) -> pl.LazyFrame:
    """One row per person, by bene_id, whom some row of `named` names and `known` does not hold."""
    unknown = with_bene_key(named.select("bene_id"), known).filter(pl.col("bene_key").is_null())
    return unknown.select("bene_id").unique().sort("bene_id")


def with_bene_key(rows: pl.LazyFrame, people: People) -> pl.LazyFrame:
    """Adds the key of the bene_id, null for a person whom `people` does not hold; in whatever order."""
    if people.frame.height > _FEW_PEOPLE:
        return rows.join(people.frame.lazy(), on="bene_id", how="left")
    return rows.with_columns(bene_key=people.bene_key)


def with_others(known: People, others: pl.Series) -> People:
    """The people known, with their keys, and those of `people_beside`."""
    if others.is_empty():
        return known
    count = known.frame.height
    numbered = others.to_frame().with_row_index("bene_key", offset=count).cast({"bene_key": KEY})
    return People(pl.concat([known.frame, numbered]), pl.coalesce(known.bene_key, key_in(others) + count))


def _numbered(identifiers: pl.DataFrame, key: str, *, first: int = 0) -> pl.DataFrame:
    name = identifiers.columns[0]
    distinct = identifiers.unique().sort(name).with_row_index(key, offset=first)
    return distinct.with_columns(pl.col(key).cast(KEY))


def key_in(identifiers: pl.Series) -> pl.Expr:
    """The place of the text of a column among the distinct identifiers of its name; null for one not among them.

    An Enum finds it several times faster than a join would. Making the Enum takes time: keep the expression.
    """
    return pl.col(identifiers.name).cast(pl.Enum(identifiers), strict=False).to_physical().cast(KEY)
