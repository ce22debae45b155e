"""Which p sites bring the least weighted travel, and is that proved?"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from planner.errors import InfeasibleError

#: Choices times costs looked at, up to which every choice is tried: some seconds.
MOST_TRIED = 3_000_000_000

SolveStatus = Literal["optimal", "time_limit"]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PMedian:
    """An answer to a p-median problem, and how good it is known to be.

    ``sites`` are the chosen columns in ascending order, ``assigned`` the chosen column of each
    row; ``objective`` is the weighted cost of the answer, ``bound`` a proved lower bound of any
    answer, ``gap`` their relative difference (0 where the answer is proved best).
    """

    sites: tuple[int, ...]
    assigned: IntArray
    objective: float
    bound: float
    gap: float
    status: SolveStatus


def solve_pmedian(
    cost: FloatArray,
    weight: FloatArray,
    p: int,
    *,
    fixed: tuple[int, ...] = (),
    time_limit_seconds: float = 60.0,
) -> PMedian:
    """Choose ``p`` columns beside the ``fixed`` ones with the least weighted cost.

    Parameters
    ----------
    cost
        Rows × columns, finite and at least 0 (put the penalty where there is no way).
    weight
        One a row, at least 0.
    p
        Columns to choose beside the fixed ones.
    fixed
        Columns that are open whatever happens.
    time_limit_seconds
        After that the best answer found is returned with its gap.

    Returns
    -------
    answer
        Ties go to the columns that come first.

    Raises
    ------
    InfeasibleError
        There are fewer than ``p`` columns to choose from.

    Notes
    -----
    The formulation is that of ReVelle and Swain (1970) with one variable for each row and each
    *distinct* cost up to the penalty, solved by HiGHS. Interchange (Teitz and Bart 1968) gives
    the answer the proof starts from, so that a time limit still leaves a good one. Where the
    choices are few enough (`MOST_TRIED`), every one of them is tried instead, which is a proof,
    too, and much sooner done.
    """
    columns = cost.shape[1]
    free = columns - len(set(fixed))
    if p > free:
        raise InfeasibleError(
            f"Hubs: {p} sites are asked for, but there are {free} candidates.",
            hint="Lower [hubs] count, or name more candidate venues.",
        )
    status: SolveStatus
    if math.comb(free, max(p - 1, 0)) * cost.size <= MOST_TRIED:
        sites, status = _try_all(cost, weight, p, fixed), "optimal"
        bound = _objective(cost, weight, sites)
    else:
        start = _interchange(cost, weight, p, fixed)
        bound, sites, status = _prove(cost, weight, p, fixed, start, time_limit_seconds)
    objective = _objective(cost, weight, sites)
    gap = max(0.0, (objective - bound) / objective) if objective > 0 else 0.0
    if gap <= 1e-6:
        gap, status = 0.0, "optimal"
    chosen = np.array(sites)
    return PMedian(
        sites=tuple(int(s) for s in sites),
        assigned=chosen[np.argmin(cost[:, chosen], axis=1)],
        objective=objective,
        bound=min(bound, objective),
        gap=gap,
        status=status,
    )


def _try_all(cost: FloatArray, weight: FloatArray, p: int, fixed: tuple[int, ...]) -> list[int]:
    """Return the best of all choices; of equal ones the first by its columns."""
    free = [column for column in range(cost.shape[1]) if column not in fixed]
    always = sorted(set(fixed))
    near = cost[:, always].min(axis=1) if always else np.full(len(cost), np.inf)
    if p == 0:
        return always
    best, found = math.inf, list[int]()
    options = np.ascontiguousarray(cost[:, free])
    for first in itertools.combinations(range(len(free)), p - 1):
        after = first[-1] + 1 if first else 0
        if after >= len(free):
            continue
        nearest = np.minimum(near, options[:, first].min(axis=1)) if first else near
        totals = weight @ np.minimum(options[:, after:], nearest[:, None])
        last = int(np.argmin(totals))
        if totals[last] < best * (1 - 1e-12):
            best = float(totals[last])
            found = [free[site] for site in (*first, after + last)]
    return sorted([*always, *found])


def _objective(cost: FloatArray, weight: FloatArray, sites: list[int]) -> float:
    return float(weight @ cost[:, sites].min(axis=1))


def _interchange(cost: FloatArray, weight: FloatArray, p: int, fixed: tuple[int, ...]) -> list[int]:
    """Return a good set of sites: greedy, then swap one for one while that helps."""
    chosen = sorted(set(fixed))
    for _ in range(p):
        nearest = cost[:, chosen].min(axis=1) if chosen else np.full(len(cost), np.inf)
        totals = weight @ np.minimum(cost, nearest[:, None])
        totals[chosen] = np.inf
        chosen = sorted([*chosen, int(np.argmin(totals))])
    best = _objective(cost, weight, chosen)
    while True:
        swap: tuple[int, int] | None = None
        for out in (site for site in chosen if site not in fixed):
            rest = [site for site in chosen if site != out]
            nearest = cost[:, rest].min(axis=1) if rest else np.full(len(cost), np.inf)
            totals = weight @ np.minimum(cost, nearest[:, None])
            totals[rest] = np.inf
            into = int(np.argmin(totals))
            if totals[into] < best * (1 - 1e-12):
                best, swap = float(totals[into]), (out, into)
        if swap is None:
            return chosen
        chosen = sorted([site for site in chosen if site != swap[0]] + [swap[1]])


def _prove(
    cost: FloatArray,
    weight: FloatArray,
    p: int,
    fixed: tuple[int, ...],
    start: list[int],
    time_limit_seconds: float,
) -> tuple[float, list[int], SolveStatus]:
    """Return (lower bound, best sites, status) of the whole program by HiGHS.

    One continuous variable a row and *step* between that row's distinct costs: it is 1 where no
    open site is that near (Cornuéjols, Nemhauser and Wolsey 1980). The same bound as one
    variable a pair, with far fewer of them.
    """
    columns = cost.shape[1]
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("time_limit", float(time_limit_seconds))
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("random_seed", 0)
    model.setOptionValue("threads", 1)

    offset = 0.0
    step_cost: list[float] = []
    starts: list[int] = []
    indices: list[int] = []
    values: list[float] = []
    lower: list[float] = []
    for row in np.flatnonzero(weight > 0):
        levels, level_of = np.unique(cost[row], return_inverse=True)
        offset += float(weight[row] * levels[0])
        order = np.argsort(level_of, kind="stable")
        ends = np.searchsorted(level_of[order], np.arange(1, len(levels)))
        for step, end in enumerate(ends):
            # z >= 1 - (sites nearer than this step): paid once for each step climbed.
            starts.append(len(indices))
            near = order[:end]
            indices.extend([*near.tolist(), columns + len(step_cost)])
            values.extend([1.0] * (end + 1))
            lower.append(1.0)
            step_cost.append(float(weight[row] * (levels[step + 1] - levels[step])))
    starts.append(len(indices))
    indices.extend(range(columns))
    values.extend([1.0] * columns)

    total = columns + len(step_cost)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = total, len(lower) + 1
    lp.col_cost_ = np.concatenate([np.zeros(columns), np.array(step_cost)])
    opened = np.zeros(total)
    opened[list(set(fixed))] = 1.0
    lp.col_lower_ = opened
    lp.col_upper_ = np.ones(total)
    count = p + len(set(fixed))
    lp.row_lower_ = np.array([*lower, float(count)])
    lp.row_upper_ = np.array([*[highspy.kHighsInf] * len(lower), float(count)])
    lp.offset_ = offset
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array([*starts, len(indices)], dtype=np.int32)
    lp.a_matrix_.index_ = np.array(indices, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(values)
    integer = highspy.HighsVarType.kInteger
    lp.integrality_ = [integer] * columns + [highspy.HighsVarType.kContinuous] * len(step_cost)
    model.passModel(lp)

    solution = highspy.HighsSolution()
    guess = np.zeros(total)
    guess[start] = 1.0
    # The continuous part follows from the sites: HiGHS completes a partial solution itself.
    at = columns
    for step in range(len(lower)):
        inside = indices[starts[step] : starts[step + 1] - 1]
        guess[at + step] = 0.0 if guess[inside].any() else 1.0
    solution.col_value = guess.tolist()
    model.setSolution(solution)
    model.run()

    info = model.getInfo()
    optimal = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    found = np.array(model.getSolution().col_value[:columns])
    sites = np.flatnonzero(found > 0.5).tolist() if len(found) else []
    if len(sites) != count or _objective(cost, weight, sites) > _objective(cost, weight, start):
        sites = start
    bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else offset
    return bound, [int(s) for s in sites], "optimal" if optimal else "time_limit"
