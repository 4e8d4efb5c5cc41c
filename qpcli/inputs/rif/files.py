"""Which files of a folder are RIF, and of which claim type, judged by the names in the header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.archives import opened
from qpcli.inputs.csv_header import MAX_HEADER_BYTES, Dialect
from qpcli.inputs.faults import reading
from qpcli.inputs.files import FileForm, InputFile
from qpcli.inputs.sources import Source, open_file


class RifKind(StrEnum):
    """What a file holds."""

    CARRIER = "RIF carrier"
    CARRIER_LINES = "RIF carrier line"
    CARRIER_CLAIMS = "RIF carrier claim"
    OUTPATIENT = "RIF outpatient"
    OUTPATIENT_LINES = "RIF outpatient revenue center"
    OUTPATIENT_CLAIMS = "RIF outpatient claim"
    BENEFICIARY = "RIF beneficiary"
    DME = "RIF durable medical equipment"
    INSTITUTIONAL = "RIF inpatient, skilled nursing or home health"
    HOSPICE = "RIF hospice"
    DRUG_EVENT = "RIF drug event"
    BENEFICIARY_HISTORY = "RIF beneficiary history"
    UNKNOWN = "unknown"


CLAIM_KINDS = (
    RifKind.CARRIER,
    RifKind.CARRIER_LINES,
    RifKind.CARRIER_CLAIMS,
    RifKind.OUTPATIENT,
    RifKind.OUTPATIENT_LINES,
    RifKind.OUTPATIENT_CLAIMS,
)
"""What claim lines are read from."""
_MARKS: tuple[tuple[RifKind, tuple[tuple[str, ...], ...]], ...] = (
    (
        RifKind.CARRIER,
        (
            ("LINE_NCH_PMT_AMT", "PRF_PHYSN_NPI", "CARR_CLM_PMT_DNL_CD"),
            ("LINEPMT", "PRFNPI", "PMT_DNL"),
        ),
    ),
    (RifKind.CARRIER_LINES, (("LINE_NCH_PMT_AMT", "PRF_PHYSN_NPI"), ("LINEPMT", "PRFNPI"))),
    (RifKind.DME, (("LINE_NCH_PMT_AMT", "DMERC_LINE_SUPPLR_TYPE_CD"),)),
    (RifKind.CARRIER_CLAIMS, (("CLM_ID", "CARR_CLM_PMT_DNL_CD"), ("CLM_ID", "PMT_DNL"))),
    (RifKind.HOSPICE, (("CLM_FAC_TYPE_CD", "CLM_HOSPC_START_DT_ID"),)),
    (RifKind.INSTITUTIONAL, (("CLM_FAC_TYPE_CD", "CLM_ADMSN_DT"), ("CLM_FAC_TYPE_CD", "CLM_HHA_TOT_VISIT_CNT"))),
    (RifKind.OUTPATIENT, (("REV_CNTR", "CLM_FAC_TYPE_CD"),)),
    (RifKind.OUTPATIENT_LINES, (("CLM_ID", "REV_CNTR", "REV_CNTR_PMT_AMT_AMT"),)),
    (RifKind.OUTPATIENT_CLAIMS, (("CLM_ID", "CLM_FAC_TYPE_CD"),)),
    (RifKind.INSTITUTIONAL, (("CLM_ID", "REV_CNTR"),)),
    (RifKind.DRUG_EVENT, (("PDE_ID",),)),
    (RifKind.BENEFICIARY, (("RFRNC_YR",), ("BENE_ENROLLMT_REF_YR",))),
    (RifKind.BENEFICIARY_HISTORY, (("BENE_CRNT_HIC_NUM", "EFCTV_BGN_DT"),)),
)
"""Column names by which each kind is known; the first that fits counts."""


_NO_HEADER = ("QP205", "QP206", "QP210", "QP211")
"""Errors of text that has no header, such as notes beside the data."""


@dataclass(frozen=True, slots=True)
class RifFile:
    """A file with its kind; `source` is None when nothing could be made of it."""

    file: InputFile
    kind: RifKind
    source: Source | None


def kind_of(names: Iterable[str]) -> RifKind:
    """The kind of a file with these columns."""
    known = {name.upper() for name in names}
    for kind, marks in _MARKS:
        if any(known.issuperset(mark) for mark in marks):
            return kind
    return RifKind.UNKNOWN


def look_at(file: InputFile) -> RifFile:
    """The file's kind; whatever has no header is unknown. Raises QP202 or QP214 for a damaged file."""
    try:
        found = open_file(file, _dialect(file))
    except InputError as error:
        if error.code not in _NO_HEADER:
            raise
        return RifFile(file, RifKind.UNKNOWN, None)
    return RifFile(file, kind_of(found.columns), Source((found,), found.columns))


def _dialect(file: InputFile) -> Dialect:
    """CMS writes vertical bars and no quotes; VRDC exports write commas."""
    if file.form is FileForm.PARQUET:
        return Dialect()
    with reading(file.name), opened(file) as stream:
        line = stream.read(MAX_HEADER_BYTES).partition(b"\n")[0]
    has_bars = line.count(b"|") > line.count(b",")
    return Dialect("|" if has_bars else ",", has_quotes=not has_bars, is_strict=False)


def sources_of(files: Sequence[RifFile], kind: RifKind) -> list[Source]:
    """The sources of one kind in the order of the files."""
    return [file.source for file in files if file.kind is kind and file.source is not None]


def not_used(files: Iterable[RifFile], used: frozenset[RifKind]) -> list[Finding]:
    """Findings about files that are of no use here, and about those that nothing recognises."""
    findings = []
    for file in files:
        if file.kind is RifKind.UNKNOWN:
            findings.append(finding("unrecognised_file", rule=file.file.name, file=file.file.name))
        elif file.kind not in used:
            findings.append(finding("file_not_used", rule=file.file.name, file=file.file.name, layout=file.kind.value))
    return findings
