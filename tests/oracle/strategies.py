"""Hypothesis strategies that make small worlds in which the hard rules meet.

Every choice comes from a short list whose first value is the plain one, so that a failing world shrinks to
plain rows; dates cluster on the days on which a rule turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .oracle_law import OPEN_POINTS, snapshot_date
from .world import Row, World

Span = tuple[date | None, date | None]

YEARS = [2024, 2026, 2025, 2020, 2021, 2026, 2023, 2017, 2018, 2019, 2022, 2027]
ENTITIES = ["E1", "E2", "E10", "E3", "E4"]
ELSEWHERE = "E9"  # an entity of the attribution file alone
NPIS = [f"100000000{n}" for n in range(1, 7)]
TINS = ["100000001", "012345678", "100000003"]
LATE_NPI = "1000000007"
OFF_LIST_NPI, OFF_LIST_TIN = "1999999999", "999999999"
BENEFICIARIES = [f"B{n}" for n in range(1, 9)]
MOST_LINES = 40
A_DAY = timedelta(days=1)

EM_CODE_SETS = {"imaging": ["93306", "71046", "J1100"], "visits": ["99204", "G0439", "93306"]}
HCPCS = [
    *("99213", "99214", "99204", "99213", "99214", "99204", "99499", "G0439") * 4,
    *("93306", "93306", "93306", "71046", "71046"),
    *("00100", "0100T", "80503", "86485", "Q0091", "99200", "G2212", "G0316", "G0556", " g0402 "),
    *("80053", "36415", "J1100", "A0428", "0001U", "G0463", "U0003", "T1015", " j0170"),
]
RUN_OUT_DAYS = ("60", "0", "30", "91")


def mostly(usual: Any, *others: Any, share: int) -> SearchStrategy[Any]:
    """The usual value in about `share` percent of the draws, else one of the others."""
    times = max(1, round(len(others) * share / (100 - share)))
    return st.sampled_from([usual] * times + list(others))


@st.composite
def up_to(draw: DrawFn, most: int, elements: SearchStrategy[Any]) -> list[Any]:
    """Lists of every length alike (Hypothesis alone makes mostly short ones), the longer half twice as often."""
    lengths = sorted([*range(most + 1), *range(most // 2, most + 1)])
    return [draw(elements) for _ in range(draw(st.sampled_from(lengths)))]


@dataclass(frozen=True)
class Calendar:
    """The days of a performance year on which rules turn."""

    year: int
    run_out: int

    def day(self, month: int, day: int) -> date:
        """A day of the year."""
        return date(self.year, month, day)

    def end(self, snapshot: int, days: int = 0) -> date:
        """A snapshot date, or so many days after it."""
        return snapshot_date(self.year, snapshot) + timedelta(days=days)

    def services(self, entities: Sequence[Row]) -> list[date]:
        """Service dates: plain ones, then the edges of the period, the snapshots and the testing windows."""
        plain = [self.day(month, day) for month, day in ((2, 10), (1, 15), (3, 2), (5, 5), (5, 20), (7, 9), (8, 12))]
        edges = [self.day(1, 1), self.day(12, 31) - timedelta(days=366), self.day(10, 1)]
        edges += [self.end(snapshot, days) for snapshot in (1, 2, 3) for days in (0, 1)]
        starts = [row["active_from"] for row in entities if row.get("active_from")]
        ends = [row["active_to"] for row in entities if row.get("active_to")]
        inside, outside = [*starts, *ends], [day - A_DAY for day in starts] + [day + A_DAY for day in ends]
        return plain * 4 + edges + (inside + outside) * 2

    def windows(self) -> list[Span]:
        """Testing windows around 60 days."""
        after = [(self.end(k, -59 + late), None) for k in (1, 2, 3) for late in (0, 1)]
        first = self.day(1, 1)
        before: list[Span] = [(None, first + timedelta(days=59)), (first, first + timedelta(days=58))]
        others: list[Span] = [(self.day(5, 15), None), (self.day(2, 1), self.day(7, 31)), (None, self.day(8, 30))]
        return [*after, *others, *before]

    def cut_offs(self) -> list[date]:
        """The last day of each run-out, and the day after."""
        return [self.end(snapshot, self.run_out + late) for snapshot in (1, 2, 3) for late in (0, 1)]

    def stays(self) -> list[Span]:
        """Spans of list entries and attribution rows that begin or end around the list dates."""
        joining = [self.end(k, late) for k in (1, 2, 3) for late in (0, 1)]
        leaving = [self.end(k, early) for k in (1, 2, 3) for early in (-1, 0)]
        spans: list[Span] = [(day, None) for day in joining] + [(None, day) for day in leaving]
        spans += [(self.end(2), self.end(2)), (self.end(1, 1), self.end(2, -1)), (self.day(1, 1), self.day(12, 31))]
        return [*spans, (self.day(12, 31), None), (self.day(9, 1), self.day(12, 30))]

    def late_stays(self) -> list[Span]:
        """Spans of those who come after the first list dates."""
        last_days: list[Span] = [(self.day(12, 31), None), (self.day(9, 1), self.day(12, 30))]
        return [(self.end(3, 1), None), (self.end(2, 1), None), (self.end(3), self.end(3)), *last_days]

    def births(self) -> list[date | None]:
        """Eighteenth birthdays at the edges."""
        days = [self.end(k, late) for k in (1, 2, 3) for late in (0, 1)]
        days += [self.day(1, 1), self.day(1, 2), self.day(7, 4)]
        return [None, *(day.replace(year=day.year - 18) for day in days)]

    def deaths(self) -> list[date | None]:
        """Deaths on and beside the first of a month."""
        days = [(1, 1), (1, 2), (2, 28), (3, 1), (4, 30), (5, 1), (6, 1), (7, 31), (8, 1), (8, 31), (9, 1)]
        return [date(self.year - 1, 12, 31), *(self.day(*day) for day in days)]


# Entities and their lists


@st.composite
def entity_rows(draw: DrawFn, calendar: Calendar, entity_id: str) -> Row:
    """One row of the entities file."""
    september, august = calendar.day(9, 10), calendar.day(8, 15)
    window = draw(mostly((None, None), *calendar.windows(), share=82))
    terminations = [(august, True), (calendar.end(3, -1), True), (calendar.end(3), True), (september, False)]
    termination = draw(mostly((None, None), *terminations, (september, True), (None, False), share=80))
    return {
        "apm_entity_id": entity_id,
        "is_advanced": draw(mostly(True, False, None, False, share=85)),
        "active_from": window[0],
        "active_to": window[1],
        "terminated_on": termination[0],
        "bears_risk": termination[1],
        "is_episode_based": draw(mostly(False, True, True, None, share=62)),
        "removes_prospective_elsewhere": draw(mostly(None, True, False, False, share=60)),
        "em_code_set": draw(mostly(None, *EM_CODE_SETS, share=80)),
        "is_mips_apm": draw(mostly(True, False, None, False, share=75)),
    }


@st.composite
def entities(draw: DrawFn, calendar: Calendar, entity_ids: list[str]) -> list[Row]:
    """The entities file; in many worlds only the last entities are out of the ordinary."""
    plain = draw(st.sampled_from([5, 2, 1, 0, 0]))
    rows: list[Row] = [{"apm_entity_id": id_} for id_ in entity_ids[:plain]]
    return rows + [draw(entity_rows(calendar, id_)) for id_ in entity_ids[plain:]]


@st.composite
def participant_rows(draw: DrawFn, calendar: Calendar, entity_id: str, npis: list[str]) -> list[Row]:
    """One entity's lists: a Participation List, an Affiliated Practitioner List, or both."""
    mixed = ["participation", "affiliated"]
    kinds = draw(mostly(["participation", None], ["affiliated"], ["affiliated"], mixed, share=64))
    entry = st.fixed_dictionaries(
        {
            "tin": st.sampled_from(TINS),
            "npi": st.sampled_from(npis),
            "stay": mostly((None, None), *calendar.stays(), share=65),
            "list_type": st.sampled_from(kinds),
        }
    )
    rows = [_with_stay({"apm_entity_id": entity_id} | row) for row in draw(st.lists(entry, min_size=1, max_size=6))]
    if draw(mostly(False, True, share=85)):
        late = draw(st.sampled_from(calendar.late_stays()))
        rows.append(_with_stay(rows[0] | {"npi": LATE_NPI, "stay": late}))
    if kinds == ["affiliated"] and draw(mostly(False, True, share=80)):
        rows.append(rows[0] | _last_year(calendar))
    return rows


def _last_year(calendar: Calendar) -> Row:
    """A Participation List entry that ended before the year does not make a Participation List entity."""
    return {"list_type": "participation", "start_date": None, "end_date": date(calendar.year - 1, 12, 31)}


def _with_stay(row: Row) -> Row:
    start, end = row.pop("stay")
    return row | {"start_date": start, "end_date": end}


# Beneficiaries and their attribution

USUAL_BIRTH = date(1950, 6, 1)
FACTS = {
    "has_part_a": True,
    "has_part_b": True,
    "is_managed_care": False,
    "is_medicare_secondary": False,
    "is_us_resident": True,
}
FAULTS = [{name: value} for name, usual in FACTS.items() for value in (not usual, None)]


def coverages(calendar: Calendar) -> SearchStrategy[Any]:
    """Coverage spans, each with whether it is the one that may be at fault."""
    day = calendar.day
    return mostly(
        [(None, None, True)],
        [(day(1, 1), day(12, 31), True)],
        [(None, day(4, 30), False), (day(5, 1), None, True)],
        [(None, day(6, 30), True), (day(7, 1), None, False)],
        [(None, None, False), (day(3, 15), day(6, 15), True)],
        [(None, None, False), (day(3, 2), day(3, 31), True)],
        [(None, day(4, 30), False), (day(6, 1), None, True)],
        [(None, day(4, 10), False), (day(4, 20), None, False)],
        [(None, day(4, 30), False), (day(5, 2), None, False)],
        [(day(1, 2), None, False)],
        [(None, day(8, 1), False)],
        [(None, day(7, 31), False)],
        [],
        share=65,
    )


@st.composite
def beneficiary_rows(draw: DrawFn, calendar: Calendar, bene_id: str) -> list[Row]:
    """One beneficiary's coverage spans; the rows may disagree about birth and death."""
    fault = draw(mostly({}, *FAULTS, share=70))
    birth = draw(mostly(USUAL_BIRTH, *calendar.births(), share=82))
    death = draw(mostly(None, *calendar.deaths(), share=86))
    person: Row = {"bene_id": bene_id, "birth_date": birth, "death_date": death}
    rows = [
        person | FACTS | {"start_date": start, "end_date": end} | (fault if is_at_fault else {})
        for start, end, is_at_fault in draw(coverages(calendar))
        if not (start and death and start > death)
    ]
    if rows and death and draw(mostly(True, False, share=75)):
        rows[-1] |= {"end_date": death}
    other_births, other_deaths = st.sampled_from(calendar.births()), st.sampled_from(calendar.deaths())
    if rows and draw(mostly(False, True, share=92)):
        rows.append(rows[0] | {"birth_date": draw(other_births), "death_date": draw(st.none() | other_deaths)})
    return rows


@st.composite
def beneficiaries(draw: DrawFn, calendar: Calendar) -> list[Row]:
    """The beneficiaries file; in many worlds only the last people are out of the ordinary."""
    plain = draw(st.sampled_from([8, 5, 3, 2, 0, 0]))
    rows: list[Row] = [{"bene_id": bene_id, "birth_date": USUAL_BIRTH} | FACTS for bene_id in BENEFICIARIES[:plain]]
    drawn = [row for bene_id in BENEFICIARIES[plain:] for row in draw(beneficiary_rows(calendar, bene_id))]
    return rows + drawn


def attribution_rows(calendar: Calendar, entity_ids: list[str]) -> SearchStrategy[Row]:
    """One row of an attribution list."""
    no_end, no_start = (calendar.day(3, 1), None), (None, calendar.day(6, 30))
    episodes = [(calendar.day(2, 10), calendar.day(5, 5)), (calendar.day(5, 6), calendar.day(9, 30))]
    whole_year = (calendar.day(1, 1), calendar.day(12, 31))
    columns = {
        "apm_entity_id": st.sampled_from(entity_ids * 3 + [ELSEWHERE]),
        "bene_id": st.sampled_from(BENEFICIARIES),
        "stay": mostly((None, None), *calendar.stays(), share=65),
        "is_prospective": mostly(False, True, True, None, share=70),
        "episode": mostly(whole_year, *episodes, (None, None), no_end, no_start, share=40),
    }
    return st.fixed_dictionaries(columns).map(_with_stay).map(_with_episode)


def _with_episode(row: Row) -> Row:
    start, end = row.pop("episode")
    return row | {"episode_start_date": start, "episode_end_date": end}


# Claims: a story is one claim line and what became of it

SETTINGS = [
    {"setting": None},
    *[{"setting": setting, "hcpcs": "T1015", "tin": None} for setting in ("rhc", "fqhc")],
    *[{"setting": "rhc", "hcpcs": "99213"}, {"setting": "fqhc", "hcpcs": None, "tin": None}],
    *[{"setting": "cah_method_ii"}, {"setting": "cah_method_ii", "tin": None}],
    *[{"setting": "other"}, {"setting": "professional", "hcpcs": " "}, {"setting": "professional", "tin": None}],
    *[{"npi": None}, {"npi": "12345"}, {"npi": OFF_LIST_NPI}, {"tin": OFF_LIST_TIN}, {"tin": "12-3456789"}],
]
OUTCOMES = [
    *("kept", "cancelled", "cancelled", "cancelled_late", "cancelled_but_denied", "orphan_cancellation", "replaced"),
    *("replaced_without_cancellation", "replaced_late", "redelivered", "two_versions", "negative", "negative"),
    *("denied", "withheld", "excluded"),
]
AMOUNTS = [Decimal(text) for text in ("80.00", "100.00", "33.33", "120.50", "250.00", "0.01", "0.00", "80.00")]
LARGEST = Decimal("10000000.00")


def stories(calendar: Calendar, pairs: list[tuple[str, str]], services: list[date]) -> SearchStrategy[list[Row]]:
    """One claim line with its cancellations, replacements and second deliveries, without its claim number."""
    columns = {
        "bene_id": st.sampled_from(BENEFICIARIES),
        "pair": st.sampled_from(pairs),
        "hcpcs": st.sampled_from(HCPCS),
        "service_date": st.sampled_from(services),
        "processed_date": mostly("usual", None, *calendar.cut_offs(), share=78),
        "paid_amount": mostly(Decimal("80.00"), *AMOUNTS, *AMOUNTS, *AMOUNTS, LARGEST, share=30),
        "special": mostly(SETTINGS[0], *SETTINGS[1:], share=78),
    }
    outcomes, cut_offs = mostly(OUTCOMES[0], *OUTCOMES[1:], share=66), st.sampled_from(calendar.cut_offs())
    return st.builds(_story, st.fixed_dictionaries(columns), outcomes, cut_offs)


def _story(drawn: Row, outcome: str, cut_off: date) -> list[Row]:
    (tin, npi), special = drawn.pop("pair"), drawn.pop("special")
    line = drawn | {"tin": tin, "npi": npi} | special
    usual = line["service_date"] + timedelta(days=14)
    if line["processed_date"] == "usual":
        line["processed_date"] = usual
    return _deliveries(line, outcome, usual, cut_off)


def _deliveries(line: Row, outcome: str, usual: date, cut_off: date) -> list[Row]:
    """The rows that are delivered for a line with this outcome."""
    cancellation = line | {"adjustment": "cancellation"}
    replacement = line | {"adjustment": "replacement", "paid_amount": Decimal("60.00")}
    late, messy = {"processed_date": cut_off}, {"hcpcs": f" {(line['hcpcs'] or '').lower()} "}
    negative = {"paid_amount": -line["paid_amount"]}
    return {
        "kept": [line],
        "cancelled": [line, cancellation | {"processed_date": usual} | negative],
        "cancelled_late": [line, cancellation | late],
        "cancelled_but_denied": [line, cancellation | {"is_denied": True}],
        "orphan_cancellation": [cancellation],
        "replaced": [line, cancellation, replacement],
        "replaced_without_cancellation": [line, replacement],
        "replaced_late": [line, cancellation | late, replacement | late],
        "redelivered": [line, line | messy],
        "two_versions": [line | {"claim_version": "1"}, line | {"claim_version": "2"}],
        "negative": [line | negative],
        "denied": [line | {"is_denied": True}],
        "withheld": [line | {"withheld_amount": Decimal("45.00"), "paid_amount": Decimal("5.00")}],
        "excluded": [line | {"excluded_amount": Decimal("3.00")}],
    }[outcome]


def _numbered(told: list[list[Row]]) -> list[Row]:
    """Two stories share a claim number, each a line number of its own."""
    rows = []
    for number, story in enumerate(told):
        rows += [{"claim_id": f"C{number // 2}", "line_number": number % 2 + 1} | row for row in story]
    return rows[:MOST_LINES]


# Worlds


def assumptions() -> SearchStrategy[dict[str, str]]:
    """No assumption in many worlds, else one to seven open points with any of their values."""
    values = OPEN_POINTS | {"claims_run_out_days": RUN_OUT_DAYS}
    chances = [*values, *["individual_claims", "individual_criterion_6", "attribution_list_date"] * 2]
    names = st.lists(st.sampled_from([*chances, "age_reached_by"]), min_size=1, max_size=7, unique=True)
    some = names.flatmap(lambda chosen: st.fixed_dictionaries({n: _value(values[n]) for n in chosen}))
    return mostly(False, True, share=40).flatmap(lambda is_some: some if is_some else st.just({}))


def _value(values: Sequence[str]) -> SearchStrategy[str]:
    """The default, which comes first, less often than the others."""
    return st.sampled_from([*values, *values[1:], *values[1:]])


@st.composite
def worlds(draw: DrawFn) -> World:
    """A whole small world, without input errors."""
    assumed = draw(assumptions())
    calendar = Calendar(draw(st.sampled_from(YEARS)), int(assumed.get("claims_run_out_days", "60")))
    entity_ids = ENTITIES[: draw(st.sampled_from([1, 2, 2, 3, 3, 4, 5]))]
    npis = NPIS[: draw(st.sampled_from([2, 1, 1, 3, 4, 6]))]
    participants = [row for id_ in entity_ids for row in draw(participant_rows(calendar, id_, npis))]
    listed = [(row["tin"], row["npi"]) for row in participants]
    pairs = listed * 6 + [(tin, npi) for tin in (*TINS, OFF_LIST_TIN) for _, npi in listed]
    entity_file = draw(entities(calendar, entity_ids)) if draw(mostly(True, False, share=88)) else None
    told = stories(calendar, pairs, calendar.services(entity_file or ()))
    return World(
        performance_year=calendar.year,
        claim_lines=_numbered(draw(up_to(35, told))),
        beneficiaries=draw(beneficiaries(calendar)),
        participants=participants,
        attribution=draw(up_to(20, attribution_rows(calendar, entity_ids))),
        entities=entity_file,
        assumptions=assumed,
        snapshots=draw(mostly((1, 2, 3), (1,), (1, 2), share=88)),
        em_code_sets=EM_CODE_SETS,
    )
