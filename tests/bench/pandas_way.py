"""The entity level of a determination of 2025 as an analyst writes it in pandas: text keys, one pass per snapshot.

python -m tests.bench.pandas_way CLAIMS LISTS OUT
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

REGULATION = Path(__file__).parents[2] / "qpcli" / "regulation" / "data"
FIRST_DAY, LAST_DAY = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-08-31")
SNAPSHOTS = {1: pd.Timestamp("2025-03-31"), 2: pd.Timestamp("2025-06-30"), 3: LAST_DAY}
RUN_OUT = pd.Timedelta(days=60)
NATURAL_KEY = ["bene_id", "claim_id", "line_number", "adjustment", "processed_date"]
FAMILY = ["claim_id", "line_number", "npi", "tin", "bene_id", "service_date", "hcpcs", "setting"]
AMOUNTS = ["paid_amount", "withheld_amount", "excluded_amount"]
WITHOUT_TIN = ["cah_method_ii", "rhc", "fqhc"]


def threshold_scores(claims: Path, lists: Path) -> pd.DataFrame:
    """One row per APM Entity with a Participation List and snapshot; amounts in cents. ValueError on contradictions."""
    lines = claim_lines(claims)
    participants, attribution = _read(lists, "participants"), _read(lists, "attribution")
    entities = counting_entities(_read(lists, "entities"), participants)
    people = _read(lists, "beneficiaries")
    rows = []
    for number, day in SNAPSHOTS.items():
        standing = services(lines, day)
        eligible = eligible_people(people, day)
        in_force = attribution[_in_force(attribution, day)]
        for entity in entities[entities[f"counts_{number}"]].itertuples():
            group = members(participants, entity.apm_entity_id, number)
            if not group.empty:
                own = services_of(standing, group, entity, day)
                rows.append(score(own, eligible, attribution, in_force, entity, number))
    return pd.DataFrame(rows)


def _read(lists: Path, name: str) -> pd.DataFrame:
    table = pd.read_parquet(lists / f"{name}.parquet")
    dates = [column for column in table.columns if column.endswith(("_date", "_from", "_to", "_on"))]
    return table.assign(**{column: pd.to_datetime(table[column]) for column in dates})


def claim_lines(claims: Path) -> pd.DataFrame:
    """Claim lines without copies, amounts in cents and signed."""
    lines = pd.read_parquet(claims)
    for name in AMOUNTS:
        lines[name] = (lines[name].astype(float) * 100).round().astype("int64")
    for name in ("service_date", "processed_date"):
        lines[name] = pd.to_datetime(lines[name])
    is_cancellation = lines["adjustment"] == "cancellation"
    lines[AMOUNTS] = lines[AMOUNTS].mask(is_cancellation, lines[AMOUNTS].abs())
    lines = lines.drop_duplicates()
    if lines.duplicated(NATURAL_KEY).any():
        raise ValueError("duplicate_conflict")
    lines["sign"] = 1
    lines.loc[is_cancellation, "sign"] = -1
    lines["cents"] = lines["sign"] * (lines["paid_amount"] + lines["withheld_amount"] - lines["excluded_amount"])
    return lines.drop(columns=AMOUNTS)


def services(lines: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Covered professional, RHC and FQHC services that stand at a snapshot, cancellations netted."""
    is_served = lines["service_date"].between(FIRST_DAY, day)
    is_in_time = lines["processed_date"].isna() | (lines["processed_date"] <= day + RUN_OUT)
    visible = lines[is_served & is_in_time & ~lines["is_denied"]]
    cancelled = visible.loc[visible["adjustment"] == "cancellation", ["bene_id", "claim_id", "line_number"]]
    marked = visible.merge(cancelled.drop_duplicates(), how="left", indicator="found")
    is_alone = marked["found"] == "left_only"
    netted = marked[~is_alone].groupby(FAMILY, dropna=False)[["sign", "cents"]].sum().reset_index()
    standing = pd.concat([marked.loc[is_alone, [*FAMILY, "sign", "cents"]], netted[netted["sign"] >= 1]])
    codes = standing["hcpcs"].dropna().unique()
    not_covered = _listed_codes(codes, "covered_service_exclusions.csv")
    is_physician = standing["setting"].isin(["professional", "cah_method_ii"])
    standing["is_covered"] = is_physician & standing["hcpcs"].notna() & ~standing["hcpcs"].isin(not_covered)
    standing["is_em"] = standing["is_covered"] & standing["hcpcs"].isin(_listed_codes(codes, "em_services.csv"))
    return standing[standing["is_covered"] | standing["setting"].isin(["rhc", "fqhc"])]


def _listed_codes(codes: Any, file: str) -> set[str]:
    """The codes in some range of a list; every range of 2025 is in force all through the period."""
    ranges = pd.read_csv(REGULATION / file, dtype=str)
    bounds = list(zip(ranges["code_from"], ranges["code_to"], strict=True))
    return {code for code in codes if any(_is_between(code, *bound) for bound in bounds)}


def _is_between(code: str, first: str, last: str) -> bool:
    def shape(text: str) -> str:
        return "".join("9" if letter.isdigit() else letter for letter in text)

    return shape(code) == shape(first) and first <= code <= last


def counting_entities(entities: pd.DataFrame, participants: pd.DataFrame) -> pd.DataFrame:
    """Advanced, not terminated, tested for 60 days by the snapshot, with a Participation List."""
    with_list = participants.loc[participants["list_type"] == "participation", "apm_entity_id"]
    left = entities["terminated_on"].notna()
    is_terminated = left & ((entities["terminated_on"] < LAST_DAY) | ~entities["bears_risk"])
    is_candidate = entities["is_advanced"] & ~is_terminated & entities["apm_entity_id"].isin(with_list)
    first = entities["active_from"].fillna(FIRST_DAY).clip(lower=FIRST_DAY)
    for number, day in SNAPSHOTS.items():
        last = entities["active_to"].fillna(day).clip(upper=day)
        entities[f"counts_{number}"] = is_candidate & ((last - first).dt.days + 1 >= 60)
    return entities.assign(first_day=first, last_day=entities["active_to"].fillna(LAST_DAY))


def _in_force(rows: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    return (rows["start_date"].isna() | (rows["start_date"] <= day)) & (
        rows["end_date"].isna() | (rows["end_date"] >= day)
    )


def members(participants: pd.DataFrame, apm_entity_id: str, number: int) -> pd.DataFrame:
    """TIN/NPI pairs on the Participation List on the date of any snapshot so far."""
    is_own = (participants["apm_entity_id"] == apm_entity_id) & (participants["list_type"] == "participation")
    own = participants[is_own]
    so_far = [own[_in_force(own, day)] for snapshot, day in SNAPSHOTS.items() if snapshot <= number]
    return pd.concat(so_far)[["tin", "npi"]].drop_duplicates()


def services_of(standing: pd.DataFrame, group: pd.DataFrame, entity: Any, day: pd.Timestamp) -> pd.DataFrame:
    """The group's services within the entity's window; institutional lines without a TIN go by their NPI."""
    of_members = standing[standing["npi"].isin(group["npi"])]
    listed = of_members.merge(group, on=["tin", "npi"])
    is_blank = of_members["tin"].isna() & of_members["setting"].isin(WITHOUT_TIN)
    own = pd.concat([listed, of_members[is_blank]], ignore_index=True)
    return own[own["service_date"].between(entity.first_day, min(entity.last_day, day))]


def eligible_people(people: pd.DataFrame, day: pd.Timestamp) -> pd.Index:
    """Who meets criteria (1) to (5): every span that covers the first day of a living month, and there is one."""
    facts = people.groupby("bene_id")[["birth_date", "death_date"]].min()
    is_good = people[["has_part_a", "has_part_b", "is_us_resident"]].eq(True).all(axis="columns")
    is_good &= people[["is_managed_care", "is_medicare_secondary"]].eq(False).all(axis="columns")
    met = facts["birth_date"] <= day - pd.DateOffset(years=18)
    living_month_count = 0
    for first in pd.date_range(FIRST_DAY, day, freq="MS"):
        covering = _in_force(people, first)
        good = is_good[covering].groupby(people["bene_id"]).all().reindex(facts.index, fill_value=False)
        is_alive = facts["death_date"].isna() | (facts["death_date"] >= first)
        living_month_count += is_alive.astype(int)
        met &= good | ~is_alive
    return facts.index[met & (living_month_count > 0)]


def score(
    own: pd.DataFrame, eligible: pd.Index, attribution: pd.DataFrame, in_force: pd.DataFrame, entity: Any, number: int
) -> dict[str, object]:
    """Numerators and denominators of one entity at one snapshot."""
    id_ = entity.apm_entity_id
    is_elsewhere = in_force["is_prospective"] & (in_force["apm_entity_id"] != id_)
    removed = in_force.loc[is_elsewhere & entity.removes_prospective_elsewhere, "bene_id"]
    qualifying = own.loc[own["is_em"], "bene_id"]
    is_eligible = own["bene_id"].isin(qualifying) & own["bene_id"].isin(eligible) & ~own["bene_id"].isin(removed)
    own = own[is_eligible]
    attributed = own[_is_attributed(own, attribution, in_force, entity)]
    return {
        "snapshot": number,
        "level": "apm_entity",
        "apm_entity_id": id_,
        "npi": None,
        "payment_numerator": int(attributed.loc[attributed["is_covered"], "cents"].sum()),
        "payment_denominator": int(own.loc[own["is_covered"], "cents"].sum()),
        "patient_numerator": attributed["bene_id"].nunique(),
        "patient_denominator": own["bene_id"].nunique(),
    }


def _is_attributed(own: pd.DataFrame, attribution: pd.DataFrame, in_force: pd.DataFrame, entity: Any) -> pd.Series:
    """By the list in force, or for an episode-based entity by an episode on the day of the service."""
    if not entity.is_episode_based:
        return own["bene_id"].isin(in_force.loc[in_force["apm_entity_id"] == entity.apm_entity_id, "bene_id"])
    episodes = attribution.loc[
        attribution["apm_entity_id"] == entity.apm_entity_id, ["bene_id", "episode_start_date", "episode_end_date"]
    ]
    paired = own.reset_index()[["index", "bene_id", "service_date"]].merge(episodes, on="bene_id")
    inside = paired["service_date"].between(paired["episode_start_date"], paired["episode_end_date"])
    return own.index.to_series().isin(paired.loc[inside, "index"])


if __name__ == "__main__":
    claims, lists, out = (Path(path) for path in sys.argv[1:])
    threshold_scores(claims, lists).to_parquet(out, index=False)
