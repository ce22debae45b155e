"""What is each type of neighbourhood called, by what sets it apart?"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from planner.errors import ProjectError
from planner.layers import LayerSpec
from planner.neighbourhoods.phrases import Phrase, find_phrase, say

#: Means closer to the place's than this, in standard deviations, set nothing apart.
NEAR = 0.35
#: From here on a type is much above or below the place.
MUCH = 1.0
AVERAGE_NAME = "Near the place average"
TENTATIVE = " (tentative)"
#: About how many words a name has at most, and how long a project's own words may be.
MOST_WORDS = 6
MOST_NAME, MOST_PORTRAIT = 100, 2_000

#: A layer, what is said of it, and whether the type is much above or below the place in it.
_Feature = tuple[str, Phrase, bool]


def build_names(
    standardised: pd.DataFrame,
    specs: Mapping[str, LayerSpec],
    *,
    effects: pd.DataFrame | None = None,
) -> pd.Series:
    """Name each type by the two things that set it apart most, in about six words.

    Parameters
    ----------
    standardised
        Type × layer: standard deviations from the place's mean.
    specs
        What the layers are.
    effects
        The same table of effect sizes, by which layers are ranked (None: by ``standardised``).

    Returns
    -------
    names
        Each once. Types that would have the same name are told apart by what sets them apart
        from each other, then by "much", then by a number.
    """
    told = {
        t: [
            (layer, phrase, bool(abs(standardised.loc[t, layer]) >= MUCH))
            for layer, phrase in find_features(standardised.loc[t], specs, _row(effects, t))
        ]
        for t in standardised.index
    }
    names = {t: _join(features) for t, features in told.items()}
    for same in _shared(names):
        for t in same:
            told[t] = _contrast(t, same, told[t], standardised)
            names[t] = _join(told[t])
    for same in _shared(names):
        names.update({t: _join(told[t], much=True) for t in same})
    for same in _shared(names):
        names.update({t: f"{names[t]} ({number})" for number, t in enumerate(same, start=1)})
    return pd.Series(names)


def find_features(
    z: pd.Series,
    specs: Mapping[str, LayerSpec],
    effects: pd.Series | None = None,
    figures: Mapping[str, tuple[str, str]] | None = None,
) -> list[tuple[str, Phrase]]:
    """Return the layers that set a type apart, most telling first, each topic once.

    Layers with words of our own come before those that are said by their title, and what is
    better or worse before what is neither.
    """
    found: list[tuple[str, Phrase]] = []
    topics: set[str] = set()
    for layer in rank_features(z if effects is None else effects):
        value = z[layer]
        if pd.isna(value) or abs(value) < NEAR:
            continue
        here, there = (figures or {}).get(layer, ("", ""))
        phrase = find_phrase(specs[layer], high=bool(value > 0), here=here, there=there)
        if phrase.topic not in topics:
            topics.add(phrase.topic)
            found.append((layer, phrase))
    return sorted(found, key=lambda f: (not f[1].known, f[1].side == "neither"))


def rank_features(strength: pd.Series) -> list[str]:
    """Return layer ids from the one that sets the type apart most; ties by id, unknown last."""
    size = strength.abs().round(9).fillna(-1.0)
    return sorted(strength.index, key=lambda layer: (-float(size[layer]), layer))


def build_words(
    z: pd.Series,
    profile: pd.Series,
    place: pd.Series,
    specs: Mapping[str, LayerSpec],
    effects: pd.Series | None = None,
    inherited: Collection[str] = (),
) -> str:
    """Give the figures behind a type's name: up to three layers, beside the place's mean."""
    ranked = rank_features(z if effects is None else effects)
    telling = [layer for layer in ranked if abs(z[layer]) >= NEAR][:3]
    if not telling:
        return f"Within {NEAR} standard deviations of the place's mean on every layer"
    return "; ".join(
        f"{specs[layer].title}: {say_value(profile[layer], specs[layer])}, "
        f"{'higher' if z[layer] > 0 else 'lower'} than the place's "
        f"{say_value(place[layer], specs[layer])}"
        f"{' (figures for larger areas)' if layer in inherited else ''}"
        for layer in telling
    )


def read_own_words(given: Mapping[str, str], k: int, key: str) -> dict[int, str]:
    """Return type number → the project's own words for it.

    Parameters
    ----------
    given
        ``[neighbourhoods] names`` or ``portraits``: keys "1" to "k".
    k
        How many types there are.
    key
        ``names`` or ``portraits``.

    Raises
    ------
    ProjectError
        There is no type of that number, or the words are none or too many.
    """
    words = {}
    most = MOST_NAME if key == "names" else MOST_PORTRAIT
    for number, text in given.items():
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= k):
            raise ProjectError(
                f"[neighbourhoods] {key}: there is no type {number!r}; types are 1 to {k}.",
                hint="Type 1 has the greatest need. Set k, so that the number of types stays.",
            )
        # Marks that are not seen can make a name read as another one.
        plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if not plain or len(plain) > most:
            raise ProjectError(
                f"[neighbourhoods] {key}: the words for type {number} are "
                f"{'missing' if not plain else f'longer than {most:,} characters'}.",
                hint="Shorten them, or leave them out for the planner's own.",
            )
        if int(number) in words:
            raise ProjectError(f"[neighbourhoods] {key}: type {int(number)} stands there twice.")
        words[int(number)] = plain
    return words


def take_own_names(names: pd.Series, own: Mapping[int, str]) -> pd.Series:
    """Return the names with the project's own in place of the planner's.

    Raises
    ------
    ProjectError
        Two types would have the same name.
    """
    result = pd.Series({t: own.get(int(t), name) for t, name in names.items()}, dtype=object)
    plain = result.str.casefold()
    for t in sorted(own):
        others = [int(n) for n in result.index if n != t and plain[n] == plain[t]]
        if others:
            raise ProjectError(
                f"[neighbourhoods] names: types {t} and {others[0]} would both be called "
                f"{result[t]!r}.",
                hint="Give each type a name of its own.",
            )
    return result.rename_axis(names.index.name)


def mark_tentative(names: pd.Series, tentative: pd.Series) -> pd.Series:
    """Return the names with "(tentative)" after those of types that are."""
    marked = [f"{name}{TENTATIVE}" if tentative[t] else name for t, name in names.items()]
    return pd.Series(marked, index=names.index, name=names.name, dtype=object)


def say_value(value: float, spec: LayerSpec) -> str:
    """Return a mean in the layer's own unit."""
    if spec.kind == "share":
        return f"{value:.1%}"
    # At least two significant figures: a score of 0.45 must not read as 0.5.
    lead = 1 - math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:,.{max(spec.decimals, min(lead, 4))}f}".replace("-", "−")
    return f"{text} years" if spec.kind == "years" else text


# --- parts ----------------------------------------------------------------------------------


def _row(table: pd.DataFrame | None, t: int) -> pd.Series | None:
    return None if table is None else table.loc[t]


def _shared(names: Mapping[int, str]) -> list[list[int]]:
    """Return the types that have a name in common, sorted, group by group."""
    groups: dict[str, list[int]] = {}
    for t in sorted(names):
        groups.setdefault(names[t], []).append(t)
    return [same for _, same in sorted(groups.items()) if len(same) > 1]


def _contrast(
    t: int, same: Sequence[int], features: list[_Feature], standardised: pd.DataFrame
) -> list[_Feature]:
    """Put first, after the most telling thing, that in which a type is furthest from its likes."""
    z = standardised.loc[t]
    others = standardised.loc[[other for other in same if other != t]].mean()

    def beyond(feature: _Feature) -> tuple[bool, bool, float, str]:
        layer, phrase, _ = feature
        ahead = float(z[layer] - others[layer]) * (1 if z[layer] > 0 else -1)
        return not phrase.known, phrase.side == "neither", -round(ahead, 9), layer

    return [*features[:1], *sorted(features[1:], key=beyond)]


def _join(features: Sequence[_Feature], *, much: bool = False) -> str:
    """Return the first thing, and the next one that keeps the name to about six words."""
    if not features:
        return AVERAGE_NAME
    first, others = features[0], [feature for feature in features[1:] if feature[1].known]
    name = say(first[1].name, much=much and first[2])
    room = MOST_WORDS - len(name.split())
    fitting = [say(p.name) for _, p, _ in others if len(say(p.name).split()) <= room]
    text = ", ".join([name, *fitting[:1]])
    return text[:1].upper() + text[1:]
