"""The corpus of damaged files: what people and disks do to a file, by the form that it has."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping

Change = Callable[[bytes], bytes]

BOMB = 3 << 20
"""Bytes of a member that packs to almost nothing."""


def lines_of(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def in_line(place: int, change: Change) -> Change:
    """The change done to one line, without its end."""

    def changed(content: bytes) -> bytes:
        lines = lines_of(content)
        lines[place] = change(lines[place].rstrip(b"\n")) + b"\n"
        return b"".join(lines)

    return changed


def replaced(old: str, new: str, count: int = 1) -> Change:
    """Text replaced; the file must have it."""

    def changed(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode(), count)

    return changed


def zipped(content: bytes, member: str = "claims.csv", *others: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ((member, content), *others):
            archive.writestr(name, data)
    return stream.getvalue()


def encrypted(content: bytes, member: str = "claims.csv") -> bytes:
    """A zip whose records say that the member is encrypted."""
    data = bytearray(zipped(content, member))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def with_flipped_bit(content: bytes, place: int, bit: int = 0) -> bytes:
    return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]


def gzip_with_bad_checksum(content: bytes) -> bytes:
    packed = gzip.compress(content)
    return with_flipped_bit(packed, len(packed) - 6)


def zip_with_bad_checksum(content: bytes, member: str) -> bytes:
    """The stored checksum differs from that of the member, in both records."""
    packed = zipped(content, member)
    packed = with_flipped_bit(packed, 14)
    return with_flipped_bit(packed, packed.index(b"PK\x01\x02") + 16)


def cut(packed: bytes, share: float) -> bytes:
    return packed[: int(len(packed) * share)]


HARMLESS: Mapping[str, Change] = {
    "with a mark, CRLF and an open end": lambda content: b"\xef\xbb\xbf" + content.rstrip().replace(b"\n", b"\r\n"),
    "gzip of two members": lambda content: gzip.compress(content[:60]) + gzip.compress(content[60:]),
}
"""Whatever text it is: read as if nothing were."""

BAD_ARCHIVES: Mapping[str, Callable[[bytes, str], bytes]] = {
    "gzip cut off": lambda content, _: cut(gzip.compress(content), 0.6),
    "gzip without its end": lambda content, _: gzip.compress(content)[:-8],
    "gzip with a bad checksum": lambda content, _: gzip_with_bad_checksum(content),
    "gzip of a gzip": lambda content, _: gzip.compress(gzip.compress(content)),
    "zip cut off": lambda content, name: cut(zipped(content, name), 0.6),
    "zip with a bad checksum": zip_with_bad_checksum,
    "zip of a zip": lambda content, name: zipped(zipped(content, name), name),
    "zip of a bomb": lambda _, name: zipped(b"0" * BOMB, name),
    "encrypted zip": encrypted,
    "zip that climbs out": lambda content, name: zipped(content, f"../{name}"),
    "zip with a name from the root": lambda content, name: zipped(content, f"/{name}"),
    "zip with a bad member beside": lambda content, name: zipped(content, name, ("../a.csv", b"a\n1\n")),
}
"""Whatever is in it: refused with QP214, nothing extracted."""

BROKEN_ROWS: Mapping[str, Change] = {
    "truncated last row": lambda content: content[: -len(lines_of(content)[-1]) * 2 // 3],
    "short row": in_line(-1, lambda line: line.rpartition(b",")[0]),
    "long row": in_line(-1, lambda line: line + b",CANARYCELL"),
    "trailing NULs": lambda content: content + b"\0" * 40,
    "a NUL in a row": in_line(-1, lambda line: line[:4] + b"\0" + line[4:]),
    "unclosed quote": in_line(-1, lambda line: b'"' + line),
    "blank line in the middle": in_line(0, lambda line: line + b"\n"),
    "line of blanks in the middle": in_line(0, lambda line: line + b"\n   "),
}
"""Rows of canonical CSV that are no records: rejected by number."""

BROKEN_FILES: Mapping[str, tuple[Change, str]] = {
    "two columns of a name": (
        in_line(0, lambda line: line.replace(b"bene_id", b"apm_entity_id", 1) + b",x,X"),
        "QP205",
    ),
    "semicolons": (lambda content: content.replace(b",", b";"), "QP211"),
    "UTF-16": (lambda content: content.decode().encode("utf-16"), "QP210"),
    "UTF-16 without a mark": (lambda content: content.decode().encode("utf-16-le"), "QP210"),
    "carriage returns only": (lambda content: content.replace(b"\n", b"\r"), "QP202"),
    "empty": (lambda _: b"", "QP206"),
    "blank": (lambda _: b"\n \n\n", "QP206"),
    "no header": (lambda content: b"".join(lines_of(content)[1:]), "QP20"),
    "unclosed quote in the header": (in_line(0, lambda line: b'"' + line), "QP202"),
    "cp1252": (in_line(-1, lambda line: line[:2] + b"\xf1" + line[2:]), "QP210"),
    "an XLSX of nothing": (lambda _: zipped(b"<x/>", "xl/workbook.xml"), "QP2"),
    "only the magic bytes of Parquet": (lambda _: b"PAR1PAR1", "QP202"),
    "text between the magic bytes of Parquet": (lambda content: b"PAR1" + content + b"PAR1", "QP202"),
}
"""Canonical CSV that is refused as a whole, with the code."""

NOT_NDJSON: Mapping[str, Change] = {
    "half a resource": lambda content: content[: len(content) // 2],
    "no JSON": lambda _: b"CANARYCELL\n",
    "a list": lambda content: b"[" + content.rstrip().replace(b"\n", b",") + b"]\n",
    "a hundred thousand brackets": lambda _: b"[" * 100_000 + b"\n",
    "half a surrogate": replaced("active", "\\ud800"),
    "an object in place of a text": replaced('"2025-02-06"', '{"a":[]}'),
}
"""A claims file of a BCDA export that is not what it should be."""
