"""A sample as research files (RIF): carrier, outpatient and yearly beneficiary files, with the canonical lists.

Research files are final action: a line that was cancelled is gone, of one that was replaced the replacement stays, and
a cancellation alone is not there. They have no withheld and no excluded amounts, tell Medicare as secondary payer by
lines only, and deny institutional claims as a whole.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from qpcli.regulation.performance_periods import load_performance_periods
from qpcli.sample.clinicians import Roster, participants_frame, roster
from qpcli.sample.coverage import attribution_frame
from qpcli.sample.filed import filed_lines
from qpcli.sample.files import TableFile
from qpcli.sample.folders import new_folder
from qpcli.sample.lines import CANCELLATION, FIRST, REPLACEMENT, claim_lines_frame
from qpcli.sample.market import entities_frame
from qpcli.sample.people import people_frame
from qpcli.sample.plan import SamplePlan, SampleWritten
from qpcli.sample.rif_columns import beneficiary_year, carrier_lines, outpatient_lines
from qpcli.sample.settings import write_settings
from qpcli.sample.writing import Progress
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.entities import ENTITIES
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Table
from qpcli.terms import Adjustment

FOLDER = "rif"


class RifFile:
    """A file with vertical bars, a header and no quotes, written frame by frame; `row_count` is what it holds."""

    def __init__(self, path: Path) -> None:
        self.path, self.row_count = path, 0
        path.touch(mode=0o600, exist_ok=False)
        self._stream = path.open("ab")
        self._is_begun = False

    def append(self, rows: pl.DataFrame) -> None:
        """Write rows behind what the file holds."""
        rows.write_csv(self._stream, include_header=not self._is_begun, separator="|", quote_style="never")
        self._is_begun = True
        self.row_count += rows.height

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()


def write_rif_sample(plan: SamplePlan, out: Path, *, on_progress: Progress | None = None) -> SampleWritten:
    """Write the files and lists to `out`, which is absent or empty; ids are those of write_sample.

    Raises as write_sample does.
    """
    year = plan.performance_year
    load_performance_periods().calendar(year)
    with new_folder(out, FOLDER):
        everybody = roster(plan)
        with (
            _list(out, PARTICIPANTS) as participants,
            _list(out, ATTRIBUTION) as attribution,
            _list(out, ENTITIES) as entities,
            RifFile(out / FOLDER / "carrier.csv") as carrier,
            RifFile(out / FOLDER / "outpatient.csv") as outpatient,
            RifFile(out / FOLDER / f"beneficiary_{year}.csv") as beneficiaries,
        ):
            participants.append(participants_frame(everybody))
            entities.append(entities_frame(year))
            for part in range(plan.part_count):
                people = people_frame(plan, *plan.part_range(part))
                attribution.append(attribution_frame(people, plan))
                beneficiaries.append(beneficiary_year(people, year))
                lines = _final_lines(people, plan, everybody)
                carrier.append(carrier_lines(lines.filter("is_professional")))
                outpatient.append(outpatient_lines(lines.filter(~pl.col("is_professional"))))
                if on_progress is not None:
                    on_progress(part + 1, plan.part_count)
        settings = write_settings(out, year, _inputs(year))
    written = (carrier, outpatient, beneficiaries, participants, attribution, entities)
    return SampleWritten(
        folder=out,
        files=(*(each.path for each in written), settings),
        claim_line_count=carrier.row_count + outpatient.row_count,
        beneficiary_row_count=beneficiaries.row_count,
        participant_row_count=participants.row_count,
        attribution_row_count=attribution.row_count,
        entity_count=entities.row_count,
    )


def _inputs(year: int) -> dict[str, str]:
    lists = {table.name: f"{table.name}.csv" for table in (PARTICIPANTS, ATTRIBUTION, ENTITIES)}
    return {"claims": FOLDER, "beneficiaries": f"{FOLDER}/beneficiary_{year}.csv", **lists}


def _list(out: Path, table: Table) -> TableFile:
    return TableFile(out / f"{table.name}.csv", table)


def _final_lines(people: pl.DataFrame, plan: SamplePlan, everybody: Roster) -> pl.DataFrame:
    """One row per line that stands at the end, with the codes of its claim."""
    lines = filed_lines(claim_lines_frame(people, plan, everybody), people, plan)
    is_cancelled = (pl.col("delivery") == CANCELLATION).any().over("line")
    stands = (pl.col("delivery") == FIRST) & (pl.col("adjustment") == Adjustment.ORIGINAL.value) & ~is_cancelled
    return lines.filter(stands | (pl.col("delivery") == REPLACEMENT))
