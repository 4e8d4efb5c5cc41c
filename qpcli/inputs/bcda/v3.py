"""Claims of BCDA v3 (FHIR R4 out of CMS's Integrated Data Repository)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qpcli.inputs.bcda.explanation_of_benefit import LeftOut, Line, amount, distinct_npis, of_claim, service_day
from qpcli.inputs.bcda.files import BcdaKind, kind_of
from qpcli.inputs.bcda.resources import (
    by_category,
    child,
    children,
    code_of,
    codes,
    day,
    extensions,
    first_code,
    identifier,
    identifier_of_type,
    tail,
    text,
    texts,
)
from qpcli.inputs.codes import PROFESSIONAL_CLAIM_TYPES
from qpcli.inputs.json_scan import Resource
from qpcli.inputs.marks import CodeNames
from qpcli.regulation.law import Law

NAMES = CodeNames(
    layout="BCDA",
    claim_type="CLM_TYPE_CD",
    claim_code="CLM_CARR_PMT_DNL_CD",
    line_code="CLM_PRCSG_IND_CD",
    disposition="CLM_DISP_CD",
)
_CODE_SYSTEMS = ("cpt", "HCPCSReleaseCodeSets")
"""The code systems of services, by the last part of their URL."""
_PROCESSED = {"processed": "CLM_NCH_WKLY_PROC_DT", "loaded": "CLM_IDR_LD_DT"}


@dataclass(frozen=True, slots=True)
class _Member:
    """A rendering clinician of a claim's care team."""

    sequence: str | None
    npi: str | None


def lines_under(law: Law) -> Callable[[Resource], list[Line]]:
    """The lines of a resource under the law's open points v3_rendering and run_out_date; see `v2.lines`."""
    processed = _PROCESSED[law.assumed("run_out_date")]
    takes_same_sequence = law.assumed("v3_rendering") == "same_sequence"

    def lines(resource: Resource) -> list[Line]:
        if kind_of(resource) is not BcdaKind.CLAIM:
            return []
        reason = _left_out(resource)
        if reason is not None:
            return [Line(left_out=reason.value)]
        facts = by_category(children(resource, "supportingInfo"))
        claim = _claim(resource, facts)._replace(processed_date=day(facts.get(processed, {}), "timingDate"))
        team = _rendering(resource)
        return [
            _line(claim, item, _npis(item, team, takes_same_sequence=takes_same_sequence))
            for item in children(resource, "item")
        ]

    return lines


def _left_out(resource: Resource) -> LeftOut | None:
    """`outcome` does not tell: it is `complete` on partially adjudicated claims too."""
    claim_type = code_of(child(resource, "type"), "CLM-TYPE-CD")
    if claim_type is None:
        return LeftOut.UNKNOWN
    tags = {tail(text(tag, "system")): text(tag, "code") for tag in children(child(resource, "meta"), "tag")}
    if tags.get("System-Type") != "NationalClaimsHistory":
        return LeftOut.PARTIAL
    if tags.get("Final-Action") != "FinalAction":
        return LeftOut.NOT_FINAL
    if claim_type not in PROFESSIONAL_CLAIM_TYPES:
        return LeftOut.OTHER_TYPE
    return None if children(resource, "item") else LeftOut.NO_LINES


def _claim(resource: Resource, facts: dict[str, Resource]) -> Line:
    """What the lines share."""
    shared = of_claim(resource)
    number = identifier_of_type(resource, "uc")
    return shared._replace(
        claim_version=shared.claim_version or number,
        claim_id=identifier(resource, "CLM-CNTL-NUM") or number,
        claim_code=_code(facts, "CLM_CARR_PMT_DNL_CD"),
        adjustment=_code(facts, "CLM_ADJSTMT_TYPE_CD"),
        payer=_code(facts, "CLM_NCH_PRMRY_PYR_CD"),
    )


def _code(facts: dict[str, Resource], name: str) -> str | None:
    return first_code(child(facts.get(name, {}), "code"))


def _line(claim: Line, item: Resource, npis: Sequence[str]) -> Line:
    facts = extensions(item)
    paid = amount(by_category(children(item, "adjudication")).get("CLM_LINE_CVRD_PD_AMT"))
    return claim._replace(
        line_number=text(item, "sequence"),
        npi=npis[0] if len(npis) == 1 else None,
        tin=facts.get("CLM-PRVDR-TAX-NUM"),
        hcpcs=_hcpcs(item),
        service_date=service_day(item),
        paid_amount=paid or "0.00",
        line_code=facts.get("CLM-PRCSG-IND-CD"),
        payer=facts.get("CLM-PRMRY-PYR-CD") or claim.payer,
        lacks_payment=None if paid else "1",
        unclear_npi="1" if len(npis) > 1 else None,
    )


def _rendering(resource: Resource) -> list[_Member]:
    return [
        _Member(text(member, "sequence"), _us_npi(child(child(member, "provider"), "identifier")))
        for member in children(resource, "careTeam")
        if "rendering" in codes(child(member, "role"))
    ]


def _us_npi(number: Resource) -> str | None:
    return text(number, "value") if tail(text(number, "system")) == "us-npi" else None


def _npis(item: Resource, team: Sequence[_Member], *, takes_same_sequence: bool) -> list[str]:
    """Who rendered the line: one NPI, none, or several that cannot be told apart.

    The clinicians that the line points to; else the only one of the claim; else the one with the line's number
    (open point v3_rendering).
    """
    pointed = set(texts(item, "careTeamSequence"))
    named = distinct_npis(member.npi for member in team if member.sequence in pointed)
    if named:
        return named
    everyone = distinct_npis(member.npi for member in team)
    if len(everyone) < 2 or not takes_same_sequence:
        return everyone
    same = distinct_npis(member.npi for member in team if member.sequence == text(item, "sequence"))
    return same or everyone


def _hcpcs(item: Resource) -> str | None:
    codings = children(child(item, "productOrService"), "coding")
    found = (text(coding, "code") for coding in codings if tail(text(coding, "system")) in _CODE_SYSTEMS)
    return next(found, None)
