"""The command line does the job, repeats it to the byte, and refuses in one or two lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from light import lighten_file

from planner.demo import write_demo

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "data" / "demo"

Run = Callable[..., tuple[int, str, str]]


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.suffix in {".csv", ".parquet"}
    }


def test_a_run_writes_every_file_and_its_project_gives_the_same_bytes_again(
    planner: Run, tmp_path: Path
) -> None:
    place = write_demo(tmp_path / "place", areas=40).parent
    lighten_file(place / "planner.toml", bundle={"timed": 2}, gaps={"draws": 5})
    code, out, _ = planner("run", place, "-o", tmp_path / "one")
    assert code == 0
    assert "Fictional" in out
    check_files(tmp_path / "one")
    resolved = tmp_path / "one" / "planner.resolved.toml"
    code, _, err = planner("run", resolved, "-o", tmp_path / "two", "--data-root", place)
    assert code == 0, err
    assert len(hashes(tmp_path / "one")) >= 8
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert (tmp_path / "two" / "planner.resolved.toml").read_bytes() == resolved.read_bytes()


def check_files(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["made_by"] == "planner"
    names = {path.name for path in out.iterdir()}
    assert names >= {
        "areas.csv", "areas.gpkg", "areas.parquet", "access.parquet", "types.csv", "gaps.csv",
        "hubs.csv", "services.csv", "travel.parquet", "map.html", "report.html",
        "planner.resolved.toml", "manifest.json", "need_parts.csv", "need_certainty.csv",
        "need_tandem.csv", "need_clusters.csv", "need_inactivity.csv",
    }  # fmt: skip


def test_check_says_what_each_layer_covers(planner: Run) -> None:
    code, out, _ = planner("check", DEMO)
    assert code == 0
    assert "of 150" in out
    assert "could not be placed" in out


def test_demo_writes_a_place_that_can_be_checked(planner: Run, tmp_path: Path) -> None:
    code, out, _ = planner("demo", tmp_path / "place", "--areas", 20)
    assert code == 0
    assert "planner run" in out
    assert planner("check", tmp_path / "place")[0] == 0


def test_demo_does_not_write_over_something(planner: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = planner("demo", tmp_path)
    assert code == 2
    assert "not empty" in err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_project_is_two_lines_and_exit_2(planner: Run, tmp_path: Path) -> None:
    code, out, err = planner("run", tmp_path / "nothing.toml", "-o", tmp_path / "out")
    assert code == 2
    assert out == ""
    assert 1 <= len(err.splitlines()) <= 2
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_an_output_folder_with_other_files_is_refused_before_any_work(
    planner: Run, tmp_path: Path
) -> None:
    (tmp_path / "holiday.jpg").write_text("mine")
    code, _, err = planner("run", DEMO, "-o", tmp_path)
    assert code == 2
    assert "holiday.jpg" in err
    assert len(err.splitlines()) <= 2
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]
