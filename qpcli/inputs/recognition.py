"""Which layout each file has and why it is taken for that: by its name, its columns or its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from qpcli.errors import InputError
from qpcli.findings import Finding, finding
from qpcli.inputs.archives import find_files
from qpcli.inputs.bcda.files import BcdaFile
from qpcli.inputs.bcda.files import look_at as look_at_bcda
from qpcli.inputs.cclf.files import CclfFile
from qpcli.inputs.cclf.files import look_at as look_at_cclf
from qpcli.inputs.files import FileForm, InputFile, is_delivered
from qpcli.inputs.refused import refuse
from qpcli.inputs.rif.files import RifFile, RifKind
from qpcli.inputs.rif.files import look_at as look_at_rif
from qpcli.request import Layout

Found = TypeVar("Found", CclfFile, BcdaFile, RifFile, InputFile)
_BY_CONTENT, _BY_COLUMNS = "by resources", "by columns"


@dataclass(frozen=True, slots=True)
class Recognised:
    """The files of outside layouts, each in one of them, and those that nothing recognises."""

    cclf: tuple[CclfFile, ...] = ()
    bcda: tuple[BcdaFile, ...] = ()
    rif: tuple[RifFile, ...] = ()
    unknown: tuple[InputFile, ...] = ()

    def __add__(self, other: Recognised) -> Recognised:
        return Recognised(
            _each(self.cclf + other.cclf),
            _each(self.bcda + other.bcda),
            _each(self.rif + other.rif),
            _each(self.unknown + other.unknown),
        )

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The outside layouts that occur."""
        by_layout = {Layout.CCLF: self.cclf, Layout.BCDA: self.bcda, Layout.RIF: self.rif}
        return tuple(layout for layout, files in by_layout.items() if files)

    @property
    def files(self) -> tuple[InputFile, ...]:
        """Every file that was looked at."""
        outside = [*(file.file for file in self.cclf), *(file.file for file in self.bcda)]
        return (*outside, *(file.file for file in self.rif), *self.unknown)

    def findings(self) -> Iterator[Finding]:
        """What was recognised and why, and what was not."""
        for (what, why), count in Counter(self._reasons()).items():
            yield finding("layout_recognised", rule=what, count=count, files=files_are(count), layout=what, why=why)
        for file in self.unknown:
            yield finding("unrecognised_file", rule=file.name, file=file.name)

    def _reasons(self) -> Iterator[tuple[str, str]]:
        yield from ((f"CCLF{file.number}", file.why) for file in self.cclf)
        yield from ((_bcda_words(file), _BY_CONTENT) for file in self.bcda)
        yield from ((file.kind.value, _BY_COLUMNS) for file in self.rif)


def _bcda_words(file: BcdaFile) -> str:
    return file.kind.value if file.version is None else f"{file.kind.value} {file.version.value}"


def _each(files: tuple[Found, ...]) -> tuple[Found, ...]:
    """Files in their order, each once."""
    return tuple({getattr(file, "file", file): file for file in files}.values())


def files_are(count: int) -> str:
    """How many files, as a sentence begins."""
    return "1 file is" if count == 1 else f"{count:,} files are"


def recognise(paths: Sequence[str]) -> Recognised:
    """Look at every file; raises QP201, QP202, QP212 for a layout that is refused, QP214 or QP216."""
    return recognised_in(find_files(paths, is_delivered))


def recognised_in(files: Iterable[InputFile]) -> Recognised:
    """As `recognise`, for files that are found."""
    return _sorted(_recognise(file) for file in files)


def _recognise(file: InputFile) -> CclfFile | BcdaFile | RifFile | InputFile:
    if file.form is FileForm.WORKBOOK:
        return file
    cclf = look_at_cclf(file)
    if cclf is not None:
        return cclf
    # Claims without payments look like BCDA.
    refuse(file, ())
    bcda = look_at_bcda(file)
    if bcda is not None:
        return bcda
    tabular = look_at_rif(file)
    refuse(file, tabular.source.schema if tabular.source is not None else ())
    return file if tabular.kind is RifKind.UNKNOWN else tabular


def _sorted(files: Iterable[CclfFile | BcdaFile | RifFile | InputFile]) -> Recognised:
    found = list(files)
    return Recognised(
        tuple(file for file in found if isinstance(file, CclfFile)),
        tuple(file for file in found if isinstance(file, BcdaFile)),
        tuple(file for file in found if isinstance(file, RifFile)),
        tuple(file for file in found if isinstance(file, InputFile)),
    )


def only_layout(recognised: Recognised) -> Layout:
    """The one outside layout of the files, canonical when there is none; raises QP212 for a mixture."""
    layouts = recognised.layouts
    if len(layouts) > 1:
        names = " and ".join(layout.value.upper() for layout in layouts)
        raise InputError("QP212", f"The claims files are of several layouts: {names}.", "Give one layout at a time.")
    return layouts[0] if layouts else Layout.CANONICAL
