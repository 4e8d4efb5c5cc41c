"""Exit statuses: 0 done, 1 findings, 2 usage, 3 input, 4 output, 5 internal, 6 resources, 75 locked, 128+ signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qpcli.reports.publishing import hold_lock
from qpcli.sample import SamplePlan, write_sample
from tests.cli.calling import environment
from tests.cli.conftest import Call


def first_line(text: str) -> str:
    return text.splitlines()[0]


def test_not_qp_is_a_result_and_exits_0(determine: Call) -> None:
    assert determine().status == 0


def test_findings_exit_1_from_the_severity_asked_for(determine: Call) -> None:
    assert "warning" in determine().out
    assert [determine("--fail-on", severity).status for severity in ("error", "warning", "info", "never")] == [
        0,
        1,
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--no-such-option",), "QP101"),
        (("--year", "soon"), "QP101"),
        (("--snapshot", "4"), "QP101"),
        (("--max-rejects", "-1"), "QP101"),
        (("--law-as-of", "20"), "QP101"),
        (("--assume", "claims_run_out_days"), "QP101"),
        (("--out", "-", "--table", "cells"), "QP101"),
        (("--out", "-", "--json"), "QP104"),
        (("--out", "-", "--format", "parquet"), "QP104"),
        (("--out", "-", "--dry-run"), "QP104"),
        (("--table", "findings"), "QP104"),
        (("--keep-cells",), "QP104"),
        (("-q", "-v"), "QP104"),
        (("--year", "1999"), "QP105"),
        (("--law-as-of", "2010-01-01"), "QP106"),
        (("--assume", "no_such_point=1"), "QP107"),
        (("--assume", "group_membership=sometimes"), "QP108"),
        (("--out", "sample_data"), "QP109"),
    ],
)
def test_usage_exits_2(determine: Call, arguments: tuple[str, ...], code: str) -> None:
    answer = determine(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert f"error[{code}]: " in answer.err


@pytest.mark.parametrize("arguments", [(), ("determin",), ("schema", "claim"), ("codes", "QP999"), ("rules", "x")])
def test_calls_that_mean_nothing_exit_2(call: Call, arguments: tuple[str, ...]) -> None:
    answer = call(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("error[QP101]: ")


def test_what_is_not_given_is_named(call: Call) -> None:
    answer = call("determine", "--year", "2025", "--claims", "sample_data/claim_lines")
    assert answer.status == 2
    assert first_line(answer.err) == "error[QP101]: Not given: --participants, --attribution."


def test_an_output_in_the_home_of_nobody_exits_2(determine: Call) -> None:
    assert determine("--out", "~nobody of this name/reports").status == 2


def test_an_unusable_input_exits_3(determine: Call) -> None:
    assert determine("--claims", "nowhere").status == 3


def test_bad_rows_exit_3_from_determine_and_1_from_check(call: Call, determine: Call, place: Path) -> None:
    participants = place / "sample_data" / "participants.csv"
    header, first, *rest = participants.read_text().splitlines()
    broken = ",".join(
        "20259999" if name == "start_date" else cell
        for name, cell in zip(header.split(","), first.split(","), strict=True)
    )
    participants.write_text("\n".join([header, broken, *rest]) + "\n")
    answer = call("check", "--config", "sample_data/qpcli.toml", "--json")
    assert (determine().status, answer.status) == (3, 1)
    assert answer.document["is_usable"] is False
    assert [error["code"] for error in answer.document["errors"]] == ["QP203"]


def test_check_finds_copies_that_contradict_each_other(call: Call, determine: Call, place: Path) -> None:
    part = sorted((place / "sample_data" / "claim_lines").iterdir())[0]
    header, first, *rest = part.read_text().splitlines()
    other = ",".join(
        "99999.99" if name == "paid_amount" else cell
        for name, cell in zip(header.split(","), first.split(","), strict=True)
    )
    part.write_text("\n".join([header, first, *rest, other]) + "\n")
    answer = call("check", "--config", "sample_data/qpcli.toml", "--json")
    assert (determine().status, answer.status) == (3, 1)
    assert [error["code"] for error in answer.document["errors"]] == ["QP207"]


def test_check_finds_ids_that_join_nothing(call: Call, place: Path) -> None:
    path = place / "sample_data" / "attribution.csv"
    header, *rows = path.read_text().splitlines()
    column = header.split(",").index("bene_id")
    strange = [
        ",".join(f"X{cell}" if place == column else cell for place, cell in enumerate(row.split(","))) for row in rows
    ]
    path.write_text("\n".join([header, *strange]) + "\n")
    answer = call("check", "--config", "sample_data/qpcli.toml", "--json")
    assert answer.status == 1
    assert ("ids_do_not_join", "attribution") in [(each["code"], each["table"]) for each in answer.document["findings"]]


@pytest.mark.parametrize("command", ["check", "dry run"])
def test_check_and_a_dry_run_find_all_that_determine_finds_but_for_the_scores(
    call: Call, determine: Call, command: str
) -> None:
    arguments = ("check",) if command == "check" else ("determine", "--dry-run")
    told = call(*arguments, "--config", "sample_data/qpcli.toml", "--json").document["findings"]
    of_scores = {"attributed_not_eligible", "own_beneficiary_removed", "denominator_is_attributed"}
    whole = [each for each in determine("--json").document["findings"] if each["code"] not in of_scores]
    assert told == whole


def test_check_of_usable_inputs_exits_0(call: Call) -> None:
    answer = call("check", "--config", "sample_data/qpcli.toml")
    assert (answer.status, first_line(answer.out).startswith("The inputs can be used.")) == (0, True)


def test_an_output_that_cannot_be_written_exits_4(determine: Call, place: Path) -> None:
    (place / "file").write_text("mine")
    answer = determine("--out", "file")
    assert (answer.status, (place / "file").read_text()) == (4, "mine")


def test_a_full_disk_behind_stdout_exits_4() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "qpcli", "codes"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, first_line(done.stderr)) == (
        4,
        "error[QP301]: stdout cannot be written: No space left on device.",
    )


@pytest.mark.parametrize("arguments", [["codes"], ["--help"], ["codes", "--json"], ["schema"], ["--version"]])
def test_a_closed_pipe_exits_141_without_a_word(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "qpcli", *arguments], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("arguments", ["codes", "codes --json", "--help"])
def test_a_stdout_that_is_closed_exits_4(arguments: str) -> None:
    script = f'"{sys.executable}" -m qpcli {arguments} >&-'
    done = subprocess.run(["bash", "-c", script], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, first_line(done.stderr)) == (4, "error[QP301]: stdout is closed.")


def test_memory_that_runs_out_exits_6(determine: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def ran_out(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("qpcli.run.determine", ran_out)
    answer = determine()
    assert (answer.status, answer.err.startswith("error[QP401]: ")) == (6, True)


def test_a_held_lock_exits_75(determine: Call, place: Path) -> None:
    with hold_lock(place / "reports"):
        answer = determine("--out", "reports")
    assert (answer.status, "error[QP303]: " in answer.err) == (75, True)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_exit_with_their_status_after_clean_up(
    number: signal.Signals, status: int, determine: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def stopped(*_: object) -> None:
        try:
            os.kill(os.getpid(), number)
            time.sleep(10)
        finally:
            seen.append("cleaned up")

    monkeypatch.setattr("qpcli.run.determine", stopped)
    answer = determine()
    assert (answer.status, answer.out, seen) == (status, "", ["cleaned up"])
    assert answer.err == f"stopped by {number.name}\n"


@pytest.mark.slow
def test_a_run_that_is_stopped_leaves_no_trace(place: Path) -> None:
    write_sample(SamplePlan(performance_year=2025, beneficiaries=20_000, format="csv"), place / "large")
    arguments = ("determine", "--config", "sample_data/qpcli.toml", "--claims", "large/claim_lines", "--out", "reports")
    process = subprocess.Popen(
        [sys.executable, "-m", "qpcli", *arguments], cwd=place, env=environment(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert (process.wait(), process.stderr.read().splitlines()[-1]) == (143, "stopped by SIGTERM")
    assert {path.name for path in place.iterdir()} <= {"sample_data", "large", ".reports.qpcli.lock"}


def test_a_signal_ignored_from_outside_stays_ignored() -> None:
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from qpcli.cli.signals import signals_raise\n"
        "with signals_raise(print): os.kill(os.getpid(), signal.SIGHUP)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment(), check=False)
    assert done.returncode == 0


def test_an_up_to_date_report_says_so_and_exits_as_it_did(determine: Call) -> None:
    first = determine("--out", "reports", "--fail-on", "warning")
    again = determine("--out", "reports")
    forced = determine("--out", "reports", "--force")
    assert [first.status, again.status, forced.status] == [1, 1, 0]
    assert ["Up to date" in answer.err for answer in (first, again, forced)] == [False, True, False]


def test_verify_exits_1_for_a_changed_report_and_3_for_none(determine: Call, call: Call, place: Path) -> None:
    determine("--out", "reports", "--format", "csv")
    assert call("verify", "reports").status == 0
    (place / "reports" / "exclusions.csv").write_text("changed")
    answer = call("verify", "reports", "--json")
    assert answer.status == 1
    assert answer.document["mismatches"] == [{"problem": "changed output", "file": "exclusions.csv"}]
    assert call("verify", "sample_data").status == 3
