"""Everything that happens to claims happens in a sample of the default size."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.sample.made import Sample

KEY = ["bene_id", "claim_id", "line_number", "adjustment", "processed_date"]
FAMILY = ["claim_id", "line_number", "npi", "tin", "bene_id", "service_date", "hcpcs", "setting"]
CUT_OFFS = [(date(2025, 3, 31), date(2025, 5, 30)), (date(2025, 8, 31), date(2025, 10, 30))]
"""Last day of service and last day of processing, for the first and the third snapshot."""


def of(sample: Sample, adjustment: str) -> pl.DataFrame:
    return sample.claim_lines.unique().filter(pl.col("adjustment") == adjustment)


def cancelled(sample: Sample) -> pl.DataFrame:
    """Originals beside their cancellations."""
    return of(sample, "original").join(of(sample, "cancellation"), on=FAMILY, nulls_equal=True, suffix="_cancelled")


def share(condition: pl.Expr, lines: pl.DataFrame) -> float:
    return float(lines.select(condition.mean()).item())


def test_every_cancellation_but_the_orphans_undoes_an_earlier_original(sample: Sample) -> None:
    pairs = cancelled(sample)
    assert 0.005 < pairs.height / sample.claim_lines.height < 0.02
    assert (pairs["processed_date_cancelled"] > pairs["processed_date"]).all()
    assert (pairs["paid_amount_cancelled"].abs() == pairs["paid_amount"]).all()
    orphans = of(sample, "cancellation").join(of(sample, "original"), on=FAMILY, how="anti", nulls_equal=True)
    assert 0 < orphans.height < pairs.height / 4


def test_some_amounts_of_cancellations_are_signed(sample: Sample) -> None:
    amounts = of(sample, "cancellation")["paid_amount"]
    assert 0 < (amounts < 0).sum() < (amounts > 0).sum()


def test_every_replacement_stands_beside_its_cancellation(sample: Sample) -> None:
    replacements = of(sample, "replacement")
    together = replacements.join(of(sample, "cancellation"), on=[*FAMILY, "processed_date"], nulls_equal=True)
    assert together.height == replacements.height > 0
    assert (together["paid_amount"] != together["paid_amount_right"].abs()).any()


@pytest.mark.parametrize(("last_day", "cut_off"), CUT_OFFS)
def test_some_lines_are_cancelled_only_after_the_cut_off(sample: Sample, last_day: date, cut_off: date) -> None:
    seen = (pl.col("service_date") <= last_day) & (pl.col("processed_date") <= cut_off)
    assert cancelled(sample).filter(seen & (pl.col("processed_date_cancelled") > cut_off)).height > 0


def test_some_rows_are_delivered_twice_and_none_twice_in_conflict(sample: Sample) -> None:
    lines = sample.claim_lines
    assert 0.001 < 1 - lines.unique().height / lines.height < 0.004
    assert lines.unique().select(KEY).is_duplicated().sum() == 0


def test_some_lines_are_denied_unpaid_taken_back_withheld_or_hold_excluded_amounts(sample: Sample) -> None:
    lines, paid = sample.claim_lines, pl.col("paid_amount")
    assert 0.02 < share(pl.col("is_denied"), lines) < 0.04
    assert 0.03 < share(paid == 0, lines) < 0.15
    assert 0 < share((paid < 0) & (pl.col("adjustment") == "original"), lines) < 0.003
    assert 0.005 < share(pl.col("withheld_amount") > 0, lines) < 0.05
    assert 0.01 < share(pl.col("excluded_amount") > 0, lines) < 0.1
    assert lines.filter((pl.col("withheld_amount") > 0) & (paid == 0)).height > 0
    assert lines.filter(pl.col("is_denied") & (paid > 0)).height > 0


def test_payments_are_skewed_from_cents_to_thousands(sample: Sample) -> None:
    paid = sample.claim_lines["paid_amount"].cast(pl.Float64)
    mean = paid.mean()
    assert isinstance(mean, float) and mean > 1.5 * float(paid.median() or 0)
    assert float(paid.max() or 0) > 2000


def test_processing_takes_two_to_six_weeks_and_for_some_longer_than_the_run_out(sample: Sample) -> None:
    first = sample.claim_lines.filter(pl.col("adjustment") == "original")
    days = (pl.col("processed_date") - pl.col("service_date")).dt.total_days()
    assert share(days.is_between(14, 40), first) > 0.8
    assert 0.02 < share(days > 60, first) < 0.1


def test_services_go_through_the_whole_year_and_begin_before_it(sample: Sample) -> None:
    lines, day = sample.claim_lines, pl.col("service_date")
    assert 0.2 < share(day > date(2025, 8, 31), lines) < 0.4
    assert 0 < share(day < date(2025, 1, 1), lines) < 0.03
    assert lines["service_date"].max() == date(2025, 12, 31)


def test_nobody_is_served_after_death(sample: Sample) -> None:
    died = sample.beneficiaries.drop_nulls("death_date").select("bene_id", "death_date").unique()
    served = sample.claim_lines.join(died, on="bene_id")
    assert served.height > 0
    assert (served["service_date"] <= served["death_date"]).all()


def test_some_hundreds_of_codes_a_few_of_them_most_of_the_lines(sample: Sample) -> None:
    counts = sample.claim_lines["hcpcs"].drop_nulls().value_counts(sort=True)
    assert counts.height > 300
    assert counts["count"].head(10).sum() > 0.25 * counts["count"].sum()
    assert counts["hcpcs"].str.contains("^[0-9A-Z][0-9]{4}$").all()


def test_institutional_lines_have_no_tin_and_all_others_one(sample: Sample) -> None:
    is_institutional = pl.col("setting").is_in(["rhc", "fqhc", "cah_method_ii"])
    assert sample.claim_lines.select((is_institutional == pl.col("tin").is_null()).all()).item()
    for setting, least in {"rhc": 0.01, "fqhc": 0.01, "cah_method_ii": 0.005, "other": 0.001}.items():
        assert share(pl.col("setting") == setting, sample.claim_lines) > least


def test_a_few_lines_have_a_blank_npi_or_code(sample: Sample) -> None:
    assert 0 < share(pl.col("npi").is_null(), sample.claim_lines) < 0.003
    assert 0 < share(pl.col("hcpcs").is_null(), sample.claim_lines) < 0.001


def test_outside_clinicians_bill_a_good_share_and_listed_ones_under_other_tins_too(sample: Sample) -> None:
    listed = sample.participants.select("npi", "tin").unique()
    lines = sample.claim_lines.filter(pl.col("npi").is_not_null() & pl.col("tin").is_not_null())
    by_listed = lines.filter(pl.col("npi").is_in(listed["npi"].implode()))
    assert 0.2 < 1 - by_listed.height / lines.height < 0.6
    off_list = by_listed.join(listed, on=["npi", "tin"], how="anti")
    assert 0.01 < off_list.height / lines.height < 0.05


def test_no_row_breaks_a_rule_of_its_table(sample: Sample) -> None:
    lines = sample.claim_lines
    for column in ("claim_id", "line_number", "bene_id", "service_date", "processed_date", "paid_amount", "setting"):
        assert lines[column].null_count() == 0
    for column in ("paid_amount", "withheld_amount", "excluded_amount"):
        assert lines[column].abs().max() < 1_000_000
    assert lines["line_number"].min() == 1
