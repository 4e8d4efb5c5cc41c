"""--alert-margin: exit 1 for cron when an APM Entity is below its QP bar or near it."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Call

NOT_QP = ["SYN03", "SYN04", "SYN05", "SYN06", "SYN07", "SYN09"]


def test_an_alert_is_exit_1_and_names_the_entities(determine: Call) -> None:
    answer = determine("--alert-margin", "0.5")
    assert (answer.status, "below the QP bar or at most 0.5 points above it" in answer.out) == (1, True)
    document = determine("--alert-margin", "0.5", "--json").document
    assert document["alert"]["margin_points"] == "0.5"
    assert set(NOT_QP) <= set(document["alert"]["apm_entity_ids"])


def test_without_the_option_there_is_no_alert(determine: Call) -> None:
    answer = determine("--json")
    assert (answer.status, answer.document["alert"]) == (0, None)


def test_a_wider_margin_tells_of_more(determine: Call) -> None:
    told = [
        set(determine("--alert-margin", m, "--json").document["alert"]["apm_entity_ids"]) for m in ("0", "20", "100")
    ]
    assert told[0] < told[1] < told[2]


def test_a_standing_report_is_looked_at_anew_and_keeps_its_own_status(determine: Call) -> None:
    assert determine("--out", "reports").status == 0
    alert = determine("--out", "reports", "--alert-margin", "5", "--log-format", "json")
    assert (alert.status, alert.log[-1]["is_up_to_date"]) == (1, True)
    assert set(NOT_QP) <= set(alert.log[-1]["alert"]["apm_entity_ids"])
    assert determine("--out", "reports").status == 0


@pytest.mark.parametrize("margin", ["-1", "101", "much"])
def test_a_margin_is_a_number_of_points(determine: Call, margin: str) -> None:
    answer = determine("--alert-margin", margin)
    assert (answer.status, "QP101" in answer.err) == (2, True)
