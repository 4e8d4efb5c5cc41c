"""Records that hold their own SHA-256: one that was changed says something else of sound files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_OWN_HASH = "sha256"


def sealed(document: Mapping[str, Any]) -> bytes:
    """The document with its own SHA-256 as it is written: sorted keys, two spaces, UTF-8, a final newline."""
    content = {name: value for name, value in document.items() if name != _OWN_HASH}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return (json.dumps(content | {_OWN_HASH: digest}, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def is_intact(content: bytes) -> bool:
    """Whether bytes are as `sealed` has written them."""
    document = _object(content)
    return document is not None and sealed(document) == content


def is_changed(content: bytes) -> bool:
    """Whether bytes are a record that has held its own hash and is no longer as it was written."""
    document = _object(content)
    return document is not None and _OWN_HASH in document and sealed(document) != content


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
