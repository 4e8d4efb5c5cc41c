"""Participation Type Codes of a model: what the user says they mean, and which are still without a meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from qpcli.errors import UsageError
from qpcli.inputs.cmds.files import MODEL, NPI, PARTICIPATION_TYPE, CmdsFile
from qpcli.inputs.faults import reading
from qpcli.inputs.fields import code
from qpcli.request import ReadOptions
from qpcli.terms import ListType

LEAVE_OUT = "leave_out"
_SHOWN_CODES = 20


@dataclass(frozen=True, slots=True)
class TypeMeanings:
    """Code in capitals, or model and code as `MODEL/CODE`, -> a list type or `leave_out`."""

    meanings: Mapping[str, str]

    def of(self, model: pl.Expr, type_code: pl.Expr) -> pl.Expr:
        """The meaning of a row's code, that of its own model first; null for none."""
        own = pl.concat_str(model, type_code, separator="/")
        return pl.coalesce(self._looked_up(own), self._looked_up(type_code))

    def _looked_up(self, key: pl.Expr) -> pl.Expr:
        return key.replace_strict(dict(self.meanings), default=None, return_dtype=pl.String)


def type_code() -> pl.Expr:
    """The code of a row in capitals; empty when it is blank."""
    return code(PARTICIPATION_TYPE).fill_null("")


def type_meanings(options: ReadOptions) -> TypeMeanings:
    """The user's `participation_types`; raises QP101 for a meaning that there is none of."""
    allowed = (*map(str, ListType), LEAVE_OUT)
    given = options.lists.participation_types
    meanings = {key.strip().upper(): word.strip().lower().replace(" ", "_") for key, word in given.items()}
    if wrong := sorted(key for key, word in meanings.items() if word not in allowed):
        raise UsageError(
            "QP101",
            f"[participation_types]: {', '.join(wrong)} must be one of {', '.join(allowed)}.",
            "Correct it in qpcli.toml.",
        )
    return TypeMeanings(meanings)


def check_types(files: Sequence[CmdsFile], replaced: Sequence[Sequence[str]], types: TypeMeanings) -> None:
    """Raises QP111 with the codes, and the rows of each, that have no meaning. Only rows with an NPI matter."""
    unknown: Counter[str] = Counter()
    for file, models in zip(files, replaced, strict=True):
        model = file.text(MODEL).str.to_uppercase()
        type_code = file.text(PARTICIPATION_TYPE).str.to_uppercase().fill_null("")
        is_used = file.text(NPI).is_not_null() & ~model.is_in(list(models)).fill_null(False)
        codes = file.source.scan().select(model.alias("model"), type_code.alias("code"), is_used.alias("is_used"))
        has_none = types.of(pl.col("model"), pl.col("code")).is_null()
        without = (
            codes.select("code", is_without=pl.col("is_used") & has_none)
            .group_by("code")
            .agg(pl.col("is_without").sum())
        )
        with reading(file.file.name):
            unknown.update(dict(without.collect(engine="streaming").iter_rows()))
    if unknown := +unknown:
        raise UsageError("QP111", *_words(unknown))


def _words(unknown: Counter[str]) -> tuple[str, str]:
    shown = [f"{key or '(blank)'} ({count:,} rows)" for key, count in sorted(unknown.items())[:_SHOWN_CODES]]
    more = ", ..." if len(unknown) > _SHOWN_CODES else ""
    words = f"participants: Participation Type Codes without a meaning: {', '.join(shown)}{more}."
    return words, 'Say in [participation_types] of qpcli.toml: CODE = "participation", "affiliated" or "leave_out".'
