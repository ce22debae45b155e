"""How is a layer said, so that it tells of circumstances and blames nobody?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from planner.layers import LayerSpec

Side = Literal["need", "strength", "neither"]


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said of one thing, for a high and for a low value of it.

    ``topic`` is the thing itself, said once in a name or portrait. ``names`` are short, ``clauses``
    whole, both with ``{much}``, ``{many}`` or ``{far}`` where "much", "many" or "far" can be put
    in; ``figure`` gives ``{here}`` and ``{there}`` (the place) where the layer is a
    share or years.
    """

    topic: str
    names: tuple[str, str]
    clauses: tuple[str, str]
    figure: str = ""


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One layer that sets a type apart, in words.

    ``name`` and ``clause`` have places for "much" (`say`). ``known`` is False where there are no
    words of our own for the layer.
    """

    topic: str
    name: str
    clause: str
    figure: str
    side: Side
    known: bool


_WORK = ("{much}further from work", "{many}more people in work")
_WORK_CLAUSES = ("people are {much}further from work", "{many}more people are in work")
_CONDITIONS = ("{many}more long-term conditions", "{far}fewer long-term conditions")

#: By layer id: (high value, low value).
LAYER_WORDS: dict[str, Words] = {
    "bad_health": Words(
        topic="health",
        names=("{much}poorer health", "{much}better health"),
        clauses=(
            "{many}more people say that their health is bad",
            "{far}fewer people say that their health is bad",
        ),
        figure="{here} of people, against {there}",
    ),
    "claimants": Words(
        topic="seeking work",
        names=("{many}more people seeking work", "{far}fewer people seeking work"),
        clauses=(
            "{many}more people have support while they look for work",
            "{far}fewer people need support while they look for work",
        ),
    ),
    "disabled": Words(
        topic="long-term conditions",
        names=_CONDITIONS,
        clauses=(
            "{many}more people have a disability or a long-term health condition",
            "{far}fewer people have a disability or a long-term health condition",
        ),
        figure="{here} of people, against {there}",
    ),
    "idaci": Words(
        topic="children's incomes",
        names=("{many}more children on low incomes", "{far}fewer children on low incomes"),
        clauses=(
            "{many}more children live in families on low incomes",
            "{far}fewer children live in families on low incomes",
        ),
        figure="{here} of children, against {there}",
    ),
    "idaopi": Words(
        topic="older people's incomes",
        names=("{many}more pensioners on low incomes", "{far}fewer pensioners on low incomes"),
        clauses=(
            "{many}more older people live on low incomes",
            "{far}fewer older people live on low incomes",
        ),
        figure="{here} of older people, against {there}",
    ),
    "long_term_sick": Words(
        topic="long-term conditions",
        names=_CONDITIONS,
        clauses=(
            "{many}more people are out of work with a long-term health condition",
            "{far}fewer people are out of work with a long-term health condition",
        ),
        figure="{here} of adults, against {there}",
    ),
    "looking_after_home": Words(
        topic="caring",
        names=("{many}more people caring at home", "{far}fewer people caring at home"),
        clauses=(
            "{many}more people look after home or family",
            "{far}fewer people look after home or family",
        ),
        figure="{here} of adults, against {there}",
    ),
    "no_car": Words(
        topic="cars",
        names=("{far}fewer cars", "{many}more cars"),
        clauses=(
            "{far}fewer households have a car or van",
            "{many}more households have a car or van",
        ),
        figure="{here} have none, against {there}",
    ),
    "no_qualifications": Words(
        topic="qualifications",
        names=("{far}fewer qualifications", "{many}more qualifications"),
        clauses=(
            "{far}fewer adults have qualifications",
            "{many}more adults have qualifications",
        ),
        figure="{here} have none, against {there}",
    ),
    "not_working": Words(
        topic="work",
        names=_WORK,
        clauses=_WORK_CLAUSES,
        figure="{here} are not in work, against {there}, students and retired people apart",
    ),
    "other_inactive": Words(
        topic="outside work",
        names=("{many}more people outside work", "{far}fewer people outside work"),
        clauses=(
            "{many}more people are outside paid work for other reasons",
            "{far}fewer people are outside paid work for other reasons",
        ),
    ),
    "raw_inactive": Words(
        topic="outside work",
        names=("{many}more people outside work", "{far}fewer people outside work"),
        clauses=(
            "{many}more people are outside paid work, retired people and students included",
            "{far}fewer people are outside paid work, retired people and students included",
        ),
        figure="{here} of adults, against {there}",
    ),
    "routine_jobs": Words(
        topic="kinds of job",
        names=("{many}more service and manual workers", "{far}fewer service and manual workers"),
        clauses=(
            "{many}more people work in jobs like care, shops or driving",
            "{far}fewer people work in jobs like care, shops or driving",
        ),
        figure="{here} of adults, against {there}",
    ),
    "unemployed": Words(
        topic="seeking work",
        names=("{many}more people seeking work", "{far}fewer people seeking work"),
        clauses=(
            "{many}more people are looking for work",
            "{far}fewer people are looking for work",
        ),
        figure="{here} of adults, against {there}",
    ),
}
for _id, _who in (
    ("life_expectancy", ""),
    ("life_expectancy_female", " for women"),
    ("life_expectancy_male", " for men"),
):
    LAYER_WORDS[_id] = Words(
        topic="life expectancy",
        names=(f"{{much}}higher life expectancy{_who}", f"{{much}}lower life expectancy{_who}"),
        clauses=(
            f"life expectancy{_who} is {{much}}higher",
            f"life expectancy{_who} is {{much}}lower",
        ),
        figure="{here}, against {there}",
    )

#: By domain: (worse, better). About what people face, never about what they are worth.
DOMAIN_WORDS: dict[str, Words] = {
    "access": Words(
        topic="getting to services",
        names=("services {much}further away", "services close by"),
        clauses=(
            "everyday services are {much}further away",
            "everyday services are {much}closer by",
        ),
    ),
    "barriers": Words(
        topic="housing and services",
        names=("{many}more housing barriers", "{far}fewer housing barriers"),
        clauses=(
            "there are {many}more barriers to housing and services",
            "there are {far}fewer barriers to housing and services",
        ),
    ),
    "community_safety": Words(
        topic="safety",
        names=("{many}more safety concerns", "{much}safer streets"),
        clauses=("streets and homes are {much}less safe", "streets and homes are {much}safer"),
    ),
    "crime": Words(
        topic="crime",
        names=("{much}more crime", "{much}less crime"),
        clauses=("there is {much}more crime", "there is {much}less crime"),
    ),
    "education": Words(
        topic="qualifications",
        names=("{far}fewer qualifications", "{many}more qualifications"),
        clauses=("{far}fewer people have qualifications", "{many}more people have qualifications"),
    ),
    "employment": Words(topic="work", names=_WORK, clauses=_WORK_CLAUSES),
    "environment": Words(
        topic="surroundings",
        names=("{much}poorer surroundings", "{much}better surroundings"),
        clauses=(
            "homes, streets and air are in {much}poorer condition",
            "homes, streets and air are in {much}better condition",
        ),
    ),
    "health": Words(
        topic="health",
        names=("{much}poorer health", "{much}better health"),
        clauses=(
            "{many}more people live with ill health",
            "{far}fewer people live with ill health",
        ),
    ),
    "housing": Words(
        topic="housing",
        names=("{much}poorer housing", "{much}better housing"),
        clauses=(
            "{many}more homes are crowded or in poor condition",
            "{far}fewer homes are crowded or in poor condition",
        ),
    ),
    "income": Words(
        topic="incomes",
        names=("{much}lower incomes", "{much}higher incomes"),
        clauses=("incomes are {much}lower", "incomes are {much}higher"),
    ),
    "not_working": Words(topic="work", names=_WORK, clauses=_WORK_CLAUSES),
}

#: What people are counted by, so that there are more of them rather than a higher one.
_COUNTED = ("people", "adults", "households", "children", "families", "residents")


def find_phrase(spec: LayerSpec, *, high: bool, here: str = "", there: str = "") -> Phrase:
    """Say a layer that sets a type apart.

    Parameters
    ----------
    spec
        The layer. Words go by its id, then by its domain; any other layer is said by its title.
    high
        Whether the type's value is above the place's.
    here, there
        The type's and the place's value, as they are said.

    Examples
    --------
    >>> from planner.ledger import Source
    >>> source = Source(publisher="", dataset="", licence="", vintage="")
    >>> spec = LayerSpec(
    ...     id="income", title="Income", unit="score", kind="score", high_is="worse",
    ...     geography="lsoa21", source=source, domain="income")
    >>> say(find_phrase(spec, high=True).name)
    'lower incomes'
    """
    side: Side = "neither"
    if spec.high_is != "neither":
        side = "need" if high == (spec.high_is == "worse") else "strength"
    words, first = LAYER_WORDS.get(_bare(spec.id)), high
    if words is None and side != "neither":
        words, first = DOMAIN_WORDS.get(spec.domain or _domain_in(spec.id)), side == "need"
    if words is None:
        return _by_title(spec, high=high, side=side, here=here, there=there)
    at = 0 if first else 1
    figure = words.figure if spec.kind in ("share", "years") and here != there else ""
    return Phrase(
        topic=words.topic,
        name=words.names[at],
        clause=words.clauses[at],
        figure=figure.format(here=here, there=there),
        side=side,
        known=True,
    )


def say(text: str, *, much: bool = False) -> str:
    """Return a name or clause, with "much" (or "many", "far") where there is a place for it.

    Examples
    --------
    >>> say("{many}more people"), say("{many}more people", much=True)
    ('more people', 'many more people')
    """
    words = {"much": "much ", "many": "many ", "far": "far "}
    return text.format(**(words if much else dict.fromkeys(words, "")))


def say_title(spec: LayerSpec) -> str:
    """Return a layer's title as it stands within a sentence, without its edition."""
    title = re.sub(r" \([^()]*\d{4}[^()]*\)$", "", spec.title)
    # Braces in a publisher's title are no places to fill in.
    title = title.replace("{", "(").replace("}", ")")
    if not title[:2].isupper():  # keep GP, NEET and the like
        title = title[:1].lower() + title[1:]
    return title


def _by_title(spec: LayerSpec, *, high: bool, side: Side, here: str, there: str) -> Phrase:
    title = say_title(spec)
    figure = f"{here}, against {there}" if here != there else ""
    if title.startswith(_COUNTED):
        name = f"{'more' if high else 'fewer'} {title}"
        clause = f"there are {name}"
    else:
        name = f"{'higher' if high else 'lower'} {title}"
        clause = f"figures are {'higher' if high else 'lower'} on {title}"
    return Phrase(topic=title, name=name, clause=clause, figure=figure, side=side, known=False)


def _bare(layer: str) -> str:
    """Return a layer's id without the index that its publisher puts first."""
    return re.sub(r"^(iod|wimd|simd|nimdm)_", "", layer)


def _domain_in(layer: str) -> str:
    """Return the domain that an index's own indicator is named after, "" for none."""
    name = _bare(layer)
    return next((d for d in DOMAIN_WORDS if name == d or name == f"{d}_rate"), "")
