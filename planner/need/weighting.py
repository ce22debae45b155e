"""How much does each domain count, and who says so?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.errors import ProjectError
from planner.layers import Layers
from planner.ledger import Note
from planner.need.domains import DomainValues, ranked_layers, say_of
from planner.need.normalisation import normalise
from planner.project import NeedSettings

#: Weights that publishers round to three decimals add up to 1 within this much.
_ROUNDED = 0.0051


@dataclass(frozen=True, kw_only=True, eq=False)
class DomainWeights:
    """How much each domain counts.

    ``weights`` (domain → weight) add up to 1; ``total`` is what they added up to as given;
    ``words`` says whose they are.
    """

    weights: pd.Series
    total: float
    words: str
    notes: tuple[Note, ...] = field(default=())

    @property
    def complete(self) -> bool:
        """Whether these are a publisher's weights of a whole index, rounding apart."""
        return self.words == PUBLISHER and abs(self.total - 1.0) <= _ROUNDED


PROJECT = "weights set in the project"
PUBLISHER = "the publisher's weights"
EQUAL = "equal weights"
COMPONENT = "weights from the first principal component"


def build_weights(layers: Layers, domains: DomainValues, settings: NeedSettings) -> DomainWeights:
    """Return the weight of each domain that has a value in the place.

    Raises
    ------
    ProjectError
        A weight is for a domain that is not there, or below zero; all are zero; the publisher
        gives none for a domain; or there are too few complete areas for principal components.
    """
    names = list(domains.values.columns)
    if settings.weights:
        return _project_weights(names, settings)
    if settings.weighting == "equal":
        return _finish(pd.Series(1.0, index=names), EQUAL)
    if settings.weighting == "first_component":
        return first_component(domains.reference)
    published = _published_weights(layers, names)
    missing = [name for name in names if name not in published]
    if not missing and sum(published.values()) > 0:
        return _finish(pd.Series({name: published[name] for name in names}), PUBLISHER)
    if settings.weighting == "publisher":
        raise ProjectError(
            '[need] weighting = "publisher": there is no published weight for '
            f"{', '.join(missing or names)}.",
            hint="Leave out the layers of that domain, give weights of your own, or use "
            'weighting = "equal".',
        )
    equal = pd.Series(1.0, index=names)
    if not published or not missing:
        return _finish(equal, EQUAL)
    text = "no published weight beside domains that have one: all are weighted equally"
    return _finish(equal, EQUAL, say_of("need_equal_weights", missing, text))


def without_access(weights: pd.Series, access_domains: Sequence[str]) -> pd.Series:
    """Leave the access domains out and rescale: access times access is a circle."""
    kept = weights[~weights.index.isin(list(access_domains))]
    if not kept.sum() > 0:
        raise ProjectError(
            "Need is made of access domains only "
            f"({', '.join(weights.index[weights > 0])}), so gaps would set access against access.",
            hint="Add a layer of another domain, or change [need] access_domains.",
        )
    return kept / kept.sum()


def first_component(values: pd.DataFrame) -> DomainWeights:
    """Weight domains by what they share: the first principal component of their z-scores.

    Parameters
    ----------
    values
        Areas of the reference × domains, high = worse; areas that lack a domain are left out.

    Raises
    ------
    ProjectError
        There are no more complete areas than domains, or all domains are constant.

    Notes
    -----
    Weights are the squared loadings, which add up to 1 (OECD and European Commission Joint
    Research Centre, 2008, step 6, after Nicoletti, Scarpetta and Boylaud, 2000). A domain that
    runs against the rest has a loading of the other sign; squared it would count as if it went
    with them, so it gets 0, and is noted. Such weights say how alike domains are, not how much
    they matter.
    """
    complete = values.dropna().to_numpy(dtype="float64")
    names = list(values.columns)
    if len(complete) <= len(names):
        raise ProjectError(
            f'[need] weighting = "first_component": {len(complete)} areas have a value in every '
            f"domain, too few for {len(names)} domains.",
            hint='Use weighting = "equal", or leave out the domain with the most gaps.',
        )
    scores = normalise(complete, complete, "zscore")
    spread, vectors = np.linalg.eigh(scores.T @ scores / len(scores))
    if spread[-1] <= 0:
        raise ProjectError(
            '[need] weighting = "first_component": every domain is the same in all areas.',
            hint="Add layers that differ between areas.",
        )
    loadings = vectors[:, -1]
    loadings = loadings if loadings.sum() >= 0 else -loadings
    # A constant domain loads with floating-point noise of either sign.
    loadings = np.where(np.abs(loadings) < 1e-9, 0.0, loadings)
    against = [name for name, loading in zip(names, loadings, strict=True) if loading < 0]
    share = float(spread[-1] / spread.sum())
    text = (
        f"weighted by the first principal component of {len(complete):,} areas, which holds "
        f"{share:.0%} of what the domains vary"
    )
    notes = [say_of("need_first_component", names, text)]
    if against:
        text = (
            "runs against the other domains, so the first principal component gives it no weight; "
            "check that its direction (high_is) is right"
        )
        notes.append(say_of("need_domain_against_others", against, text))
    weights = pd.Series(np.where(loadings > 0, loadings**2, 0.0), index=names)
    return _finish(weights, COMPONENT, *notes)


def _project_weights(names: list[str], settings: NeedSettings) -> DomainWeights:
    given = pd.Series(settings.weights, dtype="float64")
    unknown = sorted(set(given.index) - set(names))
    if unknown:
        raise ProjectError(
            f"[need] weights: there is no domain {unknown[0]!r} with a value in the place.",
            hint=f"Known domains: {', '.join(names)}.",
        )
    bad = given.index[~(np.isfinite(given) & (given >= 0))]
    if len(bad):
        raise ProjectError(
            f"[need] weights: {bad[0]} has {given[bad[0]]:g}; a weight is zero or more.",
            hint='To turn a layer round, say what is worse: high_is = "better" or "worse".',
        )
    weights = given.reindex(names, fill_value=0.0)
    if not weights.sum() > 0:
        raise ProjectError(
            "[need] weights: all weights are zero.",
            hint="Give at least one domain a weight above zero, or leave weights out.",
        )
    unweighted = [name for name in names if name not in given.index]
    text = "not named in [need] weights, so it counts for nothing"
    notes = [say_of("need_domain_unweighted", unweighted, text)] if unweighted else []
    return _finish(weights, PROJECT, *notes)


def _published_weights(layers: Layers, names: list[str]) -> dict[str, float]:
    """Return the publisher's weight of each domain; the domain's first layer with one decides."""
    found: dict[str, float] = {}
    for domain, specs in ranked_layers(layers).items():
        given = [w for w in (spec.domain_weight for spec in specs) if w is not None]
        if given and domain in names:
            found[domain] = float(given[0])
    return found


def _finish(weights: pd.Series, words: str, *notes: Note) -> DomainWeights:
    total = float(weights.sum())
    return DomainWeights(weights=weights / total, total=total, words=words, notes=tuple(notes))
