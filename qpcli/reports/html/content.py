"""What a page is made of: a finished run read back, nothing that its tables do not say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from qpcli.findings import Finding
from qpcli.reports.findings import findings_of
from qpcli.reports.manifest import Manifest
from qpcli.reports.summary_rows import EntityScore, MethodScore, entity_scores
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.clinicians import SEPARATOR
from qpcli.terms import Level, QpStatus

KINDS = {QpStatus.QP: "qp", QpStatus.PARTIAL_QP: "partial", QpStatus.NOT_QP: "not", QpStatus.NO_SCORE: "none"}
"""The class of a status in the style sheet."""
MARKS = {QpStatus.QP: "\u2713", QpStatus.PARTIAL_QP: "\u25d0", QpStatus.NOT_QP: "\u2715", QpStatus.NO_SCORE: "\u2013"}
"""A sign for each status, for who does not see its colour."""


@dataclass(frozen=True)
class Entity:
    """An APM Entity: the better row of each snapshot, in their order; its best status with all payers, if any."""

    apm_entity_id: str
    name: str
    by_snapshot: tuple[EntityScore, ...]
    with_all_payers: QpStatus | None = None

    @property
    def newest(self) -> EntityScore:
        return self.by_snapshot[-1]

    @property
    def title(self) -> str:
        return self.apm_entity_id if self.name == self.apm_entity_id else f"{self.name} ({self.apm_entity_id})"

    @property
    def order(self) -> tuple[int, float]:
        """Those that are not QP first, each kind from the bar on."""
        return int(self.newest.status is QpStatus.QP), self.newest.distance

    def methods(self) -> tuple[tuple[str, str, tuple[MethodScore, ...]], ...]:
        """Kind, label and scores by snapshot of both methods."""
        return (
            ("payment", "Payments", tuple(row.payment for row in self.by_snapshot)),
            ("patient", "Patients", tuple(row.patient for row in self.by_snapshot)),
        )


@dataclass(frozen=True)
class Content:
    """A run; `tables` are in the calculation's units."""

    manifest: Manifest
    tables: Mapping[str, pl.DataFrame]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return findings_of(self.tables["findings"])

    @cached_property
    def scores(self) -> tuple[EntityScore, ...]:
        """Every entity-level row, by entity, snapshot and basis."""
        return entity_scores(self.tables["threshold_scores"])

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """Every assessed APM Entity, those in need of attention first."""
        rows: dict[str, dict[int, EntityScore]] = defaultdict(dict)
        for score in self.scores:
            shown = rows[score.apm_entity_id].get(score.snapshot)
            if shown is None or score.favour > shown.favour:
                rows[score.apm_entity_id][score.snapshot] = score
        names, of_all = self.names, self.with_all_payers
        made = [
            Entity(name, names.get(name, name), tuple(rows[name].values()), of_all.get(name)) for name in sorted(rows)
        ]
        return tuple(sorted(made, key=lambda entity: entity.order))

    @cached_property
    def with_all_payers(self) -> Mapping[str, QpStatus]:
        """The best status of each APM Entity with all payers."""
        if ALL_PAYER_SCORES.name not in self.tables:
            return {}
        of_entities = pl.col("level") == Level.APM_ENTITY.value
        rows = self.tables[ALL_PAYER_SCORES.name].filter(of_entities & pl.col("not_assessed_because").is_null())
        best: dict[str, QpStatus] = {}
        for entity, status in rows.select("apm_entity_id", "status").iter_rows():
            best[entity] = max(best.get(entity, QpStatus.NO_SCORE), QpStatus(status), key=lambda one: one.rank)
        return best

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names of APM Entities by their id, as far as clinicians are listed there."""
        pairs = self.tables["clinicians"].select("apm_entity_ids", "apm_entity_names").unique().drop_nulls()
        names: dict[str, str] = {}
        for ids, words in pairs.sort(pl.all()).iter_rows():
            names |= _paired(ids.split(SEPARATOR), words.split(SEPARATOR))
        return names


def _paired(ids: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Empty where a name holds the separator itself and so cannot be told from the next."""
    return dict(zip(ids, names, strict=True)) if len(ids) == len(names) else {}
