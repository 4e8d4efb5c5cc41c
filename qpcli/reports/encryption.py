"""Encrypted Parquet: the key of a run, how it is told from others, and what the libraries need of it.

Reports and stores are written by pyarrow, cells and what lies somewhere for a moment by Polars; both write the Parquet
standard's modular encryption with the key itself (AES-GCM, footer and all columns), so that any reader of the standard
reads them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from qpcli.errors import InputError, UsageError

KEY_BYTES = (16, 32)
"""AES-128 and AES-256; Polars has no AES-192."""
_MAX_FILE_BYTES = 1024
_HEX = re.compile(rb"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{64})")
_BASE64 = re.compile(rb"(?:[0-9A-Za-z+/]{22}==|[0-9A-Za-z+/]{43}=)")
_ROUNDS = 100_000
_ENCRYPTED_MARK = b"PARE"


@dataclass(frozen=True, slots=True)
class Encryption:
    """A key; `fingerprint` tells it from others and nothing else of it."""

    key: bytes = field(repr=False)
    fingerprint: str


def read_key(file: Path | None) -> Encryption | None:
    """The key in a file: 16 or 32 bytes, or those in hex or base64; None without a file.

    Raises UsageError QP113 when it cannot be read, holds no key, or may be read by others.
    """
    if file is None:
        return None
    try:
        key = _key_in(_content(file))
    except OSError as fault:
        raise UsageError("QP113", f"The key file cannot be read ({fault.strerror}).") from None
    digest = hashlib.pbkdf2_hmac("sha256", key, b"qpcli key fingerprint", _ROUNDS, dklen=8)
    return Encryption(key, digest.hex())


def _content(file: Path) -> bytes:
    with file.open("rb") as stream:
        if os.fstat(stream.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UsageError("QP113", "The key file may be read or written by others.", "`chmod 600` it.")
        return stream.read(_MAX_FILE_BYTES)


def _key_in(content: bytes) -> bytes:
    text = content.strip()
    if _HEX.fullmatch(text):
        return binascii.unhexlify(text)
    if _BASE64.fullmatch(text):
        return base64.b64decode(text)
    if len(content) in KEY_BYTES:
        return content
    raise UsageError("QP113", "The key file holds neither 16 nor 32 bytes, nor those in hex or base64.")


def matching(fingerprint: str | None, encryption: Encryption | None, what: str) -> Encryption | None:
    """The key that something is read with; None when it is not encrypted.

    Raises InputError QP222 when no key is given, or another than that of the fingerprint.
    """
    if fingerprint is None:
        return None
    if encryption is None:
        raise InputError("QP222", f"{what} is encrypted, and no key is given.", "Give --encrypt-key-file FILE.")
    if encryption.fingerprint != fingerprint:
        raise InputError("QP222", f"{what} is encrypted with another key.")
    return encryption


def is_encrypted(file: Path) -> bool:
    """Whether a Parquet file has an encrypted footer; OSError when it cannot be read."""
    with file.open("rb") as stream:
        return stream.read(len(_ENCRYPTED_MARK)) == _ENCRYPTED_MARK


def polars_writing(encryption: Encryption | None) -> dict[str, Any]:
    """What `write_parquet` of Polars is to be given."""
    return {} if encryption is None else {"encryption": pl.ParquetEncryptionProperties(footer_key=encryption.key)}


def polars_reading(encryption: Encryption | None) -> dict[str, Any]:
    """What `read_parquet` and `scan_parquet` of Polars are to be given."""
    return {} if encryption is None else {"decryption": pl.ParquetDecryptionProperties(footer_key=encryption.key)}


def arrow_writing(encryption: Encryption | None) -> dict[str, Any]:
    """What `ParquetWriter` of pyarrow is to be given."""
    if encryption is None:
        return {}
    # A library of its own, loaded only for those who encrypt.
    from pyarrow.parquet.encryption import create_encryption_properties

    return {"encryption_properties": create_encryption_properties(footer_key=encryption.key)}
