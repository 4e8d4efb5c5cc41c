"""The clinicians of a sample and the posts they bill from: listed ones by entity, and outside ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

import polars as pl

from qpcli.sample.identifiers import npi, tin
from qpcli.sample.market import MARKET, EntityProfile, MonthAndDay, place_of
from qpcli.sample.plan import SamplePlan
from qpcli.terms import ListType

_BENEFICIARIES_PER_CLINICIAN = 60
_LEAST_CLINICIANS = 24
_OUTSIDE_PER_TEN_LISTED = 6
_LEAST_OUTSIDE = 12
_CLINICIANS_PER_TIN = 6

LEAD_EVERY = 25
"""One primary care clinician in so many draws the attributed beneficiaries, and is listed by the partner too."""
_SECOND_TIN_EVERY = 7
_SPECIAL_DATES_EVERY = 12

_SPECIAL_DATES: tuple[tuple[MonthAndDay | None, MonthAndDay | None], ...] = (
    ((10, 1), None),
    ((7, 15), None),
    (None, (4, 15)),
    ((4, 15), None),
    ((9, 5), (11, 20)),
    (None, (7, 31)),
    ((7, 20), None),
)
"""First and last days on the list: only on the December list, late joiners, leavers, and one on no list date."""

_PRIMARY_CARE = ("Family Medicine", "Internal Medicine", "Nurse Practitioner", "Geriatric Medicine")
_SPECIALTIES = ("Cardiology", "Orthopedic Surgery", "Ophthalmology", "Nephrology", "Oncology", "Physical Therapy")


@dataclass(frozen=True, slots=True)
class Post:
    """One clinician billing under one TIN at one place; null days are open, null list_type is not listed."""

    place: int
    clinician: int
    tin: int
    is_primary_care: bool
    start_date: date | None
    end_date: date | None
    list_type: ListType | None


@dataclass(frozen=True, slots=True)
class Roster:
    """All posts. `npis`, `tins` and `off_list_tins` are by post, the rest by place.

    The primary care posts of a place are `primary_count` from `primary_start` on, the others
    `specialist_count` from `specialist_start` on; a place without specialists sends everybody to primary care.
    """

    posts: tuple[Post, ...]
    npis: pl.Series
    tins: pl.Series
    off_list_tins: pl.Series
    primary_start: pl.Series
    primary_count: pl.Series
    specialist_start: pl.Series
    specialist_count: pl.Series


def roster(plan: SamplePlan) -> Roster:
    """Everybody who bills in a sample."""
    posts = _posts(plan)
    outside_tins = sorted({post.tin for post in posts if post.list_type is None})
    elsewhere = [outside_tins[post.clinician % len(outside_tins)] for post in posts]
    primary_start, primary_count = _runs(posts, is_primary_care=True)
    specialist_start, specialist_count = _runs(posts, is_primary_care=False)
    return Roster(
        posts=posts,
        npis=pl.Series([npi(plan.seed, post.clinician) for post in posts], dtype=pl.String),
        tins=pl.Series([tin(plan.seed, post.tin) for post in posts], dtype=pl.String),
        off_list_tins=pl.Series([tin(plan.seed, number) for number in elsewhere], dtype=pl.String),
        primary_start=primary_start,
        primary_count=primary_count,
        specialist_start=pl.select(
            pl.when(specialist_count > 0).then(specialist_start).otherwise(primary_start)
        ).to_series(),
        specialist_count=pl.select(
            pl.when(specialist_count > 0).then(specialist_count).otherwise(primary_count)
        ).to_series(),
    )


def participants_frame(everybody: Roster) -> pl.DataFrame:
    """One row per list entry."""
    rows = [_entry(post, *ids) for post, *ids in zip(everybody.posts, everybody.npis, everybody.tins, strict=True)]
    return pl.DataFrame([row for row in rows if row["list_type"]], infer_schema_length=None)


def _entry(post: Post, clinician_npi: str, billing_tin: str) -> dict[str, str | date | None]:
    profile = MARKET[post.place - 1]
    specialties = _PRIMARY_CARE if post.is_primary_care else _SPECIALTIES
    return {
        "apm_entity_id": profile.entity_id,
        "tin": billing_tin,
        "npi": clinician_npi,
        "start_date": post.start_date,
        "end_date": post.end_date,
        "list_type": post.list_type and post.list_type.value,
        "apm_id": profile.apm_id,
        "clinician_name": f"Clinician {post.clinician + 1:04d}",
        "specialty": specialties[post.clinician % len(specialties)],
    }


def _posts(plan: SamplePlan) -> tuple[Post, ...]:
    """All posts in order of place, primary care before the others, so that each is a run."""
    clinicians, tins = count(), count()
    listed_count = max(_LEAST_CLINICIANS, plan.beneficiaries // _BENEFICIARIES_PER_CLINICIAN)
    posts = [post for profile in MARKET for post in _entity_posts(plan, profile, listed_count, clinicians, tins)]
    posts += list(_partner_posts(posts))
    posts += _outside_posts(max(_LEAST_OUTSIDE, listed_count * _OUTSIDE_PER_TEN_LISTED // 10), clinicians, tins)
    return tuple(sorted(posts, key=lambda post: (post.place, not post.is_primary_care)))


def _entity_posts(
    plan: SamplePlan, profile: EntityProfile, listed_count: int, clinicians: Iterator[int], tins: Iterator[int]
) -> Iterator[Post]:
    """The posts of an entity's own clinicians, some of them under two of its TINs."""
    size = max(profile.least_clinicians, listed_count * profile.home_per_mille // 1000)
    own_tins = [next(tins) for _ in range(max(min(2, size), size // _CLINICIANS_PER_TIN))]
    for number in range(size):
        clinician, days = next(clinicians), _days_on_list(plan, profile, number, size)
        for extra in range(2 if number % _SECOND_TIN_EVERY == 1 else 1):
            yield Post(
                place=place_of(profile.entity_id),
                clinician=clinician,
                tin=own_tins[(number + extra) % len(own_tins)],
                is_primary_care=number < (size + 1) // 2,
                start_date=days[0],
                end_date=days[1],
                list_type=profile.list_type,
            )


def _days_on_list(plan: SamplePlan, profile: EntityProfile, number: int, size: int) -> tuple[date | None, date | None]:
    """Most are listed from January on; of an entity of three or more, the last and every twelfth before it are not."""
    turn, is_not_special = divmod(size - 1 - number, _SPECIAL_DATES_EVERY)
    if size < 3 or is_not_special:
        return date(plan.performance_year, 1, 1), None
    start, end = _SPECIAL_DATES[(place_of(profile.entity_id) - 1 + turn) % len(_SPECIAL_DATES)]
    return date(plan.performance_year, *(start or (1, 1))), end and date(plan.performance_year, *end)


def _partner_posts(posts: list[Post]) -> Iterator[Post]:
    """The leading primary care clinicians of an entity with a partner have a post there too, under its TIN."""
    first_tins = {post.place: post.tin for post in reversed(posts)}
    for place, profile in enumerate(MARKET, start=1):
        if profile.partner is None:
            continue
        own = [post for post in posts if post.place == place and post.is_primary_care]
        partner = place_of(profile.partner)
        for lead in own[::LEAD_EVERY]:
            yield Post(partner, lead.clinician, first_tins[partner], True, lead.start_date, None, lead.list_type)


def _outside_posts(size: int, clinicians: Iterator[int], tins: Iterator[int]) -> list[Post]:
    """Clinicians on no list."""
    own_tins = [next(tins) for _ in range(max(4, size // _CLINICIANS_PER_TIN))]
    return [
        Post(0, next(clinicians), own_tins[number % len(own_tins)], number % 2 == 0, None, None, None)
        for number in range(size)
    ]


def _runs(posts: tuple[Post, ...], *, is_primary_care: bool) -> tuple[pl.Series, pl.Series]:
    """Where the posts of each place begin and how many there are, primary care or not."""
    starts, counts = [0] * (len(MARKET) + 1), [0] * (len(MARKET) + 1)
    for number, post in enumerate(posts):
        if post.is_primary_care == is_primary_care:
            starts[post.place] = starts[post.place] if counts[post.place] else number
            counts[post.place] += 1
    return pl.Series(starts, dtype=pl.UInt64), pl.Series(counts, dtype=pl.UInt64)
