"""The law of one performance year as a page for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from qpcli.cli.tables import plain_table
from qpcli.regulation.describe import CodeListInUse, LawDescription
from qpcli.regulation.incentive import Incentive
from qpcli.regulation.law import CodeRange, Evidence, Law, LawEntry, OpenPoint, Thresholds
from qpcli.regulation.mips import MipsWeights, PartialQpElection

DOUBTS = {
    Evidence.SECONDARY: "; from a dated secondary source",
    Evidence.ASSUMPTION: "; an assumption, no published text was found",
}
MOST_RANGES = 16


def page(description: LawDescription) -> Iterator[RenderableType]:
    """Thresholds, snapshots, what the year's rules rest on, code lists, open points."""
    law = description.law
    yield Text(f"Performance year {law.performance_year}, payment year {law.payment_year}", style="bold")
    yield Text(f"Law as of {law.law_as_of}; regulation data of {law.data_version}", style="dim")
    yield from _section("Thresholds, in percent", _thresholds(law))
    yield from _section("All-Payer Combination Option", *_all_payer(law))
    yield from _section("Snapshots", _snapshots(description))
    yield from _section("Rules", *_rules(law))
    for code_list in description.code_lists:
        yield from _section(f"Codes: {code_list.name}", *_codes(code_list))
    yield from _section("What QP status is worth", *_worth(description.incentive))
    yield from _section("Partial QPs and MIPS", *_elections(description.elections))
    if description.mips_weights:
        yield from _section("MIPS scoring weights, in percent", *_weights(description.mips_weights))
    yield from _section("Open points: set one with --assume NAME=VALUE", *_points(description.open_points))
    yield from _without_effect(description)


def _section(title: str, *body: RenderableType) -> Iterator[RenderableType]:
    yield Text(f"\n{title}", style="bold")
    for part in body:
        yield Padding(part, (0, 0, 0, 2))


def _thresholds(law: Law) -> RenderableType:
    return _bars(law.thresholds)


def _bars(bars: Thresholds) -> RenderableType:
    rows = [
        ("payment amount", str(bars.qp_payment), str(bars.partial_payment)),
        ("patient count", str(bars.qp_patient), str(bars.partial_patient)),
    ]
    return plain_table(("method", "QP", "Partial QP"), rows, right=("QP", "Partial QP"))


def _all_payer(law: Law) -> Iterator[RenderableType]:
    if law.all_payer is None:
        yield Text("There is none in this year.")
        return
    excluded = ", ".join(sorted(payer.value for payer in law.all_payer.excluded_payers))
    yield Text("The same thresholds over Medicare and other payers (--other-payer), and by Medicare alone at least:")
    yield _bars(law.all_payer.medicare_minimums)
    yield Text(f"Never counted: payers of type {excluded}; medicaid where no model of it is available.")


def _snapshots(description: LawDescription) -> RenderableType:
    law = description.law
    rows = [
        (str(dates.snapshot.number), f"{law.period.first_day} to {dates.snapshot.date}", str(dates.run_out_ends))
        for dates in description.snapshots
    ]
    rows.append(("4", str(law.december_list_date), "lists only: makes nobody a QP"))
    return plain_table(("snapshot", "services", "processed by"), rows)


def _rules(law: Law) -> Iterator[RenderableType]:
    for entry in law.entries:
        yield _entry(entry)


def _entry(entry: LawEntry) -> Text:
    source = dict.fromkeys((entry.authority, entry.citation))
    day = f", published {entry.published}" if entry.published else ""
    return Text.assemble(
        (entry.rule.replace("_", " "), "cyan"),
        f": {entry.value}\n",
        (f"{'; '.join(source)}{day}{doubt(entry.evidence)}.", "dim"),
    )


def _worth(incentive: Incentive) -> Iterator[RenderableType]:
    """The lump sum with its Act, the base period, the fee schedule; a year without a lump sum names those with one."""
    for entry in incentive.entries:
        yield _entry(entry)
    if not incentive.has_lump_sum:
        yield Text(f"Payment years with a lump sum: {'; '.join(incentive.years_with_lump_sum)}.", style="dim")


def _elections(elections: Iterable[PartialQpElection]) -> Iterator[RenderableType]:
    for election in elections:
        levels = " or ".join(level.replace("_", " ") for level in election.levels)
        yield Text.assemble(
            (f"determined at level {levels}", "cyan"),
            f": {election.elects} {election.until}.\n"
            f"With the election {election.by_election}; without one {election.without_election}.\n",
            (f"{election.authority}; {election.citation}{doubt(election.evidence)}.", "dim"),
        )


def _weights(weights: Iterable[MipsWeights]) -> Iterator[RenderableType]:
    for one in weights:
        yield Text.assemble(
            (one.who, "cyan"),
            f": quality {one.quality}, cost {one.cost}, improvement activities {one.improvement_activities}, "
            f"advancing care information {one.advancing_care_information}\n",
            (f"{one.authority}; {one.citation}{doubt(one.evidence)}.", "dim"),
        )


def _codes(code_list: CodeListInUse) -> Iterator[RenderableType]:
    ranges = code_list.ranges
    if code_list.codes:
        yield Text(f"{len(code_list.codes):,} single codes")
    elif len(ranges) <= MOST_RANGES:
        yield plain_table(("codes", "from", "to", "what"), [_range_cells(one) for one in ranges])
    else:
        yield plain_table(("ranges", "what"), _counted(ranges))
        yield Text(f"{len(ranges)} ranges; `--json` lists them.", style="dim")


def _range_cells(one: CodeRange) -> tuple[str, ...]:
    codes = one.code_from if one.code_from == one.code_to else f"{one.code_from}-{one.code_to}"
    return codes, str(one.first_date), str(one.last_date or ""), one.why


def _counted(ranges: Iterable[CodeRange]) -> list[tuple[str, str]]:
    """How many ranges each reason has; what stands in brackets says what is not in a range."""
    reasons = Counter(one.why.partition(" (")[0] for one in ranges)
    return [(str(count), why) for why, count in reasons.most_common()]


def _points(points: Iterable[OpenPoint]) -> Iterator[RenderableType]:
    for point in points:
        text = Text.assemble((point.name, "cyan"), f" = {point.value}\n{point.question}\n")
        how = f" (with {point.option} FILE)" if point.option else ""
        if point.alternatives:
            text.append(f"Instead: {', '.join(point.alternatives)}{how}.\n")
        text.append(f"{point.reason} {point.citation}{doubt(point.evidence)}.\n", style="dim")
        yield text


def doubt(evidence: Evidence) -> str:
    """What weakens a statement; nothing for what was read in the regulation itself."""
    return DOUBTS.get(evidence, "")


def _without_effect(description: LawDescription) -> Iterator[RenderableType]:
    names = [point.name for point in description.open_points_without_effect]
    if names:
        yield Text(f"Without effect in {description.law.performance_year}: {', '.join(names)}.")
