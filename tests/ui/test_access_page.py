"""Does the page of access answer to every choice, and keep far, no way there and unknown apart?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import CODES, SOURCE, stand_in_plan, write_project

from planner.access.measures import AccessMeasures
from planner.equity import EquitySettings, build_distribution, build_equity
from planner.layers import LayerSpec
from planner.ledger import Note
from planner.project import Project
from planner.ui import state
from planner.ui.access_parts import cars, choosing, mapped, method, ranked, times
from planner.ui.access_parts.figures import Lost, judge_near
from planner.ui.access_parts.menu import build_menu
from planner.ui.access_parts.shown import Limit, Shown, build_shown, standard_of

PAGE = """
from planner.ui import parts
from planner.ui.pages import access
with parts.guard():
    access.show()
"""

PLACE = CODES[:-2]
SATURDAY, EVENING = "Sa 10:00-13:00", "Tu 18:00-20:00"
#: On a Saturday the first two areas have no library that is open; the third is not known.
GONE, UNKNOWN = PLACE[:2], PLACE[2]
KEY = ["measure", "kind", "setting"]


def measures(day: pd.DataFrame) -> AccessMeasures:
    """Return measures by hand: what they are for the library, area by area."""
    closed = day.copy()
    closed.loc[GONE, ["value", "status"]] = [np.nan, "unreachable"]
    closed.loc[UNKNOWN, ["value", "status"]] = [np.nan, "no_data"]
    step = pd.Series(np.arange(len(PLACE), dtype="float64"), index=PLACE)
    none = pd.DataFrame({"value": np.nan, "status": "no_data"}, index=PLACE)
    given: dict[tuple[str, str, str], tuple[pd.DataFrame, str, str]] = {
        ("catchment", "gp", "e2sfca"): (none, "", "more"),
        ("catchment", "library", "e2sfca"): (known(step), "computers for 1,000 people", "more"),
        ("count_open", "library", SATURDAY): (known(step % 3), "libraries", "more"),
        ("gravity", "library", "gaussian"): (known(step / 10), "libraries, weighted", "more"),
        ("interval", "library", "20-40"): (known(step / 20), "libraries", "more"),
        ("jobs_band", "jobs", "0-15"): (known(step * 100), "jobs", "more"),
        ("jobs_band", "jobs", "15-30"): (known(step * 200), "jobs", "more"),
        ("minutes_kth", "library", "2"): (known(step + 10), "minutes", "less"),
        ("minutes_kth", "library", "3"): (known(step + 20), "minutes", "less"),
        ("minutes_open", "library", SATURDAY): (closed, "minutes", "less"),
        ("minutes_open", "library", EVENING): (day, "minutes", "less"),
        ("share_within", "library", "20"): (known(step / 100), "share (0 to 1)", "more"),
    }
    tables = [
        values.rename_axis("area_code")
        .reset_index()
        .assign(**dict(zip(KEY, key, strict=True)))[["area_code", *KEY, "value", "status"]]
        for key, (values, _, _) in given.items()
    ]
    rows = [
        (f"Title of {key[0]}", unit, f"Method of {key[0]} for {key[1]}.", b)
        for key, (_, unit, b) in given.items()
    ]
    described = pd.DataFrame(
        rows,
        columns=["title", "unit", "method", "better"],
        index=pd.MultiIndex.from_tuples(list(given), names=KEY),
    )
    notes = (
        note("capacity_asked_for", "The capacity of GP practices is not known: fill it in."),
        note("capacity_asked_for", "The capacity of libraries is not known: fill it in."),
        note("hours_not_known", "Hours of 1 of 3 libraries are not known."),
    )
    return AccessMeasures(
        table=pd.concat(tables, ignore_index=True),
        described=described,
        codes=pd.Index(PLACE, name="area_code"),
        notes=notes,
    )


def note(what: str, text: str) -> Note:
    return Note(stage="access", what=what, count=1, text=text)


def known(values: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"value": values, "status": "reached"})


def measured_plan(
    project: Project, memo: object, tell: Callable[[str, float], None], what: str = "plan"
) -> Any:
    """Return the stand-in with further measures, fairness, and households without a car."""
    plan = stand_in_plan(project, memo, tell, what)
    day = plan.access.wide("minutes_nearest", "library")
    plan.measures_by = {"walk": measures(day)}
    spread = build_distribution(
        day,
        plan.area.place["population"],
        label="minutes to the nearest library",
        unit="minutes",
        better="less",
        ranked_by=plan.need.scores["need_percentile_access_use"],
        cap=60.0,
    )
    plan.equity = {"library": build_equity(spread, EquitySettings(line=20.0, bootstraps=20))}
    plan.layers = with_cars(plan.layers)
    return plan


def with_cars(layers: Any) -> Any:
    """Return layers with a quarter of households without a car, not known in two areas."""
    share = pd.Series(0.25, index=layers.values.index)
    share.iloc[3:5] = np.nan
    spec = LayerSpec(
        id="no_car",
        title="Households without a car",
        unit="share",
        kind="share",
        high_is="worse",
        geography="lsoa21",
        source=SOURCE,
    )
    status = layers.status.assign(no_car=np.where(share.isna(), "missing", "published"))
    return replace(
        layers,
        values=layers.values.assign(no_car=share),
        specs={**layers.specs, "no_car": spec},
        status=status,
    )


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    project = Project.read(write_project(tmp_path_factory.mktemp("project")))
    return measured_plan(project, None, lambda words, share: None)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", measured_plan)
    st.cache_resource.clear()
    yield AppTest.from_string(PAGE, default_timeout=60)
    st.cache_resource.clear()


def open_access(app: AppTest, **asked: str) -> AppTest:
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.error
    return app


def words(app: AppTest) -> str:
    written = [*app.title, *app.header, *app.markdown, *app.caption, *app.info, *app.warning]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def shown(plan: Any, kind: str, measure: str, setting: str = "", time: str = "") -> Shown:
    entry = next(
        one
        for one in build_menu(plan, "walk", kind)
        if (one.measure, one.setting, one.time) == (measure, setting, time)
    )
    limit = standard_of(plan, kind) if "minutes" in measure else None
    return build_shown(plan, "walk", kind, entry, limit)


# ---- choices ----------------------------------------------------------------------------------


def test_all_that_was_measured_is_offered_day_first_then_through_the_week(plan: Any) -> None:
    menu = build_menu(plan, "walk", "library")
    assert list(dict.fromkeys(one.time for one in menu)) == ["", EVENING, SATURDAY]
    day = list(dict.fromkeys(one.measure for one in menu if not one.time))
    assert day == [
        *("minutes_nearest", "minutes_kth", "count_within"),
        *("share_within", "interval", "gravity", "catchment"),
    ]


def test_choices_are_taken_from_the_address_and_stand_there(app: AppTest) -> None:
    open_access(app, kind="library", measure="minutes_kth", **{"with": "3"})
    app.selectbox(key="choice_within").select("30").run()
    assert app.query_params["with"] == "3"
    assert app.query_params["within"] == "30"
    assert "within 30 minutes on foot of the 3rd nearest library" in words(app)


def test_choices_that_no_longer_arise_leave_the_address(app: AppTest) -> None:
    open_access(app, kind="library", measure="minutes_kth", within="30", **{"with": "3"})
    app.selectbox(key="choice_measure").select("gravity").run()
    assert "with" not in app.query_params
    assert "within" not in app.query_params
    app.selectbox(key="choice_kind").select("jobs").run()
    assert not app.exception


def test_nonsense_in_the_address_is_ignored(app: AppTest) -> None:
    open_access(app, kind="../etc", measure="x", within="-1", time="Sa", **{"with": "9"})
    assert app.selectbox(key="choice_kind").value == "bundle"
    assert "time" not in app.query_params


def test_limits_beyond_the_longest_journey_are_not_offered(plan: Any) -> None:
    cutoff = plan.project.spec.access.cutoff
    assert all(minutes <= cutoff for minutes in choosing._ROUND)
    assert choosing._standard_words(Limit(minutes=20, is_standard=True, by="walk")) == (
        "Standard: 20 minutes on foot"
    )


@pytest.mark.parametrize(
    ("kind", "asked", "said"),
    [
        ("library", {"measure": "count_within", "within": "20"}, "librar"),
        ("library", {"measure": "share_within"}, "of all libraries within 20 minutes on foot"),
        ("library", {"measure": "interval"}, "Over all limits from 20 to 40 minutes, on average"),
        ("library", {"measure": "gravity"}, "Nearer libraries counting more, half of residents"),
        ("library", {"measure": "catchment"}, "It does not say that anybody has a place"),
        ("jobs", {"measure": "jobs_band", "with": "15-30"}, "jobs 15 to 30 minutes away on foot"),
        ("bundle", {"measure": "bundle_out_of_reach"}, "out of reach"),
        ("gp", {"measure": "catchment"}, "no area has a figure. Method of catchment for gp."),
    ],
)
def test_every_measure_has_its_sentence(
    app: AppTest, kind: str, asked: dict[str, str], said: str
) -> None:
    open_access(app, kind=kind, **asked)
    assert said in words(app)
    assert "nan" not in words(app)
    assert "2sfca" not in words(app).lower()


# ---- figures ----------------------------------------------------------------------------------


def test_who_loses_the_library_on_a_saturday_is_said(app: AppTest, plan: Any) -> None:
    open_access(app, kind="library", time=SATURDAY)
    people = plan.area.place["population"][GONE].sum()
    found = words(app)
    assert f"On a Saturday, 10:00 to 13:00, 2 of 28 areas lose the library: {people:,.0f}" in found
    assert "It is not known for 1 area that is known in the day." in found
    assert "On a Tuesday evening, 18:00 to 20:00, no area loses the library" in found
    table = next(f.value for f in app.dataframe if "Areas that reach none" in f.value)
    day, _, saturday = table.to_dict("records")
    assert saturday["Areas that reach none"] - day["Areas that reach none"] == 2
    assert saturday["Areas not known"] - day["Areas not known"] == 1


def test_the_table_tells_why_an_area_has_no_figure_and_what_is_near(plan: Any) -> None:
    one = shown(plan, "library", "minutes_open", time=SATURDAY)
    table = ranked.build_table(plan, one)
    assert table.loc[GONE[0], "Status"] == "no way to one that is open then"
    assert table.loc[GONE[0], "20 minutes"] == "beyond"
    assert table.loc[UNKNOWN, "Status"] == "no data"
    assert table.loc[UNKNOWN, "20 minutes"] == "not known"
    assert table["Code"].iloc[:3].tolist() == [*GONE, UNKNOWN]


def test_the_map_keeps_the_reasons_apart_and_breaks_at_the_standard(plan: Any) -> None:
    classes = mapped.view(plan, shown(plan, "library", "minutes_open", time=SATURDAY)).classes
    counts = {entry.label: entry.count for entry in classes.entries}
    assert counts["No way to one that is open then"] == 2
    assert counts["No data"] == 1
    assert mapped.minute_breaks(Limit(minutes=25, is_standard=True)) == [10, 25, 45]


def test_where_nothing_is_open_the_legend_has_only_the_reasons(plan: Any) -> None:
    one = shown(plan, "library", "minutes_open", time=SATURDAY)
    status = one.values["status"].where(one.values["status"] != "reached", "unreachable")
    none = replace(one, values=one.values.assign(value=float("nan"), status=status))
    classes = mapped.view(plan, none).classes
    assert {entry.status for entry in classes.entries} == {"unreachable", "no_data"}
    assert all(entry.count for entry in classes.entries)
    assert classes.entries[classes.index[UNKNOWN]].status == "no_data"


def test_shares_are_shown_in_percent(plan: Any) -> None:
    one = shown(plan, "library", "share_within", "20")
    assert one.values.loc[PLACE[5], "value"] == pytest.approx(5.0)
    assert one.unit == "%"


def test_notes_are_those_of_the_measure_and_service_shown(plan: Any) -> None:
    def told(kind: str, measure: str, setting: str = "", time: str = "") -> list[str]:
        found = method.notes_of(plan, shown(plan, kind, measure, setting, time))
        return [one.text for one in found if one.what in {"capacity_asked_for", "hours_not_known"}]

    asked = "The capacity of {} is not known: fill it in."
    assert told("library", "catchment", "e2sfca") == [asked.format("libraries")]
    assert told("gp", "catchment", "e2sfca") == [asked.format("GP practices")]
    assert told("library", "minutes_nearest") == []
    then = told("library", "minutes_open", time=SATURDAY)
    assert then == ["Hours of 1 of 3 libraries are not known."]


# ---- fairness and cars ------------------------------------------------------------------------


def test_where_hours_are_not_known_no_area_is_said_to_keep_the_service(plan: Any) -> None:
    one = shown(plan, "library", "minutes_nearest")
    code = str(plan.area.codes[0])
    unknown = Lost(none=(), beyond=(), unknown=(code,))
    said = times.say_lost(plan, one, "Sa 10:00-13:00", unknown, 20.0)
    assert "no area is known to lose the library altogether. It is not known for 1 area" in said
    kept = Lost(none=(), beyond=(), unknown=())
    assert times.say_lost(plan, one, "Sa 10:00-13:00", kept, 20.0).endswith(
        "no area loses the library altogether."
    )


def test_fairness_is_told_in_sentences_and_plain_names(app: AppTest, plan: Any) -> None:
    open_access(app, kind="library")
    meanings = plan.equity["library"].table["meaning"]
    assert meanings["poverty_share"] in words(app)
    table = next(f.value for f in app.dataframe if "What it means here" in f.value)
    assert "People beyond the standard" in table["Figure"].tolist()
    assert table["From"].notna().all()


# Four areas of 100 people; a quarter of households without a car in the first, all in the second,
# none in the third, not known in the fourth.
def test_people_without_a_car_are_counted_beside_all() -> None:
    codes = list("abcd")
    status = ["reached", "unreachable", "no_data", "reached"]
    values = pd.DataFrame({"value": [5.0, np.nan, np.nan, 5.0], "status": status}, index=codes)
    people = pd.Series(100.0, index=codes)
    share = pd.Series([0.25, 1.0, 0.0, np.nan], index=codes)
    rows = cars.build_rows(judge_near(values, 20.0), people, share).set_index("People")
    assert rows.loc["All people"].tolist()[:3] == [200.0, 100.0, 100.0]
    assert rows.loc["All people"].iloc[3] == pytest.approx(200 / 3)
    assert rows.loc["In households without a car"].tolist() == [25.0, 100.0, 0.0, 20.0, 100.0]


# A fifth of people without a car are near and two thirds of all, of those whose access is known.
def test_shares_of_people_without_a_car_say_whom_they_leave_out(plan: Any) -> None:
    codes = list("abc")
    near = pd.Series(["near", "beyond", "not_known"], index=codes)
    people = pd.Series([100.0, 50.0, 100.0], index=codes)
    rows = cars.build_rows(near, people, pd.Series([0.1, 0.8, 0.5], index=codes))
    said = cars.say_cars(shown(plan, "library", "minutes_nearest"), rows)
    assert said.startswith("Of those whose access is known, 20% of people in households")
    assert "67% of all people" in said
    known = cars.build_rows(near[:2], people[:2], pd.Series([0.1, 0.8], index=codes[:2]))
    said = cars.say_cars(shown(plan, "library", "minutes_nearest"), known)
    assert said.startswith("20% of people in households")


def test_without_the_census_table_it_says_what_is_needed(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    open_access(app, kind="library")
    assert 'from = "ts045"' in words(app)
    assert "In the evening and on a Saturday" not in words(app)
