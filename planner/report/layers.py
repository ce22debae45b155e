"""Which measures of a plan are drawn on a map, in which classes, with which words?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from planner.maps import MapLayer, MapPage, PointLayer, build_folium_map, classify
from planner.maps.classes import INK, PALETTES
from planner.maps.two_way import build_two_way
from planner.neighbourhoods import name_types
from planner.report.findings import (
    bundle_gaps,
    find_access,
    find_gaps,
    find_need,
    find_types,
)
from planner.report.hubs import find_hubs
from planner.report.needs import build_sure_layer, build_together_layer
from planner.report.words import say_minutes, say_number, say_tenth
from planner.services import build_details_words
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS

if TYPE_CHECKING:
    from planner.plan import Plan

SAVED_BREAKS = (20.0, 10.0, 5.0, 1.0)
SAVED_NAMES: dict[object, str] = {
    "first": "Reaches the whole bundle for the first time",
    20.0: "saves over 20 minutes",
    10.0: "saves over 10 to 20 minutes",
    5.0: "saves over 5 to 10 minutes",
    1.0: "saves 1 to 5 minutes",
    0.0: "no gain, or less than a minute",
}


def build_map_layers(plan: Plan) -> dict[str, MapLayer]:
    """Return need, types, minutes, gaps and (where there are hubs) gains, ready to draw.

    After need comes how sure it is and where needs come together, where that was worked out.
    """
    more = {"sure": build_sure_layer(plan), "together": build_together_layer(plan)}
    layers = {"need": _need(plan)}
    layers |= {key: layer for key, layer in more.items() if layer is not None}
    layers |= {
        "types": _types(plan),
        "minutes": _minutes(plan),
        "gaps": _gaps(plan),
    }
    if plan.hubs is not None and not plan.hubs.chosen.empty:
        layers["hubs"] = _hubs(plan)
    return layers


def build_plan_map(plan: Plan, *, tables_href: str = "report.html") -> folium.Map:
    """Return the plan as a folium map that draws with no network.

    Parameters
    ----------
    plan
        A whole plan.
    tables_href
        Where the same figures stand as tables; "" for no link.
    """
    return build_folium_map(
        plan.areas,
        # Each layer carries the outlines of all areas again, so this map has only the main ones.
        [layer for key, layer in build_map_layers(plan).items() if key != "sure"],
        page=MapPage(
            title=f"{plan.area.name}: need, access, gaps and hubs",
            watermarks=plan.watermarks,
            attribution=tuple(dict.fromkeys(source.cite() for source in plan.sources)),
            tables_href=tables_href,
        ),
        points=build_point_layers(plan),
        backdrop=plan.backdrop,
    )


def build_point_layers(plan: Plan) -> list[PointLayer]:
    """Return one layer of open venues a kind, and the hubs (shown)."""
    layers = []
    colours = PALETTES["okabe_ito"]
    details = build_details_words(plan.services)
    for number, kind in enumerate(plan.services.kinds):
        offers = plan.services.open_offers(kind)
        venues = plan.services.venues.loc[offers["venue_id"]]
        words = kind_words(kind)
        text = venues["venue_name"].astype(str).to_numpy() + np.array(
            [
                f"\n{words}" + (f", {partner}" if partner else "") + (f"\n{more}" if more else "")
                for partner, more in zip(offers["partner"], details[offers.index], strict=True)
            ],
            dtype=object,
        )
        points = gpd.GeoDataFrame(
            {"text": text}, geometry=venues.geometry.to_numpy(), crs=venues.crs
        )
        title = kind_words(kind, plural=True)
        layers.append(
            PointLayer(
                title=f"{title[:1].upper()}{title[1:]} ({len(points):,})",
                points=points,
                colour=colours[number % len(colours)],
                style="ring" if number // len(colours) % 2 else "dot",
            )
        )
    hubs = build_hub_points(plan)
    if hubs is not None:
        layers.append(
            PointLayer(title="Chosen hubs", points=hubs, colour=INK, style="number", show=True)
        )
    return layers


def build_hub_points(plan: Plan) -> gpd.GeoDataFrame | None:
    """Return the chosen hubs as points with ``label`` (their number) and ``text``; None without."""
    if plan.hubs is None or plan.hubs.chosen.empty:
        return None
    chosen = plan.hubs.chosen
    text = [
        f"Hub {number}: {row.venue_name}\nNearest hub for {say_number(row.people_nearest)} people\n"
        f"{say_number(row.people_gaining)} people gain"
        for number, row in zip(chosen.index, chosen.itertuples(), strict=True)
    ]
    return gpd.GeoDataFrame(
        {"label": [str(number) for number in chosen.index], "text": text},
        geometry=gpd.points_from_xy(chosen["x"], chosen["y"]),
        crs=plan.area.areas.crs,
    )


def _need(plan: Plan) -> MapLayer:
    scores = plan.need.scores.loc[plan.area.codes]
    decile = scores["need_decile"].where(scores["need_score"].notna())
    known = scores["need_score"].notna()
    text = [
        f"Need: rank {row.need_rank} of {len(scores)} ({say_tenth(row.need_decile)})"
        if known[code]
        else "Need: not known"
        for code, row in zip(scores.index, scores.itertuples(), strict=True)
    ]
    national = scores["need_rank_national"]
    more = [f"\nPublished national rank {rank:,}" if pd.notna(rank) else "" for rank in national]
    return MapLayer(
        title="Need, in tenths of the place's areas",
        name="Need",
        classes=classify(decile.dropna().astype(int).reindex(scores.index), scheme="tenths"),
        text=_coded(scores.index, [a + b for a, b in zip(text, more, strict=True)]),
        finding=find_need(plan)[0],
    )


def _types(plan: Plan) -> MapLayer:
    labels = plan.neighbourhoods.labels.reindex(plan.area.codes)
    names = {key: f"{key}. {name}" for key, name in plan.neighbourhoods.types["type_name"].items()}
    text = name_types(labels, names).tolist()
    return MapLayer(
        title="Types of neighbourhood",
        name="Neighbourhood types",
        classes=classify(labels, scheme="categories", names=names),
        text=_coded(labels.index, text),
        finding=find_types(plan)[0],
    )


def _minutes(plan: Plan) -> MapLayer:
    slowest = plan.access.wide("bundle_minutes_slowest", "bundle").loc[plan.area.codes]
    kinds = plan.project.spec.bundle.kinds
    text = pd.Series(
        [f"Slowest of the bundle: {_cell(row)}" for row in slowest.itertuples()],
        index=slowest.index,
    )
    for kind in kinds:
        nearest = plan.access.wide("minutes_nearest", kind).reindex(slowest.index)
        words = kind_words(kind)
        text += [f"\nNearest {words}: {_cell(row)}" for row in nearest.itertuples()]
    return MapLayer(
        title=f"Minutes {MODE_WORDS[plan.way.mode]} to the slowest service of the bundle",
        name="Minutes to the whole bundle",
        classes=classify(slowest["value"], scheme="minutes", status=slowest["status"]),
        text=_coded(text.index, text.tolist()),
        finding=find_access(plan)[0],
    )


def _gaps(plan: Plan) -> MapLayer:
    table = bundle_gaps(plan).set_index("area_code").reindex(plan.area.codes)
    text = [
        f"Gap rank {rank}: {reason}" if pd.notna(rank) else str(reason)
        for rank, reason in zip(table["gap_rank"], table["gap_reason"], strict=True)
    ]
    return MapLayer(
        title="Need and distance together, in thirds of the place's areas; gaps are dotted",
        name="Gaps",
        classes=build_two_way(table),
        text=_coded(plan.area.codes, text),
        finding=find_gaps(plan)[0],
    )


def _hubs(plan: Plan) -> MapLayer:
    assert plan.hubs is not None
    table = plan.hubs.areas.loc[plan.area.codes]
    saved = table["minutes_saved"]
    state = pd.Series(np.nan, index=table.index, dtype=object)
    state[saved.notna()] = 0.0
    for least in sorted(SAVED_BREAKS):
        enough = saved >= least if least == 1 else saved > least
        state[enough] = least
    first = saved.isna() & (table["status_after"] == "reached")
    state[first] = "first"
    status = table["status_after"].mask(state.notna(), "reached")
    text = [
        f"Today: {say_minutes(row.minutes_before, row.status_before)}\n"
        f"With the hubs: {say_minutes(row.minutes_after, row.status_after)}"
        for row in table.itertuples()
    ]
    return MapLayer(
        title="Minutes the hubs would save on the way to the whole bundle",
        name="Minutes saved by hubs",
        classes=classify(
            state, scheme="categories", status=status, names=SAVED_NAMES, palette="viridis"
        ),
        text=_coded(table.index, text),
        finding=find_hubs(plan)[0],
    )


def _cell(row: object) -> str:
    return say_minutes(row.value, row.status)  # type: ignore[attr-defined]


def _coded(codes: pd.Index, text: list[str]) -> pd.Series:
    """Return texts on their areas, each with the code first."""
    return pd.Series(
        [f"{code}\n{line}" for code, line in zip(codes, text, strict=True)], index=codes
    )
