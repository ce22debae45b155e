"""Names become districts, and a district says what is fetched for it."""

from __future__ import annotations

import pandas as pd
import pytest

from planner.errors import ProjectError
from planner.sources.fetch.plan import choose_sources, find_region, resolve_names
from planner.sources.registry import read_registry

DISTRICTS = pd.DataFrame(
    [
        ("E08900001", "Northwick"),
        ("E08900002", "King's Lea and West Marsh"),
        ("E07900003", "Ashby"),
        ("E06900004", "Ashby"),
        ("E06900005", "Kingsford upon Hull, City of"),
        ("W06900001", "Cwm Northwick"),
        ("S12900001", "Glenwick City"),
        ("N09900001", "Ballywick"),
    ],
    columns=["code", "name"],
)


def codes(*names: str) -> tuple[str, ...]:
    return resolve_names(names, DISTRICTS).codes


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Northwick", "E08900001"),
        ("  northWICK ", "E08900001"),
        ("e08900001", "E08900001"),
        ("Kings Lea & West Marsh", "E08900002"),
        ("Kingsford upon Hull", "E06900005"),
        ("glenwick", "S12900001"),
    ],
)
def test_a_district_is_found_by_name_or_code(name: str, code: str) -> None:
    assert codes(name) == (code,)


def test_several_districts_are_one_place_each_once() -> None:
    wanted = resolve_names(["Northwick", "E08900002", "northwick"], DISTRICTS)
    assert wanted.codes == ("E08900001", "E08900002")
    assert wanted.name == "Northwick and King's Lea and West Marsh"


def test_a_misspelt_name_gets_a_proposal() -> None:
    with pytest.raises(ProjectError, match="Did you mean 'Northwick'"):
        codes("Northwikc")


def test_a_name_of_two_districts_lists_both() -> None:
    with pytest.raises(ProjectError, match=r"Ashby \(E07900003\), Ashby \(E06900004\)"):
        codes("Ashby")


def test_a_code_of_no_district_is_refused() -> None:
    with pytest.raises(ProjectError, match="not the code of a district of today"):
        codes("E08999999")


def test_two_nations_are_not_one_place() -> None:
    with pytest.raises(ProjectError, match="England and Wales have different indices"):
        codes("Northwick", "Cwm Northwick")


def test_codes_do_without_the_list_of_names() -> None:
    assert resolve_names(["E08900001"], None).codes == ("E08900001",)


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(ProjectError, match="No place was named"):
        codes(" ")


def chosen(name: str) -> set[str]:
    registry = read_registry()
    return {entry.id for entry in choose_sources(registry, resolve_names([name], DISTRICTS))}


def test_each_nation_gets_its_own_index_only() -> None:
    indices = {"iod2025_file7", "wimd2019", "simd2020_ranks", "nimdm2017"}
    found = [chosen(n) & indices for n in ("Northwick", "Cwm Northwick", "Glenwick", "Ballywick")]
    assert found == [{"iod2025_file7"}, {"wimd2019"}, {"simd2020_ranks"}, {"nimdm2017"}]


def test_the_region_is_that_of_most_districts() -> None:
    known = {"North West": "north_west", "South East": "south_east", "Wales": "wales"}
    wanted = resolve_names(["Northwick", "E08900002", "E07900003"], DISTRICTS)
    regions = {"E08900001": "South East", "E08900002": "North West", "E07900003": "North West"}
    assert find_region(wanted, regions, known) == "north_west"
    assert find_region(wanted, {}, known) == ""
    assert find_region(resolve_names(["Cwm Northwick"], DISTRICTS), {}, known) == "wales"
