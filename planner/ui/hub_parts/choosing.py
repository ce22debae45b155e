"""What is asked of hubs: how many, what makes a choice good, and which venues are settled?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from planner.hubs import candidate_venues
from planner.project import COVERS, FILLING, SHARED, HubModel, HubSettings
from planner.sources.hub_costs import read_hub_costs
from planner.standards import kind_words
from planner.travel.getting_about import MEDIAN, MODE_WORDS
from planner.ui import hub_settings, parts, state
from planner.ui.drawn_parts import limiting
from planner.ui.type_choices import choose_several

#: Most hubs that a project file may ask for.
MOST_HUBS = 50
#: Models as people ask for them, with their names among researchers.
MODELS: dict[HubModel, str] = {
    "p_median": "Least travel for those in need (p-median)",
    "max_cover": "Most people in need within some minutes (maximal cover)",
    "p_centre": "Nobody too far: the shortest longest journey (p-centre)",
    "worst_off": "The worst-off first: least travel for those with the longest journeys",
    "fair_cover": "A fair share of every type of neighbourhood (fair cover)",
    "set_cover": "Fewest hubs that cover a share of all people (set cover)",
    "capacitated_p_median": "Least travel to hubs that fill up (capacitated p-median)",
    "capacitated_cover": "Most people in need within some minutes of hubs that fill up",
}
#: Share of people in percent that a model goes by if nothing else is said.
SHARES: dict[HubModel, int] = {"set_cover": 100, "fair_cover": 70, "worst_off": 10}
_SHARE_LABELS: dict[HubModel, str] = {
    "set_cover": "Share of all people to cover (%)",
    "fair_cover": "Least share of each type's people to cover (%)",
    "worst_off": "Share of people who count as worst off (%)",
}
_TOGETHER = {
    "no": "Do not ask",
    "one_stop": "All of the bundle in one stop, for most people",
    "bundle_trip": "Shortest round trips to all of the bundle",
}


def show(plan: state.Plan) -> HubSettings:
    """Let a person choose, and return the settings; they are checked where they are used.

    Raises
    ------
    DataError
        The file of costs cannot be read.
    """
    own: HubSettings = plan.project.spec.hubs
    names = name_venues(plan)
    changes: dict[str, Any] = {}
    model = _model(plan, own)
    changes["model"] = model
    changes |= _how_many(plan, own, model, len(names))
    changes |= _reach(plan, own, model)
    with st.expander("Travelling, venues that must or must not be hubs, services together"):
        changes |= _journeys(plan, own)
        changes |= _statuses(own, names)
        changes |= _together(plan, own)
    asked = limiting.limit_search(plan, own.model_copy(update=changes))
    if hub_settings.any_made():
        st.button(
            "Put all choices back to the project's",
            key="hubs_put_back",
            on_click=hub_settings.put_back,
        )
    return asked


def name_venues(plan: state.Plan) -> dict[str, str]:
    """Return venues that may become a hub, or are settled in the project: id → name.

    Names that stand twice have their id behind them.
    """
    own: HubSettings = plan.project.spec.hubs
    free = own.model_copy(update={"closed": []})
    venues = plan.services.venues
    named = [*own.forced, *own.closed]
    ids = candidate_venues(plan.services, plan.area, free).union(
        pd.Index([one for one in named if one in venues.index], dtype=object)
    )
    ids = ids.difference(own.existing)
    names = venues.loc[ids, "venue_name"].astype(str)
    names = names.where(names.ne(""), "no name given")
    twice = names.duplicated(keep=False)
    said = names.where(~twice, names + " (" + names.index.astype(str) + ")")
    found: dict[str, str] = said.sort_values(kind="stable").to_dict()
    return found


def _model(plan: state.Plan, own: HubSettings) -> HubModel:
    capacities = False
    if own.costs:
        costs = read_hub_costs(plan.project)
        capacities = costs is not None and bool(costs["capacity"].notna().any())
    offered: dict[str, str] = {
        name: words
        for name, words in MODELS.items()
        if capacities or name not in FILLING or name == own.model
    }
    chosen = state.choose(
        "What makes a choice of hubs good?",
        hub_settings.MODEL,
        offered,
        default=own.model,
        help_text="In need: each area counts by its people times its need percentile, without "
        "access, so that need is not counted twice.",
    )
    return next(name for name in MODELS if name == chosen)


def _how_many(
    plan: state.Plan, own: HubSettings, model: HubModel, candidates: int
) -> dict[str, Any]:
    changes: dict[str, Any] = {"budget": None}
    if own.costs:
        words = {"count": "A number of hubs", "budget": "An amount of money"}
        default = "count" if own.budget is None else "budget"
        if state.choose("Limited by", hub_settings.BY, words, default=default) == "budget":
            return {"budget": _budget(plan, own)}
    if model == "set_cover":
        st.caption("As few hubs as are enough: no number is asked for.")
        return changes
    changes["count"] = hub_settings.choose_count(
        "Number of hubs",
        most=MOST_HUBS,
        handy=min(MOST_HUBS, candidates),
        default=own.count,
        help_text="Opened beside hubs that exist already. Everything but the hubs stays as it is.",
    )
    return changes


def _budget(plan: state.Plan, own: HubSettings) -> float:
    costs = read_hub_costs(plan.project)
    known = costs["cost"].dropna() if costs is not None else pd.Series(dtype=float)
    most = int(max(known.sum(), own.budget or 0, 1))
    default = int(known.nlargest(own.count).sum()) if own.budget is None else int(own.budget)
    chosen = state.choose_number(
        "Money for opening hubs, in the unit of the file of costs",
        hub_settings.BUDGET,
        least=0,
        most=most,
        default=default,
    )
    # A part of a whole unit that the project has is kept where nobody chose.
    same = own.budget is not None and chosen == default
    return float(own.budget) if same and own.budget is not None else float(chosen)


def _reach(plan: state.Plan, own: HubSettings, model: HubModel) -> dict[str, Any]:
    changes: dict[str, Any] = {"share": None}
    left, right = st.columns(2)
    if model in COVERS:
        default = round(own.within_minutes)
        with left:
            minutes = state.choose_number(
                "Minutes that count as near",
                hub_settings.MINUTES,
                least=1,
                most=int(plan.project.spec.access.cutoff),
                default=default,
            )
        changes["within_minutes"] = own.within_minutes if minutes == default else float(minutes)
    if model in SHARED:
        asked = own.share if model == own.model else None
        default = SHARES[model] if asked is None else round(100 * asked)
        # Each model has a share of its own.
        with right:
            share = state.choose_number(
                _SHARE_LABELS[model],
                hub_settings.SHARES[model],
                least=1,
                most=100,
                default=default,
            )
        kept = share == default and (asked is not None or model != "fair_cover")
        changes["share"] = asked if kept else share / 100
    return changes


def _journeys(plan: state.Plan, own: HubSettings) -> dict[str, Any]:
    modes = list(dict.fromkeys(way.mode for way in plan.ways.values()))
    first = own.mode or plan.project.spec.mode
    words = {mode: parts.capital(MODE_WORDS[mode]) for mode in modes}
    left, right = st.columns(2)
    with left:
        mode = state.choose("Travelling to a hub", hub_settings.MODE, words, default=first)
    changes: dict[str, Any] = {"mode": own.mode if mode == first else mode, "percentile": "median"}
    slow = any(
        way.mode == mode and way.percentile is not None and way.percentile > MEDIAN
        for way in plan.ways.values()
    )
    if slow:
        options = {"median": "As on an ordinary day (median)", "reliable": "As on a slow day"}
        with right:
            changes["percentile"] = state.choose(
                "Journeys", hub_settings.PERCENTILE, options, default=own.percentile
            )
    return changes


def _statuses(own: HubSettings, names: dict[str, str]) -> dict[str, Any]:
    must = hub_settings.choose_venues(
        "Must be a hub",
        hub_settings.MUST,
        names,
        default=own.forced,
        help_text="Opened whatever else is chosen, and counted among the number of hubs.",
    )
    never = hub_settings.choose_venues(
        "Never a hub",
        hub_settings.NEVER,
        names,
        default=own.closed,
        help_text="Left out, whatever it would bring.",
    )
    # What the list does not show (a venue that is there no more) is for the project to tell.
    return {
        "forced": [*must, *(one for one in own.forced if one not in names)],
        "closed": [*never, *(one for one in own.closed if one not in names)],
    }


def _together(plan: state.Plan, own: HubSettings) -> dict[str, Any]:
    aim = state.choose(
        "Which services of the bundle should come together, and where?",
        hub_settings.TOGETHER,
        _TOGETHER,
        default=own.bundle_siting or "no",
    )
    if aim == "no":
        return {"bundle_siting": ""}
    kinds = {
        kind: parts.capital(kind_words(kind, plural=True))
        for kind in plan.project.spec.bundle.kinds
    }
    moves = choose_several(
        "May leave where they are now",
        hub_settings.MOVES,
        kinds,
        default=own.may_move,
        help_text="All others stay, and may come to a hub besides.",
    )
    return {"bundle_siting": aim, "may_move": moves}
