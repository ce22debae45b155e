"""Which sites cover most people within some minutes, and how few of them cover enough?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, hstack, identity, vstack

from planner.hubs.limits import ROUNDING, Limit
from planner.hubs.problem import Floats, Places, SitingProblem
from planner.hubs.program import ENDLESS, TOLERANCE, Bools, Program, solve_program

#: Minutes that differ by less are equal: times are whole tenths of a second.
SAME_MINUTES = 1e-6
#: Choices drawn near the answer without whole numbers.
_DRAWS = 23


@dataclass(frozen=True, kw_only=True, eq=False)
class Cover:
    """Who would be within reach of what.

    ``reach`` is areas × candidates for the areas that no open site covers already, ``demand``,
    ``people`` and ``group`` (number of a type, -1 for none) are theirs. ``held`` is the demand
    that is covered already, ``totals`` all people of each type and ``already`` those of them who
    are covered.
    """

    reach: Bools
    demand: Floats
    people: Floats
    group: Places
    held: float
    totals: Floats
    already: Floats

    def demand_of(self, sites: Places) -> float:
        """Return the demand that is covered once these candidates are open."""
        return self.held + float(self.demand @ self.reach[:, sites].any(axis=1))

    def share_of(self, sites: Places) -> float:
        """Return the least share of people covered of any type (1 where there is no type)."""
        near = self.reach[:, sites].any(axis=1) & (self.group >= 0)
        covered = self.already + np.bincount(
            self.group[near], weights=self.people[near], minlength=len(self.totals)
        )
        filled = self.totals > 0
        return float((covered[filled] / self.totals[filled]).min()) if filled.any() else 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """Candidates chosen (numbers among the free ones), and what is proved of every choice.

    ``sites`` is None where no choice does it (``finished``) or none was found in time.
    """

    sites: Places | None
    bound: float
    finished: bool


def build_cover(
    problem: SitingProblem, free: Places, within_minutes: float, group: Places
) -> Cover:
    """Return who would be within ``within_minutes`` of which candidates.

    ``group`` is the number of each area's type, -1 where it is in none.
    """
    times = problem.minutes.to_numpy(dtype=np.float64)
    near = np.nan_to_num(times, nan=np.inf) <= within_minutes + SAME_MINUTES
    held = near[:, problem.at(problem.open_sites)].any(axis=1)
    demand = problem.demand.to_numpy(dtype=np.float64)
    people = problem.people.to_numpy(dtype=np.float64)
    typed = group >= 0
    count = int(group.max(initial=-1)) + 1
    kept = ~held & ((demand > 0) | (typed & (people > 0)))
    return Cover(
        reach=near[kept][:, free],
        demand=demand[kept],
        people=people[kept],
        group=group[kept],
        held=float(demand[held].sum()),
        totals=_sums(group[typed], people[typed], count),
        already=_sums(group[typed & held], people[typed & held], count),
    )


def cover_most(cover: Cover, limit: Limit, share: float, *, deadline: float) -> Choice:
    """Choose candidates that cover most demand, and ``share`` of the people of every type.

    Notes
    -----
    Church and ReVelle (1974), *The maximal covering location problem*, with areas of equal cover
    taken together and candidates left out that another covers at least as well for no more.
    """
    small, kept = _reduce(cover, limit)
    first = _swap_in(small.cover, small.limit, _greedy(small.cover, small.limit))
    if share <= 0 and small.cover.demand_of(first) >= _all_demand(small.cover) * (1 - ROUNDING):
        sites = _put_first(cover, limit, kept[first], share)
        return Choice(sites=sites, bound=cover.demand_of(sites), finished=True)
    layout = _Layout(small, share=share)
    demand = small.cover.demand
    program = layout.program(np.zeros(len(kept)), -demand, limit=small.limit, floors=True)
    start = layout.start(first) if layout.allows(first) else None

    def improve(values: Floats) -> Floats | None:
        most = cover.held + float(demand @ values[len(kept) :])
        near = _near_by(small, values[: len(kept)], layout, most * (1 - TOLERANCE))
        return None if near is None else layout.start(near)

    found = solve_program(
        program, deadline=deadline, start=start, floor=-float(demand.sum()), improve=improve
    )
    if found.status == "infeasible":
        return Choice(sites=None, bound=-ENDLESS, finished=True)
    options = [] if start is None else [first]
    if found.values is not None:
        options.append(np.flatnonzero(found.values[: len(kept)] > 0.5))
    if not options:
        return Choice(sites=None, bound=cover.held - found.bound, finished=False)
    best = max(options, key=small.cover.demand_of)
    sites = _put_first(cover, limit, kept[best], share)
    finished = found.status == "optimal"
    bound = cover.demand_of(sites) if finished else cover.held - found.bound
    return Choice(sites=sites, bound=bound, finished=finished)


def most_covered(cover: Cover, limit: Limit, *, deadline: float) -> float:
    """Return more demand than which no choice covers, by candidates that may be opened in part."""
    small, kept = _reduce(cover, limit)
    demand = small.cover.demand
    layout = _Layout(small, share=0.0)
    program = layout.program(np.zeros(len(kept)), -demand, limit=small.limit, floors=False)
    program = replace(program, whole=np.zeros_like(program.whole))
    found = solve_program(program, deadline=deadline, floor=-float(demand.sum()))
    return cover.held - found.bound


def cover_enough(
    cover: Cover,
    limit: Limit,
    share: float,
    *,
    deadline: float,
    enough: float = -ENDLESS,
) -> Choice:
    """Choose the fewest (or cheapest) candidates that cover ``share`` of every type.

    ``limit`` says what each takes; how much there is of it is not looked at. The first choice
    that takes no more than ``enough`` will do.

    Notes
    -----
    Toregas, Swain, ReVelle and Bergman (1971), *The location of emergency service facilities*.
    """
    cover = _needed(cover)
    small, kept = _reduce(cover, replace(limit, most=ENDLESS))
    everything = np.arange(len(kept))
    if cover.share_of(np.arange(cover.reach.shape[1])) < share * (1 - ROUNDING):
        return Choice(sites=None, bound=ENDLESS, finished=True)
    first = _thin_out(small, share, _greedy(small.cover, small.limit, share=share))
    takes = small.limit.takes
    if takes[first].sum() <= enough + ROUNDING or len(first) == 0:
        return Choice(sites=kept[first], bound=0.0, finished=len(first) == 0 or enough > -ENDLESS)
    layout = _Layout(small, share=share)
    program = layout.program(takes, np.zeros(len(small.cover.demand)), limit=None, floors=True)
    program = replace(program, enough=enough)
    found = solve_program(program, deadline=deadline, start=layout.start(first), floor=0.0)
    sites = first
    if found.values is not None:
        chosen = everything[found.values[: len(kept)] > 0.5]
        if takes[chosen].sum() < takes[first].sum() * (1 - ROUNDING):
            sites = chosen
    finished = found.status == "optimal"
    if enough == -ENDLESS:
        ended = _put_first(
            cover, replace(limit, most=float(takes[sites].sum())), kept[sites], share
        )
    else:
        ended = kept[sites]
    bound = float(takes[sites].sum()) if finished and enough == -ENDLESS else found.bound
    whole = bool((limit.takes == 1).all())
    bound = float(np.ceil(bound - 1e-6)) if whole else bound
    return Choice(sites=ended, bound=bound, finished=finished)


def cover_fairest(cover: Cover, limit: Limit, *, deadline: float) -> Choice:
    """Choose candidates so that the least share covered of any type is greatest.

    ``bound`` is of that share. With one type of all people: the greatest share of them.
    """
    cover = _needed(cover)
    small, kept = _reduce(cover, limit)
    layout = _Layout(small, share=0.0)
    program = layout.fairest(small.limit)
    found = solve_program(program, deadline=deadline, floor=-1.0)
    options = [_greedy(small.cover, small.limit)]
    if found.values is not None:
        options.append(np.flatnonzero(found.values[: len(kept)] > 0.5))
    best = max(options, key=small.cover.share_of)
    finished = found.status == "optimal"
    bound = small.cover.share_of(best) if finished else min(1.0, -found.bound)
    return Choice(sites=kept[best], bound=bound, finished=finished)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Small:
    """A cover and a limit without what decides nothing."""

    cover: Cover
    limit: Limit


def _needed(cover: Cover) -> Cover:
    """Leave out areas that are in no type: they count for demand alone."""
    kept = (cover.group >= 0) & (cover.people > 0)
    return replace(
        cover,
        reach=cover.reach[kept],
        demand=cover.demand[kept],
        people=cover.people[kept],
        group=cover.group[kept],
    )


def _reduce(cover: Cover, limit: Limit) -> tuple[_Small, Places]:
    """Leave out candidates and areas that decide nothing; return the candidates kept, too."""
    kept = np.flatnonzero(cover.reach.any(axis=0) & (limit.takes <= limit.room))
    kept = kept[_undominated(cover.reach[:, kept], limit.takes[kept])]
    reach = cover.reach[:, kept]
    reached = reach.any(axis=1)
    reach, group = reach[reached], cover.group[reached]
    # Areas that the same candidates cover, in the same type, count together.
    keys = np.column_stack(
        [np.packbits(reach, axis=1), group.astype(">i8").view(np.uint8).reshape(len(group), 8)]
    )
    _, first, of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    of = of.reshape(-1)
    together = replace(
        cover,
        reach=reach[first],
        demand=_sums(of, cover.demand[reached], len(first)),
        people=_sums(of, cover.people[reached], len(first)),
        group=group[first],
    )
    narrow = replace(limit, free=limit.free[kept], takes=limit.takes[kept])
    return _Small(cover=together, limit=narrow), kept


def _undominated(reach: Bools, takes: Floats) -> Bools:
    """Mark candidates that no other covers at least as well for no more; of equals the first."""
    both = reach.T.astype(np.float32) @ reach.astype(np.float32)
    size = np.diag(both)
    within = (both == size[:, None]) & (takes[None, :] <= takes[:, None])
    number = np.arange(len(size))
    equal = (size[None, :] == size[:, None]) & (takes[None, :] == takes[:, None])
    better = within & (~equal | (number[None, :] < number[:, None]))
    marked: Bools = ~better.any(axis=1)
    return marked


class _Layout:
    """The columns of a program: candidates first, then areas (1 where covered)."""

    def __init__(self, small: _Small, *, share: float) -> None:
        self.cover, self.share = small.cover, share
        self.sites, self.areas = small.cover.reach.shape[1], len(small.cover.demand)
        minus = -identity(self.areas, format="csr")
        self.linked = hstack([csr_matrix(self.cover.reach.astype(np.float64)), minus], "csr")

    def allows(self, sites: Places) -> bool:
        """Tell whether these candidates cover the share of every type."""
        return self.share <= 0 or self.cover.share_of(sites) >= self.share * (1 - ROUNDING)

    def start(self, sites: Places) -> Floats:
        """Return the values of the columns once these candidates are open."""
        opened = np.zeros(self.sites)
        opened[sites] = 1.0
        return np.concatenate([opened, self.cover.reach[:, sites].any(axis=1).astype(np.float64)])

    def program(
        self, site_cost: Floats, area_cost: Floats, *, limit: Limit | None, floors: bool
    ) -> Program:
        """Return the program with these costs, within a limit, with every type's share covered."""
        count = self.sites + self.areas
        rows, low, high = [self.linked], [np.zeros(self.areas)], [np.full(self.areas, np.inf)]
        least = np.zeros(count)
        if floors and self.share > 0:
            must = self.cover.totals * self.share * (1 - ROUNDING) - self.cover.already
            for group in np.flatnonzero(must > 0):
                mine = np.flatnonzero(self.cover.group == group)
                if self.share >= 1.0 and self.cover.people[mine].sum() >= must[group]:
                    least[self.sites + mine] = 1.0
                    continue
                rows.append(_row(count, self.sites + mine, self.cover.people[mine]))
                low.append(np.array([must[group]]))
                high.append(np.array([np.inf]))
        if limit is not None and limit.most < np.inf:
            rows.append(_row(count, np.arange(self.sites), limit.takes))
            low.append(np.array([-np.inf]))
            high.append(np.array([limit.room]))
        return Program(
            cost=np.concatenate([site_cost, area_cost]),
            lower=least,
            upper=np.ones(count),
            whole=np.arange(count) < self.sites,
            rows=vstack(rows, "csr"),
            row_lower=np.concatenate(low),
            row_upper=np.concatenate(high),
        )

    def fairest(self, limit: Limit) -> Program:
        """Return the program whose last column is the least share covered of any type."""
        base = self.program(np.zeros(self.sites), np.zeros(self.areas), limit=limit, floors=False)
        count = self.sites + self.areas
        filled = np.flatnonzero(self.cover.totals > 0)
        rows = []
        for group in filled:
            mine = np.flatnonzero(self.cover.group == group)
            row = _row(count, self.sites + mine, self.cover.people[mine] / self.cover.totals[group])
            rows.append(hstack([row, csr_matrix(np.array([[-1.0]]))], "csr"))
        above = hstack([base.rows, csr_matrix((base.rows.shape[0], 1))], "csr")
        already = self.cover.already[filled] / self.cover.totals[filled]
        return Program(
            cost=np.append(np.zeros(count), -1.0),
            lower=np.append(base.lower, 0.0),
            upper=np.append(base.upper, 1.0),
            whole=np.append(base.whole, False),
            rows=vstack([above, *rows], "csr"),
            row_lower=np.concatenate([base.row_lower, -already]),
            row_upper=np.concatenate([base.row_upper, np.full(len(filled), np.inf)]),
        )


def _row(count: int, columns: Places, values: Floats) -> csr_matrix:
    return csr_matrix((values, (np.zeros(len(columns), np.int64), columns)), shape=(1, count))


def _sums(number: Places, values: Floats, count: int) -> Floats:
    """Return the sum of values with each number."""
    return np.bincount(number, weights=values, minlength=count).astype(np.float64)


def _all_demand(cover: Cover) -> float:
    return cover.held + float(cover.demand.sum())


def _greedy(cover: Cover, limit: Limit, *, share: float = ENDLESS) -> Places:
    """Open the candidate that covers most for what it takes, until nothing is left to gain.

    With a ``share``, people count instead of demand, and it ends once that is covered.
    """
    weight = cover.demand if share == ENDLESS else cover.people
    open_to = np.ones(len(cover.demand), dtype=bool)
    takes = np.maximum(limit.takes, 1e-12)
    chosen: list[int] = []
    left = limit.room
    while share == ENDLESS or cover.share_of(np.array(chosen, np.int64)) < share * (1 - ROUNDING):
        gain = (weight * open_to) @ cover.reach / takes
        gain[limit.takes > left] = 0.0
        if len(gain) == 0 or gain.max() <= 0:
            break
        best = int(gain.argmax())
        chosen.append(best)
        left -= limit.takes[best]
        open_to &= ~cover.reach[:, best]
    return np.sort(np.array(chosen, np.int64))


def _near_by(small: _Small, shares: Floats, layout: _Layout, enough: float) -> Places | None:
    """Return the best of some choices drawn by shares of candidates, each swapped to its best.

    The first will do if it covers ``enough``: no choice covers more.
    """
    rng = np.random.default_rng(0)
    first = _round(small.limit, shares)
    found = [first, _swap_in(small.cover, small.limit, first)]
    if not (layout.allows(found[1]) and small.cover.demand_of(found[1]) >= enough):
        drawn = [_round(small.limit, shares * rng.random(len(shares))) for _ in range(_DRAWS)]
        found += [*drawn, *_swap_all(small.cover, small.limit, drawn)]
    good = [sites for sites in found if layout.allows(sites)]
    return max(good, key=small.cover.demand_of, default=None)


def _round(limit: Limit, shares: Floats) -> Places:
    """Open candidates by their shares, the greatest first, while the limit allows."""
    chosen, left = list[int](), limit.room
    for site in np.argsort(-shares, kind="stable"):
        if shares[site] > 1e-9 and limit.takes[site] <= left:
            chosen.append(int(site))
            left -= limit.takes[site]
    return np.sort(np.array(chosen, np.int64))


def _swap_in(cover: Cover, limit: Limit, sites: Places) -> Places:
    """Swap one candidate for another while that covers more demand."""
    return _swap_all(cover, limit, [sites])[0]


def _swap_all(cover: Cover, limit: Limit, beginnings: list[Places]) -> list[Places]:
    """Swap one candidate for another while that covers more demand, from each beginning."""
    weighted = csr_matrix(cover.reach.T * cover.demand)
    return [_swap_one(cover, limit, sites, weighted) for sites in beginnings]


def _swap_one(cover: Cover, limit: Limit, sites: Places, weighted: csr_matrix) -> Places:
    while len(sites) and weighted.shape[0]:
        near = cover.reach[:, sites]
        times = near.sum(axis=1)
        now = float(cover.demand @ (times > 0))
        # What each candidate would add to the others once one of them is left out.
        alone = (near & (times == 1)[:, None]).astype(np.float64)
        gain = (weighted @ (times == 0))[:, None] + weighted @ alone
        total = now - cover.demand @ alone + gain
        takes = limit.takes[sites].sum() - limit.takes[sites] + limit.takes[:, None]
        total[takes > limit.room] = -np.inf
        into, out = np.unravel_index(int(total.argmax()), total.shape)
        if total[into, out] <= (cover.held + now) * (1 + ROUNDING) - cover.held:
            break
        sites = np.sort(np.append(np.delete(sites, out), into))
    return sites


def _thin_out(small: _Small, share: float, sites: Places) -> Places:
    """Leave out candidates that the others make needless, the dearest and last ones first."""
    order = np.lexsort((sites, small.limit.takes[sites]))[::-1]
    for site in sites[order]:
        rest = sites[sites != site]
        if small.cover.share_of(rest) >= share * (1 - ROUNDING):
            sites = rest
    return sites


def _put_first(cover: Cover, limit: Limit, sites: Places, share: float) -> Places:
    """Swap candidates for earlier ones while all stays as good; the earliest ones first."""
    takes = float(limit.takes[sites].sum())
    least = cover.demand_of(sites) * (1 - ROUNDING)
    sites = np.sort(sites)
    while True:
        swap = _earlier(cover, limit, sites, share, takes, least)
        if swap is None:
            return sites
        sites = swap


def _earlier(
    cover: Cover, limit: Limit, sites: Places, share: float, takes: float, least: float
) -> Places | None:
    best: tuple[int, int] | None = None
    for out in sites[::-1]:
        rest = sites[sites != out]
        left = ~cover.reach[:, rest].any(axis=1)
        held = cover.held + float(cover.demand @ ~left)
        good = held + (cover.demand * left) @ cover.reach >= least
        good &= limit.takes[rest].sum() + limit.takes <= takes * (1 + ROUNDING) + ROUNDING
        good[rest] = False
        for into in np.flatnonzero(good[:out]):
            if best is not None and into >= best[0]:
                break
            if share > 0 and cover.share_of(np.append(rest, into)) < share * (1 - ROUNDING):
                continue
            best = (int(into), int(out))
            break
    if best is None:
        return None
    return np.sort(np.append(sites[sites != best[1]], best[0]))
