"""Which tables are written, with which columns, in which order?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.export.before_after import MEANINGS as BEFORE_AFTER_MEANINGS
from planner.export.cells import MEASURE_DECIMALS, round_columns
from planner.export.hubs import MEANINGS as HUB_MEANINGS
from planner.export.hubs import build_hubs_file
from planner.export.outreach import MEANINGS as OUTREACH_MEANINGS
from planner.travel.getting_about import MODE_WORDS

if TYPE_CHECKING:
    from planner.plan import Plan
    from planner.travel.times import Mode

SERVICE_COLUMNS = [
    "offer_id",
    "kind",
    "partner",
    "venue_id",
    "venue_name",
    "address",
    "postcode",
    "venue_status",
    "lon",
    "lat",
    "easting",
    "northing",
    "opening",
    "rooms",
    "capacity",
    "capacity_unit",
    "sessions",
    "serves",
    "service_name",
    "languages",
    "accessibility",
    "co_located_with",
    "publisher",
    "dataset",
    "licence",
    "file",
    "row",
    "reason",
]
#: What a column of a file means; in the Parquet files beside each column.
MEANINGS = {
    **BEFORE_AFTER_MEANINGS,
    **HUB_MEANINGS,
    **OUTREACH_MEANINGS,
    "area_code": "Official code of the small area",
    "area_name": "Its name",
    "population": "Residents, people",
    "need_score": "Need, high = worse, all domains",
    "need_rank": "Rank within the place, 1 = greatest need",
    "need_decile": "Tenth within the place, 1 = greatest need",
    "need_rank_national": "The publisher's own national rank, 1 = greatest need",
    "need_score_access_use": "Need without any access domain, for use beside access",
    "need_rank_low": "Ranks that nine draws in ten lie in (or the share set), the one nearer to 1",
    "need_rank_high": "The same, the other end",
    "need_worst_probability": "Share of draws in which the area is in the worst part, 0-1 (a "
    "tenth unless [robustness] worst says otherwise)",
    "need_sure": "high: in the worst part in nearly all draws ([robustness] sure); low: out of "
    "it in as many; depends",
    "need_moved_most": "The assumption that moves the rank most",
    "worst_tenth_count": "In how many of the chosen domains the area is in the worst tenth",
    "worst_fifth_count": "The same for the worst fifth",
    "tandem_least_bad": "Percentile of the least bad of the chosen domains, 0-1, 1 = greatest need",
    "tandem_combination_fifth": "The chosen domains in whose worst fifth the area is",
    "need_cluster": "Local Moran: high_high is great need among great need; after false-discovery "
    "control",
    "need_hotspot": "Getis-Ord G*: hot, cold or none; after false-discovery control",
    "type_id": "Type of neighbourhood, 1 = greatest mean need; empty: not typed",
    "type_name": "Type of neighbourhood in words; not typed where a figure it needs is missing",
    "tentative": "Whether the type came back too seldom when areas were drawn anew",
    "certainty": "Share of draws in which the area lands in its type, 0-1; not the chance that the "
    "type is true",
    "second_type": "The other type it lands in most often, or else is nearest to",
    "second_share": "Share of draws in which it lands there, 0-1",
    "probability": "Probability of its type by the mixture, 0-1; empty for other methods",
    "distance": "From the centre of its type, over the columns that codebook.json describes",
    "nearest_other_type": "Of all other types the one whose centre is nearest",
    "nearest_other_distance": "How far that one is",
    "gap_rank": "Rank of the gap for the bundle, 1 = largest",
    "gap_score": "Need percentile × shortfall percentile, 0-1",
    "gap_reason": "Why, in words",
    "gap_status": "gap, relatively_further, within_standard or no_data",
    "gap_share": "Share of draws in which it is still a gap, 0-1",
    "greatest_share": "Share of draws in which it is a gap among the greatest ([gaps] greatest), "
    "0-1",
    "gap_rank_low": "Ranks of the gap that nine draws in ten lie in, the one nearer to 1",
    "gap_rank_high": "The same, the other end",
    "gap_share_threshold": "Share of draws in which it is still a gap if only the standard varies, "
    "0-1",
    "gap_share_speed": "The same if only the speed on foot varies; empty: it does not matter here",
    "gap_share_departure": "The same if only the minute of leaving varies; empty: it does not "
    "matter here",
    "standard_minutes": "Minutes of the standard; of the bundle, that of the kind that breaks its "
    "own most",
    "standard_way": "Key of the way that the standard is judged by, such as walk",
    "standard_minutes_taken": "Minutes by that way; empty: not reached",
    "breaches": "Whether the standard is broken",
    "bundle_trip_minutes": "Shortest round trip to one of each service of the bundle, time spent "
    "there included, people's median",
    "bundle_trip_status": "reached, or why there is no trip",
    "one_stop_minutes": "Minutes to the nearest single place with the whole bundle",
    "one_stop_status": "reached, or why there are no minutes",
    "hand_offs": "Places that must be visited for the whole bundle, at least",
    "hand_offs_status": "reached, or why there is no number",
    "fragmentation_ratio": "Bundle trip ÷ the round trip if all of it were at the best existing "
    "venue",
    "signature": "Services of the bundle that are out of reach; none; not known",
    "share_connected": "Share of the area's people on the street network, 0-1",
    "way": "How people get about; transit85: public transport, 85 times in 100 no longer",
    "measure": "What was measured",
    "setting": "With what it was measured: how many, minutes, shape of decay, method, hours",
    "title": "The measure in words",
    "unit": "Unit of the value",
    "better": "Whether less or more of it is better",
    "method": "How it was worked out, and who proposed it",
    "kind": "Kind of service, bundle or jobs",
    "threshold": "Minutes of the threshold, empty for none",
    "value": "Minutes, number or share, by measure; empty unless status is reached",
    "status": "reached, or why there is no value",
}

#: Columns that there are for each way of getting about.
_BY_WAY = {
    "minutes": "Minutes to the nearest, people's median,",
    "status": "Reached, or why there are no minutes,",
    "within20": "Number within 20 minutes",
    "jobs_within45": "Jobs within 45 minutes",
}

#: Columns that there are for each type.
_BY_TYPE = {
    "probability": "Probability of type",
    "share_of_draws": "Share of the draws of areas in which it lands in type",
}


def meaning_of(column: str) -> str:
    """Return what a column means, "" where its name says it."""
    for start, words in _BY_WAY.items():
        match = re.match(rf"{start}_(walk|cycle|drive|transit)(\d*)(_|$)", column)
        if match:
            how = MODE_WORDS[cast("Mode", match[1])]
            sure = f", kept to {match[2]} times in 100" if match[2] else ""
            return f"{words} {how}{sure}"
    match = re.match(r"(probability|share_of_draws)_(\d+)$", column)
    if match:
        return f"{_BY_TYPE[match[1]]} {match[2]}, 0-1"
    return MEANINGS.get(column, "")


def build_areas_file(plan: Plan) -> gpd.GeoDataFrame:
    """Return one row an area, sorted by code, at the decimals of the files."""
    table = plan.areas.sort_index().reset_index()
    rounded = round_columns(pd.DataFrame(table.drop(columns=table.geometry.name)))
    return gpd.GeoDataFrame(rounded, geometry=table.geometry.to_numpy(), crs=table.crs)


def build_access_file(plan: Plan) -> pd.DataFrame:
    """Return every access measure by every way, long, at the decimals of its kind."""
    table = pd.concat([access.table for access in plan.access_by.values()], ignore_index=True)
    value = table["value"].to_numpy(dtype=float).copy()
    for start, decimals in MEASURE_DECIMALS.items():
        here = table["measure"].str.startswith(start).to_numpy(dtype=bool)
        value[here] = np.round(value[here], decimals) + 0.0
    jobs = (table["measure"] == "jobs_within").to_numpy(dtype=bool)
    value[jobs] = np.round(value[jobs], 0) + 0.0
    table["value"] = value
    table["percentile"] = table["percentile"].astype("Int64")
    table["threshold"] = table["threshold"].astype(float)
    return table


def build_services_file(plan: Plan) -> pd.DataFrame:
    """Return one row an offer with its venue, then rows that could not be placed and why."""
    services = plan.services
    venues = services.venues
    degrees = venues.geometry.to_crs(4326)
    at = pd.DataFrame(
        {
            "venue_name": venues["venue_name"],
            "address": venues["address"],
            "postcode": venues["postcode"],
            "venue_status": venues["status"],
            "rooms": venues["rooms"],
            "opening": venues["opening"],
            "accessibility": venues["accessibility"],
            "co_located_with": venues["co_located_with"],
            "lon": degrees.x,
            "lat": degrees.y,
            "easting": venues.geometry.x,
            "northing": venues.geometry.y,
        },
        index=venues.index,
    )
    offers = services.offers.join(at, on="venue_id").reset_index()
    for column in ("publisher", "dataset", "licence", "file"):
        of_source = [getattr(source, column) for source in services.sources]
        offers[column] = [
            of_source[i] if 0 <= i < len(of_source) else "" for i in offers["source"].astype(int)
        ]
    unplaced = services.unplaced.rename(columns={"name": "venue_name"}).assign(
        venue_status="unplaced"
    )
    unplaced = unplaced.sort_values(["kind", "file", "row"], kind="stable")
    rows = [
        part.reindex(columns=SERVICE_COLUMNS).astype(object)
        for part in (offers.sort_values("offer_id", kind="stable"), unplaced)
        if len(part)
    ]
    if not rows:
        return pd.DataFrame(columns=SERVICE_COLUMNS)
    return pd.concat(rows, ignore_index=True)


def build_venue_points(plan: Plan) -> gpd.GeoDataFrame:
    """Return venues with the kinds offered at each, for the geographic file."""
    venues = plan.services.venues
    offers = plan.services.offers
    kinds = offers.groupby("venue_id")["kind"].agg(lambda found: ";".join(sorted(set(found))))
    table = venues.drop(columns="geometry").rename(columns={"status": "venue_status"})
    table["kinds"] = kinds.reindex(venues.index).fillna("")
    return gpd.GeoDataFrame(
        table.reset_index(), geometry=venues.geometry.to_numpy(), crs=venues.crs
    )


def build_hub_points(plan: Plan) -> gpd.GeoDataFrame | None:
    """Return the chosen hubs as points; None where there are none."""
    if plan.hubs is None or plan.hubs.chosen.empty:
        return None
    table = round_columns(build_hubs_file(plan))
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["x"], table["y"]), crs=plan.area.areas.crs
    )
