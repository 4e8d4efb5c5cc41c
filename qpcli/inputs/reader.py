"""All inputs of a run but the claims' rows: layouts recognised, lists read, checks between tables."""

from __future__ import annotations

from dataclasses import dataclass

from qpcli.errors import InputError, UsageError
from qpcli.findings import Finding
from qpcli.inputs.attributions import AttributionRead, read_attribution
from qpcli.inputs.canonical import TableRead, read_table
from qpcli.inputs.files import InputFile
from qpcli.inputs.layouts import FoundClaims, are_outside, find_claims
from qpcli.inputs.listings import read_entities, read_participants
from qpcli.inputs.other_payer import read_other_payer
from qpcli.inputs.shown import shown_entities
from qpcli.regulation.law import Law
from qpcli.request import InputPaths, Layout, ReadOptions
from qpcli.tables.beneficiaries import BENEFICIARIES


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a run is given; `entities` None means that no entities file was given.

    `beneficiaries` None means that they come with the claims, `other_payer` None that nothing was submitted.
    """

    claims: FoundClaims
    beneficiaries: TableRead | None
    participants: TableRead
    attributed: AttributionRead
    entities: TableRead | None
    other_payer: TableRead | None = None

    @property
    def attribution(self) -> TableRead:
        """The attribution list as a table."""
        return self.attributed.table

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What recognising the claims and reading the lists found; the claims add theirs when they are read."""
        return (*self.claims.findings, *(found for table in self.tables() for found in table.findings))

    def files(self) -> tuple[InputFile, ...]:
        """Every input file outside a prepared store, claims first."""
        others = tuple(count.file for table in self.tables() for count in table.files)
        return self.claims.files + others

    def tables(self) -> tuple[TableRead, ...]:
        """The tables that were read whole."""
        given = (self.beneficiaries, self.participants, self.attribution, self.entities, self.other_payer)
        return tuple(table for table in given if table is not None)


def read_inputs(inputs: InputPaths, options: ReadOptions, law: Law) -> Inputs:
    """Finds the claims and reads the other tables; raises the QP2xx errors, QP209 for an unnamed APM Entity.

    Raises UsageError QP101 where nothing gives the beneficiaries, QP104 for other payers in a year without them.
    """
    participants = read_participants(inputs.participants, options, law)
    entities = read_entities(inputs.entities, options, law) if inputs.entities else None
    if entities is not None:
        _check_entities(participants, entities)
    other_payer = _other_payer(inputs, options, law)
    claims = find_claims(inputs.claims, inputs.beneficiaries, options, law)
    return Inputs(
        claims=claims,
        beneficiaries=_beneficiaries(inputs, claims.layout, options),
        participants=participants,
        attributed=read_attribution(inputs.attribution, options, law),
        entities=entities,
        other_payer=other_payer,
    )


def _other_payer(inputs: InputPaths, options: ReadOptions, law: Law) -> TableRead | None:
    """The submissions of other payers; QP104 in a year without the All-Payer Combination Option."""
    if not inputs.other_payer:
        return None
    if law.all_payer is None:
        year = law.performance_year
        raise UsageError(
            "QP104",
            f"--other-payer and --year {year} exclude each other: {year} has no All-Payer Combination Option.",
            "`qpcli rules --year YEAR` says whether a year has it (42 CFR 414.1430(b)).",
        )
    return read_other_payer(inputs.other_payer, options)


def _beneficiaries(inputs: InputPaths, layout: Layout, options: ReadOptions) -> TableRead | None:
    """Canonical beneficiaries, which come before what the claims' own files say."""
    if are_outside(inputs.beneficiaries, options):
        if layout in (Layout.CANONICAL, Layout.STORE):
            raise InputError("QP212", "Beneficiary files of an outside layout need claims of the same layout.")
        return None
    if inputs.beneficiaries:
        return read_table(BENEFICIARIES, inputs.beneficiaries, options)
    if layout is Layout.CANONICAL:
        raise UsageError("QP101", "Not given: --beneficiaries.", "Canonical claims do not hold them.")
    return None


def _check_entities(participants: TableRead, entities: TableRead) -> None:
    listed = participants.frame["apm_entity_id"].unique()
    unnamed = sorted(listed.filter(~listed.is_in(entities.frame["apm_entity_id"].implode())).to_list())
    if unnamed:
        raise InputError("QP209", f"participants names APM Entities that entities does not: {shown_entities(unnamed)}.")
