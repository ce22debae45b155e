"""What a correction changed is found by comparing the plan without it and the plan with it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from light import lighten, lighten_file

from planner import Memo, Plan, Project, Scenario, make_plan
from planner.export import write_out
from planner.scenario import CloseVenue

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
AUTHOR = "Quillfeather"


@pytest.fixture(scope="module")
def memo(demo_memo: Memo) -> Memo:
    return demo_memo


@pytest.fixture(scope="module")
def official(memo: Memo) -> Plan:
    return make_plan(lighten(Project.read(DEMO)), memo=memo)


@pytest.fixture(scope="module")
def corrected(
    official: Plan, memo: Memo, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Plan, str]:
    """Return the demo with a food bank closed, a GP's hours and an area's income put right."""
    folder = tmp_path_factory.mktemp("local") / "place"
    shutil.copytree(DEMO, folder)
    bank = official.services.open_offers("food_bank")["venue_id"].iloc[0]
    gp = official.services.open_offers("gp")["venue_id"].iloc[0]
    worst = official.need.scores["need_rank"].idxmax()
    with (folder / "local.csv").open("w", encoding="utf-8", newline="") as handle:
        write = csv.writer(handle).writerow
        write(["action", "subject", "field", "value", "author", "date", "note"])
        write(["close", bank, "", "", AUTHOR, "2026-02-03", "gone since Christmas"])
        write(["correct", gp, "opening", "Mo-Fr 08:00-18:30", AUTHOR, "2026-02-03", ""])
        write(["correct", worst, "income", "0.9", AUTHOR, "2026-02-03", "new hostel"])
    project = folder / "planner.toml"
    project.write_text(
        project.read_text(encoding="utf-8") + '\n[[local]]\nfile = "local.csv"\n', encoding="utf-8"
    )
    return make_plan(Project.read(lighten_file(project)), memo=memo), worst


def test_a_closure_tells_whose_way_is_longer(official: Plan, corrected: tuple[Plan, str]) -> None:
    plan, _ = corrected
    before = official.access.wide("minutes_nearest", "food_bank")
    after = plan.access.wide("minutes_nearest", "food_bank")
    further = before.index[(after["value"].fillna(1e9) - before["value"].fillna(1e9)) > 0.05]
    assert len(further) > 0
    effects = plan.local.effects.loc[1]
    assert set(further) <= set(effects["areas"].split(";"))
    assert effects["people_affected"] >= plan.area.place.loc[further, "population"].sum()
    assert f"further in {len(further)} area" in effects["effect"]


def test_hours_change_no_minutes_yet(corrected: tuple[Plan, str]) -> None:
    effects = corrected[0].local.effects.loc[2]
    assert effects["effect"] == "no area's minutes or gaps change"
    assert effects["areas_changed"] == 0


def test_a_corrected_figure_moves_need(official: Plan, corrected: tuple[Plan, str]) -> None:
    plan, code = corrected
    before, after = (p.need.scores["need_rank"] for p in (official, plan))
    assert after[code] < before[code]
    effects = plan.local.effects.loc[3]
    assert f"need rank {before[code]} → {after[code]}" in effects["effect"]
    assert effects["areas_changed"] == int((before != after).sum())


def test_effects_are_about_today_whatever_the_scenario(
    corrected: tuple[Plan, str], memo: Memo
) -> None:
    plan, _ = corrected
    other = plan.services.open_offers("library")["venue_id"].iloc[0]
    scenario = Scenario(name="closure", changes=(CloseVenue(venue_id=other),))
    after = make_plan(plan.project, scenario, memo=memo)
    pd.testing.assert_frame_equal(after.local.effects, plan.local.effects)


def test_the_file_has_both_values_and_no_name(corrected: tuple[Plan, str], tmp_path: Path) -> None:
    plan, _ = corrected
    write_out(plan, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "local_knowledge.csv")
    assert table["official_value"].iloc[0] == "existing"
    assert table["local_value"].iloc[0] == "closed"
    assert (table["author"] == "a partner").all()
    told = [p.name for p in (tmp_path / "out").iterdir() if AUTHOR.encode() in p.read_bytes()]
    assert told == []


def test_without_corrections_there_is_no_file(official: Plan, tmp_path: Path) -> None:
    write_out(official, tmp_path / "out")
    assert not (tmp_path / "out" / "local_knowledge.csv").exists()
