"""Damage done to a sound file: to its bytes, to its cells, to the fields of a record, to the values of a resource."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from qpcli.inputs.cclf.positions import record_columns
from tests.inputs.workbook_made import SHEET, parts_of, zipped

CELLS = (
    *("", " ", "~", "0", "-1", "00", ".", "-", "1e5", "1E+09", "10.005", "$1,000.00", "(5.00)", "NaN", "inf", "-0.00"),
    *("99999999999999999999", "10000000.01", "9223372036854775807", "-10000000.00", "1_000", "+5", ".5", "5.", "0x10"),
    *("9999-12-31", "0001-01-01", "1000-01-01", "20250229", "2025-02-30", "03/04/25", "2101-01-01", "1899-12-31"),
    *("31-Feb-2025", "29-Feb-2024", "2025-02-03T00:00:00", "25-2-3", "true", "cancellation", "professional", "fqhc"),
    *("=1+1", "@SUM(A1)", "'", '"', '""', '"a', "a,b", "a|b", "a;b", "\\", "\t", "\u00a0", "\u0663\u0664", "\uff11"),
    *("medicaid", "va", "tin", "npi", "snapshot 3", "yes", "100000000000.01", "1000000001", "Health Plan"),
    *("\ufeff", "\u00e9", "CANARYCELL", "1437702123.0", "12-3456789", "A" * 300, "1" * 70, "71", "99213", "\0"),
)
BYTES = (
    *(b"", b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b'"', b",", b"|", b";", b"\t", b"\x1a", b"\xff", b"\xef\xbb\xbf"),
    *(
        b"\xf1",
        b"\xc3\xb1",
        b"\xc3",
        b"\xff\xfe",
        b"~",
        b" ",
        b"0" * 40,
        b"\\",
        b"{",
        b"}",
        b"[",
        b"PAR1",
        b"PK\x03\x04",
    ),
    *(b"\x1f\x8b", b"\0" * 64, b" " * 500, b"\n" * 20, b"9" * 400, b"\xe2\x80\xa8", b"<?xml", b"ISA*00*"),
)
JSON = (
    *(None, True, 0, -1, 1.5, 1e400, 10**30, "", "~", "NaN", "2025-02-30", "CANARYCELL", [], {}, [[]], [None], [{}]),
    *({"value": None}, [{"coding": None}], {"code": 7}, "a" * 300, [1, "a", None], {"": {"": []}}, "\ud800", "\0"),
)
WORDS = ("true", "1.5", "[]", "{}", "''", "'CANARYCELL'", "2025-01-01", "[1, 'a']", "{a = 1}", "nan", "-1", "10e400")

Damage = Callable[[bytes, "Mutation"], bytes]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: `kind` chooses among those of a form, `first` and `second` the places, `value` what is put there."""

    kind: int
    first: int
    second: int
    value: int


MUTATIONS = st.lists(
    st.builds(Mutation, st.integers(0, 9), st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 999)),
    min_size=1,
    max_size=3,
)


def mutated(content: bytes, mutations: list[Mutation], damage: Damage) -> bytes:
    for mutation in mutations:
        content = damage(content, mutation)
    return content


def in_bytes(content: bytes, mutation: Mutation) -> bytes:
    """Bits flipped, bytes cut out, put in, doubled or exchanged, the rest cut off or all of it replaced."""
    start = mutation.first * (len(content) + 1) // 10_000
    end = min(len(content), start + 1 + mutation.second % 90)
    inserted = BYTES[mutation.value % len(BYTES)]
    before, middle, after = content[:start], content[start:end], content[end:]
    flipped = bytes([middle[0] ^ (1 << mutation.second % 8)]) + middle[1:] if middle else b""
    return (
        before + flipped + after,
        before + after,
        before + inserted + middle + after,
        before + inserted + after,
        before + middle + middle + after,
        before,
        middle + after,
        before + middle[::-1] + after,
        before + inserted * (1 + mutation.second % 5) + middle + after,
        inserted * 3,
    )[mutation.kind]


def in_cells(content: bytes, mutation: Mutation, separator: str) -> bytes:
    """Cells, rows and columns of a table replaced, cut out, doubled or exchanged; the header is a row like another."""
    rows = [line.split(separator) for line in content.decode("utf-8", "surrogateescape").splitlines()] or [[""]]
    row, cell = mutation.first % len(rows), mutation.second % max(1, max(map(len, rows)))
    line, value = list(rows[row]), CELLS[mutation.value % len(CELLS)]
    if mutation.kind <= 3 and row == 0:
        row, line = len(rows) - 1, list(rows[-1])
    if mutation.kind <= 5:
        line[cell : cell + 1] = [value]
        rows[row] = line
    elif mutation.kind == 6:
        rows[row] = line[:cell] + line[cell + 1 :]
    elif mutation.kind == 7:
        rows.insert(mutation.second % (len(rows) + 1), line)
    elif mutation.kind == 8:
        rows = [one[:cell] + one[cell + 1 :] for one in rows]
    else:
        rows = [[*one[cell:], *one[:cell]] for one in rows]
    return "".join(f"{separator.join(one)}\n" for one in rows).encode("utf-8", "surrogateescape")


def in_fields(content: bytes, mutation: Mutation, number: str) -> bytes:
    """Fields of a fixed-width record replaced; lines cut short, made longer, doubled, joined or exchanged."""
    lines = content.decode("latin-1").splitlines()
    if not lines:
        return content
    place = mutation.first % len(lines)
    names = list(record_columns(number))
    first, last = record_columns(number)[names[mutation.second % len(names)]]
    value = CELLS[mutation.value % len(CELLS)].replace("\n", " ")
    line = lines[place]
    lines[place] = (
        line[: first - 1] + value[: last - first + 1].ljust(last - first + 1) + line[last:],
        line[: first - 1] + value[: last - first + 1].rjust(last - first + 1) + line[last:],
        line[: first - 1] + " " * (last - first + 1) + line[last:],
        line[: first - 1] + value[:1] * (last - first + 1) + line[last:],
        line[: first - 1],
        line + value,
        line + "\n" + line,
        line[: first - 1] + line[last:],
        line[: first - 1] + "\n" + line[first - 1 :],
        line.rstrip(),
    )[mutation.kind]
    return "".join(f"{one}\n" for one in lines).encode("latin-1", "replace")


def in_resources(content: bytes, mutation: Mutation) -> bytes:
    """Values of a resource replaced, cut out or doubled, anywhere in it."""
    try:
        resources = [json.loads(line) for line in content.splitlines() if line.strip()]
    except ValueError:
        return content
    places: list[tuple[dict | list, object]] = []
    _gather(resources, places)
    if not places:
        return content
    parent, key = places[mutation.first * 10_007 % len(places) if mutation.first else 0]
    value = JSON[mutation.value % len(JSON)]
    if mutation.kind <= 5:
        parent[key] = value  # type: ignore[index]
    elif mutation.kind <= 7:
        del parent[key]  # type: ignore[arg-type]
    else:
        parent[key] = [parent[key], parent[key]]  # type: ignore[index]
    return "".join(f"{json.dumps(one)}\n" for one in resources).encode()


def in_sheet(content: bytes, mutation: Mutation) -> bytes:
    """Texts, cells and rows of a workbook's sheet replaced, cut out, doubled or exchanged."""
    parts = parts_of(content)
    sheet = parts[SHEET].decode("utf-8", "surrogateescape")
    is_row = mutation.kind >= 7
    found = re.findall(r"<row.*?</row>" if is_row else r"<c .*?</c>", sheet, re.DOTALL) or [""]
    one, other = found[mutation.first % len(found)], found[mutation.second % len(found)]
    value = CELLS[mutation.value % len(CELLS)]
    changed = (
        *(f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>',) * 3,
        f"<c><v>{escape(value)}</v></c>",
        f"<c>{value}</c>",
        "",
        other,
        one + one,
        other,
        "",
    )[mutation.kind]
    return zipped(parts | {SHEET: sheet.replace(one, changed, 1).encode("utf-8", "surrogateescape")})


def in_parts(content: bytes, mutation: Mutation) -> bytes:
    """Bytes of one part of a workbook, in an archive that is sound."""
    parts = parts_of(content)
    name = list(parts)[mutation.value % len(parts)]
    return zipped(parts | {name: in_bytes(parts[name], mutation)})


def _gather(value: object, places: list[tuple[dict | list, object]]) -> None:
    keys: list[object] = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    for key in keys:
        places.append((value, key))  # type: ignore[arg-type]
        _gather(value[key], places)  # type: ignore[index]


def in_settings(content: bytes, mutation: Mutation) -> bytes:
    """Values, keys and tables of a configuration replaced, cut out or doubled."""
    lines = content.decode().splitlines() or [""]
    place, word = mutation.first % len(lines), WORDS[mutation.value % len(WORDS)]
    key, _, value = lines[place].partition("=")
    lines[place] = (
        *(f"{key} = {word}",) * 3,
        # A key is the user's own word, which an error names: never one that stands for a person.
        f"key_{mutation.value % len(WORDS)} = {value}",
        f"{key}x = {value}",
        f"{key} = [{value}, {value}]",
        f"{key} = {{ {key.strip()} = {value} }}",
        f"{lines[place]}\n{lines[place]}",
        f"[{key.strip()}]",
        "",
    )[mutation.kind]
    return "\n".join([*lines, ""]).encode()


in_commas = partial(in_cells, separator=",")
in_pipes = partial(in_cells, separator="|")


def damages_of(name: str) -> Mapping[str, Damage]:
    """The kinds of damage that a file can take by its form: always to its bytes, and to its structure."""
    if name.endswith(".xlsx"):
        return {"bytes": in_bytes, "structure": in_sheet, "parts": in_parts}
    if ".ZC" in name and ".ZC0" not in name:
        structured: Damage = partial(in_fields, number=name.partition(".ZC")[2][0])
    elif name.endswith(".ndjson"):
        structured = in_resources
    elif name.endswith(".toml"):
        structured = in_settings
    else:
        structured = in_pipes if name.startswith("claims/") else in_commas
    return {"bytes": in_bytes, "structure": structured}
