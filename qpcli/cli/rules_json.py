"""The law of one performance year as a JSON object."""

from __future__ import annotations

from qpcli.regulation.describe import CodeListInUse, LawDescription, SnapshotDates
from qpcli.regulation.incentive import Incentive
from qpcli.regulation.law import Law, OpenPoint
from qpcli.reports.as_json import as_json, json_object


def document(description: LawDescription) -> dict[str, object]:
    """What the page for people shows, with every code range; dates as YYYY-MM-DD, thresholds in percent."""
    law = description.law
    return {
        "performance_year": law.performance_year,
        "payment_year": law.payment_year,
        "law_as_of": as_json(law.law_as_of),
        "data_version": law.data_version,
        "thresholds": json_object(law.thresholds),
        "all_payer": _all_payer(law),
        "qp_performance_period": json_object(law.period),
        "snapshots": [_snapshot(dates) for dates in description.snapshots],
        "december_list_date": as_json(law.december_list_date),
        "service_bases": as_json(law.bases),
        "entries": as_json(law.entries),
        "code_lists": [_code_list(code_list) for code_list in description.code_lists],
        "incentive": incentive_document(description.incentive),
        "partial_qp_elections": as_json(description.elections),
        "mips_apm_weights": as_json(description.mips_weights),
        "open_points": [_open_point(point, has_effect=True) for point in description.open_points]
        + [_open_point(point, has_effect=False) for point in description.open_points_without_effect],
    }


def incentive_document(incentive: Incentive) -> dict[str, object]:
    """What QP status is worth in a payment year; percents and factors as text, null where there are none."""
    factors = incentive.fee_schedule.factors
    return {
        "payment_year": incentive.payment_year,
        "lump_sum_percent": incentive.lump_sum_percent,
        "base_period": json_object(incentive.base_period),
        "qualifying_conversion_factor": None if factors is None else str(factors.qualifying),
        "other_conversion_factor": None if factors is None else str(factors.other),
        "entries": as_json(incentive.entries),
    }


def _all_payer(law: Law) -> dict[str, object] | None:
    """The All-Payer Combination Option; None where the year has none."""
    if law.all_payer is None:
        return None
    excluded = sorted(payer.value for payer in law.all_payer.excluded_payers)
    return {"medicare_minimums": json_object(law.all_payer.medicare_minimums), "excluded_payers": excluded}


def _snapshot(dates: SnapshotDates) -> dict[str, object]:
    return {**json_object(dates.snapshot), "run_out_ends": as_json(dates.run_out_ends)}


def _code_list(code_list: CodeListInUse) -> dict[str, object]:
    return {
        "name": code_list.name,
        "ranges": as_json(code_list.ranges),
        "codes": sorted(code_list.codes),
        "source": None if code_list.source is None else json_object(code_list.source),
    }


def _open_point(point: OpenPoint, *, has_effect: bool) -> dict[str, object]:
    return {**json_object(point), "has_effect": has_effect}
