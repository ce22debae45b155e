"""The inactivity measure by hand, and what the raw rate would have said instead."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from entries import read
from places import CODES, tiny_area, tiny_layers

from planner.layers import Layers, PublishedTable
from planner.need.inactivity import COLUMNS, PARTS, Inactivity, build_inactivity
from planner.project import Project
from planner.sources.layers import read_layers
from planner.sources.place import read_study_area

PROJECTS = Path(__file__).resolve().parents[1] / "projects"

ACTIVE = "Economically active (excluding full-time students)"
CATEGORIES = {
    "employed": f"{ACTIVE}:In employment",
    "unemployed": f"{ACTIVE}: Unemployed",
    "active_student": "Economically active and a full-time student",
    "retired": "Economically inactive: Retired",
    "student": "Economically inactive: Student",
    "home": "Economically inactive: Looking after home or family",
    "sick": "Economically inactive: Long-term sick or disabled",
    "other": "Economically inactive: Other",
}
# Six areas of 1,000 adults each. The first is a retirement town: 600 retired, few of the others
# out of work. The second is a student quarter. The third is where people are out of work.
COUNTS = {
    "employed": [360, 360, 540, 700, 640, 680],
    "unemployed": [8, 8, 60, 20, 30, 20],
    "active_student": [0, 100, 10, 20, 10, 10],
    "retired": [600, 50, 150, 180, 200, 190],
    "student": [0, 450, 20, 20, 20, 30],
    "home": [12, 12, 70, 30, 40, 30],
    "sick": [15, 15, 120, 20, 40, 30],
    "other": [5, 5, 30, 10, 20, 10],
}


def census(folder: Path, counts: dict[str, list[int]] = COUNTS, **keys: Any) -> PublishedTable:
    with (folder / "ts066.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        names = [f"Economic activity status: {CATEGORIES[key]}" for key in counts]
        total = "Economic activity status: Total: All usual residents aged 16 years and over"
        writer.writerow(["geography code", total, *names])
        for at, code in enumerate(CODES):
            row = [column[at] for column in counts.values()]
            writer.writerow([code, sum(row), *row])
    return read(folder, "ts066", "ts066.csv", **keys)


def layers_of(table: PublishedTable, unknown: str = "") -> Layers:
    values = table.values.copy()
    if unknown:
        values.loc[unknown] = np.nan
    status = pd.DataFrame("published", index=values.index, columns=values.columns)
    return Layers(values=values, specs=table.specs, status=status.mask(values.isna(), "missing"))


def inactivity(folder: Path, **keys: Any) -> Inactivity:
    got = build_inactivity(layers_of(census(folder, **keys)), tiny_area())
    assert got is not None
    return got


def test_a_retirement_town_is_not_where_people_are_out_of_work(tmp_path: Path) -> None:
    town = inactivity(tmp_path).table.loc[CODES[0]]
    # 8 + 12 + 15 + 5 of 1,000 less 600 retired; by the raw rate 600 + 12 + 15 + 5 of 1,000.
    assert town["not_working_share"] == pytest.approx(40 / 400)
    assert town["raw_inactive_share"] == pytest.approx(632 / 1000)
    # The others: 10.0 (the quarter, later by code), 34.1, 10.3, 16.9 and 11.7 per cent.
    assert (town["not_working_rank"], town["raw_inactive_rank"]) == (5, 1)
    assert town["raw_rank_difference"] == -4


def test_a_student_quarter_counts_its_students_nowhere(tmp_path: Path) -> None:
    quarter = inactivity(tmp_path).table.loc[CODES[1]]
    assert quarter["not_working_share"] == pytest.approx(40 / (1000 - 50 - 450 - 100))
    assert quarter["raw_inactive_rank"] == 2


def test_where_people_are_out_of_work_comes_first(tmp_path: Path) -> None:
    table = inactivity(tmp_path).table
    worst = table.loc[CODES[2]]
    assert worst["not_working_rank"] == 1
    assert worst["not_working_share"] == pytest.approx(280 / 820)


def test_the_parts_add_up_to_the_measure(tmp_path: Path) -> None:
    table = inactivity(tmp_path).table
    parts = table[[f"{part}_share" for part in PARTS]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table["not_working_share"].to_numpy())
    assert table.loc[CODES[2], "unemployed_share"] == pytest.approx(60 / 820)
    assert table.loc[CODES[2], "looking_after_home_share"] == pytest.approx(70 / 820)


def test_each_area_is_told_in_a_sentence(tmp_path: Path) -> None:
    table = inactivity(tmp_path).table
    assert table.loc[CODES[0], "inactivity_words"] == (
        "10.0% are not working, of people aged 16 and over who are neither retired nor full-time "
        "students: 5th highest of 6 areas. The raw rate would rank this area 1st (63.2%, retired "
        "people and students counted), 4 places higher."
    )
    assert "the highest of 6 areas" in table.loc[CODES[2], "inactivity_words"]


def test_the_place_is_told_whom_the_raw_rate_would_name(tmp_path: Path) -> None:
    findings = inactivity(tmp_path).findings
    assert "from 10.0% to 34.1% across 6 areas of Sixsquares" in findings[0]
    # The town goes from 5th to 1st, the quarter from 6th to 2nd; of equals the first is named. A
    # tenth of six areas is none, so nothing is said of it.
    assert len(findings) == 2
    assert f"Square 1 ({CODES[0]}) furthest: 5th by people not working, 1st by" in findings[1]


def test_the_measure_is_written_out_and_the_raw_rate_labelled(tmp_path: Path) -> None:
    got = inactivity(tmp_path)
    assert got.title == "Not working, excluding retired people and full-time students"
    assert got.raw_title.startswith("Raw")
    assert "less retired people and full-time students" in got.denominator


def test_lockdown_carers_and_the_raw_rate_are_said(tmp_path: Path) -> None:
    words = " ".join(inactivity(tmp_path).caveats)
    for said in ("21 March 2021, in lockdown", "look after a home or family", "retire to or study"):
        assert said in words


def test_carers_have_no_rank(tmp_path: Path) -> None:
    ranks = [column for column in inactivity(tmp_path).table if column.endswith("_rank")]
    assert ranks == ["not_working_rank", "raw_inactive_rank"]


def test_an_area_without_a_figure_has_no_rank(tmp_path: Path) -> None:
    got = build_inactivity(layers_of(census(tmp_path), unknown=CODES[5]), tiny_area())
    assert got is not None
    assert got.table["not_working_rank"].isna().tolist() == [False] * 5 + [True]
    assert sorted(got.table["not_working_rank"].dropna()) == [1, 2, 3, 4, 5]
    assert got.table.loc[CODES[5], "inactivity_words"].endswith("not known for this area.")
    assert [(note.what, note.items) for note in got.notes] == [("inactivity_unknown", (CODES[5],))]


def test_context_areas_are_not_ranked(tmp_path: Path) -> None:
    got = build_inactivity(layers_of(census(tmp_path)), tiny_area(context=2))
    assert got is not None
    assert got.table.index.tolist() == CODES[:4]


def test_without_the_raw_rate_the_measure_stands_alone(tmp_path: Path) -> None:
    got = inactivity(tmp_path, only=["not_working"])
    assert got.table["raw_inactive_rank"].isna().all()
    assert "raw rate" not in got.table.loc[CODES[0], "inactivity_words"]
    assert len(got.findings) == 1
    (note,) = got.notes
    assert note.items == ("raw_inactive", *PARTS)


def test_figures_of_larger_areas_say_so(tmp_path: Path) -> None:
    layers = layers_of(census(tmp_path))
    specs = {key: replace(spec, geography="msoa21") for key, spec in layers.specs.items()}
    got = build_inactivity(replace(layers, specs=specs), tiny_area())
    assert got is not None
    assert "Published for Middle layer Super Output Areas (2021)" in got.caveats[-1]


def test_the_order_of_areas_changes_nothing(tmp_path: Path) -> None:
    layers = layers_of(census(tmp_path))
    back = layers.values.index[::-1]
    turned = replace(layers, values=layers.values.loc[back], status=layers.status.loc[back])
    one, two = (build_inactivity(each, tiny_area()) for each in (layers, turned))
    assert one is not None
    assert two is not None
    pd.testing.assert_frame_equal(one.table, two.table)


def test_a_project_without_the_table_has_none() -> None:
    assert build_inactivity(tiny_layers(), tiny_area()) is None


# --- published files ----------------------------------------------------------------------


def test_trafford_005c_from_the_published_counts(shared: Path) -> None:
    asked = Project.read(PROJECTS / "trafford.toml", data_roots=[shared])
    file = next(entry.file for entry in asked.spec.layer if entry.reader == "ts066")
    only = [entry for entry in asked.spec.layer if entry.reader == "ts066"]
    asked = asked.with_spec(layer=only)
    area = read_study_area(asked)
    got = build_inactivity(read_layers(asked, area), area)
    assert got is not None
    frame = pd.read_csv(shared / file)
    counts = frame.pivot_table(
        index="area_code", columns="economic_activity_status", values="value", aggfunc="sum"
    )
    adults = counts.sum(axis=1)
    inactive = counts.filter(regex=r"^Economically inactive")
    students = counts.filter(regex=r"full-time student:|: Student$").sum(axis=1)
    out = inactive.drop(columns=inactive.filter(regex=r"Retired|Student").columns).sum(axis=1)
    out = out + counts[f"{ACTIVE}: Unemployed"]
    measure = out / (adults - counts["Economically inactive: Retired"] - students)
    raw = inactive.sum(axis=1) / adults
    row = got.table.loc["E01006124"]
    assert row["not_working_share"] == pytest.approx(measure["E01006124"], rel=1e-12)
    assert row["raw_inactive_share"] == pytest.approx(raw["E01006124"], rel=1e-12)
    assert row["not_working_rank"] == 1 + (measure > measure["E01006124"]).sum()
    assert row["raw_inactive_rank"] == 1 + (raw > raw["E01006124"]).sum()
    assert list(got.table.columns) == COLUMNS
    # 13 of 139 areas are the worst tenth.
    other = set(raw.nlargest(13).index) - set(measure.nlargest(13).index)
    assert f"(13 areas) the raw inactivity rate would put {len(other)} that" in got.findings[1]


def test_newport_has_no_such_table(shared: Path) -> None:
    asked = Project.read(PROJECTS / "newport.toml", data_roots=[shared])
    asked = asked.with_spec(layer=[e for e in asked.spec.layer if e.reader == "ts062"])
    area = read_study_area(asked)
    assert build_inactivity(read_layers(asked, area), area) is None
