"""Where would hubs go, who gains, how good is the choice, and what else could be chosen?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from planner.hubs.choice.draws import FACTOR_WORDS
from planner.hubs.words import MODEL_TITLES, STATUS_WORDS, say_asked, say_measure
from planner.report.tables import ROWS, Table
from planner.report.words import say_count, say_minutes, say_number
from planner.travel.getting_about import MODE_WORDS
from planner.wording import say_list, say_many

if TYPE_CHECKING:
    from planner.hubs import Hubs
    from planner.plan import Plan

NO_HUB = "No hub could be chosen: the place has no candidate venue."


def find_hubs(plan: Plan) -> tuple[str, ...]:
    """Say where hubs would go, who gains, and how sure the choice is."""
    hubs = plan.hubs
    if hubs is None:
        said = [note.text for note in plan.notes if note.what == "no_hub"]
        return (said[0] if said else NO_HUB,)
    if hubs.status == "infeasible":
        return _say_infeasible(hubs)
    names = [str(name) for name in hubs.chosen["venue_name"]]
    first = (
        f"{'A hub' if len(names) == 1 else f'{len(names)} hubs'} would help most at "
        f"{say_list(names)}, out of {say_many(hubs.candidates, 'candidate venue')}."
    )
    return (first, _say_model(hubs), *_say_gains(hubs), _say_proof(hubs))


def find_choice(plan: Plan) -> tuple[str, ...]:
    """Say what the next hub brings, what else is nearly as good, and how often each is chosen."""
    said = () if plan.hub_choice is None else plan.hub_choice.findings
    together = plan.bundle_siting
    if together is None:
        return said
    if together.infeasible is not None:
        return (*said, f"Services cannot be brought together as asked. {together.infeasible.text}")
    before, after = together.people_within
    count = len(together.changes)
    text = (
        f"{say_many(count, 'service')} placed anew would bring the whole bundle together at "
        f"{say_many(len(together.whole), 'venue')} ({STATUS_WORDS[together.status]})"
    )
    if together.within_minutes is not None:
        text += (
            f": {say_number(after)} people would have it in one stop within "
            f"{together.within_minutes:g} minutes, {say_count(before)} have it today"
        )
    return (*said, f"{text}.")


def build_hubs_table(plan: Plan) -> Table | None:
    """Return the chosen hubs with who gains; None where there are none."""
    hubs = plan.hubs
    if hubs is None or hubs.chosen.empty:
        return None
    rows = [
        (
            f"{number}. {row.venue_name}",
            str(row.role),
            say_count(row.areas_nearest),
            say_count(row.people_nearest),
            say_count(row.people_gaining),
            say_number(row.minutes_saved_mean, figures=2),
        )
        for number, row in zip(hubs.chosen.index, hubs.chosen.itertuples(), strict=True)
    ]
    figures = ""
    if hubs.status != "infeasible":
        figures = (
            f" {say_number(hubs.objective, figures=4)} {hubs.unit}, proved bound "
            f"{say_number(hubs.bound, figures=4)}, gap {100 * hubs.gap:.1f}%."
        )
    return Table(
        caption="Chosen hubs and who gains",
        columns=(
            "Hub",
            "New or existing",
            "Areas it is nearest for",
            "People it is nearest for",
            "People who gain",
            "Minutes saved each way, mean",
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4, 5}),
        note=f"{MODEL_TITLES[hubs.model]}: {say_measure(hubs.settings)}. "
        f"{say_count(hubs.candidates)} candidate venues, {say_asked(hubs.settings)} asked for: "
        f"{STATUS_WORDS[hubs.siting.status]}.{figures} An area that reaches no candidate counts as "
        f"{say_number(hubs.penalty_minutes)} minutes.",
    )


def build_gainers_table(plan: Plan) -> Table | None:
    """Return the areas that gain most from the hubs; None where there are none."""
    if plan.hubs is None or plan.hubs.chosen.empty:
        return None
    table = plan.hubs.areas[plan.hubs.areas["gains"].astype(bool)]
    first = table["minutes_saved"].isna()
    order = np.lexsort((table.index, -table["minutes_saved"].fillna(np.inf)))
    table, first = table.iloc[order].head(ROWS), first.iloc[order].head(ROWS)
    place = plan.area.place
    rows = [
        (
            str(place.loc[code, "area_name"]),
            str(code),
            say_minutes(row.minutes_before, row.status_before),
            say_minutes(row.minutes_after, row.status_after),
            "for the first time" if first[code] else say_minutes(row.minutes_saved),
            say_count(place.loc[code, "population"]),
        )
        for code, row in zip(table.index, table.itertuples(), strict=True)
    ]
    return Table(
        caption=f"The {len(rows)} areas that gain most from the hubs",
        columns=("Area", "Code", "Whole bundle today", "With the hubs", "Saved", "People"),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4, 5}),
    )


def build_beyond_table(plan: Plan) -> Table | None:
    """Return the areas that no site can cover; None unless what was asked for cannot be had."""
    if plan.hubs is None or plan.hubs.siting.infeasible is None:
        return None
    areas = plan.hubs.siting.infeasible.areas
    if areas.empty:
        return None
    place = plan.area.place
    rows = [
        (
            str(place.loc[code, "area_name"]),
            str(code),
            say_minutes(row.minutes) if not math.isnan(row.minutes) else "no way",
            say_number(row.over_by) if not math.isnan(row.over_by) else "",
            say_count(row.people),
        )
        for code, row in zip(areas.index[:ROWS], areas.head(ROWS).itertuples(), strict=True)
    ]
    return Table(
        caption=f"The {len(rows)} areas furthest from every site",
        columns=("Area", "Code", "Nearest site", "Minutes too many", "People"),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4}),
        note=f"{say_many(len(areas), 'area')} in all, in hub_beyond.csv.",
    )


def build_ladder_table(plan: Plan) -> Table | None:
    """Return what each next hub brings; None where that was not asked for."""
    choice = plan.hub_choice
    if choice is None or choice.ladder is None or len(choice.ladder.steps) == 0:
        return None
    ladder = choice.ladder
    rows = [
        (
            str(row.sites_opened),
            say_number(row.objective, figures=4),
            say_number(row.gain) if not math.isnan(row.gain) else "",
            say_count(row.people_within_reach),
            say_count(row.people_gained) if not math.isnan(row.people_gained) else "",
            _say_status(str(row.status)),
        )
        for row in ladder.steps.itertuples()
    ]
    return Table(
        caption="What the first hub brings, what the next",
        columns=(
            "Hubs opened",
            f"Comes to ({ladder.unit})",
            "Better by",
            f"People within {ladder.reach_minutes:g} minutes",
            "More people than before",
            "Status",
        ),
        rows=tuple(rows),
        numeric=frozenset({0, 1, 2, 3, 4}),
    )


def build_alternatives_table(plan: Plan) -> Table | None:
    """Return other plans that are nearly as good; None where that was not asked for."""
    choice = plan.hub_choice
    if choice is None or choice.alternatives is None or len(choice.alternatives.table) < 2:
        return None
    names = plan.services.venues["venue_name"]
    rows = [
        (
            say_list([str(names.get(one, one)) for one in str(row.venue_ids).split(", ")]),
            str(row.found_as).replace("_", " "),
            say_count(row.sites_different_from_best),
            f"{100 * row.worse_than_best_share:.1f}%",
            say_number(row.mean_minutes),
        )
        for row in choice.alternatives.table.itertuples()
    ]
    return Table(
        caption="Other choices of hubs",
        columns=("Hubs", "Found as", "Hubs that differ", "Worse by", "Mean minutes"),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4}),
        note="Mean minutes are to the nearest hub, weighted by what the choice goes by.",
    )


def build_steadiness_table(plan: Plan) -> Table | None:
    """Return how often each venue is chosen when assumptions vary; None where not asked for."""
    choice = plan.hub_choice
    if choice is None or choice.steadiness is None:
        return None
    venues = choice.steadiness.venues
    venues = venues[(venues["draws_chosen"] > 0) | venues["as_stated"].astype(bool)].head(ROWS)
    names = plan.services.venues["venue_name"]
    rows = [
        (
            str(names.get(venue, venue)),
            "yes" if row.as_stated else "no",
            f"{say_count(row.draws_chosen)} of {choice.steadiness.count}",
        )
        for venue, row in zip(venues.index, venues.itertuples(), strict=True)
    ]
    return Table(
        caption="How often each venue is chosen when assumptions vary",
        columns=("Venue", "Chosen as stated", "Chosen in draws"),
        rows=tuple(rows),
        numeric=frozenset({2}),
        note="What varies: "
        + say_list([FACTOR_WORDS[factor] for factor in choice.steadiness.factors])
        + ". It says how much the choice hangs on these assumptions, not how likely it is right.",
    )


def _say_status(status: str) -> str:
    words: dict[str, str] = {"nothing_open": "nothing is open", **dict(STATUS_WORDS.items())}
    return words.get(status, status)


def _say_infeasible(hubs: Hubs) -> tuple[str, ...]:
    """Say why what was asked for cannot be had, and what is open anyway."""
    why = hubs.siting.infeasible
    assert why is not None
    said = [f"What was asked for cannot be had. {why.text}", _say_model(hubs)]
    if len(hubs.chosen):
        names = [str(name) for name in hubs.chosen["venue_name"]]
        said.append(f"The figures here are for what is open anyway: {say_list(names)}.")
    return tuple(said)


def _say_model(hubs: Hubs) -> str:
    settings = hubs.settings
    way = f" Journeys are {MODE_WORDS[settings.mode]}." if settings.mode else ""
    if settings.percentile == "reliable":
        way += " Journeys count as long as they are on a slow day, not on a usual one."
    return (
        f"Asked for: {say_asked(settings)}, chosen for the {say_measure(settings)}"
        f" ({STATUS_WORDS[hubs.siting.status]}).{way}"
    )


def _say_gains(hubs: Hubs) -> list[str]:
    said = []
    for row in hubs.chosen.itertuples():
        text = (
            f"{row.venue_name} would be the nearest hub for {say_number(row.people_nearest)} "
            f"people; {say_number(row.people_gaining)} of them would gain"
        )
        if not math.isnan(row.minutes_saved_mean):
            text += (
                f", {say_minutes(row.minutes_saved_mean)} each way on average where both are known"
            )
        said.append(f"{text}.")
    return said


def _say_proof(hubs: Hubs) -> str:
    if hubs.status == "optimal":
        if hubs.model == "p_median":
            kind = "need-weighted " if hubs.settings.demand == "population" else ""
            return f"The solver proved that no other choice has a lower {kind}journey time."
        return "The solver proved that no other choice is better by this measure."
    return (
        f"The choice is not proved best (solver status: {hubs.status.replace('_', ' ')}): it "
        f"is within {100 * hubs.gap:.1f}% of the best possible."
    )
