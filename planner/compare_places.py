"""How does a place stand beside another, among places like it, or beside its own earlier self?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from planner.cache import Memo
from planner.crosswalk import Lookups
from planner.errors import ProjectError
from planner.ledger import Note
from planner.need.comparing.alike import build_district_profiles, find_alike
from planner.need.comparing.compare import Comparison, Side, compare_places, refuse_same_place
from planner.need.comparing.vintages import VintageComparison, compare_vintages
from planner.plan.evidence import Evidence, make_evidence
from planner.plan.stages import Progress
from planner.project import Project
from planner.report.comparison import Told, tell_alike, tell_places, tell_vintages
from planner.sources.lookups import read_districts, read_lookups
from planner.sources.reference import LEAST_KNOWN, counts_towards_need
from planner.wording import say_list, say_many


def compare_projects(first: Project, second: Project, *, progress: Progress | None = None) -> Told:
    """Compare two places, or two editions of the figures of one place.

    Raises
    ------
    PlannerError
        A project cannot be read, or the two cannot be compared; the message says why.
    """
    memo = Memo()
    sides = [
        make_evidence(_of_itself(project), memo=memo, progress=progress)
        for project in (first, second)
    ]
    if _same_place(*sides):
        pairs = _other_dates(*sides)
        if pairs:
            return _tell_editions(sides[0], sides[1], pairs)
        refuse_same_place(sides[0].area, sides[1].area)
    found = compare_places(
        Side(area=sides[0].area, layers=sides[0].layers),
        Side(area=sides[1].area, layers=sides[1].layers),
        sides[0].settings,
    )
    return tell_places(_note_settings(found, *sides))


def compare_layers(
    project: Project, first: str, second: str, *, progress: Progress | None = None
) -> Told:
    """Compare two layers of one project that are editions of one figure.

    Raises
    ------
    ProjectError
        There is no such layer, or the two may not be compared.
    """
    side = make_evidence(_of_itself(project), progress=progress)
    for key in (first, second):
        if key not in side.layers.specs:
            raise ProjectError(
                f"--vintages: {project.file_name} has no layer {key!r}.",
                hint=f"Its layers: {', '.join(side.layers.specs)}.",
            )
    codes = side.area.codes
    found = compare_vintages(
        side.layers.specs[first],
        side.layers.values.loc[codes, first],
        side.layers.specs[second],
        side.layers.values.loc[codes, second],
        people=side.area.place["population"],
    )
    return tell_vintages(side.area.name, {first: found}, {}, fictional=side.area.fictional)


def compare_alike(project: Project, n: int, *, progress: Progress | None = None) -> Told:
    """Compare a place with the districts of its nation that have a like profile.

    Raises
    ------
    ProjectError
        The project does not rank among the nation or names no lookup of districts, or the place
        is not one district.
    """
    spec = project.spec
    if spec.need.reference != "nation" or not spec.lookups.districts:
        missing = [
            words
            for words, there in (
                ('[need] reference = "nation"', spec.need.reference == "nation"),
                ('[lookups] districts = "FILE"', bool(spec.lookups.districts)),
            )
            if not there
        ]
        raise ProjectError(
            f"--alike needs figures of the whole nation: add {' and '.join(missing)} to "
            f"{project.file_name}.",
            hint="The layers must be the publisher's files for the whole nation, the lookup one "
            "from small areas to districts.",
        )
    side = make_evidence(project, progress=progress)
    assert side.layers.reference is not None
    table = read_districts(side.project, [spec.place.authority] if spec.place.authority else [])
    home = _home(side, table)
    people, said = _people(side.layers.reference.index, read_lookups(side.project))
    # What need is made of: sub-domains, ranks and deciles beside it would count the same twice.
    specs = {
        key: side.layers.specs[key]
        for key in side.layers.reference.columns
        if counts_towards_need(side.layers.specs[key])
    }
    profiles = build_district_profiles(
        side.layers.reference[list(specs)], table["district"], people, specs=specs
    )
    names = dict(zip(table["district"], table["district_name"], strict=True))
    found = find_alike(
        profiles,
        home,
        n=n,
        titles={key: spec.title for key, spec in specs.items()},
        names={code: name or code for code, name in names.items()},
    )
    return tell_alike(found, specs, names, said, fictional=side.area.fictional)


# --- what is read -------------------------------------------------------------------------


def _of_itself(project: Project) -> Project:
    """Return the project without a reference: two places are ranked among each other's areas."""
    if project.spec.need.reference == "place":
        return project
    need = project.spec.need.model_copy(update={"reference": "place", "districts": []})
    return project.with_spec(need=need)


def _same_place(first: Evidence, second: Evidence) -> bool:
    ours, theirs = first.area.codes, second.area.codes
    both = len(ours.intersection(theirs))
    authority = first.project.spec.place.authority
    if ours.equals(theirs) or (authority and authority == second.project.spec.place.authority):
        return True
    return first.area.geography != second.area.geography and 2 * both >= min(len(ours), len(theirs))


def _other_dates(first: Evidence, second: Evidence) -> list[str]:
    """Return the layers that both have, of other dates."""
    return [
        key
        for key, spec in first.layers.specs.items()
        if key in second.layers.specs
        and spec.source.vintage != second.layers.specs[key].source.vintage
    ]


def _note_settings(found: Comparison, first: Evidence, second: Evidence) -> Comparison:
    """Say whose settings are used where the two projects put need together in other ways."""
    ours, theirs = (side.settings.model_dump() for side in (first, second))
    differ = [key for key in ours if ours[key] != theirs[key]]
    ours_by, theirs_by = (
        {key: (spec.weight, spec.domain) for key, spec in side.layers.specs.items()}
        for side in (first, second)
    )
    layers = [key for key in found.specs if ours_by[key] != theirs_by[key]]
    if not differ and not layers:
        return found
    what = say_list(
        [
            *[f"[need] {key}" for key in differ],
            *([f"weights or domains of {say_many(len(layers), 'layer')}"] if layers else []),
        ]
    )
    text = (
        f"Need is put together as the project of {found.names[0]} says; that of {found.names[1]} "
        f"has other settings ({what})."
    )
    note = Note(
        stage="compare",
        what="settings_of_first",
        count=len(differ) + len(layers),
        text=text,
        items=(*differ, *layers),
    )
    return replace(found, notes=(*found.notes, note))


def _home(side: Evidence, table: pd.DataFrame) -> str:
    """Return the one district that holds the place."""
    authority = side.project.spec.place.authority
    if authority and authority in set(table["district"]):
        return authority
    homes = table["district"].reindex(side.area.codes).dropna().unique()
    if len(homes) == 1:
        return str(homes[0])
    if not len(homes):
        raise ProjectError(
            f"--alike: {side.project.spec.lookups.districts} does not know the areas of "
            f"{side.area.name}.",
            hint="Use a lookup of the same small areas.",
        )
    raise ProjectError(
        f"--alike: {side.area.name} lies in {len(homes)} districts, and one is compared at a time.",
        hint="Use the project of one district.",
    )


def _people(areas: pd.Index, lookups: Lookups) -> tuple[pd.Series | None, str]:
    """Return residents of every area of the nation, and how districts were summed up."""
    known = 0 if lookups.people is None else int(lookups.people.reindex(areas).notna().sum())
    if known >= LEAST_KNOWN * len(areas):
        return lookups.people, "Districts are means of their areas by residents."
    why = "no population of the whole nation is at hand ([lookups] population)"
    if known:
        why = f"[lookups] population is known for {known:,} of the {len(areas):,} areas only"
    return None, f"Districts are plain means of their areas, as {why}."


# --- two editions -------------------------------------------------------------------------


def _tell_editions(first: Evidence, second: Evidence, keys: Iterable[str]) -> Told:
    found: dict[str, VintageComparison] = {}
    refused: dict[str, ProjectError] = {}
    people = first.area.place["population"]
    for key in keys:
        pair = [
            part
            for side in (first, second)
            for part in (side.layers.specs[key], side.layers.values.loc[side.area.codes, key])
        ]
        try:
            found[key] = compare_vintages(pair[0], pair[1], pair[2], pair[3], people=people)
        except ProjectError as err:
            refused[key] = err
    if not found:
        error = next(iter(refused.values()))
        others = len(refused) - 1
        verb = "is" if others == 1 else "are"
        more = f" ({say_many(others, 'other figure')} {verb} refused, too.)" if others else ""
        raise ProjectError(f"{error.message}{more}", hint=error.hint)
    why = {key: err.message for key, err in refused.items()}
    return tell_vintages(first.area.name, found, why, fictional=first.area.fictional)
