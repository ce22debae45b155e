"""What would one say of each type in front of the people who live there?"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.area import StudyArea
from planner.layers import LayerSpec
from planner.neighbourhoods.inputs import MOSTLY
from planner.neighbourhoods.names import MUCH, find_features, say_value
from planner.neighbourhoods.phrases import Phrase, Side, find_phrase, say

#: An area lands in its type surely where it does so in this share of the draws.
SURE = 0.9
#: How many things are told in the sentence on what sets a type apart, and how many strengths.
_MOST_CLAUSES, _MOST_STRENGTHS = 3, 2
#: From here on a type is slightly behind the place, in standard deviations.
_SLIGHTLY = 0.1
_LAYERS_SHOWN_ONLY = ("_lower", "_upper")

_Told = tuple[str, Phrase]

AREAS_NOT_PEOPLE = (
    "These are averages for areas, not descriptions of people: neighbours differ, and what is "
    "said here is not true of everyone."
)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One type, as far as a portrait tells of it.

    ``people`` and ``place_people`` are NaN where a population is not known; ``certainty`` is that
    of each of its areas, None where types were not drawn anew.
    """

    areas: int
    place_areas: int
    people: float
    place_people: float
    typical: str
    certainty: Sequence[float] | None
    tentative: bool


def build_portraits(
    details: pd.DataFrame,
    specs: Mapping[str, LayerSpec],
    area: StudyArea,
    labels: pd.Series,
    medoids: pd.Series,
    *,
    certainty: pd.Series | None = None,
    tentative: pd.Series | None = None,
) -> pd.Series:
    """Describe each type in four or five sentences that can be read out.

    Parameters
    ----------
    details
        `planner.neighbourhoods.profiles.build_profiles`.
    specs
        What its layers are.
    area
        The place: its name, its areas' names and people.
    labels
        Every area of the place → ``type_id``, <NA> where it has none.
    medoids
        ``type_id`` → code of its typical area.
    certainty
        Area → share of draws in which it lands in its own type (None: not known).
    tentative
        ``type_id`` → whether the type is (None: not known).

    Returns
    -------
    portraits
        On ``type_id``. How many areas and people; what sets the type apart, needs first, in at
        most three clauses; its strengths; the typical area and how surely areas belong to the
        type; that areas are not people.
    """
    people = area.place["population"].reindex(labels.index)
    portraits = {}
    for t in sorted(int(number) for number in labels.dropna().unique()):
        inside = labels.index[(labels == t).fillna(False)]
        subject = Subject(
            areas=len(inside),
            place_areas=len(labels),
            people=float(people[inside].sum(skipna=False)),
            place_people=float(people.sum(skipna=False)),
            typical=_area_words(area, str(medoids[t])),
            certainty=None if certainty is None else certainty.reindex(inside).tolist(),
            tentative=tentative is not None and bool(tentative[t]),
        )
        rows = details[details["type_id"] == t].set_index("layer")
        portraits[t] = write_portrait(subject, rows, specs, area.name)
    result = pd.Series(portraits, name="portrait", dtype=object)
    return result.rename_axis("type_id")


def write_portrait(
    subject: Subject, rows: pd.DataFrame, specs: Mapping[str, LayerSpec], place: str
) -> str:
    """Return the portrait of one type; ``rows`` is its profile on the layer ids."""
    rows = rows[[_is_told(specs[layer], bool(used)) for layer, used in rows["used"].items()]]
    rows = rows.astype({"used": bool})
    figures = {
        layer: (say_figure(row["mean"], row["place_mean"], specs[layer]))
        for layer, row in rows.iterrows()
    }
    sides: dict[Side, list[_Told]] = {"need": [], "strength": [], "neither": []}
    topics: set[str] = set()
    # First what types were judged by, so that portrait and name agree; then what else is known.
    for chosen in (rows[rows["used"]], rows[~rows["used"]]):
        features = find_features(chosen["z_place"], specs, chosen["effect"], figures)
        for layer, phrase in features:
            if phrase.topic not in topics:
                topics.add(phrase.topic)
                sides[phrase.side].append((layer, phrase))
    sentences = [
        _say_size(subject, place),
        *_say_circumstances(sides, rows, specs, re.sub(r" \([^()]*\)$", "", place)),
        _say_typical(subject),
        AREAS_NOT_PEOPLE,
    ]
    return " ".join(sentences)


def say_figure(here: float, there: float, spec: LayerSpec) -> tuple[str, str]:
    """Return a type's and the place's figure as one says them, finer where they would be equal."""
    if not (math.isfinite(here) and math.isfinite(there)):
        return "", ""
    if spec.kind == "share":
        whole = f"{here:.0%}", f"{there:.0%}"
        return whole if whole[0] != whole[1] else (f"{here:.1%}", f"{there:.1%}")
    if spec.kind == "years":
        return f"{here:.1f} years", f"{there:.1f}"
    return say_value(here, spec), say_value(there, spec)


# --- sentences ------------------------------------------------------------------------------


def _say_size(subject: Subject, place: str) -> str:
    number = f"{subject.areas:,}" if subject.areas > 1 else "one"
    text = f"This type covers {number} of the {subject.place_areas:,} areas of {place}"
    if math.isnan(subject.people) or subject.people <= 0:
        return f"{text}."
    text += f", home to about {_say_people(subject.people)} people"
    if math.isnan(subject.place_people):
        return f"{text}."
    share = subject.people / subject.place_people
    return f"{text}, {'under 1%' if share < 0.01 else f'{share:.0%}'} of the total."


def _say_circumstances(
    sides: Mapping[Side, Sequence[_Told]],
    rows: pd.DataFrame,
    specs: Mapping[str, LayerSpec],
    place: str,
) -> list[str]:
    """Say what sets the type apart, and what it has to build on, in two sentences."""
    needs, strengths = sides["need"][:_MOST_CLAUSES], sides["strength"]
    main = needs or strengths[:_MOST_CLAUSES]
    neutral = sides["neither"][: min(1, _MOST_CLAUSES - len(main))]
    if not (main or neutral):
        return [
            f"It is close to the average of {place} in everything that was looked at.",
            "An average hides differences, so some of its people will need help.",
        ]
    first = [*main, *neutral]
    told = f"Compared with {place} as a whole, {_say_clauses(first, rows, figure=True)}."
    if needs and strengths:
        shown = strengths[:_MOST_STRENGTHS]
        word = "strengths" if len(shown) > 1 else "a strength"
        clauses = _say_clauses(shown, rows, figure=False)
        return [told, f"It has {word} to build on: {clauses}."]
    topics = {phrase.topic for _, phrase in first}
    if needs:
        return [told, _say_closest(rows, specs, place, topics)]
    return [told, _say_behind(rows, specs, place, topics)]


def _say_clauses(features: Sequence[_Told], rows: pd.DataFrame, *, figure: bool) -> str:
    """Join clauses; "much" once at most, for the first, and one figure."""
    clauses = []
    for at, (layer, phrase) in enumerate(features):
        much = at == 0 and abs(float(rows.loc[layer, "z_place"])) >= MUCH
        beside = []
        if figure and phrase.figure:
            beside, figure = [phrase.figure], False
        if rows.loc[layer, "inherited"] >= MOSTLY:
            beside.append("figures for larger areas")
        clause = say(phrase.clause, much=much)
        clauses.append(f"{clause} ({'; '.join(beside)})" if beside else clause)
    if len(clauses) == 1:
        return clauses[0]
    return f"{', '.join(clauses[:-1])} and {clauses[-1]}"


def _say_behind(
    rows: pd.DataFrame, specs: Mapping[str, LayerSpec], place: str, topics: Collection[str]
) -> str:
    """Say where a type without clear needs stands least well."""
    need = _by_need(rows, specs, topics)
    help_too = "some of its people will still need help"
    if need and need[-1][0] >= _SLIGHTLY:
        return f"It is slightly behind on {need[-1][1]}, and {help_too}."
    return f"Nothing that was looked at is clearly worse than across {place}, but {help_too}."


def _say_closest(
    rows: pd.DataFrame, specs: Mapping[str, LayerSpec], place: str, topics: Collection[str]
) -> str:
    """Say where a type without clear strengths stands best."""
    need = _by_need(rows, specs, topics)
    if not need:
        return f"Nothing that was looked at is clearly better than across {place}."
    if need[0][0] < _SLIGHTLY:
        return f"It does as well as the rest of {place} on {need[0][1]}."
    return f"It comes closest to the rest of {place} on {need[0][1]}."


def _by_need(
    rows: pd.DataFrame, specs: Mapping[str, LayerSpec], without: Collection[str]
) -> list[tuple[float, str]]:
    """Return how far each topic is on the worse side, in standard deviations, least first."""
    found = []
    for layer, z in rows["z_place"].items():
        spec = specs[layer]
        if pd.isna(z) or spec.high_is == "neither":
            continue
        phrase = find_phrase(spec, high=bool(z > 0))
        if phrase.known and phrase.topic not in without:
            need = float(z) if spec.high_is == "worse" else -float(z)
            found.append((round(need, 9), phrase.topic))
    return sorted(found)


def _say_typical(subject: Subject) -> str:
    text = f"The most typical area is {subject.typical}" if subject.areas > 1 else ""
    if subject.tentative:
        doubt = (
            "the type is tentative, since it comes back only in part when the grouping is "
            "repeated on areas drawn at random"
        )
        return f"{text}; {doubt}." if text else f"The{doubt[3:]}."
    if subject.certainty is None or not text:
        return f"{text}." if text else f"The area is {subject.typical}."
    sure = sum(share >= SURE - 1e-9 for share in subject.certainty)
    much = (
        "all"
        if sure == subject.areas
        else (f"{sure:,} of the {subject.areas:,}" if sure else "none")
    )
    return (
        f"{text}; when the grouping is repeated on areas drawn at random, {much} "
        f"{'of its areas ' if much in ('all', 'none') else ''}come back to this type at least nine "
        "times in ten."
    )


# --- parts ----------------------------------------------------------------------------------


def _is_told(spec: LayerSpec, used: bool) -> bool:
    """Return whether a portrait may tell of a layer: one of the types, or one we have words for."""
    if used:
        return True
    shown = spec.role == "layer" and spec.kind != "count" and spec.high_is != "neither"
    interval = spec.id.endswith(_LAYERS_SHOWN_ONLY)
    return shown and not interval and find_phrase(spec, high=True).known


def _say_people(people: float) -> str:
    """Return people as one says them: to the nearest hundred, above ten thousand to the thousand.

    Examples
    --------
    >>> _say_people(38_449), _say_people(1_849), _say_people(40)
    ('38,000', '1,800', '40')
    """
    unit = 1_000 if people >= 10_000 else 100 if people >= 1_000 else 10
    return f"{round(people / unit) * unit:,}"


def _area_words(area: StudyArea, code: str) -> str:
    name = str(area.areas.loc[code, "area_name"]).strip() if code in area.areas.index else ""
    return name if name and name != "nan" else code
