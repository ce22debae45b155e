"""Is every figure in every statement the one that stands in the files of a run?"""

from __future__ import annotations

import functools
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planner import Memo, Plan, Project, make_plan
from planner.errors import DataError
from planner.export.bundle import build_bundle_files
from planner.export.cells import decimals_of, to_cell, to_csv_text
from planner.export.gaps import build_gap_files
from planner.export.need import build_need_files
from planner.export.tables import build_areas_file
from planner.report.page import MOST_EXPLAINED, build_report, explain_gaps
from planner.report.why import build_why
from planner.report.why_access import find_nearest_venue
from planner.report.why_figures import Figure, Look, Statement, Why, read_facts

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
#: Numbers that are part of the words.
WORDS = ("(1 is the greatest)", "(1 is the most)")


@pytest.fixture(scope="module")
def plan(demo_memo: Memo) -> Plan:
    project = Project.read(DEMO)
    spec = project.spec
    few = {
        "access": spec.access.model_copy(update={"mode": "walk"}),
        "robustness": spec.robustness.model_copy(update={"draws": 40}),
        "tandem": spec.tandem.model_copy(update={"permutations": 99}),
        "spatial": spec.spatial.model_copy(update={"permutations": 99}),
        "gaps": spec.gaps.model_copy(update={"draws": 20}),
    }
    return make_plan(project.with_spec(timetable=None, **few), memo=demo_memo)


@pytest.fixture(scope="module")
def files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of a run as they stand in its files: every cell a text."""
    areas = pd.DataFrame(build_areas_file(plan).drop(columns="geometry"))
    tables = {"areas.csv": areas, **build_need_files(plan), **build_gap_files(plan)}
    tables |= build_bundle_files(plan)
    return {
        name: pd.read_csv(io.StringIO(to_csv_text(table)), dtype=str, keep_default_na=False)
        for name, table in tables.items()
    }


@pytest.fixture(scope="module")
def whys(plan: Plan) -> list[Why]:
    """Return what is said of areas of every status, for the bundle and for single kinds."""
    table = plan.gaps.table
    found = []
    for kind, step in (("bundle", 4), ("gp", 9), ("library", 9)):
        for _, rows in table[table["kind"] == kind].groupby("gap_status"):
            found += [build_why(plan, str(code), kind) for code in rows["area_code"][::step]]
    return found


def figures(whys: list[Why], how: str = "cell") -> Iterator[tuple[Why, Figure]]:
    for why in whys:
        for statement in why.statements:
            for figure in statement.figures:
                if figure.where.how == how:
                    yield why, figure


def pick(table: pd.DataFrame, where: Look) -> pd.DataFrame:
    for column, value in where.row:
        table = table[table[column] == value]
    return table


def test_every_cell_is_the_one_in_the_file(
    plan: Plan, whys: list[Why], files: dict[str, pd.DataFrame]
) -> None:
    seen = set()
    cells = functools.cache(lambda where: pick(files[where.file], where)[where.column].tolist())
    for _, figure in figures(whys):
        where = figure.where
        if where.file == "travel.parquet":
            continue
        value = figure.value if isinstance(figure.value, str) else float(figure.value)
        assert cells(where) == [to_cell(value, decimals_of(where.column))], where.words
        seen.add(where.file)
    assert seen >= {"gaps.csv", "areas.csv", "bundle.csv", "need_certainty.csv", "standards.csv"}


def test_numbers_of_rows_are_counted_in_the_file(
    whys: list[Why], files: dict[str, pd.DataFrame]
) -> None:
    looks = {figure.where: figure.value for _, figure in figures(whys, "rows")}
    assert looks
    for where, value in looks.items():
        assert len(pick(files[where.file], where)) == value


def test_the_middle_area_is_the_middle_of_the_column(
    whys: list[Why], files: dict[str, pd.DataFrame]
) -> None:
    looks = {figure.where: figure.value for _, figure in figures(whys, "middle")}
    assert looks
    for where, value in looks.items():
        rows = pick(files[where.file], where)
        rows = rows[rows["gap_status"] != "no_data"]
        minutes = pd.to_numeric(rows[where.column].replace("", "inf")).sort_values().tolist()
        assert minutes[(len(minutes) - 1) // 2] == pytest.approx(float(value), abs=0.051)


def test_settings_are_those_of_the_project_file(plan: Plan, whys: list[Why]) -> None:
    settings = tomllib.loads(plan.project.to_toml())
    looks = {figure.where: figure.value for _, figure in figures(whys, "setting")}
    assert len(looks) == 2
    for where, value in looks.items():
        section, key = where.column.split(".")
        assert settings[section][key] == value


def test_no_number_is_said_that_no_figure_stands_behind(whys: list[Why]) -> None:
    for why in whys:
        for statement in why.statements:
            text = statement.text
            for words in (*WORDS, *sorted((f.said for f in statement.figures), key=len)[::-1]):
                text = text.replace(words, "")
            assert not re.search(r"\d", text), (why.area_code, statement.text)


def test_what_is_said_is_the_figure_rounded(whys: list[Why]) -> None:
    checked = 0
    for _, figure in figures(whys):
        number = re.search(r"\d[\d,]*\.?\d*", figure.said)
        if isinstance(figure.value, str) or number is None:
            continue
        said = float(number[0].replace(",", ""))
        value = 100 * figure.value if "%" in figure.said else figure.value
        assert said == pytest.approx(value, rel=0.05, abs=1.0 if "%" in figure.said else 0.5)
        checked += 1
    assert checked > 500


def test_the_nearest_venue_is_nearest_to_where_most_people_live(
    plan: Plan, whys: list[Why]
) -> None:
    times = plan.times.to_frame().set_index(["origin", "destination"])["minutes"]
    venues = plan.services.open_offers("library")["venue_id"].unique()
    points = plan.area.place_points
    compared = 0
    for code in plan.area.codes[::5]:
        found = find_nearest_venue(read_facts(plan, code, "library"), "library", "walk")
        home = points[points["area_code"] == code]["weight"].idxmax()
        known = {v: times[home, v] for v in venues if (home, v) in times.index}
        if found is None:
            assert not known
            continue
        assert times[home, found[0]] == min(known.values())
        assert dict(found[1].row)["origin"] == home
        compared += 1
    assert compared > 10


# ---- words ------------------------------------------------------------------------------------


def words_of(plan: Plan, status: str, kind: str = "bundle") -> str:
    table = plan.gaps.table
    rows = table[(table["kind"] == kind) & (table["gap_status"] == status)]
    why = build_why(plan, str(rows["area_code"].iloc[0]), kind)
    return " ".join([why.title, *(statement.text for statement in why.statements)])


def test_a_gap_says_which_standard_is_broken_and_whose_it_is(plan: Plan) -> None:
    said = words_of(plan, "gap")
    assert "why this is a gap" in said
    assert "A gap: the standard of one or more services" in said
    assert "Standard: " in said


def test_an_area_that_keeps_the_standard_but_is_further_is_no_gap(plan: Plan) -> None:
    said = words_of(plan, "relatively_further")
    assert "relatively further" in said
    assert "Not a gap, because every standard of the bundle is kept" in said
    assert "the standard is broken" not in said


def test_an_area_within_the_standard_says_so(plan: Plan) -> None:
    said = words_of(plan, "within_standard", "gp")
    assert "Not a gap: the standard is kept" in said


def test_an_area_without_data_is_neither_near_nor_far(plan: Plan) -> None:
    said = words_of(plan, "no_data")
    assert "neither called near nor far" in said
    assert "minutes away" not in said


def test_the_report_explains_the_greatest_gaps_in_the_same_words(plan: Plan) -> None:
    explained = explain_gaps(plan)
    table = plan.gaps.table[plan.gaps.table["kind"] == "bundle"]
    first = table[table["gap_status"] == "gap"].nsmallest(MOST_EXPLAINED, "gap_rank")
    assert [why.area_code for why in explained] == first["area_code"].tolist()
    page = build_report(plan)
    assert page.count('<details class="why"') == len(explained) > 0
    for why in explained[:2]:
        assert why.statements[-1].text in page


def test_an_area_or_kind_that_is_not_there_is_named(plan: Plan) -> None:
    with pytest.raises(KeyError, match="E09999999"):
        build_why(plan, "E09999999")
    with pytest.raises(KeyError, match="spaceport"):
        build_why(plan, str(plan.area.codes[0]), "spaceport")


def test_a_figure_that_is_not_in_its_sentence_is_refused() -> None:
    figure = Figure(
        name="minutes",
        value=np.float64(5.0),
        unit="minutes",
        where=Look(file="gaps.csv", column="minutes"),
        said="5",
    )
    with pytest.raises(DataError, match="not in its sentence"):
        Statement(about="Need", text="Nothing is said.", figures=(figure,))
