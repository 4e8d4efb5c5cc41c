"""A sample as CCLF deliveries says what the canonical sample of the same plan says, as far as CCLF can."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import OutputError, UsageError
from qpcli.sample import SamplePlan, write_cclf_sample
from tests.sample.made import Sample, contents
from tests.sample.told import told_cclf_lines

YEAR = 2025
PLAN = SamplePlan(performance_year=YEAR, format="csv")
LENGTHS = {"1": 437, "2": 199, "5": 388, "8": 549, "9": 55, "B": 128}
MEMBER = re.compile(r"^P\.A9900\.ACO\.ZC([0-9AB])[YR]\d\d\.D(\d{6})\.T\d{7}$")
MBI = r"^[1-9]S[0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}$"
KEY = ["bene_id", "claim_id", "line_number", "adjustment", "processed_date"]
SENDING = {"0": "original", "1": "cancellation", "2": "replacement"}


@dataclass(frozen=True)
class Feed:
    """The members of a feed by file and D-stamp, each as its lines."""

    folder: Path
    members: dict[tuple[str, str], list[str]]

    def cut(self, file: str, **places: tuple[int, int]) -> pl.DataFrame:
        """Fields of all records of a file with the delivery, by first and last position; blank is null."""
        cuts = [
            {"delivery": day} | {name: line[first - 1 : last].strip() or None for name, (first, last) in places.items()}
            for (each, day), lines in sorted(self.members.items())
            if each == file
            for line in lines
        ]
        return pl.DataFrame(cuts, infer_schema_length=None)


def read(folder: Path) -> Feed:
    members = {}
    for path in sorted((folder / "cclf").iterdir()):
        with ZipFile(path) as archive:
            for name in archive.namelist():
                match = MEMBER.match(name)
                assert match, name
                members[match[1], match[2]] = archive.read(name).decode("ascii").splitlines()
    return Feed(folder, members)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    out = tmp_path_factory.mktemp("cclf") / "out"
    write_cclf_sample(PLAN, out)
    return read(out)


@pytest.fixture(scope="module")
def current(feed: Feed) -> dict[str, str]:
    """Old id -> current id, by the rows of CCLF9."""
    links = feed.cut("9", current=(2, 12), old=(13, 23))
    pairs = dict(zip(links["old"], links["current"], strict=True))
    return {old: pairs.get(new, new) for old, new in pairs.items()}


def physician(feed: Feed) -> pl.DataFrame:
    return feed.cut(
        "5",
        version=(1, 13),
        line_number=(14, 23),
        bene_id=(24, 34),
        service_date=(78, 87),
        hcpcs=(98, 102),
        paid_amount=(103, 117),
        payer=(118, 118),
        tin=(126, 135),
        pecos_npi=(136, 145),
        claim_code=(146, 147),
        line_code=(148, 149),
        adjustment=(150, 151),
        processed_date=(152, 161),
        loaded_date=(162, 171),
        claim_id=(172, 211),
        claim_npi=(364, 373),
    )


def as_canonical(lines: pl.DataFrame, current: dict[str, str]) -> pl.DataFrame:
    """Fields of lines with the types and the ids of the canonical tables."""
    return lines.with_columns(
        pl.col("bene_id").replace(current),
        pl.col("line_number").cast(pl.Int32),
        pl.col("adjustment").replace(SENDING),
        pl.col("processed_date", "service_date").str.to_date(),
        pl.col("paid_amount").str.strip_chars().cast(pl.Decimal(18, 2)),
    )


def test_there_is_a_delivery_for_every_month_from_january_to_the_next_april(feed: Feed) -> None:
    expected = [f"25{month:02}12" for month in range(1, 13)] + [f"26{month:02}12" for month in range(1, 5)]
    assert sorted({day for _, day in feed.members}) == expected
    names = sorted(path.name for path in (feed.folder / "cclf").iterdir())
    assert names == sorted(f"P.A9900.ACO.ZC{'YR'[day > '251231']}25.D{day}.T0930150" for day in expected)


def test_every_record_has_the_length_of_its_file(feed: Feed) -> None:
    for (file, _), lines in feed.members.items():
        if file != "0":
            assert {len(line) for line in lines} == {LENGTHS[file]}


def test_cclf0_lists_the_rows_and_the_record_length_of_every_file(feed: Feed) -> None:
    for (file, day), lines in feed.members.items():
        if file == "0":
            listed = [[part.strip() for part in line.split("|")] for line in lines[1:]]
            assert [row[0] for row in listed] == [f"CCLF{letter}" for letter in "123456789AB"]
            for name, _, count, length in listed:
                assert int(count) == len(feed.members.get((name[-1], day), []))
                assert int(length) == LENGTHS.get(name[-1], int(length))
            assert {len(line) for line in lines[1:]} == {70}


def test_each_professional_line_is_there_with_its_cents(feed: Feed, current: dict[str, str], sample: Sample) -> None:
    told = told_cclf_lines(sample, YEAR).filter(pl.col("setting") == "professional")
    columns = [*KEY, "service_date", "hcpcs", "tin", "paid_amount"]
    versions = ["version", "line_number", "adjustment", "processed_date"]
    found = as_canonical(physician(feed), current).unique(versions, keep="last")
    is_plain = (found["adjustment"] == "original") & found.select(pl.struct(KEY[:3]).is_duplicated()).to_series()
    assert is_plain.any()
    undone = (
        told.filter(pl.col("adjustment") == "cancellation")
        .select(*KEY[:3], "processed_date")
        .with_columns(after=pl.lit(True))
    )
    relabelled = found.join(undone, on=[*KEY[:3], "processed_date"], how="left").with_columns(
        adjustment=pl.when((pl.col("adjustment") == "original") & pl.col("after"))
        .then(pl.lit("replacement"))
        .otherwise("adjustment")
    )
    assert_frame_equal(relabelled.select(columns), told.select(columns), check_row_order=False)


def test_the_claim_npi_is_the_clinician_and_pecos_stands_in_where_it_is_blank(
    feed: Feed, current: dict[str, str], sample: Sample
) -> None:
    lines = as_canonical(physician(feed), current).with_columns(npi=pl.coalesce("claim_npi", "pecos_npi"))
    expected = sample.claim_lines.unique().select("claim_id", "line_number", "npi").unique()
    differing = (
        lines.select("claim_id", "line_number", "npi")
        .unique()
        .join(expected, on=["claim_id", "line_number", "npi"], how="anti", nulls_equal=True)
    )
    two = lines.filter(pl.col("claim_npi") != pl.col("pecos_npi"))
    assert two.height > 0
    assert lines["claim_npi"].null_count() > lines["pecos_npi"].null_count() > 0
    assert differing.is_empty()


def test_lines_are_denied_by_their_codes(feed: Feed, current: dict[str, str], sample: Sample) -> None:
    lines = as_canonical(physician(feed), current)
    is_denied = ~(pl.col("claim_code").str.contains("^[1-9AB]$") & pl.col("line_code").is_in(["A", "R", "S"]))
    found = lines.select("claim_id", "line_number", is_denied=is_denied).unique()
    expected = told_cclf_lines(sample, YEAR).filter(pl.col("setting") == "professional")
    assert_frame_equal(found, expected.select("claim_id", "line_number", "is_denied").unique(), check_row_order=False)
    assert {"0", "00", "D"} <= set(lines["claim_code"])


def test_another_payer_is_named_where_medicare_is_secondary(
    feed: Feed, current: dict[str, str], sample: Sample
) -> None:
    lines = as_canonical(physician(feed), current)
    secondary = sample.beneficiaries.filter("is_medicare_secondary").select("bene_id", "start_date", "end_date")
    named = lines.filter(pl.col("payer").is_not_null())
    assert set(named["payer"]) <= {"A", "B", "G", "D"}
    covered = named.join(secondary, on="bene_id").filter(
        (pl.col("start_date").is_null() | (pl.col("start_date") <= pl.col("service_date")))
        & (pl.col("end_date").is_null() | (pl.col("end_date") >= pl.col("service_date")))
    )
    assert covered.height == named.height > 0


def test_withheld_amounts_stand_in_cclfb_line_by_line(feed: Feed, sample: Sample) -> None:
    parts = feed.cut(
        "B", version=(1, 13), line_number=(14, 23), bene_id=(24, 34), inclusion=(63, 77), withheld=(78, 92)
    )
    lines = physician(feed)
    assert_frame_equal(
        parts.select("delivery", "version", "line_number"), lines.select("delivery", "version", "line_number")
    )
    amounts = pl.concat(
        [lines.select("paid_amount", "claim_id"), parts.select("inclusion", "withheld")], how="horizontal"
    )
    cents = amounts.with_columns(pl.exclude("claim_id").cast(pl.Decimal(18, 2)))
    assert cents.select((pl.col("paid_amount") + pl.col("withheld") == pl.col("inclusion")).all()).item()
    told = told_cclf_lines(sample, YEAR).filter(pl.col("withheld_amount") != 0)
    assert set(cents.filter(pl.col("withheld") != 0)["claim_id"]) == set(told["claim_id"])


def test_institutional_lines_add_up_to_their_claims_in_every_delivery(feed: Feed, tmp_path: Path) -> None:
    """In the second sample a claim and its repetition are both in the last delivery."""
    repeated = write_cclf_sample(replace(PLAN, performance_year=2017, seed=5), tmp_path / "repeated").folder
    for each in (feed, read(repeated)):
        claims = each.cut("1", version=(1, 13), paid=(82, 98), bill_type=(64, 65), claim_id=(353, 392))
        lines = each.cut("2", version=(1, 13), line_number=(14, 23), paid=(148, 164))
        assert set(claims["bill_type"]) == {"71", "77", "85", "13"}
        total = pl.col("paid").cast(pl.Decimal(18, 2)).sum()
        sums, headers = (rows.unique().group_by("delivery", "version").agg(total) for rows in (lines, claims))
        assert_frame_equal(sums, headers, check_row_order=False)


def test_institutional_claims_of_one_person_have_different_keys(
    feed: Feed, current: dict[str, str], sample: Sample
) -> None:
    claims = feed.cut("1", bene_id=(20, 30), oscar=(293, 312), first=(44, 53), last=(54, 63), claim_id=(353, 392))
    named = claims.with_columns(pl.col("bene_id").replace(current)).drop("delivery").unique()
    assert named.select("bene_id", "oscar", "first", "last").unique().height == named["claim_id"].n_unique()
    told = told_cclf_lines(sample, YEAR).filter(pl.col("setting") != "professional")
    assert set(told["claim_id"]) <= set(named["claim_id"])


def test_amounts_come_in_the_forms_that_are_seen(feed: Feed) -> None:
    amounts = [line[102:117] for (file, _), lines in feed.members.items() if file == "5" for line in lines]
    documented = sum(bool(re.match(r"^[ -]\d{11}\.\d\d$", text)) for text in amounts)
    shapes = (r"^\d{11}\.\d\d $", r"^ +\d{1,5}\.\d\d$", r"^\d{1,5}\.\d\d +$", r"^-\d{11}\.\d\d$")
    assert all(any(re.match(shape, text) for text in amounts) for shape in shapes)
    assert 0.7 < documented / len(amounts) < 0.95


def test_lines_come_in_the_month_after_their_load(feed: Feed) -> None:
    lines = physician(feed)
    loaded, day = pl.col("loaded_date").str.to_date(), pl.col("delivery").str.to_date("%y%m%d")
    months = (day.dt.year() - loaded.dt.year()) * 12 + day.dt.month().cast(pl.Int32) - loaded.dt.month()
    late = lines.select(months=months)["months"].value_counts().sort("months")
    assert late["months"].to_list()[:2] == [1, 2] and late["count"][1] < late["count"][0] / 50


def test_some_lines_are_delivered_again_with_the_same_version(feed: Feed) -> None:
    key = ["version", "line_number", "adjustment", "processed_date"]
    again = physician(feed).filter(pl.struct(key).is_duplicated())
    assert again.height > 0
    counts = Counter(again.select("version", "line_number").rows())
    assert set(counts.values()) == {2}


def test_ids_have_the_form_of_an_mbi_and_map_back_to_the_sample(
    feed: Feed, current: dict[str, str], sample: Sample
) -> None:
    old = set(current)
    people = set(sample.beneficiaries["bene_id"]) | set(sample.claim_lines["bene_id"])
    for file, place in {"5": (24, 34), "B": (24, 34), "8": (1, 11), "1": (20, 30), "2": (24, 34)}.items():
        ids = feed.cut(file, bene_id=place)["bene_id"]
        assert ids.str.contains(MBI).all()
        assert {current.get(each, each) for each in ids} <= people
        assert set(ids) & old
    assert not old & people


def test_an_old_id_is_gone_after_its_change_and_some_changed_twice(feed: Feed) -> None:
    links = feed.cut("9", kind=(1, 1), current=(2, 12), old=(13, 23))
    assert set(links["kind"]) == {"M"}
    assert set(links["current"]) & set(links["old"])
    told_first = links.group_by("old").agg(pl.col("delivery").min().alias("told"))
    used = physician(feed).join(told_first, left_on="bene_id", right_on="old")
    assert used.height > 0
    assert (used["delivery"] < used["told"]).all()


def test_everybody_with_a_record_is_in_cclf8_every_month(feed: Feed, current: dict[str, str], sample: Sample) -> None:
    people = feed.cut("8", bene_id=(1, 11), birth_date=(33, 42), death_date=(52, 61), buy_in=(168, 168))
    people = people.with_columns(pl.col("bene_id").replace(current))
    assert not people.select("bene_id", "delivery").is_duplicated().any()
    last = people.filter(pl.col("delivery") == "260412").select("bene_id", "birth_date", "death_date")
    expected = sample.beneficiaries.select("bene_id", pl.col("birth_date", "death_date").cast(pl.String)).unique()
    assert_frame_equal(last, expected, check_row_order=False)
    assert set(people["buy_in"]) == {"0", "1", "2", "3", "A", "B", "C", None}
    joined_late = sample.beneficiaries.filter(
        (pl.col("start_date") == date(YEAR, 3, 1)) & ~pl.col("bene_id").is_duplicated()
    )
    first_seen = people.group_by("bene_id").agg(pl.col("delivery").min()).filter(pl.col("delivery") > "250112")
    assert set(first_seen["bene_id"]) == set(joined_late["bene_id"])
    assert set(first_seen["delivery"]) == {"250312"}


def test_the_lists_are_those_of_the_canonical_sample_under_aco_ids(feed: Feed, sample: Sample) -> None:
    for name in ("attribution", "entities"):
        expected: pl.DataFrame = getattr(sample, name)
        found = pl.read_csv(feed.folder / f"{name}.csv", schema=expected.schema)
        assert_frame_equal(found, expected.with_columns(pl.col("apm_entity_id").str.replace("SYN", "A99")))


def test_the_roster_has_title_rows_and_american_dates(feed: Feed, sample: Sample) -> None:
    lines = (feed.folder / "Participant List.csv").read_text().splitlines()
    assert [line.count(",") for line in lines[:3]] == [0, 0, 0]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[3:]))))
    found = Counter(
        (row["ACO ID"], row["Participant TIN"], row["Individual NPI"], row["Effective Start Date"]) for row in rows
    )
    expected = Counter(
        (row["apm_entity_id"].replace("SYN", "A99"), row["tin"], row["npi"], f"{row['start_date']:%m/%d/%Y}")
        for row in sample.participants.iter_rows(named=True)
    )
    assert found == expected


def test_the_workbook_says_the_same_as_the_csv(feed: Feed) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="needs openpyxl")
    sheet = openpyxl.load_workbook(feed.folder / "Participant List.xlsx").active
    shown = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    with (feed.folder / "Participant List.csv").open(newline="") as file:
        expected = [row + [""] * (9 - len(row)) for row in csv.reader(file)]
    assert shown == expected


def test_assignment_reports_hold_those_on_the_list_at_the_quarters_end(
    feed: Feed, current: dict[str, str], sample: Sample
) -> None:
    for quarter, last_day in ((1, date(YEAR, 3, 31)), (2, date(YEAR, 6, 30))):
        path = feed.folder / "assignment" / f"P.A9902.ACO.QALR.2025Q{quarter}.D259999.T0930150"
        with ZipFile(path) as archive:
            (name,) = archive.namelist()
            rows = pl.read_csv(archive.read(name), infer_schema=False)
        assert name.endswith("_1-1.csv")
        listed = sample.attribution.filter(
            (pl.col("apm_entity_id") == "SYN02")
            & (pl.col("start_date") <= last_day)
            & (pl.col("end_date").is_null() | (pl.col("end_date") >= last_day))
        )
        assert set(rows["bene_mbi_id"].replace(current)) == set(listed["bene_id"])
        flags = set(rows.select(pl.concat_list("^enrollflag.*$")).to_series().explode().fill_null(""))
        assert {"4", "0"} <= flags <= {"4", "0", ""}


def test_equal_plans_give_equal_bytes(feed: Feed, tmp_path: Path) -> None:
    write_cclf_sample(PLAN, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(feed.folder)


def test_the_number_of_parts_changes_no_byte(feed: Feed, tmp_path: Path) -> None:
    write_cclf_sample(replace(PLAN, parts=3), tmp_path / "parted")
    parted, whole = contents(tmp_path / "parted"), contents(feed.folder)
    assert {name for name in whole if parted[name] != whole[name]} == set()


def test_what_was_written_is_counted_and_nothing_else_stays(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    plan = replace(PLAN, beneficiaries=60, parts=2)
    written = write_cclf_sample(plan, tmp_path / "out", on_progress=lambda *step: heard.append(step))
    assert heard == [(1, 2), (2, 2)]
    assert {str(path.relative_to(written.folder)) for path in written.files} == set(contents(written.folder))
    assert {path.stat().st_mode & 0o777 for path in written.files} == {0o600}
    members = read(written.folder).members
    assert written.claim_line_count == sum(len(lines) for (file, _), lines in members.items() if file in "52")
    assert written.beneficiary_row_count == sum(len(lines) for (file, _), lines in members.items() if file == "8")


@pytest.mark.parametrize("beneficiaries", [1, 24])
def test_a_handful_of_people_is_a_sample_too(tmp_path: Path, beneficiaries: int) -> None:
    write_cclf_sample(replace(PLAN, beneficiaries=beneficiaries), tmp_path / "out")
    assert len(list((tmp_path / "out" / "cclf").iterdir())) == 16


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError) as error:
        write_cclf_sample(PLAN, tmp_path)
    assert error.value.code == "QP302"
    assert contents(tmp_path) == {"notes.txt": b"mine"}


def test_a_year_without_law_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        write_cclf_sample(replace(PLAN, performance_year=2016), tmp_path / "out")
    assert error.value.code == "QP105"
    assert not (tmp_path / "out").exists()
