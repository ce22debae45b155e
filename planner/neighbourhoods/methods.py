"""Which rows of a matrix belong together, by each of the methods there are?"""

from __future__ import annotations

import contextlib
import functools
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import KMeans, ward_tree
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import ThreadpoolController

from planner.cores import build_spans, run_all
from planner.errors import DataError, ProjectError
from planner.project.analysis import TypeMethod

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Item = TypeVar("Item")
Result = TypeVar("Result")

#: Starts of k-means: the best of them counts. Half as many where each takes long.
STARTS, STARTS_MANY_AREAS, MANY_AREAS = 20, 10, 5_000
#: Starts of a mixture, half of them from k-means, which is blind to long types.
STARTS_MIXTURE = 8
#: Ward without neighbours compares every pair: 0.8 GB and 7 seconds at this many areas.
WARD_MOST_AREAS = 10_000
#: A full covariance is tried where there are this many areas for each of its figures.
AREAS_PER_FIGURE = 3
#: No type of a mixture is thinner than this share of the variance in any direction.
THINNEST = 1e-3

METHOD_WORDS: dict[TypeMethod, str] = {
    "kmeans": "k-means: each area is in the type whose mean it is nearest to",
    "gaussian_mixture": "a mixture of normal distributions: each area is in the type it most "
    "probably comes from",
    "ward": "Ward's method: areas are joined step by step, those first that add least to the "
    "spread within types",
    "ward_regions": "Ward's method among neighbours only: every type is one connected region, or "
    "part of the place that touches no other",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixture:
    """A mixture of normal distributions, in the units of the matrix it was fitted to.

    Parameters
    ----------
    weights
        Share of each type (k).
    means
        k × columns.
    covariances
        k × columns × columns; off the diagonal 0 where ``shape`` is ``diag``.
    shape
        ``full`` or ``diag``.
    """

    weights: Floats
    means: Floats
    covariances: Floats
    shape: str

    def renumbered(self, order: Ints) -> Mixture:
        """Return the same types in another order: ``order`` lists the old numbers."""
        return replace(
            self,
            weights=self.weights[order],
            means=self.means[order],
            covariances=self.covariances[order],
        )

    def membership(self, matrix: Floats) -> Floats:
        """Return the probability of each type (columns) for each row of ``matrix``."""
        logs = np.empty((len(matrix), len(self.weights)))
        for at, (weight, mean, covariance) in enumerate(
            zip(self.weights, self.means, self.covariances, strict=True)
        ):
            root = np.linalg.cholesky(covariance)
            away = np.linalg.solve(root, (matrix - mean).T)
            logs[:, at] = np.log(weight) - np.log(np.diag(root)).sum() - 0.5 * (away**2).sum(axis=0)
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """Rows put into ``k`` types.

    Parameters
    ----------
    labels
        For each row its type, 0 to k - 1, numbered in the order in which rows first have them.
    centres
        Type × column: plain means of the rows in each (NaN for a type of no row).
    inertia
        Sum over rows of the squared distance to the centre of their type.
    bic
        Bayesian information criterion, low = better: see `fit_types`. NaN where undefined.
    membership
        Row × type: probabilities that add up to 1; None where the method has none.
    mixture
        What the probabilities come from.
    settled
        False where a mixture was still changing when it was stopped.
    """

    labels: Ints
    centres: Floats
    inertia: float
    bic: float
    membership: Floats | None = None
    mixture: Mixture | None = None
    settled: bool = True

    @property
    def k(self) -> int:
        """Return how many types were asked for."""
        return len(self.centres)

    @property
    def sizes(self) -> Ints:
        """Return the number of rows in each type."""
        return np.bincount(self.labels, minlength=self.k)

    def renumbered(self, order: Ints) -> Fit:
        """Return the same types in another order: ``order`` lists the old numbers."""
        new = np.empty(self.k, dtype="int64")
        new[order] = np.arange(self.k)
        return replace(
            self,
            labels=new[self.labels],
            centres=self.centres[order],
            membership=None if self.membership is None else self.membership[:, order],
            mixture=None if self.mixture is None else self.mixture.renumbered(order),
        )


def fit_types(
    matrix: Floats,
    method: TypeMethod,
    k: int,
    seed: int,
    *,
    starts: int | None = None,
    graph: Any = None,
) -> Fit:
    """Put the rows of a matrix into ``k`` types.

    Parameters
    ----------
    matrix
        Rows × columns, complete; distances between rows are taken as they stand.
    method
        One of `METHOD_WORDS`.
    seed
        Of the starts; the same matrix and seed give the same types, on however many threads.
    starts
        How many starts the best is taken of (None: see `default_starts`). Ward needs none.
    graph
        Rows × rows, sparse, not 0 where two rows are neighbours; for ``ward_regions`` only.

    Raises
    ------
    ProjectError
        Fewer rows that differ than types; more parts that touch no other than types; too many
        rows for Ward without neighbours.

    Notes
    -----
    k-means: Lloyd (1982) from the starts of Arthur and Vassilvitskii (2007), in single precision
    above `MANY_AREAS` rows; the best start is then carried on in double precision until no row
    moves.

    Gaussian mixture: EM (Dempster, Laird and Rubin, 1977) on columns scaled to variance 1, so that
    weights of columns change nothing. Half of the starts are types by k-means, half single rows
    far from each other (the starts of k-means), which find long types, too. Covariances are of
    each type's own, full or diagonal, whichever has the lower BIC; a full one is tried only where
    there are at least `AREAS_PER_FIGURE` rows for each figure to be estimated. 0.001 is added to
    every variance, lest a type shrink to a point. Starts that leave a type empty lose to others.

    Ward (1963); among neighbours: Murtagh (1985). Parts of the graph that do not touch are joined
    each on its own; of all steps, those of least height come first (within a part, no step comes
    before an earlier one).

    BIC of a mixture: Schwarz (1978). Of the others: that of spherical normal distributions of one
    common variance with rows assigned for good (Pelleg and Moore, 2000, with the maximum-likelihood
    variance): with n rows, d columns, W the inertia and s² = W / (n d),
    ``BIC = n d (ln(2 π s²) + 1) - 2 Σ n_j ln(n_j / n) + k (d + 1) ln n``.
    """
    return fit_range(matrix, method, [k], seed, starts=starts, graph=graph)[k]


def fit_range(
    matrix: Floats,
    method: TypeMethod,
    ks: Sequence[int],
    seed: int,
    *,
    starts: int | None = None,
    graph: Any = None,
) -> dict[int, Fit]:
    """Do as `fit_types` for several numbers of types, on all cores; Ward's tree is built once."""
    matrix = np.ascontiguousarray(matrix, dtype="float64")
    starts = starts or default_starts(len(matrix), method)
    _check(matrix, method, ks)
    if method in ("ward", "ward_regions"):
        with one_thread():
            merges = _join_all(matrix) if method == "ward" else _join_parts(matrix, graph, min(ks))
        return {k: make_fit(matrix, _cut(merges, len(matrix), k), k) for k in ks}
    fit = _kmeans if method == "kmeans" else _mixture
    # Those that take longest first, so that no core is left waiting for a long one at the end.
    order = sorted(ks, reverse=True)
    found = spread(lambda k: fit(matrix, k, seed, starts), order, rows=len(matrix))
    return dict(sorted(zip(order, found, strict=True)))


def default_starts(areas: int, method: TypeMethod) -> int:
    """Return how many starts a fit takes."""
    if method == "gaussian_mixture":
        return STARTS_MIXTURE
    return STARTS if areas <= MANY_AREAS else STARTS_MANY_AREAS


def fit_rough(matrix: Floats, k: int, seed: int, starts: int) -> Any:
    """Return scikit-learn's k-means, its best start; in single precision where rows are many."""
    model = KMeans(k, n_init=starts, random_state=seed, algorithm="lloyd")
    # Twice as fast from some thousands of rows up; below, turning figures round costs more.
    return model.fit(matrix.astype("float32") if len(matrix) > MANY_AREAS else matrix)


def make_fit(matrix: Floats, labels: NDArray[Any], k: int, **more: Any) -> Fit:
    """Return rows with given labels (0 to k - 1, in any order) as a `Fit`."""
    labels = labels.astype("int64")
    sizes = np.bincount(labels, minlength=k)
    sums = np.zeros((k, matrix.shape[1]))
    np.add.at(sums, labels, matrix)
    with np.errstate(invalid="ignore"):
        centres = sums / sizes[:, None]
    inertia = float(((matrix - centres[labels]) ** 2).sum())
    bic = more.pop("bic", None)
    if bic is None:
        bic = spherical_bic(inertia, sizes, matrix.shape[1])
    fit = Fit(labels=labels, centres=centres, inertia=inertia, bic=bic, **more)
    return fit.renumbered(_first_seen(labels, k))


def spherical_bic(inertia: float, sizes: NDArray[Any], columns: int) -> float:
    """Return the BIC of rows assigned to round types of one spread; NaN where that is 0.

    Parameters
    ----------
    inertia
        Sum of squared distances to the types' centres.
    sizes
        Rows in each type.
    """
    n, k = int(sizes.sum()), len(sizes)
    # Rounding leaves a trace of spread where there is none.
    if inertia <= 1e-12 * n * columns or bool((sizes == 0).any()):
        return float("nan")
    variance = inertia / (n * columns)
    fit = n * columns * (np.log(2 * np.pi * variance) + 1) - 2 * (sizes * np.log(sizes / n)).sum()
    return float(fit + k * (columns + 1) * np.log(n))


def count_distinct(matrix: Floats) -> int:
    """Return how many rows differ, as finely as the methods tell them apart."""
    return len(np.unique(matrix.astype("float32"), axis=0))


def find_parts(graph: Any) -> tuple[int, Ints]:
    """Return the number of parts of a graph that touch no other, and the part of each row."""
    count, parts = connected_components(csr_array(graph), directed=False)
    return int(count), parts.astype("int64")


# --- work on several cores ------------------------------------------------------------------


_worker = threading.local()


def spread(
    work: Callable[[Item], Result], items: Sequence[Item], *, rows: int | None = None
) -> list[Result]:
    """Do ``work`` for each item on all cores and return the results in the order of the items.

    Each item is done on one thread, so its sums come in one order on any machine. With few
    ``rows`` to work on (`MANY_AREAS` and fewer) one core does all: most of the time is Python's
    own then, and two threads would only wait for each other.
    """
    few = rows is not None and rows <= MANY_AREAS
    with one_thread():
        if few or _inside():
            return [work(item) for item in items]
        return run_all(lambda at, _: _do(work, items[at]), build_spans(len(items), 1))


def _do(work: Callable[[Item], Result], item: Item) -> Result:
    # OpenMP counts threads for each thread of ours: the limit outside does not reach in here.
    outside = _inside()
    _worker.inside = True
    try:
        with _controller().limit(limits=1, user_api="openmp"):
            return work(item)
    finally:
        _worker.inside = outside


@functools.cache
def _controller() -> Any:
    return ThreadpoolController()


def _inside() -> bool:
    return bool(getattr(_worker, "inside", False))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Make sums on one thread, in one order on any machine, and warn of nothing told in words."""
    # Warnings and BLAS threads are the whole process's: only the outermost call sets them.
    if _inside():
        yield
        return
    with _controller().limit(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


# --- the methods ----------------------------------------------------------------------------


def _check(matrix: Floats, method: TypeMethod, ks: Sequence[int]) -> None:
    if not np.isfinite(matrix).all():
        raise DataError("Types: a value is missing or not a number.")
    if len(matrix) < max(ks):
        raise ProjectError(f"{max(ks)} types of {len(matrix)} areas: there are too few areas.")
    if method == "ward" and len(matrix) > WARD_MOST_AREAS:
        raise ProjectError(
            f"Ward's method compares every area with every other, which at {len(matrix):,} areas "
            f"takes {16 * len(matrix) ** 2 / 2 / 1e9:.0f} GB of memory and minutes; it is offered "
            f"up to {WARD_MOST_AREAS:,} areas.",
            hint='Set [neighbourhoods] method to "kmeans" (much alike) or "ward_regions".',
        )
    distinct = len(matrix) if method == "ward_regions" else count_distinct(matrix)
    if distinct < max(ks):
        raise ProjectError(
            f"{max(ks)} types of areas of which only {distinct} differ.",
            hint="Ask for fewer types, or name more layers in [neighbourhoods] layers.",
        )


def _kmeans(matrix: Floats, k: int, seed: int, starts: int) -> Fit:
    rough = fit_rough(matrix, k, seed, starts)
    begin = rough.cluster_centers_.astype("float64")
    model = KMeans(k, init=begin, n_init=1, tol=0, max_iter=1_000, algorithm="lloyd")
    return make_fit(matrix, model.fit_predict(matrix), k)


def _mixture(matrix: Floats, k: int, seed: int, starts: int) -> Fit:
    rows, columns = matrix.shape
    spread_of = matrix.std(axis=0)
    scale = np.where(spread_of > 0, spread_of, 1.0)
    scaled = matrix / scale
    figures = k * (columns + columns * (columns + 1) // 2) + k - 1
    shapes = ["diag"] + (["full"] if rows >= AREAS_PER_FIGURE * figures else [])
    begins = {"kmeans": starts - starts // 2, "k-means++": starts // 2}
    tried = []
    for shape, (begin, count) in product(shapes, begins.items()):
        if not count:
            continue
        model = GaussianMixture(
            k,
            covariance_type=shape,
            n_init=count,
            init_params=begin,
            reg_covar=THINNEST,
            max_iter=300,
            random_state=seed,
        ).fit(scaled)
        shares = model.predict_proba(scaled)
        empty = k - len(np.unique(shares.argmax(axis=1)))
        tried.append((empty, float(model.bic(scaled)), model, shares))
    _, bic, model, shares = min(tried, key=lambda found: found[:2])
    covariances = model.covariances_
    if model.covariance_type == "diag":
        covariances = np.stack([np.diag(row) for row in covariances])
    mixture = Mixture(
        weights=model.weights_,
        means=model.means_ * scale,
        covariances=covariances * np.outer(scale, scale),
        shape=model.covariance_type,
    )
    return make_fit(
        matrix,
        shares.argmax(axis=1),
        k,
        membership=shares,
        mixture=mixture,
        bic=bic + 2 * rows * float(np.log(scale).sum()),
        settled=bool(model.converged_),
    )


def _first_seen(labels: NDArray[Any], k: int) -> Ints:
    """Return the old labels in the order in which rows first have them, empty ones last."""
    used, first = np.unique(labels, return_index=True)
    order = used[np.argsort(first)]
    return np.concatenate([order, np.setdiff1d(np.arange(k), order)]).astype("int64")


# --- Ward -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, eq=False)
class _Merges:
    """Which nodes are joined into which, first step first; nodes below ``rows`` are rows."""

    first: Ints
    second: Ints
    into: Ints


def _join_all(matrix: Floats) -> _Merges:
    children = ward_tree(matrix)[0].astype("int64")
    into = len(matrix) + np.arange(len(children))
    return _Merges(first=children[:, 0], second=children[:, 1], into=into)


def _join_parts(matrix: Floats, graph: Any, least: int) -> _Merges:
    """Join neighbours, each part of the graph on its own, lowest steps first."""
    rows = len(matrix)
    if graph is None or graph.shape != (rows, rows):
        raise DataError("Types: regions need a table of neighbours for the same areas.")
    links = csr_array(graph, dtype="float64")
    links = csr_array(links + links.T)
    count, part_of = find_parts(links)
    if count > least:
        raise ProjectError(
            f"{least} connected regions cannot be had: the areas are in {count} parts that do not "
            "touch each other.",
            hint=f"Ask for at least {count} types, or use a method without neighbours.",
        )
    steps: list[tuple[Floats, Ints, Ints]] = []
    offset = rows
    for part in range(count):
        members = np.flatnonzero(part_of == part)
        if len(members) < 2:
            continue
        children, _, leaves, _, heights = ward_tree(
            matrix[members], connectivity=links[members][:, members], return_distance=True
        )
        inner = np.arange(leaves - 1) + offset
        nodes = np.concatenate([members, inner])
        # A step may be lower than the one it builds on; it still cannot come before it.
        steps.append((np.maximum.accumulate(heights), nodes[children], inner))
        offset += leaves - 1
    if not steps:
        none = np.empty(0, dtype="int64")
        return _Merges(first=none, second=none, into=none)
    heights = np.concatenate([height for height, _, _ in steps])
    pairs = np.concatenate([pair for _, pair, _ in steps])
    inner = np.concatenate([node for _, _, node in steps])
    order = np.argsort(heights, kind="stable")
    return _Merges(first=pairs[order, 0], second=pairs[order, 1], into=inner[order])


def _cut(merges: _Merges, rows: int, k: int) -> Ints:
    """Return the part that each row is in when the steps are stopped at ``k`` parts."""
    done = slice(0, rows - k)
    into = merges.into[done]
    begin = np.concatenate([merges.first[done], merges.second[done]])
    end = np.concatenate([into, into])
    size = rows + len(merges.into)
    joined = coo_array((np.ones(len(begin)), (begin, end)), shape=(size, size))
    _, parts = connected_components(joined, directed=False)
    # Nodes of steps not taken are parts of their own, and none of the rows is in them.
    return np.unique(parts[:rows], return_inverse=True)[1].astype("int64")
