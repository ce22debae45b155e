"""Local knowledge stands beside the official data: both values, who, when, and if it fitted."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from places import CODES, tiny_area, tiny_layers
from shapely.geometry import Point

from planner.area import CRS
from planner.ledger import Source
from planner.local_knowledge import LocalKnowledge, build_local_knowledge, build_local_table
from planner.scenario import CloseVenue, MoveVenue, OpenVenue
from planner.services import OFFER_COLUMNS, VENUE_COLUMNS, Services
from planner.sources.corrections import Correction

FILE = Source(publisher="P", dataset="D", licence="L", vintage="V", file="local.csv")


def services_of() -> Services:
    venues = gpd.GeoDataFrame(
        [
            ["Mill Hill Library", "", "", "existing", np.nan, "", Point(430500, 390500)],
            ["Twin", "", "", "existing", np.nan, "", Point(431500, 390500)],
            ["Twin", "", "", "existing", np.nan, "", Point(432500, 390500)],
        ],
        columns=VENUE_COLUMNS,
        index=pd.Index(["v1", "v2", "v3"], name="venue_id"),
        geometry="geometry",
        crs=CRS,
    )
    rows = [[v, "library", "Council", 30.0, "", "", "anyone", 0] for v in ("v1", "v2", "v3")]
    offers = pd.DataFrame(
        rows, columns=OFFER_COLUMNS, index=pd.Index(["o1", "o2", "o3"], name="offer_id")
    )
    unplaced = pd.DataFrame(columns=["kind", "name", "postcode", "reason", "file", "row"])
    return Services(venues=venues, offers=offers, unplaced=unplaced, sources=(FILE,))


def said(
    action: str, subject: str, field: str = "", value: str = "", *, row: int = 2, author: str = ""
) -> Correction:
    return Correction(
        file="local.csv",
        row=row,
        action=action,  # type: ignore[arg-type]
        subject=subject,
        field=field,
        value=value,
        author=author,
        date="2026-02-03",
        note="seen",
    )


def apply(*lines: Correction, private: tuple[str, ...] = ()) -> LocalKnowledge:
    return build_local_knowledge(
        services_of(), tiny_layers(), tiny_area(), lines, sources=[FILE], private=private
    )


@pytest.mark.parametrize(
    ("field", "value", "official", "column", "now"),
    [
        ("name", "The Hub", "Mill Hill Library", "venue_name", "The Hub"),
        ("status", "closed", "existing", "status", "closed"),
        ("opening", "Tuesday 10am - 12noon", "", "opening", "Tu 10:00-12:00"),
    ],
)
def test_a_venue_is_put_right_and_the_official_value_kept(
    field: str, value: str, official: str, column: str, now: str
) -> None:
    local = apply(said("correct", "mill hill LIBRARY", field, value))
    row = local.ledger.loc[1]
    assert local.services.venues.loc["v1", column] == now
    assert (row["official_value"], row["local_value"], row["applied"]) == (official, value, "yes")
    assert (row["subject_id"], row["date"], row["note"]) == ("v1", "2026-02-03", "seen")


def test_a_position_is_two_rows_and_one_change() -> None:
    local = apply(
        said("correct", "v1", "easting", "431000"), said("correct", "v1", "northing", "390900")
    )
    assert local.changes == (MoveVenue(venue_id="v1", x=431000.0, y=390900.0),)
    assert local.ledger["official_value"].tolist() == ["430500.0", "390500.0"]


def test_half_a_position_is_not_applied() -> None:
    local = apply(said("correct", "v1", "lon", "-2.3"))
    assert local.changes == ()
    assert "two rows" in local.ledger.loc[1, "applied"]


def test_capacity_serves_and_kinds_change_offers() -> None:
    local = apply(
        said("correct", "v1", "capacity:library", "12"),
        said("correct", "v1", "serves", f"{CODES[1]};{CODES[0]}"),
        said("correct", "v1", "kinds", "library; food bank"),
    )
    offers = local.services.offers[local.services.offers["venue_id"] == "v1"].set_index("kind")
    assert offers.loc["library", "capacity"] == 12
    assert offers.loc["library", "serves"] == f"{CODES[0]};{CODES[1]}"
    assert list(offers.index) == ["library", "food_bank"]
    assert local.ledger["official_value"].tolist() == ["30", "anyone", "library"]


def test_details_are_put_right_and_the_official_ones_kept() -> None:
    local = apply(
        said("correct", "v1", "accessibility", "step-free; lift"),
        said("correct", "v1", "co_located_with", "Nursery"),
        said("correct", "v1", "languages:library", "Welsh, English"),
        said("correct", "v1", "languages", "Polish"),
        said("correct", "v1", "service_name", "Mill Hill reads"),
    )
    venue, offer = local.services.venues.loc["v1"], local.services.offers.loc["o1"]
    assert venue[["accessibility", "co_located_with"]].tolist() == ["step-free; lift", "Nursery"]
    assert offer[["languages", "service_name"]].tolist() == ["Polish", "Mill Hill reads"]
    assert local.ledger["official_value"].tolist() == ["", "", "", "English;Welsh", ""]
    assert set(local.ledger["applied"]) == {"yes"}


def test_a_new_venue_brings_its_details() -> None:
    lines = {"kinds": "advice", "easting": "430100", "northing": "390100", "languages": "Urdu"}
    lines["accessibility"] = "ramp"
    local = apply(*(said("open", "Hall", field, value) for field, value in lines.items()))
    assert local.services.venues.loc["local:hall", "accessibility"] == "ramp"
    assert local.services.offers.loc["local:hall/advice", "languages"] == "Urdu"


def test_kinds_that_are_not_named_are_closed() -> None:
    local = apply(said("correct", "v1", "kinds", "gp"))
    kinds = local.services.offers.loc[local.services.offers["venue_id"] == "v1", "kind"]
    assert kinds.tolist() == ["gp"]


def test_a_venue_closes() -> None:
    local = apply(said("close", "v1"))
    assert local.changes == (CloseVenue(venue_id="v1"),)
    assert local.ledger.loc[1, ["field", "official_value", "local_value"]].tolist() == [
        "status",
        "existing",
        "closed",
    ]


def test_a_venue_opens_from_rows_that_belong_together_and_has_their_file_as_source() -> None:
    local = apply(
        said("open", "Chapel Hall", "kinds", "food_bank"),
        said("open", "Chapel Hall", "easting", "430100", row=3),
        said("open", "Chapel Hall", "northing", "390100", row=4),
    )
    [change] = local.changes
    assert isinstance(change, OpenVenue)
    assert (change.venue_id, change.x, change.kinds) == (
        "local:chapel-hall",
        430100,
        ("food_bank",),
    )
    offer = local.services.offers.query("venue_id == 'local:chapel-hall'").iloc[0]
    assert local.services.sources[offer["source"]] == FILE


def test_a_new_venue_can_be_put_right_in_the_same_file() -> None:
    local = apply(
        said("correct", "Chapel Hall", "opening", "Mo-Fr 09:00-17:00"),
        said("open", "Chapel Hall", "kinds", "food_bank"),
        said("open", "Chapel Hall", "easting", "430100"),
        said("open", "Chapel Hall", "northing", "390100"),
    )
    assert local.services.venues.loc["local:chapel-hall", "opening"] == "Mo-Fr 09:00-17:00"


def test_an_areas_figure_is_corrected_and_marked() -> None:
    local = apply(said("correct", CODES[0], "income", "0.2"))
    assert local.layers.values.loc[CODES[0], "income"] == 0.2
    assert local.layers.status.loc[CODES[0], "income"] == "corrected"
    assert local.ledger.loc[1, "official_value"] == "0.4"
    assert local.layers.coverage(pd.Index(CODES)).loc["income", "corrected"] == 1


def test_a_note_changes_nothing() -> None:
    local = apply(said("note", CODES[0], value="market day"), said("note", "nobody knows this"))
    assert local.changes == ()
    assert local.ledger["applied"].tolist() == ["recorded", "recorded"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (said("close", "Nowhere Hall"), "no venue or area"),
        (said("close", "Twin"), "2 venues are called"),
        (said("close", CODES[0]), "cannot be closed"),
        (said("correct", "v1", "opening", "when it suits"), "opening times"),
        (said("correct", "v1", "status", "haunted"), "not a venue status"),
        (said("correct", "v1", "capacity", "many"), "not a number"),
        (said("correct", "v1", "capacity:gp", "3"), "offers no 'gp'"),
        (said("correct", "v1", "serves", "E01999999"), "areas here"),
        (said("correct", "v1", "kinds", "<script>"), "a kind that is none"),
        (said("correct", "v1", "colour", "red"), "no field"),
        (said("correct", CODES[0], "magic", "1"), "no layer"),
        (said("correct", CODES[0], "income", "40"), "between 0 and 1"),
        (said("correct", CODES[0], "cases", "40"), "private"),
        (said("open", "Hall", "kinds", "gp"), "position"),
    ],
)
def test_what_does_not_fit_is_listed_and_the_rest_goes_on(line: Correction, why: str) -> None:
    local = apply(line, said("close", "v3"), private=("cases",))
    assert why in local.ledger.loc[1, "applied"]
    assert local.ledger.loc[2, "applied"] == "yes"
    assert any(note.what == "local_not_applied" for note in local.notes)


def test_names_stand_in_nothing_unless_they_may() -> None:
    local = apply(said("close", "v1"), said("close", "v3", author="A. Person"))
    assert local.ledger["author"].tolist() == ["a partner", "A. Person"]


def test_inputs_are_left_as_they_were() -> None:
    services, layers = services_of(), tiny_layers()
    before = services.venues.copy(), layers.values.copy()
    build_local_knowledge(
        services,
        layers,
        tiny_area(),
        [said("close", "v1"), said("correct", CODES[0], "income", "0.9")],
    )
    assert services.venues.equals(before[0])
    assert layers.values.equals(before[1])


def test_the_written_table_has_the_effects_beside_each_line() -> None:
    local = apply(said("close", "v1"))
    effects = pd.DataFrame(
        {"areas_changed": [2], "people_affected": [2000.0], "effect": ["further"], "areas": ["x"]},
        index=local.ledger.index,
    )
    table = build_local_table(dataclasses.replace(local, effects=effects))
    assert table.loc[0, ["subject", "people_affected", "effect"]].tolist() == [
        "v1",
        2000,
        "further",
    ]
