"""Records as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import JsonValue


def json_object(record: Any) -> dict[str, JsonValue]:
    """A dataclass as a JSON object, field by field."""
    return {field.name: as_json(getattr(record, field.name)) for field in fields(record)}


def as_json(value: object) -> JsonValue:
    """Terms, dates, decimals and paths as text, records and mappings as objects, sequences as arrays."""
    match value:
        case Enum():
            return as_json(value.value)
        case None | bool() | int() | float():
            return value
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case str() | Path():
            # Names of files may hold bytes that are no UTF-8; JSON holds nothing else.
            return str(value).encode("utf-8", "backslashreplace").decode()
        case Mapping():
            return {str(key): as_json(item) for key, item in value.items()}
        case tuple() | list():
            return [as_json(item) for item in value]
        case _:
            return json_object(value)
