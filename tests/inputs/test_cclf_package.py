"""All CCLF files of a folder as one package: deliveries, row counts, and what CCLF cannot tell."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.inputs.archives import find_files
from qpcli.inputs.cclf.crosswalk import crosswalk
from qpcli.inputs.cclf.files import look_at
from qpcli.inputs.cclf.package import open_cclf
from qpcli.inputs.files import is_delivered
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.table_scan import FileCount
from qpcli.request import Layout, ReadOptions
from tests.inputs.cclf_made import HANDMADE, fixed_width, law_of, needs_handmade
from tests.inputs.test_cclf_part_b import LINE

BCDA = HANDMADE.parents[1] / "bcda_cclf"
ALWAYS = {"own_people_only", "substance_use_suppressed", "managed_care_unknown", "coverage_ends_unknown"}


@dataclass(frozen=True)
class Read:
    """A package whose files were all read, and everything there is to say."""

    package: ClaimsPackage
    lines: pl.DataFrame
    findings: tuple[Finding, ...]

    def said(self, code: str) -> list[str]:
        return [found.message for found in self.findings if found.code == code]


def opened(paths: Sequence[Path], options: ReadOptions) -> ClaimsPackage:
    looked_at = [look_at(file) for file in find_files([str(path) for path in paths], is_delivered)]
    return open_cclf([file for file in looked_at if file is not None], options, law_of())


def read(*paths: Path, max_rejects: int = 0) -> Read:
    package = opened(paths, ReadOptions(max_rejects=max_rejects))
    counts: list[FileCount] = []
    with package.scan.reading():
        quality = package.scan.quality.collect(engine="streaming")
        lines = pl.concat([plan.checked.filter(plan.is_good) for plan in package.scan.scan.plans]).collect()
    notes = package.scan.settle(quality)
    counts += notes.files
    if package.withheld is not None:
        with package.withheld.reading():
            row = package.withheld.quality.collect().row(0, named=True)
        counts += package.withheld.settle(row).files
    for table in (package.records, package.links, *package.lines):
        counts += table.files if table is not None else ()
    return Read(package, lines, (*package.findings, *notes.findings, *package.about_counts(counts)))


@needs_handmade
def test_the_hand_made_set() -> None:
    found = read(HANDMADE)
    package = found.package
    assert package.layout is Layout.CCLF
    assert found.lines.height == 42
    assert package.records is not None
    assert package.records.frame.height == 16
    assert package.links is not None
    assert package.links.frame.height == 7
    assert {each.code for each in found.findings} == ALWAYS | {"delivery_gap", "left_out_line_code", "two_npis"}
    assert found.said("delivery_gap") == ["No delivery between 2025-07-14 and 2025-11-13."]
    assert found.said("left_out_line_code") == [
        "Line code N is not taken as allowed: 1 lines, 0.00 USD.",
        "Line code O is not taken as allowed: 1 lines, 5.00 USD.",
    ]


@needs_handmade
def test_the_lines_net_to_the_answer_worked_out_by_hand() -> None:
    found = read(HANDMADE)
    assert found.package.links is not None
    current = dict(crosswalk(found.package.links.frame)[0].select("bene_id", "current_bene_id").iter_rows())
    lines = found.lines.with_columns(pl.col("bene_id").replace(current)).unique(
        ["claim_version", "line_number", "adjustment", "processed_date"]
    )
    expected = pl.read_csv(HANDMADE.parent / "expected_netted.csv", try_parse_dates=True)
    for row in expected.iter_rows(named=True):
        seen = lines.filter(
            pl.col("bene_id") == row["bene_id"],
            pl.col("service_date").is_between(pl.date(2025, 1, 1), row["service_through"]),
            pl.col("processed_date") <= row["processed_through"],
            ~pl.col("is_denied"),
        )
        sign = pl.when(pl.col("adjustment") == "cancellation").then(-1).otherwise(1)
        cents = (sign * pl.col("paid_cents").abs()).sum()
        nets = seen.group_by("claim_id", "line_number", "hcpcs").agg(cents.alias("cents"), sign.sum().alias("count"))
        assert nets["count"].sum() == row["net_lines"]
        assert nets["cents"].sum() == round(100 * row["paid_amount"])


@needs_handmade
def test_a_zip_holds_the_same_lines_as_its_members() -> None:
    plain, both = read(HANDMADE), read(HANDMADE, HANDMADE.parent / "zip")
    key = ["claim_version", "line_number", "adjustment", "processed_date", "delivery"]
    assert both.lines.height == 71
    again = both.lines.unique()
    assert again.sort(*key, "hcpcs").equals(plain.lines.unique().sort(*key, "hcpcs"))
    assert not both.said("row_count_mismatch")


@needs_handmade
def test_the_broken_lines() -> None:
    broken = HANDMADE.parent / "broken"
    with pytest.raises(InputError) as raised:
        read(HANDMADE, *broken.iterdir())
    assert raised.value.code == "QP203"
    assert str(raised.value) == (
        "claims: 1 row of P.A9990.ACO.ZC5Y25.D250811.T1212120 has an unreadable service_date (row 3); "
        "1 row of P.A9990.ACO.ZC5Y25.D250811.T1212120 has an unreadable paid_amount (row 2)"
    )
    found = read(HANDMADE, *broken.iterdir(), max_rejects=2)
    assert found.lines.height == 43
    assert found.said("short_lines") == [
        "1 lines of P.A9990.ACO.ZC5Y25.D250811.T1212120 are shorter than 388 characters."
    ]
    assert found.said("delivery_gap") == ["No delivery between 2025-08-11 and 2025-11-13."]


@pytest.mark.skipif(not BCDA.is_dir(), reason="the CMS test files are not beside the checkout")
def test_cms_s_truncated_records_are_bad_rows() -> None:
    looked_at = [look_at(file) for file in find_files([str(BCDA / "synthetic")], is_delivered)]
    found = {(file.file.path.parent.name, file.number): file for file in looked_at if file is not None}
    people, former = found["dev", "8"].source, found["dev", "9"].source
    assert people is not None
    assert former is not None
    assert (people.scan().collect().height, people.files[0].bad_line_count) == (0, 40)
    assert (former.scan().collect().height, former.files[0].bad_line_count) == (2, 0)


@pytest.mark.skipif(not BCDA.is_dir(), reason="the CMS test files are not beside the checkout")
def test_a_package_without_claims_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        opened([BCDA / "archives" / "T.BCD.A0001.ZCY18.D181120.T1000000"], ReadOptions())
    assert raised.value.code == "QP212"
    assert "CCLF5" in str(raised.value)


def claims(folder: Path, name: str, count: int = 1) -> Path:
    return fixed_width(folder / name, 388, *[LINE] * count)


MONTHLY, WEEKLY = "P.A9990.ACO.ZC5Y25.{}.T1010101", "P.A9990.ACO.ZC5WY25.{}.T1010101"


def test_a_monthly_delivery_supersedes_the_weekly_ones_before_it(tmp_path: Path) -> None:
    for name in (
        MONTHLY.format("D250714"),
        WEEKLY.format("D250707.S250630.E250706"),
        WEEKLY.format("D250714.S250707.E250713"),
        WEEKLY.format("D250721.S250714.E250720"),
    ):
        claims(tmp_path, name)
    found = read(tmp_path)
    assert sorted(found.lines["delivery"].to_list()) == [250714_1010101, 250721_1010101]
    assert len(found.said("file_not_used")) == 2
    assert found.said("file_not_used")[0] == (
        f"{WEEKLY.format('D250707.S250630.E250706')} is a superseded weekly CCLF file and holds nothing for a QP score."
    )


def test_weekly_deliveries_of_another_aco_are_loaded(tmp_path: Path) -> None:
    claims(tmp_path, MONTHLY.format("D250714"))
    claims(tmp_path, WEEKLY.format("D250707").replace("A9990", "A9991"))
    assert read(tmp_path).lines.height == 2


def test_weekly_deliveries_alone_are_loaded(tmp_path: Path) -> None:
    claims(tmp_path, WEEKLY.format("D250707"))
    assert read(tmp_path).lines.height == 1


@pytest.mark.parametrize(("second", "gaps"), [("D250131", 0), ("D250228", 0), ("D250301", 1), ("D260101", 1)])
def test_a_month_without_a_delivery_is_a_gap(tmp_path: Path, second: str, gaps: int) -> None:
    claims(tmp_path, MONTHLY.format("D250101"))
    claims(tmp_path, MONTHLY.format(second))
    claims(tmp_path, WEEKLY.format("D250215"))
    assert len(read(tmp_path).said("delivery_gap")) == gaps


def test_gaps_of_loaded_tables(tmp_path: Path) -> None:
    rows = [LINE | {"FILE_DATE": day} for day in ("2025-01-10", "2025-02-10", "2025-04-10", "2025-04-10")]
    pl.DataFrame(rows).write_csv(tmp_path / "claims.csv")
    found = read(tmp_path)
    assert found.said("delivery_gap") == ["No delivery between 2025-02-10 and 2025-04-10."]
    assert found.lines.height == 4


def test_without_cclfb_reductions_are_missing(tmp_path: Path) -> None:
    claims(tmp_path, MONTHLY.format("D250714"))
    found = read(tmp_path)
    assert {each.code for each in found.findings} == ALWAYS | {"reductions_missing"}
    assert found.package.withheld is None
    assert found.package.records is None
    assert found.package.links is None


def test_files_without_use_are_named(tmp_path: Path) -> None:
    claims(tmp_path, MONTHLY.format("D250714"))
    (tmp_path / "P.A9990.ACO.ZC7Y25.D250714.T1010101").write_text("")
    assert read(tmp_path).said("file_not_used") == [
        "P.A9990.ACO.ZC7Y25.D250714.T1010101 is a CCLF7 file and holds nothing for a QP score."
    ]


COUNTS = "P.A9990.ACO.ZC0Y25.D250714.T2020202"


def counts_file(folder: Path, *rows: str, name: str = COUNTS) -> None:
    heading = "File Number  |File Description    |Total Records Count |Record Length"
    (folder / name).write_text("\n".join([heading, *rows]) + "\n")


def test_row_counts_that_agree_say_nothing(tmp_path: Path) -> None:
    claims(tmp_path, MONTHLY.format("D250714"), count=3)
    counts_file(tmp_path, "CCLF5  |Part B Physicians File                     |          3|  388 ")
    assert {each.code for each in read(tmp_path).findings} == ALWAYS | {"reductions_missing"}


def test_row_counts_that_differ_are_an_error(tmp_path: Path) -> None:
    claims(tmp_path, MONTHLY.format("D250714"), count=3)
    counts_file(tmp_path, "CCLF5|Part B|1004|388", "CCLF8|People|7|549", "CCLF7|Drugs|5|195")
    found = read(tmp_path)
    assert found.said("row_count_mismatch") == [
        f"CCLF0 lists 1,004 rows for {MONTHLY.format('D250714')}, 3 were read.",
        "CCLF0 lists 7 rows for CCLF8, 0 were read.",
    ]


@pytest.mark.parametrize("content", ["", "\n", "File Number|File Description|Total Records Count|Record Length\n", "?"])
def test_counts_that_list_nothing_are_said_to_vouch_for_nothing(tmp_path: Path, content: str) -> None:
    claims(tmp_path, MONTHLY.format("D250714"), count=3)
    (tmp_path / COUNTS).write_text(content)
    assert read(tmp_path).said("row_counts_missing") == [
        f"{COUNTS} lists no row count for 1 files of its delivery; nothing tells whether they are complete."
    ]


def test_counts_that_list_another_file_only_vouch_for_nothing_more(tmp_path: Path) -> None:
    claims(tmp_path, MONTHLY.format("D250714"), count=3)
    counts_file(tmp_path, "CCLF7|Drugs|5|195")
    assert len(read(tmp_path).said("row_counts_missing")) == 1


def test_bad_rows_are_rows_that_were_read(tmp_path: Path) -> None:
    path = claims(tmp_path, MONTHLY.format("D250714"), count=3)
    path.write_text(path.read_text() + "cut off\n")
    counts_file(tmp_path, "CCLF5|Part B|4|388")
    assert not read(tmp_path, max_rejects=1).said("row_count_mismatch")


def test_another_record_length_is_a_warning(tmp_path: Path) -> None:
    claims(tmp_path, MONTHLY.format("D250714"))
    counts_file(tmp_path, "CCLF5|Part B|1|383")
    assert read(tmp_path).said("record_length_mismatch") == [
        f"CCLF0 gives record length 383 for {MONTHLY.format('D250714')}, its lines have 388."
    ]


@pytest.mark.parametrize("other", ["P.A9990.ACO.ZC0Y25.D250814.T1010101", "P.A9991.ACO.ZC0Y25.D250714.T1010101"])
def test_counts_of_another_delivery_are_not_compared(tmp_path: Path, other: str) -> None:
    claims(tmp_path, MONTHLY.format("D250714"))
    counts_file(tmp_path, "CCLF1|Part A|9|437", "CCLF6|DME|9|247", name=other)
    assert not read(tmp_path).said("row_count_mismatch")


def test_counts_in_a_zip_are_of_its_members(tmp_path: Path) -> None:
    path = claims(tmp_path, MONTHLY.format("D250714"), count=2)
    counts_file(tmp_path, "CCLF5|Part B|9|388")
    with zipfile.ZipFile(tmp_path / "P.A9990.ACO.ZCY25.D250714.T0000000", "w") as zipped:
        zipped.write(path, path.name)
        zipped.write(tmp_path / COUNTS, COUNTS)
    path.unlink()
    (tmp_path / COUNTS).unlink()
    found = read(tmp_path)
    assert found.said("row_count_mismatch") == [
        f"CCLF0 lists 9 rows for P.A9990.ACO.ZCY25.D250714.T0000000/{path.name}, 2 were read."
    ]


def test_the_layout_of_2018_is_said_to_be_unchecked(tmp_path: Path) -> None:
    fixed_width(tmp_path / MONTHLY.format("D180714"), 332, LINE, LINE)
    assert read(tmp_path).said("counted_for_record") == [
        f"CCLF5: 2 rows: of {MONTHLY.format('D180714')} are in the layout of 2018, whose positions were not checked."
    ]


def test_deliveries_of_several_acos_are_told(tmp_path: Path) -> None:
    paths = [claims(tmp_path, f"P.{aco}.ACO.ZC5Y25.D250714.T1010101") for aco in ("A9990", "A9991")]
    package = opened(paths, ReadOptions())
    assert [found.rule for found in package.findings if found.code == "several_acos"] == ["A9990 A9991"]
