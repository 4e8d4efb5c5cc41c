"""The one catalogue of findings, by subject."""

from __future__ import annotations

from qpcli.findings.beneficiaries import BENEFICIARIES
from qpcli.findings.claims import CLAIMS
from qpcli.findings.entry import FindingEntry
from qpcli.findings.files import FILES
from qpcli.findings.layouts import LAYOUTS
from qpcli.findings.lists import LISTS
from qpcli.findings.other_payers import OTHER_PAYERS
from qpcli.findings.outside_rows import OUTSIDE_ROWS
from qpcli.findings.reading import READING
from qpcli.findings.worth import WORTH

SUBJECTS = (READING, CLAIMS, LISTS, WORTH, BENEFICIARIES, OTHER_PAYERS, FILES, LAYOUTS, OUTSIDE_ROWS)
FINDINGS_CATALOGUE: dict[str, FindingEntry] = {entry.code: entry for subject in SUBJECTS for entry in subject}
