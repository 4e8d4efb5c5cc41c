"""What deliveries of one claim line mean together: copies out, replacements named, marks of denial handed on."""

from __future__ import annotations

import random

import pytest
from polars.testing import assert_frame_equal

from qpcli.errors import InputError
from qpcli.store.deliveries import as_delivered, newest_exports, unique_versions
from tests.store.lines_made import cancellation, delivered, original, replacement, told, unique


def test_a_line_delivered_again_stands_once_as_it_was_delivered_last() -> None:
    found = unique(original(delivery=1), original(delivery=3), original(delivery=2))
    assert told(found, "delivery", "has_versions") == [(3, False)]
    assert found.copy_count == 2


def test_the_latest_delivery_wins_also_when_what_it_says_is_another() -> None:
    found = unique(
        original(delivery=2, paid_cents=7_500, hcpcs="99214"), original(delivery=1, paid_cents=10_000, hcpcs="99213")
    )
    assert told(found, "paid_cents", "hcpcs", "has_versions") == [(7_500, "99214", False)]


def test_one_delivery_that_says_two_things_of_a_version_gives_the_same_row_in_any_order() -> None:
    rows = [original(paid_cents=cents, hcpcs=code) for cents in (1, 2, 3) for code in ("99213", "99214")]
    found = {unique(*random.Random(seed).sample(rows, len(rows))).rows.row(0) for seed in range(20)}
    assert len(found) == 1


def test_two_equal_lines_of_one_claim_are_two_services() -> None:
    found = unique(original(line_number=1), original(line_number=2))
    assert told(found, "line_number", "has_versions") == [(1, False), (2, False)]
    assert found.copy_count == 0


def test_equal_originals_with_other_control_numbers_are_other_claims() -> None:
    found = unique(original(claim_id="C1"), original(claim_id="C2"))
    assert told(found, "has_versions") == [(False,), (False,)]


def test_an_original_after_a_cancellation_is_a_replacement() -> None:
    found = unique(original("V1", "02-20"), cancellation("V2", "03-20"), original("V3", "03-27"))
    assert told(found, "adjustment") == [("original",), ("cancellation",), ("replacement",)]
    assert told(found, "delivered_adjustment") == [(None,), (None,), ("original",)]


def test_a_replacement_that_says_so_stays_one() -> None:
    found = unique(original("V1", "02-20"), cancellation("V2", "03-20"), replacement("V3", "03-20"))
    assert told(found, "adjustment") == [("original",), ("cancellation",), ("replacement",)]
    assert told(found, "delivered_adjustment") == [(None,)] * 3


def test_an_original_processed_on_the_day_of_its_cancellation_stays_the_original() -> None:
    found = unique(original("V1", "03-20"), cancellation("V2", "03-20"))
    assert told(found, "adjustment") == [("original",), ("cancellation",)]


def test_a_second_original_on_the_day_of_the_cancellation_is_the_replacement() -> None:
    found = unique(original("V1", "02-20"), cancellation("V2", "03-20"), original("V3", "03-20"))
    assert told(found, "adjustment") == [("original",), ("cancellation",), ("replacement",)]
    same_day = unique(original("V1", "03-20"), cancellation("V2", "03-20"), original("V3", "03-20", delivery=2))
    assert told(same_day, "adjustment") == [("original",), ("cancellation",), ("replacement",)]


def test_an_original_before_the_cancellation_is_no_replacement() -> None:
    found = unique(original("V1", "02-20"), original("V3", "02-27"), cancellation("V2", "03-20"))
    assert told(found, "adjustment") == [("original",), ("cancellation",), ("original",)]


@pytest.mark.parametrize("is_denied", [True, False])
def test_a_cancellation_is_as_denied_as_the_line_it_cancels(is_denied: bool) -> None:
    found = unique(original(is_denied=is_denied), cancellation(is_denied=not is_denied))
    assert told(found, "is_denied", "delivered_is_denied") == [(is_denied, None), (is_denied, not is_denied)]
    assert found.differing_cancellation_count == 0


def test_each_of_several_cancellations_takes_the_mark_of_its_own_round() -> None:
    found = unique(
        original("V1", "02-20", is_denied=True),
        cancellation("V2", "03-20"),
        original("V3", "03-27", is_denied=False),
        cancellation("V4", "04-20", is_denied=True),
        original("V5", "04-27", is_denied=True),
    )
    assert told(found, "is_denied") == [(True,), (True,), (False,), (False,), (True,)]


@pytest.mark.parametrize("column", ["hcpcs", "npi", "tin"])
def test_a_cancellation_unlike_its_line_is_counted_and_keeps_its_own_mark(column: str) -> None:
    found = unique(original(is_denied=True), cancellation(**{column: "OTHER"}))
    assert found.differing_cancellation_count == 1
    assert told(found, "is_denied") == [(True,), (False,)]


def test_a_cancellation_without_any_original_is_no_differing_one() -> None:
    found = unique(cancellation("V2", is_denied=True), cancellation("V3", "03-27", is_denied=True))
    assert found.differing_cancellation_count == 0
    assert told(found, "is_denied", "has_versions") == [(True, True), (True, True)]


def test_a_cancellation_and_its_original_with_a_blank_clinician_belong_together() -> None:
    found = unique(original(npi=None, is_denied=True), cancellation(npi=None))
    assert found.differing_cancellation_count == 0
    assert told(found, "is_denied") == [(True,), (True,)]


def test_rows_without_a_processing_date_are_versions_like_others() -> None:
    found = unique(original(processed_date=None), original(processed_date=None, delivery=2), cancellation("V2"))
    assert told(found, "adjustment", "has_versions") == [("original", True), ("cancellation", True)]
    assert found.copy_count == 1


def test_only_lines_with_several_rows_have_versions() -> None:
    found = unique(
        original("V1", line_number=1), original("V1", line_number=2), original("V1", line_number=2, delivery=2),
        original("V1", line_number=3), cancellation("V2", line_number=3),
    )  # fmt: skip
    assert told(found, "line_number", "has_versions") == [(1, False), (2, False), (3, True), (3, True)]


def test_rows_of_a_store_are_as_delivered_again() -> None:
    rows = delivered(
        original("V1", is_denied=True), cancellation("V2"), original("V3", "03-27"), original(claim_id="C2")
    )
    stored = unique_versions(rows, has_deliveries=True).rows
    again = as_delivered(stored)
    assert not stored.select(rows.columns).equals(rows)
    assert_frame_equal(again, rows, check_row_order=False, check_column_order=False)


def test_deliveries_stored_in_any_order_tell_what_all_tell_together() -> None:
    rows = [
        original("V1", "03-20", is_denied=True),
        original("V1", "03-20", is_denied=True, delivery=4, hcpcs="99214"),
        original("V2", "03-20", delivery=2),
        cancellation("V3", "03-20", delivery=2),
        cancellation("V4", "03-01", delivery=3),
        original("V5", "03-27", delivery=3, is_denied=True),
    ]
    whole = unique(*rows).rows
    for seed in range(30):
        stored = delivered()
        for row in random.Random(seed).sample(rows, len(rows)):
            together = stored.vstack(delivered(row).select(stored.columns))
            stored = as_delivered(unique_versions(together, has_deliveries=True).rows)
        found = unique_versions(stored, has_deliveries=True).rows
        assert_frame_equal(found, whole, check_row_order=False, check_column_order=False)


def test_canonical_copies_are_known_by_their_content() -> None:
    found = unique(original(), original(), original("V2"), has_deliveries=False)
    assert told(found, "claim_version", "has_versions") == [("V1", True), ("V2", True)]
    assert found.copy_count == 1


def test_amounts_of_canonical_cancellations_are_compared_without_their_sign() -> None:
    found = unique(cancellation(paid_cents=-500), cancellation(paid_cents=500), has_deliveries=False)
    assert told(found, "paid_cents") == [(500,)]


def test_canonical_copies_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        unique(original(paid_cents=1), original(paid_cents=2), has_deliveries=False)
    assert caught.value.code == "QP207"
    assert "B1" not in str(caught.value)


def test_adjustments_of_canonical_claims_stay_as_they_are_given() -> None:
    found = unique(original(), cancellation(is_denied=True), original("V3", "03-27"), has_deliveries=False)
    assert told(found, "adjustment") == [("original",), ("cancellation",), ("original",)]
    assert told(found, "is_denied") == [(False,), (True,), (False,)]


def test_of_a_claim_that_is_updated_in_place_the_lines_of_the_newest_export_stand() -> None:
    rows = delivered(
        original("A", line_number=1, delivery=1), original("A", line_number=2, delivery=1),
        original("A", line_number=1, delivery=2), original("B", line_number=1, delivery=1),
        original(None, line_number=1, delivery=1), original(None, line_number=2, delivery=2),
    )  # fmt: skip
    found = newest_exports(rows, with_professional=True).sort("claim_version", "line_number", nulls_last=True)
    expected = [("A", 1, 2), ("B", 1, 1), (None, 1, 1), (None, 2, 2)]
    assert found.select("claim_version", "line_number", "delivery").rows() == expected


def test_of_institutional_claims_alone_the_newest_export_stands_where_professional_lines_come_one_by_one() -> None:
    rows = delivered(
        original("A", line_number=1, delivery=1), original("A", line_number=2, delivery=2),
        original("B", line_number=1, delivery=1, setting="rhc"),
        original("B", line_number=2, delivery=2, setting="rhc"),
    )  # fmt: skip
    found = newest_exports(rows, with_professional=False).sort("claim_version", "line_number")
    assert found.select("claim_version", "line_number").rows() == [("A", 1), ("A", 2), ("B", 2)]
