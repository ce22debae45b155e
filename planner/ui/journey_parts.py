"""What does the page of journeys ask and show, question by question?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from planner.ledger import Source
from planner.plan import questions
from planner.plan.questions import Means
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS, key_of
from planner.travel.journey import Itinerary, clock_words, minutes_words
from planner.ui import journey_map, parts, state

NEAREST = "nearest"
MEANS_WORDS: dict[Means, str] = {"transit": "By public transport or on foot", "walk": "On foot"}
NOT_LOOKED_AT = "Fares and opening times are not looked at."


# ---- what can be asked ------------------------------------------------------------------------


def open_kinds(plan: state.Plan) -> dict[str, str]:
    """Return the kinds of service with a venue that is open today, as choices."""
    return parts.kind_options(sorted(plan.services.open_offers()["kind"].unique()))


def missing_words(plan: state.Plan) -> str:
    """Return what the project lacks for journeys along streets and by timetable, "" if nothing."""
    spec = plan.project.spec
    if plan.streets is None:
        return (
            "This project names no street map, so journeys are on foot, in a straight line made "
            f"{spec.streets.detour:g} times as long. To follow streets, name an OpenStreetMap file "
            "in the project file under [streets], and for public transport GTFS timetables and a "
            "day under [timetable]."
        )
    if spec.timetable is None:
        return (
            "This project has no timetable, so journeys are on foot. To add public transport, "
            "name GTFS timetables and a day in the project file under [timetable]."
        )
    if plan.network is None:
        return (
            "The project has timetables but leaves public transport out: add transit to modes "
            "under [access] in the project file."
        )
    return ""


def choose_means(plan: state.Plan) -> Means:
    ways = {str(m): w for m, w in MEANS_WORDS.items() if m == "walk" or plan.network is not None}
    return "transit" if state.choose("Travelling", "by", ways) == "transit" else "walk"


def venue_options(plan: state.Plan, kind: str, *, nearest: str = "") -> dict[str, str]:
    """Return the open venues of a kind by name, as choices; before them the nearest of them."""
    ids = plan.services.open_offers(kind)["venue_id"].unique()
    rows = plan.services.venues.loc[sorted(ids)]
    names = rows["venue_name"].astype(str).where(rows["venue_name"].ne(""), "no name given")
    more = rows["postcode"].astype(str).where(names.duplicated(keep=False), "")
    words = {v: f"{names[v]} ({more[v]})" if more[v] else names[v] for v in names.index}
    first = {NEAREST: nearest} if nearest else {}
    return first | dict(sorted(words.items(), key=lambda item: (item[1].casefold(), item[0])))


def sources(plan: state.Plan, kind: str) -> list[Source]:
    """Return where streets, timetables and the services of a kind come from."""
    spec = plan.project.spec
    files = {spec.streets.file, *(spec.timetable.files if spec.timetable else ())} - {""}
    used = sorted(plan.services.open_offers(kind)["source"].unique())
    mine = [plan.services.sources[number] for number in used]
    return [*mine, *(s for s in plan.sources if s.file in files)]


def day_words(plan: state.Plan, means: Means) -> str:
    if means == "walk":
        return f"On foot at {plan.project.spec.streets.walk_kmh:g} km/h, at any time of day."
    day = plan.network.timetable.date
    return f"Timetables of {day:%A} {day.day} {day:%B %Y}."


# ---- one journey ------------------------------------------------------------------------------


def way_there(plan: state.Plan, kinds: Mapping[str, str]) -> None:
    """Ask where from, where to and when; show the journey leg by leg."""
    above, below = st.columns(3), st.columns(3)
    with above[0]:
        kind = state.choose("Service", "kind", kinds)
    with above[1]:
        nearest = f"The nearest {kind_words(kind)}"
        venue = state.choose("To", "to", venue_options(plan, kind, nearest=nearest))
    with above[2]:
        means = choose_means(plan)
    with below[0]:
        froms = {"area": "An area", "spot": "Any point on the map"}
        spot = state.choose("Setting out from", "start", froms) == "spot"
    with below[1]:
        start = _spot(plan) if spot else _area(plan)
    minute = questions.middle_of_window(plan)
    if means == "transit":
        with below[2]:
            minute = state.choose_time("Leaving at", "at", default=minute)
    found = None if start is None else _journey(plan, start, kind, venue, means, minute)
    journey = None if found is None else found.itinerary
    if found is not None:
        _tell(found, kind, venue, plan.project.spec.access.cutoff)
    elif start is not None:
        parts.finding(f"People of {start.name} may use no {kind_words(kind)} of this list.")
    view = journey_map.journey_view(plan, kind, start, journey, asks_spot=spot)
    chosen = start.code if start is not None and not spot else ""
    parts.show_bare_map(plan, view, chosen=chosen, key="map_journeys", spot="from")
    parts.source_line(sources(plan, kind), extra=f"{day_words(plan, means)} {NOT_LOOKED_AT}")
    if found is not None and journey is not None:
        _legs_table(plan, found, journey)
    else:
        starts_table(plan)


def _area(plan: state.Plan) -> questions.Start:
    names = plan.area.place["area_name"].astype(str).to_dict()
    code = state.choose_area(names)
    if not code:
        code = str(plan.need.scores["need_rank"].idxmin())
        st.caption(parts.escape(f"Until you choose: {names[code]}, where need is greatest."))
    return questions.build_start(plan.area, code)


def _spot(plan: state.Plan) -> questions.Start | None:
    text = state.choose_text(
        "Point",
        "from",
        accept=lambda text: questions.build_drawn_start(plan.area, text) is not None,
        placeholder="Click the map, or write two numbers",
        help_text="Latitude and longitude, such as 51.588, -2.998, or easting and northing in "
        "metres, such as 331200, 188000.",
    )
    start = questions.build_drawn_start(plan.area, text)
    if start is None and text.strip():
        st.caption("This is no point in the UK. Write two numbers, or click the map.")
    return start


def _journey(
    plan: state.Plan,
    start: questions.Start,
    kind: str,
    venue: str,
    means: Means,
    minute: int,
) -> questions.JourneyFound | None:
    inside = start.code in plan.area.codes
    usable = questions.usable_venues(plan.services, kind, start.code, place=inside)
    venues = usable if venue == NEAREST else [venue]
    asked = [start.point.x, start.point.y, start.code, kind, venue, means, minute]
    found: questions.JourneyFound | None = state.answer(
        plan,
        "journey",
        asked,
        lambda _: questions.build_journey(plan, start, venues, means, minute=minute),
    )
    return found


def _tell(found: questions.JourneyFound, kind: str, venue: str, longest: float) -> None:
    to = f"{found.venue_name}, the nearest {kind_words(kind)}"
    to = to if venue == NEAREST else found.venue_name
    if found.itinerary is None:
        to = f"any {kind_words(kind)}" if venue == NEAREST else found.venue_name
        parts.finding(f"No journey from {found.start.name} to {to}.", found.reason)
    else:
        parts.finding(f"From {found.start.name} to {to}.", found.itinerary.summary())
        lines = found.itinerary.in_words()
        st.markdown("\n".join(f"{n}. {parts.escape(line)}" for n, line in enumerate(lines, 1)))
    last = found.last
    if last is None:
        return
    if last.itinerary is None or last.minute is None:
        if found.itinerary is not None:
            parts.prose(last.text)
        return
    latest = last.itinerary
    if last.walk_seconds is not None:
        parts.prose(
            f"Walking all the way takes {minutes_words(-(-last.walk_seconds // 60) * 60)} at any "
            "time. To be there sooner by a vehicle, the last time to leave is "
            f"{clock_words(60 * last.minute)}."
        )
    else:
        parts.prose(
            f"The last time to leave for {found.venue_name} is {clock_words(60 * last.minute)}, "
            f"to arrive by {clock_words(-(-latest.arrive_seconds // 60) * 60)}. After that, no "
            f"journey of up to {longest:g} minutes leads there that day."
        )
    with st.expander("The last journey, step by step"):
        lines = latest.in_words()
        st.markdown("\n".join(f"{n}. {parts.escape(line)}" for n, line in enumerate(lines, 1)))


def _legs_table(plan: state.Plan, found: questions.JourneyFound, journey: Itinerary) -> None:
    legs = journey.to_frame()
    table = pd.DataFrame({"Step": legs["words"]})
    if journey.date is not None:
        table = table.assign(From=legs["start"], Until=legs["end"])
    table["Minutes"] = legs["minutes"]
    title = f"The journey from {found.start.name} to {found.venue_name}"
    parts.table(table, title=title, name="journey", key="journey", decimals={"Minutes": 1})
    st.download_button(
        "Download the map of this journey (opens without a network)",
        data=lambda: journey_map.to_file(plan, journey, title),
        file_name="journey.html",
        mime="text/html",
        on_click="ignore",
        key="download_journey_map",
    )


def starts_table(plan: state.Plan) -> None:
    place = plan.area.place
    table = pd.DataFrame(
        {"Area": place["area_name"], "Code": place.index, "Residents": place["population"]}
    )
    parts.table(
        table, title="Areas to set out from", name="areas", key="starts", decimals={"Residents": 0}
    )


# ---- who gets there in time -------------------------------------------------------------------


def within_reach(plan: state.Plan, kinds: Mapping[str, str]) -> None:
    """Ask for a venue; show from where one gets there within some minutes, and who lives there."""
    columns = st.columns(3)
    with columns[0]:
        kind = state.choose("Service", "kind", kinds)
    venues = venue_options(plan, kind)
    with columns[1]:
        venue = state.choose("To", "venue", venues)
    with columns[2]:
        means = choose_means(plan)
    with st.spinner(f"Working out who gets to {venues[venue]} in time: a few seconds"):
        found: questions.BandsFound = state.answer(
            plan, "bands", [venue, means], lambda _: questions.build_bands(plan, venue, means)
        )
    parts.finding(*_reach_finding(plan, found, venue, means))
    view = journey_map.bands_view(plan, venue, venues[venue], found)
    chosen = parts.show_map(plan, view, key="map_reach")
    if chosen:
        row = found.areas.loc[chosen]
        name = plan.area.place.loc[chosen, "area_name"]
        parts.prose(
            f"From {name} to {venues[venue]}: {parts.minutes_words(row['minutes'], row['status'])}."
        )
    way = plan.ways[key_of(means, plan.ways)]
    parts.source_line(
        [*plan.area.sources, *sources(plan, kind)],
        extra=f"Travelling {way.words}. People are counted by the time from where they live. "
        f"{NOT_LOOKED_AT}",
    )
    _bands_table(found, venues[venue])
    if found.shapes is not None:
        st.download_button(
            "Download the map's outlines (GeoJSON)",
            data=lambda: journey_map.to_geojson(plan, found, venues[venue]),
            file_name="within_reach.geojson",
            mime="application/geo+json",
            on_click="ignore",
            key="download_bands",
        )
        with st.expander("How the outlines were drawn"):
            parts.prose(found.method)


def _reach_finding(
    plan: state.Plan, found: questions.BandsFound, venue: str, means: Means
) -> list[str]:
    name = str(plan.services.venues.loc[venue, "venue_name"])
    if plan.ways[key_of(means, plan.ways)].times.destination_status.loc[venue] != "connected":
        return [f"{name} is too far from any mapped street: who gets there is not known."]
    mark = 30.0 if 30.0 in found.minutes else found.minutes[-1]
    people = found.people.set_index("minutes_to").loc[mark, "people_within"]
    total = max(float(found.people["people"].sum()), 1.0)
    unknown = found.people["status"].isin(["not_connected", "outside_extent", "no_data"])
    lost = float(found.people.loc[unknown, "people"].sum())
    said = [
        f"{parts.people(people)} ({people / total:.0%}) get to {name} within {mark:g} minutes "
        f"{MODE_WORDS[means]}."
    ]
    if lost >= 1:
        said.append(f"For {parts.people(lost)} it is not known: they live off the mapped streets.")
    return said


def _bands_table(found: questions.BandsFound, venue: str) -> None:
    people = found.people
    table = pd.DataFrame(
        {
            "Time": [journey_map.band_words(*row) for row in _band_rows(people)],
            "People": people["people"],
            "Share of people (%)": 100 * people["share"],
            "People up to here": people["people_within"],
            "Areas up to here": people["areas_within"],
        }
    )
    parts.table(
        table,
        title=f"People by time to {venue}",
        name="within_reach",
        key="reach",
        decimals={
            "People": 0,
            "Share of people (%)": 1,
            "People up to here": 0,
            "Areas up to here": 0,
        },
    )


def _band_rows(people: pd.DataFrame) -> list[tuple[float, float, str]]:
    return list(people[["minutes_from", "minutes_to", "status"]].itertuples(index=False, name=None))
