"""A store that files are added to is the store that all files make at once."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from qpcli.errors import InputError
from qpcli.store.shards import shard_of
from tests.store.conftest import Feed
from tests.store.made import (
    SHARDS,
    assert_equal_stores,
    changed,
    converted,
    counted,
    hashes,
    lines_of,
    members,
    said,
    step_by_step,
    write_delivery,
)

Groups = list[list[Path]]

FILES_OF_A_SHARD = 6
"""Lines, what their numbers of three kinds stand for, amounts withheld, months of other payers."""


def states(store: Path) -> dict[Path, tuple[int, ...]]:
    """What tells of every file and folder that it was not written; looking at a folder may change when it was read."""
    found = {path: path.stat() for path in store.rglob("*")}
    return {path: (it.st_ino, it.st_size, it.st_mode, it.st_mtime_ns, it.st_ctime_ns) for path, it in found.items()}


def in_order(feed: Feed) -> Groups:
    return feed.months


def backwards(feed: Feed) -> Groups:
    return feed.months[::-1]


def halves(feed: Feed) -> Groups:
    return [list(feed.deliveries[:8]), list(feed.deliveries[8:])]


def late_half_first(feed: Feed) -> Groups:
    return halves(feed)[::-1]


def shuffled(feed: Feed) -> Groups:
    return random.Random(5).sample(feed.months, len(feed.months))


@pytest.mark.parametrize("groups", [in_order, backwards, shuffled, halves, late_half_first])
def test_an_update_equals_a_full_conversion(
    feed: Feed, whole: Path, tmp_path: Path, groups: Callable[[Feed], Groups]
) -> None:
    assert_equal_stores(step_by_step(tmp_path / "store", groups(feed)), whole)


def test_the_feed_has_what_makes_updating_hard(feed: Feed, whole: Path, tmp_path: Path) -> None:
    lines = pl.read_parquet(whole / "claim_lines")
    shards = [shard_of(name, SHARDS).alias(name) for name in ("bene_id", "delivered_bene_id")]
    moved = lines.select(shards).filter(pl.col("bene_id") != pl.col("delivered_bene_id"))
    assert moved.height
    crosswalk = pl.read_parquet(whole / "crosswalk.parquet")
    assert crosswalk["current_bene_id"].is_duplicated().any()
    assert lines.filter(pl.col("delivered_is_denied").is_not_null()).height
    assert counted(whole, "cancellation_differs")
    assert (counted(whole, "duplicate_lines") or 0) > len(lines_of(feed.deliveries[6], "5"))
    first = step_by_step(tmp_path / "store", feed.months[:3])
    assert hashes(first)["beneficiaries.parquet"] != hashes(whole)["beneficiaries.parquet"]


def test_a_reduction_is_gone_when_its_line_came_again_without_it(feed: Feed, whole: Path, tmp_path: Path) -> None:
    versions = [line[:13] for line in lines_of(feed.deliveries[6], "5")]
    early = step_by_step(tmp_path / "store", feed.months[:6])
    withheld = [
        pl.read_parquet(store / "claim_lines").filter(pl.col("claim_version").is_in(versions))["withheld_amount"].sum()
        for store in (early, whole)
    ]
    assert withheld[0] > 0
    assert withheld[1] == 0


def test_files_that_the_store_has_are_not_needed_any_more(feed: Feed, whole: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    store = tmp_path / "store"
    for group in halves(feed):
        own = [Path(shutil.copy2(path, sources)) for path in group]
        converted(store, *own)
        for path in own:
            path.unlink()
    assert hashes(store) == hashes(whole)
    assert said(store) == said(whole)


def test_a_store_that_has_all_files_stands_as_it_is(feed: Feed, tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert converted(store, *feed.deliveries[:4]).added_count == 4
    before = states(store)
    assert converted(store, *feed.deliveries[:4]).added_count == 0
    assert states(store) == before


def test_a_file_is_known_by_whatever_path_it_is_reached(
    feed: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(feed.folder)
    relative = [path.relative_to(feed.folder) for path in feed.deliveries[:3]]
    assert converted(tmp_path / "store", *relative).added_count == 3
    (tmp_path / "link").symlink_to(feed.folder)
    for paths in (relative, feed.deliveries[:3], [tmp_path / "link" / path for path in relative]):
        assert converted(tmp_path / "store", *paths).added_count == 0


def test_a_delivery_given_twice_changes_nothing_but_the_count_of_copies(
    feed: Feed, whole: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copy2(feed.deliveries[5], tmp_path / "copy.zip"))
    twice, later = tmp_path / "twice", tmp_path / "later"
    converted(twice, *feed.deliveries, copy)
    step_by_step(later, [list(feed.deliveries), [copy]])
    assert_equal_stores(later, twice)
    assert hashes(twice) == hashes(whole)
    copies = [counted(store, "duplicate_lines") or 0 for store in (whole, twice)]
    institutional = copies[1] - copies[0] - len(lines_of(copy, "5"))
    assert 0 < institutional <= len(lines_of(copy, "2"))


def test_one_persons_lines_touch_one_shard(canonical: Path, tmp_path: Path) -> None:
    first, _ = sorted((canonical / "claim_lines").iterdir())
    header, line, *_ = first.read_text().splitlines()
    store = tmp_path / "store"
    converted(store, canonical / "claim_lines")
    before = {path.name: path.stat().st_ino for path in (store / "claim_lines").iterdir()}
    new = tmp_path / "new.csv"
    new.write_text(f"{header}\n{line.replace(line.split(',')[0], 'ANOTHER', 1)}\n")
    converted(store, new)
    after = {path.name: path.stat().st_ino for path in (store / "claim_lines").iterdir()}
    assert len(before) == SHARDS
    assert len(before.items() & after.items()) == SHARDS - 1


def test_a_delivery_of_one_person_leaves_the_other_shards_as_they_were(feed: Feed, tmp_path: Path) -> None:
    last = Path(shutil.copy2(feed.deliveries[-1], tmp_path))
    person = lines_of(last, "5")[0][23:34]
    for number in ("5", "B", "1", "2"):
        changed(last, number, lambda lines: [line for line in lines if person in line])
    store = tmp_path / "store"
    converted(store, *feed.deliveries[:-1])
    before = {path.relative_to(store): path.stat().st_ino for path in store.rglob("shard-*")}
    converted(store, last)
    after = {path.relative_to(store): path.stat().st_ino for path in store.rglob("shard-*")}
    assert len(before) == FILES_OF_A_SHARD * SHARDS
    assert len(before.items() & after.items()) == FILES_OF_A_SHARD * (SHARDS - 1)
    converted(tmp_path / "whole", *feed.deliveries[:-1], last)
    assert_equal_stores(store, tmp_path / "whole")


def test_canonical_files_added_one_by_one_are_those_converted_together(canonical: Path, tmp_path: Path) -> None:
    files = sorted((canonical / "claim_lines").iterdir())
    converted(tmp_path / "whole", *files)
    for name, groups in {"steps": [[file] for file in files], "back": [[file] for file in files[::-1]]}.items():
        assert_equal_stores(step_by_step(tmp_path / name, groups), tmp_path / "whole")


def test_canonical_files_given_twice_change_nothing_but_a_finding(canonical: Path, tmp_path: Path) -> None:
    files = sorted((canonical / "claim_lines").iterdir())
    copies = [Path(shutil.copy2(file, tmp_path / f"copy-{file.name}")) for file in files]
    converted(tmp_path / "once", *files)
    converted(tmp_path / "twice", *files, *copies)
    step_by_step(tmp_path / "later", [files, copies])
    assert hashes(tmp_path / "twice") == hashes(tmp_path / "once")
    assert_equal_stores(tmp_path / "later", tmp_path / "twice")
    rows = sum(len(file.read_text().splitlines()) - 1 for file in files)
    copied = [counted(tmp_path / name, "duplicate_lines") or 0 for name in ("once", "twice")]
    assert copied[1] == copied[0] + rows


def test_canonical_versions_that_contradict_each_other_are_refused_in_an_update_too(
    canonical: Path, tmp_path: Path
) -> None:
    first, _ = sorted((canonical / "claim_lines").iterdir())
    header, line, *_ = first.read_text().splitlines()
    place = header.split(",").index("paid_amount")
    values = line.split(",")
    values[place] = "1234.56"
    (tmp_path / "new.csv").write_text(f"{header}\n{','.join(values)}\n")
    converted(tmp_path / "store", first)
    before = hashes(tmp_path / "store")
    with pytest.raises(InputError) as caught:
        converted(tmp_path / "store", tmp_path / "new.csv")
    assert caught.value.code == "QP207"
    assert hashes(tmp_path / "store") == before


def test_ids_that_were_one_persons_cannot_be_parted(feed: Feed, tmp_path: Path) -> None:
    with_links = [delivery for delivery in feed.deliveries if lines_of(delivery, "9")]
    early, late = (Path(shutil.copy2(path, tmp_path)) for path in (with_links[0], with_links[-1]))
    link = lines_of(early, "9")[0]
    someone = next(line[:11] for line in lines_of(early, "8") if line[:11] not in (link[1:12], link[12:23]))
    changed(late, "9", lambda lines: [*lines, link[:1] + someone + link[12:]])
    converted(tmp_path / "whole", early, late)
    converted(tmp_path / "store", early)
    with pytest.raises(InputError, match="for one person") as caught:
        converted(tmp_path / "store", late)
    assert caught.value.code == "QP217"
    assert "--force" in (caught.value.help or "")
    assert someone not in str(caught.value)


def weekly(delivery: Path, folder: Path, day: str) -> Path:
    """A delivery as a weekly one of another day."""
    month = delivery.name.partition(".D")[2][:6]
    files = {
        name.replace("Y25.", "WY25.", 1).replace(f".D{month}", f".D{day}"): lines
        for name, lines in members(delivery).items()
    }
    return write_delivery(folder / f"weekly-{day}.zip", files)


@pytest.mark.parametrize("is_weekly_first", [True, False])
def test_a_weekly_delivery_and_a_monthly_one_that_supersedes_it_must_come_together(
    feed: Feed, tmp_path: Path, is_weekly_first: bool
) -> None:
    june, july = feed.deliveries[5:7]
    week = weekly(july, tmp_path, "250620")
    first, second = (week, july) if is_weekly_first else (july, week)
    converted(tmp_path / "store", june, first)
    with pytest.raises(InputError, match="weekly") as caught:
        converted(tmp_path / "store", second)
    assert caught.value.code == "QP217"
    assert "--force" in (caught.value.help or "")
    converted(tmp_path / "store", june, week, july, is_forced=True)
    converted(tmp_path / "without", june, july)
    assert hashes(tmp_path / "store") == hashes(tmp_path / "without")


def test_a_weekly_delivery_after_the_last_monthly_one_is_added(feed: Feed, tmp_path: Path) -> None:
    june, july = feed.deliveries[5:7]
    week = weekly(july, tmp_path, "250620")
    converted(tmp_path / "whole", june, week)
    assert_equal_stores(step_by_step(tmp_path / "store", [[june], [week]]), tmp_path / "whole")
