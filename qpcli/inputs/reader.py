"""All inputs of a run: each file opened once, each table in canonical columns, checks between tables."""

from __future__ import annotations

from dataclasses import dataclass

from qpcli.errors import InputError
from qpcli.findings import Finding
from qpcli.inputs.canonical import ClaimLinesScan, TableRead, read_table
from qpcli.inputs.files import InputFile
from qpcli.inputs.layouts import find_beneficiaries, find_claims, layout_findings
from qpcli.regulation.law import Law
from qpcli.request import InputPaths, Layout, ReadOptions
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.entities import ENTITIES
from qpcli.tables.participants import PARTICIPANTS


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a run is given; `entities` None means that no entities file was given."""

    claims: ClaimLinesScan
    beneficiaries: TableRead
    participants: TableRead
    attribution: TableRead
    entities: TableRead | None
    layout: Layout
    layout_findings: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What reading the tables in memory found; the claims add theirs when they are settled."""
        return (*self.layout_findings, *(found for table in self._tables() for found in table.findings))

    def files(self) -> tuple[InputFile, ...]:
        """Every input file, claims first."""
        others = tuple(count.file for table in self._tables() for count in table.files)
        return self.claims.files + others

    def _tables(self) -> tuple[TableRead, ...]:
        tables = (self.beneficiaries, self.participants, self.attribution)
        return tables if self.entities is None else (*tables, self.entities)


def read_inputs(inputs: InputPaths, options: ReadOptions, law: Law) -> Inputs:
    """Opens the claims and reads the other tables; raises the QP2xx errors, QP209 for an unnamed APM Entity.

    The layout of claims and of beneficiaries is judged by their headers, each by itself, unless it is given.
    """
    participants = read_table(PARTICIPANTS, inputs.participants, options)
    entities = read_table(ENTITIES, inputs.entities, options) if inputs.entities else None
    if entities is not None:
        _check_entities(participants, entities)
    claims = find_claims(inputs.claims, options, law)
    beneficiaries = find_beneficiaries(inputs.beneficiaries, claims, options, law)
    return Inputs(
        claims=claims.scan,
        beneficiaries=beneficiaries.table,
        participants=participants,
        attribution=read_table(ATTRIBUTION, inputs.attribution, options),
        entities=entities,
        layout=claims.layout,
        layout_findings=layout_findings(claims, beneficiaries),
    )


def _check_entities(participants: TableRead, entities: TableRead) -> None:
    listed = participants.frame["apm_entity_id"].unique()
    unnamed = sorted(listed.filter(~listed.is_in(entities.frame["apm_entity_id"].implode())).to_list())
    if unnamed:
        raise InputError("QP209", f"participants names APM Entities that entities does not: {', '.join(unnamed)}.")
