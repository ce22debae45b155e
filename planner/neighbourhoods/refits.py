"""Which types come of it when the areas are drawn anew?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from planner.errors import ProjectError
from planner.neighbourhoods.methods import (
    MANY_AREAS,
    count_distinct,
    find_parts,
    fit_types,
    spread,
)
from planner.project.analysis import TypeMethod

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Starts of a refit, each cold: fewer than the published types have, since there are many refits.
STARTS, STARTS_MANY_AREAS, STARTS_MIXTURE = 8, 3, 2
#: How often areas are drawn again where fewer of them differ than there are types.
_TRIES = 50
#: Rows whose nearest centre is looked for at once.
_BLOCK = 8_192

DRAW_WORDS: dict[TypeMethod, str] = {
    "kmeans": "as many areas as there are, drawn with replacement",
    "gaussian_mixture": "as many areas as there are, drawn with replacement",
    "ward": "half of the areas, drawn without replacement",
    "ward_regions": "half of the areas of each connected part, drawn without replacement; those "
    "left out go with the one they are most like along a chain of neighbours",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Refitter:
    """Rows that are put into ``k`` types again and again.

    Parameters
    ----------
    matrix
        Rows × columns, complete.
    method, k, seed
        As in `planner.neighbourhoods.methods.fit_types`.
    graph
        Rows × rows, sparse, not 0 between neighbours; for ``ward_regions``.

    Notes
    -----
    k-means and mixtures: bootstrap (Efron, 1979). In k-means a row drawn twice is a row of weight
    2, which is the same sum of squares.

    Ward: rows drawn twice would always be joined first, at height 0, and regions would lose the
    rows between their parts. Half of the rows without replacement vary as much as a bootstrap
    does (Bühlmann and Yu, 2002, "Analyzing bagging") and are the "subset" scheme of Hennig (2007).
    For regions, each row left out joins the drawn one at the least distance along a chain of
    neighbours, and two drawn rows are neighbours where what joined them touches: a part that was
    connected stays so.
    """

    matrix: Floats
    method: TypeMethod
    k: int
    seed: int
    graph: Any = None

    def on(self, matrix: Floats) -> Refitter:
        """Return the same for other columns of the same rows."""
        return replace(self, matrix=matrix)

    def labels(self) -> Ints:
        """Return the type (0 to k - 1) of each row with all rows taken once."""
        return spread(lambda _: self._whole(), [0])[0]

    def _whole(self) -> Ints:
        if self.method == "kmeans":
            self._check()
            return self._nearest(self._kmeans(np.arange(len(self.matrix)), None, self.seed))
        starts = STARTS_MIXTURE if self.method == "gaussian_mixture" else None
        fit = fit_types(
            self.matrix, self.method, self.k, self.seed, starts=starts, graph=self.graph
        )
        return fit.labels

    def _check(self) -> None:
        # Counting rows that differ takes as long as a refit: mostly the first ones are enough.
        few = self.matrix[: 50 * self.k]
        if count_distinct(few) < self.k and count_distinct(self.matrix) < self.k:
            raise ProjectError(f"{self.k} types: fewer areas than that differ.")

    def draws(self, number: int) -> list[Ints | None]:
        """Return the types of *all* rows for each of ``number`` draws, on all cores.

        Rows that were not drawn get the type whose centre they are nearest to (mixtures: the most
        probable one; regions: that of the row they went with). None where ``_TRIES`` draws in a
        row had fewer rows that differ than types.
        """
        alike = np.unique(self.matrix.astype("float32"), axis=0, return_inverse=True)[1].ravel()
        parts = find_parts(self.graph)[1] if self.method == "ward_regions" else None
        return spread(lambda at: self._draw(at, alike, parts), range(number), rows=len(self.matrix))

    def _draw(self, number: int, alike: Ints, parts: Ints | None) -> Ints | None:
        # A stream of its own for each draw: results do not depend on which core did which.
        rng = np.random.default_rng([self.seed, number])
        for _ in range(_TRIES):
            rows, counts = self._sample(rng, parts)
            # Regions may be of areas that do not differ.
            if self.method == "ward_regions" or len(np.unique(alike[rows])) >= self.k:
                return self._refit(rows, counts, int(rng.integers(2**31)))
        return None

    def _sample(self, rng: np.random.Generator, parts: Ints | None) -> tuple[Ints, Ints]:
        """Return the rows drawn, sorted, each once, and how often each was."""
        size = len(self.matrix)
        if self.method in ("kmeans", "gaussian_mixture"):
            drawn = np.bincount(rng.integers(0, size, size), minlength=size)
            rows = np.flatnonzero(drawn)
            return rows, drawn[rows]
        shuffled = rng.permutation(size)
        groups = np.zeros(size, dtype="int64") if parts is None else parts
        # Place of each row among those of its part, in the shuffled order.
        order = shuffled[np.argsort(groups[shuffled], kind="stable")]
        sizes = np.bincount(groups)
        place = np.arange(size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        kept = order[place < np.repeat((sizes + 1) // 2, sizes)]
        if len(kept) < self.k:
            kept = np.concatenate([kept, np.setdiff1d(shuffled, kept)[: self.k - len(kept)]])
        rows = np.sort(kept)
        return rows, np.ones(len(rows), dtype="int64")

    def _refit(self, rows: Ints, counts: Ints, seed: int) -> Ints:
        if self.method == "kmeans":
            return self._nearest(self._kmeans(rows, counts, seed))
        if self.method == "gaussian_mixture":
            repeated = np.repeat(rows, counts)
            fit = fit_types(self.matrix[repeated], self.method, self.k, seed, starts=STARTS_MIXTURE)
            assert fit.mixture is not None
            return np.asarray(fit.mixture.membership(self.matrix).argmax(axis=1), dtype="int64")
        if self.method == "ward":
            fit = fit_types(self.matrix[rows], self.method, self.k, seed)
            labels = self._nearest(fit.centres)
            labels[rows] = fit.labels
            return labels
        went_with = _absorb(self.matrix, self.graph, rows)
        fit = fit_types(
            self.matrix[rows], self.method, self.k, seed, graph=_contract(self.graph, went_with)
        )
        return fit.labels[went_with]

    def _kmeans(self, rows: Ints, counts: Ints | None, seed: int) -> Floats:
        starts = STARTS if len(self.matrix) <= MANY_AREAS else STARTS_MANY_AREAS
        model = KMeans(self.k, n_init=starts, random_state=seed, algorithm="lloyd")
        model.fit(self.matrix[rows].astype("float32"), sample_weight=counts)
        return np.asarray(model.cluster_centers_, dtype="float64")

    def _nearest(self, centres: Floats) -> Ints:
        return find_nearest(self.matrix, centres)[0]


def find_nearest(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """Return the number of each row's nearest centre and the distance to every one.

    Of equally near centres it is the first; a centre of NaN (of a type of no row) is none.
    """
    away = np.empty((len(matrix), len(centres)))
    for begin in range(0, len(matrix), _BLOCK):
        away[begin : begin + _BLOCK] = cdist(matrix[begin : begin + _BLOCK], centres)
    away = np.where(np.isnan(away), np.inf, away)
    return away.argmin(axis=1).astype("int64"), away


def count_both(first: Ints, second: Ints, k: int) -> Ints:
    """Return the k × k table of how many rows have each label in the first and the second."""
    return np.bincount(first * k + second, minlength=k * k).reshape(k, k)


def jaccard(table: Ints) -> Floats:
    """Return, for each pair of labels, the rows with both as a share of those with either."""
    either = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    return np.asarray(np.divide(table, either, out=np.zeros(table.shape), where=either > 0))


def adjusted_rand(table: Ints) -> float:
    """Return how far two groupings agree beyond chance: 1 is the same, 0 what chance gives.

    Notes
    -----
    Hubert and Arabie (1985).
    """
    cells = table.astype("float64")
    rows, columns, total = cells.sum(axis=1), cells.sum(axis=0), cells.sum()

    def pairs(counts: Any) -> float:
        return float((counts * (counts - 1) / 2).sum())

    expected = pairs(rows) * pairs(columns) / max(pairs(total), 1.0)
    most = (pairs(rows) + pairs(columns)) / 2
    # All in one, or each alone, in both: the same grouping.
    return 1.0 if most == expected else (pairs(cells) - expected) / (most - expected)


def match_types(table: Ints) -> Ints:
    """Return, for each label of the second grouping, the label of the first that it stands for.

    One to one, so that the sum of the Jaccard coefficients of the pairs is greatest (Kuhn, 1955).
    """
    first, second = linear_sum_assignment(jaccard(table), maximize=True)
    match = np.empty(len(table), dtype="int64")
    match[second] = first
    return match


# --- regions --------------------------------------------------------------------------------


def _absorb(matrix: Floats, graph: Any, rows: Ints) -> Ints:
    """Return, for each row, the position among the drawn ``rows`` of the one it goes with."""
    links = coo_array(csr_array(graph))
    lengths = np.sqrt(((matrix[links.row] - matrix[links.col]) ** 2).sum(axis=1))
    # Twins are at no distance, which a sparse table would take for no link.
    lengths = np.maximum(lengths, 1e-9)
    chains = csr_array((lengths, (links.row, links.col)), shape=links.shape)
    _, _, sources = dijkstra(
        chains, directed=False, indices=rows, min_only=True, return_predecessors=True
    )
    went_with: Ints = np.searchsorted(rows, sources).astype("int64")
    return went_with


def _contract(graph: Any, went_with: Ints) -> csr_array:
    """Return the neighbours among drawn rows: those whose followers touch."""
    links = coo_array(csr_array(graph))
    begin, end = went_with[links.row], went_with[links.col]
    apart = begin != end
    size = int(went_with.max()) + 1
    ones = np.ones(int(apart.sum()))
    return csr_array((ones, (begin[apart], end[apart])), shape=(size, size))
