"""What is each type of neighbourhood called, by what sets it apart?"""

from __future__ import annotations

import math
import re

import pandas as pd

from planner.layers import LayerSpec

#: Means closer to the place's than this, in standard deviations, set nothing apart.
_NEAR = 0.35
AVERAGE_NAME = "Near the place average"

#: What sets a type apart, by layer id: (high value, low value).
_LAYER_PHRASES: dict[str, tuple[str, str]] = {
    "bad_health": ("more people in poor health", "fewer people in poor health"),
    "disabled": ("more disabled people", "fewer disabled people"),
    "life_expectancy": ("longer lives", "shorter lives"),
    "life_expectancy_female": ("longer lives for women", "shorter lives for women"),
    "life_expectancy_male": ("longer lives for men", "shorter lives for men"),
    "long_term_sick": ("higher long-term sickness", "lower long-term sickness"),
    "no_car": ("fewer households with a car", "more households with a car"),
    "no_qualifications": ("fewer adults with qualifications", "more adults with qualifications"),
    "not_working": ("further from work", "more people in work"),
    "routine_jobs": ("more routine jobs", "fewer routine jobs"),
}
#: By domain: (worse, better). About what people face, never about what they are worth.
_DOMAIN_PHRASES: dict[str, tuple[str, str]] = {
    "access": ("services further away", "services close by"),
    "barriers": ("housing and services harder to get", "housing and services easier to get"),
    "community_safety": ("less safe", "safer"),
    "crime": ("more crime", "less crime"),
    "education": ("fewer qualifications", "more qualifications"),
    "employment": ("further from work", "more people in work"),
    "environment": ("poorer surroundings", "better surroundings"),
    "health": ("poorer health", "better health"),
    "housing": ("poorer housing", "better housing"),
    "income": ("lower incomes", "higher incomes"),
    "not_working": ("further from work", "more people in work"),
}


def build_names(standardised: pd.DataFrame, specs: dict[str, LayerSpec]) -> pd.Series:
    """Name each type by its two most telling features; by three, then by number, where equal."""
    phrases = {t: _phrases(standardised.loc[t], specs) for t in standardised.index}
    names = {t: _join(words[:2]) for t, words in phrases.items()}
    shared = _repeated(names)
    names.update({t: _join(phrases[t][:3]) for t in shared})
    for name in sorted({names[t] for t in _repeated(names)}):
        same = [t for t in sorted(names) if names[t] == name]
        names.update({t: f"{name} ({number})" for number, t in enumerate(same, start=1)})
    return pd.Series(names)


def build_words(
    z: pd.Series, profile: pd.Series, place: pd.Series, specs: dict[str, LayerSpec]
) -> str:
    """Give the figures behind a type's name: up to three layers, beside the place's mean."""
    telling = [layer for layer in _ranked_features(z) if abs(z[layer]) >= _NEAR][:3]
    if not telling:
        return "Within 0.35 standard deviations of the place's mean on every layer"
    return "; ".join(
        f"{specs[layer].title} {_figure(profile[layer], specs[layer])} "
        f"(place {_figure(place[layer], specs[layer])})"
        for layer in telling
    )


# --- parts ----------------------------------------------------------------------------------


def _ranked_features(z: pd.Series) -> list[str]:
    """Return layer ids from the one that sets the type apart most; ties by id."""
    return sorted(z.index, key=lambda layer: (-round(abs(float(z[layer])), 9), layer))


#: What people are counted by, so that there are more of them rather than a higher one.
_COUNTED = ("people", "adults", "households", "children", "families", "residents")


def _phrases(z: pd.Series, specs: dict[str, LayerSpec]) -> list[str]:
    """Say what sets a type apart, most telling first, each thing once."""
    phrases: list[str] = []
    for layer in _ranked_features(z):
        phrase = _phrase(specs[layer], high=z[layer] > 0)
        if abs(z[layer]) >= _NEAR and phrase not in phrases:
            phrases.append(phrase)
    return phrases


def _phrase(spec: LayerSpec, *, high: bool) -> str:
    if spec.id in _LAYER_PHRASES:
        return _LAYER_PHRASES[spec.id][0 if high else 1]
    domain = spec.domain or _domain_in(spec.id)
    if domain in _DOMAIN_PHRASES and spec.high_is != "neither":
        worse = high == (spec.high_is == "worse")
        return _DOMAIN_PHRASES[domain][0 if worse else 1]
    title = re.sub(r" \([^()]*\d{4}[^()]*\)$", "", spec.title)  # the edition says nothing here
    if not title[:2].isupper():  # keep GP, NEET and the like
        title = title[:1].lower() + title[1:]
    if title.startswith(_COUNTED):
        return f"{'more' if high else 'fewer'} {title}"
    return f"{'higher' if high else 'lower'} {title}"


def _domain_in(layer: str) -> str:
    """Return the domain that an index's own indicator is named after, "" for none."""
    name = re.sub(r"^(iod|wimd|simd|nimdm)_", "", layer)
    return next((d for d in _DOMAIN_PHRASES if name == d or name == f"{d}_rate"), "")


def _repeated(names: dict[int, str]) -> list[int]:
    all_names = list(names.values())
    return [t for t, name in names.items() if all_names.count(name) > 1]


def _join(words: list[str]) -> str:
    if not words:
        return AVERAGE_NAME
    text = ", ".join(words)
    return text[:1].upper() + text[1:]


def _figure(value: float, spec: LayerSpec) -> str:
    if spec.kind == "share":
        return f"{value:.1%}"
    # At least two significant figures: a score of 0.45 must not read as 0.5.
    lead = 1 - math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:,.{max(spec.decimals, min(lead, 4))}f}"
    return f"{text} years" if spec.kind == "years" else text
