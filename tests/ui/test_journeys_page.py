"""Does the page of journeys answer each of its questions, and say what is missing?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import shapely
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import SOUTH, WEST, stand_in_plan, write_project

from planner.plan import questions
from planner.travel.journey import Itinerary, RideLeg, WaitLeg
from planner.travel.transit.hours import COLUMNS
from planner.travel.transit.itinerary import LastDeparture
from planner.ui import main, state

TUESDAY = dt.date(2026, 3, 3)
ROOT = Path(__file__).resolve().parents[2]
PAGE = str(main.PAGES_FOLDER / "journeys.py")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """Return the app on thirty squares without streets, where one walks in straight lines."""
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    st.cache_resource.clear()


def ask(app: AppTest, **choices: str) -> AppTest:
    app.run()
    for name, value in choices.items():
        app.query_params[name] = value
    return app.switch_page(PAGE).run()


def words(app: AppTest) -> str:
    written = [*app.markdown, *app.caption, *app.warning, *app.error]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


# The centre of square 1 is 141.4 m from the GP practice, in a straight line; × 1.3 at 4.8 km/h
# that is 137.9 seconds, so 3 minutes.
def test_a_journey_is_told_from_the_chosen_area(app: AppTest) -> None:
    ask(app, kind="gp", area="E01900001")
    assert not app.exception
    assert "From Square 1 to Harbour Surgery, the nearest GP practice." in words(app)
    assert "1. Walk 3 min (180 m) to Harbour Surgery" in words(app)


def test_without_a_chosen_area_the_one_in_greatest_need_is_shown(app: AppTest) -> None:
    ask(app)
    assert "where need is greatest" in words(app)


def test_a_named_venue_is_gone_to_although_another_is_nearer(app: AppTest) -> None:
    ask(app, kind="library", to="v5", area="E01900001")
    assert "From Square 1 to East Library." in words(app)


def test_a_point_of_ones_own_stands_in_the_address(app: AppTest) -> None:
    point = f"{WEST + 600}, {SOUTH + 400}"
    ask(app, kind="gp", start="spot")
    app.text_input(key="choice_from").set_value(point).run()
    assert "From the point to Harbour Surgery" in words(app)
    assert app.query_params["from"] == point


@pytest.mark.parametrize("text", ["Newport", "1e9, 3", "0, 0", "51.5", "-2.9, 51.6"])
def test_what_is_no_point_is_said_to_be_none(app: AppTest, text: str) -> None:
    ask(app, kind="gp", start="spot")
    app.text_input(key="choice_from").set_value(text).run()
    assert not app.exception
    assert "This is no point in the UK." in words(app)
    assert "from" not in app.query_params


def test_what_is_missing_is_said_with_what_to_do(app: AppTest) -> None:
    ask(app)
    assert "name an OpenStreetMap file in the project file under [streets]" in words(app)


# The libraries are at (2.5, 2.5), (4.5, 4.4) and (5.4, 1.2) km. Walks of 10 minutes are 615.4 m
# in a straight line: only the centre of square 15, at (2.5, 2.5), is so near to Market Library.
# Its people are 1000 + 50 × 14.
def test_people_within_a_band_are_those_at_points_within_it(app: AppTest) -> None:
    ask(app, ask="reach", kind="library", venue="v2")
    assert not app.exception
    table = app.dataframe[0].value.set_index("Time")
    assert table.loc["10 minutes or less", "People"] == 1700
    assert table["People"].sum() == pytest.approx(46_900)


@pytest.mark.parametrize("question", ["hours", "back"])
def test_questions_about_hours_need_a_timetable_and_say_so(app: AppTest, question: str) -> None:
    ask(app, ask=question, kind="gp")
    assert not app.exception
    assert not app.error
    assert "Minutes on foot, by area" in words(app)
    assert "under [timetable]" in words(app)


# ---- with a timetable: answers as `planner.plan.questions` would give them ---------------------


@pytest.fixture
def served(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the app on a place with a timetable in which nothing has to be searched."""
    for name in ("streets.osm", "feed.zip"):
        (tmp_path / name).write_text("not read by the stand-in\n", encoding="utf-8")
    project = tmp_path / "planner.toml"
    more = '\n[streets]\nfile = "streets.osm"\n\n[timetable]\nfiles = ["feed.zip"]\n'
    more += "date = 2026-03-03\n"
    project.write_text(project.read_text(encoding="utf-8") + more, encoding="utf-8")

    def with_network(*given: Any) -> Any:
        plan = stand_in_plan(*given)
        plan.network = SimpleNamespace(timetable=SimpleNamespace(date=TUESDAY))
        plan.streets = object()
        return plan

    monkeypatch.setattr(state, "work_out", with_network)
    return app


def _rides(start: Any) -> Itinerary:
    ends = [shapely.Point(WEST + 1000 * x, SOUTH + 500) for x in (1, 4)]
    ride = RideLeg(
        start_seconds=13 * 3600 + 300,
        end_seconds=13 * 3600 + 1200,
        vehicle="bus",
        route="7",
        headsign="",
        trip_id="1",
        board_id="a",
        board="Mill",
        alight_id="b",
        alight="Weir",
        stops=2,
        line=shapely.LineString(ends),
    )
    wait = WaitLeg(start_seconds=13 * 3600, end_seconds=13 * 3600 + 300, at="Mill", line=ends[0])
    return Itinerary(
        legs=(wait, ride),
        leave_seconds=13 * 3600,
        arrive_seconds=13 * 3600 + 1200,
        origin=start.point,
        destination=ends[1],
        date=TUESDAY,
    )


def test_a_ride_is_told_with_the_last_one(served: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = []

    def build(plan: Any, start: Any, venues: Any, means: str, *, minute: int) -> Any:
        minutes.append((means, minute))
        last = LastDeparture(minute=1260, itinerary=_rides(start), walk_seconds=None, text="")
        return questions.JourneyFound(
            start=start, venue="v1", venue_name="Weir", itinerary=_rides(start), last=last
        )

    monkeypatch.setattr(questions, "build_journey", build)
    ask(served, kind="gp", area="E01900002", at="13:00")
    assert not served.exception
    # The middle of 10:00-16:00 is 13:00.
    assert minutes == [("transit", 780)]
    assert "1. Start at Mill" in words(served)
    assert "3. 13:05 bus 7, 2 stops, to Weir 13:20" in words(served)
    assert "The last time to leave for Weir is 21:00" in words(served)
    served.time_input(key="choice_at").set_value(dt.time(8, 5)).run()
    assert minutes[-1] == ("transit", 485)
    assert served.query_params["at"] == "08:05"


def test_hours_are_worked_out_only_when_asked_and_then_kept(
    served: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def build(plan: Any, kind: str, _: Any) -> Any:
        asked.append(kind)
        rows = [
            (day, hour, kind, code, 10.0 if hour < 18 else 40.0, 1.0, "reached")
            for day in ("weekday", "saturday")
            for hour in (8, 20)
            for code in plan.area.codes
        ]
        access = pd.DataFrame(rows, columns=COLUMNS)
        days = {"weekday": TUESDAY, "saturday": TUESDAY, "sunday": None}
        return questions.HoursFound(access=access, days=days, left_out=0)

    monkeypatch.setattr(questions, "build_hours", build)
    ask(served, ask="hours", kind="gp")
    assert not asked
    served.button[0].click().run()
    assert not served.exception
    assert "Weekday: from 0% (leaving from 20:00) to 100% (from 08:00)." in words(served)
    assert "Sunday: nothing runs, so everybody has to walk." in words(served)
    served.number_input(key="choice_minutes").set_value(45).run()
    assert "Weekday: 100% at every hour." in words(served)
    assert asked == ["gp"]


def test_visits_are_told_in_people_and_by_area(
    served: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(plan: Any, kind: str, *, stay_minutes: int, back_by_minute: int) -> Any:
        assert (stay_minutes, back_by_minute) == (60, 900)
        share = pd.Series(0.6, index=plan.area.codes)
        share.iloc[0] = 0.0
        areas = pd.DataFrame({"share": share, "status": "possible", "people": 1000.0})
        people = {"half": 45_900.0, "some": 0.0, "never": 1000.0, "unknown": 0.0}
        return questions.VisitsFound(areas=areas, people=people, left_out=0)

    monkeypatch.setattr(questions, "build_visits", build)
    ask(served, ask="back", kind="gp")
    served.button[0].click().run()
    assert not served.exception
    assert "45,900 people (98%) can leave home at half of the minutes" in words(served)
    table = served.dataframe[0].value.set_index("Code")
    assert table.loc["E01900001", "Share of minutes that work (%)"] == 0
