"""What a calculation leaves to say: findings about who counts, what the claims can tell, and the scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from qpcli.calculation import Results, Tallied
from qpcli.findings import Finding, finding
from qpcli.regulation.advanced_apms import KnownApm, Standing, apms_of, known_apm
from qpcli.regulation.law import Law
from qpcli.rules.all_payer import is_excluded
from qpcli.rules.attribution_eligibility import CRITERIA
from qpcli.rules.lists import Lists
from qpcli.rules.snapshots import at, run_out_date
from qpcli.tables.all_payer_scores import NotAssessed
from qpcli.tables.other_payer import OTHER_PAYER
from qpcli.terms import Level, PayerType, QpOption, QpStatus


def remarks_on_inputs(
    tallied: Tallied, law: Law, *, last_service: date | None, last_processed: date | None
) -> Iterator[Finding]:
    """What is known before anything is scored; the newest dates are those of the whole claims input."""
    yield from about_entities(tallied.lists, law)
    yield from about_completeness(law, last_service, last_processed)
    counts = tallied.tally.counts.row(0, named=True)
    yield from about_lines(counts)
    yield from about_people(counts)
    if tallied.lists.other_payers is not None:
        yield from about_submissions(tallied.lists.other_payers.submissions, law)


def remarks_on_results(results: Results, law: Law) -> Iterator[Finding]:
    """What the results leave to say."""
    yield from about_attributed(results)
    yield from about_attributed_share(results, law)
    yield from about_scores(results)
    if results.all_payer_scores is not None:
        yield from about_all_payer_scores(results.all_payer_scores, results.determinations)


def about_entities(lists: Lists, law: Law) -> Iterator[Finding]:
    """Entities that do not count, each with its reason, and list entries that are ignored (414.1425)."""
    entities, known = lists.entities.sort("apm_entity_id"), apms_of(law.performance_year)
    for entity in entities.iter_rows(named=True):
        yield from _why_not_counted(entity, law)
        yield from _about_apm(entity, law, known)
    ignored = lists.entries.filter("is_ignored").group_by("apm_entity_id").agg(pl.col("entry_count").sum())
    for entity_id, count in ignored.sort("apm_entity_id").iter_rows():
        yield finding("affiliated_ignored", table="participants", rule=entity_id, count=count)
    listed = lists.entries.select("apm_entity_id")
    unlisted = lists.attributed_entities.join(listed, on="apm_entity_id", how="anti").height
    if unlisted:
        yield finding("attribution_without_participants", table="attribution", count=unlisted)


def _about_apm(entity: dict[str, Any], law: Law, known: Iterable[KnownApm]) -> Iterator[Finding]:
    """An entity taken as Advanced whose apm_id is exactly a name of an APM or track known not to be (414.1410)."""
    apm = known_apm(known, entity["apm_id"] or "")
    if entity["is_advanced"] and apm is not None and apm.standing is Standing.NOT_ADVANCED:
        rule, year = entity["apm_entity_id"], law.performance_year
        yield finding("apm_known_not_advanced", table="entities", rule=rule, apm=apm.name, year=year)


def _why_not_counted(entity: dict[str, Any], law: Law) -> Iterator[Finding]:
    rule = entity["apm_entity_id"]
    if not entity["is_advanced"]:
        yield finding("entity_not_advanced", table="entities", rule=rule)
    if entity["is_terminated"]:
        yield finding("entity_terminated", table="entities", rule=rule, date=entity["terminated_on"])
    needed = law.minimum_testing_days
    for snapshot in law.snapshots:
        if not entity[at("is_tested", snapshot)]:
            days, number = entity[at("tested_day_count", snapshot)], snapshot.number
            yield finding("entity_not_tested", table="entities", rule=rule, count=days, snapshot=number, needed=needed)


def about_completeness(law: Law, last_service: date | None, last_processed: date | None) -> Iterator[Finding]:
    """Snapshots that the claims or their run-out do not reach."""
    for snapshot in law.snapshots:
        rule = str(snapshot.number)
        cutoff = run_out_date(law, snapshot)
        if last_service is not None and last_service < snapshot.date:
            yield finding("claims_incomplete", table="claim_lines", rule=rule, date=last_service, until=snapshot.date)
        if last_processed is not None and last_processed < cutoff:
            yield finding("run_out_incomplete", table="claim_lines", rule=rule, date=last_processed, cutoff=cutoff)


def about_lines(counts: Mapping[str, int]) -> Iterator[Finding]:
    """Copies, cancellations without an original, versions that stand twice, lines under TINs that are not theirs."""
    codes = {
        "duplicate_lines": "copies",
        "orphan_cancellation": "orphan_cancellations",
        "net_count_above_one": "net_counts_above_one",
    }
    for code, name in codes.items():
        if counts[name]:
            yield finding(code, table="claim_lines", count=counts[name])
    for code, name in {"off_list_tin": "off_list", "off_list_pair": "off_list_pair"}.items():
        if lines := counts[f"{name}_lines"]:
            amount = f"{Decimal(counts[f'{name}_cents']) / 100:,.2f}"
            yield finding(code, table="claim_lines", count=lines, amount=amount)


def about_people(counts: Mapping[str, int]) -> Iterator[Finding]:
    """People without a row, facts that are unknown or disagree, lists whose ids do not join."""
    if without_row := counts["served_without_row"]:
        yield finding("no_beneficiary_row", table="beneficiaries", count=without_row)
    for table, rows in (("beneficiaries", "beneficiary_rows"), ("attribution", "attribution_rows")):
        if counts["served"] and counts[rows] and not counts[f"served_in_{table}"]:
            yield finding("ids_do_not_join", table=table)
    for name, count in counts.items():
        if name.startswith(_UNKNOWN) and count:
            yield finding("unknown_facts", table="beneficiaries", rule=name.removeprefix(_UNKNOWN), count=count)
    for name in ("birth_date", "death_date"):
        if counts[name]:
            yield finding("facts_disagree", table="beneficiaries", rule=name, count=counts[name])


_UNKNOWN = "is_unknown_"


def about_attributed(results: Results) -> Iterator[Finding]:
    """What became of the attributed people of each APM Entity."""
    for entity in results.attributed_people.iter_rows(named=True):
        yield from _about_attributed(entity)


def _about_attributed(entity: dict[str, Any]) -> Iterator[Finding]:
    """Attributed people who are removed, and who fail a criterion, by criterion (414.1305)."""
    rule = entity["apm_entity_id"]
    if entity["removed_count"]:
        yield finding("own_beneficiary_removed", table="attribution", rule=rule, count=entity["removed_count"])
    attributed = entity["attributed_count"] or 0
    fails = {name: entity[name] or 0 for name in CRITERIA}
    fails["has_qualifying_service"] = attributed - (entity["qualifying_count"] or 0)
    told = ", ".join(f"{name} {count:,}" for name, count in fails.items() if count)
    if attributed and told:
        yield finding("attributed_not_eligible", table="attribution", rule=rule, count=attributed, told=told)


MAX_ATTRIBUTED_PERCENT = 95
"""Above it the denominator holds hardly anybody but attributed people, and the score says nothing."""


def about_attributed_share(results: Results, law: Law) -> Iterator[Finding]:
    """APM Entities whose denominator at the newest snapshot holds almost only attributed people."""
    is_newest = (pl.col("level") == Level.APM_ENTITY.value) & (pl.col("snapshot") == law.snapshots[-1].number)
    people, attributed = pl.col("patient_denominator"), pl.col("patient_numerator")
    shares = results.threshold_scores.filter(is_newest & (people > 0)).with_columns(share=attributed * 10_000 // people)
    worst = shares.group_by("apm_entity_id").agg(pl.col("share").min()).sort("apm_entity_id")
    for entity_id, share in worst.filter(pl.col("share") > MAX_ATTRIBUTED_PERCENT * 100).iter_rows():
        words = f"{share // 100}.{share % 100:02d}"
        yield finding("denominator_is_attributed", table="threshold_scores", rule=entity_id, share=words)


def about_scores(results: Results) -> Iterator[Finding]:
    """Denominators below 0, and scores outside 0 to 100 because dollars net below 0."""
    scores = results.threshold_scores
    negative = scores.filter(pl.col("payment_denominator") < 0).height
    if negative:
        yield finding("negative_denominator", table="threshold_scores", rule="payment_amount", count=negative)
    outside = scores.filter(~pl.col("payment_score").is_between(0, 1_000_000)).height
    if outside:
        yield finding("score_out_of_range", table="threshold_scores", rule="payment_amount", count=outside)


def about_submissions(submissions: pl.DataFrame, law: Law) -> Iterator[Finding]:
    """Payers that are excluded, lack a method or are missing at a later snapshot (414.1440)."""
    assert law.all_payer is not None
    table = OTHER_PAYER.name
    asked = submissions.filter(pl.col("snapshot") <= law.snapshots[-1].number)
    for payer_type in sorted(law.all_payer.excluded_payers):
        if count := asked.filter(pl.col("payer_type") == payer_type.value).height:
            yield finding("other_payer_excluded", table=table, rule=payer_type.value, count=count)
    counted = asked.filter(~is_excluded(law.all_payer))
    is_medicaid = pl.col("payer_type") == PayerType.MEDICAID.value
    if count := asked.filter(is_medicaid).height - counted.filter(is_medicaid).height:
        yield finding("medicaid_unavailable", table=table, count=count)
    for column in ("payment_cents", "patient_count"):
        if count := counted.filter(pl.any_horizontal(pl.col(f"apm_{column}", f"total_{column}").is_null())).height:
            what = column.replace("_cents", "_amount")
            yield finding("other_payer_incomplete", table=table, rule=what, count=count)
    yield from _missing_payers(asked, counted, law)


def _missing_payers(asked: pl.DataFrame, counted: pl.DataFrame, law: Law) -> Iterator[Finding]:
    """Payers that counted for a subject and are not submitted at a later snapshot that has other submissions of it.

    Medicaid that is submitted, and no longer available, is not missing.
    """
    of_subject = ["level", "subject_id"]
    for snapshot in law.snapshots[1:]:
        here = asked.filter(pl.col("snapshot") == snapshot.number)
        before = counted.filter(pl.col("snapshot") < snapshot.number).select(*of_subject, "payer").unique()
        missing = before.join(here, on=of_subject, how="semi").join(here, on=[*of_subject, "payer"], how="anti")
        if missing.height:
            number, count = str(snapshot.number), missing.height
            yield finding("other_payer_missing_at_snapshot", table=OTHER_PAYER.name, rule=number, count=count)


_REASON_CODES = {
    NotAssessed.UNKNOWN_SUBJECT: "all_payer_unknown_subject",
    NotAssessed.AFFILIATED_PRACTITIONERS_ONLY: "all_payer_level_does_not_apply",
    NotAssessed.NOT_IN_ONE_APM_ENTITY: "all_payer_tin_refused",
    NotAssessed.NO_MEDICARE_SCORE: "all_payer_no_medicare_score",
}


def about_all_payer_scores(scores: pl.DataFrame, determinations: pl.DataFrame) -> Iterator[Finding]:
    """Subjects that were not assessed, by reason, and those who need no other payers or cannot be helped (414.1440)."""
    named = scores.with_columns(subject=pl.coalesce("npi", "tin", "apm_entity_id"))
    for reason, code in _REASON_CODES.items():
        by = "snapshot" if reason is NotAssessed.NOT_IN_ONE_APM_ENTITY else "level"
        yield from _counted(named.filter(pl.col("not_assessed_because") == reason.value), code, by)
    assessed = named.filter(pl.col("not_assessed_because").is_null())
    yield from _counted(_qps_without(assessed, determinations), "all_payer_not_needed", "level")
    below = pl.col("medicare_minimum_status").is_in([QpStatus.NOT_QP.value, QpStatus.NO_SCORE.value])
    yield from _counted(assessed.filter(below), "all_payer_below_minimum", "level")


def _qps_without(assessed: pl.DataFrame, determinations: pl.DataFrame) -> pl.DataFrame:
    """APM Entities and clinicians whom the Medicare Option alone makes QPs: it knows no TINs.

    The own Medicare score of a clinician is no result of that option in every year, so the determination is asked.
    """
    is_qp = pl.col("status") == QpStatus.QP.value
    by_medicare = determinations.filter(is_qp & (pl.col("determined_by_option") == QpOption.MEDICARE.value))
    of_entity = pl.col("level") == Level.APM_ENTITY.value
    entities = assessed.filter(of_entity & (pl.col("medicare_status") == QpStatus.QP.value))
    clinicians = assessed.filter(pl.col("level") == Level.NPI.value)
    return pl.concat([entities, clinicians.join(by_medicare, on=["npi", "snapshot"], how="semi")])


def _counted(rows: pl.DataFrame, code: str, by: str) -> Iterator[Finding]:
    """Distinct subjects by level or snapshot."""
    for rule, count in rows.group_by(by).agg(pl.col("subject").n_unique()).sort(by).iter_rows():
        yield finding(code, table=OTHER_PAYER.name, rule=str(rule), count=count)
