"""Census tables become shares with their counts, whatever layout they came in."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from entries import read, refusal

from planner.sources.census import category_name

# One area counted by hand: 100 residents aged 16 and over.
LEAVES = {
    "Economically active (excluding full-time students):In employment:Employee:Part-time": 10,
    "Economically active (excluding full-time students):In employment:Employee:Full-time": 35,
    "Economically active (excluding full-time students):Unemployed": 5,
    "Economically active and a full-time student:In employment:Employee:Part-time": 3,
    "Economically active and a full-time student:Unemployed": 1,
    "Economically inactive:Retired": 20,
    "Economically inactive:Student": 6,
    "Economically inactive:Looking after home or family": 7,
    "Economically inactive:Long-term sick or disabled": 9,
    "Economically inactive:Other": 4,
}
PARENTS = {
    "Total: All usual residents aged 16 years and over": 100,
    "Economically active (excluding full-time students)": 50,
    "Economically active (excluding full-time students):In employment": 45,
    "Economically active (excluding full-time students):In employment:Employee": 45,
    "Economically active and a full-time student": 4,
    "Economically active and a full-time student:In employment": 3,
    "Economically inactive": 46,
}
# 100 less 20 retired, 6 inactive students and 4 active students.
BASE = 70


def bulk(folder: Path, table: str, cells: dict[str, object], code: str = "E01000001") -> str:
    headers = ["date", "geography", "geography code", *(f"{table}: {name}" for name in cells)]
    with (folder / "bulk.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(headers)
        writer.writerow(["2021", "Somewhere 001A", code, *cells.values()])
    return "bulk.csv"


def expected_not_working() -> dict[str, float]:
    return {
        "not_working": (5 + 7 + 9 + 4) / BASE,
        "long_term_sick": 9 / BASE,
        "looking_after_home": 7 / BASE,
        "other_inactive": 4 / BASE,
        "unemployed": 5 / BASE,
        "raw_inactive": 46 / 100,
    }


def test_bulk_layout_with_parents_beside_children(tmp_path: Path) -> None:
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", PARENTS | LEAVES))
    assert table.values.loc["E01000001"].to_dict() == pytest.approx(expected_not_working())
    assert table.notes == ()


def test_api_layout_with_counts_and_percentages(tmp_path: Path) -> None:
    rows = ["DATE_NAME,GEOGRAPHY_NAME,GEOGRAPHY_CODE,C2021_EAS_20_NAME,MEASURES_NAME,OBS_VALUE"]
    for name, count in (PARENTS | LEAVES).items():
        rows.append(f'2021,Somewhere 001A,E01000001,"{name}",Value,{count}')
        rows.append(f'2021,Somewhere 001A,E01000001,"{name}",Percent,{count / 2}')
    (tmp_path / "api.csv").write_text("\n".join(rows), encoding="utf-8")
    table = read(tmp_path, "ts066", "api.csv")
    assert table.values.loc["E01000001"].to_dict() == pytest.approx(expected_not_working())


def test_long_extract_without_a_total_says_it_added_up(tmp_path: Path) -> None:
    rows = ["area_code,area_name,economic_activity_status,measure,unit,value"]
    for name, count in LEAVES.items():
        rows.append(f'E01000001,S,"{name.replace(":", ": ")}",Count,Persons,{count}')
        rows.append(f'E01000001,S,"{name.replace(":", ": ")}",Percentage,Persons,{count / 3}')
    (tmp_path / "long.csv").write_text("\n".join(rows), encoding="utf-8")
    table = read(tmp_path, "ts066", "long.csv")
    assert table.values.loc["E01000001"].to_dict() == pytest.approx(expected_not_working())
    assert [note.what for note in table.notes] == ["census_total_added_up"]


def test_counts_come_with_the_shares(tmp_path: Path) -> None:
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", PARENTS | LEAVES))
    assert table.counts is not None
    assert table.counts.loc["E01000001", ["not_working.n", "not_working.d"]].tolist() == [25, 70]


def test_only_not_working_is_ranked_as_a_need(tmp_path: Path) -> None:
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", PARENTS | LEAVES))
    ranked = {key: spec.domain for key, spec in table.specs.items() if spec.domain}
    assert ranked == {"not_working": "employment"}
    assert {s.high_is for k, s in table.specs.items() if k != "not_working"} == {"neither"}
    assert all("lockdown" in spec.caveat for spec in table.specs.values())


def test_leaves_that_do_not_add_up_are_noted(tmp_path: Path) -> None:
    wrong = PARENTS | LEAVES | {"Total: All usual residents aged 16 years and over": 200}
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", wrong))
    assert [(n.what, n.items) for n in table.notes] == [("census_total_differs", ("E01000001",))]


def test_a_withheld_count_makes_the_share_withheld(tmp_path: Path) -> None:
    cells = {**PARENTS, **LEAVES, "Economically inactive:Long-term sick or disabled": "*"}
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", cells))
    assert table.suppressed is not None
    assert pd.isna(table.values.loc["E01000001", "not_working"])
    assert table.suppressed.loc["E01000001", ["not_working", "unemployed"]].tolist() == [
        True,
        False,
    ]


def test_an_area_where_nobody_counts_has_no_share(tmp_path: Path) -> None:
    cells = dict.fromkeys(PARENTS | LEAVES, 0)
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", cells))
    assert table.values.isna().all(axis=None)


def test_cars(tmp_path: Path) -> None:
    cells = {
        "Total: All households": 40,
        "No cars or vans in household": 10,
        "1 car or van in household": 20,
        "2 cars or vans in household": 6,
        "3 or more cars or vans in household": 4,
    }
    table = read(tmp_path, "ts045", bulk(tmp_path, "Number of cars or vans", cells))
    assert table.values.loc["E01000001", "no_car"] == 0.25
    assert table.specs["no_car"].domain is None


def test_disability_counts_nobody_who_is_not_limited(tmp_path: Path) -> None:
    cells = {
        "Total: All usual residents": 100,
        "Disabled under the Equality Act": 20,
        "Disabled under the Equality Act: Day-to-day activities limited a lot": 8,
        "Disabled under the Equality Act: Day-to-day activities limited a little": 12,
        "Not disabled under the Equality Act": 80,
        "Not disabled under the Equality Act: Has long term physical or mental health condition "
        "but day-to-day activities are not limited": 10,
        "Not disabled under the Equality Act: No long term physical or mental health "
        "conditions": 70,
    }
    table = read(tmp_path, "ts038", bulk(tmp_path, "Disability", cells))
    assert table.values.loc["E01000001", "disabled"] == 0.20


def test_health(tmp_path: Path) -> None:
    cells = {
        "Total: All usual residents": 200,
        "Very good health": 100,
        "Good health": 60,
        "Fair health": 20,
        "Bad health": 15,
        "Very bad health": 5,
    }
    table = read(tmp_path, "ts037", bulk(tmp_path, "General health", cells))
    assert table.values.loc["E01000001", "bad_health"] == 0.10


def test_routine_jobs_leave_students_out(tmp_path: Path) -> None:
    names = [
        "Total: All usual residents aged 16 years and over",
        "L1, L2 and L3 Higher managerial, administrative and professional occupations",
        "L4, L5 and L6 Lower managerial, administrative and professional occupations",
        "L7 Intermediate occupations",
        "L8 and L9 Small employers and own account workers",
        "L10 and L11 Lower supervisory and technical occupations",
        "L12 Semi-routine occupations",
        "L13 Routine occupations",
        "L14.1 and L14.2 Never worked and long-term unemployed",
        "L15 Full-time students",
    ]
    cells = dict(zip(names, [100, 10, 10, 10, 10, 10, 12, 8, 10, 20], strict=True))
    table = read(tmp_path, "ts062", bulk(tmp_path, "NS-SEC", cells))
    assert table.values.loc["E01000001", "routine_jobs"] == (12 + 8) / 80


def test_another_table_is_named(tmp_path: Path) -> None:
    file = bulk(tmp_path, "Economic activity status", PARENTS | LEAVES)
    assert "it looks like TS066" in refusal(tmp_path, "ts037", file)


def test_a_missing_category_is_named(tmp_path: Path) -> None:
    cells = {k: v for k, v in (PARENTS | LEAVES).items() if "Long-term sick" not in k}
    file = bulk(tmp_path, "Economic activity status", cells)
    assert "long term sick" in refusal(tmp_path, "ts066", file)


def test_two_dates_in_a_long_file_are_refused(tmp_path: Path) -> None:
    rows = ["area_code,date,economic_activity_status,value"]
    for name in LEAVES:
        rows += [f'E01000001,{year},"{name}",5' for year in (2011, 2021)]
    (tmp_path / "long.csv").write_text("\n".join(rows), encoding="utf-8")
    assert "more than one row" in refusal(tmp_path, "ts066", "long.csv")


def test_words_in_a_count_are_refused(tmp_path: Path) -> None:
    cells = {**PARENTS, **LEAVES, "Economically inactive:Other": "many"}
    file = bulk(tmp_path, "Economic activity status", cells)
    assert "'many'" in refusal(tmp_path, "ts066", file)


def test_a_table_of_councils_is_refused(tmp_path: Path) -> None:
    file = bulk(tmp_path, "Economic activity status", PARENTS | LEAVES, code="E08000009")
    assert "no column of codes" in refusal(tmp_path, "ts066", file)


def test_a_key_the_reader_has_no_use_for_is_refused(tmp_path: Path) -> None:
    file = bulk(tmp_path, "Economic activity status", PARENTS | LEAVES)
    assert "high_is" in refusal(tmp_path, "ts066", file, high_is="better")


def test_a_weight_for_a_layer_the_file_does_not_give_is_refused(tmp_path: Path) -> None:
    file = bulk(tmp_path, "Economic activity status", PARENTS | LEAVES)
    assert "'not_working'" in refusal(tmp_path, "ts066", file, weights={"not_workin": 1})


def test_the_project_may_take_a_layer_out_of_need(tmp_path: Path) -> None:
    file = bulk(tmp_path, "Economic activity status", PARENTS | LEAVES)
    table = read(tmp_path, "ts066", file, domains={"not_working": ""}, weights={"not_working": 2})
    spec = table.specs["not_working"]
    assert (spec.domain, spec.weight) == (None, 2)


def test_category_names_do_not_depend_on_spacing() -> None:
    assert category_name("A:B : C; measures: Value") == category_name("a: b: c") == "a: b: c"


# --- published files ----------------------------------------------------------------------

TS066 = "census/ts066_economic_activity_status_lsoa_trafford.csv"


def test_trafford_001a_by_hand(shared: Path) -> None:
    counts = {}
    with (shared / "fixtures" / TS066).open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if row["area_code"] == "E01006109":
                counts[row["economic_activity_status"]] = int(row["value"])
    inactive = "Economically inactive: "
    out = [v for k, v in counts.items() if k in {inactive + "Retired", inactive + "Student"}]
    students = [v for k, v in counts.items() if k.startswith("Economically active and a full-time")]
    above = sum(
        counts[inactive + name]
        for name in ("Long-term sick or disabled", "Looking after home or family", "Other")
    )
    above += counts["Economically active (excluding full-time students): Unemployed"]
    share = above / (sum(counts.values()) - sum(out) - sum(students))
    table = read(shared / "fixtures", "ts066", TS066)
    assert table.values.loc["E01006109", "not_working"] == pytest.approx(share, rel=1e-12)


def test_small_areas_add_up_to_the_middle_ones(shared: Path) -> None:
    small = read(shared / "fixtures", "ts066", TS066).counts
    middle = read(shared / "fixtures", "ts066", TS066.replace("lsoa", "msoa")).counts
    assert small is not None
    assert middle is not None
    # Perturbation moves each count by a few: 139 areas of up to ten cells.
    assert small.sum().to_dict() == pytest.approx(middle.sum().to_dict(), rel=0.003)


@pytest.mark.parametrize("reader", ["ts062", "ts067"])
def test_small_areas_add_up_to_the_councils(shared: Path, reader: str) -> None:
    layer = {"ts062": "routine_jobs", "ts067": "no_qualifications"}[reader]
    file = f"census/census2021-{reader}-lsoa.csv"
    table = read(shared / "fixtures", reader, file)
    assert table.counts is not None
    assert "census_total_differs" not in {note.what for note in table.notes}
    with (shared / "fixtures" / file.replace("lsoa", "ltla")).open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    parts = ("Semi-routine", "L13 Routine") if reader == "ts062" else ("No qualifications",)
    published = sum(
        int(v) for row in rows for k, v in row.items() if any(part in k for part in parts)
    )
    assert table.counts[f"{layer}.n"].sum() == pytest.approx(published, rel=0.001)


def test_two_layouts_of_the_same_table_agree(shared: Path) -> None:
    bulk_table = read(shared / "fixtures", "ts067", "census/census2021-ts067-lsoa.csv")
    extract = read(
        shared / "fixtures", "ts067", "census/ts067_highest_qualification_lsoa_trafford.csv"
    )
    same = bulk_table.values.loc[extract.values.index]
    assert (same - extract.values).abs().max().max() < 0.003


@pytest.mark.parametrize(
    ("reader", "file", "layer", "england"),
    [
        ("ts037", "ts037_general_health_lsoa_trafford", "bad_health", 0.052),
        ("ts038", "ts038_disability_lsoa_trafford", "disabled", 0.173),
        ("ts045", "ts045_car_van_availability_lsoa_trafford", "no_car", 0.235),
    ],
)
def test_trafford_is_near_england(
    shared: Path, reader: str, file: str, layer: str, england: float
) -> None:
    table = read(shared / "fixtures", reader, f"census/{file}.csv")
    assert table.counts is not None
    total = table.counts.sum()
    assert len(table.values) == 139
    assert total[f"{layer}.n"] / total[f"{layer}.d"] == pytest.approx(england, abs=0.06)


#: The headings of the bulk file as Nomis publishes it: levels of a total are joined by ":", those
#: of a single category by ": ".
ACTIVE = "Economically active (excluding full-time students)"
STUDYING = "Economically active and a full-time student"


def bulk_headings() -> list[str]:
    names = ["Total: All usual residents aged 16 years and over"]
    for who in (ACTIVE, STUDYING):
        names += [who, f"{who}:In employment"]
        for work in (
            "Employee",
            "Self-employed with employees",
            "Self-employed without employees",
        ):
            names.append(f"{who}:In employment:{work}")
            names += [f"{who}: In employment: {work}: {hours}-time" for hours in ("Part", "Full")]
        names.append(f"{who}: Unemployed")
    inactive = "Economically inactive"
    parts = (
        "Retired",
        "Student",
        "Looking after home or family",
        "Long-term sick or disabled",
        "Other",
    )
    return [*names, inactive, *(f"{inactive}: {part}" for part in parts)]


def test_the_bulk_file_gives_what_the_long_file_gives(shared: Path, tmp_path: Path) -> None:
    long = pd.read_csv(shared / "fixtures" / TS066)
    counts = long.pivot_table(
        index="area_code", columns="economic_activity_status", values="value", aggfunc="sum"
    )
    plain = {name.replace(":", ": ").replace("  ", " "): name for name in bulk_headings()}
    wide = pd.DataFrame({"date": 2021, "geography": "Somewhere"}, index=counts.index)
    wide["geography code"] = counts.index
    for spaced, heading in plain.items():
        below = [c for c in counts.columns if c == spaced or c.startswith(f"{spaced}: ")]
        if heading.startswith("Total"):
            below = list(counts.columns)
        wide[f"Economic activity status: {heading}"] = counts[below].sum(axis=1)
    wide.to_csv(tmp_path / "bulk.csv", index=False)
    got = read(tmp_path, "ts066", "bulk.csv")
    known = read(shared / "fixtures", "ts066", TS066)
    pd.testing.assert_frame_equal(got.values, known.values, check_names=False)
    assert got.notes == ()


def test_the_name_of_the_measure_is_written_out_in_full(tmp_path: Path) -> None:
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", PARENTS | LEAVES))
    specs = table.specs
    full = "Not working, excluding retired people and full-time students"
    assert specs["not_working"].title == full
    assert "includes retired people and students" in specs["raw_inactive"].title
    assert specs["raw_inactive"].title.startswith("Raw")


def test_students_are_in_neither_half(tmp_path: Path) -> None:
    # More students, working or not, change neither the measure nor its parts; only the raw rate.
    file = bulk(tmp_path, "Economic activity status", LEAVES)
    before = read(tmp_path, "ts066", file).values.loc["E01000001"]
    more = {name: count * 10 if "tudent:" in name else count for name, count in LEAVES.items()}
    more["Economically inactive:Student"] = 60
    assert more != LEAVES
    file = bulk(tmp_path, "Economic activity status", more)
    after = read(tmp_path, "ts066", file).values.loc["E01000001"]
    changed = after.index[(after - before).abs() > 1e-12].tolist()
    assert changed == ["raw_inactive"]


def test_carers_are_shown_and_not_ranked(tmp_path: Path) -> None:
    table = read(tmp_path, "ts066", bulk(tmp_path, "Economic activity status", PARENTS | LEAVES))
    spec = table.specs["looking_after_home"]
    assert (spec.high_is, spec.domain) == ("neither", None)
    assert "never ranked" in spec.caveat
