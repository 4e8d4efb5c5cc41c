"""A tiny delivery of every layout, full of canaries: what the damaged, fuzzed and shuffled inputs are made from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.inputs.bcda_made import coverage, line_of, mbi, patient, v2_claim, v2_item, v3_claim, v3_item
from tests.inputs.cclf_made import fixed_width
from tests.inputs.rif_made import CARRIER, OUTPATIENT, PERSON
from tests.inputs.workbook_made import workbook_of

Files = Mapping[str, bytes]

MBI, OTHER_MBI, NPI, TIN = "1S00C00AN99", "2S00C00AN99", "7654321098", "987654321"
NAME, CLAIM, BIRTH, AMOUNT = "Canaria", "CANARYCLAIM", "1931-07-19", "77777.77"
PERSONAL = (MBI, OTHER_MBI, "S00C00AN9", NPI, TIN, NAME, "CANARYC", BIRTH, "19310719", "07/19/1931", "19-Jul-1931")
"""Values of people: they may stand in no message, log or temporary file."""

LISTS = {
    "participants.csv": f"apm_entity_id,tin,npi,start_date,end_date,clinician_name\nA9990,{TIN},{NPI},,,{NAME}\n",
    "attribution.csv": f"apm_entity_id,bene_id,start_date,end_date\nA9990,{MBI},,\n",
    "entities.csv": "apm_entity_id,is_advanced\nA9990,true\n",
}
CLAIM_LINES = f"""claim_id,line_number,bene_id,npi,tin,hcpcs,service_date,processed_date,paid_amount,adjustment
{CLAIM}1,1,{MBI},{NPI},{TIN},99213,2025-02-03,2025-02-20,{AMOUNT},original
{CLAIM}1,2,{MBI},{NPI},{TIN},99214,2025-02-03,2025-02-20,10.00,
{CLAIM}2,1,{MBI},{NPI},{TIN},99215,2025-03-04,2025-03-20,5.55,original
{CLAIM}2,1,{MBI},{NPI},{TIN},99215,2025-03-04,2025-04-20,5.55,cancellation
"""
BENEFICIARIES = f"""bene_id,birth_date,has_part_a,has_part_b,is_managed_care,is_medicare_secondary,is_us_resident
{MBI},{BIRTH},true,true,false,false,true
"""
OTHER_PEOPLE = ("2S00C00AN91", "2S00C00AN92")
OTHER_LINES = f"""{CLAIM}3,1,{OTHER_PEOPLE[0]},{NPI},{TIN},99213,2025-02-04,2025-02-20,90000.00,
{CLAIM}4,1,{OTHER_PEOPLE[1]},{NPI},{TIN},99213,2025-02-05,2025-02-20,10000.00,
"""
"""With them less than half of the payments and a third of the patients are attributed: other payers matter."""
OTHER_PAYERS = f"""level,subject_id,payer,payer_type,snapshot,apm_payment_amount,total_payment_amount,apm_patient_count,total_patient_count,medicaid_available
apm_entity,A9990,Health Plan,commercial,3,{AMOUNT},80000.00,45,60,
apm_entity,A9990,State Medicaid,medicaid,3,0.00,10000.00,0,12,no
apm_entity,A9990,Veterans Affairs,va,3,0.00,5000.00,0,6,
tin,{TIN},Health Plan,commercial,3,{AMOUNT},80000.00,45,60,
npi,{NPI},Health Plan,medicare_advantage,3,{AMOUNT},80000.00,,,
"""  # noqa: E501
ROSTER = f"""A.C.O. ID,Participant TIN,Individual NPI(s),Effective Date,Termination Date,First Name,Last Name
A9990,{TIN},{NPI},01/01/2025,12/31/9999,{NAME},{NAME}
"""
ASSIGNED_NAME = "P.A9990.ACO.QALR.2025Q1.D259999.T0100000_1-1.csv"
ASSIGNED = (
    "bene_mbi_id,bene_1st_name,bene_brth_dt,bene_death_dt,"
    + ",".join(f"enrollflag{month}" for month in range(1, 13))
    + f",excluded\n{MBI},{NAME},07/19/1931,,{'4,' * 12}0\n"
)
ALIGNED_NAME = "P.D9990.ALGC25.RP.D250119.T1111111.xlsx"
ALIGNED = (
    ("Beneficiary Alignment Report",),
    (
        "Beneficiary_MBI_ID",
        "Beneficiary_First_Name",
        "Beneficiary_Alignment_Effective_Start_Date",
        "Beneficiary_Alignment_Effective_Termination_Date",
        "Beneficiary_Date_of_Birth",
    ),
    (MBI, NAME, "01/01/2025", "", "07/19/1931"),
    (OTHER_MBI, NAME, "01/01/2025", "03/31/2025", "07/19/1931"),
)
MBIS = f"MBIs\n{MBI}\n{OTHER_MBI}\n"

SETTINGS = """year = 2025
claims = ["claims.csv"]
beneficiaries = "beneficiaries.csv"
participants = "participants.csv"
attribution = "attribution.csv"
entities = "entities.csv"
max_rejects = 0
law_as_of = 2026-02-03
list_date = "2025-01-01..2025-12-31"
encoding = "utf-8"
assume = { claims_run_out_days = "60" }

[formats]
date = "%Y-%m-%d"

[columns.claim_lines]
claim_id = "claim_id"
"""

PART_B = {
    "CUR_CLM_UNIQ_ID": "4000000000001",
    "CLM_LINE_NUM": "0000000001",
    "BENE_MBI_ID": MBI,
    "CLM_TYPE_CD": "71",
    "CLM_LINE_FROM_DT": "2025-02-10",
    "CLM_LINE_HCPCS_CD": "99213",
    "CLM_LINE_CVRD_PD_AMT": f"0000000{AMOUNT}",
    "CLM_RNDRG_PRVDR_TAX_NUM": TIN,
    "RNDRG_PRVDR_NPI_NUM": NPI,
    "CLM_CARR_PMT_DNL_CD": "1",
    "CLM_PRCSG_IND_CD": "A",
    "CLM_ADJSMT_TYPE_CD": "0",
    "CLM_EFCTV_DT": "2025-02-21",
    "CLM_IDR_LD_DT": "2025-02-26",
    "CLM_CNTL_NUM": CLAIM,
    "CLM_DISP_CD": "01",
    "CLM_RNDRG_PRVDR_NPI_NUM": NPI,
}
CANCELLED = {"CUR_CLM_UNIQ_ID": "4000000000002", "CLM_ADJSMT_TYPE_CD": "1", "CLM_DISP_CD": "03"}
PART_A_CLAIM = {
    "CUR_CLM_UNIQ_ID": "5000000000001",
    "PRVDR_OSCAR_NUM": "331300",
    "BENE_MBI_ID": MBI,
    "CLM_TYPE_CD": "40",
    "CLM_FROM_DT": "2025-02-03",
    "CLM_THRU_DT": "2025-02-05",
    "CLM_BILL_FAC_TYPE_CD": "8",
    "CLM_BILL_CLSFCTN_CD": "5",
    "CLM_PMT_AMT": f"0000000{AMOUNT}",
    "ATNDG_PRVDR_NPI_NUM": NPI,
    "CLM_ADJSMT_TYPE_CD": "0",
    "CLM_EFCTV_DT": "2025-03-07",
    "CLM_IDR_LD_DT": "2025-03-14",
    "CLM_BLG_PRVDR_OSCAR_NUM": "331305",
    "CLM_ATNDG_PRVDR_NPI_NUM": NPI,
}
PART_A_LINE = {
    "CUR_CLM_UNIQ_ID": "5000000000001",
    "CLM_LINE_NUM": "0000000001",
    "BENE_MBI_ID": MBI,
    "CLM_TYPE_CD": "40",
    "CLM_LINE_FROM_DT": "2025-02-04",
    "CLM_LINE_PROD_REV_CTR_CD": "0960",
    "CLM_LINE_INSTNL_REV_CTR_DT": "2025-02-05",
    "CLM_LINE_HCPCS_CD": "99213",
    "CLM_LINE_CVRD_PD_AMT": f"0000000{AMOUNT}",
}
MEMBER = {
    "BENE_MBI_ID": MBI,
    "BENE_FIPS_STATE_CD": "36",
    "BENE_DOB": BIRTH,
    "BENE_1ST_NAME": NAME,
    "BENE_LINE_1_ADR": NAME,
    "BENE_ENTLMT_BUYIN_IND": "3",
    "BENE_PART_A_ENRLMT_BGN_DT": "2012-03-01",
    "BENE_PART_B_ENRLMT_BGN_DT": "2012-03-01",
    "GEO_USPS_STATE_CD": "NY",
}
LINK = {"HICN_MBI_XREF_IND": "M", "CRNT_NUM": MBI, "PRVS_NUM": OTHER_MBI}
REDUCTION = {
    "CUR_CLM_UNIQ_ID": "4000000000001",
    "CLM_LINE_NUM": "0000000001",
    "BENE_MBI_ID": MBI,
    "CLM_TYPE_CD": "71",
    "CLM_PBP_INCLSN_AMT": "000000077778.77",
    "CLM_PBP_RDCTN_AMT": "000000000001.00",
    "CLM_SQSTRTN_RDCTN_AMT": "000000000000.02",
}
CCLF: Mapping[str, tuple[int, tuple[Mapping[str, str], ...]]] = {
    "1": (437, (PART_A_CLAIM,)),
    "2": (199, (PART_A_LINE,)),
    "5": (388, (PART_B, PART_B | {"CLM_LINE_NUM": "0000000002"}, PART_B | CANCELLED)),
    "8": (549, (MEMBER,)),
    "9": (55, (LINK,)),
    "B": (128, (REDUCTION,)),
}
RIF_PERSON = PERSON | {"BENE_ID": MBI, "BENE_BIRTH_DT": "19-Jul-1931", "MBI_NUM": MBI}
RIF_LINE = CARRIER | {
    "CLM_ID": CLAIM,
    "BENE_ID": MBI,
    "PRF_PHYSN_NPI": NPI,
    "TAX_NUM": TIN,
    "LINE_NCH_PMT_AMT": AMOUNT,
}
RIF_VISIT = OUTPATIENT | {"CLM_ID": f"{CLAIM}8", "BENE_ID": MBI, "RNDRNG_PHYSN_NPI": NPI}


@dataclass(frozen=True, slots=True)
class World:
    """Inputs of one layout by file name, and the arguments that name them relative to their folder."""

    files: Files
    arguments: tuple[str, ...]

    def with_file(self, name: str, content: bytes) -> World:
        assert name in self.files
        return World({**self.files, name: content}, self.arguments)

    def write(self, folder: Path) -> None:
        """Every file, in folders as their names say."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)


def cclf_name(number: str, stamp: str = "D250714") -> str:
    return f"claims/P.A9990.ACO.ZC{number}Y25.{stamp}.T1010101"


def cclf_files(stamp: str = "D250714") -> dict[str, bytes]:
    """One monthly delivery with everything that is read of it, and its row counts."""
    made, counts = {}, ["File Number  |File Description    |Total Records Count |Record Length"]
    with TemporaryDirectory() as folder:
        for number, (length, rows) in CCLF.items():
            name = cclf_name(number, stamp)
            path = fixed_width(Path(folder) / Path(name).name, length, *map(dict, rows))
            made[name] = path.read_bytes()
            if number not in "B":
                counts.append(f"CCLF{number}  |Anything                                   |{len(rows):11}|{length:5} ")
    return made | {cclf_name("0", stamp): "\n".join([*counts, ""]).encode()}


def piped(*rows: Mapping[str, str]) -> bytes:
    """A RIF file with the columns of the first row."""
    lines = ["|".join(rows[0]), *("|".join(row.values()) for row in rows)]
    return "\n".join([*lines, ""]).encode()


def exported(*resources: Mapping[str, object]) -> bytes:
    """NDJSON, one resource per line."""
    return "\n".join([*map(line_of, resources), ""]).encode()


def with_canaries(resource: Mapping[str, object]) -> dict[str, object]:
    """A resource of the made exports with canaries for its ids and amounts."""
    text = json.dumps(resource)
    for made, canary in (("1234567893", NPI), ("012345678", TIN), ("CONTROL1", CLAIM), ("37.50", AMOUNT)):
        text = text.replace(made, canary)
    return dict(json.loads(text))


def _canonical() -> World:
    files = LISTS | {"claims.csv": CLAIM_LINES, "beneficiaries.csv": BENEFICIARIES}
    return _world(files, beneficiaries="beneficiaries.csv", claims="claims.csv", entities="entities.csv")


def _other_payer() -> World:
    """Canonical files in which the All-Payer Combination Option decides."""
    world = _canonical()
    people = "".join(f"{person},{BIRTH},true,true,false,false,true\n" for person in OTHER_PEOPLE)
    files = {
        "claims.csv": (CLAIM_LINES + OTHER_LINES).encode(),
        "beneficiaries.csv": (BENEFICIARIES + people).encode(),
        "other_payer.csv": OTHER_PAYERS.encode(),
    }
    return World({**world.files, **files}, (*world.arguments, "--other-payer", "other_payer.csv"))


def _roster() -> World:
    return _canonical().with_file("participants.csv", ROSTER.encode())


def _assignment() -> World:
    world = _canonical()
    files = {name: content for name, content in world.files.items() if name != "attribution.csv"}
    arguments = tuple(ASSIGNED_NAME if word == "attribution.csv" else word for word in world.arguments)
    return World({**files, ASSIGNED_NAME: ASSIGNED.encode()}, (*arguments, "--assignment", "retrospective"))


def _alignment() -> World:
    """Canonical files of a REACH ACO whose attribution is its alignment workbook."""
    world = _canonical()
    files = {name: content.replace(b"A9990", b"D9990") for name, content in world.files.items()}
    del files["attribution.csv"]
    arguments = tuple(ALIGNED_NAME if word == "attribution.csv" else word for word in world.arguments)
    return World({**files, ALIGNED_NAME: workbook_of(*ALIGNED)}, arguments)


def _configuration() -> World:
    """The canonical files with every option in qpcli.toml."""
    files = _canonical().files
    return World({**files, "qpcli.toml": SETTINGS.encode()}, ("--config", "qpcli.toml"))


def _mbi_list() -> World:
    world = _canonical().with_file("attribution.csv", MBIS.encode())
    dates = ("--apm-entity", "A9990", "--list-date", "2025-01-01..2025-12-31")
    return World(world.files, (*world.arguments, *dates))


def _cclf() -> World:
    return _world(LISTS | cclf_files(), claims="claims", entities="entities.csv")


def _rif() -> World:
    claims = {
        "claims/carrier.csv": piped(RIF_LINE, RIF_LINE | {"LINE_NUM": "2"}),
        "claims/outpatient.csv": piped(RIF_VISIT),
        "claims/beneficiary.csv": piped(RIF_PERSON),
    }
    return _world(LISTS | claims, claims="claims", entities="entities.csv")


def _bcda(*claims: Mapping[str, object]) -> World:
    people = [
        patient(
            mbi(OTHER_MBI, end="2024-12-31"), mbi(MBI, start="2025-01-01"), birthDate=BIRTH, name=[{"family": NAME}]
        )
    ]
    cover = [
        coverage("A", start="2010-01-01"),
        coverage("B", start="2010-01-01"),
        coverage("C", year=2025, codes="0" * 12),
    ]
    files = {
        "claims/eob.ndjson": exported(*map(with_canaries, claims)),
        "claims/patients.ndjson": exported(*people),
        "claims/coverage.ndjson": exported(*cover),
    }
    return _world(LISTS | files, claims="claims", entities="entities.csv")


def _world(files: Mapping[str, str | bytes], **given: str) -> World:
    lists = {"participants": "participants.csv", "attribution": "attribution.csv"}
    options = tuple(word for name, path in (given | lists).items() for word in (f"--{name}", path))
    content = {name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    return World(content, ("--year", "2025", *options))


MAKERS: Mapping[str, Callable[[], World]] = {
    "canonical": _canonical,
    "other payer": _other_payer,
    "roster": _roster,
    "assignment": _assignment,
    "mbi list": _mbi_list,
    "alignment": _alignment,
    "configuration": _configuration,
    "cclf": _cclf,
    "rif": _rif,
    "bcda v2": lambda: _bcda(v2_claim(v2_item(), v2_item(line=2))),
    "bcda v3": lambda: _bcda(v3_claim(v3_item(), v3_item(line=2))),
}


@cache
def world(name: str) -> World:
    """The sound world of a layout."""
    return MAKERS[name]()
