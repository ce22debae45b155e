"""Lookups are read whatever their columns are called; wrong codes are refused with their row."""

from __future__ import annotations

from pathlib import Path

import pytest
from entries import project

from planner.errors import DataError
from planner.sources.lookups import read_districts, read_lookups


def write(folder: Path, text: str) -> str:
    (folder / "lookup.csv").write_text(text, encoding="utf-8")
    return "lookup.csv"


@pytest.mark.parametrize(
    ("key", "header", "row"),
    [
        ("lsoa21_msoa21", "LSOA21CD,LSOA21NM,MSOA21CD", "E01000001,A,E02000001"),
        ("lsoa21_msoa21", "lsoa21_code,msoa21_code", "E01000001,E02000001"),
        ("lsoa21_ward", "LSOA21CD,WD24CD,WD24NM", "E01000001,E05000001,A"),
        ("lsoa21_ward", "lsoa21cd,wd22cd", "E01000001,E05000001"),
        ("dz11_iz11", "DataZone,IntZone", "S01006506,S02000001"),
        ("dz11_iz11", "DZ2011_Code,IZ2011_Code", "S01006506,S02000001"),
        ("lsoa11_msoa11", "LSOA11CD,MSOA11CD", "E01000001,E02000001"),
    ],
)
def test_columns_are_found_by_any_usual_name(
    tmp_path: Path, key: str, header: str, row: str
) -> None:
    file = write(tmp_path, f"{header}\n{row}\n")
    table = getattr(read_lookups(project(tmp_path, lookups={key: file})), key)
    assert list(table.columns) == key.split("_")
    assert len(table) == 1


def test_output_areas_with_people_and_their_former_areas(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "OA21CD,LSOA21CD,LSOA11CD,MSOA21CD,Population\n"
        'E00000001,E01000001,E01000009,E02000001,"1,250"\n',
    )
    lookups = read_lookups(project(tmp_path, lookups={"oa21": file}))
    assert lookups.oa21 is not None
    assert lookups.oa21["people"].tolist() == [1250]
    # The same file says in which middle layer area each area lies.
    assert lookups.lsoa21_msoa21 is not None
    assert lookups.lsoa21_msoa21.to_dict("list") == {
        "lsoa21": ["E01000001"],
        "msoa21": ["E02000001"],
    }


def test_an_area_in_two_wards_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "lsoa21cd,wd24cd\nE01000001,E05000001\nE01000001,E05000002\n")
    with pytest.raises(DataError, match="more than one WARD"):
        read_lookups(project(tmp_path, lookups={"lsoa21_ward": file}))


def test_a_wrong_code_is_named_with_its_row(tmp_path: Path) -> None:
    file = write(tmp_path, "lsoa21cd,wd24cd\nE01000001,E05000001\nE01000002,W06000001\n")
    with pytest.raises(DataError, match="row 3: 'W06000001'"):
        read_lookups(project(tmp_path, lookups={"lsoa21_ward": file}))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "lsoa21cd,name\nE01000001,A\n")
    with pytest.raises(DataError, match="ward_code"):
        read_lookups(project(tmp_path, lookups={"lsoa21_ward": file}))


def test_zones_of_two_years_are_told_apart(tmp_path: Path) -> None:
    file = write(tmp_path, "dz11_code,dz22_code\nS01006506,S01006507\n")
    with pytest.raises(DataError, match="no dz22 code"):
        read_lookups(project(tmp_path, lookups={"dz11_dz22": file}))


def test_people_of_areas_beyond_the_place(tmp_path: Path) -> None:
    file = write(tmp_path, "name,code,Population\nA,E01000001,100\nB,E02000001,300\n")
    people = read_lookups(project(tmp_path, lookups={"population": file})).people
    assert people is not None
    assert people.to_dict() == {"E01000001": 100, "E02000001": 300}


# --- published lookups --------------------------------------------------------------------


def test_published_lookups_as_they_come(shared: Path) -> None:
    folder = shared / "fixtures"
    names = {
        "lsoa11_lsoa21": "lookups/lsoa11_lsoa21_lad22_changes.csv",
        "lsoa11_msoa11": "lookups/lsoa11_msoa11.csv",
        "lsoa21_ward": "lookups/gm_lsoa21_to_ward_best_fit.csv",
        "oa21": "lookups/gm_statistical_lookup_2021.csv",
        "dz11_iz11": "lookups/glasgow_dz11_iz11_la.csv",
        "population": "population/census2021_population_lsoa21_nomis.csv",
    }
    lookups = read_lookups(project(folder, lookups=names))
    for name in (*names, "lsoa21_msoa21"):
        found = getattr(lookups, "people" if name == "population" else name)
        assert found is not None, name
    assert lookups.lsoa21_ward is not None
    assert len(lookups.lsoa21_ward) == 1702
    assert lookups.oa21 is not None
    assert lookups.oa21["lsoa21"].nunique() == 1702


# --- districts ----------------------------------------------------------------------------


def districts(
    folder: Path, text: str, wanted: tuple[str, ...] = (), geography: str = "lsoa21"
) -> dict[str, list[str]]:
    place = {"name": "A", "geography": geography, "boundaries": "a.gpkg"}
    asked = project(folder, place=place, lookups={"districts": write(folder, text)})
    return read_districts(asked, wanted).reset_index().to_dict("list")


@pytest.mark.parametrize(
    ("geography", "header", "small", "large"),
    [
        ("lsoa21", "LSOA21CD,LAD24CD,LAD24NM", "E01000001", "E06000001"),
        ("lsoa21", "lsoa21_code,ltla24_code,ltla24_name", "W01000001", "W06000022"),
        ("lsoa11", "LSOA11CD,lad22cd,lad22nm", "E01000001", "E09000001"),
        ("dz11", "DZ2011_Code,LA_Code,LA_Name", "S01006506", "S12000033"),
        ("dz22", "DZCode,CA2019,CA2019Name", "S01013482", "S12000033"),
        ("soa01", "SOA_CODE,LGD2014CODE,LGD2014NAME", "95AA01S1", "N09000001"),
        ("lsoa21", "area,somewhere,its name", "E01000001", "E08000009"),
    ],
)
def test_small_areas_and_districts_are_found_by_what_they_hold(
    tmp_path: Path, geography: str, header: str, small: str, large: str
) -> None:
    got = districts(tmp_path, f"{header}\n{small},{large},Name\n", geography=geography)
    assert (got["area_code"], got["district"]) == ([small], [large])


def test_the_name_beside_the_code_comes_along(tmp_path: Path) -> None:
    text = "LSOA21CD,LSOA21NM,WD24CD,WD24NM,LAD24CD,LAD24NM\n"
    got = districts(tmp_path, f"{text}E01000001,A,E05000001,B,E08000001,Northford\n")
    assert got["district_name"] == ["Northford"]


def test_output_areas_of_one_area_are_one_row(tmp_path: Path) -> None:
    rows = "".join(f"E0000000{i},E01000001,E08000001\n" for i in range(3))
    assert districts(tmp_path, f"OA21CD,LSOA21CD,LAD22CD\n{rows}")["area_code"] == ["E01000001"]


def test_of_two_years_the_one_with_the_asked_codes_is_taken(tmp_path: Path) -> None:
    text = "LSOA21CD,LAD22CD,LAD24CD\nE01000001,E07000026,E06000063\n"
    assert districts(tmp_path, text, ("E06000063",))["district"] == ["E06000063"]
    assert districts(tmp_path, text, ("E07000026",))["district"] == ["E07000026"]


def test_an_area_in_two_districts_is_refused(tmp_path: Path) -> None:
    text = "LSOA21CD,LAD24CD\nE01000001,E08000001\nE01000001,E08000002\n"
    with pytest.raises(DataError, match="more than one district"):
        districts(tmp_path, text)


def test_a_lookup_without_districts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column of codes of councils"):
        districts(tmp_path, "LSOA21CD,WD24CD\nE01000001,E05000001\n")


def test_a_lookup_of_other_areas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="codes of 2011"):
        districts(tmp_path, "LSOA11CD,LAD24CD\nE01000001,E08000001\n")
