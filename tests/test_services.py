"""Venues and offers: details are there, are text, and can be said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plans import build_plan

from planner.errors import DataError
from planner.services import OFFER_DETAILS, VENUE_DETAILS, build_details_words


def test_frames_without_details_get_them_empty() -> None:
    services = build_plan().services
    assert (services.venues[VENUE_DETAILS] == "").all(axis=None)
    assert (services.offers[OFFER_DETAILS] == "").all(axis=None)


@pytest.mark.parametrize("bad", [float("nan"), None, 3])
def test_a_detail_that_is_no_text_is_refused(bad: object) -> None:
    services = build_plan().services
    with pytest.raises(DataError, match="accessibility must be text"):
        replace(services, venues=services.venues.assign(accessibility=bad))


def test_details_in_words() -> None:
    services = build_plan().services
    offers = services.offers.copy()
    offers.loc["o001", OFFER_DETAILS] = ["Tea", "English;Welsh"]
    venues = services.venues.assign(co_located_with="Nursery")
    words = build_details_words(replace(services, venues=venues, offers=offers))
    assert words["o001"] == (
        "Service: Tea\nLanguages: English, Welsh\nIn the same building: Nursery"
    )
    assert words["o002"] == "In the same building: Nursery"
