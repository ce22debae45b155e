"""Where do needs bite together, without one making up for another, and is that more than chance?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.area import GEOGRAPHY_NAMES, StudyArea
from planner.errors import DataError, ProjectError
from planner.layers import Layers
from planner.ledger import Note, note_named
from planner.need.domains import ranked_layers
from planner.need.index import Need
from planner.need.space.neighbours import Neighbours, build_neighbours, to_parents
from planner.need.together.coincidence import (
    AREA_COLUMNS,
    COMBINATION_COLUMNS,
    DOMINANT_COLUMNS,
    NOT_KNOWN,
    PARTS,
    Coincidence,
    Part,
    build_coincidence,
    build_combinations,
    build_dominant,
)
from planner.need.together.larger_areas import (
    average_values,
    find_parents,
    name_parents,
    spread_ranks,
    weighted_mean,
)
from planner.need.together.surrogates import (
    CHANCE_COLUMNS,
    EXACT_AREAS,
    FEWEST_AREAS,
    build_chance,
    build_source,
    join_parts,
)
from planner.need.together.tandem_words import Level, say_changes, say_findings
from planner.project import SpatialSettings, TandemSettings
from planner.wording import say_list, to_label

#: Needs that are looked at together unless the project names its own, and the words by which a
#: domain that speaks for them may be called.
USUAL: dict[str, frozenset[str]] = {
    "employment": frozenset(
        {"employment", "worklessness", "work", "working", "inactivity", "unemployment"}
    ),
    "education": frozenset({"education", "skills", "qualifications", "learning"}),
    "health": frozenset({"health", "illness", "disability"}),
}

CAVEAT = (
    "Areas are not people: that several needs are high in the same area does not say that the "
    "same people have them."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Tandem:
    """Which areas are among the worst in several domains at once.

    Parameters
    ----------
    domains
        The domains looked at, by name; fewer than two: there is nothing to look at together, the
        tables are empty (``areas`` holds blanks) and the findings say why.
    part
        The part of the areas that findings are worded for.
    areas
        The place's areas × `planner.need.together.coincidence.AREA_COLUMNS`.
    ranks, deciles
        Area × domain, 1 = worst; ties share their average rank.
    combinations
        ``geography`` and `COMBINATION_COLUMNS`, for the place's areas and for larger areas.
    dominant
        ``geography`` (of the larger areas), ``larger_area_name`` (its code where the areas' names
        do not tell it) and `DOMINANT_COLUMNS`.
    chance
        ``geography`` and `planner.need.together.surrogates.CHANCE_COLUMNS`; no rows where it
        could not be tested, and the findings say why.
    larger
        Larger areas × ``area_name``, ``areas``, ``people``, then the columns of ``areas``; empty
        where the finding could not be repeated.
    changes
        What changes at larger areas, or why that cannot be said, in sentences.
    findings, caveat, method
        In sentences that page and report share.
    notes
        What is unknown, tied together or inherited.
    """

    domains: tuple[str, ...]
    part: Part
    areas: pd.DataFrame
    ranks: pd.DataFrame
    deciles: pd.DataFrame
    combinations: pd.DataFrame
    dominant: pd.DataFrame
    chance: pd.DataFrame
    larger: pd.DataFrame
    changes: tuple[str, ...]
    findings: tuple[str, ...]
    caveat: str
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.areas.columns) != AREA_COLUMNS:
            raise DataError("Tandem: the columns of the areas are not as agreed.")
        if not self.areas.index.equals(self.ranks.index):
            raise DataError("Tandem: areas and ranks are of different areas.")


def build_tandem(need: Need, layers: Layers, area: StudyArea, settings: TandemSettings) -> Tandem:
    """Find where needs are high together, and whether that is more than chance.

    Parameters
    ----------
    need
        For its domain values, high = worse, and its scores.
    layers
        For what is inherited, and for the larger areas (first column of ``parents``).
    area
        The place; its borders say which areas are neighbours.
    settings
        Domains, the part that findings are worded for, how many random maps, and the seed.

    Raises
    ------
    ProjectError
        ``[tandem] domains`` names one that need does not have.

    Notes
    -----
    A value of a larger area is the mean of its areas' scores, weighted by people; ranks are
    never averaged (a domain published as a rank goes by its official score). The test is told
    of in `planner.need.together.surrogates`.
    """
    codes = area.codes
    domains = _choose_domains(list(need.domain_values.columns), settings)
    if len(domains) < 2:
        return _nothing(codes, domains, list(need.domain_values.columns), settings)
    values = need.domain_values.loc[codes, list(domains)]
    people = area.place["population"].astype("float64").fillna(0.0)
    middle = area.place.geometry.centroid
    points = pd.DataFrame({"x": middle.x, "y": middle.y}, index=codes)
    neighbours = build_neighbours(area, SpatialSettings())
    inherited = _inherited(layers, codes, domains)
    found = build_coincidence(values)
    why_not = _why_inherited(inherited)
    small = _build_level(
        area.geography, found, people, neighbours, points, settings, untested=why_not
    )
    parents, why_not = find_parents(need, layers, codes, domains)
    larger = None
    if parents is not None and not why_not:
        scores = spread_ranks(need, layers, values)
        means, people_above, points = average_values(scores, people, points, parents)
        found, neighbours = build_coincidence(means), to_parents(neighbours, parents)
        name = str(parents.name)
        larger = _build_level(name, found, people_above, neighbours, points, settings)
    return _gather(need, area, settings, small, larger, parents, why_not, inherited)


def _gather(
    need: Need,
    area: StudyArea,
    settings: TandemSettings,
    small: Level,
    larger: Level | None,
    parents: pd.Series | None,
    why: str,
    inherited: dict[str, tuple[bool, str]],
) -> Tandem:
    score = need.scores["need_score"]
    levels = [(small, score)]
    dominant, table = _no_dominant(), _no_larger()
    if parents is not None:
        names = name_parents(area.place["area_name"], parents)
        dominant = build_dominant(small.found.areas, small.people, parents)
        dominant.insert(0, "geography", str(parents.name))
        dominant.insert(2, "larger_area_name", dominant["larger_area"].map(names))
    if larger is not None and parents is not None:
        levels.append((larger, weighted_mean(score.to_frame(), small.people, parents).iloc[:, 0]))
        table = larger.found.areas.copy()
        table.insert(0, "area_name", names.reindex(table.index))
        table.insert(1, "areas", parents.value_counts().reindex(table.index))
        table.insert(2, "people", larger.people)
    notes = _notes(small, larger, parents, inherited)
    return Tandem(
        domains=tuple(small.found.values.columns),
        part=settings.part,
        areas=small.found.areas,
        ranks=small.found.ranks,
        deciles=small.found.deciles,
        combinations=_stack(
            [
                (one.geography, build_combinations(one.found.areas, one.people, scores))
                for one, scores in levels
            ]
        ),
        dominant=dominant,
        chance=_stack([(one.geography, one.chance) for one, _ in levels]),
        larger=table,
        changes=say_changes(small, larger, parents, why, inherited, settings.part),
        findings=say_findings(small, dominant, area.name, settings.part),
        caveat=CAVEAT,
        method=_method(small, settings),
        notes=notes,
    )


def _choose_domains(known: Sequence[str], settings: TandemSettings) -> tuple[str, ...]:
    """Return the domains to look at, by name: those asked for, or the usual ones there are."""
    unknown = [domain for domain in settings.domains if domain not in known]
    if unknown:
        raise ProjectError(
            f"[tandem] domains: there is no domain {unknown[0]!r} with a value in the place.",
            hint=f"Known domains: {', '.join(known)}.",
        )
    if settings.domains:
        return tuple(sorted(set(settings.domains)))
    found = set()
    for usual, words in USUAL.items():
        named = [domain for domain in known if words & set(re.split(r"[_\W]+", domain.lower()))]
        if usual in named or named:
            found.add(usual if usual in named else named[0])
    return tuple(sorted(found))


def _nothing(
    codes: pd.Index, domains: tuple[str, ...], known: Sequence[str], settings: TandemSettings
) -> Tandem:
    """Return an empty result that says why."""
    have = f"has only {to_label(domains[0])}" if domains else "has none of them"
    asked = (
        "[tandem] domains names one domain"
        if settings.domains
        else f"need in this place {have} out of employment, education and health"
    )
    text = (
        f"Needs in tandem cannot be shown: they take two domains, and {asked}. Name two or more "
        f"in [tandem] domains (known: {', '.join(known)})."
    )
    areas = pd.DataFrame(
        {
            column: pd.Series(
                NOT_KNOWN if column.endswith("domain") or "combination" in column else pd.NA,
                index=codes,
                dtype=object if column.endswith("domain") or "combination" in column else "Int64",
            )
            for column in AREA_COLUMNS
        }
    ).astype({"tandem_least_bad": "float64", "tandem_worst": "float64"})
    areas["tandem_known"] = 0
    blank = pd.DataFrame(index=codes)
    note = Note(stage="tandem", what="tandem_too_few_domains", count=len(domains), text=text)
    return Tandem(
        domains=domains,
        part=settings.part,
        areas=areas,
        ranks=blank,
        deciles=blank,
        combinations=_empty(["geography", *COMBINATION_COLUMNS]),
        dominant=_no_dominant(),
        chance=_empty(["geography", *CHANCE_COLUMNS]),
        larger=_no_larger(),
        changes=(),
        findings=(text,),
        caveat=CAVEAT,
        method="",
        notes=(note,),
    )


def _build_level(
    geography: str,
    found: Coincidence,
    people: pd.Series,
    neighbours: Neighbours,
    points: pd.DataFrame,
    settings: TandemSettings,
    *,
    untested: str = "",
) -> Level:
    """Test how often needs coincide among areas of one size, where that can be tested."""
    complete = found.complete.sort_values()
    flat = [
        to_label(d) for d in found.values if not bool(found.worst("fifth").loc[complete, d].any())
    ]
    if not untested and len(complete) < FEWEST_AREAS:
        untested = (
            f"only {len(complete)} areas have a figure in every domain, and that takes "
            f"{FEWEST_AREAS}"
        )
    elif not untested and flat:
        untested = f"no area stands out in {say_list(flat)}, where too many share one value"
    chance, ties = _empty(CHANCE_COLUMNS), 0
    if not untested:
        graph = neighbours.subset(complete).adjacency
        graph, ties = join_parts(graph, points.loc[complete].to_numpy(dtype=float))
        chance = build_chance(
            found.values.loc[complete],
            {part: found.worst(part).loc[complete] for part in PARTS},
            build_source(graph),
            permutations=settings.permutations,
            seed=settings.seed,
        )
    return Level(
        geography=geography,
        found=found,
        people=people,
        chance=chance,
        untested=untested,
        ties=ties,
        exact=len(complete) <= EXACT_AREAS,
    )


def _inherited(
    layers: Layers, codes: pd.Index, domains: Sequence[str]
) -> dict[str, tuple[bool, str]]:
    """Return domain → whether all of it is inherited from larger areas, and from which."""
    found = {}
    specs = ranked_layers(layers)
    for domain in domains:
        ids = [spec.id for spec in specs.get(domain, [])]
        status = layers.status.loc[codes, ids]
        taken = (status == "inherited").to_numpy(dtype=bool)
        if not taken.any():
            continue
        known = layers.values.loc[codes, ids].notna().to_numpy(dtype=bool)
        first = specs[domain][int(np.argmax(taken.any(axis=0)))].geography
        found[domain] = (bool((taken == known).all()), GEOGRAPHY_NAMES.get(first, "larger areas"))
    return found


def _why_inherited(inherited: dict[str, tuple[bool, str]]) -> str:
    whole = [to_label(domain) for domain, (all_of_it, _) in inherited.items() if all_of_it]
    if not whole:
        return ""
    return (
        f"{say_list(whole)} {'is' if len(whole) == 1 else 'are'} inherited from larger areas, so "
        "that neighbours share one value and cannot be tested as if each had its own"
    )


def _notes(
    small: Level,
    larger: Level | None,
    parents: pd.Series | None,
    inherited: dict[str, tuple[bool, str]],
) -> tuple[Note, ...]:
    found = small.found
    groups = [
        (
            "tandem_unknown",
            found.values.index.difference(found.complete, sort=True),
            "no figure in at least one of the domains, so not known whether needs meet there",
        ),
        (
            "tandem_inherited",
            [d for d, (whole, _) in inherited.items() if whole],
            "inherited from larger areas, so there is no detail within them",
        ),
        (
            "tandem_part_inherited",
            [d for d, (whole, _) in inherited.items() if not whole],
            "inherited from larger areas in part",
        ),
        ("tandem_same_order", _twins(found.ranks), "the same order of areas, so they always meet"),
    ]
    if parents is not None:
        outside = parents.index[parents.isna().to_numpy()]
        groups.append(("tandem_no_larger_area", outside, "in no known larger area; left out there"))
    notes = [note_named("tandem", what, items, text) for what, items, text in groups if len(items)]
    for level in (small, larger):
        if level is not None and level.ties:
            one = level.ties == 1
            text = (
                f"{level.ties} {'part' if one else 'parts'} of the place that "
                f"{'touches no other was' if one else 'touch no other were'} tied to the nearest "
                f"area of another to test chance ({level.name})."
            )
            notes.append(Note(stage="tandem", what="tandem_tied", count=level.ties, text=text))
        if level is not None and level.untested:
            text = f"Not tested against chance ({level.name}): {level.untested}."
            notes.append(Note(stage="tandem", what="tandem_untested", count=1, text=text))
    return tuple(notes)


def _twins(ranks: pd.DataFrame) -> list[str]:
    names = list(ranks.columns)
    return [
        f"{one} and {other}"
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        if ranks[one].equals(ranks[other])
    ]


def _stack(tables: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    filled = []
    for geography, table in tables:
        table = table.copy()
        table.insert(0, "geography", geography)
        if len(table):
            filled.append(table)
    return pd.concat(filled, ignore_index=True) if filled else table


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


def _no_dominant() -> pd.DataFrame:
    first, *others = DOMINANT_COLUMNS
    return _empty(["geography", first, "larger_area_name", *others])


def _no_larger() -> pd.DataFrame:
    return _empty(["area_name", "areas", "people", *AREA_COLUMNS])


def _method(small: Level, settings: TandemSettings) -> str:
    words = (
        "Each domain is ranked among the areas of the place on its own, so that no need makes up "
        "for another; areas that share a value share their rank. Chance: each domain's map is "
        f"redrawn {settings.permutations:,} times (they take turns to stay as they are), at random "
        "but as clustered as it is"
    )
    how = (
        " at every scale (Moran spectral randomisation, Wagner and Dray 2015), and the areas "
        "highest on the random map stand for the worst part."
        if small.exact
        else f" (random fields fitted to its smoothness, as there are more than {EXACT_AREAS:,} "
        "areas), and the areas highest on the random map stand for the worst part."
    )
    return words + how
