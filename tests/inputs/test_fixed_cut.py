"""Both ways of cutting fixed-width lines, over bytes and over text, give the same fields."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from qpcli.inputs.fixed_cut import PlainLines, cut_lines

WIDTH = 8
POSITIONS = {"first": (1, WIDTH), "second": (WIDTH + 1, 2 * WIDTH), "last": (2 * WIDTH + 1, 2 * WIDTH + 1)}
CELLS = st.one_of(
    st.text("AB1 ~", max_size=WIDTH).map(lambda text: text.ljust(WIDTH)),
    st.text("AB1 ~", max_size=WIDTH).map(lambda text: text.rjust(WIDTH)),
    st.just("ABC".ljust(WIDTH)),
)
LINES = st.lists(st.tuples(CELLS, CELLS, st.sampled_from("A ~")).map("".join), min_size=1, max_size=6)


@given(LINES)
def test_bytes_and_text_are_cut_alike(lines: list[str]) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    plain = PlainLines(data, 2 * WIDTH + 2).cut(POSITIONS)
    assert plain.rows() == cut_lines(pl.Series(lines), POSITIONS).rows()


def test_a_value_longer_than_the_first_line_s_is_whole() -> None:
    data = b"AB      \nABCDEFGH\n"
    assert PlainLines(data, 9).cut({"field": (1, 8)})["field"].to_list() == ["AB", "ABCDEFGH"]


def test_a_field_that_is_blank_in_the_first_line_is_read_in_the_others() -> None:
    data = b"        \n     7.5\n"
    assert PlainLines(data, 9).cut({"field": (1, 8)})["field"].to_list() == [None, "7.5"]
