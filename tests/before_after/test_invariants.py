"""What must hold of every scenario: nothing changed is nothing changed, opening hurts nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gap_cases import Case, build_case

from planner import Memo, Plan, Project, Scenario, make_plan
from planner.before_after import Snapshot, build_before_after, take_snapshot
from planner.before_after.snapshot import TABLE_COLUMNS
from planner.demo import write_demo
from planner.scenario import CloseVenue, OpenVenue, SetStatus

#: As little as can be of what has nothing to do with a scenario.
LIGHT: dict[str, object] = {
    "measures": {"kth": [], "interval": [], "jobs_bands": [], "at": []},
    "gaps": {"draws": 0},
    "robustness": {"draws": 20},
    "tandem": {"permutations": 99},
    "spatial": {"permutations": 99},
    "equity": {"bootstraps": 20},
    "access": {"mode": "walk"},
    "timetable": None,
}


@pytest.fixture(scope="module")
def memo() -> Memo:
    return Memo(max_entries=200)


@pytest.fixture(scope="module")
def today(memo: Memo, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("demo") / "place"
    write_demo(folder, areas=20)
    project = Project.read(folder)
    types = project.spec.neighbourhoods.model_copy(update={"bootstraps": 0})
    return make_plan(project.with_spec(**LIGHT, neighbourhoods=types), memo=memo)


def tables(plan: Plan) -> dict[str, bytes]:
    """Return what a plan says, as the bytes of its tables."""
    assert plan.hubs is not None
    assert plan.bundles is not None
    frames: dict[str, pd.DataFrame] = {
        "areas": plan.areas,
        "gaps": plan.gaps.table,
        "access": plan.access.table,
        "hubs": plan.hubs.chosen,
        "bundle": plan.bundles.areas,
        "types": plan.type_outcomes,
        **{f"equity {kind}": found.table for kind, found in plan.equity.items()},
    }
    return {name: frame.to_csv(float_format="%r").encode() for name, frame in frames.items()}


def test_closing_and_opening_again_gives_the_baseline_byte_for_byte(
    today: Plan, memo: Memo
) -> None:
    venue = today.services.open_offers("library")["venue_id"].iloc[0]
    changes = (CloseVenue(venue_id=venue), SetStatus(venue_id=venue, status="existing"))
    after = make_plan(today.project, Scenario(name="There and back", changes=changes), memo=memo)
    assert tables(after) == tables(today)
    found = build_before_after(take_snapshot(today), take_snapshot(after))
    assert set(found.areas["change"]) <= {"same", "still_not_reached", "not_known"}
    assert len(found.findings) == 1


def test_opening_on_the_demo_makes_nobody_lose(today: Plan, memo: Memo) -> None:
    worst = today.access.wide("minutes_nearest", "library")["value"].idxmax()
    point = today.area.place_points.query("area_code == @worst").geometry.iloc[0]
    new = OpenVenue(venue_id="new:1", name="New", x=point.x, y=point.y, kinds=("library", "gp"))
    after = make_plan(today.project, Scenario(name="Open", changes=(new,)), memo=memo)
    found = build_before_after(take_snapshot(today), take_snapshot(after))
    assert (found.summary["people_losing"] == 0).all()
    assert found.summary.loc["library", "people_winning"] >= today.area.place["population"][worst]
    assert (found.by_partner["people_losing"] == 0).all()
    assert found.summary["people"].tolist() == [today.area.place["population"].sum()] * len(
        found.summary
    )
    groups = found.evidence.table.index.get_level_values("group").unique().tolist()
    assert groups == ["All people", "People in households without a car", "Disabled people"]


# --- small cases --------------------------------------------------------------------------


def to_snapshot(case: Case, name: str) -> Snapshot:
    """Return a hand-made case as a comparison sees it."""
    codes = case.area.codes
    return Snapshot(
        name=name,
        table=case.gaps.table[TABLE_COLUMNS],
        people=case.area.place["population"].astype("float64"),
        areas=pd.DataFrame(
            {
                "area_name": "",
                "type_name": "",
                "need_tenth": pd.array([1] * len(codes), dtype="Int64"),
            },
            index=codes,
        ),
        offered=frozenset({"gp"}),
        bundle=("gp",),
    )


def draw(seed: int) -> list[list[float | None]]:
    """Return minutes to an old and a new practice, some of them none or beyond the cutoff."""
    rng = np.random.default_rng(seed)
    found = rng.integers(0, 1500, (2, 6)) / 10
    return [[None if rng.random() < 0.2 else float(v) for v in row] for row in found]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_opening_gains_by_a_plain_count_and_never_loses(seed: int) -> None:
    near, new = draw(seed)
    both = {"walk": {"gp": near, "gp#2": new}}
    without, with_it = build_case(both, closed=["gp#2"]), build_case(both)
    found = build_before_after(to_snapshot(without, "today"), to_snapshot(with_it, "Open"))
    assert not set(found.areas["change"]) & {"longer", "no_longer_reached"}
    assert "opened" not in set(found.areas["gap_change"])
    # Area by area in plain Python: reached within 120 minutes, at least a minute nearer.
    gain = 0.0
    for old, other, count in zip(near, new, without.area.place["population"], strict=True):
        before = old if old is not None and old <= 120 else None
        after = other if other is not None and other <= 120 else None
        if after is not None and (before is None or round((before - after) * 10) >= 10):
            gain += count
    assert found.summary.loc["gp", "people_winning"] == gain > 0
    # The other way round, closing never makes anybody gain.
    back = build_before_after(found.after, replace(found.before, name="Close"))
    assert not set(back.areas["change"]) & {"sooner", "reached_first"}
    assert (back.summary["people_losing"] == found.summary["people_winning"]).all()
