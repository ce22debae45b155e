"""Which areas has a person selected together, on the map or from its list?

A part of `planner.ui.state`: the selection lives in the visitor's session and in the address bar.
Clicks with Ctrl or Shift, the space bar, the button on the map and the list all change the same
selection. What the browser reports is checked against what can be selected, and bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from planner.ui import area_map, parts, state
from planner.wording import say_many

#: The name of the selection in the address, where a page has only one.
AREAS = "areas"
#: Areas that can be selected together.
MOST_SELECTED = area_map.MOST_MANY

_LONGEST_LIST = 12 * MOST_SELECTED


def selected_areas(codes: Sequence[str], *, name: str = AREAS) -> tuple[str, ...]:
    """Return the codes of the selected areas, in the order of ``codes``.

    What the address bar or an earlier place names and this place does not have is dropped.
    """
    held = st.session_state.get(_key(name))
    if held is None:
        held = st.query_params.get(name, "")[:_LONGEST_LIST].split(".")
    chosen = _kept(held, codes)
    st.session_state[_key(name)] = chosen
    state.remember(name, ".".join(chosen), "")
    return chosen


def select_areas(
    names: Mapping[str, str],
    *,
    name: str = AREAS,
    label: str = "Selected areas",
    help_text: str = "The same as a click with Ctrl or Shift on the map, or the space bar there.",
) -> tuple[str, ...]:
    """Let a person select areas from a list (code → name), in step with the map.

    In a place of many areas their codes are written instead; those that it has not are named.
    """
    codes = list(names)
    chosen = selected_areas(codes, name=name)
    key = f"{_key(name)}_list"
    if len(codes) > state.MOST_LISTED:
        st.session_state[key] = " ".join(chosen)
        st.text_area(
            f"{label} (codes, with spaces between)",
            key=key,
            max_chars=_LONGEST_LIST,
            on_change=_take_written,
            args=(key, name, frozenset(codes)),
            help=help_text,
        )
        _say_refused(name)
    else:
        st.session_state[key] = list(chosen)
        st.multiselect(
            label,
            codes,
            key=key,
            format_func=lambda code: f"{names[code]} ({code})",
            max_selections=MOST_SELECTED,
            on_change=_take_listed,
            args=(key, name),
            placeholder="None selected",
            help=help_text,
        )
    return chosen


def areas_picker(key: str, *, name: str = AREAS) -> Callable[[], None]:
    """Return what the map calls when the areas selected together change."""

    def take() -> None:
        reported = st.session_state[key]["picked_many"]
        if isinstance(reported, list):
            st.session_state[_key(name)] = _texts(reported)

    return take


def set_areas(codes: Iterable[str], *, name: str = AREAS) -> None:
    """Select these areas instead of those that were."""
    st.session_state[_key(name)] = _texts(codes)


def say_selected(chosen: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the selection as a few words: how many, and which where they are few."""
    if not chosen:
        return "No area is selected."
    which = ", ".join(names[code] for code in chosen[:5])
    more = len(chosen) - 5
    return f"{say_many(len(chosen), 'area')} selected: {which}" + (
        f" and {more} more." if more > 0 else "."
    )


def _key(name: str) -> str:
    return f"selected_{name}"


def _kept(held: Iterable[Any], codes: Sequence[str]) -> tuple[str, ...]:
    wanted = set(_texts(held))
    return tuple(code for code in codes if code in wanted)[:MOST_SELECTED]


def _texts(reported: Iterable[Any]) -> tuple[str, ...]:
    """Return what was reported as codes: text only, each once, no more than may be selected."""
    texts = dict.fromkeys(one for one in reported if isinstance(one, str) and one)
    return tuple(texts)[:MOST_SELECTED]


def _take_listed(key: str, name: str) -> None:
    set_areas(st.session_state[key], name=name)


def _take_written(key: str, name: str, codes: frozenset[str]) -> None:
    written = [one for one in re.split(r"[\s,;]+", st.session_state[key]) if one]
    known = list(dict.fromkeys(one for one in written if one in codes))
    refused = list(dict.fromkeys(one for one in written if one not in codes))
    said = []
    if refused:
        said.append(f"Not codes of areas in this place: {', '.join(refused[:5])}.")
    if len(known) > MOST_SELECTED:
        said.append(
            f"At most {MOST_SELECTED} areas can be selected: the last "
            f"{len(known) - MOST_SELECTED} were left out."
        )
    st.session_state[f"{_key(name)}_said"] = " ".join(said)
    set_areas(known, name=name)


def _say_refused(name: str) -> None:
    if said := st.session_state.get(f"{_key(name)}_said"):
        st.caption(parts.escape(said))
