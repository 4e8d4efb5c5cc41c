"""Every finding and error that the catalogues name is used, and no other."""

import re
from pathlib import Path

from qpcli.errors import ERRORS
from qpcli.findings import FINDINGS_CATALOGUE
from qpcli.findings.catalogue import SUBJECTS

ROOT = Path(__file__).parents[2] / "qpcli"
SOURCE = {path: path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py")}


def test_every_finding_of_the_catalogue_is_made_somewhere() -> None:
    elsewhere = "\n".join(text for path, text in SOURCE.items() if ROOT / "findings" not in path.parents)
    unused = [code for code in FINDINGS_CATALOGUE if not re.search(rf"\b{code}\b", elsewhere)]
    assert not unused


def test_no_two_findings_of_the_catalogue_share_a_code() -> None:
    assert len(FINDINGS_CATALOGUE) == sum(len(subject) for subject in SUBJECTS)


def test_every_error_of_the_catalogue_is_raised_somewhere() -> None:
    elsewhere = "\n".join(text for path, text in SOURCE.items() if path != ROOT / "errors.py")
    assert not [code for code in ERRORS if code not in elsewhere]


def test_every_error_code_in_the_source_stands_in_the_catalogue() -> None:
    used = {code for text in SOURCE.values() for code in re.findall(r"\bQP\d{3}\b", text)}
    assert used <= set(ERRORS)
