"""`qpcli apms`: which APMs are known to be Advanced, and an APM's own facts against the criteria."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qpcli.cli import console
from qpcli.cli.options import LAW, AsJson, Debug, LawAsOf, argument, day, option
from qpcli.cli.session import session_of
from qpcli.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from qpcli.regulation.advanced_apms import KnownApm
    from qpcli.regulation.apm_facts import ApmFacts
    from qpcli.rules.advanced_apm import CriterionAnswer

JSON_VERSION = "qpcli.apms/1"
CHECK_VERSION = "qpcli.apms-check/1"


class Action(StrEnum):
    """What to do instead of listing."""

    CHECK = "check"
    TEMPLATE = "template"


def apms(
    ctx: typer.Context,
    action: Annotated[
        Action | None, argument("ACTION", help="`check` an APM's facts, or write a `template` of them; default: list.")
    ] = None,
    file: Annotated[Path | None, argument("FILE", help="The facts to check, as TOML.")] = None,
    year: Annotated[
        int | None, option(LAW, "--year", metavar="YEAR", help="Performance year of the list; default: all years.")
    ] = None,
    law_as_of: LawAsOf = None,
    json: AsJson = False,
    debug: Debug = False,
) -> int:
    """List the APMs known to be Advanced or not, or hold an APM's own facts against the criteria of its year.

    The list holds what dated sources name and says what is not verified; CMS's own list of the year decides. `check`
    answers criterion by criterion (42 CFR 414.1415): certified EHR technology, quality measures, financial risk.

    Exit status: 0 done, 1 a criterion is not met, 2 usage, 3 the file of facts cannot be used.

    Examples:
      qpcli apms --year 2025
      qpcli apms template > apm.toml
      qpcli apms check apm.toml
    """
    session_of(ctx).is_debugging = debug
    if (action is Action.CHECK) is (file is None):
        raise UsageError("QP101", "`apms check` needs a FILE, and nothing else takes one.", "See `qpcli apms --help`.")
    if action is not None and year is not None:
        raise UsageError("QP104", "--year is of the list; the facts name their own performance year.")
    if action is Action.TEMPLATE:
        from qpcli.regulation.apm_facts import template

        console.write(template().encode())
        return 0
    if file is not None:
        return _check(file, law_as_of, is_json=json)
    _list(year, is_json=json)
    return 0


def _list(year: int | None, *, is_json: bool) -> None:
    from qpcli.regulation.advanced_apms import apms_of, load_advanced_apms
    from qpcli.regulation.performance_periods import load_performance_periods

    if year is not None:
        load_performance_periods().calendar(year)
    known = load_advanced_apms() if year is None else apms_of(year)
    if is_json:
        from qpcli.reports.as_json import as_json

        console.write_json({"schema": JSON_VERSION, "performance_year": year, "apms": as_json(known)})
    else:
        console.show(*_page(known, year))


def _page(known: Sequence[KnownApm], year: int | None) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    from qpcli.cli.rules_of_year import doubt
    from qpcli.regulation.advanced_apms import Standing

    titles = {Standing.ADVANCED: "Advanced", Standing.NOT_ADVANCED: "Not Advanced", Standing.ANNOUNCED: "Announced"}
    yield Text(f"APMs of performance year {year}" if year else "APMs by performance year", style="bold")
    yield Text("What dated sources name; CMS's own list of the year decides.")
    for standing, title in titles.items():
        of_standing = [apm for apm in known if apm.standing is standing]
        if of_standing:
            yield Text(f"\n{title}", style="bold")
        for apm in of_standing:
            remark = f" {apm.remark[0].upper()}{apm.remark[1:]}." if apm.remark else ""
            body = f"{apm.source}{doubt(apm.evidence)}.{remark}"
            yield Padding(
                Text.assemble((apm.name, "cyan"), f": {_years(apm)}, as `{apm.names[0]}`\n", (body, "dim")),
                (0, 0, 0, 2),
            )


def _years(apm: KnownApm) -> str:
    first, last = apm.first_performance_year, apm.last_performance_year
    if last is None:
        return f"from {first}"
    return str(first) if first == last else f"{first} to {last}"


def _check(file: Path, law_as_of: str | None, *, is_json: bool) -> int:
    from qpcli.regulation.advanced_apm_criteria import resolve_criteria
    from qpcli.regulation.apm_facts import read_apm_facts
    from qpcli.rules.advanced_apm import answers

    facts = read_apm_facts(file)
    given = answers(facts, resolve_criteria(facts.performance_year, day(law_as_of)))
    is_advanced = all(answer.is_met for answer in given)
    if is_json:
        from qpcli.reports.as_json import as_json

        head = {"schema": CHECK_VERSION, "apm": facts.apm, "performance_year": facts.performance_year}
        console.write_json({**head, "is_advanced": is_advanced, "criteria": as_json(given)})
    else:
        console.show(*_answers(facts, given, is_advanced=is_advanced))
    return int(not is_advanced)


def _answers(facts: ApmFacts, given: Sequence[CriterionAnswer], *, is_advanced: bool) -> Iterator[RenderableType]:
    from rich.text import Text

    from qpcli.cli.rules_of_year import doubt

    verdict = "meets every criterion of an Advanced APM" if is_advanced else "is not an Advanced APM"
    yield Text(f"{console.printable(facts.apm)} {verdict} in performance year {facts.performance_year}.", style="bold")
    for answer in given:
        word, style = ("met", "green") if answer.is_met else ("NOT MET", "red")
        yield Text.assemble(
            (f"\n{word:<8}", style),
            (answer.name, "cyan"),
            f"\n        Asked: {answer.asked}\n        Given: {answer.given}\n",
            (f"        {answer.citation}{doubt(answer.evidence)}", "dim"),
        )
