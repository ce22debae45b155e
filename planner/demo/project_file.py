"""What does the fictional place's project file say?"""

from __future__ import annotations

from collections.abc import Mapping

from planner.demo.records import DOMAIN_HEADERS
from planner.demo.supply import KINDS
from planner.demo.teams import TEAMS_FILE
from planner.demo.town import PLACE

_OURS = '''publisher = "Fictional data made by the planner"
licence = "Public domain (CC0)"'''
#: Kind → file; two are not plain CSV.
SERVICE_FILES = {
    "jobcentre": "jobcentres.csv",
    "gp": "gp_practices.csv",
    "library": "libraries.csv",
    "food_bank": "food_banks.csv",
    "childrens_centre": "childrens_centres.geojson",
    "community_centre": "community_centres.csv",
    "pharmacy": "pharmacies.csv",
}
_TITLES = {
    "income": "Income deprivation",
    "employment": "Employment deprivation",
    "education": "Education, skills and training deprivation",
    "health": "Health deprivation and disability",
    "crime": "Crime",
    "barriers": "Barriers to housing and services",
    "environment": "Poor living environment",
}
_CENSUS = {
    "ts066": ("Economic activity", '{ not_working = "" }'),
    "ts067": ("Qualifications", '{ no_qualifications = "" }'),
    "ts062": ("Socio-economic classification", ""),
    "ts045": ("Cars and vans", ""),
    "ts038": ("Disability", '{ disabled = "" }'),
}
_TYPE_LAYERS = (
    *("income", "employment", "education", "health", "crime", "environment"),
    *("not_working", "no_qualifications", "disabled", "no_car"),
)


def to_project(*, streets: bool, towns: int = 1) -> str:
    """Return the text of ``planner.toml``; in several towns the rota keeps to the hubs."""
    return "\n".join(
        [
            _PLACE.format(place=PLACE, ours=_OURS),
            *_layers(),
            *_services(streets),
            _rest(streets),
            _rota(streets, towns),
        ]
    )


_PLACE = """# {place}: a made-up borough to try the planner on. Nothing in it exists.
# Every file below has the layout of the file a publisher would give for a real place; put your
# own in its stead. Paths are relative to this file.

[place]
name = "{place}"
geography = "lsoa21"                     # Lower layer Super Output Areas of 2021
boundaries = "lsoa21_boundaries.geojson"
fictional = true                         # said on every page and in every export
authority = "E07900001"
vintage = "2021"
{ours}

[place.points]                           # where people set out from; some areas have several
file = "population_weighted_points.csv"
id_column = "point_id"
code_column = "LSOA21CD"
weight_column = "weight"

[place.population]
file = "population_mid2024.csv"
column = "Population"
dataset = "Mid-year population"
vintage = "mid-2024 (made up)"
{ours}

[place.context]                          # the neighbouring town: its people and services count,
boundaries = "lsoa21_context_boundaries.geojson"  # but it is never ranked

[lookups]                                # from the areas of 2011 to those of 2021
lsoa11_lsoa21 = "lookup_lsoa11_lsoa21.csv"
lsoa11_msoa11 = "lookup_lsoa11_msoa11.csv"
"""


_INDEX = """# --- what is known of each area ---

[[layer]]                                # the published overall rank, shown beside our own
from = "iod2025_file1"
file = "File_1_IoD2025_fictional.xlsx"
dataset = "Index of Multiple Deprivation, layout of 2025 File 1"
vintage = "2025 (made up)"
{ours}

[[layer]]                                # the seven domains: what need is made of
from = "table"
file = "iod2025_domain_scores.csv"
code_column = "LSOA code (2021)"
kind = "score"
high_is = "worse"
unit = "score"
dataset = "Domains of deprivation"
vintage = "2025 (made up)"
{ours}
[layer.columns]
{columns}
[layer.titles]
{titles}
[layer.domains]
{domains}
"""

_INHERITED = """[[layer]]                                # of larger areas of 2011
from = "life_expectancy_msoa"
file = "life_expectancy_msoa11.xlsx"
domains = {{ life_expectancy = "" }}       # shown and compared, not part of need
dataset = "Life expectancy at birth, layout of REQ3292"
vintage = "2016 to 2020 (made up)"
{ours}

[[layer]]                                # counted for the areas of 2011, carried over to 2021
from = "table"
file = "claimants_lsoa11.csv"
geography = "lsoa11"
kind = "count"
high_is = "neither"
unit = "people"
columns = {{ claimants = "Claimants" }}
titles = {{ claimants = "Benefit claimants" }}
dataset = "Benefit claimants by LSOA 2011"
vintage = "January 2026 (made up)"
{ours}
"""


def _layers() -> list[str]:
    def table(values: Mapping[str, str]) -> str:
        return "\n".join(f'{domain} = "{value}"' for domain, value in values.items())

    columns, titles = table(DOMAIN_HEADERS), table(_TITLES)
    domains = table({domain: domain for domain in DOMAIN_HEADERS})
    parts = [_INDEX.format(ours=_OURS, columns=columns, titles=titles, domains=domains)]
    for code, (title, apart) in _CENSUS.items():
        shown = f"domains = {apart:<30} # shown and compared, not part of need\n" if apart else ""
        parts.append(
            f'''[[layer]]
from = "{code}"
file = "census2021-{code}-lsoa.csv"
{shown}dataset = "{title}, layout of Census 2021 {code.upper()}"
vintage = "21 March 2021 (made up)"
{_OURS}
'''
        )
    return [*parts, _INHERITED.format(ours=_OURS)]


def _services(streets: bool) -> list[str]:
    parts = ["# --- what help there is ---\n"]
    for kind, file in SERVICE_FILES.items():
        partner, unit = KINDS[kind]
        size = f'capacity_column = "capacity"\ncapacity_unit = "{unit}"\n' if unit else ""
        parts.append(
            f'''[[services]]
kind = "{kind}"
file = "{file}"
partner = "{partner}"
{size}vintage = "January 2026 (made up)"
{_OURS}
'''
        )
    if streets:
        parts.append(
            f'''[[services]]                             # out of the OpenStreetMap extract
kind = "adult_learning"
from = "osm"
file = "streets.osm"
tags = {{ amenity = "college" }}
partner = "{KINDS["adult_learning"][0]}"
vintage = "January 2026 (made up)"
{_OURS}
'''
        )
    return parts


def _rest(streets: bool) -> str:
    streets_file = 'file = "streets.osm"\n' if streets else "# No file: straight lines instead.\n"
    layers = ", ".join(f'"{name}"' for name in _TYPE_LAYERS)
    return f"""[postcodes]                              # for services that give only a postcode
file = "postcodes.csv"
vintage = "January 2026 (made up)"
{_OURS}

[jobs]                                   # paid work, by workplace zone
file = "jobs_workplace_zones.csv"
column = "jobs"
id_column = "wz"
vintage = "2025 (made up)"
{_OURS}

[streets]
{streets_file}walk_kmh = 4.8
snap_metres = 400                        # further from any street: not connected
extent_metres = 2000                     # further from the mapped streets: outside the map
vintage = "January 2026 (made up)"
{_OURS}

[timetable]
files = ["bus_timetable_gtfs.zip"]
date = 2026-03-03                        # a Tuesday in term
{_OURS}

# --- choices ---

[bundle]                                 # what one person is typically sent to
kinds = ["jobcentre", "gp", "library", "food_bank", "childrens_centre"]

[standards]                              # minutes by the way gaps go by; others by default
gp = 25
library = 40
food_bank = 45
childrens_centre = 45

[measures]                               # what else says how good access is
kth = [2]                                # how far until there are two to choose from
interval = [20, 40]                      # how many, on average over every minute from 20 to 40
decay = "exponential"                    # services and jobs count less the further they are:
decay_minutes = 20                       # half at 20 minutes
catchment = "e2sfca"                     # what practices have room for, shared among all people
catchment_kinds = ["gp"]                 # who can get there, those of the next town, too
catchment_minutes = 30
at = ["Tu 18:00-20:00", "Sa 10:00-13:00"]  # what is open then, by the buses that run then
unknown_hours = "leave_out"              # what may be closed does not count as open

[neighbourhoods]                         # layers by which alike areas are found
layers = [{layers}]

[hubs]
count = 2
candidate_kinds = ["library", "community_centre"]
candidates = "hub_candidates.csv"        # empty rooms that could be used as well
"""


def _rota(streets: bool, towns: int) -> str:
    venues, why = ("candidates", "wherever a hub may go") if towns == 1 else ("hubs", "in the hubs")
    travel = 'travel = "drive"                         # teams carry boxes\n' if streets else ""
    return f"""[rota]                                   # teams that bring services on some days
teams = "{TEAMS_FILE}"
venues = {f'"{venues}"':<31}# {why}
session_minutes = 120
within_minutes = 25                      # of people to a session, by the way that gaps go by
{travel}first_monday = 2026-04-13                # where the calendar begins
"""
