"""Rotas equal hand calculations and a search through every rota, and bad input is told in words."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rota_cases import credit_of, every_rota, simple_problem, teams_table

from planner.errors import DataError, InfeasibleError, ProjectError
from planner.rota import Credit, Fairness, RotaProblem, RotaSettings, build_rota

HALF = Credit(chance_missed=0.5)
LONG = RotaSettings(session_minutes=180, setup_minutes=30, within_minutes=20, sessions_a_day=1)


def test_one_day_goes_where_most_people_are() -> None:
    problem = simple_problem([[10, 30], [30, 10]], [100, 60], teams=teams_table(days="Tu"))
    rota = build_rota(problem, LONG)
    assert rota.plan[["day", "venue_id", "begin", "end", "setup_from"]].to_numpy().tolist() == [
        ["Tuesday", "v0", "09:30", "12:30", "09:00"]
    ]
    assert rota.objective == pytest.approx(50.0)  # half of 100: one day a week suits half
    assert (rota.status, rota.gap, rota.bound) == ("optimal", 0.0, rota.objective)
    assert rota.unit == "need-weighted people"


def test_a_second_day_elsewhere_beats_a_second_day_at_the_same_place() -> None:
    # Second day at v0: 100 x (0.75 - 0.5) = 25; first at v1: 60 x 0.5 = 30.
    problem = simple_problem([[10, 30], [30, 10]], [100, 60], teams=teams_table(days="Mo,Tu"))
    rota = build_rota(problem, LONG)
    assert sorted(rota.plan["venue_id"]) == ["v0", "v1"]
    assert rota.objective == pytest.approx(80.0)
    # With 40 people there it would be 20: both days at v0, 75 in all.
    problem = simple_problem([[10, 30], [30, 10]], [100, 40], teams=teams_table(days="Mo,Tu"))
    assert build_rota(problem, LONG).objective == pytest.approx(75.0)


def test_share_of_days_and_fortnights() -> None:
    problem = simple_problem([[10]], [100], teams=teams_table(days="Mo", hours_per_week=4.0))
    share = dataclasses.replace(LONG, weeks=2, credit=Credit(rule="share_of_days"))
    rota = build_rota(problem, share)
    assert rota.served.loc[("E0", "advice"), "days"] == 2
    assert rota.objective == pytest.approx(20.0)  # 2 of 10 days
    assert sorted(rota.plan["week"]) == [1, 2]
    assert "5 days" in rota.credit_words
    assert "assumption" in rota.credit_words


def test_permanent_access_is_not_served_twice() -> None:
    problem = simple_problem(
        [[10, 30], [30, 10]], [100, 60], teams=teams_table(days="Tu"), permanent=[1.0, 0.25]
    )
    rota = build_rota(problem, LONG)
    assert list(rota.plan["venue_id"]) == ["v1"]
    assert rota.objective == pytest.approx(60 * 0.25)
    assert rota.served.loc[("E1", "advice"), "share_before"] == 0.25


def test_hours_travel_and_times_of_a_day() -> None:
    teams = teams_table(days="Mo", hours_per_day=8.0, base="v2", begin="08:00", end="18:00")
    problem = simple_problem(
        [[10, 90, 90], [90, 10, 90]], [100, 60], teams=teams, travel=25.0,
        opening=["Mo 09:00-17:00", "Mo 09:00-17:00", "Mo 09:00-10:00"],
    )  # fmt: skip
    plan = RotaSettings(session_minutes=120, setup_minutes=15, within_minutes=20)
    rota = build_rota(problem, plan)
    # 09:00 is the first opening: set up, 09:15-11:15, 25 minutes to the next, set up from 11:40,
    # which makes 11:55, on the quarter 12:00. Out at 08:35, back at 14:25.
    assert rota.plan["begin"].tolist() == ["09:15", "12:00"]
    assert rota.plan["travel_minutes_before"].tolist() == [25, 25]
    hours = rota.hours.loc[("t0", 1)]
    assert hours["travel_hours"] == pytest.approx(75 / 60)
    assert hours["setup_hours"] == 0.5
    assert hours["waiting_hours"] == pytest.approx(5 / 60)
    assert hours["hours"] == pytest.approx(350 / 60)
    # One minute less than that in the day, and only one place can be visited.
    short = problem.teams.assign(hours_per_day=349 / 60)
    fewer = build_rota(dataclasses.replace(problem, teams=short), plan)
    assert fewer.plan["venue_id"].tolist() == ["v0"]


def test_no_way_between_venues_keeps_a_day_at_one() -> None:
    problem = simple_problem([[10, 90], [90, 10]], [100, 60], teams=teams_table(days="Mo"))
    plan = RotaSettings(session_minutes=120, within_minutes=20)
    assert len(build_rota(problem, plan).plan) == 2
    apart = problem.travel.where(np.eye(2) == 1)
    assert len(build_rota(dataclasses.replace(problem, travel=apart), plan).plan) == 1


def test_one_room_holds_one_team_a_day() -> None:
    teams = teams_table(days=["Mo", "Mo"], services=["advice", "jobs"])
    problem = simple_problem([[10]], [100], teams=teams)
    both = problem.demand.assign(jobs=90.0)
    problem = dataclasses.replace(
        problem, demand=both, permanent=pd.DataFrame(0.0, index=both.index, columns=both.columns)
    )
    assert build_rota(problem, LONG).objective == pytest.approx(50.0)
    roomy = dataclasses.replace(problem, venues=problem.venues.assign(rooms=2.0))
    assert build_rota(roomy, LONG).objective == pytest.approx(95.0)
    unknown = build_rota(
        dataclasses.replace(problem, venues=problem.venues.assign(rooms=np.nan)), LONG
    )
    assert unknown.objective == pytest.approx(50.0)
    assert [n.items for n in unknown.notes if n.what == "rooms_not_known"] == [("v0",)]


def test_sessions_that_add_nobody_are_not_held() -> None:
    # A permanent service in every area but one; five days at the other place suffice.
    problem = simple_problem([[10, 90], [90, 10]], [100, 60], permanent=[0.0, 1.0])
    share = dataclasses.replace(
        LONG, sessions_a_day=2, credit=Credit(rule="share_of_days", full_days_per_week=3)
    )
    rota = build_rota(problem, share)
    assert len(rota.plan) == 3
    assert set(rota.plan["venue_id"]) == {"v0"}


def test_fairness_gives_the_smaller_type_its_share() -> None:
    teams = teams_table(days="Mo,Tu")
    groups = ["estate", "village"]
    problem = simple_problem([[10, 90], [90, 10]], [100, 30], teams=teams, groups=groups)
    alone = build_rota(problem, LONG)
    assert alone.objective == pytest.approx(75.0)
    fair = build_rota(problem, LONG, Fairness(floor_share=0.6))
    # Alone a type could have both days: 75 and 22.5. One day each is two thirds of both.
    assert fair.best_by_type.to_dict() == pytest.approx({"estate": 75.0, "village": 22.5})
    assert fair.objective == pytest.approx(65.0)
    assert fair.by_type.loc[("village", "advice"), "served"] == pytest.approx(15.0)
    with pytest.raises(InfeasibleError, match=r"70.0%.*all can have 66.7%"):
        build_rota(problem, LONG, Fairness(floor_share=0.7))
    worst = build_rota(problem, LONG, Fairness(worst_type_weight=0.5))
    assert worst.unit == "share"
    assert worst.objective == pytest.approx(0.5 * 65 / 130 + 0.5 * 0.5)


def test_time_limit_gives_the_best_found_with_its_gap() -> None:
    rng = np.random.default_rng(3)
    minutes = rng.uniform(0, 60, (60, 14)).tolist()
    teams = teams_table(days=["Mo-Fr"] * 3, hours_per_week=[20.0] * 3)
    problem = simple_problem(minutes, rng.uniform(1, 9, 60).tolist(), teams=teams)
    plan = RotaSettings(session_minutes=120, within_minutes=20, weeks=2)
    rota = build_rota(problem, plan, time_limit_seconds=0.1)
    assert rota.status == "time_limit"
    assert 0 < rota.gap < 1
    assert len(rota.plan) > 0


def test_who_cannot_be_served_is_named_apart() -> None:
    problem = simple_problem(
        [[10], [45], [np.nan], [5]], [10, 10, 10, np.nan], teams=teams_table(days="Mo")
    )
    notes = {note.what: note for note in build_rota(problem, LONG).notes}
    assert notes["beyond_reach"].items == ("E1",)
    assert notes["no_way_to_a_venue"].items == ("E2",)
    assert notes["demand_not_known"].items == ("E3",)


@st.composite
def problems(draw: st.DrawFn) -> tuple[RotaProblem, RotaSettings, dict[str, list[int]]]:
    """Draw two or three venues, one or two teams, one or two days and a week or a fortnight."""
    venues, areas = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    number = st.sampled_from
    rows = draw(st.integers(1, 2))
    weeks = draw(number([1, 2])) if rows == 1 else 1
    openings = ["Mo-Tu 09:00-17:00", "Mo 10:00-13:00", "Tu 09:00-11:30,13:00-16:00", "Mo-Tu off"]
    opening = ["Mo-Tu 09:00-16:00", *(draw(number(openings)) for _ in range(venues - 1))]
    services = [draw(number(["advice", "advice;jobs", "jobs"])) for _ in range(rows)]
    teams = teams_table(
        services=services,
        days=["Mo,Tu"] * rows,
        hours_per_day=[draw(number([4.0, 7.0])) for _ in range(rows)],
        hours_per_week=[draw(number([np.nan, 7.5, 9.0])) for _ in range(rows)],
        base=[draw(number(["", "v0"])) for _ in range(rows)],
        begin=[draw(number(["", "09:00"])) for _ in range(rows)],
        end=[draw(number(["", "16:00"])) for _ in range(rows)],
    )
    times = number([5.0, 20.0, 25.0, np.nan])
    problem = simple_problem(
        [[draw(times) for _ in range(venues)] for _ in range(areas)],
        [1.0] * areas,
        opening=opening,
        rooms=draw(number([1.0, 2.0])),
    )
    journeys = number([0.0, 20.0, 60.0, np.nan])
    apart = [[0.0 if a == b else draw(journeys) for b in range(venues)] for a in range(venues)]
    ids = problem.venues.index
    wanted = sorted({kind for words in services for kind in words.split(";")})
    index = problem.demand.index
    problem = dataclasses.replace(
        problem,
        teams=teams,
        travel=pd.DataFrame(apart, index=ids, columns=ids),
        demand=pd.DataFrame(
            {kind: [float(draw(st.integers(0, 9))) for _ in index] for kind in wanted}, index=index
        ),
        permanent=pd.DataFrame(
            {kind: [draw(number([0.0, 0.4, 1.0])) for _ in index] for kind in wanted}, index=index
        ),
        groups=pd.Series([draw(number(["a", "b", ""])) for _ in index], index=index, dtype=object),
    )
    rule = draw(number([HALF, Credit(rule="share_of_days", full_days_per_week=1.5)]))
    plan = RotaSettings(
        session_minutes=120,
        setup_minutes=30,
        within_minutes=20,
        weeks=weeks,
        sessions_a_day=draw(st.integers(1, 2)),
        start_every_minutes=30,
        credit=rule,
    )
    return problem, plan, {str(team): [0, 1] for team in teams.index}


@settings(max_examples=15, deadline=None)
@given(problems(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.4, 0.9]))
def test_equals_trying_every_rota(
    drawn: tuple[RotaProblem, RotaSettings, dict[str, list[int]]], weight: float, floor: float
) -> None:
    problem, plan, worked = drawn
    fair = Fairness(worst_type_weight=weight, floor_share=floor)
    every = [credit_of(problem, plan, rota) for rota in every_rota(problem, plan, worked)]
    best = best_of_all(problem, every, weight, floor)
    if max(gain_of(problem, have).to_numpy().sum() for have in every) == 0:
        with pytest.raises(InfeasibleError, match="No session"):
            build_rota(problem, plan, fair)
        return
    if best is None:
        with pytest.raises(InfeasibleError, match="all can have"):
            build_rota(problem, plan, fair)
        return
    rota = build_rota(problem, plan, fair)
    assert rota.status == "optimal"
    assert rota.objective == pytest.approx(best, abs=1e-5)
    check_plan(problem, plan, rota.plan)
    assert rota.served["served"].sum() == pytest.approx(
        gain_of(problem, credit_of(problem, plan, as_rota(rota.plan))).sum().sum()
    )


def gain_of(problem: RotaProblem, have: pd.DataFrame) -> pd.DataFrame:
    return problem.demand * (have - problem.permanent)


def best_of_all(
    problem: RotaProblem, every: list[pd.DataFrame], weight: float, floor: float
) -> float | None:
    """Return the best worth of all rotas that keep the floor, None where none does."""
    types = sorted(set(problem.groups) - {""})
    of = {name: (problem.groups == name).to_numpy() for name in types}
    gains = [gain_of(problem, have).sum(axis=1).to_numpy() for have in every]
    top = {name: max(float(gain[of[name]].sum()) for gain in gains) for name in types}
    total = float(problem.demand.to_numpy().sum())
    worth = []
    for have, gain in zip(every, gains, strict=True):
        share = min(
            (gain[of[name]].sum() / top[name] for name in types if top[name] > 0), default=1.0
        )
        if share < floor - 1e-9:
            continue
        need = {name: problem.demand.to_numpy()[of[name]].sum() for name in types}
        met = [
            (problem.demand * have).to_numpy()[of[name]].sum() / need[name]
            for name in types
            if need[name] > 0
        ]
        served = float(gain.sum())
        if weight == 0 or total == 0:
            worth.append(served)
        else:
            worth.append((1 - weight) * served / total + weight * min(met, default=0.0))
    return max(worth) if worth else None


def as_rota(plan: pd.DataFrame) -> list[tuple[str, int, int, tuple[tuple[str, ...], int]]]:
    return [(row.team_id, row.week - 1, row.day, ((row.venue_id,), 0)) for row in plan.itertuples()]


def check_plan(problem: RotaProblem, plan: RotaSettings, table: pd.DataFrame) -> None:
    """A team is in one place at a time, with time to travel and to set up."""
    minute = table[["begin", "end", "setup_from"]].map(lambda c: int(c[:2]) * 60 + int(c[3:]))
    for _, own in table.assign(b=minute["setup_from"], e=minute["end"]).groupby(
        ["team_id", "week", "day"]
    ):
        own = own.sort_values("b")
        assert len(own) <= plan.sessions_a_day
        for one, two in zip(own.itertuples(), own.iloc[1:].itertuples(), strict=False):
            assert one.e + problem.travel.loc[one.venue_id, two.venue_id] <= two.b
    sizes = table.groupby(["week", "day", "venue_id"]).size()
    assert (sizes <= problem.venues["rooms"].min()).all()


def without(**changes: object) -> RotaProblem:
    base = simple_problem([[10, 30]], [100], teams=teams_table(days="Tu"))
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def test_no_staff_is_told_in_words() -> None:
    with pytest.raises(ProjectError, match="no staff: there is no team"):
        without(teams=teams_table().iloc[:0])
    with pytest.raises(ProjectError, match="no staff: no team has any hours"):
        without(teams=teams_table(hours_per_day=0.0))
    with pytest.raises(ProjectError, match="hours of Team 0 are not known"):
        without(teams=teams_table(hours_per_day=np.nan))
    with pytest.raises(ProjectError, match="Team 0 work on no day"):
        without(teams=teams_table(days=" "))
    with pytest.raises(ProjectError, match="no team brings a service"):
        without(teams=teams_table(services="dentist"))


def test_sessions_longer_than_any_opening() -> None:
    plan = RotaSettings(session_minutes=470, setup_minutes=30, within_minutes=20)
    with pytest.raises(InfeasibleError, match="longest is 480 minutes"):
        build_rota(without(), plan)


def test_a_day_on_which_nothing_is_open() -> None:
    teams = teams_table(days="Tu,Su")
    rota = build_rota(without(teams=teams), LONG)
    assert [n.items for n in rota.notes if n.what == "no_venue_open"] == [("Team 0, Sunday",)]
    with pytest.raises(InfeasibleError, match="No session of the rota fits anywhere"):
        build_rota(without(teams=teams_table(days="Su")), LONG)


@pytest.mark.parametrize("hours", ["", "by appointment"])
def test_unknown_hours_are_asked_for_or_stated(hours: str) -> None:
    venues = without().venues.assign(opening=[hours, "Mo-Fr 09:00-17:00"])
    near = pd.DataFrame([[10.0, 15.0]], index=["E0"], columns=["v0", "v1"])
    problem = without(venues=venues, minutes=near)
    with pytest.raises(DataError, match="opening times of Hall v0 are not known"):
        build_rota(problem, LONG)
    left = build_rota(problem, dataclasses.replace(LONG, unknown_hours="leave_out"))
    assert left.plan["venue_id"].tolist() == ["v1"]
    assert [n.items for n in left.notes if n.what == "hours_not_known"] == [("v0",)]
    stated = dataclasses.replace(LONG, unknown_hours="stated", stated_hours="Tu 18:00-22:00")
    only = build_rota(without(venues=venues), stated)
    assert only.plan["begin"].tolist() == ["18:30"]
    text = next(n.text for n in only.notes if n.what == "hours_stated")
    assert "Tu 18:00-22:00, as stated" in text
    with pytest.raises(ProjectError, match="stated_hours goes with"):
        dataclasses.replace(LONG, unknown_hours="stated")


def test_too_many_venues_for_long_days_are_refused_in_words() -> None:
    many = simple_problem([[10.0] * 80], [100])
    with pytest.raises(ProjectError, match="80 venues can be visited in"):
        build_rota(many, RotaSettings(session_minutes=60, within_minutes=20, sessions_a_day=4))


@pytest.mark.parametrize(
    ("field", "value"),
    [("days", "Monday"), ("begin", "9am"), ("end", "25:00")],
)
def test_unreadable_days_and_times(field: str, value: str) -> None:
    with pytest.raises(ProjectError, match="cannot be read"):
        build_rota(without(teams=teams_table(**{field: value})), LONG)


def test_same_inputs_same_rota() -> None:
    problem = simple_problem([[10, 15, 90], [90, 10, 10]], [50, 50])
    one, two = build_rota(problem, LONG), build_rota(problem, LONG)
    pd.testing.assert_frame_equal(one.plan, two.plan)
    pd.testing.assert_frame_equal(one.served, two.served)
