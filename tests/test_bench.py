from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from bench import app_load, streets
from bench import rows as bench_rows
from bench.rows import make_row, read_rows, to_table, write_rows, write_table


@pytest.fixture
def town(tmp_path: Path) -> str:
    return streets.build_town(500, tmp_path / "town.npz")["path"]


def test_ours_and_scipy_do_the_same_work(town: str) -> None:
    within = streets.ours_within(town)()
    assert within == streets.scipy_within(town)()[0] == streets.scipy_bare(town)()[0]
    nearest = streets.ours_nearest(town)()
    assert nearest == streets.scipy_nearest(town)() == streets.ours_nearest_of_all(town)()


def test_runners_take_turns_in_processes_of_their_own(town: str) -> None:
    from bench.measure import race

    runners = {"scipy": "streets:scipy_within", "nobody": "no_such_module:run"}
    found = race(runners, {"path": town}, repeats=2)
    assert len(found["scipy"].runs) == 2
    assert found["scipy"].answer == streets.scipy_within(town)()[0]
    assert 20 < found["scipy"].peak_mb < 1000
    assert "cannot be imported" in found["nobody"].missing


def test_rows_replace_those_of_the_same_work_and_peer(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_rows([make_row("a", "x", ours_s=1, theirs_s=4, n=1, bar=0.5)], path)
    write_rows([make_row("b", "x", ours_s=1, theirs_s=4, n=1)], path)
    write_rows([make_row("a", "x", ours_s=3, theirs_s=4, n=1, bar=0.5)], path)
    assert [(row.work, row.ratio, row.met) for row in read_rows(path)] == [
        ("a", 0.75, False),
        ("b", 0.25, None),
    ]
    asked = "work peer ours_s theirs_s ratio bar ours_peak_mb theirs_peak_mb n date machine"
    assert set(asked.split()) <= set(json.loads(path.read_text())[0])


def test_every_bar_of_a_row_must_be_met() -> None:
    row = make_row("a", "x", ours_s=1, theirs_s=10, ours_peak_mb=300, n=1, bar=0.125, bar_mb=400)
    assert row.met is True
    assert dataclasses.replace(row, ours_peak_mb=401).met is False
    assert dataclasses.replace(row, bar_s=0.5).met is False
    assert dataclasses.replace(row, theirs_s=None, ratio=None).met is None


def test_the_table_stands_between_its_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    row = make_row("a", "x", ours_s=0.25, theirs_s=4, n=1, bar=0.125)
    readme.write_text("before\n", encoding="utf-8")
    assert write_table([row], readme) is False
    readme.write_text(f"before\n{bench_rows.BEGIN}\nold\n{bench_rows.END}\nafter\n")
    assert write_table([row], readme) is True
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert to_table([row]) in text
    assert "| a | x | 250 ms | 4 s | 1/16 | 1/8 | – / – | yes |" in text


# Of 1, 2, ..., 40 seconds, 95 in a hundred are the first 38.
def test_load_counts_the_slowest_clicks_and_what_memory_stays() -> None:
    load = app_load.Load(
        seconds=tuple(float(second) for second in range(40, 0, -1)),
        wrong=(),
        mixed=(),
        before_mb=400,
        most_mb=600,
        after_mb=440,
    )
    assert load.p95 == 38
    assert load.growth == pytest.approx(0.1)
    assert dataclasses.replace(load, seconds=()).p95 > app_load.P95_SECONDS
