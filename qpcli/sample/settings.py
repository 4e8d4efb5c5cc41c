"""The configuration beside a sample in CMS's layouts: which file is which input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

NAME = "qpcli.toml"


def write_settings(folder: Path, performance_year: int, inputs: Mapping[str, str]) -> Path:
    """Write qpcli.toml with the year and the inputs by key; paths are relative to the folder."""
    lines = [f"year = {performance_year}", *(f"{key} = {json.dumps(name)}" for key, name in inputs.items())]
    path = folder / NAME
    path.touch(mode=0o600, exist_ok=False)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
