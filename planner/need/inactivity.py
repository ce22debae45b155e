"""Who is not working, retired people and students aside, and what would the raw rate have said?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planner.area import GEOGRAPHY_NAMES, StudyArea
from planner.layers import Layers
from planner.ledger import Note, note_items
from planner.need.ranking import decile, rank_areas
from planner.wording import say_many, say_ordinal

MEASURE, RAW = "not_working", "raw_inactive"
#: Parts of the measure, shown apart; none of them is ranked.
PARTS = ("long_term_sick", "looking_after_home", "other_inactive", "unemployed")

COLUMNS = [
    "not_working_share",
    "not_working_rank",
    "raw_inactive_share",
    "raw_inactive_rank",
    "raw_rank_difference",
    *(f"{part}_share" for part in PARTS),
    "inactivity_words",
]

CARERS = (
    "People who look after a home or family are shown apart and never ranked on their own: caring "
    "for others is no shortcoming."
)
RAW_MEANS = (
    "The raw economic inactivity rate counts retired people and students, so it is highest where "
    "people retire to or study. It is shown beside, and nothing is ranked by it."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Inactivity:
    """People who are not working, beside what the raw inactivity rate would have said.

    Parameters
    ----------
    title, raw_title
        Both measures, written out in full.
    denominator
        What the shares are shares of, in words.
    table
        Index the place's area codes; columns `COLUMNS`. Shares are 0 to 1; ranks (Int64) are
        among the place's areas with a figure, 1 = highest; ``raw_rank_difference`` is the raw rank
        less the rank (above 0: the raw rate would place the area further down).
        ``inactivity_words`` says it in a sentence or two.
    findings
        What this means for the place, in plain English.
    caveats
        What must be said beside it wherever it is shown.
    notes
        Areas without a figure.
    """

    title: str
    raw_title: str
    denominator: str
    table: pd.DataFrame
    findings: tuple[str, ...]
    caveats: tuple[str, ...]
    notes: tuple[Note, ...]


def build_inactivity(layers: Layers, area: StudyArea) -> Inactivity | None:
    """Rank the place's areas by the inactivity measure, and by the raw rate beside it.

    Parameters
    ----------
    layers
        With those of the census table TS066: ``not_working``, its parts and ``raw_inactive``.
        Parts or a raw rate that the project left out are NaN.
    area
        The place; context areas are left out.

    Returns
    -------
    inactivity
        None where the project has no TS066.

    Notes
    -----
    Long-term sick or disabled, looking after home or family, otherwise inactive and unemployed
    people, over residents aged 16 and over less retired people and full-time students. Full-time
    students stand in both halves of TS066, the active and the inactive; both are taken off.
    """
    spec = layers.specs.get(MEASURE)
    if spec is None or spec.kind != "share":
        return None
    codes = area.codes
    table = pd.DataFrame(index=codes)
    for key in (MEASURE, RAW):
        table[f"{key}_share"] = _share(layers, key, codes)
        table[f"{key}_rank"] = _rank(table[f"{key}_share"])
    table["raw_rank_difference"] = table[f"{RAW}_rank"] - table[f"{MEASURE}_rank"]
    for part in PARTS:
        table[f"{part}_share"] = _share(layers, part, codes)
    ranked = int(table[f"{MEASURE}_rank"].notna().sum())
    table["inactivity_words"] = [_words(row, ranked) for _, row in table.iterrows()]
    raw = layers.specs.get(RAW)
    return Inactivity(
        title=spec.title,
        raw_title=raw.title if raw else "Raw economic inactivity rate",
        denominator=spec.denominator or "",
        table=table[COLUMNS],
        findings=tuple(_findings(table, area)),
        caveats=tuple(_caveats(layers, area)),
        notes=tuple(_notes(layers, table)),
    )


# --- parts --------------------------------------------------------------------------------


def _share(layers: Layers, key: str, codes: pd.Index) -> pd.Series:
    if key not in layers.specs:
        return pd.Series(float("nan"), index=codes)
    return layers.values.loc[codes, key].astype("float64")


def _rank(share: pd.Series) -> pd.Series:
    """Rank the known shares, 1 = highest; unknown ones have no rank."""
    return rank_areas(share.dropna()).astype("Int64").reindex(share.index)


def _words(row: pd.Series, ranked: int) -> str:
    share, rank, raw, raw_rank = (row[column] for column in COLUMNS[:4])
    if pd.isna(share):
        return "How many people are not working is not known for this area."
    words = (
        f"{share:.1%} are not working, of people aged 16 and over who are neither retired nor "
        f"full-time students: {_highest(int(rank))} of {ranked:,} areas."
    )
    if pd.isna(raw):
        return words
    moved = int(raw_rank) - int(rank)
    place = f"The raw rate would rank this area {say_ordinal(int(raw_rank))}"
    why = f"({raw:.1%}, retired people and students counted)"
    if moved == 0:
        return f"{words} {place} as well {why}."
    way = "lower" if moved > 0 else "higher"
    return f"{words} {place} {why}, {say_many(abs(moved), 'place')} {way}."


def _findings(table: pd.DataFrame, area: StudyArea) -> list[str]:
    known = table[table[f"{MEASURE}_share"].notna()]
    share = known[f"{MEASURE}_share"]
    if not len(known):
        return []
    found = [
        f"Not working, retired people and full-time students aside: from {share.min():.1%} to "
        f"{share.max():.1%} across {len(known):,} areas of {area.name}, half of them under "
        f"{share.median():.1%}."
    ]
    both = known[known[f"{RAW}_share"].notna()]
    if len(both) < 2:
        return found
    ranks = both[[f"{MEASURE}_rank", f"{RAW}_rank"]]
    worst = {
        column: set(both.index[(decile(ranks[column], len(both)) == 1).to_numpy()])
        for column in ranks.columns
    }
    ours, raw = worst[f"{MEASURE}_rank"], worst[f"{RAW}_rank"]
    # A tenth of fewer than ten areas is none.
    if ours:
        more = len(raw - ours)
        found.append(
            f"In the worst tenth ({say_many(len(ours), 'area')}) the raw inactivity rate would put "
            + (f"{more:,} that this measure does not." if more else "the same ones.")
        )
    moved = both["raw_rank_difference"].astype(int)
    if moved.abs().max() > 0:
        # Of areas that move equally far the first by code is named.
        code = moved.abs().idxmax()
        name = area.areas.loc[code, "area_name"]
        was, would = (say_ordinal(int(ranks.loc[code, column])) for column in ranks.columns)
        found.append(
            f"It would misplace {name} ({code}) furthest: {was} by people not working, {would} by "
            "the raw rate."
        )
    return found


def _caveats(layers: Layers, area: StudyArea) -> list[str]:
    spec = layers.specs[MEASURE]
    said = [spec.caveat] if spec.caveat else []
    said += [RAW_MEANS, CARERS]
    if spec.geography != area.geography:
        said.append(
            f"Published for {GEOGRAPHY_NAMES[spec.geography]}; areas within one share its figure, "
            "so their ranks among each other mean nothing."
        )
    return said


def _notes(layers: Layers, table: pd.DataFrame) -> list[Note]:
    unknown = tuple(table.index[table[f"{MEASURE}_share"].isna()])
    absent = tuple(key for key in (RAW, *PARTS) if key not in layers.specs)
    notes = []
    if unknown:
        text = f"{layers.specs[MEASURE].title}: {len(unknown)} areas have no figure and no rank."
        notes.append(note_items("need", "inactivity_unknown", unknown, text))
    if absent:
        text = f"The project leaves out {', '.join(absent)} of TS066, so these cannot be shown."
        notes.append(note_items("need", "inactivity_parts_absent", absent, text))
    return notes


def _highest(rank: int) -> str:
    return "the highest" if rank == 1 else f"{say_ordinal(rank)} highest"
