"""Access hour by hour, by hand on one street with a bus that stops in the evening."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_feeds import TUESDAY, to_timetable, trip

from planner.errors import TravelError
from planner.sources.timetable import ServiceDays
from planner.travel.streets import build_streets
from planner.travel.transit import TransitNetwork, TransitSettings, build_transit_network
from planner.travel.transit.hours import (
    COLUMNS,
    PROFILES,
    WHOLE_DAYS,
    Profile,
    build_hourly_access,
    build_people_by_hour,
    choose_profile_days,
)

SATURDAY = dt.date(2024, 3, 9)
SETTINGS = TransitSettings(date=TUESDAY, cutoff_minutes=60, direct_minutes=30)
DAY = Profile(name="weekday", day="weekday", first=8, last=10)


def _network(lines: list[str], date: dt.date = TUESDAY) -> TransitNetwork:
    """Return a street of 10 km with stops at its ends; a metre on foot is a second."""
    x = 330_000 + 100.0 * np.arange(101)
    start = np.arange(100, dtype=np.int32)
    timetable = to_timetable([trip(line) for line in lines], "AB")
    return build_transit_network(
        build_streets(x, np.full(101, 187_000.0), start, start + 1),
        replace(
            timetable,
            date=date,
            stop_x=np.array([330_000.0, 340_000.0]),
            stop_y=np.full(2, 187_000.0),
        ),
        walk_kmh=3.6,
        snap_metres=50,
        extent_metres=500,
    )


def _points(**metres: float) -> gpd.GeoSeries:
    return gpd.GeoSeries(
        [shapely.Point(330_000 + at, 187_000) for at in metres.values()],
        index=pd.Index(list(metres)),
        crs="EPSG:27700",
    )


@pytest.fixture(scope="module")
def homes() -> gpd.GeoDataFrame:
    """Return area X at the first stop, area Y at it and far from anything, and Z off the map."""
    at = _points(x=0, y1=0, y2=5000, z=20_000)
    frame = gpd.GeoDataFrame({"area_code": ["X", "Y", "Y", "Z"]}, index=at.index, geometry=at)
    return frame.assign(weight=[1.0, 0.4, 0.6, 1.0])


@pytest.fixture(scope="module")
def access(homes: gpd.GeoDataFrame) -> pd.DataFrame:
    # One bus at 8:29, of 10 minutes; none after it.
    network = _network(["A 8:29, B 8:39"])
    sites = _points(gp=10_000)
    kind = pd.Series(["gp"], index=sites.index)
    return build_hourly_access({"weekday": network}, homes, sites, kind, SETTINGS, profiles=[DAY])


def _row(access: pd.DataFrame, hour: int, area: str) -> pd.Series:
    return access.set_index(["hour", "area_code"]).loc[(hour, area)]


def test_one_row_for_each_hour_kind_and_area(access: pd.DataFrame) -> None:
    assert tuple(access.columns) == COLUMNS
    assert access[["hour", "area_code"]].to_numpy().tolist() == [
        [hour, area] for hour in (8, 9) for area in "XYZ"
    ]


def test_median_of_minutes_and_share(access: pd.DataFrame) -> None:
    # From 8:00 to 8:29 one is there at 8:39: 30 of 60 minutes, the longest 39.
    row = _row(access, 8, "X")
    assert (row["minutes"], row["status"]) == (39.0, "reached")
    assert row["share_of_minutes_reachable"] == 0.5


def test_most_people_of_an_area_decide_and_all_count_in_the_share(access: pd.DataFrame) -> None:
    row = _row(access, 8, "Y")
    assert np.isnan(row["minutes"])
    assert row["status"] == "over_cutoff"
    assert row["share_of_minutes_reachable"] == pytest.approx(0.4 * 0.5)


def test_an_hour_without_a_bus_is_not_left_out(access: pd.DataFrame) -> None:
    row = _row(access, 9, "X")
    assert (row["status"], row["share_of_minutes_reachable"]) == ("over_cutoff", 0.0)


def test_areas_off_the_map_are_unknown_not_far(access: pd.DataFrame) -> None:
    row = _row(access, 8, "Z")
    assert row["status"] == "outside_extent"
    assert np.isnan(row["share_of_minutes_reachable"])


def test_people_by_hour_add_up(access: pd.DataFrame) -> None:
    people = build_people_by_hour(access, pd.Series({"X": 100, "Y": 50, "Z": 7}), minutes=39)
    assert people.drop(columns=["profile", "kind", "share_within"]).to_numpy().tolist() == [
        [8, 100.0, 50.0, 7.0],
        [9, 0.0, 150.0, 7.0],
    ]
    assert people["share_within"].tolist() == [100 / 157, 0.0]
    sooner = build_people_by_hour(access, pd.Series({"X": 100, "Y": 50, "Z": 7}), minutes=38.9)
    assert sooner["people_within"].tolist() == [0.0, 0.0]


def test_people_must_be_known(access: pd.DataFrame) -> None:
    with pytest.raises(TravelError):
        build_people_by_hour(access, pd.Series({"X": 100, "Y": 50}), minutes=39)


def test_each_profile_has_its_own_day(homes: gpd.GeoDataFrame) -> None:
    networks = {
        "weekday": _network(["A 8:29, B 8:39"]),
        "saturday": _network(["A 8:59, B 9:00"], SATURDAY),
    }
    profiles = [replace(DAY, last=9), Profile(name="sat", day="saturday", first=8, last=9)]
    profiles.append(Profile(name="sun", day="sunday", first=8, last=9))
    sites = _points(gp=10_000)
    kind = pd.Series(["gp"], index=sites.index)
    table = build_hourly_access(networks, homes, sites, kind, SETTINGS, profiles=profiles)
    minutes = table[table["area_code"] == "X"].set_index("profile")["minutes"]
    # On Saturday from 60 minutes at 8:00 down to 1 at 8:59.
    assert minutes.to_dict() == {"weekday": 39.0, "sat": 30.0}


def test_profiles() -> None:
    assert [profile.in_words() for profile in PROFILES] == [
        "weekday 07:00-19:00",
        "evening 18:00-22:00",
        "saturday 07:00-22:00",
        "sunday 09:00-18:00",
    ]
    assert {(profile.first, profile.last) for profile in WHOLE_DAYS} == {(6, 22)}
    with pytest.raises(TravelError):
        Profile(name="x", day="weekday", first=9, last=9)


@dataclass
class Life:
    """Trips on some days only."""

    days: dict[dt.date, int]

    @property
    def first(self) -> dt.date:
        return min(self.days)

    @property
    def last(self) -> dt.date:
        return max(self.days)

    def on(self, day: dt.date) -> int:
        return self.days.get(day, 0)


def _march(*days: int) -> Life:
    return Life({dt.date(2024, 3, day): 5 for day in days})


def test_nearest_weekend_with_service() -> None:
    # Tuesday 5 March: Saturday 2 is three days before, Saturday 9 four after, Sunday 3 two before.
    assert choose_profile_days([_march(2, 3, 9, 10)], TUESDAY) == {
        "weekday": TUESDAY,
        "saturday": dt.date(2024, 3, 2),
        "sunday": dt.date(2024, 3, 3),
    }


def test_a_day_on_which_more_timetables_run_comes_first() -> None:
    chosen = choose_profile_days([_march(2, 9), _march(9, 16)], TUESDAY)
    assert chosen["saturday"] == dt.date(2024, 3, 9)


def test_no_sunday_service() -> None:
    assert choose_profile_days([_march(4, 5, 9)], TUESDAY)["sunday"] is None


def test_the_reader_of_timetables_fits() -> None:
    days = ServiceDays(first=dt.date(2024, 3, 4), trips=np.array([9, 9, 9, 9, 9, 4, 2]))
    chosen = choose_profile_days([days], TUESDAY)
    assert (chosen["saturday"], chosen["sunday"]) == (SATURDAY, dt.date(2024, 3, 10))


def test_a_weekend_is_no_weekday() -> None:
    with pytest.raises(TravelError):
        choose_profile_days([_march(2)], SATURDAY)
