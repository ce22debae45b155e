"""What does it take to put the whole bundle together, what is missed together, how fair is it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from planner.access import BUNDLE
from planner.report.findings import bundle_gaps
from planner.report.tables import ROWS, Table
from planner.report.timed import say_how_timed, say_minutes_of
from planner.report.words import say_count, say_minutes, say_share
from planner.standards import kind_words
from planner.wording import say_list

if TYPE_CHECKING:
    from planner.plan import Plan


def find_bundle(plan: Plan) -> tuple[str, ...]:
    """Say what is out of reach together, and how long a trip to everything takes.

    Trips by timetable are indicative, each leg timed by itself, but for those of the greatest gaps.
    """
    if plan.bundles is None:
        return ()
    bundles = plan.bundles
    found = list(bundles.signatures.findings)
    people = plan.area.place["population"].astype("float64")
    if bundles.trips is not None and bundles.fragmentation is not None:
        areas = bundles.areas
        minutes = areas["bundle_trip_minutes"].where(areas["bundle_trip_status"] == "reached")
        known = minutes.notna() & (people > 0)
        if known.any():
            middle = _middle(minutes[known], people[known])
            ratio = areas["fragmentation_ratio"]
            both = ratio.notna() & known
            text = (
                f"{_name_trip(bundles.trips.rules.kinds)} and home takes "
                f"{say_minutes(middle)} or more for half of the people in areas where it can be "
                "done, time spent there included"
            )
            if both.any():
                text += (
                    f". Half of the people need at least {_middle(ratio[both], people[both]):.1f} "
                    "times as long as if all of it were at the existing venue that suits their "
                    "area best"
                )
            found.append(f"{text}.")
        if how := say_how_timed(plan):
            found.append(how)
    found += [note.text for note in bundles.notes]
    return (*found, bundles.signatures.caveat)


def _name_trip(kinds: Sequence[str]) -> str:
    if len(kinds) == 1:
        return f"A trip to the {kind_words(kinds[0])}"
    return f"One trip to each of the {len(kinds)} services"


def build_signatures_table(plan: Plan) -> Table | None:
    """Return which services are out of reach together, and for whom."""
    if plan.bundles is None or plan.bundles.signatures.combinations.empty:
        return None
    rows = [
        (
            name_signature(str(row.signature)),
            say_count(row.areas),
            say_count(row.people),
            say_share(row.people_share) if not math.isnan(row.people_share) else "not known",
        )
        for row in plan.bundles.signatures.combinations.head(ROWS).itertuples()
    ]
    return Table(
        caption="Which services of the bundle are out of reach together",
        columns=("Out of reach", "Areas", "People", "Share of people"),
        rows=tuple(rows),
        numeric=frozenset({1, 2, 3}),
        note=plan.bundles.signatures.method,
    )


def build_trips_table(plan: Plan) -> Table | None:
    """Return the trip to the whole bundle for the areas with the largest gaps."""
    if plan.bundles is None or plan.bundles.trips is None:
        return None
    areas, place = plan.bundles.areas, plan.area.place
    one_stop = plan.bundles.one_stop
    nowhere = one_stop is None or any(
        note.what == "bundle_no_single_place" for note in one_stop.notes
    )
    rows = []
    for code in bundle_gaps(plan)["area_code"].head(10):
        row = areas.loc[code]
        rows.append(
            (
                str(place.loc[code, "area_name"]),
                str(code),
                say_minutes_of(
                    plan, code, row["bundle_trip_minutes"], str(row["bundle_trip_status"])
                ),
                name_stops(plan, str(row["bundle_trip_venues"])),
                "no such place"
                if nowhere
                else say_minutes(row["one_stop_minutes"], str(row["one_stop_status"])),
                say_count(row["hand_offs"]) if pd.notna(row["hand_offs"]) else "not possible",
                f"{row['fragmentation_ratio']:.2f}"
                if pd.notna(row["fragmentation_ratio"])
                else "not known",
            )
        )
    return Table(
        caption="One trip to the whole bundle, for the areas with the largest gaps",
        columns=(
            "Area",
            "Code",
            "Round trip",
            "In this order",
            "Nearest single place with all of it",
            "Places to visit, at least",
            "Fragmentation ratio",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 4, 5, 6}),
        note=f"{plan.bundles.trips.method} Fragmentation ratio: the trip"
        f"{', its legs timed one by one,' if plan.bundles.trips.indicative else ''} ÷ the round "
        "trip if all of it were at the existing venue that suits the area best.",
    )


def build_fairness_table(plan: Plan) -> Table | None:
    """Return how fairly minutes to each kind fall over people, with what the figures mean."""
    rows = []
    for kind, equity in plan.equity.items():
        if "concentration_corrected" not in equity.table.index:
            continue
        row = equity.table.loc["concentration_corrected"]
        words = "the whole bundle (its slowest)" if kind == BUNDLE else kind_words(kind)
        beyond = equity.table["value"].get("poverty_share", math.nan)
        rows.append(
            (
                words[:1].upper() + words[1:],
                _interval(row),
                str(row["meaning"]),
                _interval(equity.table.loc["gini"]) if "gini" in equity.table.index else "",
                say_share(beyond) if not math.isnan(beyond) else "not given",
            )
        )
    if not rows:
        return None
    return Table(
        caption="How fairly minutes fall, from the people with most need to those with least",
        columns=(
            *("Nearest", "Concentration index", "What it means", "Gini coefficient"),
            "People beyond the standard, of those known",
        ),
        rows=tuple(rows),
        numeric=frozenset({1, 3, 4}),
        note="Erreygers' corrected concentration index: below 0, people in greater need have "
        f"further to go.{_say_draws(plan)} For the whole bundle, people for whom any of its "
        "services is beyond its standard. More indices are in equity.csv.",
    )


def _say_draws(plan: Plan) -> str:
    settings = plan.project.spec.equity
    if settings.bootstraps == 0:
        return ""
    return f" In brackets {say_share(settings.interval)} of bootstrap draws over areas."


def _interval(row: pd.Series) -> str:
    if math.isnan(row["value"]):
        return "not known"
    value, low, high = (_two_decimals(row[name]) for name in ("value", "low", "high"))
    return value if math.isnan(row["low"]) else f"{value} ({low} to {high})"


def _two_decimals(value: float) -> str:
    # No minus before a zero.
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _middle(values: pd.Series, people: pd.Series) -> float:
    order = values.sort_values(kind="stable").index
    passed = people[order].cumsum()
    return float(values[order][passed >= passed.iloc[-1] / 2].iloc[0])


def name_signature(text: str, *, sentence: bool = False) -> str:
    """Return what is out of reach in words, or that nothing is, or that it is not known."""
    if text == "none":
        return "Everything is within reach." if sentence else "Nothing: all within reach"
    if text == "not known":
        return "Whether all of it is within reach is not known." if sentence else "Not known"
    words = say_list([kind_words(kind) for kind in text.split(" + ")])
    return f"Out of reach: {words}." if sentence else words[:1].upper() + words[1:]


def name_stops(plan: Plan, text: str) -> str:
    """Return the venues of a trip by name, in the order they are visited."""
    names = plan.services.venues["venue_name"].astype(str)
    stops = [stop for stop in text.split("; ") if stop]
    return " → ".join(names.get(stop, stop) or stop for stop in stops) or "no trip"
