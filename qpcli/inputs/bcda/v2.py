"""Claims of BCDA v2 (FHIR R4 of CMS's Blue Button code systems), and of exports of the same shape."""

from __future__ import annotations

from collections.abc import Sequence

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
    identifier,
    tail,
    text,
    texts,
)
from qpcli.inputs.codes import PROFESSIONAL_CLAIM_TYPES
from qpcli.inputs.json_scan import Resource
from qpcli.inputs.marks import CodeNames

NAMES = CodeNames(
    layout="BCDA",
    claim_type="nch_clm_type_cd",
    claim_code="carr_clm_pmt_dnl_cd",
    line_code="line_prcsg_ind_cd",
    disposition="clm_disp_cd",
)
_NO_CODE_SYSTEM = "data-absent-reason"


def lines(resource: Resource) -> list[Line]:
    """The lines of a resource; none of one that is no claim. Raises ShapeError."""
    if kind_of(resource) is not BcdaKind.CLAIM:
        return []
    reason = _left_out(resource)
    if reason is not None:
        return [Line(left_out=reason.value)]
    claim = _claim(resource)
    performing = _performing(resource)
    return [_line(claim, item, performing) for item in children(resource, "item")]


def _left_out(resource: Resource) -> LeftOut | None:
    claim_type = code_of(child(resource, "type"), "nch_clm_type_cd")
    if claim_type is None:
        return LeftOut.UNKNOWN
    if claim_type not in PROFESSIONAL_CLAIM_TYPES:
        return LeftOut.OTHER_TYPE
    if text(resource, "status") != "active":
        return LeftOut.NOT_ACTIVE
    return None if children(resource, "item") else LeftOut.NO_LINES


def _claim(resource: Resource) -> Line:
    """What the lines share."""
    facts = extensions(resource)
    processed = by_category(children(resource, "supportingInfo")).get("nch_wkly_proc_dt", {})
    shared = of_claim(resource)
    number = identifier(resource, "clm_id")
    return shared._replace(
        claim_version=shared.claim_version or number,
        claim_id=facts.get("carr_clm_cntl_num") or number,
        processed_date=day(processed, "timingDate"),
        claim_code=facts.get("carr_clm_pmt_dnl_cd"),
        adjustment="0",
    )


def _line(claim: Line, item: Resource, performing: dict[str, str | None]) -> Line:
    facts = extensions(item)
    paid = amount(by_category(children(item, "adjudication")).get("line_nch_pmt_amt"))
    npis = distinct_npis(performing.get(place) for place in texts(item, "careTeamSequence"))
    return claim._replace(
        line_number=text(item, "sequence"),
        npi=npis[0] if len(npis) == 1 else None,
        tin=facts.get("tax_num"),
        hcpcs=_hcpcs(item),
        service_date=service_day(item),
        paid_amount=paid or "0.00",
        line_code=facts.get("line_prcsg_ind_cd"),
        payer=facts.get("line_bene_prmry_pyr_cd"),
        lacks_payment=None if paid else "1",
        unclear_npi="1" if len(npis) > 1 else None,
    )


def _performing(resource: Resource) -> dict[str, str | None]:
    """The NPIs of performing clinicians by the sequence by which lines name them."""
    team: Sequence[Resource] = children(resource, "careTeam")
    return {
        text(member, "sequence") or "": text(child(child(member, "provider"), "identifier"), "value")
        for member in team
        if "performing" in codes(child(member, "role"))
    }


def _hcpcs(item: Resource) -> str | None:
    codings = children(child(item, "productOrService"), "coding")
    found = (text(coding, "code") for coding in codings if tail(text(coding, "system")) != _NO_CODE_SYSTEM)
    return next(found, None)
