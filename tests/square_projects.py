"""Projects of a few square areas in a row, with a table of figures beside them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

LAYER = """
[[layer]]
from = "table"
file = "{file}"
kind = "{kind}"
high_is = "{high}"
publisher = "{publisher}"
dataset = "{dataset}"
licence = "OGL v3.0"
vintage = "{vintage}"
columns = {{ {columns} }}
"""


def layer(
    file: str,
    columns: str,
    *,
    kind: str = "score",
    high: str = "worse",
    dataset: str = "Figures",
    vintage: str = "2025",
    publisher: str = "Council",
    domains: str = "",
) -> str:
    text = LAYER.format(
        file=file,
        columns=columns,
        kind=kind,
        high=high,
        dataset=dataset,
        vintage=vintage,
        publisher=publisher,
    )
    return text + (f"domains = {{ {domains} }}\n" if domains else "")


def place(
    folder: Path, first: int, layers: str, *, count: int = 6, head: str = "", name: str = ""
) -> Path:
    """Write a project of a row of squares, coded from ``first``, with figures beside it."""
    folder.mkdir(exist_ok=True)
    codes = [f"E{1000000 + first + i:08d}" for i in range(count)]
    gpd.GeoDataFrame(
        {"area_code": codes, "area_name": codes},
        geometry=[box(400_000 + 1000 * i, 0, 401_000 + 1000 * i, 1000) for i in range(count)],
        crs="EPSG:27700",
    ).to_file(folder / "areas.gpkg")
    pd.DataFrame(
        {
            "code": codes,
            "people": [1000 + 100 * i for i in range(count)],
            "need": [float((first + 7 * i) % 11) for i in range(count)],
            "rank": [float(1 + (first + i) % 50) for i in range(count)],
            "rank_old": [float(1 + (first + 2 * i) % 50) for i in range(count)],
        }
    ).to_csv(folder / "figures.csv", index=False)
    (folder / "planner.toml").write_text(
        f'[place]\nname = "{name or folder.name.title()}"\ngeography = "lsoa21"\n'
        'boundaries = "areas.gpkg"\n'
        '[place.population]\nfile = "figures.csv"\ncolumn = "people"\n'
        f"{head}{layers}",
        encoding="utf-8",
    )
    return folder
