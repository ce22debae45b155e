"""How deprived is each area in the national indices, as their publishers print them?

The four nations' indices differ in what they hold, when, and on which areas: each has a module
of its own, and `planner.comparability` keeps them apart.
"""

from planner.sources.deprivation.england import IOD_RANK, read_iod
from planner.sources.deprivation.index_table import wrong_file
from planner.sources.deprivation.northern_ireland import read_nimdm2017
from planner.sources.deprivation.scotland import read_simd2020
from planner.sources.deprivation.wales import read_wimd

__all__ = [
    "IOD_RANK",
    "read_iod",
    "read_nimdm2017",
    "read_simd2020",
    "read_wimd",
    "wrong_file",
]
