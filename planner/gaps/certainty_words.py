"""What is said of how sure gaps are?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.access import BUNDLE
from planner.compliance import Compliance
from planner.gaps.assumptions import DEPARTURES, Journey
from planner.ledger import Note, note_items
from planner.project import GapSettings
from planner.standards import kind_words
from planner.wording import say_few, say_list, say_many, say_noun

#: A gap in so many draws is called sure.
SURE = 0.95
#: From so many draws on, an area within the standard may well be a gap.
LIKELY = 0.5

_HANGS = {
    "threshold": "on the standard chosen",
    "speed": "on how fast people walk",
    "departure": "on the minute they leave",
}


def find_certainty(
    table: pd.DataFrame, gaps: pd.DataFrame, settings: GapSettings, names: pd.Series
) -> tuple[str, ...]:
    """Return sentences: which gaps remain, what the others hang on, who may be one besides.

    Parameters
    ----------
    table, gaps
        As in `planner.gaps.certainty.GapCertainty` and `planner.gaps.Gaps`.
    names
        Area names on codes.
    """
    joined = gaps.merge(table, on=["area_code", "kind"], validate="one_to_one")
    whole = joined[joined["kind"] == BUNDLE].sort_values("gap_rank", kind="stable")
    found = _find_bundle(whole, settings, names)
    said = []
    for kind, part in joined[joined["kind"] != BUNDLE].groupby("kind"):
        now = part[part["gap_status"] == "gap"]
        if len(now):
            sure = int((now["gap_share"] >= SURE).sum())
            said.append(f"{kind_words(str(kind))} {sure:,} of {len(now):,}")
    if said:
        found.append(f"Gaps that remain as often, by kind of service: {'; '.join(said)}.")
    return tuple(found)


def _find_bundle(whole: pd.DataFrame, settings: GapSettings, names: pd.Series) -> list[str]:
    now = whole[whole["gap_status"] == "gap"]
    draws = say_many(settings.draws, "draw")
    blank = int((whole["gap_status"] == "no_data").sum())
    if len(whole) and blank == len(whole):
        found = ["It is not known of any area whether it is a gap for the whole bundle."]
    elif now.empty:
        known = f" (of {blank:,} it is not known)" if blank else ""
        found = [f"No area is a gap for the whole bundle{known}."]
    else:
        sure = int((now["gap_share"] >= SURE).sum())
        found = [
            f"{sure:,} of {len(now):,} {say_noun(len(now), 'gap')} for the whole bundle "
            f"{say_noun(sure, 'remains', 'remain')} one in at least {SURE:.0%} of {draws}."
        ]
        found += _find_hanging(now, names)
        found.append(_find_first(now, settings))
    near = whole[(whole["gap_status"] != "gap") & (whole["gap_share"] >= LIKELY)]
    if len(near):
        found.append(
            f"{say_many(len(near), 'area')} within the standards today would be "
            f"{'a gap' if len(near) == 1 else 'gaps'} in at least half of the draws: "
            f"{say_few(_names(near, names))}."
        )
    return found


def _find_hanging(now: pd.DataFrame, names: pd.Series) -> list[str]:
    """Say which gaps are none in a draw in twenty or more, by what was assumed alone."""
    found = []
    for name, words in _HANGS.items():
        open_to = now[now[f"gap_share_{name}"] < SURE]
        if len(open_to):
            verb = "hangs" if len(open_to) == 1 else "hang"
            found.append(
                f"{len(open_to):,} of the {len(now):,} {verb} {words}: "
                f"{say_few(_names(open_to, names))}."
            )
    return found


def _find_first(now: pd.DataFrame, settings: GapSettings) -> str:
    first = now.head(settings.greatest)
    stay = int((first["greatest_share"] >= LIKELY).sum())
    if len(first) == 1:
        return (
            f"The only gap is among the first {settings.greatest} in "
            f"{first['greatest_share'].iloc[0]:.0%} of the draws."
        )
    return (
        f"Of the {len(first)} greatest gaps, {stay} {'is' if stay == 1 else 'are'} among the first "
        f"{settings.greatest} in at least half of the draws."
    )


def _names(table: pd.DataFrame, names: pd.Series) -> list[str]:
    return [str(name) for name in names.reindex(table["area_code"])]


def say_method(settings: GapSettings, *, need: bool, speeds: bool, leaves: bool) -> str:
    """Say what was drawn, and what was left as it is."""
    low, high = settings.threshold_range
    drawn = []
    if need:
        drawn.append("need, as in the tries that give its ranks their ranges")
    drawn.append(f"all standards together, made {low:g} to {high:g} times as long")
    left = []
    slow, fast = settings.walk_kmh_range
    if speeds:
        drawn.append(f"the speed on foot, from {slow:g} to {fast:g} km/h, for standards on foot")
    else:
        left.append("how fast people walk, since no standard is judged on foot alone")
    if leaves:
        drawn.append(
            "the minute of leaving by public transport, as lucky or unlucky for everybody alike: "
            "of a hundred minutes put in order by how long the journey then takes, from the "
            f"{DEPARTURES[0]}th to the {DEPARTURES[-1]}th"
        )
        if speeds:
            left.append("how fast people walk to a stop")
    else:
        left.append("the minute of leaving, since no standard is judged by a timetable here")
    return (
        f"Gaps are looked for again in {say_many(settings.draws, 'try', 'tries')} (draws), each "
        "with other numbers for what had to be assumed, and counted. In each try these are drawn "
        f"anew: {'; '.join(drawn)}. Each is drawn apart from the others, and every number in its "
        f"range is as likely as any. Not varied: {'; '.join(left)}. Need moves a gap up and down "
        "the list; it does not decide whether it is one."
    )


def say_notes(
    settings: GapSettings,
    compliance: Compliance,
    journeys: Mapping[str, Journey],
    walk_kmh: float,
) -> tuple[Note, ...]:
    """Note kinds for which a laxer standard or a faster walk goes beyond what was searched."""
    quickest = walk_kmh / max(settings.walk_kmh_range)
    beyond = [
        kind
        for kind, journey in journeys.items()
        if compliance.minutes(kind) * max(settings.threshold_range)
        > journey.cutoff * (min(quickest, 1.0) if journey.on_foot else 1.0)
        and bool((compliance.of(kind)["status"] == "over_cutoff").any())
    ]
    notes = []
    if beyond:
        text = (
            f"Draws with a laxer standard or faster walking go beyond the longest journey searched "
            f"for {say_list([kind_words(kind) for kind in beyond])}: journeys that were not found "
            "count as breaking the standard there, so these gaps are a little less sure than "
            "shown. Raise [access] cutoff to judge them."
        )
        notes.append(note_items("gap_certainty", "gap_draws_beyond_cutoff", beyond, text))
    slow, fast = settings.walk_kmh_range
    if not slow <= walk_kmh <= fast:
        text = (
            f"The speed on foot ({walk_kmh:g} km/h) is outside the range that it is varied in "
            f"({slow:g} to {fast:g} km/h, [gaps] walk_kmh_range): gaps are looked at again at "
            "other speeds than the one they were found at."
        )
        notes.append(Note(stage="gap_certainty", what="speed_outside_range", count=1, text=text))
    return tuple(notes)


def share_words(share: float) -> str:
    """Return a share of draws as it is shown: whole per cent, 0 and 100 only where they are so.

    Examples
    --------
    >>> share_words(0.999), share_words(1.0), share_words(0.002)
    ('over 99%', '100%', 'under 1%')
    """
    if np.isnan(share):
        return "not known"
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{share:.0%}"
