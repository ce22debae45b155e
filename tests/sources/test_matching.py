"""Guided column match: what is taken for what, what is missing, and sections that really read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from places import tiny_area

from planner.errors import DataError, ProjectError
from planner.project import Project, parse_spec
from planner.sources.jobs import read_jobs
from planner.sources.layers import read_layers
from planner.sources.matching import (
    WITHHELD,
    Match,
    build_match,
    check_purpose,
    guess_kind,
    is_personal,
    mask,
    read_own_table,
    to_kind,
)
from planner.sources.services import read_services
from planner.sources.tables import read_table
from planner.sources.uploads import Upload

PLACE = {"name": "Sixsquares", "geography": "lsoa21", "boundaries": "areas.geojson"}
# The tiny place is 3 km by 2 km; its squares are within these coordinates.
HALL = "Corn Hall,430500,390500,Mo-Fr 09:00-17:00,40\n"


def _match(folder: Path, name: str, text: str, **asked: str) -> Match:
    (folder / name).write_text(text, encoding="utf-8")
    table = read_own_table(folder / name, what=name)
    return build_match(table, file=name, **asked)  # type: ignore[arg-type]


def _project(folder: Path, section: str) -> Project:
    spec = parse_spec({"place": PLACE, **tomllib.loads(section)}, where="planner.toml")
    return Project(spec=spec, folder=folder)


def _taken(match: Match) -> dict[str, str]:
    return dict(zip(match.columns["Column"], match.columns["Taken for"], strict=True))


def test_a_services_section_reads_the_file(tmp_path: Path) -> None:
    text = f"Site,East,North,Hours,Places\n{HALL}"
    match = _match(tmp_path, "food banks 2026.csv", text)
    venue = read_services(_project(tmp_path, match.section), tiny_area()).venues.iloc[0]
    assert (venue["venue_name"], venue["opening"]) == ("Corn Hall", "Mo-Fr 09:00-17:00")
    assert (venue.geometry.x, venue.geometry.y) == (430500.0, 390500.0)
    entry = tomllib.loads(match.section)["services"][0]
    assert (entry["kind"], entry["capacity_column"]) == ("food_bank", "Places")


def test_a_section_reads_headers_full_of_marks(tmp_path: Path) -> None:
    text = '"Site ""A"" \\ [x] = #1","lat # deg",lon\nCorn Hall,53.41,-1.55\n'
    match = _match(tmp_path, "halls.csv", text)
    services = read_services(_project(tmp_path, match.section), tiny_area())
    assert services.venues["venue_name"].tolist() == ["Corn Hall"]


def test_a_section_reads_the_named_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    for row in (["name", "easting", "northing"], ["Wrong", 430500, 390500]):
        book.active.append(row)
    second = book.create_sheet("2026")
    for row in (["name", "easting", "northing"], ["Right", 430500, 390500]):
        second.append(row)
    book.save(tmp_path / "halls.xlsx")
    with pytest.raises(DataError, match='2 sheets with tables: "Notes", "2026"'):
        read_own_table(tmp_path / "halls.xlsx", what="halls.xlsx")
    table = read_own_table(tmp_path / "halls.xlsx", what="halls.xlsx", sheet="2026")
    match = build_match(table, file="halls.xlsx", sheet="2026")
    services = read_services(_project(tmp_path, match.section), tiny_area())
    assert services.venues["venue_name"].tolist() == ["Right"]


def test_a_jobs_section_reads_the_file(tmp_path: Path) -> None:
    text = "zone,Total employees,Easting,Northing\nA,120,430500,390500\n"
    match = _match(tmp_path, "work.csv", text, purpose="jobs")
    jobs = read_jobs(_project(tmp_path, match.section), tiny_area())
    assert jobs is not None
    assert jobs.points["jobs"].tolist() == [120.0]


def test_a_layer_section_reads_the_file(tmp_path: Path) -> None:
    rows = [f"E0190000{n},{n * 10},{n / 10},{n}" for n in range(1, 7)]
    text = "LSOA21CD,People in debt,Debt rate,Debt decile\n" + "\n".join(rows) + "\n"
    match = _match(tmp_path, "debt.csv", text, purpose="layer")
    layers = read_layers(_project(tmp_path, match.section), tiny_area())
    assert layers.values["people_in_debt"].tolist() == [10, 20, 30, 40, 50, 60]
    assert {key: spec.kind for key, spec in layers.specs.items()} == {
        "people_in_debt": "count",
        "debt_rate": "rate",
    }
    assert any("high_is" in line for line in match.missing)
    assert "# high_is" in match.section


def test_the_direction_can_be_uncommented(tmp_path: Path) -> None:
    rows = [f"E0190000{n},{n}.5" for n in range(1, 7)]
    text = "LSOA21CD,Score of debt\n" + "\n".join(rows) + "\n"
    match = _match(tmp_path, "debt.csv", text, purpose="layer")
    section = match.section.replace("# high_is", "high_is").replace("# domains", "domains")
    spec = read_layers(_project(tmp_path, section), tiny_area()).specs["score_of_debt"]
    assert (spec.high_is, spec.domain) == ("worse", "health")


@pytest.mark.parametrize(
    ("header", "code", "words"),
    [
        ("LSOA11CD", "E01006074", "Lower layer Super Output Areas (2011)"),
        ("lsoa21_code", "E01006074", "Lower layer Super Output Areas (2021)"),
        ("area", "W01001959", "Lower layer Super Output Areas (2021)"),
        ("area", "S01006506", "Data Zones (2011)"),
        ("area", "S01020873", "Data Zones (2022)"),
        ("MSOA (2011)", "E02001259", "Middle layer Super Output Areas (2011)"),
        ("area", "95AA01S1", "Super Output Areas (2001)"),
        ("area", "E05000819", "Electoral wards"),
    ],
)
def test_codes_tell_the_areas(tmp_path: Path, header: str, code: str, words: str) -> None:
    match = _match(tmp_path, "a.csv", f"{header},value\n{code},4\n", purpose="layer")
    assert _taken(match)[header] == f"codes of {words}"


def test_codes_of_either_year_are_said_to_be_a_guess(tmp_path: Path) -> None:
    match = _match(tmp_path, "a.csv", "area,value\nE01006074,4\n", purpose="layer")
    assert any("of 2011 or of 2021" in line for line in match.missing)


def test_several_rows_an_area_are_said(tmp_path: Path) -> None:
    text = "lsoa21cd,value\nE01006074,4\nE01006074,5\n"
    match = _match(tmp_path, "a.csv", text, purpose="layer")
    assert any("E01006074 stands more than once" in line for line in match.missing)


def test_no_place_says_what_to_do(tmp_path: Path) -> None:
    match = _match(tmp_path, "a.csv", "Name,Town\nCorn Hall,Sale\n")
    assert match.missing[0].startswith("No coordinates and no postcode: venues cannot be placed.")
    assert "Add a column" in match.missing[0]


def test_rows_without_a_place_are_counted(tmp_path: Path) -> None:
    text = "Name,lon,lat,Postcode\nA,-2.3,53.4,M32 4AA\nB,,,M32 4AA\nC,,,M32\n"
    match = _match(tmp_path, "a.csv", text)
    assert match.missing[0].startswith("2 rows of 3 without coordinates")
    assert "1 of them have no whole postcode" in match.missing[0]


def test_jobs_without_coordinates_say_so(tmp_path: Path) -> None:
    match = _match(tmp_path, "a.csv", "ward,jobs\nE05000819,4\n", purpose="jobs")
    assert any(line.startswith("No coordinates") for line in match.missing)


def test_postcodes_are_masked_wherever_they_stand(tmp_path: Path) -> None:
    text = "Name,Address,Postcode\nCorn Hall,1 High St NP20 4PF,NP20 4PF\n"
    match = _match(tmp_path, "a.csv", text)
    shown = dict(zip(match.columns["Column"], match.columns["Examples"], strict=True))
    assert shown["Postcode"] == "NP2* ***"
    assert shown["Address"] == "1 High St NP2* ***"


def test_mask_works_without_a_space() -> None:
    assert mask("at m324aa.") == "at M3* ***."


@pytest.mark.parametrize(
    "header", ["Surname,Postcode", "Case ref,Post code", "date_of_birth,name", "Name,NHS number"]
)
def test_lists_of_people_are_known(header: str) -> None:
    table = pd.DataFrame([["Quill", "NP20 4PF"]], columns=header.split(","))
    assert is_personal(table)


def test_a_head_teacher_does_not_make_a_school_a_person() -> None:
    cells = {"EstablishmentName": ["Moor School"], "HeadLastName": ["Quill"], "Gender": ["Mixed"]}
    assert not is_personal(pd.DataFrame({**cells, "Postcode": ["NP20 4PF"]}))


def test_postcodes_alone_are_taken_for_people() -> None:
    assert is_personal(pd.DataFrame({"pc": ["NP20 4PF", "NP19 7EJ"], "n": ["1", "2"]}))


@pytest.mark.parametrize("purpose", ["services", "private", "layer", "jobs", None])
def test_nothing_of_a_caseload_is_told(tmp_path: Path, purpose: str | None) -> None:
    text = "Case ID,Surname,Postcode,Benefit\n77,Quill,NP20 4PF,ESA\n78,Zane,NP19 7EJ,PIP\n"
    match = _match(tmp_path, "cases.csv", text, purpose=purpose)  # type: ignore[arg-type]
    told = match.columns.to_csv() + match.section + " ".join(match.missing)
    assert not [word for word in ("Quill", "Zane", "NP20", "NP2", "77", "ESA") if word in told]
    assert set(match.columns["Examples"]) == {WITHHELD}


def test_a_caseload_becomes_a_private_section(tmp_path: Path) -> None:
    match = _match(tmp_path, "cases.csv", "Surname,Post code\nQuill,NP20 4PF\n")
    entry = _project(tmp_path, match.section).spec.private[0]
    assert (match.purpose, entry.postcode_column) == ("private", "Post code")


def test_a_record_as_header_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Quill,NP20 4PF\nZane,NP19 7EJ\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_own_table(tmp_path / "a.csv", what="a.csv")
    assert "looks like data" in error.value.message
    assert "Quill" not in str(error.value)
    assert "NP20" not in f"{error.value} {error.value.hint}"


def test_a_map_file_needs_no_match(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="no columns need matching"):
        read_own_table(tmp_path / "a.geojson", what="a.geojson")


def test_a_directory_is_told_its_reader(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_own_table(tmp_path / "a.json", what="a.json")
    assert 'from = "open_referral"' in str(error.value.hint)


def test_parquet_with_points_needs_no_match(shared: Path) -> None:
    path = shared / "fixtures" / "services" / "newport_supermarkets_osm.parquet"
    with pytest.raises(DataError, match="no columns need matching"):
        read_own_table(path, what=path.name)


# ONS calls columns of codes WD24CD, OA21CD, WD24NM: squeezed they look like postcodes.
@pytest.mark.parametrize("header", ["WD24CD", "WD24NM", "OA21CD"])
def test_official_headers_are_no_postcodes(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.csv").write_text(f"{header},Name\nE05000819,Corn Hall\n", encoding="utf-8")
    assert list(read_own_table(tmp_path / "a.csv", what="a.csv").columns) == [header, "Name"]


def test_life_expectancy_at_birth_is_nobodys_birth() -> None:
    area = {"Code": ["E02001259"]}
    assert not is_personal(pd.DataFrame({**area, "Life expectancy at birth": ["80.1"]}))
    assert not is_personal(pd.DataFrame({**area, "Live births": ["8"]}))
    assert is_personal(pd.DataFrame({**area, "Place of birth": ["Sale"]}))


def test_a_few_totals_are_not_none(tmp_path: Path) -> None:
    rows = [f"E0101{n:04d},{n}" for n in range(300)]
    text = "LSOA21CD,Debt rate\n" + "\n".join([*rows, "England,4"]) + "\n"
    match = _match(tmp_path, "a.csv", text, purpose="layer")
    assert any(line.startswith("Less than 1% of the rows") for line in match.missing)


def test_staffed_hours_of_each_day_are_opening_times(tmp_path: Path) -> None:
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    header = ",".join(f"{day} staffed hours" for day in days)
    text = f"Library name,lon,lat,{header}\nSale,-2.3,53.4{',09:00-17:00' * 7}\n"
    match = _match(tmp_path, "a.csv", text)
    assert _taken(match)["Monday staffed hours"] == "opening times of a day"
    assert not [line for line in match.missing if "No opening times" in line]


def test_control_characters_do_not_reach_the_screen(tmp_path: Path) -> None:
    match = _match(tmp_path, "a.csv", "Name\x1b[31m,lon,lat\nHa\x1b]0;x\x07ll,-2.3,53.4\n")
    assert "\x1b" not in match.columns.to_csv() + match.section


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("gm_food_banks.csv", "food_bank"),
        ("libraries_wales.csv", "library"),
        ("Pharmacies 2026.xlsx", "pharmacy"),
        ("trafford_childrens_centres.csv", "childrens_centre"),
        ("trafford_schools_and_colleges.csv", "school"),
        ("trafford_general_practices.csv", "gp"),
        ("gm_jobcentreplus.csv", "jobcentre"),
        ("list.csv", "service"),
    ],
)
def test_the_file_name_may_tell_the_kind(file: str, kind: str) -> None:
    assert guess_kind(file) == kind


def test_a_typed_kind_becomes_one() -> None:
    assert [to_kind(text) for text in ("Warm space", "24/7 line", "?")] == [
        "warm_space",
        "kind_24_7_line",
        "",
    ]


def test_a_kind_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="not a kind of service"):
        _match(tmp_path, "a.csv", "Name,lon,lat\nHall,-2.3,53.4\n", kind="Food Bank")


def test_an_unknown_purpose_is_refused() -> None:
    with pytest.raises(ProjectError, match="services, layer, jobs, private") as error:
        check_purpose("hubs")
    assert error.value.message
    assert check_purpose("") is None


def test_an_upload_reads_as_the_file_does(tmp_path: Path) -> None:
    for name, data in {
        "a.csv": "Name,Tŷ\nCafé,1\n".encode("utf-16"),
        "b.csv": "Name;x\nCaf\xe9;1\n".encode("latin-1"),
    }.items():
        (tmp_path / name).write_bytes(data)
        upload = Upload(name=f"C:\\list\\{name}", content=data)
        assert upload.name == name
        pd.testing.assert_frame_equal(
            read_table(upload, what="a"), read_table(tmp_path / name, what="a")
        )


# Every service table of two places, with what its publisher calls each column.
@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("gm_food_banks.csv", {"name_column": "Name", "opening_column": "Opening times"}),
        ("gm_jobcentreplus.csv", {"x_column": "lon", "y_column": "lat"}),
        ("gm_libraries.csv", {"name_column": "name", "postcode_column": "postcode"}),
        ("gm_pharmacies.csv", {"id_column": "organisation_data_service_code"}),
        ("libraries_scotland.csv", {"name_column": "Library name"}),
        ("newport_schools_wales_address_list.csv", {"postcode_column": "Postcode"}),
        ("trafford_childrens_centres.csv", {"id_column": "unique_reference_number"}),
        ("trafford_mental_health_services.csv", {"name_column": "name"}),
        ("trafford_schools_and_colleges.csv", {"capacity_column": "capacity", "x_column": "lon"}),
    ],
)
def test_published_tables(shared: Path, file: str, keys: dict[str, str]) -> None:
    path = shared / "fixtures" / "services" / file
    table = read_own_table(path, what=file)
    match = build_match(table, file=file)
    entry = tomllib.loads(match.section)["services"][0]
    assert {key: entry.get(key) for key in keys} == keys
    assert not match.personal


# The Office for National Statistics numbered new areas of 2021 on from the last ones of 2011.
def test_the_last_codes_of_2011(shared: Path) -> None:
    from planner.sources.figures import _LAST_2011

    folder = shared / "fixtures" / "deprivation"
    old = pd.read_csv(folder / "File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv", dtype=str)
    codes = [c for c in old.columns if "LSOA code" in c]
    assert old[codes[0]].max() == _LAST_2011["E"]
    wales = pd.read_csv(folder / "wimd2019_rank_lsoa11_lle.csv", dtype=str)
    highest = max(
        wales[c].max() for c in wales.columns if wales[c].str.fullmatch(r"W01\d{6}").all()
    )
    assert highest == _LAST_2011["W"]
