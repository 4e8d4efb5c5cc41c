"""One row per APM Entity."""

from qpcli.tables.schema import Column, Kind, Table

ENTITIES = Table(
    name="entities",
    grain="One row per APM Entity.",
    keys=("apm_entity_id",),
    columns=(
        Column(
            "apm_entity_id",
            Kind.TEXT,
            "APM Entity.",
            is_required=True,
            may_be_blank=False,
            aliases=("entity id", "aco id", "apm entity"),
        ),
        Column("apm_entity_name", Kind.TEXT, "Name, for people.", aliases=("entity name", "aco name")),
        Column("apm_id", Kind.TEXT, "APM and track of the entity, such as `MSSP BASIC E`; `qpcli apms` lists names."),
        Column("is_advanced", Kind.BOOLEAN, "The entity's APM (and track) is an Advanced APM.", default=True),
        Column("active_from", Kind.DATE, "First day the APM is actively tested.", null_means="before the period"),
        Column("active_to", Kind.DATE, "Last day the APM is actively tested.", null_means="after the period"),
        Column("terminated_on", Kind.DATE, "Day the entity left or was removed.", null_means="not terminated"),
        Column(
            "bears_risk",
            Kind.BOOLEAN,
            "Bears financial risk for the performance year when terminated.",
            default=True,
        ),
        Column("is_episode_based", Kind.BOOLEAN, "Attributes episodes and not people.", default=False),
        Column(
            "removes_prospective_elsewhere",
            Kind.BOOLEAN,
            "Its APM would not allow a beneficiary who is prospectively attributed elsewhere.",
            default=True,
        ),
        Column(
            "em_code_set",
            Kind.TEXT,
            "Name of the attribution code set in the regulation data, or a file of codes.",
            null_means="the E/M services of the year",
        ),
        Column("is_mips_apm", Kind.BOOLEAN, "The entity's APM is a MIPS APM.", default=True),
    ),
)
