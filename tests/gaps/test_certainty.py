from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gap_cases import GP, Case, Minutes, build_case
from hypothesis import given, settings
from hypothesis import strategies as st
from places import CODES

from planner.gaps import GapCertainty, build_gap_certainty
from planner.gaps.assumptions import draw_assumptions
from planner.need import rank_areas
from planner.project import GapSettings, StandardEntry

FEW = st.lists(st.one_of(st.none(), st.integers(1, 60)), min_size=6, max_size=6)
#: Ten equally likely minutes of leaving, by how many times the median the journey takes.
STRETCH = np.linspace(0.6, 1.5, 10)


def vary(
    case: Case,
    *,
    need: np.ndarray | None = None,
    departures: Mapping[str, np.ndarray] | None = None,
    kinds: Sequence[str] = (),
    **asked: Any,
) -> GapCertainty:
    bundle = kinds or [kind for kind in case.access.kinds if kind in case.compliance.kinds]
    return build_gap_certainty(
        case.gaps,
        case.compliance,
        case.access,
        GapSettings(**asked),
        main=case.main,
        bundle=bundle,
        walk_kmh=4.8,
        names=case.area.place["area_name"],
        need_percentiles=need,
        departures=departures,
        cutoffs=case.cutoffs,
    )


def leave_at_other_minutes(minutes: Minutes) -> dict[str, np.ndarray]:
    """Return minutes by public transport when every journey takes a number of times as long."""
    stated = np.array([np.inf if m is None else m for m in minutes])
    stretched = np.stack([stated * times for times in STRETCH])
    return {"gp": stretched, "bundle": stretched}


def shares(found: GapCertainty, kind: str, column: str = "gap_share") -> list[float]:
    return list(found.of(kind)[column])


def test_where_nothing_varies_a_gap_is_a_gap_in_every_draw() -> None:
    case = build_case({"walk": {"gp": GP}})
    found = vary(case, draws=7, threshold_range=(1, 1), walk_kmh_range=(4.8, 4.8)).of("gp")
    stated = case.gaps.of("gp")
    assert found["gap_share"].tolist() == stated["breaches"].astype(float).tolist()
    assert found["gap_rank_low"].tolist() == stated["gap_rank"].tolist()
    assert found["gap_rank_high"].tolist() == stated["gap_rank"].tolist()


def test_how_often_a_laxer_standard_lets_an_area_go() -> None:
    case = build_case({"walk": {"gp": [24.0] * 6}})
    found = vary(case, draws=4000, walk_kmh_range=(4.8, 4.8))
    # A gap wherever the standard is below 24/20 = 1.2 times: 0.4 of 0.45 of the range.
    assert shares(found, "gp")[0] == pytest.approx(0.4 / 0.45, abs=0.02)
    assert shares(found, "gp", "gap_share_threshold") == shares(found, "gp")
    assert shares(found, "gp", "gap_share_speed") == [1.0] * 6


def test_how_often_a_slower_walk_makes_a_gap() -> None:
    case = build_case({"walk": {"gp": [20.0] * 6}})
    found = vary(case, draws=4000, threshold_range=(1, 1))
    # Beyond 20 minutes below 4.8 km/h, which is half of 4.0 to 5.6.
    assert shares(found, "gp", "gap_share_speed")[0] == pytest.approx(0.5, abs=0.03)
    assert shares(found, "gp", "gap_share_threshold") == [0.0] * 6


def test_how_often_the_minute_of_leaving_makes_a_gap() -> None:
    minutes = [10.0, 15.0, 18.0, 21.0, 30.0, 50.0]
    case = build_case({"transit": {"gp": minutes}}, main="transit")
    found = vary(
        case, draws=4000, threshold_range=(1, 1), departures=leave_at_other_minutes(minutes)
    )
    expected = [float(np.mean([m * times > 20 for times in STRETCH])) for m in minutes]
    assert shares(found, "gp", "gap_share_departure") == pytest.approx(expected, abs=0.03)
    assert np.isnan(shares(found, "gp", "gap_share_speed")).all()


@settings(max_examples=5, deadline=None)
@given(gp=FEW, library=FEW, seed=st.integers(0, 99))
def test_every_draw_one_by_one_gives_the_same(gp: Minutes, library: Minutes, seed: int) -> None:
    """By plain loops over draws, areas and kinds, with Series that are ranked one by one."""
    rules = {"gp": StandardEntry(minutes=20, by="transit"), "library": StandardEntry(minutes=15)}
    walk = {"gp": [50.0] * 6, "library": library}
    case = build_case({"walk": walk, "transit": {"gp": gp, "library": library}}, standards=rules)
    leaving = leave_at_other_minutes(gp)
    rng = np.random.default_rng(seed)
    need = np.stack([rng.permutation(6) + 1.0 for _ in range(5)], axis=1) / 6
    found = vary(
        case, need=need.astype(np.float32), departures=leaving, draws=12, seed=seed, greatest=2
    )
    drawn = draw_assumptions(
        GapSettings(draws=12, seed=seed), walk_kmh=4.8, departures=10, need_draws=5
    )
    distance = {"gp": pd.Series([50.0] * 6), "library": pd.Series(library, dtype=float)}
    distance["bundle"] = distance["library"].fillna(np.inf).clip(lower=50).replace(np.inf, np.nan)
    gaps = {kind: np.zeros((6, 12), dtype=bool) for kind in distance}
    ranks = {kind: np.zeros((6, 12), dtype=int) for kind in distance}
    for d in range(12):
        ride = leaving["gp"][drawn.departure[d]]
        for i in range(6):
            slow = np.nan if library[i] is None else library[i] * drawn.slowness[d]
            gaps["gp"][i, d] = not ride[i] <= 20 * drawn.factor[d]
            gaps["library"][i, d] = not slow <= 15 * drawn.factor[d]
            gaps["bundle"][i, d] = gaps["gp"][i, d] or gaps["library"][i, d]
        for kind, far in distance.items():
            short = far.fillna(np.inf).rank(method="max") / 6
            score = pd.Series(need[:, d % 5] * short.to_numpy(), index=CODES)
            ranks[kind][:, d] = rank_areas(score)
    for kind, gap in gaps.items():
        assert shares(found, kind) == pytest.approx(gap.mean(axis=1))
        first = np.zeros((6, 12), dtype=bool)
        for d in range(12):
            listed = sorted(np.flatnonzero(gap[:, d]), key=lambda i: ranks[kind][i, d])
            first[listed[:2], d] = True
        assert shares(found, kind, "greatest_share") == pytest.approx(first.mean(axis=1))
        # Of 12 draws, 5 % and 95 % are the first and the last but none.
        assert shares(found, kind, "gap_rank_low") == ranks[kind].min(axis=1).tolist()
        assert shares(found, kind, "gap_rank_high") == ranks[kind].max(axis=1).tolist()


def test_only_the_first_of_the_list_are_the_greatest() -> None:
    found = vary(build_case({"walk": {"gp": [60.0] * 6}}), draws=5, greatest=2).of("gp")
    # All are as far: need decides, 1 2 3 5 4 6.
    assert found["greatest_share"].tolist() == [1, 1, 0, 0, 0, 0]


def test_the_only_gap_is_the_greatest_whatever_areas_within_the_standard_score() -> None:
    # The least need, so that all five areas within the standard rank before it.
    case = build_case({"walk": {"gp": [19.0] * 5 + [60.0]}})
    found = vary(case, draws=5, greatest=1, threshold_range=(1, 1), walk_kmh_range=(4.8, 4.8))
    assert case.gaps.of("gp")["gap_rank"].iloc[5] == 6
    assert shares(found, "gp", "greatest_share") == [0, 0, 0, 0, 0, 1]
    assert "The only gap is among the first 1 in 100% of the draws." in found.findings


def test_where_nothing_is_known_it_is_not_said_that_there_is_no_gap() -> None:
    case = build_case({"walk": {"gp": GP}}, closed=["gp"])
    said = vary(case, draws=5).findings
    assert said == ("It is not known of any area whether it is a gap for the whole bundle.",)


def test_areas_not_known_are_counted_where_no_area_is_a_gap() -> None:
    off = {CODES[0]: "not_connected"}
    case = build_case({"walk": {"gp": [5.0] * 6}}, origin_status=off)
    said = vary(case, draws=5).findings
    assert said == ("No area is a gap for the whole bundle (of 1 it is not known).",)


def test_areas_without_data_have_no_shares() -> None:
    off = {CODES[0]: "not_connected"}
    found = vary(build_case({"walk": {"gp": GP}}, origin_status=off), draws=5).of("gp")
    assert found.loc[CODES[0]].drop("kind").isna().all()
    assert found["gap_share"].notna().sum() == 5


def test_a_bundle_of_one_kind_is_as_sure_as_the_kind() -> None:
    found = vary(build_case({"walk": {"gp": GP}}), draws=50)
    pd.testing.assert_frame_equal(
        found.of("gp").drop(columns="kind"), found.of("bundle").drop(columns="kind")
    )


def test_the_first_draws_of_many_are_those_of_few() -> None:
    few, many = (
        draw_assumptions(GapSettings(draws=n), walk_kmh=4.8, departures=10, need_draws=3)
        for n in (20, 90)
    )
    for name in ("factor", "slowness", "departure", "need"):
        assert getattr(many, name)[:20].tolist() == getattr(few, name).tolist()


def test_the_same_seed_gives_the_same_and_the_order_of_kinds_changes_nothing() -> None:
    case = build_case({"walk": {"gp": GP, "library": [30.0, 5, 58, 30, 5, 5]}})
    one, two = (
        vary(case, draws=40, kinds=order) for order in (("gp", "library"), ("library", "gp"))
    )
    pd.testing.assert_frame_equal(one.table, two.table)


def test_findings_count_what_remains_and_what_it_hangs_on() -> None:
    case = build_case({"walk": {"gp": [60.0, 22.0, 5.0, 5.0, 5.0, 19.9]}})
    said = vary(case, draws=400).findings
    assert said[0] == "1 of 2 gaps for the whole bundle remains one in at least 95% of 400 draws."
    assert said[1] == "1 of the 2 hangs on the standard chosen: Square 2."
    assert said[2] == "1 of the 2 hangs on how fast people walk: Square 2."
    assert said[-1] == "Gaps that remain as often, by kind of service: GP practice 1 of 2."
    assert len(said) == 5


def test_no_gap_is_said() -> None:
    said = vary(build_case({"walk": {"gp": [1.0] * 6}}), draws=4).findings
    assert said == ("No area is a gap for the whole bundle.",)


def test_draws_beyond_what_was_searched_are_told() -> None:
    far = [5.0, None, 5.0, 5.0, 5.0, 5.0]
    case = build_case({"walk": {"gp": far}}, cutoff=22, standards={"gp": 20})
    (note,) = vary(case, draws=10).notes
    assert (note.what, note.items) == ("gap_draws_beyond_cutoff", ("gp",))
    assert vary(build_case({"walk": {"gp": far}}), draws=10).notes == ()


def test_a_speed_outside_its_range_is_told() -> None:
    (note,) = vary(build_case({"walk": {"gp": GP}}), draws=3, walk_kmh_range=(2, 4)).notes
    assert note.what == "speed_outside_range"
