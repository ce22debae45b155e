"""A row of squares, 10 minutes apart, with a surgery in the first and a library in the fourth."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from square_projects import layer, place

from planner import Project

LAYERS = layer(
    "figures.csv",
    'income = "need", health = "rank"',
    domains='income = "income", health = "health"',
)
#: As little as can be of what has nothing to do with the bundle.
HEAD = """[neighbourhoods]
k = 2
k_min = 2
k_max = 3
bootstraps = 0
[robustness]
draws = 20
[measures]
kth = []
interval = []
jobs_bands = []
at = []
[gaps]
draws = 0
[tandem]
permutations = 99
[spatial]
permutations = 99
[equity]
bootstraps = 20
[hubs]
count = 1
[streets]
walk_kmh = 6.0
detour = 1.0
[bundle]
kinds = ["gp", "library"]
dwell_minutes = 20
[[services]]
kind = "gp"
file = "gps.csv"
[[services]]
kind = "library"
file = "libraries.csv"
"""


def row_of_squares(folder: Path) -> Project:
    """Return a project of squares 0 to 5, walked along straight lines at 6 km/h."""
    folder = place(folder / "row", 0, LAYERS, head=HEAD)
    for name, square in (("gps", 0), ("libraries", 3)):
        pd.DataFrame(
            {"name": [name], "easting": [400_500 + 1000 * square], "northing": [500]}
        ).to_csv(folder / f"{name}.csv", index=False)
    return Project.read(folder)
