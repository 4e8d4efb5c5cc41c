"""The cast of every sample: APM Entities whose scores and histories cover what can happen to an entity.

The attributed shares form a ladder that puts entities above, between and below every pair of
thresholds the law has had, so that one sample serves every performance year and every what-if.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from qpcli.terms import ListType

OUTSIDE = 0
"""The place of clinicians and beneficiaries who belong to no entity; entity k of the cast is place k + 1."""

MonthAndDay = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityProfile:
    """One APM Entity of the cast.

    `home_per_mille` is its part of all beneficiaries, `attributed_per_mille` the part of those on its
    attribution list; days are of the performance year. A clinician in so many is listed by
    `partner` (an entity id) too.
    """

    entity_id: str
    name: str
    apm_id: str
    home_per_mille: int
    attributed_per_mille: int
    least_clinicians: int
    list_type: ListType = ListType.PARTICIPATION
    partner: str | None = None
    is_advanced: bool = True
    active_from: MonthAndDay | None = None
    terminated_on: MonthAndDay | None = None
    bears_risk: bool = True
    is_episode_based: bool = False
    is_prospective: bool = False
    removes_prospective_elsewhere: bool = True
    is_mips_apm: bool = True
    is_capitated: bool = False
    loses_its_list: bool = False


MARKET: tuple[EntityProfile, ...] = (
    EntityProfile(
        entity_id="SYN01",
        name="Lakeshore Care Alliance",
        apm_id="SYN-ACO-PROSPECTIVE",
        home_per_mille=180,
        attributed_per_mille=950,
        least_clinicians=5,
        partner="SYN03",
        is_prospective=True,
        is_capitated=True,
    ),
    EntityProfile(
        entity_id="SYN02",
        name="Prairie Wind Physicians",
        apm_id="SYN-ACO-RETROSPECTIVE",
        home_per_mille=120,
        attributed_per_mille=700,
        least_clinicians=4,
        terminated_on=(9, 10),
    ),
    EntityProfile(
        entity_id="SYN03",
        name="Three Rivers Health Partners",
        apm_id="SYN-ACO-RETROSPECTIVE",
        home_per_mille=130,
        attributed_per_mille=455,
        least_clinicians=4,
        partner="SYN04",
    ),
    EntityProfile(
        entity_id="SYN04",
        name="Juniper Valley ACO",
        apm_id="SYN-ACO-RETROSPECTIVE",
        home_per_mille=120,
        attributed_per_mille=320,
        least_clinicians=4,
        partner="SYN05",
    ),
    EntityProfile(
        entity_id="SYN05",
        name="Copper Hill Clinics",
        apm_id="SYN-PRIMARY-CARE",
        home_per_mille=110,
        attributed_per_mille=155,
        least_clinicians=4,
        partner="SYN06",
    ),
    EntityProfile(
        entity_id="SYN06",
        name="Saltmarsh Medical Group",
        apm_id="SYN-PRIMARY-CARE",
        home_per_mille=90,
        attributed_per_mille=60,
        least_clinicians=3,
    ),
    EntityProfile(
        entity_id="SYN07",
        name="Granite Ridge Network",
        apm_id="SYN-ACO-RETROSPECTIVE",
        home_per_mille=60,
        attributed_per_mille=900,
        least_clinicians=3,
        loses_its_list=True,
    ),
    EntityProfile(
        entity_id="SYN08",
        name="Old Mill Physicians",
        apm_id="SYN-ACO-RETROSPECTIVE",
        home_per_mille=30,
        attributed_per_mille=600,
        least_clinicians=2,
        partner="SYN06",
        terminated_on=(6, 15),
    ),
    EntityProfile(
        entity_id="SYN09",
        name="Quiet Harbor Practice",
        apm_id="SYN-ACO-RETROSPECTIVE",
        home_per_mille=0,
        attributed_per_mille=0,
        least_clinicians=1,
    ),
    EntityProfile(
        entity_id="SYN10",
        name="First Step ACO",
        apm_id="SYN-ACO-UPSIDE-ONLY",
        home_per_mille=30,
        attributed_per_mille=600,
        least_clinicians=1,
        is_advanced=False,
    ),
    EntityProfile(
        entity_id="SYN11",
        name="Late Spring Kidney Care",
        apm_id="SYN-NEW-MODEL",
        home_per_mille=25,
        attributed_per_mille=800,
        least_clinicians=2,
        active_from=(5, 15),
    ),
    EntityProfile(
        entity_id="SYN12",
        name="Bridgewater Oncology",
        apm_id="SYN-EPISODES",
        home_per_mille=25,
        attributed_per_mille=700,
        least_clinicians=2,
        is_episode_based=True,
        removes_prospective_elsewhere=False,
        is_mips_apm=False,
    ),
    EntityProfile(
        entity_id="SYN13",
        name="Northgate Surgical Center",
        apm_id="SYN-AFFILIATED",
        home_per_mille=20,
        attributed_per_mille=750,
        least_clinicians=2,
        list_type=ListType.AFFILIATED,
    ),
)


def place_of(entity_id: str) -> int:
    """The place of an entity; StopIteration for one that is not in the cast."""
    return next(place for place, profile in enumerate(MARKET, start=1) if profile.entity_id == entity_id)


def per_place(attribute: str, outside: int | bool | str, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """An attribute of the cast by place; `outside` stands for those of no entity."""
    return pl.Series([outside, *(getattr(profile, attribute) for profile in MARKET)], dtype=dtype)


def entities_frame(performance_year: int) -> pl.DataFrame:
    """One row per APM Entity."""
    return pl.DataFrame([_entity_row(profile, performance_year) for profile in MARKET], infer_schema_length=None)


def _entity_row(profile: EntityProfile, year: int) -> dict[str, str | bool | date | None]:
    return {
        "apm_entity_id": profile.entity_id,
        "apm_entity_name": f"{profile.name} (synthetic)",
        "apm_id": profile.apm_id,
        "is_advanced": profile.is_advanced,
        "active_from": profile.active_from and date(year, *profile.active_from),
        "active_to": None,
        "terminated_on": profile.terminated_on and date(year, *profile.terminated_on),
        "bears_risk": profile.bears_risk,
        "is_episode_based": profile.is_episode_based,
        "removes_prospective_elsewhere": profile.removes_prospective_elsewhere,
        "em_code_set": None,
        "is_mips_apm": profile.is_mips_apm,
    }
