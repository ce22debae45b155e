"""Open Referral UK directories: a made-up feed by hand, and the published examples."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from places import CODES, tiny_area
from supply import notes_of, supply_project, write_lines

from planner.errors import DataError
from planner.export.hsds import to_hsds, write_hsds
from planner.project import ServicesEntry
from planner.services import Services
from planner.sources.hsds import read_service_file
from planner.sources.open_referral import from_hsds
from planner.sources.services import read_services

Json = dict[str, Any]
LOCATION = "3c2e0a10-0000-4000-8000-000000000001"
SERVICE = "5e2f1c10-0000-4000-8000-00000000000a"
ENTRY = ServicesEntry(kind="advice")


def _location(**more: Any) -> Json:
    # 53.41 N 1.53 W is inside the six squares.
    place = {"id": LOCATION, "name": "The Hub", "latitude": 53.41, "longitude": -1.53}
    address = {"address_1": "1 High St", "city": "Sale", "postal_code": "aa11aa"}
    return {**place, "addresses": [address], **more}


def _weekly(days: str, opens: str = "10:00", closes: str = "16:00", **more: Any) -> Json:
    return {"freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes, **more}


def _service(*places: Json, **more: Any) -> Json:
    service = {"id": SERVICE, "name": "Debt advice", "status": "active"}
    service |= {"organization": {"id": "o1", "name": "Sale Advice"}}
    at = [{"id": f"at{n}", "location": place} for n, place in enumerate(places)]
    return {**service, "service_at_locations": at, **more}


def _term(name: str, **more: str) -> Json:
    return {"taxonomy_term": {"id": f"id of {name}", "name": name, **more}}


def _rows(*services: Json, when: dt.date | None = None, **entry: Any) -> pd.DataFrame:
    asked = ServicesEntry(**{"kind": "advice", **entry})
    return from_hsds([{"contents": list(services)}], asked, what="feed", when=when)[0]


def _read(folder: Path, *services: Json, **entry: Any) -> Services:
    """Read a saved feed of these services."""
    (folder / "feed.json").write_text(json.dumps({"contents": services}), encoding="utf-8")
    one = {"kind": "advice", "from": "open_referral", "file": "feed.json", **entry}
    return read_services(supply_project(folder, one), tiny_area())


# --- what becomes of a service -----------------------------------------------------------------


def test_service_location_and_organisation(tmp_path: Path) -> None:
    services = _read(tmp_path, _service(_location(), schedules=[_weekly("TU,TH")]))
    venue, offer = services.venues.iloc[0], services.offers.iloc[0]
    assert services.venues.index.tolist() == [f"advice:{LOCATION}"]
    assert services.offers.index.tolist() == [f"advice:{LOCATION}/advice/{SERVICE}"]
    assert venue.drop("geometry").dropna().to_dict() == {
        "venue_name": "The Hub",
        "address": "1 High St, Sale",
        "postcode": "AA1 1AA",
        "status": "existing",
        "opening": "Tu 10:00-16:00; Th 10:00-16:00",
        "accessibility": "",
        "co_located_with": "",
    }
    assert (offer["kind"], offer["partner"], offer["serves"]) == ("advice", "Sale Advice", "anyone")
    assert offer["sessions"] == "Tuesday and Thursday 10:00-16:00 weekly"


def test_each_location_is_a_venue(tmp_path: Path) -> None:
    other = _location(id="other", name="The Annexe", longitude=-1.52)
    services = _read(tmp_path, _service(_location(), other))
    assert services.venues["venue_name"].tolist() == ["The Hub", "The Annexe"]
    assert len(services.offers) == 2


def test_two_services_of_one_kind_at_one_location_share_it(tmp_path: Path) -> None:
    second = _service(_location(), id="s2", name="Benefits advice")
    services = _read(tmp_path, _service(_location()), second)
    assert len(services.venues) == 1
    assert set(services.offers["venue_id"]) == {f"advice:{LOCATION}"}
    assert [offer.rpartition("/")[2] for offer in services.offers.index] == [SERVICE, "s2"]


def test_terms_become_kinds(tmp_path: Path) -> None:
    debt = _service(_location(), attributes=[_term("Debt"), _term("Housing")])
    jobs = _service(_location(), id="s2", name="Jobs", attributes=[_term("Work", code="W 1")])
    none = _service(_location(), id="s3", name="Choir", attributes=[_term("Singing")])
    bare = _service(_location(), id="s4", name="Bare")
    services = _read(
        tmp_path, debt, jobs, none, bare, kinds={"debt": "money", "housing": "home", "w 1": "work"}
    )
    assert services.offers["kind"].tolist() == ["advice", "advice", "money", "work"]
    assert notes_of(services, "terms_unmatched") == [(2, ("(no term): 1", "Singing: 1"))]
    assert notes_of(services, "terms_unused") == []


def test_term_of_the_project_that_no_service_has_is_said(tmp_path: Path) -> None:
    services = _read(tmp_path, _service(_location()), kinds={"Dept": "money"})
    assert notes_of(services, "terms_unused") == [(1, ("Dept",))]


def test_kinds_with_another_reader_are_refused(tmp_path: Path) -> None:
    write_lines(tmp_path, "a.csv", "name,easting,northing", "A,431000,391000")
    project = supply_project(tmp_path, {"kind": "gp", "file": "a.csv", "kinds": {"a": "b"}})
    with pytest.raises(DataError, match="`kinds` is not for the reader 'table'"):
        read_services(project, tiny_area())


@pytest.mark.parametrize("status", ["inactive", "defunct", "temporarily closed", "Defunct"])
def test_services_that_are_not_active_are_left_out(tmp_path: Path, status: str) -> None:
    gone = _service(_location(), id="s2", name="Gone", status=status)
    services = _read(tmp_path, _service(_location()), gone)
    assert len(services.offers) == 1
    assert notes_of(services, "rows_excluded") == [(1, ("Gone",))]


def test_feed_of_inactive_services_only_is_refused() -> None:
    with pytest.raises(DataError, match="feed: none of its 1 service is active"):
        _rows(_service(_location(), status="inactive"))


def test_where_keeps_services_with_a_term_or_organisation() -> None:
    one = _service(_location(), attributes=[_term("Debt")])
    other = _service(_location(), id="s2", name="Other")
    assert _rows(one, other, where={"term": "DEBT"})["service"].tolist() == [SERVICE]
    assert len(_rows(one, other, where={"organization": "sale advice"})) == 2


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"term": "dept"}, "no service has term = 'dept'"),
        ({"colour": "red"}, "no 'colour' to ask for"),
    ],
)
def test_where_that_finds_nothing_is_refused(where: dict[str, str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        _rows(_service(_location(), attributes=[_term("Debt")]), where=where)


# --- where it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "coordinates",
    [
        {"latitude": 100, "longitude": 101},
        {"latitude": None, "longitude": None},
        {"latitude": 0, "longitude": 0},
        {"latitude": "north", "longitude": "west"},
    ],
)
def test_postcode_stands_in_for_coordinates(tmp_path: Path, coordinates: Json) -> None:
    write_lines(tmp_path, "pc.csv", "pcds,oseast1m,osnrth1m", "AA1 1AA,431500,391500")
    feed = {"contents": [_service(_location(**coordinates))]}
    (tmp_path / "feed.json").write_text(json.dumps(feed))
    entry = {"kind": "advice", "from": "open_referral", "file": "feed.json"}
    project = supply_project(tmp_path, entry, postcodes={"file": "pc.csv"})
    services = read_services(project, tiny_area())
    point = services.venues.geometry.iloc[0]
    assert (point.x, point.y) == (431500.0, 391500.0)
    assert notes_of(services, "placed_by_postcode") == [(1, ("The Hub",))]


def test_what_has_no_place_is_listed(tmp_path: Path) -> None:
    online = _service(_location(location_type="virtual"), id="s2", name="Chat")
    nowhere = _service(id="s3", name="Visits")
    services = _read(tmp_path, _service(_location()), online, nowhere)
    assert services.unplaced[["name", "reason"]].to_numpy().tolist() == [
        ["The Hub", "online or by telephone, not at a place"],
        ["Visits", "no location given"],
    ]


def test_short_list_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no location given") as caught:
        _read(tmp_path, _service(), kinds={})
    assert "save each /services/{id}" in caught.value.hint


def test_impossible_coordinates_are_no_matter_of_columns(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="outside the UK") as caught:
        _read(tmp_path, _service(_location(latitude=100, longitude=-2)), kinds={})
    assert "[postcodes]" in caught.value.hint
    assert "x_column" not in caught.value.hint


# --- when ----------------------------------------------------------------------------------------


def test_hours_of_the_location_go_before_those_of_the_service() -> None:
    place = _location(schedules=[_weekly("MO", "09:00", "17:00")])
    rows = _rows(_service(place, schedules=[_weekly("TU")]))
    assert rows["opening"].tolist() == ["Mo 09:00-17:00"]
    assert rows["sessions"].tolist() == ["Tuesday 10:00-16:00 weekly"]


def test_schedule_of_the_service_at_this_location_goes_first() -> None:
    service = _service(_location(), schedules=[_weekly("TU")])
    service["service_at_locations"][0]["schedules"] = [_weekly("FR")]
    assert _rows(service)["sessions"].tolist() == ["Friday 10:00-16:00 weekly"]


def test_venue_is_open_when_any_of_its_services_is_on() -> None:
    one = _service(_location(), schedules=[_weekly("MO", "09:00", "12:00")])
    two = _service(_location(), id="s2", schedules=[_weekly("MO", "11:00", "14:00")])
    assert _rows(one, two)["opening"].tolist() == ["Mo 09:00-14:00"] * 2


def test_venue_with_a_service_of_unknown_times_is_not_said_to_be_closed() -> None:
    one = _service(_location(), schedules=[_weekly("MO", "09:00", "12:00")])
    assert _rows(one, _service(_location(), id="s2"))["opening"].tolist() == ["", ""]


def test_fortnightly_is_a_session_but_no_opening_time() -> None:
    service = _service(_location(), schedules=[_weekly("MO", interval=2)])
    rows, notes = from_hsds([service], ENTRY, what="feed")
    assert rows[["opening", "sessions"]].to_numpy().tolist() == [
        ["", "Monday 10:00-16:00 fortnightly"]
    ]
    assert [note.items for note in notes] == [("The Hub: Monday 10:00-16:00 fortnightly",)]


def test_christmas_hours_of_last_year_are_not_used() -> None:
    christmas = _weekly("MO", valid_from="2023-12-18", valid_to="2024-01-05")
    usual = _weekly("TU", valid_from="2024-01-06")
    service = _service(_location(), schedules=[christmas, usual], last_modified="2024-03-01T10:00Z")
    rows, notes = from_hsds([service], ENTRY, what="feed")
    assert rows["opening"].tolist() == ["Tu 10:00-16:00"]
    assert [note.items for note in notes] == [("The Hub: 2023-12-18 to 2024-01-05",)]


def test_schedule_in_words_only_is_taken_as_unknown() -> None:
    service = _service(_location(), schedules=[{"description": "Most afternoons"}])
    rows, notes = from_hsds([service], ENTRY, what="feed")
    assert rows["opening"].tolist() == [""]
    assert [(note.what, note.items) for note in notes] == [
        ("opening_unread", ("The Hub: Most afternoons",))
    ]


# --- for whom ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "serves", "listed"),
    [
        ({"name": "Sale and around"}, "anyone", 0),
        ({"uri": f"http://statistics.data.gov.uk/id/{CODES[1]}"}, CODES[1], 0),
        ({"name": "Us", "extent": f"{CODES[2]};{CODES[0]}"}, f"{CODES[0]};{CODES[2]}", 0),
        ({"name": "E08000009"}, "place", 0),
        ({"name": "E08000003 Manchester"}, "anyone", 1),
        ({"name": "England E92000001"}, "anyone", 0),
    ],
)
def test_service_areas(tmp_path: Path, area: Json, serves: str, listed: int) -> None:
    (tmp_path / "f.json").write_text(json.dumps(_service(_location(), service_areas=[area])))
    entry = {"kind": "advice", "from": "open_referral", "file": "f.json"}
    project = supply_project(tmp_path, entry, place={"authority": "E08000009"})
    services = read_services(project, tiny_area())
    assert services.offers["serves"].tolist() == [serves]
    assert len(notes_of(services, "service_area_elsewhere")) == listed


def test_accessibility_languages_and_name_are_kept(tmp_path: Path) -> None:
    place = _location(accessibility=[{"description": "Step-free"}, {"description": "Loop"}])
    spoken = [{"name": "Welsh"}, {"id": "x"}, {"code": "English"}]
    services = _read(tmp_path, _service(place, languages=spoken))
    assert services.venues["accessibility"].tolist() == ["Step-free; Loop"]
    assert services.offers["languages"].tolist() == ["English;Welsh"]
    assert services.offers["service_name"].tolist() == ["Debt advice"]


def test_organisations_at_one_location_share_its_building(tmp_path: Path) -> None:
    other = {"id": "s2", "name": "Tea", "organization": {"name": "Age UK"}}
    apart = _location(id="elsewhere", name="Annexe", longitude=-1.52)
    services = _read(
        tmp_path,
        _service(_location(), organization={"name": "Shelter"}),
        _service(_location(), **other),
        _service(apart, id="s3", organization={"name": "Mind"}),
    )
    told = services.venues.set_index("venue_name")["co_located_with"]
    assert told.to_dict() == {"The Hub": "Age UK; Shelter", "Annexe": ""}


def test_hostile_details_are_made_plain_and_short(tmp_path: Path) -> None:
    place = _location(accessibility=[{"description": "<b>Ramp</b>\u202e\x00"}, {"description": 7}])
    spoken = [{"name": f"Language {n:03d}"} for n in range(200)]
    services = _read(tmp_path, _service(place, name="N" * 999, languages=spoken))
    assert services.venues["accessibility"].tolist() == ["<b>Ramp</b>; 7"]
    (languages,) = services.offers["languages"]
    # Whole names of 12 characters and a ; each: 23 of them are 298 characters.
    assert languages == ";".join(f"Language {n:03d}" for n in range(23))
    assert services.offers["service_name"].str.len().tolist() == [200]


# --- what is not as it should be ---------------------------------------------------------------


def test_hostile_text_is_made_plain(tmp_path: Path) -> None:
    place = _location(id="../../etc/\u202epasswd", name="=cmd|'\x00 /C calc'!A0" + "x" * 999)
    services = _read(tmp_path, _service(place, id={"a": "list"}, organization={"name": [1, 2]}))
    assert len(services.venues["venue_name"].iloc[0]) <= 200
    assert "\x00" not in services.venues["venue_name"].iloc[0]
    assert services.venues.index.tolist() == ["advice:..-..-etc-passwd"]
    assert services.offers["partner"].tolist() == [""]


@pytest.mark.parametrize(
    "odd",
    [
        {"service_at_locations": "none"},
        {"service_at_locations": [None, 3, {"location": "here"}]},
        {"schedules": {"freq": ["WEEKLY"]}},
        {"attributes": [{"taxonomy_term": "x"}, 7]},
        {"service_areas": [[], {"uri": {}}]},
        {"status": None},
    ],
)
def test_fields_of_the_wrong_form_do_no_harm(odd: Json) -> None:
    assert len(_rows(_service(_location(), id="fine"), {**_service(_location()), **odd})) >= 2


# --- the published examples --------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["service_full", "service_full.invalid", "service_at_location_full"]
)
def test_published_service(shared: Path, name: str) -> None:
    file = shared / "fixtures" / "oruk" / f"{name}.json"
    found = read_service_file(file, what=name)
    rows, notes = from_hsds(found, ENTRY, what=name, when=dt.date(2005, 1, 1))
    row = rows.iloc[0]
    assert (row["name"], row["postcode"]) == ("MyCity Civic Center", "ABC 1234")
    # Latitude 100 is nowhere.
    assert row["reason"] == "coordinates outside the UK and Ireland"
    assert (row["opening"], row["partner"]) == ("Th-Fr 10:00-18:00", "Example Organization Inc.")
    assert {note.what: note.count for note in notes} == {"service_areas": 1}
    assert row["service_name"] == "Community Counselling"
    assert row["accessibility"].startswith("The building is equipped with induction loops")


def test_published_schedule_of_one_day_in_2005_is_over_by_its_own_last_change(shared: Path) -> None:
    found = read_service_file(shared / "fixtures/oruk/service_full.json", what="f")
    rows, notes = from_hsds(found, ENTRY, what="f")
    assert rows["opening"].tolist() == [""]
    assert "schedules_not_now" in {note.what for note in notes}


def test_published_list_of_128_repeats_one_service(shared: Path) -> None:
    found = read_service_file(shared / "fixtures/oruk/service_list_128.json", what="f")
    rows, notes = from_hsds(found, ENTRY, what="f")
    assert rows["reason"].tolist() == ["no location given"]
    assert [(note.what, note.count) for note in notes] == [("services_repeated", 127)]


# --- back home -----------------------------------------------------------------------------------


def _again(services: Services, folder: Path) -> Services:
    write_hsds(services, folder / "out.json")
    entry = {"kind": "other", "from": "open_referral", "file": "out.json"}
    return read_services(supply_project(folder, entry), tiny_area())


def _assert_same(one: Services, other: Services) -> None:
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.venues.drop(columns="geometry")),
        pd.DataFrame(other.venues.drop(columns="geometry")),
    )
    # Eight decimals of a degree are about a millimetre.
    assert (one.venues.geometry.distance(other.venues.geometry) < 0.01).all()
    assert one.offers.drop(columns="source").equals(other.offers.drop(columns="source"))


def test_feed_read_written_and_read_is_the_same(tmp_path: Path) -> None:
    services = _read(
        tmp_path,
        _service(
            _location(schedules=[_weekly("MO", "00:00", "23:59")]),
            _location(id="other", name="The Annexe", longitude=-1.52),
            schedules=[_weekly("MO", interval=2), {**_weekly("2TU"), "freq": "MONTHLY"}],
            service_areas=[{"uri": CODES[1]}],
            attributes=[_term("Debt")],
        ),
        _service(_location(), id="s2", name="Other", organization=None),
        kinds={"debt": "money"},
    )
    _assert_same(services, _again(services, tmp_path))


def test_tables_written_and_read_are_the_same(tmp_path: Path) -> None:
    head = "name,easting,northing,address,postcode,opening,rooms,places"
    write_lines(
        tmp_path,
        "a.csv",
        head,
        'Ty\u0302 Hub,431000.5,391000.25,"1 High St, Sale",AA1 1AA,Mo-Fr 09:00-17:00,3,40',
        "Ty\u0302 Hub,431900,391000,,,,,",
        "Caf\u00e9 & <b>Co</b>,430100,390100,,,Mo-Fr 09:00-17:00; PH off,,",
    )
    more = {"capacity_column": "places", "capacity_unit": "places a week"}
    entries = [
        {"kind": "gp", "file": "a.csv", "partner": "NHS", "serves": "place", **more},
        {"kind": "library", "file": "a.csv", "serves": f"{CODES[0]};{CODES[3]}"},
    ]
    services = read_services(supply_project(tmp_path, *entries), tiny_area())
    assert len(services.offers) == 6
    _assert_same(services, _again(services, tmp_path))


def test_a_capacity_below_zero_in_a_feed_is_unknown_and_named(tmp_path: Path) -> None:
    write_lines(tmp_path, "a.csv", "name,easting,northing,places", "Hub,431000,391000,40")
    one = {"kind": "gp", "file": "a.csv", "capacity_column": "places"}
    services = read_services(supply_project(tmp_path, one), tiny_area())
    again = _again(replace(services, offers=services.offers.assign(capacity=-40.0)), tmp_path)
    assert again.offers["capacity"].isna().all()
    (note,) = [note for note in again.notes if note.what == "capacity_unread"]
    assert note.items == ("row 1: Hub: -40",)


def test_details_go_home_and_come_back(tmp_path: Path) -> None:
    place = _location(accessibility=[{"description": "Step-free"}, {"description": "Loop"}])
    services = _read(
        tmp_path,
        _service(place, languages=[{"name": "Polish"}, {"name": "English"}]),
        _service(place, id="s2", name="Tea", organization={"name": "Age UK"}),
    )
    assert services.venues["co_located_with"].ne("").all()
    _assert_same(services, _again(services, tmp_path))


def test_details_are_written_in_the_fields_of_the_directory(tmp_path: Path) -> None:
    place = _location(accessibility=[{"description": "Step-free"}])
    (service,) = to_hsds(_read(tmp_path, _service(place, languages=[{"name": "Polish"}])))
    assert service["name"] == "Debt advice"
    assert [one["name"] for one in service["languages"]] == ["Polish"]
    (at,) = service["service_at_locations"]
    assert [one["description"] for one in at["location"]["accessibility"]] == ["Step-free"]


def test_offers_of_one_service_may_differ_in_name_and_languages(tmp_path: Path) -> None:
    both = {**_service(_location(), languages=[{"name": "Polish"}])}
    both["service_at_locations"] += _service(_location(id="b", name="B", longitude=-1.52))[
        "service_at_locations"
    ]
    services = _read(tmp_path, both)
    offers = services.offers.assign(
        languages=["", "English;Polish"], service_name=["Debt advice", "Debt and housing"]
    )
    changed = replace(services, offers=offers)
    _assert_same(changed, _again(changed, tmp_path))


def test_ids_of_the_directory_go_home(tmp_path: Path) -> None:
    (service,) = to_hsds(_read(tmp_path, _service(_location(), schedules=[_weekly("TU")])))
    (at,) = service["service_at_locations"]
    assert (service["id"], at["location"]["id"]) == (SERVICE, LOCATION)
    schedule = {key: at["schedules"][0][key] for key in ("freq", "byday", "opens_at", "closes_at")}
    assert schedule == {"freq": "WEEKLY", "byday": "TU", "opens_at": "10:00", "closes_at": "16:00"}


def test_closed_venues_are_written_as_inactive_and_candidates_not_at_all(tmp_path: Path) -> None:
    services = _read(tmp_path, _service(_location()))
    closed, candidate = (
        Services(
            venues=services.venues.assign(status=status),
            offers=services.offers,
            unplaced=services.unplaced,
        )
        for status in ("closed", "candidate")
    )
    assert [one["status"] for one in to_hsds(closed)] == ["inactive"]
    assert to_hsds(candidate) == []


def test_file_is_the_same_every_time(tmp_path: Path) -> None:
    services = _read(tmp_path, _service(_location()))
    first = write_hsds(services, tmp_path / "one.json").read_bytes()
    assert write_hsds(services, tmp_path / "two.json").read_bytes() == first
