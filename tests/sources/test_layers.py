"""Every layer a project names arrives on the place's own areas, or the run stops with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from entries import project, read, refusal
from places import CODES, tiny_area

from planner.errors import DataError, PlannerError, ProjectError
from planner.layers import Layers
from planner.project import Project, parse_spec
from planner.sources.layers import build_absent_notes, read_layers, read_lookups
from planner.sources.place import read_study_area

HEAD = "area_code,name,Score,Share\n"
ROWS = "".join(f"{code},A,{at}.5,0.{at}\n" for at, code in enumerate(CODES, start=1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plain.csv").write_text(HEAD + ROWS, encoding="utf-8")
    return tmp_path


def plain(**keys: Any) -> dict[str, Any]:
    return {"from": "table", "file": "plain.csv", "columns": {"score": "Score"}, **keys}


def layers(folder: Path, *entries: dict[str, Any], **sections: Any) -> Layers:
    return read_layers(project(folder, *entries, **sections), tiny_area(context=1))


def whats(got: Layers) -> dict[str, Any]:
    return {note.what: note for note in got.notes}


def test_a_column_of_any_table_becomes_a_layer(folder: Path) -> None:
    entry = plain(titles={"score": "How bad"}, domains={"score": "income"}, high_is="worse")
    got = layers(folder, entry)
    assert got.values["score"].tolist() == [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    spec = got.specs["score"]
    assert (spec.title, spec.domain, spec.high_is, spec.kind) == (
        "How bad",
        "income",
        "worse",
        "score",
    )


def test_what_the_project_says_of_the_publisher_is_cited(folder: Path) -> None:
    got = layers(folder, plain(publisher="Borough", vintage="2025", licence="OGL v3.0"))
    source = got.specs["score"].source
    assert (source.publisher, source.vintage, source.file) == ("Borough", "2025", "plain.csv")
    assert len(source.sha256) == 64


def test_a_published_rank_stands_beside_and_never_enters(folder: Path) -> None:
    ranks = HEAD + "".join(f"{code},A,{at},0\n" for at, code in enumerate(CODES, start=1))
    (folder / "plain.csv").write_text(ranks, encoding="utf-8")
    got = layers(folder, plain(columns={}, published_rank="Score"))
    spec = got.specs["published_rank"]
    assert (spec.role, spec.kind, spec.domain) == ("published_rank", "rank", None)


def test_direction_must_be_said_where_a_layer_has_a_domain(folder: Path) -> None:
    text = refusal(folder, "table", "plain.csv", columns={"a": "Score"}, domains={"a": "income"})
    assert 'high_is = "worse"' in text


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ({"columns": {}}, "names no column"),
        ({"columns": {"a": "Scare"}}, "'Score'"),
        ({"columns": {"a": "name"}}, "no numbers"),
        ({"columns": {"a": "Score"}, "kind": "share"}, "between 0 and 1"),
        ({"columns": {"a": "Share"}, "kind": "rank"}, "not ranks"),
        ({"columns": {"a": "Score"}, "geography": "wards"}, "wards"),
        ({"columns": {"a": "Score"}, "geography": "dz11"}, "Data Zones"),
        ({"columns": {"a": "Score"}, "code_column": "name"}, "no codes"),
        ({"columns": {"a": "Score"}, "titles": {"b": "B"}}, "'b'"),
    ],
)
def test_what_the_plain_reader_refuses(folder: Path, keys: dict[str, Any], word: str) -> None:
    assert word in refusal(folder, "table", "plain.csv", **keys)


def test_codes_of_another_year_are_refused_with_the_way_out(folder: Path) -> None:
    text = (HEAD + ROWS).replace("area_code", "lsoa11_code")
    (folder / "plain.csv").write_text(text, encoding="utf-8")
    assert 'geography = "lsoa11"' in refusal(folder, "table", "plain.csv", columns={"a": "Score"})


def test_cells_that_are_no_numbers_are_listed(folder: Path) -> None:
    text = (HEAD + ROWS).replace("1.5", "much").replace("2.5", "*")
    (folder / "plain.csv").write_text(text, encoding="utf-8")
    got = layers(folder, plain())
    assert whats(got)["unreadable_values"].items == (CODES[0],)
    assert got.status["score"].tolist()[:3] == ["missing", "suppressed", "published"]


def test_missing_values_are_counted_in_the_place_and_around_it_apart(folder: Path) -> None:
    (folder / "plain.csv").write_text(HEAD + "\n".join(ROWS.splitlines()[:3]), encoding="utf-8")
    notes = whats(layers(folder, plain()))
    assert notes["layer_missing_values"].items == (CODES[3], CODES[4])
    assert notes["layer_missing_context"].items == (CODES[5],)


def test_two_entries_with_one_layer_are_both_named(folder: Path) -> None:
    with pytest.raises(ProjectError, match=r"\[\[layer\]\] 2 .*'score'.*\[\[layer\]\] 1 "):
        layers(folder, plain(), plain(columns={"score": "Share"}))


def test_a_layer_of_somewhere_else_is_refused(folder: Path) -> None:
    (folder / "plain.csv").write_text(HEAD + "E01000001,A,1,0.1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"plain\.csv: It covers none of the 5 areas"):
        layers(folder, plain())


@pytest.mark.parametrize(
    ("geography", "code", "nation"),
    [("lsoa11", "W01000001", "Wales"), ("dz11", "S01006506", "Scotland")],
)
def test_another_nations_file_is_refused_before_a_lookup_is_asked_for(
    folder: Path, geography: str, code: str, nation: str
) -> None:
    (folder / "plain.csv").write_text(f"area,Score\n{code},4\n", encoding="utf-8")
    words = rf"plain\.csv: its figures are of {nation}; .* is in England"
    with pytest.raises(DataError, match=words):
        layers(folder, plain(geography=geography))


def test_malformed_codes_are_named_with_their_rows(folder: Path) -> None:
    text = HEAD + ROWS + "E019000,A,1,0\nE01900001X,A,2,0\n"
    (folder / "plain.csv").write_text(text, encoding="utf-8")
    note = whats(layers(folder, plain()))["rows_not_areas"]
    assert note.text.endswith("left out (row 8: E019000; row 9: E01900001X).")
    assert note.items == ("row 8: E019000", "row 9: E01900001X")


def test_a_layer_with_no_value_in_the_place_is_refused(folder: Path) -> None:
    rows = "".join(f"{code},A,,0.1\n" for code in CODES[:5]) + f"{CODES[5]},A,1,0.1\n"
    (folder / "plain.csv").write_text(HEAD + rows, encoding="utf-8")
    with pytest.raises(DataError, match="'score' has no value in any of the 5 areas"):
        layers(folder, plain())


def test_a_project_without_layers_says_what_is_absent(folder: Path) -> None:
    got = layers(folder)
    assert got.values.shape == (6, 0)
    absent = {item for note in got.notes if note.what == "layer_absent" for item in note.items}
    assert {"not_working", "life_expectancy", "income", "access to services"} <= absent


def test_a_domain_that_is_there_is_not_reported_absent(folder: Path) -> None:
    entry = plain(domains={"score": "barriers"}, high_is="worse")
    absent = {i for n in build_absent_notes(dict(layers(folder, entry).specs)) for i in n.items}
    assert not {"housing", "access to services"} & absent
    assert "income" in absent


def test_lookups_whatever_their_columns_are_called(folder: Path) -> None:
    text = "LSOA11CD,LSOA11NM,CHGIND,LSOA21CD\nE01000001,A,s,E01000002\nE01000001,A,S,E01000003\n"
    (folder / "lookup.csv").write_text(text, encoding="utf-8")
    got = read_lookups(project(folder, lookups={"lsoa11_lsoa21": "lookup.csv"})).lsoa11_lsoa21
    assert got is not None
    assert got.to_numpy().tolist() == [
        ["E01000001", "E01000002", "S"],
        ["E01000001", "E01000003", "S"],
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("LSOA11CD,LSOA21CD\nE01000001,E01000002\n", "change_code"),
        ("LSOA11CD,CHGIND,LSOA21CD\nE01000001,Q,E01000002\n", "'Q'"),
        ("LSOA11CD,CHGIND,LSOA21CD\nE02000001,U,E01000002\n", "row 2"),
    ],
)
def test_a_lookup_that_is_not_one_is_refused(folder: Path, text: str, word: str) -> None:
    (folder / "lookup.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PlannerError, match=word):
        read_lookups(project(folder, lookups={"lsoa11_lsoa21": "lookup.csv"}))


# --- published files ----------------------------------------------------------------------

LOOKUPS = {
    "lsoa11_lsoa21": "lookups/lsoa11_lsoa21_lad22_changes.csv",
    "lsoa11_msoa11": "lookups/lsoa11_msoa11.csv",
}
CENSUS = "census/census2021-{}-lsoa.csv"


def place(shared: Path, name: str, boundaries: str, layer: list[dict[str, Any]]) -> Project:
    table = {
        "place": {
            "name": name,
            "geography": "lsoa21",
            "boundaries": f"boundaries/{boundaries}",
            "population": {"file": "population/census2021_population_lsoa21_nomis.csv"},
        },
        "lookups": LOOKUPS,
        "layer": layer,
    }
    return Project(spec=parse_spec(table, where="x"), folder=shared / "fixtures")


def test_newport_gets_welsh_scores_of_2011_on_100_areas_of_2021(shared: Path) -> None:
    asked = place(
        shared,
        "Newport",
        "newport_W06000022_lsoa21_geographr.geojson",
        [
            {"from": "wimd2019", "file": "deprivation/wimd-2019-index-and-domain-scores.csv"},
            {"from": "ts062", "file": CENSUS.format("ts062")},
            {"from": "ts067", "file": CENSUS.format("ts067")},
        ],
    )
    area = read_study_area(asked)
    got = read_layers(asked, area)
    lookup = pd.read_csv(shared / "fixtures" / LOOKUPS["lsoa11_lsoa21"])
    lookup = lookup[lookup["lsoa21_code"].isin(area.codes)]
    split = lookup[lookup["change_code"] == "S"]["lsoa21_code"]
    coverage = got.coverage(area.codes)
    assert coverage.loc["wimd_income", ["published", "inherited"]].tolist() == [
        100 - len(split),
        len(split),
    ]
    assert coverage.loc["no_qualifications", "published"] == 100
    raw = pd.read_csv(
        shared / "fixtures/deprivation/wimd-2019-index-and-domain-scores.csv",
        encoding="utf-8-sig",
    ).set_index("lsoa")["Income"]
    parent = lookup.set_index("lsoa21_code")["lsoa11_code"].map(raw).sort_index()
    assert got.values["wimd_income"].tolist() == parent.tolist()
    absent = {item for n in got.notes if n.what == "layer_absent" for item in n.items}
    assert absent == {"not_working", "life_expectancy"}


def test_trafford_inherits_life_expectancy_in_139_of_139_areas(shared: Path) -> None:
    file = "life_expectancy/REQ3292_LifeExpectancy_2011MSOAs_England_2016_to_2020.xlsx"
    asked = place(
        shared,
        "Trafford",
        "trafford_lsoa21_generalised.geojson",
        [{"from": "life_expectancy_msoa", "file": file}],
    )
    area = read_study_area(asked)
    got = read_layers(asked, area)
    assert got.coverage(area.codes).loc["life_expectancy", "inherited"] == 139
    assert whats(got)["layer_inherited"].count == 139
    # Each area has the figure of the MSOA its 2011 area lay in.
    changes = pd.read_csv(shared / "fixtures" / LOOKUPS["lsoa11_lsoa21"])
    upper = pd.read_csv(shared / "fixtures" / LOOKUPS["lsoa11_msoa11"])
    first = changes.merge(upper, on="lsoa11_code").set_index("lsoa21_code")["msoa11_code"]
    middle = read(shared / "fixtures", "life_expectancy_msoa", file).values["life_expectancy"]
    for code in ("E01006074", "E01006109", "E01034000"):
        assert got.values.loc[code, "life_expectancy"] == middle[first.loc[code]]


def test_the_derived_table_of_greater_manchester_through_the_plain_reader(shared: Path) -> None:
    names = ("Income", "Employment", "Education", "Health", "Crime", "Environment")
    columns = {f"iod_{name.lower()}": f"{name}_score" for name in names}
    asked = place(
        shared,
        "Trafford",
        "trafford_lsoa21_generalised.geojson",
        [
            {
                "from": "table",
                "file": "deprivation/gm_iod2025_scores_ranks_deciles_humaniverse.csv",
                "columns": columns,
                "domains": {key: key.removeprefix("iod_") for key in columns},
                "high_is": "worse",
                "published_rank": "IMD_rank",
            }
        ],
    )
    area = read_study_area(asked)
    got = read_layers(asked, area)
    oracle = pd.read_parquet(shared / "oracles/imd2025_england_lsoa21.parquet")
    code = next(c for c in oracle if "lsoa" in c.lower() and "code" in c.lower())
    published = oracle.set_index(code).loc[area.codes]
    assert got.values["published_rank"].tolist() == published["IMD_rank"].tolist()
    assert got.values["iod_crime"].tolist() == pytest.approx(published["Crime_score"].tolist())
