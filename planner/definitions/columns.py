"""Which definition belongs to a column of a file, and why do some columns need none?"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Definition → columns of the files that hold it (whole names, as patterns).
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "population": ("population", "people", "areas_people"),
    "need_score": ("need_score", "need_score_mean"),
    "need_rank": ("need_rank",),
    "need_decile": ("need_decile", "need_tenth"),
    "need_rank_national": ("need_rank_national",),
    "need_without_access": ("need_score_access_use", "need_percentile"),
    "need_interval": ("need_rank_low", "need_rank_high"),
    "need_sureness": ("need_worst_probability", "need_sure", "need_moved_most"),
    "worst_domains": ("worst_tenth_count", "worst_fifth_count", "tandem_combination_fifth"),
    "least_bad": ("tandem_least_bad",),
    "need_clusters": ("need_cluster", "need_hotspot"),
    "inactivity": ("not_working",),
    "life_expectancy": ("life_expectancy.*",),
    "demand": ("demand", "demand_by"),
    "type": ("type_id", "type_name", "second_type"),
    "type_certainty": ("certainty", "tentative", "second_share", r"share_of_draws_\d+"),
    "type_probability": ("probability", r"probability_\d+"),
    "type_distance": ("distance", "nearest_other_type", "nearest_other_distance"),
    "minutes_nearest": (r"minutes_(walk|cycle|drive|transit)_(?!bundle).+", "minutes", "value"),
    "reliable_minutes": (r"minutes_transit\d+_.+",),
    "journey_status": (r"status_(walk|cycle|drive|transit)\d*_.+", "status", ".+_status"),
    "count_within": (r"(jobs_)?within\d+_.+",),
    "share_connected": ("share_connected",),
    "people_without_car": ("people_without_car", "no_car"),
    "slowest_nearest": (r"minutes_(walk|cycle|drive|transit)\d*_bundle",),
    "access_measure": ("setting", "better"),
    "spread_of_measure": ("value_lowest", "value_median", "value_highest"),
    "bundle_trip": ("bundle_trip_minutes",),
    "one_stop": ("one_stop_minutes",),
    "hand_offs": ("hand_offs",),
    "fragmentation": ("fragmentation_ratio",),
    "signature": ("signature",),
    "fairness": ("index", "concentration.*"),
    "standard": ("standard_minutes", "standard_way", "standard_minutes_taken", "breaches"),
    "gap_status": ("gap_status", "gap_reason"),
    "gap_score": ("gap_score", "shortfall_percentile"),
    "gap_rank": ("gap_rank",),
    "gap_sureness": ("gap_share.*", "greatest_share", "gap_rank_low", "gap_rank_high"),
    "winners_and_losers": (
        *("people_(winning|losing|net|mixed|unchanged|not_known|sooner|longer)", "change"),
        *("people_(reached_first|no_longer_reached|gap_closed|gap_opened)",),
        *("areas_(winning|losing)",),
    ),
    "before_and_after": (
        *("minutes_(before|after|change)", "minutes_median_(before|after)"),
        *("status_(before|after)", "gap_(before|after|change)"),
        *("(venues|offers|kinds)_(before|after)",),
    ),
    "change_in_fairness": (
        *("value_(before|after|change)", "value_(before|after)_(low|high)"),
        *("within_intervals", "meaning_(before|after)"),
    ),
    "group_change": ("group", "share_(winning|losing)"),
    "candidate": ("candidates", "role", "site_status", "as_stated"),
    "hub_choice": (
        *("model", "measure", "objective", "bound", "solver_status", "cannot_be_had"),
        *("penalty_minutes", "objective_before", "asked_for", "share_asked", "within_minutes"),
    ),
    "minutes_saved": ("minutes_saved", "minutes_saved_mean", "mean_minutes_saved"),
    "people_gaining": ("people_gaining", "gains", "people_gained"),
    "people_nearest": ("areas_nearest", "people_nearest"),
    "people_within_reach": (
        *("people_within_reach", "people_within_reach_share", "reach_minutes"),
        *("need_weighted_people_within_reach", "people_in_reach"),
    ),
    "journey_to_hub": (
        *("hub_minutes", "over_by", "mean_minutes", "longest_minutes", "worst_off_mean_minutes"),
    ),
    "other_plans": (
        *("sites_opened", "gain", "venue_ids_(added|left_out|instead)", "plan", "found_as"),
        *("sites_different_from_best", "worse_than_best_share", "proved", "point", "middle"),
    ),
    "hub_steadiness": ("draws_chosen", "share_of_draws", "share_if_only_.+_varies"),
    "regret": (
        *("regret", "regret_share", "greatest_regret_share", "chosen_if", "true_if", "allowed"),
        *("objective_best", "mean_minutes_more", "people_within_reach_fewer"),
    ),
    "cost": ("cost", "budget"),
    "bundle_siting": ("action", "whole_bundle"),
    "rota": ("setup_from", "travel_minutes_before", "hours_allowed", "waiting_hours"),
    "served": ("served", "share_before", "share_after", "most_served_alone"),
    "shared_outcomes": (
        *("reach_score", "clients_within_reach", "sessions_(given|hosted)", "hours_spent"),
        *("offers_without_(sessions|hours)", "need_domain"),
    ),
}

#: What some names mean in tables of hubs, whose files begin with ``hub`` or ``bundle_siting``.
_IN_HUBS: Mapping[str, str] = {
    "gap_share": "hub_choice",
    "minutes": "journey_to_hub",
    "hub_status": "journey_status",
    "status": "hub_choice",
    "minutes_before": "minutes_saved",
    "minutes_after": "minutes_saved",
}

#: Why columns need no definition → these columns (whole names, as patterns).
_NONE: Mapping[str, tuple[str, ...]] = {
    "It names or numbers something and is no figure.": (
        *("area_code", "area_name", ".*_(id|ids|name)", "hub", "partner", "kind", "title"),
        "larger_(code|name)",
    ),
    "It says where something is.": ("x", "y", "lon", "lat"),
    "It says how another column of the row is to be read.": (
        *("way", "measure_unit", "unit", "objective_unit", "method", "threshold", "percentile"),
        "caution",
    ),
    "It counts the rows that another figure rests on.": ("areas", "areas_with_value"),
}


def find_id(column: str, *, file: str = "") -> str:
    """Return the id of the definition of a column, "" where it has none."""
    if file.startswith(("hub", "bundle_siting")) and column in _IN_HUBS:
        return _IN_HUBS[column]
    return _match(column, _COLUMNS)


def find_reason(column: str) -> str:
    """Return why a column needs no definition, "" where nobody said."""
    return _match(column, _NONE)


def _match(column: str, lists: Mapping[str, tuple[str, ...]]) -> str:
    """Return the first key one of whose patterns is the whole column."""
    for key, patterns in lists.items():
        if any(re.fullmatch(pattern, column) for pattern in patterns):
            return key
    return ""
