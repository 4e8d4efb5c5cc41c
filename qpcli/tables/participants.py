"""One row per entry of a Participation List or an Affiliated Practitioner List."""

from qpcli.tables.schema import Column, Kind, Table
from qpcli.terms import ListType

PARTICIPANTS = Table(
    name="participants",
    grain="One row per entry of a Participation List or an Affiliated Practitioner List.",
    columns=(
        Column(
            "apm_entity_id",
            Kind.TEXT,
            "APM Entity that lists the clinician.",
            is_required=True,
            may_be_blank=False,
            aliases=("entity id", "aco id", "apm entity"),
        ),
        Column(
            "tin",
            Kind.TIN,
            "TIN under which the clinician is listed.",
            is_required=True,
            may_be_blank=False,
            aliases=("billing tin", "base provider tin", "participant tin"),
        ),
        Column(
            "npi",
            Kind.NPI,
            "Individual NPI of the clinician.",
            is_required=True,
            may_be_blank=False,
            aliases=("individual npi", "rendering npi", "provider npi"),
        ),
        Column(
            "start_date",
            Kind.DATE,
            "First day on the list.",
            is_required=True,
            aliases=("effective date", "effective start date"),
            null_means="open",
        ),
        Column(
            "end_date",
            Kind.DATE,
            "Last day on the list.",
            is_required=True,
            aliases=("termination date", "effective end date"),
            null_means="open",
        ),
        Column(
            "list_type",
            Kind.CHOICE,
            "Which list.",
            default=ListType.PARTICIPATION.value,
            choices=tuple(ListType),
        ),
        Column("apm_id", Kind.TEXT, "APM of the entity."),
        Column("clinician_name", Kind.TEXT, "Name, for people; never computed with."),
        Column("specialty", Kind.TEXT, "Specialty, for people; never computed with."),
    ),
)
