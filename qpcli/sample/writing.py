"""Write a sample part by part, so that memory does not grow with its size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from qpcli.regulation.performance_periods import load_performance_periods
from qpcli.sample.clinicians import Roster, participants_frame, roster
from qpcli.sample.coverage import attribution_frame, beneficiaries_frame
from qpcli.sample.files import TableFile
from qpcli.sample.folders import new_folder
from qpcli.sample.lines import claim_lines_frame
from qpcli.sample.market import entities_frame
from qpcli.sample.people import people_frame
from qpcli.sample.plan import SamplePlan, SampleWritten
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.entities import ENTITIES
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Table

Progress = Callable[[int, int], None]


def write_sample(plan: SamplePlan, out: Path, *, on_progress: Progress | None = None) -> SampleWritten:
    """Write the five tables to `out`, which is absent or empty; `on_progress` hears of parts done and in all.

    Raises UsageError QP105 for a year that the regulation data does not cover, and OutputError: QP302 when
    `out` holds something, QP301 when it cannot be written; then nothing stays.
    """
    load_performance_periods().calendar(plan.performance_year)
    with new_folder(out, CLAIM_LINES.name):
        everybody = roster(plan)
        entities = _write_table(out, plan, ENTITIES, entities_frame(plan.performance_year))
        participants = _write_table(out, plan, PARTICIPANTS, participants_frame(everybody))
        with _open(out, plan, BENEFICIARIES) as beneficiaries, _open(out, plan, ATTRIBUTION) as attribution:
            parts = []
            for part in range(plan.part_count):
                people = people_frame(plan, *plan.part_range(part))
                beneficiaries.append(beneficiaries_frame(people, plan))
                attribution.append(attribution_frame(people, plan))
                parts.append(_write_part(out, plan, part, people, everybody))
                if on_progress is not None:
                    on_progress(part + 1, plan.part_count)
    return SampleWritten(
        folder=out,
        files=tuple(each.path for each in (*parts, beneficiaries, participants, attribution, entities)),
        claim_line_count=sum(part.row_count for part in parts),
        beneficiary_row_count=beneficiaries.row_count,
        participant_row_count=participants.row_count,
        attribution_row_count=attribution.row_count,
        entity_count=entities.row_count,
    )


def _write_part(out: Path, plan: SamplePlan, part: int, people: pl.DataFrame, everybody: Roster) -> TableFile:
    """Write the claim lines of a range of people."""
    with TableFile(out / CLAIM_LINES.name / f"part-{part:04d}.{plan.format}", CLAIM_LINES) as file:
        file.append(claim_lines_frame(people, plan, everybody))
    return file


def _write_table(out: Path, plan: SamplePlan, table: Table, rows: pl.DataFrame) -> TableFile:
    with _open(out, plan, table) as file:
        file.append(rows)
    return file


def _open(out: Path, plan: SamplePlan, table: Table) -> TableFile:
    return TableFile(out / f"{table.name}.{plan.format}", table)
