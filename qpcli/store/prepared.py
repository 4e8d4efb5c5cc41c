"""A prepared store opened: refused when a file is not as it was written, then read without looking at it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from qpcli.errors import InputError
from qpcli.inputs.files import FileForm, InputFile, state_of
from qpcli.inputs.layouts import STORE_NAME
from qpcli.inputs.table_scan import FileCount
from qpcli.regulation.law import Law
from qpcli.reports.encryption import Encryption, matching
from qpcli.rules.claim_lines import CodedLines
from qpcli.store import files
from qpcli.store.coding import CODES
from qpcli.store.making import reading_points
from qpcli.store.record import StoreRecord, read_record
from qpcli.store.restaging import Earlier


@dataclass(frozen=True, slots=True)
class PreparedStore:
    """A complete store of this version."""

    folder: Path
    record: StoreRecord
    encryption: Encryption | None = None

    @property
    def paths(self) -> list[Path]:
        """Every file of the store, its record first."""
        return [self.folder / STORE_NAME, *(self.folder / output.file for output in self.record.outputs)]

    @property
    def files(self) -> tuple[FileCount, ...]:
        """Every file of the store with its rows."""
        rows = {STORE_NAME: 0} | {output.file: output.rows for output in self.record.outputs}
        return tuple(FileCount(_input_file(self.folder / name), count, 0) for name, count in rows.items())

    @property
    def earlier(self) -> Earlier:
        """The store as one that deliveries are added to."""
        return Earlier(self.folder, self.record, encryption=self.encryption)

    def lines(self) -> pl.LazyFrame:
        """Claim lines in cents, each version once, with `has_versions`."""
        names = [output.file for output in self.record.outputs if output.file.startswith(files.LINES_FOLDER)]
        return files.line_versions([self.folder / name for name in names], encryption=self.encryption)

    def lines_of(self, shard: int) -> pl.LazyFrame:
        """The claim lines of one shard, as `lines`, for whatever process and its working directory."""
        path = self._place(files.lines_file(shard, self.record.shard_count))
        return files.line_versions([path], encryption=self.encryption)

    def coded_lines_of(self, shard: int) -> CodedLines:
        """The claim lines of one shard in numbers, for whatever process."""
        count = self.record.shard_count
        codes = {kind: self._place(files.codes_file(kind, shard, count)) for kind in CODES}
        return files.coded_lines(self._place(files.lines_file(shard, count)), codes, encryption=self.encryption)

    def _place(self, name: str) -> Path:
        return self.folder.absolute() / name

    def crosswalk(self) -> pl.DataFrame:
        """One row per old beneficiary id with the current one."""
        return files.read_rows(self.folder / files.CROSSWALK_FILE, encryption=self.encryption)

    def beneficiaries(self) -> pl.DataFrame | None:
        """The beneficiaries made from the claims' own files; None where the layout has none."""
        return self.earlier.frame(files.BENEFICIARIES_FILE)

    def check_intact(self, hashes: Mapping[Path, str]) -> None:
        """Raises QP217 when a file is missing or its SHA-256 is not the one recorded."""
        for output in self.record.outputs:
            if hashes.get(self.folder / output.file) != output.sha256:
                raise InputError("QP217", f"The prepared store {self.folder.name}: {output.file} is not as written.")

    def check_assumptions(self, law: Law) -> None:
        """Raises QP217 when the run assumes something else of how files are read than the store was made with."""
        asked = reading_points(law.open_points)
        for name, value in self.record.open_points.items():
            if law.open_points[name].is_overridden and asked[name] != value:
                message = f"The prepared store {self.folder.name} was made with {name}={value}"
                raise InputError("QP217", f"{message}, the run assumes {asked[name]}.", "Convert with that assumption.")


def open_store(folder: Path, encryption: Encryption | None = None) -> PreparedStore:
    """The store in a folder; raises QP217 when it is not complete or of another version, QP222 without its key."""
    record = read_record(folder)
    if record is None:
        message = f"{folder.name} holds no complete prepared store that this version reads."
        raise InputError("QP217", message, "Convert the claims again, into another folder.")
    missing = [output.file for output in record.outputs if not (folder / output.file).is_file()]
    if missing:
        raise InputError("QP217", f"The prepared store {folder.name}: {missing[0]} is missing.")
    key = matching(record.key_fingerprint, encryption, f"The prepared store {folder.name}")
    return PreparedStore(folder, record, key)


def _input_file(path: Path) -> InputFile:
    form = FileForm.PARQUET if path.suffix == ".parquet" else FileForm.TEXT
    return InputFile(path, None, form, is_gzip=False, state=state_of(path))
