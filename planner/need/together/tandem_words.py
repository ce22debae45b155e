"""How is what was found about needs in tandem said in plain sentences?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from planner.need.together.coincidence import Coincidence, Part
from planner.wording import say_are, say_list, say_many, to_label

#: A p-value up to this is called more than chance.
SURE = 0.05

#: What larger areas are called in a sentence (one, several).
LARGER_NAMES: dict[str, tuple[str, str]] = {
    "msoa11": ("MSOA", "MSOAs"),
    "msoa21": ("MSOA", "MSOAs"),
    "iz11": ("intermediate zone", "intermediate zones"),
    "iz22": ("intermediate zone", "intermediate zones"),
}
_LARGER = ("larger area", "larger areas")


@dataclass(frozen=True, kw_only=True, eq=False)
class Level:
    """What was found among areas of one size.

    ``people`` is on the areas of ``found``. ``untested`` says why ``chance`` has no rows ("" where
    it has), ``ties`` how many parts were tied together for the test, ``exact`` whether random maps
    keep the observed clustering at every scale.
    """

    geography: str
    found: Coincidence
    people: pd.Series
    chance: pd.DataFrame
    untested: str
    ties: int
    exact: bool

    @property
    def name(self) -> str:
        """What several such areas are called."""
        return LARGER_NAMES.get(self.geography, ("area", "areas"))[1]

    def all_at_once(self, part: Part) -> pd.Series | None:
        """Return the row of the test on all domains at once; None where it was not tested."""
        if self.chance.empty:
            return None
        rows = self.chance[self.chance["part"] == part]
        return rows.iloc[0]


def say_findings(small: Level, dominant: pd.DataFrame, place: str, part: Part) -> tuple[str, ...]:
    """Say where needs meet, whether that is chance, and which combination leads where."""
    findings = [_say_count(small, place, part)]
    if small.untested:
        findings.append(f"Whether that is more than chance was not tested: {small.untested}.")
    else:
        findings.append(_say_chance(small, part))
        findings.append(_say_shuffled(small, part))
    leading = _say_leading(small, dominant, part)
    return (*findings, leading) if leading else tuple(findings)


def say_changes(
    small: Level,
    larger: Level | None,
    parents: pd.Series | None,
    why: str,
    inherited: Mapping[str, tuple[bool, str]],
    part: Part,
) -> tuple[str, ...]:
    """Say what becomes of the finding at larger areas, or why it cannot be repeated."""
    alike: dict[tuple[bool, str], list[str]] = {}
    for domain, found in inherited.items():
        alike.setdefault(found, []).append(to_label(domain))
    said = [_say_inherited(names, *found) for found, names in alike.items()]
    if larger is None or parents is None:
        return (*said, f"The finding could not be repeated for larger areas: {why}.")
    _, several = LARGER_NAMES.get(larger.geography, _LARGER)
    together, above = small.found.in_tandem(part), larger.found.in_tandem(part)
    first = (
        f"Of the {len(larger.found.complete):,} {several}, {len(above):,} "
        f"{say_are(len(above))} among the worst {part} for all of them at once "
        f"({_share(larger.people, above)} of people), against {len(together):,} of "
        f"{len(small.found.complete):,} small areas ({_share(small.people, together)} of people)."
    )
    moved = _say_moved(parents.reindex(together), above, several, part)
    return (*said, first, *moved, _say_stands(small, larger, several, part))


def _say_moved(of: pd.Series, above: pd.Index, several: str, part: Part) -> list[str]:
    """Say which of the small areas where needs meet are lost in larger ones, and the reverse."""
    said = []
    known = of.dropna()
    lost = int((~known.isin(above)).sum())
    if len(known):
        within = "a larger area that is" if lost == 1 else f"{several} that are"
        said.append(
            f"{_of_all(lost, len(known))} within {within} not among the worst {part} for all, so a "
            f"map of {several} would hide {'it' if lost == 1 else 'them'}."
            if lost
            else f"{_of_all(len(known), len(known))} within {several} that are among the worst "
            f"{part} for all, too."
        )
    empty = above.difference(known.unique())
    if len(empty):
        said.append(
            f"{len(empty):,} of the {len(above):,} {several} that are among the worst {part} for "
            "all have no small area that is: their needs are high side by side, not in one place."
        )
    return said


def _say_count(level: Level, place: str, part: Part) -> str:
    found = level.found
    names = [to_label(domain) for domain in found.values.columns]
    together, complete = found.in_tandem(part), len(found.complete)
    people = float(level.people.reindex(together).sum())
    counts = found.areas.loc[found.complete, f"worst_{part}_count"]
    almost = int((counts == len(names) - 1).sum())
    unknown = len(found.values) - complete
    whole = " with a figure in every one of these domains" if unknown else ""
    text = (
        f"{len(together):,} of the {complete:,} areas of {place}{whole} ({people:,.0f} people, "
        f"{_share(level.people, together)}{' of all' if unknown else ''}) {say_are(len(together))} "
        f"among its worst {part} for {say_list(names)} at once"
    )
    if len(names) > 2:
        text += f"; {almost:,} more for {len(names) - 1} of the {len(names)}"
    if unknown:
        text += f"; of {unknown:,} it is not known, as they lack a figure"
    return f"{text}."


def _say_chance(level: Level, part: Part) -> str:
    row = level.all_at_once(part)
    assert row is not None
    verdict = "more than chance" if row["p_value"] <= SURE else "not more than chance can do"
    return (
        f"That is {verdict}: if each need were as clustered on the map as it is, but had nothing "
        f"to do with the others, {_number(row['expected'])} such areas would be expected (19 times "
        f"out of 20 between {row['low']:.0f} and {row['high']:.0f}; p = {row['p_value']:.2g})."
    )


def _say_shuffled(level: Level, part: Part) -> str:
    row = level.all_at_once(part)
    assert row is not None
    plain, fair = row["shuffled_p_value"] <= SURE, row["p_value"] <= SURE
    text = (
        "A plain shuffle, which forgets that neighbouring areas are alike, would have said to "
        f"expect {_number(row['shuffled_expected'])} (between {row['shuffled_low']:.0f} and "
        f"{row['shuffled_high']:.0f}; p = {row['shuffled_p_value']:.2g})"
    )
    if plain and not fair:
        text += " and found more than there is"
    return f"{text}."


def _say_leading(level: Level, dominant: pd.DataFrame, part: Part) -> str:
    label = level.found.areas[f"tandem_combination_{part}"]
    met = label[label.str.contains(" + ", regex=False)]
    if met.empty:
        return ""
    people = level.people.groupby(met).sum()
    sizes = pd.DataFrame({"areas": met.value_counts(), "people": people}).reset_index(names="name")
    first = sizes.sort_values(["areas", "people", "name"], ascending=[False, False, True]).iloc[0]
    text = (
        f"Where two or more meet, the commonest combination is {first['name']} "
        f"({say_many(int(first['areas']), 'area')}, {first['people']:,.0f} people)"
    )
    leading = (
        dominant[(dominant["part"] == part) & (dominant["combination"] == first["name"])]
        if len(dominant)
        else dominant
    )
    if len(leading):
        most = leading.sort_values(
            ["combination_areas", "combination_people", "larger_area"],
            ascending=[False, False, True],
        ).iloc[0]
        one, several = LARGER_NAMES.get(most["geography"], _LARGER)
        text += (
            f"; it is the commonest of all in {len(leading):,} "
            f"{one if len(leading) == 1 else several}, most of all in {most['larger_area_name']} "
            f"({most['combination_areas']:,} of its {most['areas']:,} areas)"
        )
    return f"{text}."


def _say_inherited(domains: Sequence[str], whole: bool, geography: str) -> str:
    names, one = say_list(domains), len(domains) == 1
    names = f"{names[:1].upper()}{names[1:]}"
    if whole:
        return (
            f"{names} {say_are(len(domains))} published for larger areas only ({geography}): "
            f"all areas in one share its {'value' if one else 'values'}, so where "
            f"{'it meets' if one else 'they meet'} another need within one "
            f"{'it does' if one else 'they do'} so by construction."
        )
    return (
        f"{names} {'rests' if one else 'rest'} in part on figures for larger areas "
        f"({geography}), which all areas in one share."
    )


def _say_stands(small: Level, larger: Level, several: str, part: Part) -> str:
    above, below = larger.all_at_once(part), small.all_at_once(part)
    if above is None:
        return f"Whether that is more than chance was not tested at {several}: {larger.untested}."
    told = (
        f"{above['observed']:.0f} against {_number(above['expected'])} expected, "
        f"p = {above['p_value']:.2g}"
    )
    sure = above["p_value"] <= SURE
    if below is None:
        verdict = "is more than chance" if sure else "is not more than chance can do"
        return f"Among {several} that {verdict} ({told})."
    if bool(below["p_value"] <= SURE) != bool(sure):
        return (
            f"At {several} it is more than chance, other than among small areas ({told})."
            if sure
            else f"The finding does not stand at {several}: there it may be chance ({told})."
        )
    if sure:
        return f"The finding stands at {several} ({told})."
    return f"At {several}, too, it is not more than chance can do ({told})."


def _of_all(count: int, whole: int) -> str:
    """Return how many of the small areas where needs meet, and the verb."""
    if count < whole:
        return f"{count:,} of the {whole:,} small areas where needs meet {say_are(count)}"
    if whole == 1:
        return "The one small area where needs meet is"
    return f"All {whole:,} small areas where needs meet are"


def _share(people: pd.Series, chosen: pd.Index) -> str:
    total = float(people.sum())
    return f"{float(people.reindex(chosen).sum()) / total:.1%}" if total > 0 else "share unknown"


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
