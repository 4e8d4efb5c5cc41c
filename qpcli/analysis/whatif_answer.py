"""Before and after side by side, as a page and as a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from pydantic import JsonValue

from qpcli.analysis.finished_run import FinishedRun
from qpcli.analysis.page import Page, PageTable, Section
from qpcli.analysis.whatif import WhatIf
from qpcli.reports.as_json import as_json, json_object
from qpcli.reports.summary_rows import EntityScore, MethodScore, StatusCounts, clinicians_by_status, entity_scores
from qpcli.reports.summary_words import STATUS_WORDS, against_bar, counted, dollars
from qpcli.terms import QpStatus

JSON_VERSION = "qpcli.whatif/1"
ATTRIBUTION_STAYS = (
    "Dropping or adding a TIN or NPI also changes whom CMS attributes to the entity. That is not modelled: "
    "the attribution list stays as it is."
)
MOST_CLINICIANS = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """One entity, snapshot and basis; None where the entity is not assessed."""

    before: EntityScore | None
    after: EntityScore | None

    @property
    def either(self) -> EntityScore:
        one = self.before or self.after
        assert one is not None
        return one


@dataclass(frozen=True, slots=True)
class ClinicianChange:
    """A clinician whose newest status differs; None: no determination."""

    npi: str
    before: QpStatus | None
    after: QpStatus | None


def pairs(answer: WhatIf) -> tuple[Pair, ...]:
    """Every entity-level row of either side."""
    sides = [
        {(row.apm_entity_id, row.snapshot, row.basis): row for row in entity_scores(side.threshold_scores)}
        for side in (answer.before, answer.after)
    ]
    keys = sorted({*sides[0], *sides[1]}, key=lambda key: (key[0], key[1], key[2] != "em"))
    return tuple(Pair(sides[0].get(key), sides[1].get(key)) for key in keys)


def clinician_changes(answer: WhatIf) -> tuple[ClinicianChange, ...]:
    """Clinicians whose newest status is another, by NPI."""
    newest = [
        side.determinations.filter("is_latest").select("npi", status="status") for side in (answer.before, answer.after)
    ]
    both = newest[0].join(newest[1], on="npi", how="full", coalesce=True, suffix="_after")
    differing = both.filter(pl.col("status").ne_missing(pl.col("status_after"))).sort("npi")
    return tuple(
        ClinicianChange(npi, QpStatus(one) if one else None, QpStatus(other) if other else None)
        for npi, one, other in differing.select("npi", "status", "status_after").iter_rows()
    )


def document(run: FinishedRun, answer: WhatIf) -> dict[str, JsonValue]:
    """The one JSON object of an answer; amounts in cents, scores in ten-thousandths of a percent."""
    return {
        "schema": JSON_VERSION,
        "run_id": run.run_id,
        "performance_year": run.law.performance_year,
        "changes": json_object(answer.changes),
        "thresholds": {
            "before": as_json(run.law.thresholds),
            "after": as_json(answer.changed.situation.law.thresholds),
        },
        "notes": list(notes(answer)),
        "units": {"amounts": "cents", "scores": "ten-thousandths of a percent"},
        "entities": [as_json(pair) for pair in pairs(answer)],
        "clinicians_by_status": {
            "before": as_json(clinicians_by_status(answer.before.determinations).by_status),
            "after": as_json(clinicians_by_status(answer.after.determinations).by_status),
        },
        "clinicians_changed": [as_json(change) for change in clinician_changes(answer)],
    }


def notes(answer: WhatIf) -> Iterator[str]:
    """What must be known to read the answer."""
    changes, found = answer.changes, answer.changed
    if changes.drop_tins or changes.drop_npis or changes.add_participants:
        yield ATTRIBUTION_STAYS
    if found.unmatched_drops:
        yield f"Of the TINs and NPIs to drop {found.unmatched_drops} are on no list of the run."
    if found.unknown_people:
        rows = counted(found.unknown_people, "row")
        yield f"{rows} of the attribution list are about people whom the run has never seen."


def page(run: FinishedRun, answer: WhatIf) -> Page:
    """The answer for people: the newest snapshot of the entities that change, and the clinicians."""
    title = f"What if: performance year {run.law.performance_year}, run {run.run_id}"
    return Page(
        title,
        (
            Section("Changed", (*_changes(run, answer), *notes(answer))),
            Section("APM Entities", tuple(_entities(answer))),
            Section("Clinicians by status", tuple(_clinicians(answer))),
        ),
    )


def _changes(run: FinishedRun, answer: WhatIf) -> Iterator[str]:
    changes = answer.changes
    dropped = [(changes.drop_tins, "TIN"), (changes.drop_npis, "NPI")]
    for values, name in dropped:
        if values:
            yield f"{counted(len(values), name)} dropped from every list, for the whole year."
    before, after = run.kept_table("participants").collect().height, answer.changed.situation.participants.height
    if before != after:
        yield f"List entries: {before:,} before, {after:,} after."
    if changes.thresholds_year is not None:
        bars = answer.changed.situation.law.thresholds
        yield (
            f"Thresholds of performance year {changes.thresholds_year}: QP from {bars.qp_payment} % of payments or "
            f"{bars.qp_patient} % of patients, Partial QP from {bars.partial_payment} % or {bars.partial_patient} %."
        )
    if changes.attribution:
        yield "Another attribution list."
    for name, value in sorted(changes.assumptions.items()):
        yield f"Assumed: {name} = {value}."


def _entities(answer: WhatIf) -> Iterator[str | PageTable]:
    found = pairs(answer)
    newest = max((pair.either.snapshot for pair in found), default=0)
    shown = [pair for pair in found if pair.either.snapshot == newest and pair.before != pair.after]
    unchanged = len({p.either.apm_entity_id for p in found}) - len({p.either.apm_entity_id for p in shown})
    if shown:
        yield _entity_table(shown)
        yield f"Snapshot {newest}, against the QP bar."
    moved = [pair for pair in shown if not _has_equal_sums(pair)]
    if moved:
        rows = tuple(row for pair in moved for row in _sum_rows(pair))
        yield PageTable(("Entity", "Basis", "", "Before", "After"), rows, right=("Before", "After"))
    yield f"{counted(unchanged, 'APM Entity', 'APM Entities')} unchanged at snapshot {newest}."


def _entity_table(shown: list[Pair]) -> PageTable:
    """One row per pair; the basis stands only where a year has two."""
    has_bases = len({pair.either.basis for pair in shown}) > 1
    headers = ("Entity", "Basis", "Payments %", "after", "Patients %", "after ", "Status after")
    rows = [_entity_row(pair) for pair in shown]
    shorter = [(row[0], *row[2:]) for row in (headers, *rows)]
    first, *others = [headers, *rows] if has_bases else shorter
    return PageTable(tuple(first), tuple(others), right=headers[2:6], whole=("Status after",))


def _entity_row(pair: Pair) -> tuple[str, ...]:
    scores = [
        "-" if side is None else against_bar(side.methods[position])
        for position in (0, 1)
        for side in (pair.before, pair.after)
    ]
    return (pair.either.apm_entity_id, pair.either.basis, *scores, _turn(pair))


def _has_equal_sums(pair: Pair) -> bool:
    before, after = (
        [(score.numerator, score.denominator) for score in side.methods] if side else None
        for side in (pair.before, pair.after)
    )
    return before == after


def _sum_rows(pair: Pair) -> Iterator[tuple[str, ...]]:
    for position, name in enumerate(("payments", "patients")):
        first = (pair.either.apm_entity_id, pair.either.basis) if position == 0 else ("", "")
        yield (*first, name, *(_sums(side.methods[position] if side else None) for side in (pair.before, pair.after)))


def _turn(pair: Pair) -> str:
    before, after = (STATUS_WORDS[side.status] if side else "not assessed" for side in (pair.before, pair.after))
    return after if before == after else f"{after} (was {before})"


def _sums(score: MethodScore | None) -> str:
    if score is None:
        return "-"
    is_payment = score.method.value == "payment_amount"
    numerator, denominator = (
        "hidden" if value is None else dollars(value) if is_payment else f"{value:,}"
        for value in (score.numerator, score.denominator)
    )
    return f"{numerator} / {denominator}"


def _clinicians(answer: WhatIf) -> Iterator[str | PageTable]:
    before, after = (clinicians_by_status(side.determinations) for side in (answer.before, answer.after))
    rows = (_count_row("before", before), _count_row("after", after))
    headers = ("", *(STATUS_WORDS[status] for status in reversed(QpStatus)), "All")
    yield PageTable(headers, rows, right=headers[1:])
    changes = clinician_changes(answer)
    if changes:
        words = {None: "no determination"} | dict(STATUS_WORDS)
        listed = tuple((one.npi, words[one.before], words[one.after]) for one in changes[:MOST_CLINICIANS])
        yield PageTable(("NPI", "Before", "After"), listed)
    if len(changes) > MOST_CLINICIANS:
        yield f"... and {len(changes) - MOST_CLINICIANS:,} more; --json lists all."


def _count_row(name: str, counts: StatusCounts) -> tuple[str, ...]:
    return (name, *(f"{counts.by_status[status]:,}" for status in reversed(QpStatus)), f"{counts.total:,}")
