"""Worlds with submissions of other payers, small enough for their bars to be near."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from .oracle_law import ALL_PAYER_OPEN_POINTS, FIRST_YEAR_OF_ALL_PAYER
from .strategies import mostly, up_to, worlds
from .world import Row, World

NOBODY = {"apm_entity": "E8", "tin": "888888888", "npi": "1888888888"}
PAYER_TYPES = ["commercial", "medicare_advantage", "medicaid", "va", "dod", "other"]
PARTS = [Decimal(text) for text in ("400.00", "45.00", "0.00", "90.00", "2000.00", "33.33", "0.01", "99999999999.99")]
RESTS = [Decimal(text) for text in ("0.00", "55.00", "66.67", "10.00", "110.00", "0.02")]


@st.composite
def submissions(draw: DrawFn, world: World) -> Row:
    """One submission; who is submitted for is mostly on a list."""
    names = {"apm_entity": "apm_entity_id", "tin": "tin", "npi": "npi"}
    level = draw(st.sampled_from(["apm_entity", "npi", "tin", "npi", "tin", "npi", "tin"]))
    listed = sorted({row[names[level]] for row in world.participants if row.get(names[level])}) or [NOBODY[level]]
    subject = draw(st.sampled_from([*listed * 5, NOBODY[level]]))
    part, patients = draw(st.sampled_from(PARTS)), draw(st.integers(0, 6))
    row: Row = {
        "level": level,
        "subject_id": subject,
        "payer": draw(st.sampled_from(["P", "Q", "R"])),
        "payer_type": draw(st.sampled_from([*PAYER_TYPES[:3], *PAYER_TYPES])),
        "snapshot": draw(st.sampled_from([3, 1, 2])),
        "apm_payment_amount": part,
        "total_payment_amount": min(part + draw(st.sampled_from(RESTS)), Decimal(100_000_000_000)),
        "apm_patient_count": patients,
        "total_patient_count": patients + draw(st.integers(0, 6)),
        "medicaid_available": draw(st.sampled_from([None, True, False])),
    }
    if draw(mostly(False, True, share=90)):
        row |= {draw(st.sampled_from(["apm_patient_count", "total_patient_count", "total_payment_amount"])): None}
    return row


@st.composite
def worlds_with_other_payers(draw: DrawFn) -> World:
    """A world of a year that has the option, with submissions that do not contradict one another."""
    world = draw(worlds().filter(lambda one: one.performance_year >= FIRST_YEAR_OF_ALL_PAYER))
    rows = draw(up_to(8, submissions(world)))
    keys = ("level", "subject_id", "payer", "snapshot")
    distinct = {tuple(row[key] for key in keys): row for row in rows}
    points = {name: draw(mostly(*values, share=60)) for name, values in ALL_PAYER_OPEN_POINTS.items()}
    return replace(world, other_payer=list(distinct.values()), assumptions={**world.assumptions, **points})
