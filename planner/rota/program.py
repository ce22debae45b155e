"""Which rota serves most people, as a program of whole numbers?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from planner.rota.inputs import RotaProblem
from planner.rota.reach import Reach
from planner.rota.staffing import TeamDay

Floats = NDArray[np.float64]
#: A choice: for each team's day, the number of its run, -1 for none.
Choice = tuple[int, ...]
SolveStatus = Literal["optimal", "time_limit"]
#: Sums are scaled so that all demand is this much: HiGHS works to a millionth.
SCALE = 1_000.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the solver found: a choice (None where it found none in time) and a bound."""

    choice: Choice | None
    bound: float
    status: SolveStatus


class Rows:
    """Columns and rows of a program, gathered one by one."""

    def __init__(self) -> None:
        self.upper: list[float] = []
        self.whole: list[bool] = []
        self.limits: list[tuple[float, float]] = []
        self.starts: list[int] = [0]
        self.index: list[int] = []
        self.value: list[float] = []

    def column(self, *, upper: float = 1.0, whole: bool = False) -> int:
        """Add a column from 0 to a limit."""
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.upper) - 1

    def row(
        self, lower: float, upper: float, columns: Sequence[int], values: Sequence[float]
    ) -> int:
        """Add a row, and return its number."""
        self.limits.append((lower, upper))
        self.index += columns
        self.value += values
        self.starts.append(len(self.index))
        return len(self.limits) - 1

    def to_model(self) -> highspy.Highs:
        """Return the program, with nothing to strive for yet."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.upper), len(self.limits)
        lp.col_cost_ = np.zeros(len(self.upper))
        lp.col_lower_ = np.zeros(len(self.upper))
        lp.col_upper_ = np.array(self.upper)
        lp.row_lower_ = np.array([low for low, _ in self.limits])
        lp.row_upper_ = np.array([high for _, high in self.limits])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self.starts)
        lp.a_matrix_.index_ = np.array(self.index)
        lp.a_matrix_.value_ = np.array(self.value)
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in self.whole]
        lp.sense_ = highspy.ObjSense.kMaximize
        model = highspy.Highs()
        for option, value in (("output_flag", False), ("random_seed", 1), ("mip_rel_gap", 0.0)):
            model.setOptionValue(option, value)
        model.setOptionValue("mip_abs_gap", 1e-7 * SCALE)
        model.passModel(lp)
        return model


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """The program of one rota.

    ``runs`` the column of each team day's first run; ``gains`` column → scaled demand, by type
    (the last entry: areas without type); ``floor`` and ``worst`` the columns of the share of each
    type's best, and of the worst-off type's credit; ``floor_rows`` the row of each type.
    """

    model: highspy.Highs
    columns: int
    runs: tuple[int, ...]
    gains: tuple[dict[int, float], ...]
    floor: int
    worst: int
    floor_rows: tuple[int, ...]
    scale: float


def build_program(problem: RotaProblem, reach: Reach, days: Sequence[TeamDay]) -> Program:
    """Write a rota as a program of whole numbers.

    Notes
    -----
    A column a run that a team could make on a day; from these follow the days on which each
    service is present at each venue, the level of presence there (at least one day, at least
    two, ...), and for each set of areas alike whether some venue in reach has that level: a
    maximal covering program (Church and ReVelle 1974) with a level for each day. Teams that are
    alike, and weeks, are put in order by how many sessions they have, which loses no answer.
    """
    rows = Rows()
    runs = []
    for day in days:
        runs.append(len(rows.upper))
        columns = [rows.column(whole=True) for _ in day.runs]
        if columns:
            rows.row(-np.inf, 1.0, columns, [1.0] * len(columns))
    _add_hours(rows, problem, days, runs)
    _add_rooms(rows, problem, days, runs)
    _add_orders(rows, problem, days, runs)
    levels = _add_presence(rows, problem, reach, days, runs)
    total = float(reach.demand.sum())
    scale = SCALE / total if total > 0 else 1.0
    gains = _add_people(rows, reach, levels, scale)
    floor, worst = rows.column(), rows.column()
    floor_rows = [
        rows.row(0.0, np.inf, [*found, floor], [*found.values(), 0.0]) for found in gains[:-1]
    ]
    need = reach.by_type(reach.demand) * scale
    have = reach.by_type(reach.demand * reach.before) * scale
    for number, found in enumerate(gains[:-1]):
        if need[number] > 0:
            values = [*found.values(), -need[number]]
            rows.row(-have[number], np.inf, [*found, worst], values)
    return Program(
        model=rows.to_model(),
        columns=len(rows.upper),
        runs=tuple(runs),
        gains=gains,
        floor=floor,
        worst=worst,
        floor_rows=tuple(floor_rows),
        scale=scale,
    )


def _add_hours(
    rows: Rows, problem: RotaProblem, days: Sequence[TeamDay], runs: Sequence[int]
) -> None:
    """Keep each team's week within its hours."""
    hours = problem.teams["hours_per_week"].to_numpy(dtype="float64")
    weeks: dict[tuple[int, int], dict[int, float]] = {}
    for day, first in zip(days, runs, strict=True):
        found = weeks.setdefault((day.team, day.week), {})
        found.update({first + at: float(run.minutes) for at, run in enumerate(day.runs)})
    for (team, _), found in weeks.items():
        if not np.isnan(hours[team]) and found:
            rows.row(-np.inf, 60.0 * hours[team], list(found), list(found.values()))


def _add_rooms(
    rows: Rows, problem: RotaProblem, days: Sequence[TeamDay], runs: Sequence[int]
) -> None:
    """Let no more teams visit a venue on a day than it has rooms."""
    rooms = problem.venues["rooms"].fillna(1.0).to_numpy(dtype="float64")
    there: dict[tuple[int, int, int], list[int]] = {}
    teams: dict[tuple[int, int, int], set[int]] = {}
    for day, first in zip(days, runs, strict=True):
        for at, run in enumerate(day.runs):
            for venue in run.venues:
                there.setdefault((day.week, day.day, venue), []).append(first + at)
                teams.setdefault((day.week, day.day, venue), set()).add(day.team)
    for key, columns in there.items():
        if len(teams[key]) > rooms[key[2]]:
            rows.row(-np.inf, float(np.floor(rooms[key[2]])), columns, [1.0] * len(columns))


def _add_orders(
    rows: Rows, problem: RotaProblem, days: Sequence[TeamDay], runs: Sequence[int]
) -> None:
    """Put weeks, and teams that are alike, in order by their number of sessions."""
    by_week: dict[int, dict[int, float]] = {}
    by_team: dict[int, dict[int, float]] = {}
    for day, first in zip(days, runs, strict=True):
        found = {first + at: float(len(run.venues)) for at, run in enumerate(day.runs)}
        by_week.setdefault(day.week, {}).update(found)
        by_team.setdefault(day.team, {}).update(found)
    pairs = [(by_week[week], by_week[week + 1]) for week in range(len(by_week) - 1)]
    for teams in _alike_teams(problem):
        pairs += [(by_team[a], by_team[b]) for a, b in itertools.pairwise(teams)]
    for more, fewer in pairs:
        if more and fewer:
            less = [-value for value in fewer.values()]
            rows.row(0.0, np.inf, [*more, *fewer], [*more.values(), *less])


def _alike_teams(problem: RotaProblem) -> list[list[int]]:
    """Return groups of teams that differ in nothing but their names."""
    marks = problem.teams.drop(columns="team_name").itertuples(index=False)
    groups: dict[tuple[str, ...], list[int]] = {}
    for team, mark in enumerate(marks):
        groups.setdefault(tuple(str(cell) for cell in mark), []).append(team)
    return list(groups.values())


def order_choice(problem: RotaProblem, days: Sequence[TeamDay], choice: Choice) -> Choice:
    """Return the same rota with weeks and teams that are alike in the program's order."""
    sessions = [
        len(day.runs[at].venues) if at >= 0 else 0 for day, at in zip(days, choice, strict=True)
    ]
    by_week, by_team = np.zeros(max(day.week for day in days) + 1), np.zeros(len(problem.teams))
    for day, many in zip(days, sessions, strict=True):
        by_week[day.week] += many
        by_team[day.team] += many
    weeks = [int(week) for week in np.argsort(-by_week, kind="stable")]
    teams = list(range(len(by_team)))
    for group in _alike_teams(problem):
        for team, taken in zip(group, sorted(group, key=lambda t: -by_team[t]), strict=True):
            teams[team] = taken
    known = {(day.team, day.week, day.day): at for day, at in zip(days, choice, strict=True)}
    return tuple(known[teams[day.team], weeks[day.week], day.day] for day in days)


def _add_presence(
    rows: Rows,
    problem: RotaProblem,
    reach: Reach,
    days: Sequence[TeamDay],
    runs: Sequence[int],
) -> dict[tuple[int, int], list[int]]:
    """Return, by venue and kind, the columns that say at least one day, at least two, ..."""
    brings = [problem.services_of(str(code)) for code in problem.teams.index]
    there: dict[tuple[int, int], dict[tuple[int, int], list[int]]] = {}
    for day, first in zip(days, runs, strict=True):
        kinds = [reach.kinds.index(kind) for kind in brings[day.team] if kind in reach.kinds]
        for at, run in enumerate(day.runs):
            for venue in run.venues:
                for kind in kinds:
                    cells = there.setdefault((venue, kind), {})
                    cells.setdefault((day.week, day.day), []).append(first + at)
    levels: dict[tuple[int, int], list[int]] = {}
    for key, cells in sorted(there.items()):
        present = []
        for columns in cells.values():
            present.append(rows.column())
            rows.row(-np.inf, 0.0, [present[-1], *columns], [1.0] + [-1.0] * len(columns))
        top = min(len(cells), int((np.diff(reach.levels) > 0).sum()))
        levels[key] = [rows.column(whole=True) for _ in range(top)]
        rows.row(-np.inf, 0.0, [*levels[key], *present], [1.0] * top + [-1.0] * len(present))
        for more, less in itertools.pairwise(levels[key]):
            rows.row(0.0, np.inf, [more, less], [1.0, -1.0])
    return levels


def _add_people(
    rows: Rows, reach: Reach, levels: dict[tuple[int, int], list[int]], scale: float
) -> tuple[dict[int, float], ...]:
    """Return by type what each column of people served is worth; areas alike share a column."""
    alike: dict[tuple[int, int, float, tuple[int, ...]], float] = {}
    for area, near in enumerate(reach.near):
        for kind in range(len(reach.kinds)):
            venues = tuple(v for v in map(int, np.flatnonzero(near)) if (v, kind) in levels)
            before, demand = float(reach.before[area, kind]), float(reach.demand[area, kind])
            if venues and demand > 0 and before < 1:
                key = (int(reach.type_of[area]), kind, before, venues)
                alike[key] = alike.get(key, 0.0) + demand
    gains: tuple[dict[int, float], ...] = tuple({} for _ in range(len(reach.types) + 1))
    for (label, kind, before, venues), demand in sorted(alike.items()):
        credit = np.maximum(reach.levels, before)
        for level in range(max(len(levels[venue, kind]) for venue in venues)):
            worth = demand * scale * float(credit[level + 1] - credit[level])
            if worth <= 0:
                continue
            some = [levels[v, kind][level] for v in venues if level < len(levels[v, kind])]
            served = rows.column()
            rows.row(-np.inf, 0.0, [served, *some], [1.0] + [-1.0] * len(some))
            gains[label][served] = worth
    return gains


def run_program(
    program: Program,
    days: Sequence[TeamDay],
    cost: dict[int, float],
    *,
    start: Choice,
    least_share: float,
    seconds: float,
) -> Answer:
    """Solve for one objective.

    Parameters
    ----------
    program, days
        What was built, and from which days.
    cost
        Column → worth; all others 0.
    start
        A rota to begin with; of no use where it breaks a rule.
    least_share
        Each type gets at least this share of its best (of what `set_best` has set).
    seconds
        After which the best found is returned with its bound.
    """
    model = program.model
    every = np.arange(program.columns, dtype=np.int32)
    values = np.zeros(program.columns)
    values[list(cost)] = list(cost.values())
    model.changeColsCost(program.columns, every, values)
    model.changeColBounds(program.floor, least_share, 1.0)
    model.clearSolver()
    _begin_with(program, days, start)
    # The solver's clock runs on from one solve to the next.
    model.setOptionValue("time_limit", float(model.getRunTime() + max(seconds, 0.05)))
    model.run()
    done = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    info = model.getInfo()
    choice = None
    if info.primal_solution_status == 2:  # a feasible point
        chosen = np.array(model.getSolution().col_value)
        choice = tuple(
            _picked(chosen[first : first + len(day.runs)])
            for day, first in zip(days, program.runs, strict=True)
        )
    bound = float(info.mip_dual_bound)
    return Answer(choice=choice, bound=bound, status="optimal" if done else "time_limit")


def _begin_with(program: Program, days: Sequence[TeamDay], start: Choice) -> None:
    """Hand a rota to the solver; it works out all that follows from it."""
    index = [
        first + at
        for day, first in zip(days, program.runs, strict=True)
        for at in range(len(day.runs))
    ]
    values = [
        float(at == chosen)
        for day, chosen in zip(days, start, strict=True)
        for at in range(len(day.runs))
    ]
    program.model.setSolution(
        len(index), np.array(index, dtype=np.int32), np.array(values, dtype="float64")
    )


def _picked(chosen: Floats) -> int:
    return int(chosen.argmax()) if len(chosen) and chosen.max() > 0.5 else -1


def set_best(program: Program, best: Floats) -> None:
    """Set the best that each type could have, of which it gets a share (scaled)."""
    for row, value in zip(program.floor_rows, best, strict=True):
        program.model.changeCoeff(row, program.floor, -float(value))
