"""What is the best answer of a linear program, some of whose numbers must be whole?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Numbers = NDArray[np.int64]

#: A relative gap no wider than this counts as proved.
TOLERANCE = 1e-6
#: Without limit, in the program's terms.
ENDLESS = math.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """Least ``cost`` of columns between bounds, rows of them between bounds, some of them whole.

    ``enough`` ends the search at the first answer that costs no more than this.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    whole: Bools
    rows: csr_matrix
    row_lower: Floats
    row_upper: Floats
    enough: float = -ENDLESS

    def __post_init__(self) -> None:
        count = len(self.cost)
        assert len(self.lower) == len(self.upper) == len(self.whole) == count
        assert self.rows.shape == (len(self.row_lower), count)
        assert len(self.row_upper) == len(self.row_lower)


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What became of a program.

    ``values`` is the best answer found (None where there is none), ``bound`` a proved lower bound
    of every answer's cost (``inf`` where there can be none).
    """

    values: Floats | None
    bound: float
    status: Literal["optimal", "time_limit", "infeasible"]


def solve_program(
    program: Program,
    *,
    deadline: float,
    start: Floats | None = None,
    floor: float = -ENDLESS,
    improve: Callable[[Floats], Floats | None] | None = None,
) -> Outcome:
    """Solve a program by HiGHS on one core: the same answer every time, unless time runs out.

    Parameters
    ----------
    program
        What to solve.
    deadline
        On the clock of `time.monotonic`; after it the best answer found is returned.
    start
        A value for each column: an answer to begin with.
    floor
        A bound that is known beforehand.
    improve
        Told the values without whole numbers, returns an answer near them, or None. Columns that
        cannot move from their bound in any better answer are then fixed there.

    Notes
    -----
    Huangfu and Hall (2018), *Parallelizing the dual revised simplex method*, for HiGHS. Fixing by
    reduced costs goes back to Dantzig, Fulkerson and Johnson (1954).
    """
    if len(program.cost) == 0:
        able = bool((program.row_lower <= 1e-9).all() and (program.row_upper >= -1e-9).all())
        if not able:
            return Outcome(values=None, bound=ENDLESS, status="infeasible")
        return Outcome(values=np.zeros(0), bound=0.0, status="optimal")
    if improve is not None:
        relaxed = open_model(replace(program, whole=np.zeros_like(program.whole)))
        found = run_model(relaxed, deadline=deadline, whole=False, floor=floor)
        if found.status == "infeasible":
            return found
        if found.status == "optimal" and found.values is not None:
            floor = max(floor, found.bound)
            start = _better(program, start, improve(found.values))
            if start is not None:
                value = float(program.cost @ start)
                if value - found.bound <= TOLERANCE * abs(value):
                    return Outcome(values=start, bound=found.bound, status="optimal")
                reduced = np.array(relaxed.getSolution().col_dual)
                program = _fix(program, found, reduced, value)
    model = open_model(program)
    if start is not None:
        model.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    found = run_model(model, deadline=deadline, whole=bool(program.whole.any()), floor=floor)
    if found.values is None and start is not None:
        # Nothing better than the beginning is left, or time ran out.
        ended = found.status == "infeasible"
        bound = float(program.cost @ start) if ended else found.bound
        return Outcome(values=start, bound=bound, status="optimal" if ended else "time_limit")
    return found


def _better(program: Program, first: Floats | None, second: Floats | None) -> Floats | None:
    if first is None or second is None:
        return second if first is None else first
    return second if program.cost @ second < program.cost @ first else first


def _fix(program: Program, relaxed: Outcome, reduced: Floats, value: float) -> Program:
    """Fix whole columns at the bound that they cannot leave in a better answer."""
    assert relaxed.values is not None
    slack = value - relaxed.bound + TOLERANCE * max(1.0, abs(value))
    low = program.whole & (reduced > slack) & (relaxed.values <= program.lower + 1e-9)
    high = program.whole & (-reduced > slack) & (relaxed.values >= program.upper - 1e-9)
    return replace(
        program,
        upper=np.where(low, program.lower, program.upper),
        lower=np.where(high, program.upper, program.lower),
    )


def open_model(program: Program) -> highspy.Highs:
    """Return the program as HiGHS takes it, set to give the same answer every time."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("random_seed", 0)
    model.setOptionValue("threads", 1)
    if program.enough > -ENDLESS:
        model.setOptionValue("objective_target", program.enough)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(program.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.rows.indptr.astype(np.int32)
    lp.a_matrix_.index_ = program.rows.indices.astype(np.int32)
    lp.a_matrix_.value_ = program.rows.data.astype(np.float64)
    if program.whole.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(whole)] for whole in program.whole]
    model.passModel(lp)
    return model


def run_model(
    model: highspy.Highs, *, deadline: float, whole: bool, floor: float = -ENDLESS
) -> Outcome:
    """Run a model until it is solved or the deadline has come."""
    left = deadline - time.monotonic()
    if left <= 0:
        return Outcome(values=None, bound=floor, status="time_limit")
    # HiGHS counts the seconds of all runs of one model together, but for whole numbers.
    model.setOptionValue("time_limit", float(left if whole else model.getRunTime() + left))
    model.run()
    found = model.getModelStatus()
    if found in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return Outcome(values=None, bound=ENDLESS, status="infeasible")
    info = model.getInfo()
    proved = found == highspy.HighsModelStatus.kOptimal
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(model.getSolution().col_value) if feasible else None
    if not whole:
        bound = float(info.objective_function_value) if proved else -ENDLESS
    else:
        bound = float(info.mip_dual_bound)
    if not math.isfinite(bound):
        bound = floor
    enough = found == highspy.HighsModelStatus.kObjectiveTarget
    return Outcome(
        values=values,
        bound=max(bound, floor),
        status="optimal" if proved or enough else "time_limit",
    )
