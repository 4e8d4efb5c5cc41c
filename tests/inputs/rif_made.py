"""Small RIF files for tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from qpcli.findings import Finding
from qpcli.inputs.archives import find_files
from qpcli.inputs.canonical import ScanNotes, TableRead
from qpcli.inputs.package import ClaimsPackage
from qpcli.inputs.rif.beneficiaries import beneficiaries
from qpcli.inputs.rif.files import look_at
from qpcli.inputs.rif.package import open_rif
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.request import ReadOptions
from qpcli.tables.prepared_lines import PAYER

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
SYNTHEA, STATIC = SAMPLES / "bfd_rif_synthea", SAMPLES / "bfd_rif_static"
NO_CROSSWALK = pl.DataFrame(schema={"bene_id": pl.String, "current_bene_id": pl.String})
needs_samples = pytest.mark.skipif(not SYNTHEA.is_dir(), reason="the public sample files are not beside the checkout")

CARRIER = {
    "CLM_ID": "9001",
    "LINE_NUM": "1",
    "BENE_ID": "-10",
    "NCH_CLM_TYPE_CD": "71",
    "NCH_WKLY_PROC_DT": "06-Feb-2025",
    "CARR_CLM_ENTRY_CD": "1",
    "CLM_DISP_CD": "01",
    "CARR_CLM_PMT_DNL_CD": "1",
    "PRF_PHYSN_NPI": "1234567893",
    "TAX_NUM": "012345678",
    "HCPCS_CD": "99213",
    "LINE_1ST_EXPNS_DT": "15-Jan-2025",
    "LINE_NCH_PMT_AMT": "37.5",
    "LINE_BENE_PRMRY_PYR_CD": " ",
    "LINE_PRCSG_IND_CD": "A",
}
OUTPATIENT = {
    "CLM_ID": "8001",
    "CLM_LINE_NUM": "1",
    "BENE_ID": "-10",
    "CLM_FROM_DT": "01-Feb-2025",
    "NCH_WKLY_PROC_DT": "06-Feb-2025",
    "CLM_FAC_TYPE_CD": "8",
    "CLM_SRVC_CLSFCTN_TYPE_CD": "5",
    "REV_CNTR": "0960",
    "REV_CNTR_DT": "02-Feb-2025",
    "RNDRNG_PHYSN_NPI": "1234567893",
    "AT_PHYSN_NPI": "1000000004",
    "HCPCS_CD": "99213",
    "REV_CNTR_PMT_AMT_AMT": "80.00",
    "CLM_MDCR_NON_PMT_RSN_CD": "",
    "CLM_MCO_PD_SW": "0",
    "NCH_PRMRY_PYR_CD": "",
}
MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEPT", "OCT", "NOV", "DEC")
PERSON = {
    "BENE_ID": "-10",
    "STATE_CODE": "22",
    "BENE_BIRTH_DT": "17-Jan-1942",
    "DEATH_DT": "",
    "RFRNC_YR": "2025",
    "HMO_MO_CNT": "0",
    "MBI_NUM": "1S00E00AA06",
    **{f"MDCR_ENTLMT_BUYIN_{month}_IND": "3" for month in range(1, 13)},
    **{f"HMO_{month}_IND": "0" for month in range(1, 13)},
    **{f"FIPS_STATE_CNTY_{name}_CD": "25017" for name in MONTH_NAMES},
}


@dataclass(frozen=True)
class Read:
    """Everything that reading RIF files gave."""

    lines: pl.DataFrame
    notes: ScanNotes
    people: TableRead | None
    unused: tuple[Finding, ...]

    def findings(self) -> dict[tuple[str, str | None], int | None]:
        said = (*self.notes.findings, *self.unused, *(self.people.findings if self.people else ()))
        return {(found.code, found.rule): found.count for found in said}


@cache
def law_of(**assumptions: str) -> Law:
    return resolve_law(performance_year=2025, assumptions=assumptions)


def rif_file(path: Path, *rows: dict[str, str], separator: str = "|") -> str:
    """A RIF file with the columns of the first row."""
    names = list(rows[0])
    lines = [separator.join(names), *(separator.join(row.get(name, "") for name in names) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def read_rif(
    claims: list[str], people: list[str] | None = None, *, law: Law | None = None, max_rejects: int = 0
) -> Read:
    law = law or law_of()
    files = [look_at(file) for file in find_files([*claims, *(people or ())])]
    package = open_rif(files, ReadOptions(max_rejects=max_rejects), law)
    with package.scan.reading():
        quality, lines = pl.collect_all([package.scan.quality, package.scan.lines], engine="streaming")
    notes = package.scan.settle(quality)
    assert_frame_equal(notes.lines.collect(engine="streaming"), lines, check_row_order=False)
    if people is None:
        return Read(lines, notes, None, ())
    assert package.records is not None
    made, said = beneficiaries(package.records.frame, NO_CROSSWALK, _months_with_a_payer(package), law)
    records = package.records
    table = TableRead(made, records.files, records.rejects, (*records.findings, *said))
    return Read(lines, notes, table, package.findings)


def _months_with_a_payer(package: ClaimsPackage) -> pl.DataFrame:
    """One row per beneficiary and month with a line that has any payer code."""
    good = [plan.checked.filter(plan.is_good & pl.col(PAYER).is_not_null()) for plan in package.scan.scan.plans]
    months = [rows.select("bene_id", start_date=pl.col("service_date").dt.month_start()) for rows in good]
    return pl.concat(months).unique().collect()
