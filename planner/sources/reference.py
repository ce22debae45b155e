"""What is known of every area that the place's areas are ranked among?"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import pandas as pd

from planner.area import GEOGRAPHY_NAMES, StudyArea, nation_of
from planner.crosswalk import BRIDGES, Lookups, Target, build_links, to_geography
from planner.errors import DataError, ProjectError
from planner.layers import LayerSpec, PublishedTable
from planner.ledger import Note, note_items
from planner.project import LayerEntry, Project
from planner.sources.lookups import read_districts
from planner.wording import say_list

__all__ = ["AREAS_IN_NATION", "LEAST_KNOWN", "counts_towards_need", "read_reference"]

#: How many areas of each geography a nation has, as its statistics office counts them.
AREAS_IN_NATION: dict[tuple[str, str], int] = {
    ("England", "lsoa21"): 33_755,
    ("England", "lsoa11"): 32_844,
    ("Wales", "lsoa21"): 1_917,
    ("Wales", "lsoa11"): 1_909,
    ("Scotland", "dz11"): 6_976,
    ("Scotland", "dz22"): 7_392,
    ("Northern Ireland", "soa01"): 890,
    ("Northern Ireland", "sdz21"): 850,
}
#: A layer of need must be known for this share of the reference's areas.
LEAST_KNOWN = 0.95

Entries = Sequence[tuple[LayerEntry, PublishedTable]]


def read_reference(
    project: Project, area: StudyArea, lookups: Lookups, tables: Entries
) -> tuple[pd.DataFrame | None, tuple[Note, ...]]:
    """Return the layers of every area of the reference that ``[need]`` asks for.

    Parameters
    ----------
    project
        ``[need] reference`` and ``districts``; ``[lookups] districts``.
    area
        The place, which must lie in its reference.
    lookups
        The project's lookups; figures published for other areas need them for all of the reference.
    tables
        The layers as published, with the entry each comes from.

    Returns
    -------
    reference
        Floats, sorted index ``area_code`` of every area of the reference, one column a layer that
        is known for nearly all of them. The same readers and the same crosswalk as the place's
        own values. None where the reference is the place itself.
    notes
        Which areas they are, what was carried over, and which layers are not among them.

    Raises
    ------
    ProjectError
        The place spans nations or lies outside the districts, or a district is unknown.
    DataError
        A layer that counts towards need is known for less than 95 % of the areas.
    """
    need = project.spec.need
    if need.reference == "place":
        return None, ()
    nation = _nation(area)
    if need.reference == "nation":
        target, count = _nation_target(nation, area, lookups, tables)
    else:
        target, count = _district_target(project, nation, area)
    values, notes = [pd.DataFrame(index=target.index)], []
    thin: list[str] = []
    for entry, table in tables:
        got, status, specs = _carried(table, target, lookups, entry)
        known = got.notna().sum()
        few = known.index[known < LEAST_KNOWN * count]
        for key in few:
            if counts_towards_need(specs[key]):
                _refuse_thin(specs[key], entry, int(known[key]), count, target)
        thin += list(few)
        values.append(got.drop(columns=few))
        notes += _carried_notes(status.drop(columns=few), specs, count)
    together = pd.concat(values, axis=1).rename_axis("area_code")
    return together, (_said(target, count, need.reference), *notes, *_thin_note(thin, target))


def counts_towards_need(spec: LayerSpec) -> bool:
    """Return whether a layer is part of need, rather than shown only."""
    ranked = spec.role == "layer" and spec.high_is != "neither"
    return bool(spec.domain) and ranked and spec.weight > 0


# --- which areas --------------------------------------------------------------------------


def _nation(area: StudyArea) -> str:
    nations = sorted(set(area.place["nation"]))
    if len(nations) > 1:
        raise ProjectError(
            f"[need] reference: {area.name} lies in {' and '.join(nations)}, and areas of "
            "different nations are never ranked together.",
            hint="Leave reference out, or write one project for each nation. For places across a "
            'border there is common_measure = "employment".',
        )
    return str(nations[0])


def _nation_target(
    nation: str, area: StudyArea, lookups: Lookups, tables: Entries
) -> tuple[Target, int]:
    """Return all areas of the nation that layers of need tell of, and how many there should be."""
    count = AREAS_IN_NATION.get((nation, area.geography))
    if count is None:
        raise ProjectError(
            f"[need] reference: {GEOGRAPHY_NAMES[area.geography]} are not areas of {nation}.",
            hint="Check [place] geography.",
        )
    found: set[str] = set(area.codes)
    for entry, table in tables:
        if any(counts_towards_need(spec) for spec in table.specs.values()):
            more = {c for c in _areas_told(table, area, lookups) if nation_of(c) == nation}
            if len(found | more) > count:
                raise DataError(
                    f"{entry.file}: with it there are {len(found | more):,} areas; {nation} has "
                    f"{count:,} {GEOGRAPHY_NAMES[area.geography]}.",
                    hint="Files of different years seem to be mixed: check each file's geography.",
                )
            found |= more
    return _target(nation, found, area), count


def _areas_told(table: PublishedTable, area: StudyArea, lookups: Lookups) -> list[str]:
    """Return the areas of the place's geography that a table has figures for."""
    if table.geography == area.geography:
        return [str(code) for code in table.values.index]
    links = build_links(table.geography, area.geography, lookups)
    return [str(c) for c in links.loc[links["source"].isin(table.values.index), "target"].unique()]


def _district_target(project: Project, nation: str, area: StudyArea) -> tuple[Target, int]:
    asked = list(dict.fromkeys(project.spec.need.districts))
    file = project.spec.lookups.districts
    if not file:
        raise ProjectError(
            "[need] districts: nothing tells which areas lie in them.",
            hint="Name an official lookup with the codes of small areas and of districts: "
            '[lookups] districts = "FILE".',
        )
    table = read_districts(project, asked)
    for code in asked:
        if code not in set(table["district"]):
            _refuse_unknown(code, table, file)
    inside = table[table["district"].isin(asked)]
    others = sorted({nation_of(code) for code in inside.index} - {nation})
    if others:
        raise ProjectError(
            f"[need] districts: some lie in {others[0]}; {area.name} lies in {nation}, and areas "
            "of different nations are never ranked together.",
            hint=f"Keep the districts of {nation}.",
        )
    _refuse_outside(area, inside, table, file)
    names = inside.drop_duplicates("district").set_index("district")["district_name"]
    words = _listed([names[code] or code for code in asked])
    return _target(words, set(inside.index), area), len(inside)


def _refuse_unknown(code: str, table: pd.DataFrame, file: str) -> None:
    """Refuse a district that the lookup does not have, with the nearest ones by code and name."""
    known = table.drop_duplicates("district")
    names = dict(zip(known["district"], known["district_name"], strict=True))
    by_name = {name.casefold(): key for key, name in names.items() if name}
    near = [
        by_name[n] for n in difflib.get_close_matches(code.casefold(), list(by_name), n=3)
    ] or difflib.get_close_matches(code, list(names), n=3)
    shown = ", ".join(f"{key} ({names[key]})" if names[key] else key for key in near)
    raise ProjectError(
        f"[need] districts: {file} has no district {code!r}.",
        hint=f"Nearest: {shown}." if near else "Write codes of councils, such as E08000009.",
    )


def _refuse_outside(area: StudyArea, inside: pd.DataFrame, table: pd.DataFrame, file: str) -> None:
    """Refuse a reference that does not hold the whole place."""
    outside = area.codes.difference(inside.index)
    if not len(outside):
        return
    homes = table.reindex(outside).dropna().drop_duplicates("district")
    add = " and ".join(
        f"{row.district} ({row.district_name})" if row.district_name else str(row.district)
        for row in homes.sort_values("district").itertuples()
    )
    raise ProjectError(
        f"[need] districts: {len(outside)} of the {len(area.codes)} areas of {area.name} lie in "
        f"none of them (first: {outside[0]}); a place is ranked among areas that include its own.",
        hint=f"Add {add}." if add else f"{file} does not know these areas: use one that does.",
    )


def _listed(names: list[str]) -> str:
    if len(names) > 6:
        return f"{len(names)} districts"
    return say_list(names)


def _target(name: str, codes: set[str], area: StudyArea) -> Target:
    index = pd.Index(sorted(codes), name="area_code", dtype=object)
    people = area.areas["population"]
    return Target(name=name, geography=area.geography, index=index, codes=index, people=people)


# --- what is known of them ----------------------------------------------------------------


def _carried(
    table: PublishedTable, target: Target, lookups: Lookups, entry: LayerEntry
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, LayerSpec]]:
    try:
        values, status, _ = to_geography(table, target, lookups)
    except DataError as err:
        raise DataError(f"{entry.file}: {err.message}", hint=err.hint) from err
    return values, status, {key: table.specs[key] for key in values.columns}


def _refuse_thin(
    spec: LayerSpec, entry: LayerEntry, known: int, count: int, target: Target
) -> None:
    """Refuse a layer of need that is not known for nearly all of the reference."""
    bridge = BRIDGES.get((spec.geography, target.geography), ())
    whole = "Use a file that covers them"
    if bridge:
        whole += f", and [lookups] {' and '.join(bridge)} that do"
    raise DataError(
        f"{entry.file}: {spec.title} ({spec.id}) counts towards need, but is known for "
        f"{known:,} of the {count:,} areas of {target.name}, among which areas are to be ranked "
        "([need] reference).",
        hint=f"{whole}; or take it out of need with weights = {{ {spec.id} = 0 }}; or leave "
        "reference out.",
    )


def _said(target: Target, count: int, reference: str) -> Note:
    text = f"Need is worked out among the {count:,} areas of {target.name}."
    missing = count - len(target.index)
    if missing:
        text += f" No layer of need tells of {missing:,} of them."
    return Note(stage="layers", what=f"reference_{reference}", count=count, text=text)


def _carried_notes(status: pd.DataFrame, specs: dict[str, LayerSpec], count: int) -> list[Note]:
    """Say how many of the reference's values are not the area's own published figure."""
    notes = []
    for key in status.columns:
        if not counts_towards_need(specs[key]):
            continue
        kinds = status[key].value_counts()
        other = {str(k): int(n) for k, n in kinds.items() if k != "published"}
        if other:
            words = ", ".join(f"{n:,} {k}" for k, n in sorted(other.items()))
            text = (
                f"{specs[key].title} ({key}): of the {count:,} areas that need is worked out "
                f"among, {words}."
            )
            notes.append(
                Note(stage="layers", what="reference_layer", count=sum(other.values()), text=text)
            )
    return notes


def _thin_note(thin: list[str], target: Target) -> tuple[Note, ...]:
    if not thin:
        return ()
    text = (
        f"{len(thin)} layers that are shown only are not known for all of {target.name}; they are "
        "compared within the place."
    )
    note = note_items("layers", "reference_layers_left_out", thin, text)
    return (note,)
