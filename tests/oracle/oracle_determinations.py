"""Determination per clinician (42 CFR 414.1425, 414.1455)."""

from collections.abc import Iterable, Sequence

from .oracle_facts import Case, Entry
from .oracle_lists import counts, entries_that_matter, group, is_on_a_list, members
from .oracle_scores import STATUSES
from .world import Row

OPTIONS = ["medicare", "all_payer"]
LEVELS = ["apm_entity", "individual", "affiliated_practitioner", "tin", "npi"]
BASES = ["em", "cps"]
METHODS = ["payment_amount", "patient_count"]
CONSEQUENCES = {"QP": "excluded", "PARTIAL_QP": "may_elect", "NOT_QP": "subject", "NO_SCORE": "subject"}
NOTHING_DETERMINED = {
    "determined_by_level": None,
    "determined_by_apm_entity_id": None,
    "determined_by_basis": None,
    "determined_by_method": None,
    "determined_at_snapshot": None,
    "score": None,
    "threshold": None,
    "determined_by_option": None,
}


def determinations(case: Case, scores: list[Row], all_payer: Sequence[Row] = ()) -> list[Row]:
    """Rows from the first snapshot at which the clinician is listed.

    `all_payer` are scores of the All-Payer Combination Option: they count where they make a QP or Partial QP.
    """
    rows = []
    for npi in {entry.npi for entry in case.entries}:
        mine = [entry for entry in entries_that_matter(case) if entry.npi == npi]
        listed = [k for k in range(1, case.highest + 1) if _is_listed(case, mine, range(1, k + 1))]
        results = _results(case, npi, scores)
        results += [r for r in _results(case, npi, all_payer) if r["status"] in ("QP", "PARTIAL_QP")]
        rows += [_row(case, npi, k, mine, [r for r in results if r["snapshot"] <= k]) for k in listed]
        if case.highest == 3 and not listed and _is_listed(case, mine, range(4, 5)):
            rows.append(_december_row(case, npi, mine))
    return rows


def _is_listed(case: Case, entries: list[Entry], snapshots: range) -> bool:
    return any(is_on_a_list(case, entry, snapshots) for entry in entries)


def _results(case: Case, npi: str, scores: Iterable[Row]) -> list[Row]:
    """One row per score and method that concerns the clinician."""
    mine = [row for row in scores if npi in _concerned(case, row)]
    return [result for row in mine for result in (_payment_result(row), _patient_result(row))]


def _concerned(case: Case, row: Row) -> set[str]:
    """An entity's score concerns the clinicians in its group at that snapshot."""
    if row["level"] == "apm_entity":
        return members(case, row["apm_entity_id"], row["snapshot"])
    if row["level"] == "tin":
        return {npi for tin, npi in group(case, row["apm_entity_id"], row["snapshot"]) if tin == row["tin"]}
    return {row["npi"]}


def _payment_result(row: Row) -> Row:
    return row | {
        "method": "payment_amount",
        "status": row["payment_status"],
        "score": row["payment_score"],
        "qp_threshold": row["payment_qp_threshold"],
        "partial_threshold": row["payment_partial_threshold"],
    }


def _patient_result(row: Row) -> Row:
    return row | {
        "method": "patient_count",
        "status": row["patient_status"],
        "score": row["patient_score"],
        "qp_threshold": row["patient_qp_threshold"],
        "partial_threshold": row["patient_partial_threshold"],
    }


def _row(case: Case, npi: str, snapshot: int, mine: list[Entry], results: list[Row]) -> Row:
    """The clinician's best status so far; it sticks (42 CFR 414.1425(b), 414.1455(b)(2))."""
    status = max((result["status"] for result in results), key=STATUSES.index, default="NO_SCORE")
    so_far = range(1, snapshot + 1)
    return {
        "performance_year": case.year,
        "npi": npi,
        "snapshot": snapshot,
        "is_latest": snapshot == case.highest,
        "status": status,
        **_determined(status, [result for result in results if result["status"] == status]),
        "apm_entity_count": _apm_entity_count(case, snapshot, mine),
        "mips_consequence": CONSEQUENCES[status],
        "is_mips_apm_participant": status != "QP" and _is_in_a_mips_apm(case, mine, so_far),
    }


def _december_row(case: Case, npi: str, mine: list[Entry]) -> Row:
    """First listed after August 31: no determination, a MIPS APM participant at most."""
    return {
        "performance_year": case.year,
        "npi": npi,
        "snapshot": 4,
        "is_latest": True,
        "status": "NOT_QP",
        **NOTHING_DETERMINED,
        "apm_entity_count": 0,
        "mips_consequence": CONSEQUENCES["NOT_QP"],
        "is_mips_apm_participant": _is_in_a_mips_apm(case, mine, range(4, 5)),
    }


def _determined(status: str, candidates: list[Row]) -> Row:
    """The result shown: the earliest that gave QP or Partial QP, for NOT_QP the newest."""
    if status == "NO_SCORE":
        return NOTHING_DETERMINED
    shown = min(candidates, key=lambda result: _place(status, result))
    return {
        "determined_by_level": shown["level"],
        "determined_by_apm_entity_id": shown["apm_entity_id"],
        "determined_by_basis": shown["basis"],
        "determined_by_method": shown["method"],
        "determined_at_snapshot": shown["snapshot"],
        "score": shown["score"],
        "threshold": shown["qp_threshold"] if status == "QP" else shown["partial_threshold"],
        "determined_by_option": _option(shown),
    }


def _option(result: Row) -> str:
    """Only all-payer scores have a Medicare minimum."""
    return "all_payer" if "medicare_minimum_status" in result else "medicare"


def _place(status: str, result: Row) -> tuple[int, int, int, int, int, str]:
    return (
        -result["snapshot"] if status == "NOT_QP" else result["snapshot"],
        OPTIONS.index(_option(result)),
        LEVELS.index(result["level"]),
        BASES.index(result["basis"]),
        METHODS.index(result["method"]),
        result["apm_entity_id"] or "",
    )


def _apm_entity_count(case: Case, snapshot: int, mine: list[Entry]) -> int:
    """Counting entities on whose list the clinician was at the dates so far."""
    so_far = range(1, snapshot + 1)
    listing = {entry.apm_entity_id for entry in mine if is_on_a_list(case, entry, so_far)}
    return len([id_ for id_ in listing if counts(case, case.entities[id_], snapshot)])


def _is_in_a_mips_apm(case: Case, mine: list[Entry], snapshots: range) -> bool:
    """On a Participation List of a MIPS APM's entity, whether or not the entity counts."""
    lists = [e for e in mine if e.list_type == "participation" and case.entities[e.apm_entity_id].is_mips_apm]
    return _is_listed(case, lists, snapshots)
