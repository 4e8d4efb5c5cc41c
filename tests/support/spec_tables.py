"""Worlds as small visible tables: only the columns that matter, everything else at its default.

A table is text: a header, then one row per line, cells divided by spaces, `-` for null, `#` for a remark.
TIN A is 100000001 and NPI 1 is 1000000001; a date without a year (02-01) is one of the performance year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from qpcli.calculation import results as results_of
from qpcli.findings import Finding
from qpcli.regulation.law import Law
from qpcli.remarks import remarks_on_inputs, remarks_on_results
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.clinicians import CLINICIANS
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.entities import ENTITIES
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.other_payer import OTHER_PAYER
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.schema import Kind, Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES
from tests.oracle.world import Row, World
from tests.support.in_memory import Outcome, canonical_tables, law_of, outcome_of, plain_rows, tallied_of

YEAR = 2024

CANONICAL = {
    "a": "has_part_a",
    "advanced": "is_advanced",
    "b": "has_part_b",
    "bene": "bene_id",
    "born": "birth_date",
    "claim": "claim_id",
    "codes": "em_code_set",
    "denied": "is_denied",
    "died": "death_date",
    "end": "end_date",
    "entity": "apm_entity_id",
    "episode_end": "episode_end_date",
    "episode_start": "episode_start_date",
    "episodes": "is_episode_based",
    "excluded": "excluded_amount",
    "from": "active_from",
    "line": "line_number",
    "list": "list_type",
    "ma": "is_managed_care",
    "mips": "is_mips_apm",
    "msp": "is_medicare_secondary",
    "paid": "paid_amount",
    "processed": "processed_date",
    "prospective": "is_prospective",
    "removes": "removes_prospective_elsewhere",
    "risk": "bears_risk",
    "service": "service_date",
    "start": "start_date",
    "terminated": "terminated_on",
    "to": "active_to",
    "us": "is_us_resident",
    "version": "claim_version",
    "withheld": "withheld_amount",
}
"""Short column names of the input tables; every other column has its canonical name."""

PROCESSED_AFTER = timedelta(days=20)

ELIGIBLE: Row = {
    "birth_date": date(1950, 6, 1),
    "has_part_a": True,
    "has_part_b": True,
    "is_managed_care": False,
    "is_medicare_secondary": False,
    "is_us_resident": True,
}


def world(
    *,
    year: int = YEAR,
    lines: str = "",
    populations: str = "",
    benes: str = "",
    unrecorded: str = "",
    listed: str = "",
    attributed: str = "",
    entities: str = "",
    other_payer: str = "",
    snapshots: tuple[int, ...] = (1, 2, 3),
    code_sets: Mapping[str, tuple[str, ...]] | None = None,
    assume: Mapping[str, str] | None = None,
) -> World:
    """A world from its tables.

    `listed` may be pairs such as "A/1 B/2" and `attributed` names such as "B1 B2", both of entity E1; without
    `listed` every TIN/NPI pair of the lines is on E1's Participation List. Everybody who is mentioned is an
    eligible beneficiary, but for what `benes` says and for the `unrecorded`, who have no row at all.
    """
    claim_lines = _claim_lines(lines, year)
    crowd_lines, crowd_attributed = _populations(populations, year)
    claim_lines += crowd_lines
    attribution = _attribution(attributed, year) + crowd_attributed
    people = _people([*claim_lines, *attribution], _rows(benes, BENEFICIARIES, year), unrecorded.split())
    return World(
        performance_year=year,
        claim_lines=claim_lines,
        beneficiaries=people,
        participants=_participants(listed, year) if listed else _pairs(claim_lines),
        attribution=attribution,
        entities=_rows(entities, ENTITIES, year) if entities else None,
        assumptions=assume or {},
        snapshots=snapshots,
        em_code_sets=code_sets or {},
        other_payer=_submissions(other_payer, year) if other_payer else None,
    )


def computed(**tables: Any) -> Outcome:
    """What qpcli makes of the world with these tables."""
    return outcome_of(world(**tables))


def computed_under(law: Law, **tables: Any) -> Outcome:
    """The same under a law that was resolved with files or as of another day."""
    results = results_of(tallied_of(canonical_tables(world(**tables)), law), law)
    return Outcome(
        plain_rows(results.threshold_scores, THRESHOLD_SCORES),
        plain_rows(results.determinations, DETERMINATIONS),
        plain_rows(results.clinicians, CLINICIANS),
        plain_rows(results.exclusions, EXCLUSIONS),
        results,
    )


def findings(last_service: date | None = None, last_processed: date | None = None, **tables: Any) -> list[Finding]:
    """The findings of a calculation; the newest dates of the claims are told, as a reader tells them."""
    given = world(**tables)
    law = law_of(given)
    tallied = tallied_of(canonical_tables(given), law)
    results = results_of(tallied, law)
    on_inputs = remarks_on_inputs(tallied, law, last_service=last_service, last_processed=last_processed)
    return [*on_inputs, *remarks_on_results(results, law)]


def counts_of(found: Iterable[Finding], code: str) -> list[int | None]:
    """The counts of the findings with a code, one per finding."""
    return [finding.count for finding in found if finding.code == code]


# Reading results


def the_row(rows: Iterable[Row], **wanted: Any) -> Row:
    """The one row with these values."""
    found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1, f"{len(found)} rows have {wanted}"
    return found[0]


def score(outcome: Outcome, *, snapshot: int = 3, basis: str = "em", entity: str = "E1") -> Row:
    """The Threshold Scores of an APM Entity."""
    keys = {"snapshot": snapshot, "basis": basis, "apm_entity_id": entity}
    return the_row(outcome.threshold_scores, level="apm_entity", **keys)


def individual(outcome: Outcome, npi: str = "1", *, snapshot: int = 3, basis: str = "em") -> Row:
    """The Threshold Scores of a clinician across entities."""
    return the_row(outcome.threshold_scores, level="individual", npi=npi_of(npi), snapshot=snapshot, basis=basis)


def affiliated(outcome: Outcome, npi: str = "1", *, snapshot: int = 3, entity: str = "E1") -> Row:
    """The Threshold Scores of an Affiliated Practitioner."""
    keys = {"npi": npi_of(npi), "snapshot": snapshot, "apm_entity_id": entity}
    return the_row(outcome.threshold_scores, level="affiliated_practitioner", **keys)


def determination(outcome: Outcome, npi: str = "1", *, snapshot: int | None = None) -> Row:
    """A clinician's determination at a snapshot, or the latest one."""
    at = {"is_latest": True} if snapshot is None else {"snapshot": snapshot}
    return the_row(outcome.determinations, npi=npi_of(npi), **at)


def scored(outcome: Outcome, level: str = "apm_entity") -> list[tuple[int, str | None]]:
    """Snapshot and entity, or short NPI of an individual, of every score row of a level on the E/M basis."""
    rows = [row for row in outcome.threshold_scores if row["level"] == level and row["basis"] == "em"]
    return [(row["snapshot"], short_npi(row["npi"]) if level == "individual" else row["apm_entity_id"]) for row in rows]


def payment(row: Row) -> tuple[Decimal, Decimal]:
    """Dollars over dollars."""
    return row["payment_numerator"], row["payment_denominator"]


def patients(row: Row) -> tuple[int, int]:
    """Beneficiaries over beneficiaries."""
    return row["patient_numerator"], row["patient_denominator"]


def decided_by(row: Row) -> tuple[Any, ...]:
    """Level, entity, basis, method and snapshot that decided."""
    names = ("level", "apm_entity_id", "basis", "method")
    return (*[row[f"determined_by_{name}"] for name in names], row["determined_at_snapshot"])


def short_npi(npi: str | None) -> str | None:
    return None if npi is None else str(int(npi) - 1_000_000_000)


# Reading tables


def records(text: str) -> list[dict[str, str | None]]:
    """The rows of a text table, `-` as None; an assertion names a row with too few or too many cells."""
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    header, *rows = [cells for cells in lines if cells] or [[]]
    for cells in rows:
        assert len(cells) == len(header), f"{len(cells)} cells under {len(header)} columns: {' '.join(cells)}"
    return [{name: None if cell == "-" else cell for name, cell in zip(header, cells, strict=True)} for cells in rows]


def parsed(table: Table, name: str, cell: str | None, year: int) -> Any:
    """A cell as the column of that name holds it."""
    kind = table.column(name).kind
    if cell is None:
        return None
    if kind is Kind.DATE:
        return date.fromisoformat(cell if len(cell) == len("2024-02-01") else f"{year}-{cell}")
    if kind is Kind.MONEY:
        return Decimal(cell.replace(",", ""))
    if kind is Kind.INTEGER:
        return int(cell)
    if kind is Kind.SCORE:
        return float(cell)
    if kind is Kind.BOOLEAN:
        return {"yes": True, "no": False}[cell]
    return {Kind.TIN: tin_of, Kind.NPI: npi_of}.get(kind, str)(cell)


def tin_of(short: str) -> str:
    """TIN A is 100000001."""
    return str(100_000_000 + ord(short) - ord("A") + 1) if len(short) == 1 else short


def npi_of(short: str) -> str:
    """NPI 1 is 1000000001."""
    return str(1_000_000_000 + int(short)) if len(short) < len("1000000000") else short


def _rows(text: str, table: Table, year: int) -> list[dict[str, Any]]:
    return [_row(record, table, year) for record in records(text)]


def _row(record: Mapping[str, str | None], table: Table, year: int) -> dict[str, Any]:
    if record.get("age"):
        record = {"born": _born(int(record["age"] or 0), year), **record}
    named = {CANONICAL.get(name, name): cell for name, cell in record.items() if name != "age"}
    return {name: parsed(table, name, cell, year) for name, cell in named.items()}


def _born(age: int, year: int) -> str:
    """The birth date of a person of this age from Jan 1 to Dec 30."""
    return f"{year - 1 - age}-12-31"


def _claim_lines(text: str, year: int) -> list[dict[str, Any]]:
    return [_claim_line(number, row, year) for number, row in enumerate(_rows(text, CLAIM_LINES, year), start=1)]


def _claim_line(number: int, given: Row, year: int) -> dict[str, Any]:
    service: date = given.get("service_date", date(year, 2, 1))
    defaults = {
        "claim_id": f"C{number}",
        "line_number": 1,
        "tin": tin_of("A"),
        "npi": npi_of("1"),
        "hcpcs": "99213",
        "service_date": service,
        "processed_date": service + PROCESSED_AFTER,
        "paid_amount": Decimal(100),
    }
    return {**defaults, **given}


def _populations(text: str, year: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lines and attribution of many people: each row is `people` people with one line each and `dollars` in all.

    `attributed` and `prospective` name entities, with a plus between several; `first` numbers the first person.
    """
    lines: list[dict[str, Any]] = []
    attributed: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records(text):
        crowd = {name: record.pop(name, None) or "" for name in CROWD_COLUMNS}
        people, cents = int(crowd["people"]), int(Decimal(crowd["dollars"].replace(",", "") or 0) * 100)
        like, first = _row(record, CLAIM_LINES, year), int(crowd["first"] or len(lines) + 1)
        for place in range(people):
            bene_id, share = f"P{first + place}", cents // people + (place < cents % people)
            line = {"claim_id": f"X{len(lines)}", "bene_id": bene_id, "paid_amount": Decimal(share) / 100}
            lines.append(_claim_line(0, {**like, **line}, year))
            for column in ("attributed", "prospective"):
                for entity in filter(None, crowd[column].split("+")):
                    row = {"apm_entity_id": entity, "bene_id": bene_id, "is_prospective": column == "prospective"}
                    attributed[entity, bene_id] = row
    return lines, list(attributed.values())


CROWD_COLUMNS = ("people", "dollars", "attributed", "prospective", "first")


def _attribution(text: str, year: int) -> list[dict[str, Any]]:
    if "bene" not in text.split():
        return [{"apm_entity_id": "E1", "bene_id": bene_id} for bene_id in text.split()]
    return [{"apm_entity_id": "E1", **row} for row in _rows(text, ATTRIBUTION, year)]


def _participants(text: str, year: int) -> list[dict[str, Any]]:
    if "/" in text:
        pairs = [pair.split("/") for pair in text.split()]
        return [{"apm_entity_id": "E1", "tin": tin_of(tin), "npi": npi_of(npi)} for tin, npi in pairs]
    defaults = {"apm_entity_id": "E1", "tin": tin_of("A"), "npi": npi_of("1")}
    return [{**defaults, **row} for row in _rows(text, PARTICIPANTS, year)]


def _submissions(text: str, year: int) -> list[dict[str, Any]]:
    """Submissions of other payers: `payments` and `patients` as numerator/denominator, `subject` E1, A or 1."""
    return [_submission(number, record, year) for number, record in enumerate(records(text), start=1)]


def _submission(number: int, record: dict[str, str | None], year: int) -> dict[str, Any]:
    level, subject = record.get("level") or "apm_entity", record.pop("subject", None) or "E1"
    named = {"tin": tin_of, "npi": npi_of}.get(level, str)(subject)
    for short, what in (("payments", "payment_amount"), ("patients", "patient_count")):
        part, _, whole = (record.pop(short, None) or "/").partition("/")
        record |= {f"apm_{what}": part or None, f"total_{what}": whole or None}
    record = {name if name != "type" else "payer_type": cell for name, cell in record.items()}
    record = {name if name != "available" else "medicaid_available": cell for name, cell in record.items()}
    defaults = {"level": level, "subject_id": named, "payer": f"P{number}", "payer_type": "commercial", "snapshot": 3}
    return defaults | _row(record, OTHER_PAYER, year)


def _pairs(lines: Iterable[Row]) -> list[dict[str, Any]]:
    pairs = dict.fromkeys((line["tin"] or tin_of("A"), line["npi"]) for line in lines if line["npi"])
    return [{"apm_entity_id": "E1", "tin": tin, "npi": npi} for tin, npi in pairs]


def _people(mentioned: Iterable[Row], given: list[dict[str, Any]], unrecorded: list[str]) -> list[dict[str, Any]]:
    described = {row["bene_id"] for row in given}
    others = dict.fromkeys(row["bene_id"] for row in mentioned)
    silent = [bene_id for bene_id in others if bene_id not in described and bene_id not in unrecorded]
    return [{**ELIGIBLE, **row} for row in given] + [{**ELIGIBLE, "bene_id": bene_id} for bene_id in silent]
