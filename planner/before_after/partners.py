"""What does each partner offer, and how far is it to that partner's own services?"""

from __future__ import annotations

import pandas as pd

from planner.services import Services, split_by_use
from planner.travel.times import TravelTimes, nearest, to_areas

PARTNER_COLUMNS = ["partner", "area_code", "minutes", "status"]
#: Stands for offers that name no partner.
NO_PARTNER = "Partner not stated"


def sum_supply(services: Services) -> pd.DataFrame:
    """Return, on partners, how many open ``venues`` and ``offers`` they have, and the ``kinds``."""
    offers = _open_offers(services)
    grouped = offers.groupby("partner", sort=True)
    return pd.DataFrame(
        {
            "venues": grouped["venue_id"].nunique(),
            "offers": grouped.size(),
            "kinds": grouped["kind"].agg(lambda kinds: ";".join(sorted(set(kinds)))),
        }
    )


def measure_partners(services: Services, times: TravelTimes, points: pd.DataFrame) -> pd.DataFrame:
    """Return minutes from each area to the nearest open offer of each partner, of whatever kind.

    Parameters
    ----------
    services
        Venues and offers; only offers that an area's people may use count for it.
    times
        From the place's points to all venues.
    points
        The place's points: ``area_code`` and ``weight``.

    Returns
    -------
    minutes
        Columns `PARTNER_COLUMNS`, sorted by partner and area.

    Notes
    -----
    An area's minutes to a venue are the weighted median over its points; the nearest venue is
    that of these medians. By public transport, another venue may be nearer at each minute, which
    a search over all of them would find: minutes here are never sooner than that.
    """
    by_area = to_areas(times, points)
    homes = pd.DataFrame({"area_code": by_area.origins}, index=by_area.origins)
    parts = [pd.DataFrame(columns=PARTNER_COLUMNS)]
    for partner, offers in _open_offers(services).groupby("partner", sort=True):
        found = []
        for codes, usable in split_by_use(offers, homes):
            venues = pd.Index(sorted(set(usable["venue_id"])))
            near = nearest(by_area, venues).loc[codes, ["minutes", "status"]]
            if len(venues) == 0:
                # Offers that these people may not use are no way there for them.
                near["status"] = near["status"].replace("no_data", "unreachable")
            found.append(near)
        table = pd.concat(found).reindex(by_area.origins).rename_axis("area_code").reset_index()
        parts.append(table.assign(partner=partner)[PARTNER_COLUMNS])
    if len(parts) == 1:
        return parts[0]
    return pd.concat(parts[1:], ignore_index=True)


def _open_offers(services: Services) -> pd.DataFrame:
    offers = services.open_offers()
    return offers.assign(partner=offers["partner"].where(offers["partner"] != "", NO_PARTNER))
