"""The hand-made CCLF deliveries through the command line: the netted answer of their README, to the cent."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.calling import Answer
from tests.cli.conftest import Call
from tests.cli.samples import (
    SAMPLES,
    assert_refused,
    assert_silent_about,
    codes_of,
    findings_of,
    lines_of,
    needs_samples,
    report,
)

pytestmark = needs_samples

HANDMADE = SAMPLES / "handmade_cclf"
PLAIN, ZIP, BROKEN = str(HANDMADE / "plain"), str(HANDMADE / "zip"), str(HANDMADE / "broken")
FIRST_DELIVERY = f"{PLAIN}/*D250714*"
NOT_PROFESSIONAL = {"80053", "36415", "J1100", "A4253"}
LISTED = {
    "000990001": ("9999990010", "9999990028", "9999990044", "9999990051"),
    "000990002": ("9999990036",),
}
OFF_LIST_AMOUNT = Decimal("87.65")
"""Of the line that QP08 has under the TIN that is on no list."""
NINE_PEOPLE = [f"1S00Q00QP0{number}" for number in range(1, 10)]


def expected(snapshot: int, run_out_days: int) -> dict[str, dict[str, str]]:
    """The answer per beneficiary."""
    with (HANDMADE / "expected_netted.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["snapshot"] == str(snapshot)]
    return {row["bene_id"]: row for row in rows if row["run_out_days"] == str(run_out_days)}


@dataclass(frozen=True)
class Cut:
    """The fields of a CCLF5 line that the tests compare with, cut by hand."""

    bene_id: str
    amount: Decimal
    tin: str
    npis: tuple[str, str]
    control_number: str


def cut(paths: Iterator[Path]) -> Iterator[Cut]:
    for path in sorted(paths):
        for line in path.read_text(encoding="latin-1").splitlines():
            npis = (line[135:145].strip(), line[363:373].strip())
            amount = Decimal(line[102:117].strip())
            yield Cut(line[23:34], amount, line[125:134], npis, line[171:211].strip())


def people() -> set[str]:
    """Everything in the files that names a person."""
    lines = list(cut(Path(PLAIN).glob("*ZC5*")))
    former = {
        path.read_text(encoding="latin-1")[start : start + 11]
        for path in Path(PLAIN).glob("*ZC9*")
        for start in (1, 12)
    }
    return former | {value for one in lines for value in (one.bene_id, one.tin, *one.npis, one.control_number)}


def sums(store: str, through: date, cutoff: date) -> dict[str, tuple[int, Decimal, Decimal, int, Decimal]]:
    """Lines, paid, withheld, and lines and dollars of professional services per person, netted by hand."""
    families: dict[tuple[object, ...], list[tuple[int, Decimal, Decimal]]] = defaultdict(list)
    for row in lines_of(store).iter_rows(named=True):
        if row["is_denied"] or row["service_date"] > through or row["processed_date"] > cutoff:
            continue
        sign = -1 if row["adjustment"] == "cancellation" else 1
        names = ("bene_id", "hcpcs", "claim_id", "line_number", "npi", "tin", "service_date", "setting")
        amounts = (sign * abs(row["paid_amount"]), sign * row["withheld_amount"])
        families[tuple(row[name] for name in names)].append((sign, *amounts))
    zero = Decimal("0.00")
    total = dict.fromkeys(NINE_PEOPLE, (0, zero, zero, 0, zero))
    for (person, hcpcs, *_), versions in families.items():
        count, paid, withheld = (sum(column, start=zero) for column in zip(*versions, strict=True))
        is_professional = hcpcs not in NOT_PROFESSIONAL
        one = (int(count), paid, withheld, int(count) * is_professional, (paid + withheld) * is_professional)
        before = total[str(person)]
        total[str(person)] = tuple(old + new for old, new in zip(before, one, strict=True))  # type: ignore[assignment]
    return total


@pytest.mark.parametrize(("snapshot", "run_out_days"), [(1, 60), (2, 60), (3, 60), (3, 91)])
@pytest.mark.parametrize("claims", [(PLAIN,), (PLAIN, ZIP)], ids=["plain", "plain and zip"])
def test_the_store_nets_to_the_answer(call: Call, claims: tuple[str, ...], snapshot: int, run_out_days: int) -> None:
    assert convert(call, "store", *claims).status == 0
    answer = expected(snapshot, run_out_days)
    assert sorted(answer) == NINE_PEOPLE
    dates = next(iter(answer.values()))
    netted = sums("store", *(date.fromisoformat(dates[name]) for name in ("service_through", "processed_through")))
    for person, row in answer.items():
        lines, paid, withheld, professional_lines, professional = netted[person]
        assert (lines, professional_lines) == (int(row["net_lines"]), int(row["professional_lines"])), person
        assert (paid, withheld) == (Decimal(row["paid_amount"]), Decimal(row["withheld_amount"])), person
        assert paid + withheld == Decimal(row["paid_plus_withheld"]), person
        assert professional == Decimal(row["professional_amount"]), person


def convert(call: Call, out: str, *claims: str, options: tuple[str, ...] = ("--json",)) -> Answer:
    given = [option for path in claims for option in ("--claims", path)]
    return call("convert", *given, "--out", out, *options)


def test_the_counts_of_both_deliveries(call: Call) -> None:
    answer = convert(call, "store", PLAIN)
    assert {name: answer.document[name] for name in ("layout", "rows", "files")} == {
        "layout": "cclf",
        "rows": 39,
        "files": 10,
    }
    found = findings_of(answer)
    assert (found["duplicate_lines", None], found["two_npis", None]) == (3, 1)
    assert {rule: count for (code, rule), count in found.items() if code == "layout_recognised"} == dict.fromkeys(
        ("CCLF0", "CCLF5", "CCLF8", "CCLF9", "CCLFB"), 2
    )
    assert (found["left_out_line_code", "N"], found["left_out_line_code", "O"]) == (1, 1)
    limits = {"own_people_only", "managed_care_unknown", "coverage_ends_unknown", "substance_use_suppressed"}
    assert limits | {"delivery_gap", "msp_from_lines"} <= codes_of(answer)
    assert {"reductions_missing", "short_lines", "row_count_mismatch"}.isdisjoint(codes_of(answer))


def test_a_zip_beside_its_own_members_changes_nothing_but_findings(call: Call) -> None:
    convert(call, "once", PLAIN)
    twice = convert(call, "twice", PLAIN, ZIP)
    assert twice.document["rows"] == 39
    assert findings_of(twice)["duplicate_lines", None] == 3 + 29
    assert lines_of("twice").equals(lines_of("once"))
    for table in ("beneficiaries", "crosswalk"):
        assert Path("twice", f"{table}.parquet").read_bytes() == Path("once", f"{table}.parquet").read_bytes()


def test_the_zip_alone_holds_the_lines_of_its_members(call: Call) -> None:
    answer = convert(call, "store", ZIP)
    delivered = list(cut(Path(PLAIN).glob("*ZC5*D250714*")))
    lines = lines_of("store")
    assert answer.document["rows"] == lines.height == len(delivered) == 29
    assert lines["paid_amount"].abs().sum() == sum(abs(one.amount) for one in delivered)
    assert findings_of(answer)["cancellation_differs", None] == 1
    assert convert(call, "members", FIRST_DELIVERY).document["rows"] == 29
    assert lines_of("members").equals(lines)


def test_current_mbis_stand_in_the_store(call: Call) -> None:
    convert(call, "store", PLAIN)
    assert lines_of("store")["bene_id"].unique().sort().to_list() == NINE_PEOPLE


def test_broken_lines_are_told_by_row_and_never_shown(call: Call) -> None:
    answer = convert(call, "store", BROKEN, options=())
    assert_refused(answer, "QP203", "unreadable service_date (row 3)", "unreadable paid_amount (row 2)")
    assert not Path("store").exists()
    assert_silent_about({*people(), "88.40", "2025-02-30"}, answer)


def test_broken_lines_that_are_allowed_are_counted(call: Call) -> None:
    assert convert(call, "store", BROKEN, options=("--max-rejects", "1")).status == 3
    answer = convert(call, "store", BROKEN, options=("--max-rejects", "2", "--json"))
    found = findings_of(answer)
    assert (answer.status, answer.document["rows"]) == (0, 1)
    assert found["rejected_rows", "paid_amount_unreadable"] == 1
    assert found["rejected_rows", "service_date_unreadable"] == 1
    assert [count for (code, _), count in found.items() if code == "short_lines"] == [1]
    assert_silent_about(people(), answer)


def test_broken_lines_beside_good_ones_are_told_with_their_file(call: Call) -> None:
    answer = convert(call, "store", PLAIN, BROKEN, options=())
    assert_refused(answer, "QP203", "P.A9990.ACO.ZC5Y25.D250811.T1212120", "(row 2)", "(row 3)")


@pytest.fixture
def lists(place: Path) -> Path:
    """The clinicians of the README, and three attributed people, one by a former MBI."""
    listed = [f"A9990,{tin},{npi},," for tin, npis in LISTED.items() for npi in npis]
    (place / "p.csv").write_text("\n".join(["apm_entity_id,tin,npi,start_date,end_date", *listed]) + "\n")
    attributed = [f"A9990,{person},," for person in ("1S00Q00QP01", "1S00Q00QX02", "1S00Q00QP04")]
    (place / "a.csv").write_text("\n".join(["apm_entity_id,bene_id,start_date,end_date", *attributed]) + "\n")
    return place


def determine(call: Call, *options: str, claims: tuple[str, ...] = (PLAIN,)) -> Answer:
    given = [option for path in claims for option in ("--claims", path)]
    return call("determine", "--year", "2025", *given, "--participants", "p.csv", "--attribution", "a.csv", *options)


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("snapshot", [1, 2, 3])
def test_a_determination_adds_up_to_the_answer(call: Call, snapshot: int) -> None:
    answer = determine(call, "--out", "-", "--table", "threshold_scores", "--quiet")
    scores = {row["snapshot"]: row for row in csv.DictReader(io.StringIO(answer.out)) if row["level"] == "apm_entity"}
    netted = expected(snapshot, 60)
    # Another payer stands on a line of QP05 in April and of QP09 in July: Medicare is second.
    secondary = {"1S00Q00QP05", "1S00Q00QP09"}
    dollars = {
        person: Decimal(row["professional_amount"])
        - (OFF_LIST_AMOUNT if person == "1S00Q00QP08" and snapshot > 1 else 0)
        for person, row in netted.items()
        if person not in secondary and int(row["professional_lines"])
    }
    attributed = {person: dollars[person] for person in ("1S00Q00QP01", "1S00Q00QP02", "1S00Q00QP04")}
    row = scores[str(snapshot)]
    assert Decimal(row["payment_numerator"]) == sum(attributed.values())
    assert Decimal(row["payment_denominator"]) == sum(dollars.values())
    assert (int(row["patient_numerator"]), int(row["patient_denominator"])) == (len(attributed), len(dollars))


@pytest.mark.usefixtures("lists")
def test_a_determination_says_what_cclf_cannot(call: Call) -> None:
    answer = determine(call, "--json")
    found = findings_of(answer)
    assert answer.status == 0
    assert (found["off_list_tin", None], found["layout_recognised", "CCLF5"]) == (1, 2)
    assert "own_people_only" in codes_of(answer)


@pytest.mark.usefixtures("lists")
def test_the_zip_and_its_store_give_the_same_report(call: Call) -> None:
    direct = determine(call, "--out", "direct", "--format", "csv", claims=(ZIP,))
    convert(call, "store", ZIP)
    stored = determine(call, "--out", "stored", "--format", "csv", claims=("store",))
    assert (direct.status, stored.status) == (0, 0)
    assert report("direct") == report("stored")
    assert Path("direct", "findings.csv").read_bytes() == Path("stored", "findings.csv").read_bytes()


@pytest.mark.usefixtures("lists")
def test_a_delivery_given_twice_changes_no_table_but_findings(call: Call) -> None:
    determine(call, "--out", "once", "--format", "csv")
    twice = determine(call, "--out", "twice", "--format", "csv", claims=(PLAIN, ZIP))
    assert twice.status == 0
    assert report("once") == report("twice")


@pytest.mark.usefixtures("lists")
def test_claims_without_people_ask_for_them(call: Call) -> None:
    answer = determine(call, claims=(f"{PLAIN}/*ZC5*",))
    assert (answer.status, answer.out) == (2, "")
    assert "error[QP101]: Not given: --beneficiaries." in answer.err
    assert "CCLF8" in answer.err


@pytest.mark.usefixtures("lists")
def test_nobody_is_named_on_any_stream(call: Call) -> None:
    answers = [determine(call), determine(call, "--json"), determine(call, "--log-format", "json", "--out", "reports")]
    answers += [convert(call, "store", PLAIN, options=("-v",)), convert(call, "store", PLAIN)]
    answers.append(
        call("check", "--year", "2025", "--claims", PLAIN, "--participants", "p.csv", "--attribution", "a.csv")
    )
    assert {answer.status for answer in answers} == {0}
    assert_silent_about(people() | set(NINE_PEOPLE), *answers)
