"""What rows of claims are on their way into shards."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from qpcli.inputs.canonical import scan_claim_lines
from qpcli.inputs.package import ClaimsPackage
from qpcli.request import Layout, ReadOptions
from qpcli.store.gathering import gather
from qpcli.store.shared_texts import spelled
from tests.inputs.made import CLAIM_HEADER, claim, claims_file

NO_CROSSWALK = pl.DataFrame(schema={"bene_id": pl.String, "current_bene_id": pl.String})


def test_amounts_of_cancellations_are_kept_without_their_sign_and_take_backs_with_it(tmp_path: Path) -> None:
    rows = [claim(paid_amount="-5.00") + ",cancellation", claim(line_number="2", paid_amount="-7.00") + ",original"]
    scan = scan_claim_lines([claims_file(tmp_path, *rows, header=f"{CLAIM_HEADER},adjustment")], ReadOptions())
    (tmp_path / "staging").mkdir()
    gathered = gather(ClaimsPackage(Layout.CANONICAL, scan), NO_CROSSWALK, tmp_path / "staging", 1)
    gathered.lines.close()
    lines = spelled(pl.concat(gathered.lines.take(0).frames()), gathered.texts)
    assert dict(lines.select("adjustment", "paid_cents").iter_rows()) == {"cancellation": 500, "original": -700}
