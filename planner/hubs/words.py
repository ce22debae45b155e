"""What is each measure of a good choice of hubs called, and what does a proof of it say?"""

from __future__ import annotations

from planner.hubs.answer import SitingStatus
from planner.project import BY_NEED, HubModel, HubSettings
from planner.wording import to_label

MODEL_TITLES: dict[HubModel, str] = {
    "p_median": "Shortest journeys to the nearest hub",
    "max_cover": "Most people within reach of a hub",
    "set_cover": "Fewest hubs that are enough",
    "p_centre": "Shortest longest journey",
    "worst_off": "Shortest journeys of the people who are worst off",
    "fair_cover": "Most people within reach, with a share of every type of neighbourhood",
    "capacitated_p_median": "Shortest journeys to hubs that fill up",
    "capacitated_cover": "Most people within reach of hubs that fill up",
}
STATUS_WORDS: dict[SitingStatus, str] = {
    "optimal": "proved best",
    "time_limit": "best found in the time allowed, not proved",
    "infeasible": "cannot be had",
}


def say_measure(settings: HubSettings) -> str:
    """Return by which measure hubs are chosen, as part of a sentence.

    Examples
    --------
    >>> say_measure(HubSettings(model="max_cover", within_minutes=15))
    'most need-weighted people within 15 minutes'
    >>> say_measure(HubSettings(model="set_cover", share=0.9))
    'fewest hubs with 90 % of all people within 20 minutes'
    """
    by_need = settings.demand == BY_NEED
    weighted = "need-weighted" if by_need else f"{to_label(settings.demand)}-weighted"
    people = "need-weighted people" if by_need else to_label(settings.demand)
    within = f"within {settings.within_minutes:g} minutes"
    share = "all people" if settings.share in (None, 1.0) else f"{_percent(settings)} of all people"
    fewest = "fewest hubs" if settings.budget is None else "least money for hubs"
    return {
        "p_median": f"least {weighted} journey time",
        "max_cover": f"most {people} {within}",
        "set_cover": f"{fewest} with {share} {within}",
        "p_centre": "shortest longest journey",
        "worst_off": f"least mean journey time of the worst-off {_percent(settings)} of people",
        "fair_cover": f"most {people} {within}, and at least {_percent(settings)} of the people of "
        "every type of neighbourhood",
        "capacitated_p_median": f"least {weighted} journey time to hubs with so much room",
        "capacitated_cover": f"most {people} {within} of hubs with so much room",
    }[settings.model]


def say_asked(settings: HubSettings) -> str:
    """Return how many hubs were asked for, or for how much money."""
    if settings.budget is not None:
        return f"a budget of {settings.budget:,g}"
    if settings.model == "set_cover":
        return "as few hubs as are enough"
    return f"{settings.count} {'hub' if settings.count == 1 else 'hubs'}"


def _percent(settings: HubSettings) -> str:
    return f"{100 * (0.1 if settings.share is None else settings.share):g} %"
