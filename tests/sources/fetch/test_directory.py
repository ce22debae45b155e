"""A live directory is saved whole. Keyed from the HSDS-UK 3.0 API of docs.openreferraluk.org."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from replays import Answer, Asked, fetcher, replay_server

from planner.errors import SourceError
from planner.sources.fetch.directory import fetch_directory
from planner.sources.hsds import iterate_services, read_service_file


def service(number: int) -> dict[str, Any]:
    place = {"latitude": 53.4, "longitude": -2.3, "name": f"Hall {number}", "id": f"l{number}"}
    return {
        "id": f"s{number}",
        "name": f"Advice {number}",
        "status": "active",
        "service_at_locations": [{"id": f"sl{number}", "location": place}],
    }


def page(asked: Asked) -> Answer:
    number = int(asked.query["page"])
    body = {
        "total_items": 3,
        "total_pages": 2,
        "page_number": number,
        "size": 2,
        "contents": [service(1), service(2)] if number == 1 else [service(3)],
    }
    return Answer(kind="application/json", body=json.dumps(body).encode())


def detail(asked: Asked) -> Answer:
    number = int(asked.path.rsplit("/s", 1)[1])
    return Answer(kind="application/json", body=json.dumps(service(number)).encode())


def test_every_page_is_saved_and_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "directory.jsonl"
    with replay_server() as replay:
        replay.routes |= {"/api/services": page, "/api/services/": detail}
        got = fetch_directory(replay.url("/api"), file, fetcher=fetcher(tmp_path / "cache"))
    assert got == 3
    read = list(iterate_services(read_service_file(file, what="directory.jsonl")))
    assert [one["id"] for one in read] == ["s1", "s2", "s3"]


def test_a_feed_that_breaks_off_leaves_the_earlier_file(tmp_path: Path) -> None:
    file = tmp_path / "directory.jsonl"
    file.write_text("earlier", encoding="utf-8")
    with replay_server() as replay:
        replay.routes["/api/services"] = lambda asked: (
            page(asked) if asked.query["page"] == "1" else Answer(status=404, kind="text/html")
        )
        replay.routes["/api/services/"] = detail
        with pytest.raises(SourceError):
            fetch_directory(replay.url("/api"), file, fetcher=fetcher(tmp_path / "cache"))
    assert file.read_text(encoding="utf-8") == "earlier"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
