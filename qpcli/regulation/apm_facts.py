"""The facts of an APM as a user gives them, to be held against the Advanced APM criteria (42 CFR 414.1415)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path

from qpcli.errors import InputError
from qpcli.regulation.data_files import DATA

TEMPLATE = "apm_facts.toml"
_KINDS = {"str": "a text", "int": "a whole number", "bool": "true or false", "Decimal": "a percentage from 0 to 100"}


@dataclass(frozen=True, slots=True)
class ApmFacts:
    """What an APM asks of its APM Entities in one performance year; the template explains each field."""

    apm: str
    performance_year: int
    requires_cehrt: bool = False
    cehrt_percent: Decimal = Decimal(0)
    is_shared_savings_program: bool = False
    has_cehrt_penalty_or_reward: bool = False
    pays_on_quality_measures: bool = False
    has_comparable_measure: bool = False
    has_outcome_measure: bool = False
    no_outcome_measure_applies: bool = False
    withholds_payment: bool = False
    reduces_payment_rates: bool = False
    owes_payments_to_cms: bool = False
    loses_guaranteed_payments: bool = False
    is_full_capitation: bool = False
    risk_percent_of_revenue: Decimal = Decimal(0)
    risk_percent_of_expenditures: Decimal = Decimal(0)
    is_medical_home_model: bool = False
    is_expanded_medical_home_model: bool = False
    is_cpc_plus_round_1: bool = False
    owner_clinician_count: int = 0


def template() -> str:
    """A file of facts with a comment to each, to be filled in; it can be read as it is."""
    return DATA.joinpath(TEMPLATE).read_text(encoding="utf-8")


def read_apm_facts(path: Path) -> ApmFacts:
    """The facts in a TOML file; InputError QP221 for a file, key or value that cannot be used."""
    values = _values(path)
    kinds = {field.name: str(field.type) for field in fields(ApmFacts)}
    unknown = sorted(set(values) - set(kinds))
    missing = [name for name in ("apm", "performance_year") if name not in values]
    if unknown or missing:
        raise _unusable(path, f"missing or unknown: {', '.join((*missing, *unknown))}")
    return ApmFacts(**{name: _value(path, name, kinds[name], value) for name, value in values.items()})  # type: ignore[arg-type]


def _values(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as problem:
        raise _unusable(path, f"it cannot be read ({problem.strerror})") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise _unusable(path, "it is not valid TOML") from None


def _value(path: Path, name: str, kind: str, value: object) -> object:
    """The value in the type of its field; whole numbers are percentages too."""
    if kind == "Decimal" and type(value) is int:
        value = Decimal(value)
    is_right = type(value).__name__ == kind
    if isinstance(value, Decimal):
        is_right &= value.is_finite() and 0 <= value <= 100
    if type(value) is int:
        is_right &= value >= 0
    if not is_right:
        raise _unusable(path, f"{name} is not {_KINDS[kind]}")
    return value


def _unusable(path: Path, problem: str) -> InputError:
    return InputError("QP221", f"{path.name}: {problem}.")
