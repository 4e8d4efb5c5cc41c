"""Every error qpcli raises on purpose: a stable code, an exit status, words without a person's value."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One row of the error catalogue (`qpcli codes`)."""

    code: str
    meaning: str
    remedy: str


ERRORS: dict[str, ErrorEntry] = {
    entry.code: entry
    for entry in (
        ErrorEntry("QP101", "An option has a value that cannot be used.", "See `qpcli COMMAND --help`."),
        ErrorEntry(
            "QP102", "The configuration has an unknown key or table.", "Correct the key; the message suggests one."
        ),
        ErrorEntry("QP103", "The configuration file cannot be read.", "Check that the path exists and is valid TOML."),
        ErrorEntry("QP104", "Two options exclude each other, or one needs another.", "Drop one or give the other."),
        ErrorEntry(
            "QP105", "The performance year is not covered by the regulation data.", "`qpcli rules` lists the years."
        ),
        ErrorEntry("QP106", "--law-as-of lies before the first published rule.", "Give 2016-11-04 or a later date."),
        ErrorEntry("QP107", "An assumption names no open point.", "`qpcli rules --year YEAR` lists the open points."),
        ErrorEntry(
            "QP108", "An assumption has a value the open point does not allow.", "The message lists the values."
        ),
        ErrorEntry("QP109", "The output is, contains or lies in an input.", "Choose another place for it."),
        ErrorEntry("QP110", "What is asked for needs a part that is not installed.", "Install it as the help says."),
        ErrorEntry(
            "QP111", "An input needs to be told something that it does not say.", "Give the option that is named."
        ),
        ErrorEntry("QP112", "The report does not fit into the format.", "Write it as Parquet or CSV."),
        ErrorEntry("QP113", "The key file cannot be used.", "Keep 16 or 32 random bytes in a file only you can read."),
        ErrorEntry("QP201", "An input path does not exist or matches no file.", "Check the path; quote globs."),
        ErrorEntry("QP202", "A file cannot be read, is damaged, or is not in a known form.", "Deliver the file again."),
        ErrorEntry("QP203", "Rows break a rule of their table.", "Mend the rows, or allow them with --max-rejects N."),
        ErrorEntry("QP204", "A required column is missing.", "Rename it, or map it in [columns] of qpcli.toml."),
        ErrorEntry("QP205", "A header names a column twice.", "Remove or rename one of them."),
        ErrorEntry("QP206", "A file is empty and has no header.", "Deliver the file again."),
        ErrorEntry(
            "QP207", "Claim lines with an equal key differ (duplicate_conflict).", "Keep the delivery that is right."
        ),
        ErrorEntry("QP208", "A file changed while it was read.", "Run again when nothing writes to it."),
        ErrorEntry("QP209", "A participant's APM Entity is not in the entities file.", "Add the entity to the file."),
        ErrorEntry("QP210", "A text file is not UTF-8.", "Give --encoding cp1252, or convert the file."),
        ErrorEntry("QP211", "A CSV file is not separated by commas.", "Export it with commas."),
        ErrorEntry(
            "QP212", "The layout is not supported, or not recognised.", "Give --layout, or use the canonical tables."
        ),
        ErrorEntry("QP213", "An input holds no usable row.", "Check that the right file was given."),
        ErrorEntry(
            "QP214", "An archive is refused: encrypted, unsafe names, too large or damaged.", "Unpack it yourself."
        ),
        ErrorEntry("QP215", "A code list cannot be used.", "Give a CSV with the columns the help names."),
        ErrorEntry("QP216", "A package of files contradicts itself.", "Deliver the package again."),
        ErrorEntry("QP217", "A prepared store is damaged, or was made in another way.", "Convert the claims again."),
        ErrorEntry("QP218", "Tallies do not make up this run.", "Tally every part again with the same options."),
        ErrorEntry(
            "QP219",
            "A finished run cannot answer: it was made by another version of qpcli, or does not fit itself.",
            "Run `qpcli determine` again.",
        ),
        ErrorEntry(
            "QP220",
            "What is asked cannot be computed from what the run kept.",
            "Run `qpcli determine` with --keep-cells, or with the change itself.",
        ),
        ErrorEntry("QP221", "A file of an APM's facts cannot be used.", "`qpcli apms template` writes one to fill in."),
        ErrorEntry(
            "QP222", "What is encrypted does not open without its own key.", "Give the key that it was made with."
        ),
        ErrorEntry("QP301", "The output cannot be written.", "Check folder, rights and space."),
        ErrorEntry("QP302", "The output folder holds something that is not a qpcli report.", "Choose an empty folder."),
        ErrorEntry("QP303", "Another run holds the lock of the output folder.", "Wait for it, or give --wait SECONDS."),
        ErrorEntry("QP401", "Memory or another resource ran out.", "Give the run more memory, or fewer lines at once."),
        ErrorEntry(
            "QP402",
            "Apache Spark does not start, fails, or loses a worker.",
            "Give its workers more memory or smaller shards; Spark's own logs say more.",
        ),
        ErrorEntry(
            "QP501", "qpcli failed in a way it does not know.", "Run again with --debug and report the problem."
        ),
        ErrorEntry("QP502", "The regulation data contradict themselves.", "Reinstall qpcli; report the problem."),
    )
}


class QpcliError(Exception):
    """An error with a code of the catalogue; `message` and `help` never hold a person's value."""

    exit_status: ClassVar[int] = 5

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help if help is not None else ERRORS[code].remedy


class UsageError(QpcliError):
    """Options or configuration that cannot be used."""

    exit_status = 2


class InputError(QpcliError):
    """An input that cannot be used; nothing was written."""

    exit_status = 3


class OutputError(QpcliError):
    """An output that cannot be written; an older report is untouched."""

    exit_status = 4


class InternalError(QpcliError):
    """A fault of qpcli itself."""

    exit_status = 5


class ResourceError(QpcliError):
    """Memory or another resource ran out."""

    exit_status = 6


class LockedError(QpcliError):
    """Another run holds the lock."""

    exit_status = 75


_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_NUMBER_IN_WORDS = re.compile(r"\(os error (\d+)\)")
# The system's errors 12 (no memory) and 11 (no further thread), in the words of libraries.
_OUT_OF_MEMORY = re.compile(
    r"os error 1[12]\b|code: 1[12]\b|cannot allocate memory|failed to map segment", re.IGNORECASE
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, of whatever library, says that memory ran out; its words are looked at and never shown."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return _OUT_OF_MEMORY.search(str(error)) is not None


def is_full_disk(error: OSError) -> bool:
    """Whether an error, of whatever library, says that a disk takes no more."""
    return _number(error) in _FULL_DISK


def why(error: OSError) -> str:
    """What the system says of an error, in its own words; they quote nothing."""
    number = _number(error)
    return os.strerror(number) if number else type(error).__name__


def _number(error: OSError) -> int | None:
    """The system's number of an error; Polars has it in its words alone."""
    found = None if error.errno else _NUMBER_IN_WORDS.search(str(error))
    return int(found[1]) if found else error.errno
