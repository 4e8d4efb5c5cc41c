"""Every table, inputs first.

`WORTH_TABLES` are those of `qpcli worth`, `COMPARED_TABLES` those of `qpcli compare`. `KEPT_TABLES` are written only
when asked for: cells, and what a prepared store holds.
"""

from qpcli.tables.all_payer_scores import ALL_PAYER_SCORES
from qpcli.tables.attribution import ATTRIBUTION
from qpcli.tables.base_amounts import BASE_AMOUNTS
from qpcli.tables.beneficiaries import BENEFICIARIES
from qpcli.tables.claim_lines import CLAIM_LINES
from qpcli.tables.clinicians import CLINICIANS
from qpcli.tables.contributions import CONTRIBUTIONS
from qpcli.tables.determinations import DETERMINATIONS
from qpcli.tables.differences import DIFFERENCES
from qpcli.tables.entities import ENTITIES
from qpcli.tables.exclusions import EXCLUSIONS
from qpcli.tables.findings import FINDINGS
from qpcli.tables.incentives import NPI_INCENTIVES, NPI_TIN_INCENTIVES, TIN_INCENTIVES
from qpcli.tables.kept import (
    KEPT_ATTRIBUTION,
    KEPT_CELLS,
    KEPT_CLINICIANS,
    KEPT_PAIRS,
    KEPT_PEOPLE,
    KEPT_PROCESSING,
    KEPT_SERVICE_DAYS,
    KEPT_SUMS,
    KEPT_TINS,
)
from qpcli.tables.other_payer import OTHER_PAYER
from qpcli.tables.participants import PARTICIPANTS
from qpcli.tables.prepared_lines import PREPARED_LINES
from qpcli.tables.published import PUBLISHED
from qpcli.tables.schema import Table
from qpcli.tables.threshold_scores import THRESHOLD_SCORES

INPUT_TABLES: tuple[Table, ...] = (
    CLAIM_LINES,
    BENEFICIARIES,
    PARTICIPANTS,
    ATTRIBUTION,
    ENTITIES,
    OTHER_PAYER,
    BASE_AMOUNTS,
)
OUTPUT_TABLES: tuple[Table, ...] = (
    THRESHOLD_SCORES,
    DETERMINATIONS,
    CLINICIANS,
    ALL_PAYER_SCORES,
    EXCLUSIONS,
    CONTRIBUTIONS,
    FINDINGS,
)
WORTH_TABLES: tuple[Table, ...] = (NPI_INCENTIVES, NPI_TIN_INCENTIVES, TIN_INCENTIVES)
KEPT_TABLES: tuple[Table, ...] = (
    KEPT_CELLS,
    KEPT_PEOPLE,
    KEPT_CLINICIANS,
    KEPT_TINS,
    KEPT_PAIRS,
    KEPT_ATTRIBUTION,
    KEPT_SUMS,
    KEPT_SERVICE_DAYS,
    KEPT_PROCESSING,
    PREPARED_LINES,
)
COMPARED_TABLES: tuple[Table, ...] = (PUBLISHED, DIFFERENCES)
ALL_TABLES: tuple[Table, ...] = (*INPUT_TABLES, *OUTPUT_TABLES, *WORTH_TABLES, *COMPARED_TABLES, *KEPT_TABLES)
