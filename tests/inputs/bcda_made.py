"""Small BCDA resources for tests, and what reading them gives."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qpcli.findings import Finding
from qpcli.inputs.archives import find_files
from qpcli.inputs.bcda.beneficiaries import beneficiaries
from qpcli.inputs.bcda.files import BcdaFile, look_at
from qpcli.inputs.bcda.package import open_bcda
from qpcli.inputs.canonical import ScanNotes
from qpcli.inputs.cclf.crosswalk import crosswalk
from qpcli.inputs.files import InputFile, is_delivered
from qpcli.inputs.package import ClaimsPackage
from qpcli.regulation.law import Law
from qpcli.regulation.resolve import resolve_law
from qpcli.request import ReadOptions

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
V1, V2, V3 = (SAMPLES / "bfd_fhir_eob" / name for name in ("v1_stu3", "v2_r4", "v3_r4_idr"))
BULK = SAMPLES / "bcda_fhir"
needs_samples = pytest.mark.skipif(not V2.is_dir(), reason="the public sample files are not beside the checkout")

VARIABLE = "https://bluebutton.cms.gov/resources/variables/"
SYSTEM = "https://bluebutton.cms.gov/fhir/CodeSystem/"
STRUCTURE = "https://bluebutton.cms.gov/fhir/StructureDefinition/"
NPI, OTHER_NPI = "1234567893", "1000000004"
JANUARY, MARCH = "2025-01-20T10:00:00.000-05:00", "2025-03-20T10:00:00.000-04:00"


def number(text: str) -> str:
    """A number that is written exactly as given."""
    return f"#{text}#"


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def v2_item(*, line: int = 1, team: tuple[int, ...] = (2,), paid: str | None = "37.50", **facts: str) -> dict[str, Any]:
    codes = {"tax_num": "012345678", "line_prcsg_ind_cd": "A", **facts}
    extensions = [{"url": VARIABLE + name, "valueCoding": {"code": code}} for name, code in codes.items() if code]
    amount = {"value": number(paid or "0"), "currency": "USD"}
    category = {"coding": [{"code": "benefit"}, {"code": VARIABLE + "line_nch_pmt_amt"}]}
    return {
        "extension": extensions,
        "sequence": line,
        "careTeamSequence": list(team),
        "productOrService": coded("https://bluebutton.cms.gov/resources/codesystem/hcpcs", "99213"),
        "servicedPeriod": {"start": "2025-01-15", "end": "2025-01-15"},
        "adjudication": [{"category": category, "amount": amount}] if paid else [],
    }


def v2_claim(
    *items: Mapping[str, Any],
    id: str = "carrier-9001",
    control: str = "CONTROL1",
    claim_type: str = "71",
    status: str = "active",
    updated: str = JANUARY,
    processed: str = "2025-02-06",
    denial: str = "1",
) -> dict[str, Any]:
    system = VARIABLE + "nch_clm_type_cd"
    team = [
        {"sequence": place, "provider": {"identifier": {"value": npi}}, "role": {"coding": [{"code": role}]}}
        for place, (npi, role) in enumerate(((OTHER_NPI, "referring"), (NPI, "performing")), start=1)
    ]
    return {
        "resourceType": "ExplanationOfBenefit",
        "id": id,
        "meta": {"lastUpdated": updated},
        "extension": [
            {"url": VARIABLE + "carr_clm_cntl_num", "valueIdentifier": {"value": control}},
            {"url": VARIABLE + "carr_clm_pmt_dnl_cd", "valueCoding": {"code": denial}},
        ],
        "identifier": [{"system": VARIABLE + "clm_id", "value": "9001"}],
        "status": status,
        "type": coded(system, claim_type),
        "use": "claim",
        "patient": {"reference": "Patient/-10"},
        "careTeam": team,
        "supportingInfo": [
            {"category": {"coding": [{"code": VARIABLE + "nch_wkly_proc_dt"}]}, "timingDate": processed},
        ],
        "item": list(items or [v2_item()]),
    }


def v3_item(*, line: int = 1, team: tuple[int, ...] = (1,), paid: str | None = "11.14", **facts: str) -> dict[str, Any]:
    codes = {"CLM-PRCSG-IND-CD": "A", **{name.replace("_", "-"): code for name, code in facts.items()}}
    tin = codes.pop("CLM-PRVDR-TAX-NUM", "012345678")
    extensions: list[dict[str, Any]] = [
        {"url": STRUCTURE + name, "valueCoding": {"system": SYSTEM + name, "code": code}}
        for name, code in codes.items()
    ]
    extensions.append({"url": STRUCTURE + "CLM-PRVDR-TAX-NUM", "valueIdentifier": {"value": tin}})
    category = coded(SYSTEM + "Adjudication", "CLM_LINE_CVRD_PD_AMT")
    item: dict[str, Any] = {
        "extension": extensions,
        "sequence": line,
        "productOrService": coded("http://www.ama-assn.org/go/cpt", "99213"),
        "servicedDate": "2025-01-15",
        "adjudication": [{"category": category, "amount": {"value": number(paid)}}] if paid else [],
    }
    return item | ({"careTeamSequence": list(team)} if team else {})


def v3_claim(
    *items: Mapping[str, Any],
    id: str = "9001",
    claim_type: str = "71",
    tags: tuple[str, str] = ("NationalClaimsHistory", "FinalAction"),
    updated: str = JANUARY,
    rendering: tuple[str, ...] = (NPI, OTHER_NPI),
    **facts: str,
) -> dict[str, Any]:
    codes = {"CLM_ADJSTMT_TYPE_CD": "0", "CLM_CARR_PMT_DNL_CD": "1", **facts}
    information: list[dict[str, Any]] = [
        {"category": coded(SYSTEM + "Supporting-Information", name), "code": {"coding": [{"code": code}]}}
        for name, code in codes.items()
        if code
    ]
    for name, day in (("CLM_NCH_WKLY_PROC_DT", "2025-02-06"), ("CLM_IDR_LD_DT", "2025-02-20")):
        information.append({"category": coded(SYSTEM + "Supporting-Information", name), "timingDate": day})
    team = [
        {
            "sequence": place,
            "provider": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}},
            "role": coded("http://terminology.hl7.org/CodeSystem/claimcareteamrole", "rendering"),
        }
        for place, npi in enumerate(rendering, start=1)
    ]
    return {
        "resourceType": "ExplanationOfBenefit",
        "id": id,
        "meta": {
            "lastUpdated": updated,
            "tag": [
                {"system": SYSTEM + "System-Type", "code": tags[0]},
                {"system": SYSTEM + "Final-Action", "code": tags[1]},
            ],
        },
        "identifier": [
            {"type": {"coding": [{"code": "uc"}]}, "value": "UNIQUE1"},
            {"system": "https://bluebutton.cms.gov/identifiers/CLM-CNTL-NUM", "value": "CONTROL1"},
        ],
        "status": "active",
        "outcome": "complete",
        "type": coded(SYSTEM + "CLM-TYPE-CD", claim_type),
        "patient": {"reference": "https://api.example/Patient/-10"},
        "careTeam": team,
        "supportingInfo": information,
        "item": list(items or [v3_item()]),
    }


def mbi(value: str, *, start: str | None = None, end: str | None = None, currency: str | None = None) -> dict[str, Any]:
    url = "https://bluebutton.cms.gov/resources/codesystem/identifier-currency"
    mark = {"extension": [{"url": url, "valueCoding": {"code": currency}}]} if currency else {}
    period = {name: day for name, day in (("start", start), ("end", end)) if day}
    return {
        "type": {"coding": [{**mark, "code": "MC"}]},
        "system": "http://hl7.org/fhir/sid/us-mbi",
        "value": value,
        **({"period": period} if period else {}),
    }


def patient(*mbis: Mapping[str, Any], id: str = "-10", updated: str = JANUARY, **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id,
        "meta": {"lastUpdated": updated},
        "identifier": list(mbis or [mbi("1S00E00AA10")]),
        "birthDate": "1942-01-17",
        "address": [{"state": "MA"}],
        **fields,
    }


def coverage(
    part: str,
    *,
    id: str = "-10",
    updated: str = JANUARY,
    year: int | None = None,
    codes: str = "",
    start: str | None = None,
    end: str | None = None,
    status: str = "active",
) -> dict[str, Any]:
    """`codes`: one letter per month, a point for none."""
    name = "hmo_ind_{:02}" if part == "C" else "buyin{:02}"
    extensions: list[dict[str, Any]] = [
        {"url": VARIABLE + name.format(month), "valueCoding": {"code": code}}
        for month, code in enumerate(codes, start=1)
        if code != "."
    ]
    if year:
        extensions.append({"url": VARIABLE + "rfrnc_yr", "valueDate": str(year)})
    period = {name: day for name, day in (("start", start), ("end", end)) if day}
    return {
        "resourceType": "Coverage",
        "id": f"part-{part.lower()}-{id}",
        "meta": {"lastUpdated": updated},
        "extension": extensions,
        "status": status,
        "beneficiary": {"reference": f"Patient/{id}"},
        "class": [{"value": "Medicare"}, {"value": f"Part {part}"}],
        **({"period": period} if period else {}),
    }


def line_of(resource: Mapping[str, Any]) -> str:
    return re.sub(r'"#([^"#]*)#"', r"\1", json.dumps(resource, separators=(",", ":")))


def ndjson(path: Path, *resources: Mapping[str, Any] | str) -> str:
    """A file of one resource per line; text goes in as it is."""
    lines = [one if isinstance(one, str) else line_of(one) for one in resources]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def as_line(path: Path) -> str:
    """A pretty-printed sample as one line, its numbers as they are written."""
    return " ".join(path.read_text(encoding="utf-8").split())


@cache
def law_of(**assumptions: str) -> Law:
    return resolve_law(performance_year=2025, assumptions=assumptions)


def input_file(path: str | Path) -> InputFile:
    (found,) = find_files([str(path)], is_delivered)
    return found


def looked_at(*paths: str) -> list[BcdaFile]:
    found = [look_at(file) for file in find_files(list(paths), is_delivered)]
    assert all(found)
    return [file for file in found if file is not None]


@dataclass(frozen=True)
class Read:
    """Everything that reading an export gave."""

    package: ClaimsPackage
    lines: pl.DataFrame
    notes: ScanNotes

    @property
    def said(self) -> tuple[Finding, ...]:
        tables = [table.findings for table in (self.package.records, self.package.links) if table is not None]
        return (*self.package.findings, *self.notes.findings, *(found for table in tables for found in table))

    def findings(self) -> dict[tuple[str, str | None], int | None]:
        return {(found.code, found.rule): found.count for found in self.said}

    def crosswalk(self) -> pl.DataFrame:
        assert self.package.links is not None
        return crosswalk(self.package.links.frame)[0]

    def people(
        self, payer_months: Mapping[str, date] | None = None, law: Law | None = None
    ) -> tuple[pl.DataFrame, dict[str, int | None]]:
        assert self.package.records is not None
        months = pl.DataFrame(
            [*(payer_months or {}).items()], {"bene_id": pl.String, "start_date": pl.Date}, orient="row"
        )
        frame, findings = beneficiaries(self.package.records.frame, self.crosswalk(), months, law or law_of())
        return frame, {found.code: found.count for found in findings}


def read_bcda(*paths: str, law: Law | None = None, max_rejects: int = 0, rejects_folder: Path | None = None) -> Read:
    """The good lines with the helper columns, in the order of the files."""
    options = ReadOptions(max_rejects=max_rejects, rejects_folder=rejects_folder)
    package = open_bcda(looked_at(*paths), options, law or law_of())
    scan = package.scan
    good = [plan.checked.filter(plan.is_good) for plan in scan.scan.plans]
    with scan.reading():
        quality, *frames = pl.collect_all([scan.quality, *good], engine="streaming")
    lines = pl.concat(frames)
    notes = scan.settle(quality)
    settled = notes.lines.collect(engine="streaming")
    assert settled.sort(pl.all()).equals(lines.select(settled.columns).sort(pl.all()))
    return Read(package, lines, notes)
