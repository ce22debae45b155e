"""Which services of the bundle are out of reach together, for how many people?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.access import NOT_KNOWN as STATUS_NOT_KNOWN
from planner.area import StudyArea
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.need.space.neighbours import Neighbours
from planner.need.together.coincidence import NONE, NOT_KNOWN
from planner.need.together.surrogates import (
    CHANCE_COLUMNS,
    FEWEST_AREAS,
    build_chance,
    build_source,
    join_parts,
)
from planner.standards import Standard, kind_words
from planner.wording import say_list, say_many

AREA_COLUMNS = ["signature", "signature_kinds_out", "signature_kinds_unknown"]
COMBINATION_COLUMNS = ["signature", "kinds_out", "areas", "people", "people_share"]
DOMINANT_COLUMNS = [
    "larger_area",
    "areas",
    "people",
    "signature",
    "signature_areas",
    "signature_people",
]
PAIR_COLUMNS = [
    "kind",
    "other_kind",
    "areas",
    "people",
    "expected_areas",
    "expected_low",
    "expected_high",
    "p_value",
    "p_value_all_pairs",
    "more_than_chance",
]

#: A p-value up to this, held against all pairs at once, is called more than chance.
SURE = 0.05

CAVEAT = (
    "Areas are not people: that two services are out of reach in one area does not say that "
    "anybody there needs both. Services keep to centres, so what is far from one is often far "
    "from all."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Signatures:
    """What is out of reach together.

    Parameters
    ----------
    out
        Area × kind: True out of reach, False within, <NA> not known; kinds that can be judged.
    areas
        On area codes, columns `AREA_COLUMNS`: the kinds out of reach joined by " + ", or `NONE`,
        or `NOT_KNOWN` where one or more of the kinds is not known; how many are (<NA> where not
        known), and the kinds that are not known, joined by "; ".
    combinations
        Columns `COMBINATION_COLUMNS`, then one True or False a kind: a row each signature that
        occurs; most areas first, then people, then by name; `NONE` and `NOT_KNOWN` last.
    kinds
        On kinds: ``areas`` and ``people`` out of reach, ``areas_unknown``.
    pairs
        Columns `PAIR_COLUMNS`, most areas first. ``expected_*`` are the areas that miss both on
        random maps as clustered as each kind's own, and what 95 % of these hold;
        ``p_value_all_pairs`` is held against all pairs (Holm 1979). NaN, and <NA>, where it
        could not be tested.
    dominant
        Columns `DOMINANT_COLUMNS`: the commonest signature with something out of reach in each
        larger area; `NONE` with 0 areas where there is none.
    chance
        The test as `planner.need.together.surrogates.build_chance` gives it.
    findings, caveat, method
        In sentences that page and report share.
    """

    out: pd.DataFrame
    areas: pd.DataFrame
    combinations: pd.DataFrame
    kinds: pd.DataFrame
    pairs: pd.DataFrame
    dominant: pd.DataFrame
    chance: pd.DataFrame
    findings: tuple[str, ...]
    caveat: str
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.areas.columns) != AREA_COLUMNS or list(self.pairs.columns) != PAIR_COLUMNS:
            raise DataError("Signatures: the columns are not as agreed.")


def build_signatures(
    near: Mapping[str, pd.DataFrame],
    standards: Mapping[str, Standard],
    area: StudyArea,
    neighbours: Neighbours,
    *,
    larger: pd.Series | None = None,
    permutations: int = 999,
    seed: int = 7,
) -> Signatures:
    """Find which kinds are out of reach together in each area.

    Parameters
    ----------
    near
        Kind → ``value`` (minutes to the nearest) and ``status`` on the place's areas, as
        `planner.access.Access.wide` gives them: one for each kind in the bundle.
    standards
        Kind → minutes beyond which it is out of reach.
    area
        The place.
    neighbours
        Of the place's areas, for the test against chance.
    larger
        Larger area of each area (missing where unknown), for the commonest signature in each.
    permutations, seed
        Of the test against chance.

    Notes
    -----
    Out of reach is beyond the kind's standard, or not reached at all. A kind that is not known
    in any area (nobody offers it) is left out of the signatures, and noted: otherwise no area
    had one. The test orders areas by their minutes, not reached the furthest, and redraws maps
    as clustered as those (`planner.need.together.surrogates`); it takes areas known in every
    kind, and kinds that are out of reach in some of them but not in all.
    """
    codes = area.codes
    kinds = tuple(sorted(near))
    if not kinds:
        raise DataError("Signatures: the bundle is empty.")
    people = area.place["population"].astype("float64").fillna(0.0)
    out, far = _judge(near, kinds, standards, codes)
    blank = [kind for kind in kinds if bool(out[kind].isna().all())]
    judged = [kind for kind in kinds if kind not in blank]
    out, far = out[judged], far[judged]
    areas = _signatures(out)
    chance, untested, ties = _chance(out, far, neighbours, area, permutations, seed)
    pairs = _pairs(out, people, chance)
    table = pd.DataFrame({"signature": areas["signature"], "areas": 1, "people": people})
    notes = _notes(blank, out, untested, ties)
    return Signatures(
        out=out,
        areas=areas,
        combinations=_combinations(table, out, areas),
        kinds=pd.DataFrame(
            {
                "areas": out.fillna(False).sum().astype("int64"),
                "people": out.fillna(False).astype(float).mul(people, axis=0).sum(),
                "areas_unknown": out.isna().sum(),
            }
        ).rename_axis("kind"),
        pairs=pairs,
        dominant=_dominant(table, larger),
        chance=chance,
        findings=_findings(table, pairs, area.name),
        caveat=CAVEAT,
        method=_method(judged, standards, permutations, tested=not chance.empty),
        notes=tuple(notes),
    )


def _judge(
    near: Mapping[str, pd.DataFrame],
    kinds: Sequence[str],
    standards: Mapping[str, Standard],
    codes: pd.Index,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return area × kind: out of reach or not (<NA> not known), and how far it is."""
    out, far = {}, {}
    for kind in kinds:
        found = near[kind].reindex(codes)
        status = found["status"].fillna("no_data")
        known = ~status.isin(STATUS_NOT_KNOWN)
        minutes = found["value"].where(status == "reached", np.inf)
        out[kind] = (minutes > standards[kind].minutes).astype("boolean").where(known)
        far[kind] = minutes.where(known)
    return pd.DataFrame(out, index=codes), pd.DataFrame(far, index=codes)


def _signatures(out: pd.DataFrame) -> pd.DataFrame:
    missed = out.fillna(False).to_numpy(dtype=bool)
    unknown = out.isna().to_numpy(dtype=bool)
    names = np.array(out.columns, dtype=object)
    whole = ~unknown.any(axis=1) & (len(names) > 0)
    words = [
        (" + ".join(names[row]) or NONE) if known else NOT_KNOWN
        for row, known in zip(missed, whole, strict=True)
    ]
    count = pd.Series(missed.sum(axis=1), index=out.index, dtype="Int64")
    return pd.DataFrame(
        {
            "signature": pd.Series(words, index=out.index, dtype=object),
            "signature_kinds_out": count.where(whole),
            "signature_kinds_unknown": ["; ".join(names[row]) for row in unknown],
        },
        index=out.index,
    )[AREA_COLUMNS]


def _combinations(table: pd.DataFrame, out: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    total = float(table["people"].sum())
    found = table.groupby("signature")[["areas", "people"]].sum().reset_index()
    found["people_share"] = found["people"] / total if total > 0 else np.nan
    found["last"] = found["signature"].map({NONE: 1, NOT_KNOWN: 2}).fillna(0)
    sizes = areas.groupby("signature")["signature_kinds_out"].first()
    found["kinds_out"] = found["signature"].map(sizes).astype("Int64")
    found = found.sort_values(
        ["last", "areas", "people", "signature"],
        ascending=[True, False, False, True],
        ignore_index=True,
    )
    parts = found["signature"].str.split(" + ", regex=False)
    for kind in out.columns:
        found[kind] = [kind in part for part in parts]
    return found[[*COMBINATION_COLUMNS, *out.columns]]


def _dominant(table: pd.DataFrame, larger: pd.Series | None) -> pd.DataFrame:
    if larger is None:
        return pd.DataFrame(columns=DOMINANT_COLUMNS)
    table = table.assign(larger_area=larger.reindex(table.index)).dropna(subset=["larger_area"])
    whole = table.groupby("larger_area", sort=True)[["areas", "people"]].sum()
    some = table[~table["signature"].isin([NONE, NOT_KNOWN])]
    counts = some.groupby(["larger_area", "signature"], as_index=False)[["areas", "people"]].sum()
    first = counts.sort_values(
        ["larger_area", "areas", "people", "signature"], ascending=[True, False, False, True]
    ).drop_duplicates("larger_area")
    first = first.set_index("larger_area").rename(
        columns={"areas": "signature_areas", "people": "signature_people"}
    )
    joined = whole.join(first).reset_index()
    return joined.assign(
        signature=joined["signature"].astype(object).fillna(NONE),
        signature_areas=joined["signature_areas"].fillna(0).astype("int64"),
        signature_people=joined["signature_people"].fillna(0.0),
    )[DOMINANT_COLUMNS]


def _chance(
    out: pd.DataFrame,
    far: pd.DataFrame,
    neighbours: Neighbours,
    area: StudyArea,
    permutations: int,
    seed: int,
) -> tuple[pd.DataFrame, str, int]:
    """Test against chance; the table is empty, and why is said, where that cannot be done."""
    empty = pd.DataFrame(columns=CHANCE_COLUMNS)
    known = out.index[~out.isna().any(axis=1).to_numpy()]
    flags = out.loc[known].astype(bool)
    mixed = [kind for kind in out.columns if flags[kind].any() and not flags[kind].all()]
    if len(mixed) < 2:
        return empty, "fewer than two kinds are out of reach in some areas but not in all", 0
    if len(known) < FEWEST_AREAS:
        return empty, f"only {len(known)} areas are known, and it takes {FEWEST_AREAS}", 0
    middle = area.place.geometry.loc[known].centroid
    xy = np.column_stack([middle.x, middle.y])
    graph, ties = join_parts(neighbours.subset(known).adjacency, xy)
    # The test looks at the order only: not reached is further than any minutes.
    values = far.loc[known, mixed]
    longest = values.to_numpy(dtype=float)
    longest = float(longest[np.isfinite(longest)].max(initial=0.0))
    chance = build_chance(
        values.replace(np.inf, longest + 1.0).astype("float64"),
        {"out": flags[mixed]},
        build_source(graph),
        permutations=permutations,
        seed=seed,
    )
    return chance, "", ties


def _pairs(out: pd.DataFrame, people: pd.Series, chance: pd.DataFrame) -> pd.DataFrame:
    kinds = list(out.columns)
    tested = chance.set_index("together")
    rows = []
    for at, kind in enumerate(kinds):
        for other in kinds[at + 1 :]:
            both = (out[kind] & out[other]).fillna(False).to_numpy(dtype=bool)
            row = [kind, other, int(both.sum()), float(people[both].sum())]
            name = f"{kind} + {other}"
            if name in tested.index:
                row += tested.loc[name, ["expected", "low", "high", "p_value"]].tolist()
            else:
                row += [np.nan] * 4
            rows.append(row)
    table = pd.DataFrame(rows, columns=PAIR_COLUMNS[:-2])
    table["p_value_all_pairs"] = _holm(table["p_value"])
    more = (table["p_value_all_pairs"] <= SURE).astype("boolean")
    table["more_than_chance"] = more.where(table["p_value"].notna())
    return table.sort_values(
        ["areas", "people", "kind", "other_kind"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )[PAIR_COLUMNS]


def _holm(p_values: pd.Series) -> pd.Series:
    """Return p-values held against all of them at once (Holm 1979, Scand. J. Stat. 6, 65-70)."""
    known = p_values.dropna().sort_values(kind="stable")
    factor = np.arange(len(known), 0, -1)
    held = np.minimum(np.maximum.accumulate(known.to_numpy(dtype=float) * factor), 1.0)
    return pd.Series(held, index=known.index, dtype="float64").reindex(p_values.index)


def _findings(table: pd.DataFrame, pairs: pd.DataFrame, place: str) -> tuple[str, ...]:
    said = []
    some = table[~table["signature"].isin([NONE, NOT_KNOWN])]
    if some.empty:
        said.append(f"In {place} no area is known to have a service of the bundle out of reach.")
    else:
        counts = some.groupby("signature")[["areas", "people"]].sum().reset_index()
        first = counts.sort_values(
            ["areas", "people", "signature"], ascending=[False, False, True]
        ).iloc[0]
        said.append(
            _commonest(str(first["signature"]), int(first["areas"]), first["people"], place)
        )
    more = pairs[pairs["more_than_chance"].fillna(False).astype(bool)]
    said += [
        f"{_first_up(_say([row.kind, row.other_kind]))} are out of reach together in "
        f"{say_many(int(row.areas), 'area')}; chance alone would make it about "
        f"{row.expected_areas:.0f}."
        for row in more.head(3).itertuples()
    ]
    if more.empty and bool(pairs["p_value"].notna().any()):
        said.append(
            "No pair of services is out of reach together more often than chance alone would make "
            "it."
        )
    return tuple(said)


def _commonest(signature: str, areas: int, people: float, place: str) -> str:
    """Say where just one combination is out of reach: others of its kinds may be so elsewhere."""
    kinds = signature.split(" + ")
    names = say_list([f"the {kind_words(kind)}" for kind in kinds])
    what = f"{names} alone" if len(kinds) == 1 else f"just {names}"
    return (
        f"The commonest combination out of reach in {place} is {what}: {say_many(areas, 'area')} "
        f"with {say_many(round(people), 'person', 'people')}."
    )


def _say(kinds: Sequence[str]) -> str:
    return say_list([kind_words(kind) for kind in kinds])


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def _method(
    kinds: Sequence[str], standards: Mapping[str, Standard], permutations: int, *, tested: bool
) -> str:
    limits = ", ".join(f"{kind_words(kind)} {standards[kind].minutes:g}" for kind in kinds)
    words = f"Out of reach: the nearest is beyond its standard (minutes: {limits}), or not reached."
    if tested:
        words += (
            f" Chance: each kind's map of minutes is redrawn {permutations:,} times, as clustered "
            "as it is, and the furthest areas on it are out of reach, as many as are."
        )
    return words


def _notes(blank: Sequence[str], out: pd.DataFrame, untested: str, ties: int) -> list[Note]:
    notes = []
    if blank:
        text = f"Not known in any area, so left out of what is missed together: {_say(blank)}."
        notes.append(note_items("bundle", "signature_kind_unknown", tuple(blank), text))
    unknown = tuple(out.index[out.isna().any(axis=1).to_numpy()])
    if unknown and len(out.columns):
        text = (
            f"Areas where a kind is not known, so that what is missed together is not: "
            f"{len(unknown)}."
        )
        notes.append(note_items("bundle", "signature_area_unknown", unknown, text))
    if untested:
        text = f"Not tested whether services are missed together by chance: {untested}."
        notes.append(Note(stage="bundle", what="signature_untested", count=1, text=text))
    if ties:
        text = (
            f"{ties} parts of the place that do not touch were each tied to the nearest area of "
            "another to test chance."
        )
        notes.append(Note(stage="bundle", what="signature_tied", count=ties, text=text))
    return notes
