"""42 CFR 414.1450: the APM Incentive Payment on the base year's paid amounts, who is paid it, what stands against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from qpcli.balance import Against, Balance, Worth, balance
from qpcli.engines.base_amounts import base_amounts
from qpcli.engines.line_cells import parted_by_hash
from qpcli.regulation.incentive import Incentive, resolve_incentive
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.rules import incentive as rules
from qpcli.tables.participants import PARTICIPANTS
from tests.support.in_memory import canonical_tables, frame_of
from tests.support.spec_tables import npi_of, records, short_npi, tin_of, world

PAYMENT_YEAR = 2028
"""Performance year 2026, base year 2027."""
NOTHING: Mapping[str, str] = {}


def law_of(payment_year: int = PAYMENT_YEAR, assume: Mapping[str, str] = NOTHING) -> tuple[Law, Incentive]:
    law = resolve_law(performance_year=payment_year - 2, assumptions=assume)
    return law, resolve_incentive(payment_year, law.law_as_of)


def qps_of(*npis: str, entity: str | None = "E1") -> pl.LazyFrame:
    rows = {"npi": [npi_of(npi) for npi in npis], "apm_entity_id": [entity] * len(npis)}
    return pl.LazyFrame(rows, schema={"npi": pl.String, "apm_entity_id": pl.String})


# The base amount, from claim lines


def summed(lines: str, *, qps: tuple[str, ...] = ("1",), assume: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """The base amounts of 2027 by "NPI/TIN", in dollars; lines are at NPI 1 and TIN A where they do not say."""
    law, incentive = law_of(assume=assume)
    tables = canonical_tables(world(year=2027, lines=lines, assume=assume))
    found = base_amounts(
        (parted_by_hash(shard.claim_lines) for shard in tables.shards),
        qps_of(*qps).collect(),
        rules.base_period_law(law, incentive),
    )
    tins = {tin_of(short): short for short in "ABCDEF"}
    return {
        f"{short_npi(npi)}/{tins.get(tin, '-')}": f"{Decimal(cents) / 100:.2f}"
        for npi, tin, cents in found.frame.sort("npi", "tin").iter_rows()
    }


def test_services_of_the_base_year_count_from_its_first_to_its_last_day() -> None:
    lines = """
    bene service    paid
    B1   2026-12-31  1
    B1   2027-01-01  2
    B1   2027-12-31  4
    B1   2028-01-01  8
    """
    assert summed(lines) == {"1/A": "6.00"}


def test_claims_processed_by_march_31_of_the_payment_year_count_and_later_ones_do_not() -> None:
    lines = """
    bene service    processed  paid
    B1   2027-12-31 2028-03-31  1
    B1   2027-12-31 2028-04-01  2
    B2   2027-02-01 2028-04-01  4
    """
    assert summed(lines) == {"1/A": "1.00"}


def test_in_a_year_before_no_leap_year_march_31_is_one_day_nearer() -> None:
    law, incentive = law_of(2027)
    base_law = rules.base_period_law(law, incentive)
    assert str(base_law.run_out_ends(base_law.snapshots[-1])) == "2027-03-31"


def test_all_tin_npi_combinations_of_the_qp_count() -> None:
    lines = """
    bene npi tin paid
    B1   1   A    1
    B2   1   B    2
    B2   2   A    4
    B3   3   C    8
    """
    assert summed(lines, qps=("1", "2")) == {"1/A": "1.00", "1/B": "2.00", "2/A": "4.00"}


def test_only_covered_professional_services_count() -> None:
    lines = """
    bene hcpcs setting       tin paid
    B1   99213 professional  A    1
    B1   00100 professional  A    2
    B1   J1100 professional  A    4
    B1   80053 professional  A    8
    B1   99213 cah_method_ii -    16
    B1   T1015 rhc           -    32
    B1   99213 other         A    64
    """
    assert summed(lines) == {"1/-": "16.00", "1/A": "3.00"}


def test_cash_flow_reductions_are_added_back_and_adjustments_taken_out() -> None:
    lines = """
    bene paid withheld excluded
    B1   0    90       0
    B2   103  0        3
    """
    assert summed(lines) == {"1/A": "190.00"}


def test_cancelled_denied_and_repeated_lines_count_as_they_do_in_a_threshold_score() -> None:
    lines = """
    claim line bene service    processed  adjustment   denied paid
    C1    1    B1   2027-02-01 2027-03-01 original     no      1
    C1    1    B1   2027-02-01 2027-04-01 cancellation no      1
    C1    1    B1   2027-02-01 2027-05-01 replacement  no      2
    C2    1    B1   2027-02-01 2027-03-01 original     yes     4
    C3    1    B1   2027-02-01 2027-03-01 original     no      8
    C3    1    B1   2027-02-01 2027-03-01 original     no      8
    C4    1    B1   2027-02-01 2027-03-01 original     no      16
    C4    1    B1   2027-02-01 2028-04-01 cancellation no      16
    """
    assert summed(lines) == {"1/A": "26.00"}
    assert summed(lines, assume={"denied_lines": "count"}) == {"1/A": "30.00"}


def test_a_qp_without_a_line_has_no_base_amount() -> None:
    assert summed("bene npi paid\nB1 2 1") == {}


# The lump sum


def lump_sum(base: str, payment_year: int, assume: Mapping[str, str] = NOTHING) -> str:
    law, incentive = law_of(payment_year, assume)
    cents = pl.LazyFrame({"base": [int(Decimal(base) * 100)]})
    (answer,) = cents.select(rules.lump_sum(pl.col("base"), incentive, law)).collect().row(0)
    return f"{Decimal(answer) / 100:.2f}"


@pytest.mark.parametrize(
    ("payment_year", "base", "expected"),
    [
        (2019, "100000", "5000.00"),
        (2024, "100000", "5000.00"),
        (2025, "200000", "7000.00"),
        (2026, "250000", "4700.00"),
        (2027, "250000", "0.00"),
        (2028, "400000", "12400.00"),
        (2029, "400000", "0.00"),
    ],
)
def test_the_lump_sum_is_the_years_percentage_of_the_base_amount(payment_year: int, base: str, expected: str) -> None:
    assert lump_sum(base, payment_year) == expected


@pytest.mark.parametrize(
    ("base", "half_up", "down"), [("0.09", "0.00", "0.00"), ("0.10", "0.01", "0.00"), ("0.30", "0.02", "0.01")]
)
def test_half_a_cent_is_rounded_up_unless_it_is_assumed_otherwise(base: str, half_up: str, down: str) -> None:
    assert lump_sum(base, 2024) == half_up
    assert lump_sum(base, 2024, {"incentive_rounding": "down"}) == down


def test_a_base_amount_below_0_has_no_lump_sum() -> None:
    assert lump_sum("-100", 2024) == "0.00"


# Who is paid it


def paid(
    base: str,
    listed: str = "",
    *,
    payment_year: int = PAYMENT_YEAR,
    entity: str | None = "E1",
    assume: Mapping[str, str] = NOTHING,
) -> list[tuple[str, int | None, str]]:
    """(TIN, step, lump sum) of NPI 1, of its base amounts by TIN ("-": none) and its list entries."""
    law, incentive = law_of(payment_year, assume)
    rows = [(tin_of(r["tin"]) if r["tin"] else None, int(Decimal(r["base"] or 0) * 100)) for r in records(base)]
    amounts = pl.LazyFrame(
        {"npi": [npi_of("1")] * len(rows), "tin": [tin for tin, _ in rows], "base_cents": [cents for _, cents in rows]},
        schema={"npi": pl.String, "tin": pl.String, "base_cents": pl.Int64},
    )
    qps = qps_of("1", entity=entity)
    tins = rules.listed_tins(frame_of(PARTICIPANTS, entries(listed)).lazy(), qps, law)
    worth = rules.with_worth(rules.pairs(amounts, tins, qps), incentive, law).sort("tin", nulls_last=True).collect()
    shorts = {tin_of(short): short for short in "ABCDEF"}
    return [
        (shorts.get(row["tin"], "-"), row["recipient_step"], f"{Decimal(row['incentive_cents']) / 100:.2f}")
        for row in worth.iter_rows(named=True)
    ]


def entries(listed: str) -> list[dict[str, Any]]:
    """List entries of NPI 1 from "E1/A/2026-01-01/2026-12-31 ...": entity, TIN, first and last day."""
    found = []
    for entry in listed.split():
        entity, tin, first, last = entry.split("/")
        days = {"start_date": date.fromisoformat(first), "end_date": date.fromisoformat(last)}
        found.append({"apm_entity_id": entity, "tin": tin_of(tin), "npi": npi_of("1"), **days})
    return found


ALL_YEAR = "2026-01-01/2026-12-31"


def test_the_tin_listed_in_the_performance_period_is_paid_the_whole_and_billing_elsewhere_counts_for_it() -> None:
    base = """
    tin base
    A   600
    B   400
    """
    assert paid(base, f"E1/A/{ALL_YEAR}") == [("A", 1, "31.00"), ("B", None, "0.00")]


def test_without_a_listed_tin_those_that_billed_in_the_base_year_are_paid() -> None:
    base = """
    tin base
    A   600
    B   400
    """
    assert paid(base) == [("A", 7, "18.60"), ("B", 7, "12.40")]


def test_a_list_entry_must_lie_in_the_performance_period_and_be_of_the_entity_of_the_status() -> None:
    base = "tin base\nA 600\nB 400"
    assert paid(base, "E1/A/2026-08-31/2026-12-31")[0] == ("A", 1, "31.00")
    assert paid(base, "E1/A/2026-09-01/2026-12-31")[0] == ("A", 7, "18.60")
    assert paid(base, f"E2/A/{ALL_YEAR}")[0] == ("A", 7, "18.60")
    assert paid(base, f"E2/A/{ALL_YEAR}", entity=None)[0] == ("A", 1, "31.00")


def test_several_tins_of_one_step_share_by_base_amounts_unless_it_is_assumed_otherwise() -> None:
    base, listed = "tin base\nA 600\nB 200\nC 200", f"E1/A/{ALL_YEAR} E1/B/{ALL_YEAR}"
    assert paid(base, listed) == [("A", 1, "23.25"), ("B", 1, "7.75"), ("C", None, "0.00")]
    equal = paid(base, listed, assume={"incentive_tin_shares": "equal_parts"})
    assert equal == [("A", 1, "15.50"), ("B", 1, "15.50"), ("C", None, "0.00")]


def test_listed_tins_under_which_nothing_was_billed_share_equally() -> None:
    listed = f"E1/A/{ALL_YEAR} E1/B/{ALL_YEAR}"
    assert paid("tin base\nC 100", listed) == [("A", 1, "1.55"), ("B", 1, "1.55"), ("C", None, "0.00")]


def test_shares_are_whole_cents_that_add_up_to_the_lump_sum() -> None:
    base = "tin base\nA 1\nB 1\nC 1"
    shares = [share for _, _, share in paid(base, payment_year=2024)]
    assert shares == ["0.05", "0.05", "0.05"]
    uneven = [Decimal(share) for _, _, share in paid("tin base\nA 33.33\nB 33.33\nC 33.34", payment_year=2028)]
    assert uneven == [Decimal("1.03"), Decimal("1.03"), Decimal("1.04")]
    assert sum(uneven) == Decimal("3.10")


def test_a_tin_that_nets_below_0_lowers_the_base_and_has_no_share() -> None:
    assert paid("tin base\nA 600\nB -100") == [("A", 7, "15.50"), ("B", 7, "0.00")]


def test_where_no_tin_is_known_cms_asks_the_qp() -> None:
    assert paid("tin base\n- 100") == [("-", 8, "3.10")]
    assert paid("tin base\nA 100\n- 100") == [("A", 7, "6.20"), ("-", None, "0.00")]


# The fee schedule from 2026 on


def difference(base: str, payment_year: int) -> str | None:
    _, incentive = law_of(payment_year)
    cents = pl.LazyFrame({"base": [int(Decimal(base) * 100)]})
    (answer,) = cents.select(rules.fee_schedule_difference(pl.col("base"), incentive)).collect().row(0)
    return None if answer is None else f"{Decimal(answer) / 100:.2f}"


def test_from_2026_the_base_amount_brings_more_at_the_conversion_factor_of_qps() -> None:
    assert difference("334009", 2025) is None
    assert difference("334009", 2026) == "1666.00"
    assert difference("100000", 2026) == "498.79"


def test_where_no_factor_is_published_the_updates_stand_for_it() -> None:
    assert difference("16080100", 2027) == f"{Decimal(403**2 - 401**2) * 100:.2f}"


# Against it


def net(gain: str, base: str, *, mips: str | None = None, loss: str | None = None) -> Balance:
    worth = Worth(int(Decimal(base) * 100), int(Decimal(gain) * 100), 0)
    against = Against(None if mips is None else Decimal(mips), None if loss is None else int(Decimal(loss) * 100))
    return balance(worth, against)


def test_an_entity_can_earn_the_incentive_and_still_owe_losses() -> None:
    answer = net("12400", "400000", loss="20000")
    assert (answer.net_cents, answer.break_even_loss_cents) == (-760_000, 1_240_000)


def test_at_the_break_even_loss_nothing_is_left() -> None:
    assert net("12400", "400000", mips="1", loss="8400").net_cents == 0
    assert net("12400", "400000", mips="1").break_even_loss_cents == 840_000
    assert net("12400", "400000", mips="1", loss="8400.01").net_cents == -1


def test_at_the_break_even_adjustment_mips_would_pay_the_same() -> None:
    answer = net("12400", "400000", loss="2000")
    assert answer.break_even_mips_adjustment == Decimal("2.6000")
    assert net("12400", "400000", mips="2.6", loss="2000").net_cents == 0


def test_a_negative_mips_adjustment_is_one_more_gain() -> None:
    assert net("12400", "400000", mips="-9").net_cents == 1_240_000 + 3_600_000


def test_without_a_base_there_is_no_break_even_adjustment() -> None:
    assert net("0", "0").break_even_mips_adjustment is None
