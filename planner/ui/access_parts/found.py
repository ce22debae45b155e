"""What did the page find, in one sentence or two, and which areas are without a figure?"""

from __future__ import annotations

import pandas as pd

from planner.access import BUNDLE
from planner.ui import parts, state
from planner.ui.access_parts.figures import count_reach
from planner.ui.access_parts.menu import LIMITED, OUT_OF_REACH
from planner.ui.access_parts.shown import Shown
from planner.wording import say_many, say_ordinal

#: The order in which reasons for no figure are told: far, no way there, not known.
_REASONS = ("over_cutoff", "unreachable", "not_connected", "outside_extent", "no_data")


def say_finding(plan: state.Plan, shown: Shown) -> str:
    """Return what stands above the map, in one sentence."""
    people = plan.area.place["population"]
    begin = f"{parts.capital(shown.when)}, " if shown.when else ""
    if shown.in_minutes:
        found = _of_minutes(shown, people)
    elif shown.entry.measure == OUT_OF_REACH:
        found = _of_services(shown, people)
    else:
        found = _of_amounts(shown, people)
    return f"{begin}{found[:1].lower()}{found[1:]}" if begin else parts.capital(found)


def say_goal(shown: Shown) -> str:
    """Return where the minutes lead to: ``the nearest library``, ``the 2nd nearest library``."""
    setting = shown.entry.setting
    if shown.kind == BUNDLE:
        return "the slowest of the bundle's services"
    nth = f"{say_ordinal(int(setting))} " if setting.isdigit() and int(setting) > 1 else ""
    then = " that is open then" if shown.entry.time else ""
    return f"the {nth}nearest {shown.thing}{then}"


def say_without(plan: state.Plan, shown: Shown) -> str:
    """Say which areas have no figure, far, no way there and not known apart; "" where all have."""
    status, place = shown.values["status"], plan.area.place
    said = []
    for reason in _REASONS:
        codes = status.index[(status == reason).to_numpy()]
        if len(codes):
            living = parts.people(place["population"].reindex(codes).sum())
            said.append(
                f"{say_many(len(codes), 'area')} with {living}: {shown.status_words(reason)}"
            )
    return f"Without a figure: {'; '.join(said)}." if said else ""


def _of_minutes(shown: Shown, people: pd.Series) -> str:
    assert shown.limit is not None
    assert shown.near is not None
    if not (shown.values["status"] == "reached").any():
        return f"No area has a way to {say_goal(shown)} {shown.how}."
    share = count_reach(shown.near, people).share
    if shown.limit.each_its_own:
        return (
            f"{share:.0%} of residents live in areas where every service of the bundle is within "
            "its standard."
        )
    return (
        f"{share:.0%} of residents live in areas within {shown.limit.minutes:g} minutes "
        f"{shown.how} of {say_goal(shown)}."
    )


def _of_services(shown: Shown, people: pd.Series) -> str:
    half, most = shown.reaching(people, (0.5, 0.9))
    none = share_without(shown, people)
    return (
        f"{none:.0%} of residents live in areas where no service of the bundle is out of reach; "
        f"nine in ten have at most {most:.0f} out of reach."
        if half == 0
        else f"Half of residents have {half:.0f} or fewer services of the bundle out of reach; "
        f"{none:.0%} have none out of reach."
    )


def _of_amounts(shown: Shown, people: pd.Series) -> str:
    if not (shown.values["status"] == "reached").any():
        return f"{parts.capital(shown.things)}: no area has a figure. {shown.entry.method}"
    half, most = shown.reaching(people, (0.5, 0.9))
    begin, amount, end = _frame(shown)
    none = share_without(shown, people)
    if half == 0:
        return f"{begin}{none:.0%} of residents have no {shown.thing}{end}."
    said = f"{begin}half of residents have {shown.say_number(half)} or more {amount}{end}"
    if most == 0:
        return f"{said}; {none:.0%} have none."
    return f"{said}; nine in ten have {shown.say_number(most)} or more."


def _frame(shown: Shown) -> tuple[str, str, str]:
    """Return how a sentence on an amount begins, what there is so much of, and how it ends."""
    measure, setting, things = shown.entry.measure, shown.entry.setting, shown.things
    within = f" within {setting} minutes {shown.how}"
    first, _, last = setting.partition("-")
    if measure == "share_within":
        return "", f"of all {things}", within
    if measure == "interval" and last:
        begin = f"Over all limits from {first} to {last} minutes, on average, "
        return begin, things, f" within reach {shown.how}"
    if measure == "jobs_band" and last:
        return "", things, f" {first} to {last} minutes away {shown.how}"
    if measure == "gravity":
        return f"Nearer {things} counting more, ", things, f" within reach {shown.how}"
    if measure == "catchment":
        unit, _, people = shown.unit.partition(" for ")
        begin = (
            f"The capacity of {things}, counted in {unit} and shared out among everybody who can "
            "come: "
        )
        return begin, f"for every {people}" if people else unit, f" within reach {shown.how}"
    if measure == "count_open":
        return "", things, f" open then within the standard {shown.how}"
    if measure in LIMITED:
        return "", things, within
    return f"{shown.title}: ", shown.unit, f" {shown.how}"


def share_without(shown: Shown, people: pd.Series) -> float:
    """Return the share of people, of those with a figure, whose area has none at all."""
    known = (shown.values["status"] == "reached").to_numpy()
    weight = people.reindex(shown.values.index).fillna(0.0).to_numpy(dtype="float64")
    whole = weight[known].sum()
    none = known & ~(shown.values["value"].to_numpy(dtype="float64") > 0)
    return float(weight[none].sum() / whole) if whole > 0 else float("nan")
