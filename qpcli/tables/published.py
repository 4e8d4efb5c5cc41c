"""One row per clinician and APM participation as CMS's eligibility service has answered."""

from qpcli.tables.schema import Column, Kind, Table

PUBLISHED = Table(
    name="published",
    grain="One row per clinician and APM participation as CMS published it; one row for a clinician without any.",
    columns=(
        Column("npi", Kind.NPI, "Clinician.", is_required=True, may_be_blank=False),
        Column("qp_status", Kind.TEXT, "CMS's letter.", is_required=True, aliases=("qpstatus",), null_means="none"),
        Column("apm_id", Kind.TEXT, "CMS's number of the APM.", aliases=("apmid",), null_means="no participation"),
        Column("apm_entity_name", Kind.TEXT, "APM Entity.", aliases=("entityname",), null_means="not told"),
        Column(
            "relationship",
            Kind.TEXT,
            "P on a Participation List, A an Affiliated Practitioner.",
            aliases=("providerrelationshipcode",),
            null_means="not told",
        ),
        Column("payment_score_me", Kind.TEXT, "Medicare payment score of the APM Entity.", null_means="none"),
        Column("patient_score_me", Kind.TEXT, "Medicare patient score of the APM Entity.", null_means="none"),
        Column("payment_score_mi", Kind.TEXT, "Medicare payment score of the clinician.", null_means="none"),
        Column("patient_score_mi", Kind.TEXT, "Medicare patient score of the clinician.", null_means="none"),
    ),
)
