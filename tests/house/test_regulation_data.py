"""The regulation data as shipped: every file has a reader, every number a source, and reading stays quick."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from qpcli.regulation import dated_rules
from qpcli.regulation.data_files import DATA
from qpcli.regulation.resolve import data_version

FOLDER = Path(str(DATA))
ROOM = FOLDER.parent


def test_every_data_file_is_read_by_a_module_that_names_it() -> None:
    source = "".join(path.read_text() for path in ROOM.glob("*.py"))

    assert {path.name for path in FOLDER.iterdir() if path.name not in source} == set()


def test_every_rule_begins_on_the_day_of_the_first_publication() -> None:
    histories = dated_rules.load_histories()
    rules = histories.rules

    first_days = {
        min(entry.published for entry in history)
        for history in (
            histories.thresholds,
            rules.service_bases,
            rules.individual_assessment,
            rules.exclusive_attribution,
        )
    }

    assert first_days == {date(2016, 11, 4)}


def test_nothing_was_published_after_the_edition_of_the_data() -> None:
    assert dated_rules.load_histories().newest <= date.fromisoformat(data_version())


def test_the_readers_hold_no_number_of_the_law() -> None:
    years = re.compile(r"\b20(1[6-9]|2[0-9])\b")
    code = {path.name: re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL) for path in ROOM.glob("*.py")}

    assert [name for name, text in code.items() if years.search(text)] == []


def test_reading_the_law_loads_neither_polars_nor_pydantic() -> None:
    script = (
        "import sys; from qpcli.regulation.resolve import resolve_law; resolve_law(performance_year=2024);"
        "print([name for name in ('polars', 'pyarrow', 'pydantic', 'typer', 'rich') if name in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


def test_regulation_imports_terms_errors_and_itself_only() -> None:
    imported = {
        line
        for path in ROOM.glob("*.py")
        for line in re.findall(r"^(?:from|import) (qpcli[\w.]*)", path.read_text(), re.MULTILINE)
    }

    assert {name for name in imported if not name.startswith("qpcli.regulation.")} == {"qpcli.errors", "qpcli.terms"}
