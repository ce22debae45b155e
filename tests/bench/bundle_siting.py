"""How soon is it known which services to bring together where, and how surely?

Homes and venues of a drawn place as in the p-median's rows, by bus at 15 km/h; each of five kinds
is in some venues, drawn, and its partner has some sessions to spare. Nobody is beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .hubs import draw_people
from .measure import race
from .rows import Row, make_row

AREAS, VENUES, KINDS = 1_000, 60, "abcde"
HUBS = 5
WITHIN_MINUTES = 20.0
SECONDS = 60.0
#: The gap that is promised.
MOST_GAP = 0.01
#: Searches look at the clock between steps: two seconds are kept back.
_KEPT_BACK = 2.0

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure both objectives, services in ten venues a kind, and few or none with few rooms."""
    some = {"today": 10, "spare": 5}
    few = {"today": 3, "spare": 3, "few_rooms": True, "move": True}
    none = {"today": 0, "spare": 6, "few_rooms": True}
    made = []
    for given, words in (
        (some, "each in 10 venues today"),
        (few, "each in 3 venues, some may move, few rooms"),
        (none, "none today, few rooms"),
    ):
        for objective in ("one_stop", "bundle_trip"):
            promised = objective == "one_stop" or given is some
            made.append(_one(objective, given, words, SECONDS if promised else None))
    return made


def _one(objective: str, given: dict[str, Any], words: str, bar_s: float | None) -> Row:
    asked = {"objective": objective, **given}
    found = race({"ours": "bundle_siting:siting"}, asked, repeats=1)["ours"]
    answer = found.answer
    print(f"  {objective} {given}: {found.runs} {found.peak_mb:.0f} MB {answer}", flush=True)
    if bar_s is not None and answer["gap"] > MOST_GAP:
        print(f"  the gap is above {MOST_GAP:.0%}")
        bar_s = 0.0
    return make_row(
        f"bundle siting, {objective.replace('_', ' ')}: {AREAS:,} areas, {VENUES} venues, "
        f"{len(KINDS)} kinds, {words}, p = {HUBS}",
        "",
        ours_s=found.seconds,
        ours_peak_mb=found.peak_mb,
        n=1,
        bar_s=bar_s,
        note="proved best" if answer["status"] == "optimal" else f"gap {answer['gap']:.2%}",
    )


# --- runners: each is set up in a process of its own ----------------------------------------


def siting(
    objective: Any, today: int, spare: int, *, few_rooms: bool = False, move: bool = False
) -> Run:
    """Choose venues and services of a drawn town; a first run of no time compiles."""
    from planner.hubs.bundle_siting import solve_bundle

    problem = _problem(today, spare, few_rooms=few_rooms, move=move)
    first = [True]

    def run() -> dict[str, Any]:
        seconds = 0.0 if first[0] else SECONDS - _KEPT_BACK
        first[0] = False
        found = solve_bundle(
            problem,
            objective,
            p=HUBS,
            within_minutes=WITHIN_MINUTES,
            time_limit_seconds=seconds,
        )
        return {"objective": found.objective, "gap": found.gap, "status": found.status}

    return run


def _problem(today: int, spare: int, *, few_rooms: bool, move: bool) -> Any:
    from planner.hubs.bundle_siting import BundleProblem
    from planner.hubs.bundle_siting.problem import PRESENCE_COLUMNS
    from planner.hubs.problem import SitingProblem

    rng = np.random.default_rng(1)
    homes, doors = _draw_spots(rng)
    areas = pd.Index([f"a{i:04d}" for i in range(AREAS)], name="area_code")
    venues = pd.Index([f"v{i:03d}" for i in range(VENUES)], name="venue_id")
    services = [
        (venues[venue], kind, f"partner {kind}", move and kind in "ab")
        for kind in KINDS
        for venue in sorted(rng.choice(VENUES, today, replace=False))
    ]
    names = [f"o{i:03d}" for i in range(len(services))]
    people = draw_people(AREAS, rng)
    rooms = rng.integers(2, 7, VENUES).astype(float) if few_rooms else np.nan
    return BundleProblem(
        siting=SitingProblem(
            minutes=pd.DataFrame(_ride(homes, doors), index=areas, columns=venues),
            demand=pd.Series(people, index=areas),
            people=pd.Series(people, index=areas),
            sites=pd.DataFrame(
                {"status": "candidate", "cost": 1.0, "capacity": np.nan}, index=venues
            ),
            penalty_minutes=180.0,
            groups=pd.Series("", index=areas, dtype=object),
        ),
        kinds=tuple(KINDS),
        presences=pd.DataFrame(services, columns=PRESENCE_COLUMNS, index=names),
        spare=pd.DataFrame(
            {
                "kind": list(KINDS),
                "partner": [f"partner {kind}" for kind in KINDS],
                "sessions": spare,
            }
        ),
        rooms=pd.Series(rooms, index=venues),
        between=pd.DataFrame(_ride(doors, doors), index=venues, columns=venues),
    )


def _draw_spots(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw a town with eleven estates and villages around it, over 20 km."""
    homes, doors = rng.random((AREAS, 2)) * 20, rng.random((VENUES, 2)) * 20
    centre = rng.normal(10, 4, (12, 2))
    centre[0] = 10
    size = 1 / np.arange(1, 13)
    for spots in (homes, doors):
        of = rng.choice(12, len(spots), p=size / size.sum())
        settled = rng.random(len(spots)) < 0.9
        spread = 2.5 * np.sqrt(size[of])[:, None] * rng.normal(size=spots.shape)
        spots[settled] = (centre[of] + spread)[settled]
    return homes, doors


def _ride(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    apart = starts[:, None] - ends[None]
    return np.asarray(np.round(np.hypot(apart[..., 0], apart[..., 1]) * 1.3 / 15 * 60, 1))
