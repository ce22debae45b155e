"""How soon do the other models of siting answer, beside spopt with CBC where there is one like it?

Travel times are those of the p-median's rows: walks along the streets of a generated town, and
straight ways over a drawn place. Where spopt cannot be installed, the rows have nobody beside them.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from .hubs import PENALTY_MINUTES, draw_place, draw_walks
from .measure import race
from .rows import Row, make_row

Run = Callable[[], Any]
SITES = 10


def rows() -> list[Row]:
    """Measure maximal cover beside spopt, and every other model on its own."""
    return [*_covers(), *_others()]


def _covers() -> list[Row]:
    made = []
    runners = {"ours": "hub_models:cover"}
    if importlib.util.find_spec("spopt") is not None:
        runners["spopt"] = "hub_models:spopt_cover"
    for place, minutes, bar in (("walks", 15, 1 / 8), ("walks", 20, None), ("town-like", 20, None)):
        given = {"place": place, "minutes": minutes}
        found = race(runners, given, repeats=3)
        ours, theirs = found["ours"], found.get("spopt")
        beside = theirs is not None and not theirs.missing
        print(
            f"  {place} {minutes}: {ours.runs} {ours.answer} {theirs and theirs.runs}", flush=True
        )
        if beside and abs(theirs.answer - ours.answer["people"]) > 1e-6 * theirs.answer:
            print(f"  not the same cover: {theirs.answer}")
        made.append(
            make_row(
                f"maximal cover, 1,000 × 300 {place}, within {minutes} minutes, p = {SITES}",
                "spopt with CBC" if beside else "",
                ours_s=ours.seconds,
                theirs_s=theirs.seconds if beside else None,
                ours_peak_mb=ours.peak_mb,
                theirs_peak_mb=theirs.peak_mb if beside else None,
                n=1,
                bar=bar if beside else None,
                note=ours.answer["said"],
            )
        )
    return made


def _others() -> list[Row]:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("p_median", {"budget": 25.0}),
        ("set_cover", {"within_minutes": 25}),
        ("p_centre", {"budget": 25.0}),
        ("p_centre", {"p": SITES}),
        ("worst_off", {"p": SITES}),
        ("fair_cover", {"p": SITES, "within_minutes": 20, "share": 0.6}),
        ("capacitated_p_median", {"p": SITES}),
        ("capacitated_cover", {"p": SITES, "within_minutes": 20}),
    ]
    made = []
    for model, given in asked:
        found = race({"ours": "hub_models:model"}, {"name": model, "given": given}, repeats=1)
        ours = found["ours"]
        said = ", ".join(f"{key} = {value:g}" for key, value in given.items())
        print(f"  {model} {said}: {ours.runs} {ours.answer}", flush=True)
        made.append(
            make_row(
                f"siting, 1,000 × 300 walks, at most 30 s, {model.replace('_', ' ')}, {said}",
                "",
                ours_s=ours.seconds,
                ours_peak_mb=ours.peak_mb,
                n=1,
                note=ours.answer["said"],
            )
        )
    return made


# --- runners: each is set up in a process of its own ----------------------------------------


def cover(place: str, minutes: float) -> Run:
    """Cover most people by our own model."""
    from planner.hubs.solve import solve

    problem = _problem(*_place(place))

    def run() -> dict[str, Any]:
        found = solve(problem, "max_cover", p=SITES, within_minutes=minutes)
        return {"people": found.objective, "said": _said(found)}

    return run


def spopt_cover(place: str, minutes: float) -> Run:
    """Cover most people by spopt, which hands the program to CBC."""
    import pulp
    from spopt.locate import MCLP

    cost, weight = _place(place)

    def run() -> float:
        model = MCLP.from_cost_matrix(cost, weight, minutes, p_facilities=SITES)
        model.solve(pulp.PULP_CBC_CMD(msg=False))
        return float(model.problem.objective.value())

    return run


def model(name: str, given: dict[str, Any]) -> Run:
    """Answer any model on walks in a generated town, sites with drawn costs and room."""
    from planner.hubs.pmedian import warm
    from planner.hubs.solve import solve

    warm()
    problem = _problem(*_place("walks"))

    def run() -> dict[str, Any]:
        found = solve(problem, name, time_limit_seconds=30.0, **given)  # type: ignore[arg-type]
        return {"objective": found.objective, "said": _said(found)}

    return run


def _said(found: Any) -> str:
    if found.status == "infeasible":
        return "proved that there is none"
    return "proved best" if found.status == "optimal" else f"gap {found.gap:.2%}"


def _place(place: str) -> tuple[np.ndarray, np.ndarray]:
    return draw_walks() if place == "walks" else draw_place(place, 1_000, 300)


def _problem(cost: np.ndarray, weight: np.ndarray) -> Any:
    import pandas as pd

    from planner.hubs.problem import SitingProblem

    rng = np.random.default_rng(5)
    areas = pd.Index([f"a{i:04d}" for i in range(len(cost))], name="area_code")
    names = pd.Index([f"s{i:04d}" for i in range(cost.shape[1])], name="venue_id")
    sites = pd.DataFrame(
        {
            "status": "candidate",
            "cost": rng.integers(1, 10, len(names)).astype(float),
            "capacity": rng.integers(50, 400, len(names)) * 1000.0,
        },
        index=names,
    )
    return SitingProblem(
        minutes=pd.DataFrame(
            np.where(cost < PENALTY_MINUTES, cost, np.nan), index=areas, columns=names
        ),
        demand=pd.Series(weight, index=areas),
        people=pd.Series(np.round(rng.lognormal(7.3, 0.3, len(areas))), index=areas),
        sites=sites,
        penalty_minutes=max(PENALTY_MINUTES, float(cost.max())),
        groups=pd.Series(rng.choice(["a", "b", "c", "d"], len(areas)), index=areas, dtype=object),
    )
