"""Does the page tell the chosen area's trip by the clock, and call the others indicative?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bundle_projects import row_of_squares
from streamlit.testing.v1 import AppTest

from planner import make_plan
from planner.bundle import TimedTrips
from planner.bundle.timed import LEG_COLUMNS, TABLE_COLUMNS

SCRIPT = """
import streamlit as st
from planner.ui.bundle_parts import show_bundle
show_bundle(st.session_state["given"], st.session_state["code"])
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a plan whose first area has a trip timed by hand, as if buses ran."""
    found = make_plan(row_of_squares(tmp_path_factory.mktemp("page")))
    codes = found.area.codes
    surgery, library = found.services.venues.index
    table = pd.DataFrame(
        [
            ("10:00", 111.0, 99.0, 130.0, 12, 11, 100.0, "reached", "p", library, 1, 4),
            ("", None, 99.0, 130.0, 12, 2, 100.0, "over_cutoff", "p", "", 0, 2),
        ],
        columns=TABLE_COLUMNS,
        index=codes[:2],
    )
    legs = pd.DataFrame(
        [
            (codes[0], 1, "", surgery, "10:00", "10:05", "Walk", "gp", 20.0, "not_known"),
            (
                codes[0],
                2,
                surgery,
                library,
                "10:25",
                "11:00",
                "Bus 7",
                "library",
                20.0,
                "closed",
            ),
            (codes[0], 3, library, "", "11:20", "11:51", "Walk home", "", 0.0, ""),
        ],
        columns=LEG_COLUMNS,
    )
    assert found.bundles is not None
    assert found.bundles.trips is not None
    timed = TimedTrips(table=table, legs=legs, method="By hand.")
    trips = replace(found.bundles.trips, indicative=True)
    return replace(found, bundles=replace(found.bundles, trips=trips, timed=timed))


def shown(plan: Any, code: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.session_state["given"] = plan
    app.session_state["code"] = code
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    # Shown as they are: each sign that Markdown would take as its own is escaped.
    return " ".join(part.value for part in app.markdown).replace("\\", "")


def test_the_chosen_areas_trip_is_told_with_its_closed_door(plan: Any) -> None:
    app = shown(plan, plan.area.codes[0])
    said = words(app)
    assert "leaving home at 10:00 one is back by 11:51, 111 minutes in all" in said
    assert "takes 99 to 130 minutes; at 1 of them one does not get home" in said
    assert "libraries is closed when one arrives." in said
    assert "At 4 of the 11 leaving times no door is known to be closed." in said
    assert "Opening hours are not known at 1 stop." in said
    (legs,) = [one.value for one in app.dataframe if "Journey" in one.value]
    assert legs["Place"].tolist() == ["gps", "libraries", "home"]
    assert legs["What for"].tolist() == [
        "GP practice, 20 min (opening hours not known)",
        "Library, 20 min (arrives when it is closed)",
        "",
    ]


def test_a_trip_that_does_not_get_home_is_told_without_legs(plan: Any) -> None:
    app = shown(plan, plan.area.codes[1])
    assert "gets home at 2 of 12 leaving times tried: further than the longest" in words(app)
    assert not [one for one in app.dataframe if "Journey" in one.value]


def test_another_areas_minutes_are_called_indicative(plan: Any) -> None:
    said = words(shown(plan, plan.area.codes[3]))
    assert "so these minutes are indicative" in said
    assert "Timed end to end" not in said


def test_where_nothing_is_timed_by_timetable_nothing_is_indicative(plan: Any) -> None:
    exact = replace(
        plan,
        bundles=replace(
            plan.bundles, timed=None, trips=replace(plan.bundles.trips, indicative=False)
        ),
    )
    assert "indicative" not in words(shown(exact, plan.area.codes[3]))
