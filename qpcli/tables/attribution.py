"""One row per beneficiary attributed to an APM Entity and span."""

from qpcli.tables.schema import Column, Kind, Table

ATTRIBUTION = Table(
    name="attribution",
    grain="One row per beneficiary attributed to an APM Entity and span.",
    columns=(
        Column(
            "apm_entity_id",
            Kind.TEXT,
            "APM Entity to which the beneficiary is attributed.",
            is_required=True,
            may_be_blank=False,
            aliases=("entity id", "aco id", "apm entity"),
        ),
        Column(
            "bene_id",
            Kind.TEXT,
            "Beneficiary: the id used in claim_lines.",
            is_required=True,
            may_be_blank=False,
            aliases=("mbi", "bene_mbi_id", "beneficiary_id"),
        ),
        Column(
            "start_date",
            Kind.DATE,
            "First day on the attribution list.",
            is_required=True,
            aliases=("effective date", "effective start date"),
            null_means="open",
        ),
        Column(
            "end_date",
            Kind.DATE,
            "Last day on the attribution list.",
            is_required=True,
            aliases=("termination date", "effective end date"),
            null_means="open",
        ),
        Column(
            "is_prospective",
            Kind.BOOLEAN,
            "Attributed before the period; other entities may not list the beneficiary.",
            default=False,
        ),
        Column(
            "episode_start_date",
            Kind.DATE,
            "First day of the episode, for an episode-based entity.",
            null_means="no episode: counts nothing at an episode-based entity",
        ),
        Column(
            "episode_end_date",
            Kind.DATE,
            "Last day of the episode, for an episode-based entity.",
            null_means="no episode: counts nothing at an episode-based entity",
        ),
    ),
)
