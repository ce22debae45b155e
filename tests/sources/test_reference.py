"""Every area of the reference is known by the same readers, or the run says why it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from entries import project
from places import CODES, tiny_area

from planner.errors import DataError, PlannerError, ProjectError
from planner.layers import Layers
from planner.need import build_need
from planner.private import refuse_reference
from planner.project import NeedSettings, Project, parse_spec
from planner.sources import reference
from planner.sources.layers import read_layers
from planner.sources.lookups import read_districts
from planner.sources.place import read_study_area
from planner.sources.reference import AREAS_IN_NATION, read_reference

PROJECTS = Path(__file__).resolve().parents[1] / "projects"
# Ten areas in three districts: the six squares, and four that only the published files know.
AWAY = [f"E0190001{i}" for i in range(4)]
ALL = [*CODES, *AWAY]
DISTRICTS = ["E07900001"] * 4 + ["E07900002"] * 4 + ["E07900003"] * 2
NAMES = {"E07900001": "Northford", "E07900002": "Southford", "E07900003": "Westford"}
BOTH = ["E07900001", "E07900002"]


def score_of(code: str) -> float:
    return float(ALL.index(code)) / 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = "".join(f"{code},{score_of(code)},{at}\n" for at, code in enumerate(ALL))
    (tmp_path / "scores.csv").write_text(f"LSOA21CD,Score,Shown\n{rows}", encoding="utf-8")
    pairs = "".join(f"{c},A,{d},{NAMES[d]}\n" for c, d in zip(ALL, DISTRICTS, strict=True))
    text = f"LSOA21CD,LSOA21NM,LAD24CD,LAD24NM\n{pairs}"
    (tmp_path / "districts.csv").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ten_areas(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make a nation of ten areas, so that a test can write all of it."""
    monkeypatch.setitem(reference.AREAS_IN_NATION, ("England", "lsoa21"), 10)
    return iter([None])


def entry(**keys: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "from": "table",
        "file": "scores.csv",
        "columns": {"income": "Score"},
        "domains": {"income": "income"},
        "high_is": "worse",
    }
    return {**asked, **keys}


def layers(folder: Path, *entries: dict[str, Any], need: dict[str, Any], **more: Any) -> Layers:
    asked = project(folder, *(entries or [entry()]), need=need, **more)
    return read_layers(asked, tiny_area(context=1))


def by_districts(folder: Path, codes: list[str], *entries: dict[str, Any], **more: Any) -> Layers:
    need = {"reference": "districts", "districts": codes}
    more.setdefault("lookups", {"districts": "districts.csv"})
    return layers(folder, *entries, need=need, **more)


def refused(folder: Path, codes: list[str], *entries: dict[str, Any], **more: Any) -> str:
    with pytest.raises(PlannerError) as caught:
        by_districts(folder, codes, *entries, **more)
    return str(caught.value)


# --- among whom ---------------------------------------------------------------------------


def test_the_place_itself_needs_no_reference(folder: Path) -> None:
    assert layers(folder, need={"reference": "place"}).reference is None


def test_districts_bring_all_their_areas(folder: Path) -> None:
    got = by_districts(folder, BOTH).reference
    assert got is not None
    assert got.index.tolist() == ALL[:8]
    assert got.index.name == "area_code"
    assert got["income"].tolist() == [score_of(code) for code in ALL[:8]]


def test_the_nation_brings_all_of_it(folder: Path, ten_areas: None) -> None:
    got = layers(folder, need={"reference": "nation"}).reference
    assert got is not None
    assert got.index.tolist() == sorted(ALL)


def test_what_is_shown_only_comes_along_where_it_is_known(folder: Path) -> None:
    columns = {"income": "Score", "shown": "Shown"}
    got = by_districts(folder, BOTH, entry(columns=columns)).reference
    assert got is not None
    assert list(got.columns) == ["income", "shown"]


def test_what_is_shown_only_and_not_known_everywhere_is_left_out_with_a_note(folder: Path) -> None:
    rows = "".join(f"{code},1\n" for code in CODES)
    (folder / "local.csv").write_text(f"LSOA21CD,Count\n{rows}", encoding="utf-8")
    local = {"from": "table", "file": "local.csv", "columns": {"local": "Count"}}
    got = by_districts(folder, BOTH, entry(), local)
    assert got.reference is not None
    assert list(got.reference.columns) == ["income"]
    (note,) = [note for note in got.notes if note.what == "reference_layers_left_out"]
    assert note.items == ("local",)


def test_the_place_has_the_same_values_in_its_reference(folder: Path) -> None:
    got = by_districts(folder, BOTH)
    assert got.reference is not None
    assert got.reference.loc[CODES[:5], "income"].equals(got.values.loc[CODES[:5], "income"])


def test_the_notes_say_among_whom(folder: Path) -> None:
    (note,) = [n for n in by_districts(folder, BOTH).notes if n.what == "reference_districts"]
    assert note.text == "Need is worked out among the 8 areas of Northford and Southford."


# --- what is refused ----------------------------------------------------------------------


def test_an_unknown_district_is_refused_with_the_nearest_by_name(folder: Path) -> None:
    text = refused(folder, ["Southfjord"])
    assert "no district 'Southfjord'" in text
    assert "E07900002 (Southford)" in text


def test_an_unknown_code_is_refused_with_the_nearest_by_code(folder: Path) -> None:
    assert "Nearest: E0790000" in refused(folder, ["E07900009"])


def test_a_place_outside_its_reference_is_refused(folder: Path) -> None:
    text = refused(folder, ["E07900001"])
    assert "1 of the 5 areas of Sixsquares lie in none of them (first: E01900005)" in text
    assert "Add E07900002 (Southford)" in text


def test_districts_without_a_lookup_are_refused(folder: Path) -> None:
    assert "[lookups] districts" in refused(folder, BOTH, lookups={})


def test_districts_of_another_nation_are_refused(folder: Path) -> None:
    with (folder / "districts.csv").open("a", encoding="utf-8") as handle:
        handle.write("W01900001,A,W06900001,Elsewhere\n")
    assert "some lie in Wales" in refused(folder, [*BOTH, "W06900001"])


def test_a_place_that_spans_nations_is_refused(folder: Path) -> None:
    area = tiny_area()
    nations = ["England"] * 5 + ["Wales"]
    both = replace(area, areas=area.areas.assign(nation=nations))
    asked = project(folder, entry(), need={"reference": "nation"})
    with pytest.raises(ProjectError, match="lies in England and Wales"):
        read_layers(asked, both)


def test_a_layer_of_need_that_stops_at_the_border_is_refused(folder: Path) -> None:
    rows = "".join(f"{code},1.5\n" for code in CODES)
    (folder / "local.csv").write_text(f"LSOA21CD,Score\n{rows}", encoding="utf-8")
    text = refused(folder, BOTH, entry(file="local.csv"))
    assert text.startswith("local.csv: Score (income) counts towards need, but is known for 6 of")
    assert "weights = { income = 0 }" in text
    assert len(text.splitlines()) == 2


def test_nineteen_in_twenty_are_enough(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reference.AREAS_IN_NATION, ("England", "lsoa21"), 20)
    codes = [*CODES, *(f"E019001{i:02d}" for i in range(14))]
    for known, fine in ((19, True), (18, False)):
        rows = "".join(f"{code},{at}\n" for at, code in enumerate(codes[:known]))
        (folder / "scores.csv").write_text(f"LSOA21CD,Score\n{rows}", encoding="utf-8")
        if fine:
            got = layers(folder, need={"reference": "nation"})
            (note,) = [n for n in got.notes if n.what == "reference_nation"]
            assert note.text.endswith("No layer of need tells of 1 of them.")
        else:
            with pytest.raises(DataError, match="known for 18 of the 20 areas of England"):
                layers(folder, need={"reference": "nation"})


def test_more_areas_than_the_nation_has_are_of_mixed_years(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(reference.AREAS_IN_NATION, ("England", "lsoa21"), 9)
    with pytest.raises(DataError, match=r"there are 10 areas; England has 9"):
        layers(folder, need={"reference": "nation"})


def test_a_larger_areas_figure_is_inherited_nationally_through_the_lookup(
    folder: Path, ten_areas: None
) -> None:
    middle = ["E02000001"] * 5 + ["E02000002"] * 5
    pairs = "".join(f"{c},{m}\n" for c, m in zip(ALL, middle, strict=True))
    (folder / "upper.csv").write_text(f"LSOA21CD,MSOA21CD\n{pairs}", encoding="utf-8")
    (folder / "middle.csv").write_text(
        "MSOA21CD,Years\nE02000001,78.5\nE02000002,81\n", encoding="utf-8"
    )
    years = entry(
        file="middle.csv",
        geography="msoa21",
        columns={"years": "Years"},
        domains={"years": "health"},
    )
    lookups = {"lsoa21_msoa21": "upper.csv"}
    got = layers(folder, entry(), years, need={"reference": "nation"}, lookups=lookups)
    assert got.reference is not None
    expected = dict(zip(ALL, [78.5] * 5 + [81.0] * 5, strict=True))
    assert got.reference["years"].to_dict() == expected
    (note,) = [n for n in got.notes if n.what == "reference_layer"]
    assert "10 inherited" in note.text


def test_a_private_layer_cannot_count_towards_need_among_others() -> None:
    table = {
        "place": {"name": "A", "geography": "lsoa21", "boundaries": "a.gpkg"},
        "need": {"reference": "nation"},
        "private": [{"id": "cases", "title": "Cases", "file": "secret.csv", "domain": "health"}],
    }
    with pytest.raises(
        ProjectError, match=r"\[\[private\]\] 1 \(cases\).*not known for areas"
    ) as e:
        refuse_reference(parse_spec(table, where="x"))
    assert "secret" not in str(e.value)


def test_a_private_layer_that_is_only_shown_may_stay() -> None:
    table = {
        "place": {"name": "A", "geography": "lsoa21", "boundaries": "a.gpkg"},
        "need": {"reference": "nation"},
        "private": [{"id": "cases", "title": "Cases", "file": "secret.csv"}],
    }
    refuse_reference(parse_spec(table, where="x"))


# --- published files ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "column", "key"),
    [
        ("imd2025_england_lsoa21", "lsoa21_code", ("England", "lsoa21")),
        ("imd2019_england_lsoa11", "lsoa11_code", ("England", "lsoa11")),
        ("imd2019_wales_lsoa11", "lsoa11_code", ("Wales", "lsoa11")),
        ("imd2020_scotland_dz11", "dz11_code", ("Scotland", "dz11")),
        ("imd2017_northern_ireland_soa01", "soa01_code", ("Northern Ireland", "soa01")),
    ],
)
def test_nations_have_as_many_areas_as_published(
    shared: Path, file: str, column: str, key: tuple[str, str]
) -> None:
    table = pd.read_parquet(shared / "oracles" / f"{file}.parquet")
    assert table[column].nunique() == AREAS_IN_NATION[key]


def test_wales_has_1917_areas_of_2021(shared: Path) -> None:
    table = pd.read_parquet(shared / "oracles" / "lookup_lsoa21_ward24_ltla24.parquet")
    welsh = table["lsoa21_code"].str.startswith("W").sum()
    assert welsh == AREAS_IN_NATION[("Wales", "lsoa21")]


#: The domains' ranks in the published table, and the publisher's weights.
DOMAINS = {
    "income": ("Income_rank", 0.225),
    "employment": ("Employment_rank", 0.225),
    "education": ("Education_rank", 0.135),
    "health": ("Health_rank", 0.135),
    "crime": ("Crime_rank", 0.093),
    "barriers": ("Housing_and_Services_rank", 0.093),
    "environment": ("Environment_rank", 0.093),
}


def trafford(shared: Path, **sections: Any) -> Project:
    """Return Trafford with the seven domains of all of England, as published."""
    base = Project.read(PROJECTS / "trafford.toml", data_roots=[shared])
    domains = {
        "from": "table",
        "file": "oracles/imd2025_england_lsoa21.parquet",
        "columns": {key: column for key, (column, _) in DOMAINS.items()},
        "domains": {key: key for key in DOMAINS},
        "kind": "rank",
        "high_is": "better",
    }
    return base.with_spec(layer=[domains], **sections)


def test_among_all_of_england_trafford_has_the_published_scores(shared: Path) -> None:
    weights = {key: weight for key, (_, weight) in DOMAINS.items()}
    asked = trafford(shared, need={"reference": "nation", "weights": weights})
    area = read_study_area(asked)
    got = read_layers(asked, area)
    assert got.reference is not None
    assert len(got.reference) == 33_755
    need = build_need(got, area, asked.spec.need)
    oracle = pd.read_parquet(shared / "oracles" / "imd2025_england_lsoa21.parquet")
    oracle = oracle.set_index("lsoa21_code").loc[area.codes]
    # The published weights add up to .999 and are used as they stand; ours are scaled to 1.
    score = need.scores["need_score"] * 0.999
    assert score.to_numpy() == pytest.approx(oracle["IMD_score"].to_numpy(), abs=0.001)


@pytest.mark.parametrize(
    "name", ["lsoa21_ward24_lad24", "gm_statistical_lookup_2021", "gm_lsoa21_to_ward_best_fit"]
)
def test_published_lookups_tell_districts(shared: Path, name: str) -> None:
    codes = ["E08000003", "E08000009"]
    lookups = {"districts": f"fixtures/lookups/{name}.csv"}
    got = read_districts(trafford(shared, lookups=lookups), codes)
    published = pd.read_csv(shared / "fixtures/lookups/lsoa21_ward24_lad24.csv")
    inside = published[published["ltla24_code"].isin(codes)]["lsoa21_code"]
    assert got.index[got["district"].isin(codes)].tolist() == sorted(inside)


def test_newport_among_wales_needs_the_lookup_of_all_of_wales(shared: Path) -> None:
    base = Project.read(PROJECTS / "newport.toml", data_roots=[shared])
    base = base.with_spec(layer=base.spec.layer[:1])
    need = NeedSettings(reference="nation")
    area = read_study_area(base)
    with pytest.raises(DataError, match="known for 100 of the 1,917 areas of Wales"):
        read_layers(base.with_spec(need=need), area)
    lookups = {"lsoa11_lsoa21": "oracles/lookup_lsoa11_lsoa21_ltla22.parquet"}
    got = read_layers(base.with_spec(need=need, lookups=lookups), area)
    assert got.reference is not None
    assert len(got.reference) == 1_917
    assert got.reference["wimd_income"].notna().all()


def test_glasgow_among_scotland(shared: Path) -> None:
    base = Project.read(PROJECTS / "glasgow.toml", data_roots=[shared])
    asked = base.with_spec(need=NeedSettings(reference="nation"), layer=base.spec.layer[:1])
    got = read_layers(asked, read_study_area(asked)).reference
    assert got is not None
    oracle = pd.read_parquet(shared / "oracles" / "imd2020_scotland_dz11.parquet")
    oracle = oracle.set_index("dz11_code").sort_index()
    assert got.index.tolist() == oracle.index.tolist()
    assert (got["published_rank"] == oracle["IMD_rank"]).all()


def test_read_reference_reads_nothing_unless_asked(folder: Path) -> None:
    asked = project(folder, entry(), lookups={"districts": "not there.csv"})
    assert read_reference(asked, tiny_area(), None, []) == (None, ())  # type: ignore[arg-type]
