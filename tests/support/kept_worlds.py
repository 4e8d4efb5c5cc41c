"""Worlds as finished runs that kept their cells, without files."""

from __future__ import annotations

from dataclasses import replace

from qpcli import calculation
from qpcli.analysis.finished_run import FinishedRun, without_code_lists
from qpcli.calculation import CanonicalTables
from qpcli.keeping import CellKeeping
from qpcli.regulation.law import Law
from tests.oracle.world import World
from tests.support.in_memory import canonical_tables, law_of


def finished(world: World, *, keeps_everybody: bool = False) -> FinishedRun:
    """The world determined, with its cells."""
    return finished_of_tables(canonical_tables(world), law_of(world), keeps_everybody=keeps_everybody)


def finished_of_tables(tables: CanonicalTables, law: Law, *, keeps_everybody: bool = False) -> FinishedRun:
    lists = calculation.lists(tables, law, keeps_everybody=keeps_everybody)
    keeping = CellKeeping(lists, law)
    tallied = calculation.tally(tables, lists, law, keeping.keep)
    results = calculation.results(tallied, law)
    others = {} if results.all_payer_scores is None else {"all_payer_scores": results.all_payer_scores}
    return FinishedRun(
        law=without_code_lists(law),
        tables={
            "threshold_scores": results.threshold_scores,
            "determinations": results.determinations,
            "exclusions": results.exclusions,
            **others,
        },
        kept={name: frame.lazy() for name, frame in keeping.kept(tables, tallied).items()},
        keeps_everybody=keeps_everybody,
    )


def determined(world: World, **changes: object) -> calculation.Results:
    """A full run of the world with other rows."""
    other = replace(world, **changes)  # type: ignore[arg-type]
    law = law_of(other)
    tables = canonical_tables(other)
    return calculation.results(calculation.tally(tables, calculation.lists(tables, law), law), law)
