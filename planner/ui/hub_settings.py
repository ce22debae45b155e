"""How many hubs, which venues must or must not be one, and how does the address say so?

A part of `planner.ui.state`: what the choices of the page on hubs remember.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import streamlit as st

from planner.cache import digest
from planner.ui import selection, state

#: The choices of this page as the address has them.
COUNT, MUST, NEVER = "hubs", "hub_must", "hub_never"
MODEL, MINUTES = "hub_model", "hub_minutes"
#: A share for each model that takes one, so that each keeps its own.
SHARES = {model: f"hub_share_{model}" for model in ("set_cover", "fair_cover", "worst_off")}
MODE, PERCENTILE = "hub_mode", "hub_slow"
BY, BUDGET = "hub_by", "hub_budget"
TOGETHER, MOVES = "hub_together", "hub_moves"
#: The areas that the search is limited to.
LIMIT = "hub_areas"
EVERY = (
    *(COUNT, MUST, NEVER, MODEL, MINUTES, *SHARES.values(), MODE, PERCENTILE),
    *(BY, BUDGET, TOGETHER, MOVES, LIMIT),
)

_WANTED = "hubs_rest_wanted"
#: Stands in the address where nothing is chosen although the project chooses something.
_NONE = "none"
#: Longest list of venues that is read from an address.
_LONGEST = 4_000


def choose_count(label: str, *, most: int, handy: int, default: int, help_text: str) -> int:
    """Let a person choose a number by dragging or by writing it; it stands in the address.

    Parameters
    ----------
    most
        Greatest number that can be written.
    handy
        Greatest number that can be dragged to.
    """
    key, dragged = f"choice_{COUNT}", f"choice_{COUNT}_dragged"
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        count = state.choose_number(
            label, COUNT, least=1, most=most, default=default, help_text=help_text
        )
    if handy > 1:
        st.session_state[dragged] = min(count, handy)

        def drag() -> None:
            st.session_state[key] = st.session_state[dragged]

        left.slider(f"{label}: drag", 1, handy, step=1, key=dragged, on_change=drag)
    return count


def choose_venues(
    label: str, name: str, options: Mapping[str, str], *, default: Sequence[str], help_text: str
) -> list[str]:
    """Let a person choose venues (id → name); their ids stand in the address.

    Unlike a choice of layers none at all can be chosen, and ids may hold any character. An
    address that names something that cannot be chosen is ignored.

    Returns
    -------
    chosen
        In the order of ``options``.
    """
    first = [value for value in options if value in default]
    key = f"choice_{name}"
    found = st.session_state.get(key)
    if found is None:
        asked = st.query_params.get(name, "") or state.left(name)
        found = read_venues(asked, options)
        found = first if found is None else found
    st.session_state[key] = [value for value in options if value in found]
    picked = st.multiselect(
        label, list(options), key=key, format_func=lambda value: options[value], help=help_text,
        placeholder="None chosen",
    )  # fmt: skip
    chosen = [value for value in options if value in picked]
    state.remember(name, "" if chosen == first else write_venues(chosen), "")
    return chosen


def write_venues(chosen: Sequence[str]) -> str:
    """Return ids as the address has them.

    Examples
    --------
    >>> write_venues(["library:st. mary", "b"]), write_venues([])
    ('library:st%2E mary.b', 'none')
    """
    return ".".join(one.replace("%", "%25").replace(".", "%2E") for one in chosen) or _NONE


def read_venues(text: str, options: Mapping[str, str]) -> list[str] | None:
    """Return the ids that a text names; None where it names none, or one that cannot be chosen.

    Examples
    --------
    >>> read_venues("library:st%2E mary", {"library:st. mary": "St Mary's"})
    ['library:st. mary']
    >>> read_venues("none", {"a": "A"}), read_venues("b", {"a": "A"})
    ([], None)
    """
    if text == _NONE:
        return []
    asked = [unquote(piece) for piece in text[:_LONGEST].split(".")] if text else []
    if not asked or not all(one in options for one in asked):
        return None
    return list(dict.fromkeys(asked))


def choose_plan(venues: Sequence[str], never: Sequence[str]) -> None:
    """Make these venues the hubs: as many as they are, each of them one that must be a hub."""
    st.session_state[f"choice_{COUNT}"] = max(1, len(venues))
    st.session_state[f"choice_{MUST}"] = list(venues)
    st.session_state[f"choice_{NEVER}"] = [one for one in never if one not in venues]


def put_number(name: str, value: int) -> None:
    """Put a number in the place of the one that is chosen."""
    st.session_state[f"choice_{name}"] = value


def ask_for_rest(label: str, what: Sequence[object]) -> None:
    """Offer to work out what takes some seconds more."""
    held: set[str] = st.session_state.setdefault(_WANTED, set())
    st.button(label, key="hubs_rest", type="primary", on_click=held.add, args=(digest(list(what)),))


def rest_asked_for(what: Sequence[object]) -> bool:
    """Return whether this visitor has asked for what takes some seconds more."""
    return digest(list(what)) in st.session_state.get(_WANTED, set())


def put_back() -> None:
    """Put every choice of the page back to what the project says."""
    for name in EVERY:
        st.session_state.pop(f"choice_{name}", None)
        state.remember(name, "", "")
    selection.set_areas((), name=LIMIT)


def any_made() -> bool:
    """Return whether one of these choices was made, before they are drawn."""
    return any(name in st.query_params for name in EVERY)
