"""Which claims and dollars count (42 CFR 414.1435(a)-(b), 414.1450(b))."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from .oracle_facts import Case, Entity, Line
from .oracle_law import COVERED_SERVICE_EXCLUSIONS, EM_CODES, is_in
from .oracle_lists import Pair, group, window

PROFESSIONAL = ("professional", "cah_method_ii")
RURAL = ("rhc", "fqhc")
WITHOUT_TIN = ("cah_method_ii", *RURAL)


@dataclass(frozen=True)
class Service:
    """One row per family of lines whose net count is at least 1; `cents` is the net amount."""

    bene_id: str
    service_date: date
    hcpcs: str | None
    setting: str
    line_count: int
    cents: int

    @property
    def is_covered_professional(self) -> bool:
        """Paid under the Physician Fee Schedule (42 CFR 414.1435(a)(3))."""
        if self.setting not in PROFESSIONAL or self.hcpcs is None:
            return False
        return not is_in(self.hcpcs, self.service_date, COVERED_SERVICE_EXCLUSIONS)

    @property
    def is_rural(self) -> bool:
        """A Rural Health Clinic or FQHC service, whatever its HCPCS (42 CFR 414.1435(b))."""
        return self.setting in RURAL


def has_npi(line: Line, npi: str) -> bool:
    """Is it this clinician's line? An NPI of odd form is nobody's."""
    return line.npi == npi and re.fullmatch("[0-9]{10}", npi) is not None


def is_by_a_pair(line: Line, pairs: set[Pair]) -> bool:
    """Is the line by one of the TIN/NPI pairs? An institutional line without a TIN goes by its NPI."""
    return any(has_npi(line, npi) and _has_tin(line, tin) for tin, npi in pairs)


def _has_tin(line: Line, tin: str | None) -> bool:
    if line.tin is None:
        return line.setting in WITHOUT_TIN
    return line.tin == tin and re.fullmatch("[0-9]{9}", line.tin) is not None


def is_in_time(case: Case, line: Line, snapshot: int) -> bool:
    """Processed within the run-out; a line without a processed date passes."""
    cut_off = case.day(snapshot) + timedelta(days=int(case.assume["claims_run_out_days"]))
    return line.processed_date is None or line.processed_date <= cut_off


def is_not_denied(case: Case, line: Line) -> bool:
    """Denied lines never count unless the run assumes so."""
    return not line.is_denied or case.assume["denied_lines"] == "count"


def net(lines: Iterable[Line]) -> list[Service]:
    """Originals and replacements less cancellations, per family; below one line nothing is left."""
    families = defaultdict(list)
    for line in lines:
        families[line.family].append(line)
    return [_service(family) for family in families.values() if sum(line.sign for line in family) >= 1]


def _service(family: list[Line]) -> Service:
    one = family[0]
    count, cents = sum(line.sign for line in family), sum(line.cents for line in family)
    return Service(one.bene_id, one.service_date, one.hcpcs, one.setting, count, cents)


def services(case: Case, lines: Iterable[Line], snapshot: int) -> list[Service]:
    """The covered professional, RHC and FQHC services that are left of these lines at the snapshot."""
    visible = [line for line in lines if is_in_time(case, line, snapshot) and is_not_denied(case, line)]
    return [service for service in net(visible) if service.is_covered_professional or service.is_rural]


def entity_lines(case: Case, entity: Entity, snapshot: int) -> list[Line]:
    """The group's lines in the entity's window."""
    first, last = window(case, entity, snapshot)
    pairs = group(case, entity.apm_entity_id, snapshot)
    return [line for line in case.lines if first <= line.service_date <= last and is_by_a_pair(line, pairs)]


def period_lines(case: Case, snapshot: int) -> list[Line]:
    """Everybody's lines from January 1 to the snapshot date."""
    first, last = date(case.year, 1, 1), case.day(snapshot)
    return [line for line in case.lines if first <= line.service_date <= last]


def is_qualifying(case: Case, service: Service, basis: str, entities: list[Entity]) -> bool:
    """Does the service satisfy criterion 6 for one of the entities (42 CFR 414.1305)?"""
    if service.is_rural:
        return case.assume["rhc_fqhc_satisfies_em"] == "yes"
    return basis == "cps" or any(_is_em(service, entity) for entity in entities)


def _is_em(service: Service, entity: Entity) -> bool:
    assert service.hcpcs is not None
    if entity.em_codes is None:
        return is_in(service.hcpcs, service.service_date, EM_CODES)
    return service.hcpcs in entity.em_codes


def covered_cents(found: Iterable[Service]) -> int:
    """Net dollars of covered professional services; RHC and FQHC services carry none."""
    return sum(service.cents for service in found if service.is_covered_professional)


def patients(found: Iterable[Service]) -> set[str]:
    """The beneficiaries served."""
    return {service.bene_id for service in found}
