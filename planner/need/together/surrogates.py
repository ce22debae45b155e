"""Would needs coincide as often if they had nothing to do with each other but the map's own grain?

Neighbouring areas are alike, so two maps of need that have nothing to do with each other overlap
by chance far more often than a plain shuffle of areas would have it. The surrogates here are
maps that are as clustered as the observed one, at every scale, and otherwise random.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.linalg import eigh
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree
from scipy.stats import norm, rankdata
from threadpoolctl import ThreadpoolController

Floats = npt.NDArray[np.floating[Any]]
Bools = npt.NDArray[np.bool_]

#: Up to this many areas every pattern of the map is known exactly (its cost grows with the cube);
#: above it surrogates are random fields fitted to the observed smoothness.
EXACT_AREAS = 2500

#: With fewer areas no tenth of them is a whole area, and chance cannot be told from anything.
FEWEST_AREAS = 10

#: Columns of `build_chance`.
CHANCE_COLUMNS = [
    "part",
    "together",
    "areas",
    "permutations",
    "observed",
    "expected",
    "low",
    "high",
    "p_value",
    "shuffled_expected",
    "shuffled_low",
    "shuffled_high",
    "shuffled_p_value",
]

#: Patterns whose roughness (eigenvalue) differs by less than a tenth are one band.
_BAND_WIDTH = 1.1
#: Draws made at once, so that memory stays small in large places.
_BLOCK = 128
#: Squared inverse ranges of the random fields, from very local to across a whole nation.
_SCALES = np.array([4.0, 0.8, 0.16, 0.032, 0.0064, 0.00128])
_NOISE_SHARES = np.arange(0.0, 1.0, 0.05)
_PROBES = 12


@functools.cache
def _controller() -> Any:
    """Look for the libraries that calculate on threads of their own once: that takes long."""
    return ThreadpoolController()


@dataclass(frozen=True, kw_only=True, eq=False)
class Patterns:
    """All patterns that a map of these areas is made of, from the smoothest to the most broken.

    ``vectors`` is area × pattern (float32, orthonormal, the constant left out), ``bands`` where
    each group of about equally smooth patterns begins, and the end.
    """

    vectors: npt.NDArray[np.float32]
    bands: npt.NDArray[np.int64]

    def draw(self, scores: Floats, count: int, rng: np.random.Generator) -> Floats:
        """Return ``count`` surrogates of one map (draw × area) with its energy in every band."""
        loads = self.vectors.T @ (scores - scores.mean()).astype(np.float32)
        random = rng.standard_normal((len(loads), count), dtype=np.float32)
        starts = self.bands[:-1]
        wanted = np.sqrt(np.add.reduceat(loads**2, starts))
        drawn = np.sqrt(np.add.reduceat(random**2, starts, axis=0))
        scale = wanted[:, None] / np.maximum(drawn, np.finfo(np.float32).tiny)
        random *= np.repeat(scale, np.diff(self.bands), axis=0)
        with _controller().limit(limits=1):
            return np.ascontiguousarray((self.vectors @ random).T)


@dataclass(frozen=True, kw_only=True, eq=False)
class Fields:
    """Random fields of several ranges over areas too many for `Patterns`.

    ``factors`` solves ``(κ² + L) x = b`` for each of the scales κ²; ``expected`` is field ×
    scale: which share of a field's variance is left after smoothing at each scale; ``noise`` the
    same for white noise.
    """

    factors: Sequence[Any]
    expected: Floats
    noise: Floats

    def draw(self, scores: Floats, count: int, rng: np.random.Generator) -> Floats:
        """Return ``count`` random fields (draw × area) that are as smooth as the map."""
        field, share = self.fit(scores)
        shape = (len(scores), count)
        smooth = self.factors[field].solve(rng.standard_normal(shape))
        smooth -= smooth.mean(axis=0)
        smooth /= smooth.std(axis=0)
        mixed = np.sqrt(1 - share) * smooth + np.sqrt(share) * rng.standard_normal(shape)
        return np.ascontiguousarray(mixed.T)

    def fit(self, scores: Floats) -> tuple[int, float]:
        """Return the field, and the share of noise in it, nearest to a map's own smoothness."""
        kept = _kept(self.factors, (scores - scores.mean())[:, None])
        shares = _NOISE_SHARES[None, :, None]
        model = (1 - shares) * self.expected[:, None, :] + shares * self.noise
        error = ((np.log(model) - np.log(kept)) ** 2).sum(axis=2)
        field, share = np.unravel_index(int(np.argmin(error)), error.shape)
        return int(field), float(_NOISE_SHARES[share])


def build_source(graph: sp.csr_array, *, exact_areas: int = EXACT_AREAS) -> Patterns | Fields:
    """Prepare what surrogates of maps on these areas are drawn from.

    Parameters
    ----------
    graph
        Area × area, 1 where two areas are neighbours; symmetric, in one piece (`join_parts`).
    exact_areas
        Up to how many areas `Patterns` are worked out.

    Notes
    -----
    Moran spectral randomisation (Wagner and Dray 2015, Methods in Ecology and Evolution 6,
    1169-1178) with the eigenvectors of the graph's Laplacian, so that the smoothness of a map
    (Geary's c with these neighbours) is kept, and with random turns within bands of like
    eigenvalues, as their pairs and triplets of eigenvectors. Above ``exact_areas``: Gaussian
    fields with the spectrum ``(κ² + λ)⁻²`` of the Laplacian (Lindgren, Rue and Lindström 2011,
    J. R. Stat. Soc. B 73, 423-498) and white noise, fitted to the share of the map's variance
    that smoothing at six scales leaves.
    """
    n = graph.shape[0]
    degrees = np.asarray(graph.sum(axis=1)).ravel()
    laplacian = sp.diags_array(degrees).tocsc() - graph.tocsc()
    if n <= exact_areas:
        # The first pattern is the constant, whose eigenvalue is zero.
        # One thread: sums in one order, and on a busy machine threads wait longer than they work.
        with _controller().limit(limits=1):
            roughness, vectors = eigh(laplacian.toarray(), driver="evd", check_finite=False)
        return Patterns(vectors=vectors[:, 1:].astype(np.float32), bands=_bands(roughness[1:]))
    factors = [_factor(laplacian, scale) for scale in _SCALES]
    # The probes only measure the fields, so their seed is no choice of the project.
    white = np.random.default_rng(0).standard_normal((n, _PROBES))
    expected = np.array([_kept(factors, factor.solve(white)) for factor in factors])
    return Fields(factors=factors, expected=expected, noise=_kept(factors, white))


def join_parts(graph: sp.csr_array, xy: Floats) -> tuple[sp.csr_array, int]:
    """Tie islands and parts that do not touch to the nearest area of another part.

    Returns
    -------
    graph, ties
        In one piece, and how many ties were added.
    """
    ties = 0
    while True:
        parts, label = connected_components(graph, directed=False)
        if parts <= 1:
            return graph, ties
        sizes = np.bincount(label)
        own = np.flatnonzero(label == int(np.argmin(sizes)))
        others = np.flatnonzero(label != label[own[0]])
        metres, nearest = cKDTree(xy[others]).query(xy[own])
        closest = int(np.argmin(metres))
        one, other = own[closest], others[nearest[closest]]
        tie = sp.coo_array(([1.0, 1.0], ([one, other], [other, one])), shape=graph.shape)
        graph, ties = (graph + tie).tocsr(), ties + 1


def build_chance(
    values: pd.DataFrame,
    flags: Mapping[str, pd.DataFrame],
    source: Patterns | Fields,
    *,
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """Compare how often needs coincide with maps that are as clustered but unrelated.

    Parameters
    ----------
    values
        Area × domain, high = worse, none missing.
    flags
        Part (such as ``fifth``) → area × domain: in the worst part.
    source
        What surrogates are drawn from, on the same areas in the same order.
    permutations
        How many draws. In each, one domain (they take turns) stays as it is and all others are
        redrawn: what was observed of a domain is the best there is to know of its shape.
    seed
        Each domain draws by the seed and its own name, so the order of domains changes nothing.

    Returns
    -------
    chance
        Columns `CHANCE_COLUMNS`. ``together`` is the domains that coincide (``education +
        health``), the one with all of them first; ``mean pairs`` is the mean number of pairs of
        domains an area is in the worst part of (with three domains or more). ``expected`` is the
        mean over random maps, ``low`` and ``high`` hold 95 % of them; ``shuffled_*`` is the same
        for a plain shuffle. ``p_value`` is the share of random maps, the observed one among
        them, with as many coincidences or more: ``(1 + count) / (1 + permutations)``.

    Notes
    -----
    Size, simulated on 20 × 20 squares with two or three unrelated maps of six kinds (white noise
    to plain gradients; 400 runs each): at 5 % `Patterns` call 1 to 7.5 % of them related, `Fields`
    2 to 7.5 % (up to 11 % of maps smoother than any such field), a plain shuffle up to 42 %.
    """
    domains = sorted(values.columns)
    counts = _draw_counts(values, flags, source, permutations=permutations, seed=seed)
    rows = []
    for part, flag in flags.items():
        worst = flag[domains].to_numpy(dtype=bool).T[:, None, :]
        for together, count in _count(worst, domains).items():
            observed = float(count[0])
            row = [part, together, len(values), permutations, observed]
            row += _against(observed, counts[part, f"like {together}"])
            row += _against(observed, counts[part, f"plain {together}"])
            rows.append(row)
    return pd.DataFrame(rows, columns=CHANCE_COLUMNS)


def _draw_counts(
    values: pd.DataFrame,
    flags: Mapping[str, pd.DataFrame],
    source: Patterns | Fields,
    *,
    permutations: int,
    seed: int,
) -> dict[tuple[str, str], list[Floats]]:
    """Count coincidences in random maps: (part, kind of map and domains) → blocks of counts."""
    domains = sorted(values.columns)
    scores = [norm.ppf((rankdata(values[d]) - 0.5) / len(values)) for d in domains]
    observed = {part: flag[domains].to_numpy(dtype=bool).T for part, flag in flags.items()}
    like, plain = ([_generator(seed, d, kind) for d in domains] for kind in ("like", "plain"))
    counts: dict[tuple[str, str], list[Floats]] = {}
    for start in range(0, permutations, _BLOCK):
        number = np.arange(start, min(start + _BLOCK, permutations))
        shape = (len(number), len(values))
        maps = {
            "like": [
                source.draw(one, shape[0], rng) for one, rng in zip(scores, like, strict=True)
            ],
            "plain": [rng.random(shape, dtype=np.float32) for rng in plain],
        }
        for part, flag in observed.items():
            for kind, drawn in maps.items():
                for together, count in _count(_worst_on(drawn, flag, number), domains).items():
                    counts.setdefault((part, f"{kind} {together}"), []).append(count)
    return counts


def _worst_on(maps: Sequence[Floats], observed: Bools, number: npt.NDArray[np.int64]) -> Bools:
    """Mark the worst part on random maps (a domain each); every draw leaves one domain as it is.

    ``observed`` is domain × area, ``number`` the number of each draw; returns domain × draw ×
    area.
    """
    worst = np.stack(
        [_top(drawn, int(flag.sum())) for drawn, flag in zip(maps, observed, strict=True)]
    )
    for at, flag in enumerate(observed):
        worst[at, number % len(observed) == at] = flag
    return worst


def _count(worst: Bools, domains: Sequence[str]) -> dict[str, Floats]:
    """Count coincidences in maps: ``worst`` is domain × map × area, domains sorted."""
    found = {" + ".join(domains): worst.all(axis=0).sum(axis=1).astype(float)}
    if len(domains) == 2:
        return found
    pairs = {
        f"{domains[i]} + {domains[j]}": (worst[i] & worst[j]).sum(axis=1).astype(float)
        for i, j in combinations(range(len(domains)), 2)
    }
    mean = np.sum(list(pairs.values()), axis=0) / worst.shape[2]
    return {**found, "mean pairs": mean, **pairs}


def _top(maps: Floats, count: int) -> Bools:
    """Mark the ``count`` highest areas of each map (map × area)."""
    worst = np.zeros(maps.shape, dtype=bool)
    if count:
        cut = maps.shape[1] - count
        highest = np.argpartition(maps, cut, axis=1)[:, cut:] if cut else np.arange(count)[None]
        np.put_along_axis(worst, highest, True, axis=1)
    return worst


def _against(observed: float, blocks: Sequence[Floats]) -> list[float]:
    counts = np.concatenate(blocks)
    low, high = np.quantile(counts, [0.025, 0.975], method="inverted_cdf")
    # A mean of pairs is a sum divided: equal sums must count as equal.
    as_many = int((counts >= observed - 1e-9).sum())
    p_value = (1 + as_many) / (1 + len(counts))
    return [float(counts.mean()), float(low), float(high), p_value]


def _generator(seed: int, domain: str, kind: str) -> np.random.Generator:
    return np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(f"{kind} {domain}".encode())])


def _bands(roughness: Floats) -> npt.NDArray[np.int64]:
    """Return where each band begins, and the end; ``roughness`` ascending, above zero."""
    edges = [0]
    while edges[-1] < len(roughness):
        limit = roughness[edges[-1]] * _BAND_WIDTH
        edges.append(max(edges[-1] + 1, int(np.searchsorted(roughness, limit, side="right"))))
    return np.array(edges, dtype=np.int64)


def _factor(laplacian: Any, scale: float) -> Any:
    shifted = (laplacian + scale * sp.eye_array(laplacian.shape[0])).tocsc()
    return splu(
        shifted,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )


def _kept(factors: Sequence[Any], maps: Floats) -> Floats:
    """Return which share of the variance of maps (area × map) smoothing at each scale leaves."""
    maps = maps - maps.mean(axis=0)
    whole = (maps**2).sum(axis=0)
    return np.array(
        [
            float((((scale * factor.solve(maps)) ** 2).sum(axis=0) / whole).mean())
            for scale, factor in zip(_SCALES, factors, strict=True)
        ]
    )
