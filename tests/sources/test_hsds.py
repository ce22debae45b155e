"""Saved and live Open Referral feeds: every shape of file, and pages by a replayed feed.

Paging is keyed from HSDS-UK 3.0's openapi.json (OpenReferralUK/uk-profile, schema/openapi.json).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.errors import DataError, SourceError
from planner.sources import hsds
from planner.sources.hsds import iterate_services, read_feed_pages, read_service_file

Json = dict[str, Any]
LOCATION: Json = {"id": "l1", "name": "The Hub", "latitude": 53.41, "longitude": -1.53}


def _service(own: str) -> Json:
    return {"id": own, "name": own, "service_at_locations": [{"location": LOCATION}]}


# --- files ---------------------------------------------------------------------------------------


def _ids(found: object) -> list[str]:
    return [service["id"] for service in iterate_services(found)]


def test_every_shape_of_file(tmp_path: Path) -> None:
    one, two = _service("s1"), _service("s2")
    page = {"contents": [two], "page_number": 2}
    at = {"id": "at", "service": {**two, "service_at_locations": None}, "location": LOCATION}
    texts = [
        json.dumps(one),
        json.dumps([one, two]),
        json.dumps([{"contents": [one]}, page]),
        json.dumps({"services": [one, two]}),
        f"{json.dumps(one)}\n\n{json.dumps(page)}\n",
        "\ufeff" + json.dumps({"contents": [one, at]}),
    ]
    expected = [["s1"]] + [["s1", "s2"]] * 5
    for text, ids in zip(texts, expected, strict=True):
        (tmp_path / "f.json").write_text(text, encoding="utf-8")
        assert _ids(read_service_file(tmp_path / "f.json", what="f.json")) == ids


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!DOCTYPE html><html><body>Not found</body></html>", "it is a web page or XML"),
        ("", "not readable JSON"),
        ('{"contents": [', "not readable JSON"),
        ('{"type": "FeatureCollection", "features": []}', "not a list of services"),
        ('{"contents": []}', "not a list of services"),
        ("[1, 2, 3]", "not a list of services"),
        ('{"a": 1}\n{"b": \n', "line 2: not readable JSON"),
        ("[" * 200_000, "nested too deeply"),
        ('{"id": ' + "9" * 5000 + "}", "a number too long"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "f.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        read_service_file(tmp_path / "f.json", what="f.json")
    assert caught.value.message.startswith("f.json")
    assert len(str(caught.value).splitlines()) <= 2


def test_too_large_a_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "f.json").open("wb") as handle:
        handle.truncate(2_000_000_000)
    with pytest.raises(DataError, match=r"f\.json: 2,000 MB; at most 300 MB are read"):
        read_service_file(tmp_path / "f.json", what="f.json")


@pytest.mark.parametrize("name", ["api_details", "taxonomy_term_list"])
def test_other_answers_of_a_feed_are_no_service_lists(shared: Path, name: str) -> None:
    with pytest.raises(DataError, match="not a list of services"):
        read_service_file(shared / "fixtures" / "oruk" / f"{name}.json", what=name)


# --- a live feed ---------------------------------------------------------------------------------


def _feed(pages: dict[str, Any]) -> tuple[Callable[[str], Json], list[str]]:
    """Return a feed by address, as HSDS-UK's openapi.json has it, and what was asked of it."""
    asked: list[str] = []

    def get(url: str) -> Json:
        asked.append(url)
        if url not in pages:
            raise SourceError(f"{url}: not there")
        found: Json = pages[url]
        return found

    return get, asked


def _short(own: str) -> Json:
    return {"id": own, "name": own, "status": "active"}


def test_pages_are_followed_and_services_completed() -> None:
    base = "https://feed.example/api/services"
    whole = {name: _service(name) for name in "abc"}
    get, asked = _feed(
        {
            f"{base}?q=x&page=1": {"total_pages": 2, "contents": [_short("a"), whole["b"]]},
            f"{base}?q=x&page=2": {"total_pages": 2, "contents": [_short("c")]},
            f"{base}/a": whole["a"],
            f"{base}/c": whole["c"],
        }
    )
    pages = list(read_feed_pages(get, "https://feed.example/api/?q=x&page=7"))
    assert list(iterate_services(pages)) == [whole["a"], whole["b"], whole["c"]]
    assert len(asked) == 4


def test_service_that_cannot_be_had_stays_short() -> None:
    base = "https://feed.example/services"
    other = {f"{base}/b": _service("somebody else")}
    get, _ = _feed({f"{base}?page=1": {"contents": [_short("a"), _short("b")]}, **other})
    (page,) = read_feed_pages(get, base)
    assert page["contents"] == [_short("a"), _short("b")]


def test_id_of_a_service_cannot_lead_elsewhere() -> None:
    base = "https://feed.example/services"
    get, asked = _feed({f"{base}?page=1": {"contents": [_short("../../admin?x=1#")]}})
    list(read_feed_pages(get, base))
    assert asked[1] == f"{base}/..%2F..%2Fadmin%3Fx%3D1%23"


def test_feed_that_repeats_a_page_is_given_up() -> None:
    page = {"total_pages": 9, "contents": [_service("s1")]}
    with pytest.raises(SourceError, match="page 2 is the same as an earlier one"):
        list(read_feed_pages(lambda _: page, "https://feed.example"))


def test_feed_that_fails_again_and_again_is_given_up() -> None:
    base = "https://feed.example/services"
    get, asked = _feed({f"{base}?page=1": {"contents": [_short(f"s{n}") for n in range(99)]}})
    with pytest.raises(SourceError, match="10 services in a row"):
        list(read_feed_pages(get, base))
    assert len(asked) == 1 + hsds.MAX_FAILURES


@pytest.mark.parametrize("answer", [{}, [], {"contents": {}}, {"error": "no"}])
def test_feed_that_is_none_is_refused(answer: Any) -> None:
    with pytest.raises(SourceError, match="page 1 is not a page of services"):
        list(read_feed_pages(lambda _: answer, "https://feed.example"))


def test_page_said_to_be_the_last_is_the_last() -> None:
    page = {"total_pages": 50, "last_page": True, "contents": [_service("s1")]}
    assert len(list(read_feed_pages(lambda _: page, "https://feed.example"))) == 1
