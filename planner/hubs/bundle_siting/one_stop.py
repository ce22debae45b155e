"""What should be placed where, that most people reach the whole bundle in one stop?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity, vstack

from planner.hubs.bundle_siting.packing import Counts, Packing, Placement, tidy
from planner.hubs.bundle_siting.problem import Bools, BundleProblem
from planner.hubs.covers import SAME_MINUTES
from planner.hubs.limits import ROUNDING
from planner.hubs.problem import Floats
from planner.hubs.program import ENDLESS, Program, solve_program


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """The best placement found, what it comes to (less is better), and what is proved."""

    placement: Placement
    objective: float
    bound: float
    finished: bool


def build_whole(problem: BundleProblem, held: Bools) -> Bools:
    """Tell about which venues the whole bundle is, themselves and those near them together."""
    there: Counts = problem.about.astype(np.int64) @ held
    whole: Bools = there.min(axis=1) > 0
    return whole


def build_reach(problem: BundleProblem, within_minutes: float) -> Bools:
    """Tell which venues (columns) each area reaches within so many minutes."""
    times = problem.siting.minutes.to_numpy(dtype=np.float64)
    reach: Bools = np.nan_to_num(times, nan=np.inf) <= within_minutes + SAME_MINUTES
    return reach


def cover_most_whole(packing: Packing, within_minutes: float, *, deadline: float) -> Found:
    """Place services so that most demand has the whole bundle at one place within reach.

    Notes
    -----
    Maximal cover (Church and ReVelle 1974) by places that count once they hold everything; what
    they hold keeps to sessions and rooms. Areas that reach the same places are taken together.
    """
    problem = packing.problem
    demand = problem.siting.demand.to_numpy(dtype=np.float64)
    reach = build_reach(problem, within_minutes)

    def worth(placement: Placement) -> float:
        whole = build_whole(problem, packing.holds(placement))
        return -float(demand @ reach[:, whole].any(axis=1))

    rounding = ROUNDING * max(1.0, float(demand.sum()))
    held = -worth(packing.nothing)
    program = _build_program(packing, reach, demand)
    if program is None:
        return Found(placement=packing.nothing, objective=-held, bound=-held, finished=True)
    start = np.zeros(len(program.cost))
    base = _lasting_demand(packing, reach, demand)
    found = solve_program(
        program, deadline=deadline, start=start, floor=-float(demand.sum() - base)
    )
    options = [packing.nothing]
    if found.values is not None:
        options.append(packing.to_placement(found.values[: packing.size]))
    best = min((one for one in options if packing.allows(one)), key=worth)
    best = tidy(packing, best, worth, rounding=rounding)
    objective = worth(best)
    finished = found.status == "optimal"
    bound = objective if finished else min(objective, found.bound - base)
    return Found(placement=best, objective=objective, bound=bound, finished=finished)


def could_be_whole(packing: Packing, *, deadline: float) -> bool | None:
    """Tell whether the whole bundle can be brought together anywhere; None if not known in time."""
    ways = np.ones((1, len(packing.today)), dtype=bool)
    if build_whole(packing.problem, packing.today > 0).any():
        return True
    program = _build_program(packing, ways, np.ones(1))
    if program is None:
        return False
    found = solve_program(program, deadline=deadline, floor=-1.0)
    if found.values is None:
        return None if found.status == "time_limit" else False
    if program.cost @ found.values < -0.5:
        return True
    return False if found.status == "optimal" else None


def _lasting_demand(packing: Packing, reach: Bools, demand: Floats) -> float:
    """Return the demand that is covered whatever is done."""
    whole = build_whole(packing.problem, packing.lasting)
    return float(demand @ reach[:, whole].any(axis=1))


def _build_program(packing: Packing, reach: Bools, demand: Floats) -> Program | None:
    """Return the program over columns placement | whole places | areas; None if none can gain."""
    about = packing.problem.about
    lasting = packing.lasting
    could = lasting.copy()
    could[packing.pairs[:, 0], packing.pairs[:, 1]] = True
    could[packing.goers[:, 0], packing.goers[:, 1]] = True
    always = build_whole(packing.problem, lasting)
    places = np.flatnonzero(build_whole(packing.problem, could) & ~always)
    asked = (demand > 0) & ~reach[:, always].any(axis=1) & reach[:, places].any(axis=1)
    if not asked.any():
        return None
    sets, which = np.unique(reach[asked][:, places], axis=0, return_inverse=True)
    weight = np.bincount(which.ravel(), weights=demand[asked], minlength=len(sets))
    size = packing.size
    holds, needs = _whole_rows(packing, places, about, lasting)
    covers = hstack(
        [csr_matrix((len(sets), size)), -csr_matrix(sets.astype(float)), identity(len(sets))]
    )
    blank = csr_matrix((packing.rows.shape[0], len(places) + len(sets)))
    rows = vstack(
        [
            hstack([packing.rows, blank]),
            hstack([holds, csr_matrix((holds.shape[0], len(sets)))]),
            covers,
        ]
    )
    more = len(places) + len(sets)
    whole = np.concatenate([np.ones(size, bool), np.zeros(more, bool)])
    upper = np.concatenate([packing.row_upper, needs, np.zeros(len(sets))])
    return Program(
        cost=np.concatenate([np.zeros(size + len(places)), -weight]),
        lower=np.zeros(size + more),
        upper=np.concatenate([packing.upper, np.ones(more)]),
        whole=whole,
        rows=csr_matrix(rows),
        row_lower=np.full(len(upper), -ENDLESS),
        row_upper=upper,
    )


def _whole_rows(
    packing: Packing, places: np.ndarray, about: Bools, lasting: Bools
) -> tuple[csr_matrix, Floats]:
    """Return rows that a place is whole only with every kind: whole - placed + gone <= there."""
    size, kinds = packing.size, packing.today.shape[1]
    pair_at = np.full(packing.today.shape, -1)
    pair_at[packing.pairs[:, 0], packing.pairs[:, 1]] = packing.first_pair + np.arange(
        len(packing.pairs)
    )
    goer_at = np.full(packing.today.shape, -1)
    goer_at[packing.goers[:, 0], packing.goers[:, 1]] = packing.first_goer + np.arange(
        len(packing.goers)
    )
    row, column, value, needs = list[int](), list[int](), list[float](), list[float]()
    for at, place in enumerate(places.tolist()):
        within = np.flatnonzero(about[place])
        for kind in range(kinds):
            if lasting[within, kind].any():
                continue
            placed = pair_at[within, kind]
            gone = goer_at[within, kind]
            placed, gone = placed[placed >= 0], gone[gone >= 0]
            number = len(needs)
            columns = [size + at, *placed.tolist(), *gone.tolist()]
            row += [number] * len(columns)
            column += columns
            value += [1.0, *[-1.0] * len(placed), *[1.0] * len(gone)]
            needs.append(float(len(gone)))
    shape = (len(needs), size + len(places))
    return csr_matrix(coo_matrix((value, (row, column)), shape=shape)), np.array(needs)
