"""Which files make up a result, and how is each written so that it is the same every time?"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from planner.errors import PlannerError
from planner.export import tables
from planner.export.access import build_measures_file, build_measures_summary
from planner.export.before_after import build_before_after_files
from planner.export.bundle import build_bundle_files
from planner.export.cells import to_csv_text
from planner.export.folder import MADE_BY, MANIFEST, replace_folder
from planner.export.gaps import build_gap_files
from planner.export.hsds import write_hsds
from planner.export.hubs import build_hub_files
from planner.export.need import build_need_files
from planner.export.outreach import CALENDAR_FILE, build_calendar, build_outreach_files
from planner.export.qgis import build_layer_styles, build_types_style
from planner.export.types import build_membership, build_plan_codebook, build_type_tables
from planner.local_knowledge import build_local_table
from planner.maps import to_offline_html
from planner.neighbourhoods.codebook_words import to_markdown
from planner.private import build_private_table
from planner.report import build_plan_map, build_report
from planner.scenario import to_toml
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes

if TYPE_CHECKING:
    from planner.plan import Plan

#: Excel on Windows needs the byte order mark to show ŵ and ŷ as they are.
CSV_ENCODING = "utf-8-sig"
#: GeoPackage stamps its tables with the time of writing; a fixed one keeps files comparable.
GPKG_DATE = "2000-01-01T00:00:00.000Z"
#: What the column of outlines is called in a GeoPackage.
GPKG_GEOMETRY = "geom"
TRAVEL_BLOCK = 1_000_000
TRAVEL_DECIMALS = 4

#: Told what is being written and how far that is (0-1); may raise to stop, then nothing changes.
Tell = Callable[[str, float], None]


def write_out(plan: Plan, folder: Path, *, tell: Tell | None = None) -> list[Path]:
    """Write the whole result to a folder, in the place of an earlier one or not at all.

    Parameters
    ----------
    plan
        A whole plan.
    folder
        New, empty, or an earlier result with nothing of anybody else's in it.
    tell
        Told of each step; what it raises stops the writing.

    Returns
    -------
    written
        The files, in the order of the output contract.

    Raises
    ------
    ProjectError
        The folder may not be used or a file in it is open elsewhere; nothing has changed.
    """
    names: list[str] = []

    def write(fresh: Path) -> None:
        names.extend(_write_files(plan, fresh, tell or _say_nothing))

    replace_folder(Path(folder), write)
    return [Path(folder) / name for name in names]


def _say_nothing(words: str, share: float) -> None:
    """Tell nobody."""


def _write_files(plan: Plan, folder: Path, tell: Tell) -> list[str]:
    tell("Writing areas", 0.0)
    areas = tables.build_areas_file(plan)
    style = build_types_style(plan)
    about = {
        "made_by": MADE_BY,
        "place": plan.area.name,
        "watermarks": " ".join(plan.watermarks),
        "sources": "\n".join(source.cite() for source in plan.sources),
        "licences": "\n".join(sorted({source.licence for source in plan.sources})),
    }
    _write_csv(areas.drop(columns="geometry"), folder / "areas.csv")
    _write_gpkg(plan, areas, style, folder / "areas.gpkg")
    _write_geoparquet(areas, folder / "areas.parquet", about)
    tell("Writing access", 0.1)
    _write_parquet(tables.build_access_file(plan), folder / "access.parquet", about)
    if plan.measures_by:
        _write_parquet(build_measures_file(plan), folder / "access_measures.parquet", about)
        _write_csv(build_measures_summary(plan), folder / "access_measures.csv")
    tell("Writing need, types and gaps", 0.2)
    need_files = build_need_files(plan)
    for name, table in need_files.items():
        _write_csv(table, folder / name)
    type_files = _write_types(plan, style, about, folder)
    gap_files = build_gap_files(plan)
    for name, table in gap_files.items():
        _write_csv(table, folder / name)
    bundle_files = build_bundle_files(plan)
    for name, table in bundle_files.items():
        _write_csv(table, folder / name)
    tell("Writing hubs, outreach and services", 0.4)
    scenario_files = _write_scenario(plan, folder)
    outreach_files = _write_outreach(plan, folder)
    hub_files = build_hub_files(plan)
    for name, table in hub_files.items():
        _write_csv(table, folder / name)
    _write_csv(tables.build_services_file(plan), folder / "services.csv")
    if plan.groups is not None:
        _write_csv(plan.groups.reset_index(), folder / "groups.csv")
    if plan.private:
        private = build_private_table(plan.private, plan.area.areas)
        _write_csv(private, folder / "private_layers.csv")
    if plan.local is not None:
        _write_csv(build_local_table(plan.local), folder / "local_knowledge.csv")
    write_hsds(plan.services, folder / "services_hsds.json")
    tell("Writing journey times", 0.5)
    _write_travel([way.times for way in plan.ways.values()], folder / "travel.parquet", about)
    tell("Drawing the map", 0.6)
    _write_text(to_offline_html(build_plan_map(plan)), folder / "map.html")
    tell("Writing the report", 0.75)
    _write_text(build_report(plan), folder / "report.html")
    _write_text(plan.project.to_toml(), folder / "planner.resolved.toml")
    written = [
        "areas.csv",
        "areas.gpkg",
        "areas.parquet",
        "access.parquet",
        *(["access_measures.parquet", "access_measures.csv"] if plan.measures_by else []),
        *need_files,
        *type_files,
        *gap_files,
        *bundle_files,
        *scenario_files,
        *hub_files,
        *outreach_files,
        "services.csv",
        "services_hsds.json",
        *([] if plan.groups is None else ["groups.csv"]),
        *(["private_layers.csv"] if plan.private else []),
        *([] if plan.local is None else ["local_knowledge.csv"]),
        "travel.parquet",
        "map.html",
        "report.html",
        "planner.resolved.toml",
    ]
    tell("Checking what was written", 0.95)
    manifest = build_manifest(plan, folder, written)
    _write_json(manifest, folder / MANIFEST, sort=True)
    _verify(folder, manifest)
    return [*written, MANIFEST]


def _write_types(plan: Plan, style: str, about: dict[str, str], folder: Path) -> list[str]:
    """Write what there is on neighbourhood types; return the names of the files."""
    files = build_type_tables(plan)
    for name, table in files.items():
        _write_csv(table, folder / name)
    _write_parquet(build_membership(plan), folder / "type_membership.parquet", about)
    codebook = build_plan_codebook(plan)
    _write_json(codebook, folder / "codebook.json", sort=False)
    _write_text(to_markdown(codebook), folder / "codebook.md")
    _write_text(style, folder / "areas_types.qml")
    more = ["type_membership.parquet", "codebook.json", "codebook.md", "areas_types.qml"]
    return [*files, *more]


def _write_scenario(plan: Plan, folder: Path) -> list[str]:
    """Write what a scenario changes, and the scenario itself; return the names of the files."""
    files = build_before_after_files(plan)
    for name, table in files.items():
        _write_csv(table, folder / name)
    if not plan.scenario.changes:
        return [*files]
    _write_text(to_toml(plan.scenario), folder / "scenario.toml")
    return [*files, "scenario.toml"]


def _write_outreach(plan: Plan, folder: Path) -> list[str]:
    """Write the rota, its calendar and shared outcomes; return the names of the files."""
    files = build_outreach_files(plan)
    for name, table in files.items():
        _write_csv(table, folder / name)
    calendar = build_calendar(plan)
    if calendar is None:
        return [*files]
    _write_text(calendar, folder / CALENDAR_FILE)
    return [*files, CALENDAR_FILE]


def build_manifest(plan: Plan, folder: Path, written: list[str]) -> dict[str, Any]:
    """Return the plan's manifest with the files beside it; no time of writing is in it."""
    return {
        **plan.manifest,
        "made_by": MADE_BY,
        "csv": "UTF-8 with byte order mark; a text that a spreadsheet would run as a formula has "
        "an apostrophe in front.",
        "files": [
            {
                "file": name,
                "bytes": (folder / name).stat().st_size,
                "sha256": _sha256(folder / name),
            }
            for name in written
        ],
    }


def _verify(folder: Path, manifest: dict[str, Any]) -> None:
    """Read back what was written; a full disk or a failing one shows here, not at the reader's."""
    for entry in manifest["files"]:
        path = folder / entry["file"]
        if _sha256(path) != entry["sha256"] or path.stat().st_size == 0:
            raise PlannerError(
                f"{path.name}: what was written cannot be read back.", hint="Check the disk."
            )
        if path.suffix == ".parquet":
            pq.read_metadata(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_json(value: dict[str, Any], path: Path, *, sort: bool) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=sort, allow_nan=False)
    _write_text(text + "\n", path)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    path.write_text(to_csv_text(table), encoding=CSV_ENCODING, newline="")


def _write_parquet(table: pd.DataFrame, path: Path, about: dict[str, str]) -> None:
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(_described(arrow, about), path, compression="zstd")


def _write_geoparquet(areas: gpd.GeoDataFrame, path: Path, about: dict[str, str]) -> None:
    buffer = io.BytesIO()
    areas.to_parquet(buffer, index=False, geometry_encoding="WKB")
    arrow = pq.read_table(io.BytesIO(buffer.getvalue()))
    pq.write_table(_described(arrow, about), path, compression="zstd")


def _described(table: pa.Table, about: dict[str, str]) -> pa.Table:
    """Return the table with what it is about and what its columns mean, without pandas' notes."""
    kept = {key: value for key, value in (table.schema.metadata or {}).items() if key != b"pandas"}
    kept |= {f"planner.{key}".encode(): value.encode() for key, value in sorted(about.items())}
    fields = []
    for field in table.schema:
        meaning = tables.meaning_of(field.name)
        fields.append(
            field.with_metadata({b"description": meaning.encode()})
            if meaning
            else field.remove_metadata()
        )
    return table.cast(pa.schema(fields)).replace_schema_metadata(kept)


def _write_travel(ways: list[TravelTimes], path: Path, about: dict[str, str]) -> None:
    """Write the matrices block by block, so that a large one never stands in memory as text."""
    more = {
        "method": "; ".join(dict.fromkeys(f"{times.mode}: {times.method}" for times in ways)),
        "cutoff_minutes": "; ".join(
            dict.fromkeys(f"{times.mode}: {times.cutoff_minutes:g}" for times in ways)
        ),
        "absent_pairs": "not reached within the cutoff; see access.parquet for why",
    }
    blocks = (block for times in ways for block in _travel_blocks(times))
    first = _described(next(blocks), {**about, **more})
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for block in blocks:
            writer.write_table(_described(block, {**about, **more}))


def _travel_blocks(times: TravelTimes) -> Iterator[pa.Table]:
    origins = pa.array(times.origins.astype(str), type=pa.string())
    destinations = pa.array(times.destinations.astype(str), type=pa.string())
    for start in range(0, max(len(times.pairs), 1), TRAVEL_BLOCK):
        pairs = times.pairs.iloc[start : start + TRAVEL_BLOCK]
        count = len(pairs)
        minutes = np.round(
            pairs["deciseconds"].to_numpy() / DECISECONDS_PER_MINUTE, TRAVEL_DECIMALS
        )
        yield pa.table(
            {
                "origin": origins.take(pa.array(pairs["origin"].to_numpy())),
                "destination": destinations.take(pa.array(pairs["destination"].to_numpy())),
                "minutes": pa.array(minutes, type=pa.float64()),
                "mode": pa.array([times.mode] * count, type=pa.string()),
                "window": pa.array([times.window] * count, type=pa.string()),
                "percentile": pa.array([times.percentile] * count, type=pa.int64()),
            }
        )


def _write_gpkg(plan: Plan, areas: gpd.GeoDataFrame, style: str, path: Path) -> None:
    layers: dict[str, gpd.GeoDataFrame | None] = {
        "areas": areas,
        "venues": tables.build_venue_points(plan),
        "hubs": tables.build_hub_points(plan),
    }
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": GPKG_DATE})
    try:
        for name, layer in layers.items():
            if layer is not None and len(layer):
                pyogrio.write_dataframe(
                    layer,
                    path,
                    layer=name,
                    driver="GPKG",
                    append=False,
                    layer_options={"GEOMETRY_NAME": GPKG_GEOMETRY},
                )
        pyogrio.write_dataframe(
            build_layer_styles("areas", GPKG_GEOMETRY, style),
            path,
            layer="layer_styles",
            driver="GPKG",
            append=False,
            layer_options={"FID": "id"},
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
