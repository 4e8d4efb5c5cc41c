"""What follows for MIPS: who elects for a Partial QP, the scoring weights of MIPS APMs (42 CFR 414.1310, 414.1370)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from qpcli.regulation.data_files import DATA, Row, contradiction, read_histories
from qpcli.regulation.law import Evidence
from qpcli.terms import Level

FILE = "mips.toml"
SOURCE_KEYS = {"authority", "citation", "evidence"}
ELECTION_KEYS = {"levels", "elects", "by_election", "without_election", "until"} | SOURCE_KEYS
CATEGORIES = ("quality", "cost", "improvement_activities", "advancing_care_information")
WEIGHT_KEYS = {"payment_year", "who", *CATEGORIES} | SOURCE_KEYS


@dataclass(frozen=True, slots=True)
class PartialQpElection:
    """Who elects whether Partial QPs take part in MIPS where their status was decided at one of the levels."""

    levels: tuple[Level, ...]
    elects: str
    by_election: str
    without_election: str
    until: str
    authority: str
    citation: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class MipsWeights:
    """Weights of the performance categories in percent of the final score, for one kind of participant."""

    payment_year: int
    who: str
    quality: int
    cost: int
    improvement_activities: int
    advancing_care_information: int
    authority: str
    citation: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Mips:
    """What the regulation data say of MIPS."""

    elections: tuple[PartialQpElection, ...]
    weights: tuple[MipsWeights, ...]

    def weights_of(self, payment_year: int) -> tuple[MipsWeights, ...]:
        """The weights of a payment year; none where the data hold none."""
        return tuple(weights for weights in self.weights if weights.payment_year == payment_year)

    def election(self, level: Level) -> PartialQpElection:
        """Who elects for a Partial QP whose status was decided at a level."""
        return next(election for election in self.elections if level in election.levels)


def load_mips(folder: Traversable = DATA) -> Mips:
    """The data; QP502 when weights are no whole or a level has no or several electors."""
    rows = read_histories(folder, FILE)
    if set(rows) != {"partial_qp_election", "weights"}:
        raise contradiction(FILE, "the tables are [[partial_qp_election]] and [[weights]]")
    elections = tuple(_election(row) for row in rows["partial_qp_election"])
    if sorted(level for election in elections for level in election.levels) != sorted(Level):
        raise contradiction(FILE, "each level has one elector")
    return Mips(elections, tuple(_weights(row) for row in rows["weights"]))


def _election(row: Row) -> PartialQpElection:
    row.expect(ELECTION_KEYS)
    return PartialQpElection(
        levels=tuple(row.as_member(name, Level) for name in row.texts("levels")),
        elects=row.text("elects"),
        by_election=row.text("by_election"),
        without_election=row.text("without_election"),
        until=row.text("until"),
        authority=row.text("authority"),
        citation=row.text("citation"),
        evidence=row.evidence(),
    )


def _weights(row: Row) -> MipsWeights:
    row.expect(WEIGHT_KEYS)
    quality, cost, activities, information = (row.whole_number(category) for category in CATEGORIES)
    if quality + cost + activities + information != 100:
        raise contradiction(row.where, "the weights do not add up to 100")
    return MipsWeights(
        payment_year=row.whole_number("payment_year"),
        who=row.text("who"),
        quality=quality,
        cost=cost,
        improvement_activities=activities,
        advancing_care_information=information,
        authority=row.text("authority"),
        citation=row.text("citation"),
        evidence=row.evidence(),
    )
