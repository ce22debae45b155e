"""Which small pieces do all pages share: finding, map, table, source line, watermark, chart?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from planner.errors import PlannerError
from planner.export.cells import to_csv_text
from planner.ledger import Note, Source
from planner.maps.classes import NO_VALUE, PALETTES
from planner.standards import kind_words
from planner.travel.times import STATUS_WORDS
from planner.ui import area_map, serving, state
from planner.ui.area_parts.link import show_link
from planner.wording import say_many

AREAS_ARE_NOT_PEOPLE = (
    "Areas are not people: that two things are high in the same area does not say that they are "
    "so for the same person."
)

#: Shapes of service kinds on the map, given out in turn; the star is kept for hubs.
_SHAPES = ("circle", "square", "triangle", "diamond", "down", "pentagon", "plus")

GAP_WORDS = {
    "gap": "gap: beyond the standard",
    "relatively_further": "relatively further, within the standard",
    "within_standard": "within the standard",
    "no_data": "no data",
}


@contextmanager
def guard() -> Iterator[None]:
    """Show an error made for people as a message and what to do, and keep the app up."""
    try:
        yield
    except PlannerError as error:
        hint = f"\n\n{escape(error.hint)}" if error.hint else ""
        st.error(f"{escape(error.message)}{hint}")
    except OSError as error:
        what = Path(str(error.filename)).name if error.filename else "A file"
        why = (error.strerror or "the system refused").lower()
        hint = "If its folder was moved or deleted, put it back; then reload this page."
        st.error(f"{escape(f'{what} cannot be read: {why}.')}\n\n{hint}")


def escape(text: object) -> str:
    """Return text from a file so that Markdown shows it letter by letter.

    An invisible joiner keeps addresses from becoming links: the text is not ours to vouch for.
    """
    safe = serving.hide_paths(str(text))
    plain = re.sub(r"(?i)(https?|www)(?=:|\.)", "\\1\u2060", safe)
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>$:~^=&@])", r"\\\1", plain)


def head(title: str, plan: state.Plan) -> None:
    """Open a page: its title, the place, and every watermark."""
    st.title(title, anchor=False)
    for mark in watermarks(plan):
        st.warning(escape(mark))


def watermarks(plan: state.Plan) -> tuple[str, ...]:
    """Return the sentences that must stand on everything shown from this plan."""
    return tuple(plan.watermarks)


def finding(*sentences: str) -> None:
    """Say what the page found, in one or two sentences made from its figures."""
    st.markdown(f"**{escape(' '.join(sentences))}**")


def prose(text: str) -> None:
    """Write one plain paragraph."""
    st.markdown(escape(text))


def source_line(sources: Iterable[Source], *, extra: str = "") -> None:
    """Name where the figures come from and of when, under what they stand for."""
    by_publisher: dict[str, list[str]] = {}
    for source in dict.fromkeys(sources):
        said = f"{source.dataset} ({source.vintage or 'date not stated'})"
        kept = by_publisher.setdefault(source.publisher or "publisher not stated", [])
        if said not in kept:
            kept.append(said)
    cited = "; ".join(f"{who}, {', '.join(what)}" for who, what in by_publisher.items())
    text = " ".join(part for part in (f"Source: {cited}." if cited else "", extra) if part)
    st.caption(escape(text))


def notes_list(notes: Sequence[Note], *, title: str) -> None:
    """List what was repaired, inherited or left out, with which ones."""
    if not notes:
        return
    st.markdown("\n".join(f"- {escape(note.text)}" for note in notes))
    frame = pd.DataFrame(
        [(n.stage, n.what, n.count, n.text, "; ".join(n.items)) for n in notes],
        columns=["Stage", "What", "How many", "In words", "Which"],
    )
    table(frame, title=title, name="notes", key="notes")


# ---- words ------------------------------------------------------------------------------------


def people(number: float) -> str:
    """Return a number of people to three significant figures."""
    return f"{rounded(number):,.0f} people"


def rounded(number: float, figures: int = 3) -> float:
    """Return a number to so many significant figures."""
    return float(f"{number:.{figures}g}")


def status_words(status: str) -> str:
    """Return what became of a journey, in words."""
    return STATUS_WORDS.get(status, status)


def minutes_words(minutes: float, status: str) -> str:
    """Return minutes, or why there are none."""
    if status != "reached" or pd.isna(minutes):
        return STATUS_WORDS.get(status, "no data")
    return f"{minutes:.0f} min"


def capital(text: str) -> str:
    """Return a sentence's beginning: first letter capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def kind_options(kinds: Iterable[str], *, bundle: bool = False) -> dict[str, str]:
    """Return kinds of service as choices: code → words."""
    options = {kind: capital(kind_words(kind, plural=True)) for kind in kinds}
    if bundle:
        return {"bundle": "All of the bundle (slowest of the nearest)", **options}
    return options


# ---- map --------------------------------------------------------------------------------------


def show_map(plan: state.Plan, view: area_map.MapView, *, key: str, link: bool = True) -> str:
    """Show the list of areas and the map, in step, and return the chosen area's code.

    With ``link`` the chosen area's own page is a click away.
    """
    chosen = state.choose_area(plan.area.place["area_name"].astype(str).to_dict())
    if link:
        show_link(chosen)
    show_bare_map(plan, view, chosen=chosen, key=key)
    return chosen


def show_bare_map(
    plan: state.Plan, view: area_map.MapView, *, chosen: str, key: str, spot: str = ""
) -> None:
    """Show the map without its list; a clicked spot goes into the choice named ``spot``."""
    geometry = state.map_geometry(plan.area, plan.backdrop)
    message = area_map.build_message(geometry, view, chosen=chosen, held=state.map_held())
    area_map.mount(
        message,
        key=key,
        on_picked=state.map_picker(key),
        on_held=state.map_holder(key),
        on_spotted=state.spot_picker(key, spot),
    )


def service_points(plan: state.Plan, kinds: Sequence[str]) -> tuple[area_map.PointSet, ...]:
    """Return venues that are open today, one set a kind, each with its own shape and colour."""
    sets = []
    for turn, kind in enumerate(kinds):
        shape, colour = marker_look(turn)
        offers = plan.services.open_offers(kind)
        venues = plan.services.venues.loc[sorted(offers["venue_id"].unique())]
        if len(venues):
            sets.append(
                area_map.PointSet(
                    label=capital(kind_words(kind, plural=len(venues) != 1)),
                    shape=shape,
                    colour=colour,
                    points=named_points(venues),
                    size=7 if len(venues) <= 20 else 6 if len(venues) <= 100 else 4,
                )
            )
    return tuple(sets)


def marker_look(turn: int) -> tuple[str, str]:
    """Return a shape and a colour; no two of the first 49 turns have both in common."""
    colours = PALETTES["okabe_ito"]
    lap, place = divmod(turn, len(_SHAPES))
    return _SHAPES[place], colours[(place + lap) % len(colours)]


def named_points(venues: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return venues as points with a ``name``."""
    names = venues["venue_name"].astype(str)
    return gpd.GeoDataFrame(
        {"name": names.where(names.ne(""), "no name given")},
        geometry=venues.geometry,
        crs=venues.crs,
    )


# ---- table and chart --------------------------------------------------------------------------


def table(
    frame: pd.DataFrame,
    *,
    title: str,
    name: str,
    key: str,
    decimals: Mapping[str, int] | None = None,
    codes: Sequence[str] | None = None,
) -> None:
    """Show a table and let it be downloaded.

    Parameters
    ----------
    frame
        Columns named in words; shown as they stand, without the index.
    title, name
        What the table holds, above it; what the downloaded file is called, without ``.csv``.
    decimals
        Column → decimals shown; the download has every digit.
    codes
        Area code of each row: selecting a row then chooses the area, and the other way round.
    """
    st.markdown(f"**{escape(title)}** ({say_many(len(frame), 'row')})")
    settings: dict[str, Any] = {
        "hide_index": True,
        "alt": title,
        "placeholder": "no figure",
        "height": min(420, 38 + 35 * max(len(frame), 1)),
        "column_config": _number_columns(decimals or {}),
    }
    shown = frame.round({name: places for name, places in (decimals or {}).items() if not places})
    if codes is None:
        st.dataframe(shown, key=f"table_{key}", **settings)
    else:
        rows = list(codes)
        own = f"table_{key}"
        state.select_row(own, rows)
        st.dataframe(
            shown,
            key=own,
            on_select=state.row_picker(own, rows),
            selection_mode="single-row",
            **settings,
        )
    st.download_button(
        f"Download this table (CSV): {title}",
        data=lambda: to_csv(frame),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"download_{key}",
    )


def _number_columns(decimals: Mapping[str, int]) -> dict[str, Any]:
    return {
        column: st.column_config.NumberColumn(format=f"%.{places}f" if places else "localized")
        for column, places in decimals.items()
    }


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as the files of a run have it: no cell runs as a formula."""
    return to_csv_text(frame).encode("utf-8-sig")


def status_counts(statuses: pd.Series) -> str:
    """Return how many areas have no minutes, by reason, in words; "" if all have."""
    counts = statuses.value_counts()
    words = [f"{counts[s]} {STATUS_WORDS[s]}" for s in NO_VALUE if s in counts.index]
    return "; ".join(words)
