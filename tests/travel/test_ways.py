from __future__ import annotations

import math

import pytest

from planner.errors import TravelError
from planner.travel.ways import (
    CLASS_KMH,
    FLOWING,
    MINOR,
    ORDINARY,
    CycleSettings,
    DriveSettings,
    is_barrier,
    is_signal,
    to_limit,
    to_use,
)

Tags = dict[str, str]
MPH = 1.609344

#: Speeds that cannot be mistaken for each other.
CYCLE = CycleSettings(cycle_kmh=16, shared_kmh=9, push_kmh=5, steps_kmh=2)
DRIVE = DriveSettings()


def cycle(**tags: str) -> tuple[float, float]:
    use = to_use({key.replace("__", ":"): value for key, value in tags.items()}, CYCLE)
    return use.forward_kmh, use.backward_kmh


def drive(tags: Tags) -> tuple[bool, bool]:
    use = to_use(tags, DRIVE)
    return use.forward_kmh > 0, use.backward_kmh > 0


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"highway": "residential"}, 16),
        ({"highway": "trunk"}, 16),
        ({"highway": "trunk", "motorroad": "yes"}, 0),
        ({"highway": "trunk", "bicycle": "no"}, 0),
        ({"highway": "motorway"}, 0),
        ({"highway": "motorway_link", "bicycle": "yes"}, 0),
        ({"highway": "cycleway"}, 16),
        ({"highway": "cycleway", "motor_vehicle": "no"}, 16),
        ({"highway": "cycleway", "vehicle": "no"}, 16),
        ({"highway": "cycleway", "access": "no"}, 0),
        ({"highway": "bridleway"}, 16),
        ({"highway": "track"}, 16),
        ({"highway": "footway"}, 0),
        ({"highway": "footway", "bicycle": "yes"}, 9),
        ({"highway": "footway", "bicycle": "designated"}, 9),
        ({"highway": "footway", "bicycle": "dismount"}, 5),
        ({"highway": "footway", "bicycle": "dismount", "foot": "no"}, 0),
        ({"highway": "footway", "access": "yes"}, 0),
        ({"highway": "pedestrian"}, 0),
        ({"highway": "pedestrian", "bicycle": "permissive"}, 9),
        ({"highway": "pedestrian", "bicycle": "destination"}, 0),
        ({"highway": "path"}, 0),
        ({"highway": "path", "bicycle": "yes"}, 9),
        ({"highway": "steps"}, 0),
        ({"highway": "steps", "bicycle": "dismount"}, 0),
        ({"highway": "steps", "bicycle": "yes"}, 2),
        ({"highway": "steps", "ramp:bicycle": "yes"}, 2),
        ({"highway": "steps", "ramp:bicycle": "yes", "access": "private"}, 0),
        ({"highway": "service", "access": "private"}, 0),
        ({"highway": "service", "access": "private", "bicycle": "permissive"}, 16),
        ({"highway": "service", "access": "no", "vehicle": "destination"}, 16),
        ({"highway": "service", "access": "yes", "vehicle": "no"}, 0),
        ({"highway": "service", "access": "customers"}, 16),
        ({"highway": "service", "access": "no", "bus": "yes"}, 0),
        ({"highway": "unclassified", "access": "no", "psv": "yes", "bicycle": "yes"}, 16),
        ({"highway": "busway"}, 0),
        ({"highway": "busway", "bicycle": "yes"}, 16),
        ({"highway": "residential", "bicycle": "use_sidepath"}, 16),
        ({"highway": "residential", "motor_vehicle": "no"}, 16),
        ({"highway": "construction"}, 0),
        ({"highway": "corridor", "bicycle": "yes"}, 0),
        ({"route": "ferry", "bicycle": "yes"}, 0),
        ({}, 0),
    ],
)
def test_what_can_be_cycled_and_how_fast(tags: Tags, kmh: float) -> None:
    use = to_use(tags, CYCLE)
    assert (use.forward_kmh, use.backward_kmh) == (kmh, kmh)


def test_a_slow_cyclist_is_no_faster_among_people_on_foot() -> None:
    use = to_use({"highway": "footway", "bicycle": "yes"}, CycleSettings(cycle_kmh=8))
    assert use.forward_kmh == 8


@pytest.mark.parametrize(
    ("tags", "ahead", "back"),
    [
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "true"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "reverse"}, False, True),
        ({"oneway": "no"}, True, True),
        ({"oneway": "alternating"}, True, True),
        ({"oneway": "who knows"}, True, True),
        ({"oneway": "reversible"}, False, False),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "circular"}, True, False),
        ({"junction": "roundabout", "oneway": "no"}, True, True),
        ({"junction": "roundabout", "oneway": "-1"}, False, True),
    ],
)
@pytest.mark.parametrize("settings", [CYCLE, DRIVE], ids=["cycle", "drive"])
def test_one_ways_of_cycles_and_cars(tags: Tags, ahead: bool, back: bool, settings) -> None:
    use = to_use({"highway": "residential", **tags}, settings)
    assert (use.forward_kmh > 0, use.backward_kmh > 0) == (ahead, back)
    assert use.reversible == (tags.get("oneway") == "reversible")


@pytest.mark.parametrize(
    "tags",
    [
        {"oneway:bicycle": "no"},
        {"cycleway": "opposite"},
        {"cycleway": "opposite_lane"},
        {"cycleway:left": "opposite_track"},
        {"cycleway:right": "lane", "cycleway:right:oneway": "-1"},
        {"cycleway:left": "track", "cycleway:left:oneway": "no"},
    ],
)
def test_cycles_may_go_against_and_cars_may_not(tags: Tags) -> None:
    street = {"highway": "residential", "oneway": "yes", **tags}
    assert to_use(street, CYCLE).backward_kmh == 16
    assert drive(street) == (True, False)


def test_a_one_way_only_for_cycles_or_only_for_cars() -> None:
    street = {"highway": "residential", "oneway:bicycle": "yes", "cycleway": "opposite"}
    assert cycle(highway="residential", oneway__bicycle="yes") == (16, 0)
    assert to_use(street, CYCLE).backward_kmh == 0  # what is said of cycles themselves counts
    assert drive(street) == (True, True)
    cars = {"highway": "residential", "oneway:motor_vehicle": "yes"}
    assert drive(cars) == (True, False)
    assert to_use(cars, CYCLE).backward_kmh == 16


def test_a_lane_along_a_one_way_is_no_contraflow() -> None:
    assert cycle(highway="residential", oneway="yes", cycleway="lane") == (16, 0)


def test_people_pushing_go_both_ways() -> None:
    assert cycle(highway="residential", oneway="yes", bicycle="dismount") == (5, 5)


@pytest.mark.parametrize(
    ("tags", "open_"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "service"}, True),
        ({"highway": "service", "service": "parking_aisle", "access": "customers"}, True),
        ({"highway": "service", "service": "emergency_access"}, False),
        ({"highway": "living_street"}, True),
        ({"highway": "track"}, False),
        ({"highway": "track", "motor_vehicle": "permissive"}, True),
        ({"highway": "track", "access": "yes"}, True),
        ({"highway": "track", "access": "private"}, False),
        ({"highway": "track", "access": "agricultural;forestry"}, False),
        ({"highway": "footway"}, False),
        ({"highway": "footway", "motor_vehicle": "yes"}, False),
        ({"highway": "pedestrian"}, False),
        ({"highway": "cycleway"}, False),
        ({"highway": "steps"}, False),
        ({"highway": "busway"}, False),
        ({"highway": "construction"}, False),
        ({"highway": "residential", "access": "private"}, False),
        ({"highway": "residential", "access": "destination"}, True),
        ({"highway": "residential", "access": "unknown"}, True),
        ({"highway": "residential", "vehicle": "no"}, False),
        ({"highway": "residential", "motor_vehicle": "no"}, False),
        ({"highway": "residential", "motorcar": "no"}, False),
        ({"highway": "residential", "motor_vehicle": "no", "motorcar": "yes"}, True),
        ({"highway": "residential", "access": "no", "motor_vehicle": "destination"}, True),
        ({"highway": "residential", "vehicle": "no", "motor_vehicle": "yes"}, True),
        ({"highway": "residential", "bicycle": "no", "foot": "no"}, True),
        ({"highway": "service", "access": "no", "psv": "designated"}, False),
        ({"highway": "service", "motor_vehicle": "psv"}, False),
        ({"highway": "service", "access": "delivery"}, False),
        ({"highway": "service", "access": "no;customers"}, True),
        ({"highway": "secondary", "psv": "lane"}, True),
        ({"route": "ferry", "motor_vehicle": "yes"}, False),
        ({}, False),
    ],
)
def test_what_can_be_driven(tags: Tags, open_: bool) -> None:
    assert drive(tags) == (open_, open_)


@pytest.mark.parametrize("highway", ["motorway", "motorway_link"])
def test_motorways_run_one_way(highway: str) -> None:
    assert drive({"highway": highway}) == (True, False)
    assert drive({"highway": highway, "oneway": "no"}) == (True, True)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("30 mph", 30 * MPH),
        ("30mph", 30 * MPH),
        ("30 MPH", 30 * MPH),
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("50 kmh", 50.0),
        ("12.5", 12.5),
        ("national", 60 * MPH),
        ("GB:nsl_single", 60 * MPH),
        ("GB:nsl_dual", 70 * MPH),
        ("UK:nsl_dual", 70 * MPH),
        ("GB:motorway", 70 * MPH),
        ("GB:zone20", 20 * MPH),
        ("GB:zone:20", 20 * MPH),
        ("GB:nsl_restricted", 30 * MPH),
        ("walk", 4 * MPH),
        ("20 mph;30 mph", 20 * MPH),
        ("30 mph; none", 30 * MPH),
    ],
)
def test_speed_limits(text: str, kmh: float) -> None:
    assert to_limit(text) == pytest.approx(kmh)


@pytest.mark.parametrize("text", ["none", "signals", "variable", "unknown"])
def test_limits_without_a_figure(text: str) -> None:
    limit = to_limit(text)
    assert limit is not None
    assert math.isnan(limit)


@pytest.mark.parametrize(
    "text",
    ["", "fast", "mph", "mph 30", "-30", "0", "0 mph", "999", "30 knots", "1e3", "30;x", "٣٠"],
)
def test_limits_that_make_no_sense(text: str) -> None:
    assert to_limit(text) is None


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        # Nine tenths of the limit.
        ({"highway": "primary", "maxspeed": "30 mph"}, 27 * MPH),
        ({"highway": "trunk", "maxspeed": "national"}, 54 * MPH),
        ({"highway": "motorway", "maxspeed": "national"}, 63 * MPH),
        ({"highway": "trunk", "maxspeed:type": "GB:nsl_dual"}, 63 * MPH),
        ({"highway": "trunk", "source:maxspeed": "GB:nsl_single"}, 54 * MPH),
        ({"highway": "residential", "maxspeed": "20 mph"}, 18 * MPH),
        # Small streets have ceilings.
        ({"highway": "unclassified", "maxspeed": "60 mph"}, 64.0),
        ({"highway": "service", "maxspeed": "30 mph"}, 24.0),
        # No limit, or none that can be read, or a word on its source that is none.
        ({"highway": "tertiary"}, 42.0),
        ({"highway": "tertiary", "maxspeed": "fast"}, 42.0),
        ({"highway": "tertiary", "maxspeed": "none"}, 42.0),
        ({"highway": "tertiary", "source:maxspeed": "survey"}, 42.0),
        ({"highway": "residential"}, 29.0),
        ({"highway": "service"}, 16.0),
    ],
)
def test_driving_speeds(tags: Tags, kmh: float) -> None:
    assert to_use(tags, DRIVE).backward_kmh in (0.0, pytest.approx(kmh))
    assert to_use(tags, DRIVE).forward_kmh == pytest.approx(kmh)
    assert to_use(tags, DRIVE).unread == (tags.get("maxspeed") == "fast")


def test_a_limit_may_differ_by_direction() -> None:
    tags = {"highway": "primary", "maxspeed": "40 mph", "maxspeed:backward": "30 mph"}
    use = to_use(tags, DRIVE)
    assert (use.forward_kmh, use.backward_kmh) == pytest.approx((36 * MPH, 27 * MPH))


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "residential"}, ORDINARY),
        ({"highway": "service"}, MINOR),
        ({"highway": "motorway"}, FLOWING),
        ({"highway": "trunk_link"}, FLOWING),
        ({"highway": "primary", "junction": "roundabout"}, FLOWING),
    ],
)
def test_kinds_of_street_at_junctions(tags: Tags, kind: int) -> None:
    assert to_use(tags, DRIVE).kind == kind


@pytest.mark.parametrize(
    ("tags", "cars", "cycles"),
    [
        ({"barrier": "bollard"}, True, False),
        ({"barrier": "bollard", "access": "yes"}, True, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False, False),
        ({"barrier": "bollard", "bicycle": "no"}, True, True),
        ({"barrier": "block"}, True, False),
        ({"barrier": "cycle_barrier"}, True, False),
        ({"barrier": "stile"}, True, True),
        ({"barrier": "kissing_gate", "bicycle": "yes"}, True, False),
        ({"barrier": "gate"}, False, False),
        ({"barrier": "gate", "access": "no"}, True, True),
        ({"barrier": "gate", "access": "private", "bicycle": "yes"}, True, False),
        ({"barrier": "gate", "motor_vehicle": "no", "bicycle": "yes"}, True, False),
        ({"barrier": "gate", "locked": "yes"}, True, True),
        ({"barrier": "gate", "locked": "yes", "bicycle": "yes"}, True, False),
        ({"barrier": "lift_gate"}, False, False),
        ({"barrier": "cattle_grid"}, False, False),
        ({"barrier": "toll_booth"}, False, False),
        ({"highway": "crossing"}, False, False),
    ],
)
def test_barriers(tags: Tags, cars: bool, cycles: bool) -> None:
    assert (is_barrier(tags, "drive"), is_barrier(tags, "cycle")) == (cars, cycles)


@pytest.mark.parametrize(
    ("tags", "signal"),
    [
        ({"highway": "traffic_signals"}, True),
        ({"highway": "crossing;traffic_signals"}, True),
        ({"highway": "traffic_signals", "traffic_signals": "signal"}, True),
        ({"highway": "traffic_signals", "traffic_signals": "pedestrian_crossing"}, False),
        ({"highway": "crossing", "crossing": "traffic_signals"}, False),
        ({"highway": "mini_roundabout"}, False),
    ],
)
def test_signals(tags: Tags, signal: bool) -> None:
    assert is_signal(tags) is signal


@pytest.mark.parametrize("kmh", [0.0, -1.0, float("nan"), float("inf"), 1000.0])
def test_speeds_that_cannot_be_are_refused(kmh: float) -> None:
    with pytest.raises(TravelError, match="cannot be"):
        CycleSettings(cycle_kmh=kmh)
    with pytest.raises(TravelError, match="cannot be"):
        DriveSettings(class_kmh={**CLASS_KMH, "primary": kmh})


def test_a_class_without_a_speed_is_refused() -> None:
    with pytest.raises(TravelError, match="primary"):
        DriveSettings(class_kmh={key: 30.0 for key in CLASS_KMH if key != "primary"})


@pytest.mark.parametrize("wrong", [{"limit_share": 0.0}, {"signal_seconds": -1.0}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(TravelError, match="cannot be"):
        DriveSettings(**wrong)


def test_methods_say_what_is_not_in_the_times() -> None:
    assert "15 km/h" in CycleSettings().method
    assert "no congestion, parking not counted" in DriveSettings().method
