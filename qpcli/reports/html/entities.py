"""The APM Entities: QP or not, by how much, since when, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from qpcli.reports.html.charts import Bars, Line, across_snapshots, bullet
from qpcli.reports.html.content import KINDS, MARKS, Content, Entity
from qpcli.reports.html.elements import Html, element, joined
from qpcli.reports.html.tables import Cell, Header, table
from qpcli.reports.summary_rows import EntityScore, MethodScore, clinicians_by_status
from qpcli.reports.summary_words import HIDDEN, STATUS_WORDS, against_bar, counted, dollars, margin, points
from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.terms import QpOption, QpStatus

MOST_CARDS = 12
_NUMBERS = ("Payments %", "Patients %")


def cards(content: Content) -> Html:
    """One card per APM Entity, those in need of attention first."""
    shown = content.entities[:MOST_CARDS]
    made = [_card(entity, place) for place, entity in enumerate(shown)]
    return joined([element("div", *made, class_="cards"), _and_more(len(content.entities), len(shown))])


def _and_more(count: int, shown: int) -> str:
    if count <= shown:
        return Html("")
    return element(
        "p",
        f"Shown are the {shown} of {count:,} APM Entities that need attention first; the table has all.",
        class_="muted",
    )


def _card(entity: Entity, place: int) -> Html:
    newest = entity.newest
    return element(
        "article",
        element("h3", entity.title),
        element("p", status(newest.status)),
        element("p", _by_how_much(newest), class_="figures"),
        element("figure", _bullet(entity, f"bullet-{place}")),
        element("p", _since(entity)),
        *_with_all_payers(entity),
        class_="card",
    )


def status(one: QpStatus) -> Html:
    """A status with its sign, in its colour."""
    sign = element("span", MARKS[one], aria_hidden="true")
    return element("span", sign, f" {STATUS_WORDS[one]}", class_=f"status status-{KINDS[one]}")


def _by_how_much(newest: EntityScore) -> str:
    if newest.status is QpStatus.NO_SCORE:
        return "Nobody counts in the denominator."
    words = margin(newest)
    if words == HIDDEN:
        return "Figures are hidden."
    if newest.status is QpStatus.QP:
        return f"{words} above the QP bar"
    return f"{words.removeprefix('short by ')} short of the QP bar"


def _since(entity: Entity) -> str:
    """Since which snapshot the entity is QP, or that it was: the status sticks to who was listed then."""
    rows, newest = entity.by_snapshot, entity.newest
    reached = [row.snapshot for row in rows if row.status is QpStatus.QP]
    if newest.status is QpStatus.QP:
        since = newest.snapshot
        for row in reversed(rows):
            if row.status is not QpStatus.QP:
                break
            since = row.snapshot
        return f"QP since snapshot {since}; newest is snapshot {newest.snapshot}."
    if reached:
        return f"Was QP at snapshot {reached[-1]}: who was listed then stays QP for the year."
    partial = [row.snapshot for row in rows if row.status is QpStatus.PARTIAL_QP]
    if partial:
        return f"Partial QP at snapshot {', '.join(map(str, partial))}; QP at none so far."
    return f"No status at any snapshot so far; newest is snapshot {newest.snapshot}."


def _with_all_payers(entity: Entity) -> Iterator[Html]:
    if entity.with_all_payers is not None:
        yield element("p", "With all payers: ", status(entity.with_all_payers))


def _bullet(entity: Entity, identifier: str) -> Html:
    lines = _lines(entity)
    told = "; ".join(
        f"{line.label} {_score_words(scores[-1])}" for line, (_, _, scores) in zip(lines, entity.methods(), strict=True)
    )
    return bullet(identifier, f"Newest scores of {entity.title}", f"Percent of 100: {told}.", lines)


def _lines(entity: Entity) -> list[Line]:
    return [
        Line(
            kind, label, tuple(one.score for one in scores), Bars(scores[-1].qp_threshold, scores[-1].partial_threshold)
        )
        for kind, label, scores in entity.methods()
    ]


def _score_words(score: MethodScore) -> str:
    if score.score is None:
        return "hidden" if score.is_hidden else "no score"
    return f"{points(score.score)} against {score.qp_threshold}"


def across(content: Content) -> Html:
    """Charts of both methods over the snapshots, and every row as a table."""
    shown = content.entities[:MOST_CARDS]
    return joined([*_charts(shown), _and_more(len(content.entities), len(shown)), scores_table(content)])


def _charts(entities: Iterable[Entity]) -> Iterator[Html]:
    for place, entity in enumerate(entities):
        snapshots = [row.snapshot for row in entity.by_snapshot]
        charts = [
            element("figure", _chart(entity, line, scores, snapshots, f"across-{place}-{line.kind}"))
            for line, (_, _, scores) in zip(_lines(entity), entity.methods(), strict=True)
        ]
        words = [element("h3", entity.title), element("p", status(entity.newest.status)), element("p", _since(entity))]
        yield element("div", element("div", *words), *charts, class_="across")


def _chart(entity: Entity, line: Line, scores: tuple[MethodScore, ...], snapshots: list[int], identifier: str) -> Html:
    told = "; ".join(f"snapshot {s}: {_score_words(score)}" for s, score in zip(snapshots, scores, strict=True))
    title = f"{line.label} score of {entity.title}, percent"
    caption = element("figcaption", f"{line.label}, percent")
    return joined([caption, across_snapshots(identifier, title, f"{told}.", line, snapshots)])


def scores_table(content: Content) -> Html:
    """Every entity-level Threshold Score."""
    has_bases = len({row.basis for row in content.scores}) > 1
    names = ["APM Entity", "Snapshot", *(["Basis"] if has_bases else []), *_NUMBERS, "Status"]
    headers = [Header(name, is_number=name in _NUMBERS) for name in (*names, "Dollars missing", "Patients missing")]
    headers[-2:] = [Header(name.name, is_number=True) for name in headers[-2:]]
    rows = [_row(row, content, has_bases=has_bases) for row in content.scores]
    return table("Threshold Scores of every APM Entity, snapshot and basis", headers, rows)


def _row(row: EntityScore, content: Content, *, has_bases: bool) -> list[Cell]:
    name = content.names.get(row.apm_entity_id, row.apm_entity_id)
    shown = row.apm_entity_id if name == row.apm_entity_id else f"{row.apm_entity_id} {name}"
    return [
        Cell(shown),
        Cell(str(row.snapshot)),
        *([Cell(row.basis)] if has_bases else []),
        *(Cell(against_bar(one), "" if one.score is None else one.score) for one in (row.payment, row.patient)),
        Cell(status(row.status), -row.status.rank),
        Cell(_missing(row.payment.gap, is_money=True), "" if row.payment.gap is None else row.payment.gap),
        Cell(_missing(row.patient.gap, is_money=False), "" if row.patient.gap is None else row.patient.gap),
    ]


def _missing(gap: int | None, *, is_money: bool) -> str:
    if gap is None:
        return "-"
    return dollars(gap) if is_money else f"{gap:,}"


def headline(content: Content) -> str:
    """The answer in a sentence or two."""
    is_qp = [entity for entity in content.entities if entity.newest.status is QpStatus.QP]
    count = counted(len(content.entities), "assessed APM Entity", "assessed APM Entities")
    counts = clinicians_by_status(content.tables["determinations"])
    alone = " by Medicare alone" if ALL_PAYER_SCORES.name in content.tables else ""
    entities = f"{len(is_qp):,} of {count} {'is' if len(is_qp) == 1 else 'are'} QP at the newest snapshot{alone}."
    people = f"{counts.by_status[QpStatus.QP]:,} of {counted(counts.total, 'clinician')} have QP status"
    return f"{entities} {people}{_of_them_with_all_payers(content) if alone else ''}."


def _of_them_with_all_payers(content: Content) -> str:
    is_qp = pl.col("is_latest") & (pl.col("status") == QpStatus.QP.value)
    is_by_all = pl.col("determined_by_option") == QpOption.ALL_PAYER.value
    return f", {content.tables['determinations'].filter(is_qp & is_by_all).height:,} of them with all payers"
