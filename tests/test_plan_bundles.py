"""Does a plan time trips to the whole bundle by its main way, and say so where it cannot?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planner import Memo, Plan, Project, make_plan
from planner.export.bundle import build_bundle_files
from planner.project.sections import Bundle

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"


@pytest.fixture(scope="module")
def memo() -> Memo:
    return Memo(max_entries=200)


@pytest.fixture(scope="module")
def on_foot(memo: Memo) -> Plan:
    project = Project.read(DEMO)
    walking = project.spec.access.model_copy(update={"mode": "walk"})
    return make_plan(project.with_spec(access=walking, timetable=None), memo=memo)


def test_a_trip_is_never_shorter_than_there_and_back_to_the_slowest_nearest(on_foot: Plan) -> None:
    areas = on_foot.areas
    slowest = on_foot.access.wide("bundle_minutes_slowest")["value"]
    kinds = len(on_foot.project.spec.bundle.kinds)
    dwell = on_foot.project.spec.bundle.dwell_minutes
    both = areas["bundle_trip_minutes"].notna() & slowest.notna()
    assert both.sum() > 100
    # Medians over several points may be of different points; areas of one point are exact.
    one = on_foot.area.place_points.groupby("area_code").size().eq(1)
    both &= one.reindex(areas.index)
    assert both.sum() > 20
    least = 2 * slowest[both] + kinds * dwell
    assert (areas.loc[both, "bundle_trip_minutes"] >= least - 0.11).all()


def test_the_signature_names_the_kinds_beyond_their_standard(on_foot: Plan) -> None:
    signature = on_foot.areas["signature"]
    for kind in on_foot.project.spec.bundle.kinds:
        near = on_foot.access.wide("minutes_nearest", kind)
        known = ~signature.eq("not known")
        out = near["value"].gt(on_foot.standards[kind].minutes) | near["status"].ne("reached")
        named = signature.str.split(" + ", regex=False).map(lambda found, kind=kind: kind in found)
        assert named[known].equals(out[known])


def test_a_longer_stay_lengthens_every_trip_and_times_no_journey_again(
    on_foot: Plan, memo: Memo
) -> None:
    memo.computed.clear()
    longer = Bundle(**{**on_foot.project.spec.bundle.model_dump(), "dwell_minutes": 30.0})
    again = make_plan(on_foot.project.with_spec(bundle=longer), memo=memo)
    assert not {"times", "between"} & set(memo.computed)
    more = again.areas["bundle_trip_minutes"] - on_foot.areas["bundle_trip_minutes"]
    assert np.allclose(more.dropna(), 10.0 * len(longer.kinds))


def test_a_budget_beyond_what_was_searched_is_cut_and_said(on_foot: Plan, memo: Memo) -> None:
    wide = Bundle(**{**on_foot.project.spec.bundle.model_dump(), "budget_minutes": 600.0})
    again = make_plan(on_foot.project.with_spec(bundle=wide), memo=memo)
    assert "bundle_budget_cut" in {note.what for note in again.notes}


def test_without_journeys_between_services_the_plan_says_so(on_foot: Plan, memo: Memo) -> None:
    riding = on_foot.project.spec.access.model_copy(update={"modes": ["cycle"], "mode": "cycle"})
    again = make_plan(on_foot.project.with_spec(access=riding), memo=memo)
    assert again.bundles is not None
    assert again.bundles.trips is None
    assert "bundle_not_timed" in {note.what for note in again.notes}
    assert "bundle_trip_minutes" not in again.areas
    assert set(build_bundle_files(again)) == {
        *("bundle.csv", "bundle_signatures.csv", "bundle_pairs.csv"),
        *("bundle_larger_areas.csv", "equity.csv"),
    }


def test_equity_is_by_kind_with_its_meaning(on_foot: Plan) -> None:
    table = build_bundle_files(on_foot)["equity.csv"]
    assert set(table["kind"]) == set(on_foot.access.kinds)
    assert table["meaning"].str.len().gt(20).all()
    # The share beyond the standard, counted from the areas by hand.
    near = on_foot.access.wide("minutes_nearest", "gp")
    people = on_foot.area.place["population"]
    known = near["status"].isin(["reached", "over_cutoff", "unreachable"])
    far = near["value"].gt(on_foot.standards["gp"].minutes) | near["status"].ne("reached")
    share = people[known & far].sum() / people[known].sum()
    row = table[(table["kind"] == "gp") & (table["index"] == "poverty_share")]
    assert float(row["value"].iloc[0]) == pytest.approx(share)


def test_areas_off_the_streets_have_no_trip_and_say_why(on_foot: Plan) -> None:
    areas = on_foot.areas
    off = areas["bundle_trip_status"].isin(["not_connected", "outside_extent"])
    assert off.any()
    assert areas.loc[off, "bundle_trip_minutes"].isna().all()
    assert pd.notna(areas.loc[~off & areas["bundle_trip_status"].eq("reached"),
                              "bundle_trip_minutes"]).all()  # fmt: skip
