"""Do plans take every further measure, by the journeys of then and with all who compete?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from journeys import times
from places import CODES, tiny_area

from planner import Memo, Project
from planner.access import AccessMeasures
from planner.demo import write_demo
from planner.errors import DataError, PlannerError, ProjectError
from planner.export.access import build_measures_file, build_measures_summary
from planner.plan.access import FoundMeasures, find_decay, join_origins, take_measures
from planner.plan.inputs import read_inputs
from planner.plan.journeys import Journeys, build_journeys
from planner.plan.stages import Stages
from planner.project import MeasureSettings, parse_spec, split_at
from planner.scenario import TODAY
from planner.sources.distance_to_work import read_distance_to_work
from planner.standards import build_standards

SATURDAY, EVENING = "Sa 10:00-10:30", "Tu 18:00-18:30"
PLACE = {"name": "Sixsquares", "geography": "lsoa21", "boundaries": "a.geojson"}
BANDS = ["Less than 2km", "2km to less than 5km", "5km to less than 10km", "10km and over"]


class Runner:
    """A small fictional place, with every journey timed once."""

    def __init__(self, folder: Path) -> None:
        write_demo(folder, areas=20)
        project, self.memo = Project.read(folder), Memo(max_entries=50)
        assert project.spec.timetable is not None
        hours = {"window": "10:00-10:30", "jobs_window": "08:00-08:30"}
        self.project = project.with_spec(
            timetable=project.spec.timetable.model_copy(update=hours),
            measures={
                **project.spec.measures.model_dump(exclude_none=True),
                "at": [SATURDAY, EVENING],
                "unknown_hours": "open",
            },
        )

    def take(self, *, opening: str = "", **keys: Any) -> tuple[FoundMeasures, Journeys]:
        """Return the measures with other settings, all venues opening at other hours."""
        settings = self.project.spec.measures.model_dump(exclude_none=True)
        project = self.project.with_spec(measures={**settings, **keys})
        run = Stages(self.memo, None)
        inputs = read_inputs(run, project, {name: project.sha256(name) for name in project.files()})
        run.keys["supply"] = run.keys["services"] + opening
        services = inputs.services
        if opening:
            services = replace(services, venues=services.venues.assign(opening=opening))
        journeys = build_journeys(run, project, inputs, services, TODAY)
        standards = build_standards(project.spec.standards, services.kinds)
        found = take_measures(run, project, inputs, services, journeys, standards)
        return found, journeys


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("small") / "demo")


def values(found: FoundMeasures, way: str, measure: Any, kind: str, setting: str = "") -> pd.Series:
    return found.measures_by[way].wide(measure, kind, setting)["value"]


def test_every_way_has_every_measure(runner: Runner) -> None:
    found, journeys = runner.take()
    assert list(found.measures_by) == list(journeys.ways) == ["walk", "transit", "transit85"]
    for measures in found.measures_by.values():
        names = set(measures.table["measure"])
        assert names == {
            *("minutes_kth", "share_within", "interval", "gravity", "catchment", "jobs_band"),
            *("minutes_open", "count_open"),
        }
        assert (measures.described[["title", "unit", "method"]] != "").all(axis=None)


def test_saturdays_and_evenings_go_by_their_own_timetables(runner: Runner) -> None:
    found, _ = runner.take()
    transit = found.measures_by["transit"]
    for kind in ("library", "pharmacy"):
        method = transit.described.loc[("minutes_open", kind, SATURDAY), "method"]
        assert "28 February 2026" in method
    on_foot = values(found, "walk", "minutes_open", "pharmacy", SATURDAY)
    by_bus = values(found, "transit", "minutes_open", "pharmacy", SATURDAY)
    both = on_foot.notna() & by_bus.notna()
    assert both.any()
    # Waiting is part of it, yet walking all the way is always an option.
    assert (by_bus[both] <= on_foot[both] + 0.1).all()
    day = transit.wide("share_within", "library", "30")["value"]
    count = transit.wide("count_open", "library", SATURDAY)["value"]
    evening = transit.wide("count_open", "library", EVENING)["value"]
    assert not count.equals(evening)
    assert day.notna().any()


def test_a_stricter_choice_of_hours_is_never_nearer(runner: Runner) -> None:
    found, _ = runner.take(at=["Sa 10:00-11:30", SATURDAY])
    for kind in ("library", "community_centre", "pharmacy"):
        whole = values(found, "walk", "minutes_open", kind, "Sa 10:00-11:30").fillna(np.inf)
        part = values(found, "walk", "minutes_open", kind, SATURDAY).fillna(np.inf)
        assert (part >= whole).all()


def test_people_around_the_place_compete_for_its_practices(runner: Runner) -> None:
    found, _ = runner.take(catchment="2sfca")
    assert "context_does_not_compete" not in {n.what for n in found.measures_by["walk"].notes}
    described = found.measures_by["walk"].described.xs("catchment", level="measure")
    assert set(described["unit"]) == {"registered patients for 1,000 people"}


def test_a_day_without_any_trip_has_no_data_by_timetable_and_says_so(runner: Runner) -> None:
    found, _ = runner.take(at=["Su 02:00-03:00"], opening="24/7")
    assert "hours_without_trips" in {note.what for note in found.notes}
    for way in ("transit", "transit85"):
        table = found.measures_by[way].table.query("measure in ('minutes_open', 'count_open')")
        assert "no_data" in set(table["status"])
        assert set(table["status"]) <= {"no_data", "not_connected", "outside_extent"}
    assert values(found, "walk", "minutes_open", "pharmacy").notna().any()


def test_without_catchments_and_hours_no_journey_is_timed_again(runner: Runner) -> None:
    runner.take()
    runner.memo.computed.clear()
    runner.take(catchment="", at=[], catchment_kinds=[])
    assert set(runner.memo.computed) == {"decay", "measures"}


def test_origins_of_two_tables_are_joined_in_order() -> None:
    area = tiny_area(context=2)
    other = tiny_area()
    first = times(area, ["v1", "v2"], {(CODES[0], "v2"): 3.0, (CODES[3], "v1"): 4.0})
    whole = times(other, ["v1", "v2"], {(CODES[4], "v1"): 7.0, (CODES[5], "v2"): 8.0})
    rows = whole.origins.isin(CODES[4:])
    pairs = whole.pairs.assign(origin=whole.pairs["origin"] - 4).astype("int32")
    second = type(whole)(
        pairs=pairs,
        origins=whole.origins[rows],
        destinations=whole.destinations,
        origin_status=whole.origin_status[rows],
        destination_status=whole.destination_status,
        origin_component=whole.origin_component[rows],
        destination_component=whole.destination_component,
        mode="walk",
        cutoff_minutes=120.0,
        method="by hand",
    )
    frame = join_origins(second, first).to_frame().set_index(["origin", "destination"])["minutes"]
    assert frame.to_dict() == {
        (CODES[0], "v2"): 3.0,
        (CODES[3], "v1"): 4.0,
        (CODES[4], "v1"): 7.0,
        (CODES[5], "v2"): 8.0,
    }
    with pytest.raises(ValueError, match="belong together"):
        join_origins(first, first)


# A decay fitted to distances to work


def project_of(folder: Path, **measures: Any) -> Project:
    table = {"place": PLACE, "measures": measures}
    return Project(spec=parse_spec(table, where="planner.toml"), folder=folder)


def long_table(codes: list[str]) -> str:
    rows = [
        f"{code},{band},Count,{count}"
        for code in codes
        for band, count in zip(
            [*BANDS, "Works mainly from home", "Total"], [60, 30, 20, 10, 50, 170], strict=True
        )
    ]
    return "\n".join(["area_code,distance,measure,value", *rows]) + "\n"


def test_a_long_table_is_added_up_over_the_areas_of_the_place(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(long_table([*CODES[:2], "E01999999"]), encoding="utf-8")
    counts, (note,) = read_distance_to_work(project_of(tmp_path), "d.csv", tiny_area())
    assert counts[BANDS].tolist() == [120.0, 60.0, 40.0, 20.0]
    assert "2 of the 6 areas" in note.text


def test_a_bulk_table_has_a_column_a_band(tmp_path: Path) -> None:
    head = [f"Distance travelled to work: {b}" for b in ("Total: All", *BANDS, "Works mainly here")]
    (tmp_path / "d.csv").write_text(
        ",".join(["date", "geography", "geography code", *head])
        + f"\n2021,One,{CODES[0]},170,60,30,20,10,50\n2021,Two,{CODES[1]},17,6,3,2,1,5\n",
        encoding="utf-8",
    )
    counts, _ = read_distance_to_work(project_of(tmp_path), "d.csv", tiny_area())
    assert counts.to_dict() == dict(
        zip([*BANDS, "Works mainly here"], [66.0, 33.0, 22.0, 11.0, 55.0], strict=True)
    )


def test_a_table_of_two_columns_is_of_all_people(tmp_path: Path) -> None:
    lines = [f"{b};{n}" for b, n in zip(BANDS, (60, 30, 20, 10), strict=True)]
    (tmp_path / "d.csv").write_text("\n".join(["how far;people", *lines]) + "\n", encoding="utf-8")
    counts, (note,) = read_distance_to_work(project_of(tmp_path), "d.csv", tiny_area())
    assert counts.sum() == 120
    assert "none is about an area of the place" in note.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no bands of distance"),
        (f"area_code,how far,value\n{CODES[0]},Less than 2km,abc\n{CODES[0]},2km and over,3\n",
         "not a number"),
        ("c,d,distance\n1,2,Less than 2km\n3,4,2km and over\n", "no column of people"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words) as caught:
        read_distance_to_work(project_of(tmp_path), "d.csv", tiny_area())
    assert "d.csv" in str(caught.value)


def fitted(folder: Path, **keys: Any) -> Any:
    settings = {"decay": "exponential", "decay_table": "d.csv", **keys}
    (folder / "d.csv").write_text(long_table(CODES), encoding="utf-8")
    run = Stages(Memo(), None)
    run.keys["area"] = "tiny"

    class Inputs:
        area = tiny_area()

    found: Any = Inputs()
    return find_decay(run, project_of(folder, **settings), found)


def test_the_fit_is_told_with_what_it_takes_for_granted(tmp_path: Path) -> None:
    found = fitted(tmp_path, decay_kmh=12)
    (note,) = [n for n in found.notes if n.what == "decay_fitted"]
    assert "12 kilometres an hour" in note.text
    assert "evenly over the land" in note.text
    assert "fits these people best" in note.text
    assert found.decay.unit == "minutes"
    faster = fitted(tmp_path, decay_kmh=24).decay
    # Twice as fast: half the minutes to the same weight.
    assert faster.parameters[0] == pytest.approx(2 * found.decay.parameters[0])


def test_kilometres_need_a_stated_pace(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="decay_kmh"):
        fitted(tmp_path)


# The project file


@pytest.mark.parametrize(
    ("measures", "words"),
    [
        ({"jobs_bands": [30, 130]}, "jobs_bands: 130 minutes are beyond"),
        ({"interval": [20, 140]}, "interval: 140 minutes are beyond"),
        ({"catchment": "2sfca", "catchment_minutes": 150}, "catchment_minutes: 150"),
        ({"interval": [40, 20]}, "the lower first"),
        ({"jobs_bands": [30, 30]}, "each above the one before"),
        ({"kth": [2, 2]}, "twice"),
        ({"kth": [0]}, "greater than or equal to 1"),
        ({"decay": "gaussian"}, "decay_minutes"),
        ({"decay": "gaussian", "decay_minutes": 9, "decay_table": "x.csv"}, "either"),
        ({"decay_minutes": 9}, "need a shape"),
        ({"decay": "linear"}, "gaussian"),
        ({"catchment": "4sfca"}, "spatial_availability"),
        ({"unknown_hours": "guess"}, "leave_out"),
        ({"at": ["Sat 10:00-13:00"]}, "no stretch of a day"),
        ({"at": ["Sa 13:00-10:00"]}, "no stretch of a day"),
        ({"at": ["Sa 10:00-24:30"]}, "no stretch of a day"),
        ({"nearest": 2}, "no such key"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_line(
    measures: dict[str, Any], words: str
) -> None:
    with pytest.raises(PlannerError, match=words) as caught:
        parse_spec({"place": PLACE, "measures": measures}, where="planner.toml")
    assert "measures" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2


def test_defaults_keep_to_a_lower_cutoff_and_named_thresholds_do_not() -> None:
    access = {"cutoff": 35.0, "within": [30.0], "jobs_within": [30.0]}
    spec = parse_spec({"place": PLACE, "access": access}, where="planner.toml")
    assert spec.measures.jobs_bands == [15.0, 30.0]
    assert spec.measures.interval == []
    with pytest.raises(PlannerError, match=r"access\.cutoff = 35"):
        parse_spec(
            {"place": PLACE, "access": access, "measures": {"interval": [20, 40]}},
            where="planner.toml",
        )


def test_hours_are_split_into_their_parts() -> None:
    assert split_at("Su 22:30-24:00") == ("Su", "22:30", "24:00")
    assert MeasureSettings().at == ["Tu 18:00-20:00", "Sa 10:00-13:00"]


# Files


def exported() -> Any:
    """Return a stand-in for a plan with one way and two measures of the six squares."""
    area = tiny_area()
    table = pd.DataFrame(
        {
            "area_code": CODES * 2,
            "measure": ["gravity"] * 6 + ["minutes_kth"] * 6,
            "kind": "gp",
            "setting": ["gaussian"] * 6 + ["2"] * 6,
            "value": [0.00001234567, 0.0, 123.456789, 4, 5, 6, 10.04, 20, 30, 40, np.nan, 60],
            "status": ["reached"] * 10 + ["over_cutoff", "reached"],
        }
    )
    described = pd.DataFrame(
        {"title": ["Near", "Second"], "unit": ["practices, weighted", "minutes"], "method": "How.",
         "better": ["more", "less"]},
        index=pd.MultiIndex.from_tuples(
            [("gravity", "gp", "gaussian"), ("minutes_kth", "gp", "2")],
            names=["measure", "kind", "setting"],
        ),
    )  # fmt: skip
    found = AccessMeasures(table=table, described=described, codes=area.codes)
    return SimpleNamespace(measures_by={"walk": found}, area=area)


def test_every_value_is_written_with_its_unit_and_method() -> None:
    table = build_measures_file(exported())
    assert len(table) == 12
    assert (table[["unit", "method", "title", "better"]] != "").all(axis=None)
    assert table["value"].tolist()[:3] == [0.0000123457, 0.0, 123.457]
    assert table["value"].tolist()[6] == 10.0
    assert table.loc[10, "status"] == "over_cutoff"


def test_the_summary_is_over_people_and_says_how_many_have_no_value() -> None:
    table = build_measures_summary(exported()).set_index("measure")
    row = table.loc["minutes_kth"]
    assert (row["areas"], row["areas_with_value"]) == (6, 5)
    assert (row["people"], row["people_with_value"]) == (7000.0, 6500.0)
    # 1,000, 1,000, 2,000, 1,000 and 1,500 people: half of them is reached in the third area.
    assert (row["value_lowest"], row["value_median"], row["value_highest"]) == (10.0, 30.0, 60.0)


def test_a_plan_without_measures_writes_headings_only() -> None:
    plan: Any = SimpleNamespace(measures_by={}, area=tiny_area())
    assert build_measures_file(plan).empty
    assert build_measures_summary(plan).empty
