"""Entities, clinicians and attribution lists of a sample cover what can happen to a list."""

from __future__ import annotations

from datetime import date

import polars as pl

from tests.sample.made import Sample

LIST_DATES = [date(2025, 3, 31), date(2025, 6, 30), date(2025, 8, 31), date(2025, 12, 31)]


def on_list(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    starts, ends = pl.col("start_date"), pl.col("end_date")
    return rows.filter((starts.is_null() | (starts <= day)) & (ends.is_null() | (ends >= day)))


def npis_on(sample: Sample, day: date) -> set[str]:
    return set(on_list(sample.participants, day)["npi"])


def test_entities_are_advanced_or_not_terminated_new_episode_based_or_affiliated(sample: Sample) -> None:
    entities = sample.entities
    assert entities.filter(~pl.col("is_advanced")).height == 1
    assert entities.filter(pl.col("terminated_on") < date(2025, 8, 31)).height == 1
    assert entities.filter((pl.col("terminated_on") > date(2025, 8, 31)) & pl.col("bears_risk")).height == 1
    assert entities.filter(pl.col("active_from").is_between(date(2025, 5, 3), date(2025, 7, 3))).height == 1
    assert entities.filter(pl.col("is_episode_based")).height == 1
    assert entities.filter(~pl.col("is_mips_apm")).height == 1
    lists = sample.participants.group_by("apm_entity_id").agg(pl.col("list_type").unique())
    assert lists.height == entities.height
    assert lists.filter(pl.col("list_type").list.join(",") == "affiliated").height == 1


def test_one_entity_has_clinicians_and_no_claims(sample: Sample) -> None:
    billing = sample.participants.join(sample.claim_lines.select("npi").unique(), on="npi")
    assert sample.entities.height - billing["apm_entity_id"].n_unique() == 1


def test_entities_bill_under_several_tins_and_some_clinicians_too(sample: Sample) -> None:
    tins = sample.participants.group_by("apm_entity_id").agg(pl.col("tin").n_unique())
    assert (tins["tin"] >= 2).sum() >= 10
    pairs = sample.participants.group_by("apm_entity_id", "npi").agg(pl.col("tin").n_unique())
    assert (pairs["tin"] == 2).any()


def test_there_are_late_joiners_leavers_and_december_only_clinicians(sample: Sample) -> None:
    first, second, third, december = (npis_on(sample, day) for day in LIST_DATES)
    assert second - first and third - first - second
    assert first - second - third and (first | second) - third
    assert december - first - second - third
    assert set(sample.participants["npi"]) - first - second - third - december


def test_some_clinicians_are_in_two_entities(sample: Sample) -> None:
    entities = sample.participants.group_by("npi").agg(pl.col("apm_entity_id").unique().sort())
    several = {tuple(each) for each in entities["apm_entity_id"].to_list() if len(each) > 1}
    assert {("SYN01", "SYN03"), ("SYN05", "SYN06"), ("SYN06", "SYN08")} <= several


def test_some_people_are_prospective_at_one_entity_and_listed_by_another(sample: Sample) -> None:
    prospective = set(sample.attribution.filter("is_prospective")["bene_id"])
    elsewhere = set(sample.attribution.filter(~pl.col("is_prospective"))["bene_id"])
    assert prospective & elsewhere


def test_one_entity_loses_most_of_its_list_after_the_first_snapshot(sample: Sample) -> None:
    own = sample.attribution.filter(pl.col("apm_entity_id") == "SYN07")
    assert on_list(own, LIST_DATES[1]).height * 5 < on_list(own, LIST_DATES[0]).height


def test_attribution_lists_change_between_the_snapshots(sample: Sample) -> None:
    first, second = (set(on_list(sample.attribution, day)["bene_id"]) for day in LIST_DATES[:2])
    assert first - second and second - first


def test_only_the_episode_based_entity_has_episodes_and_a_few_are_missing(sample: Sample) -> None:
    has_episode = pl.col("episode_start_date").is_not_null()
    assert set(sample.attribution.filter(has_episode)["apm_entity_id"]) == {"SYN12"}
    assert sample.attribution.filter((pl.col("apm_entity_id") == "SYN12") & ~has_episode).height > 0
    assert sample.attribution.filter(has_episode & pl.col("episode_end_date").is_null()).height == 0
