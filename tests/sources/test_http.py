"""Downloads are polite, whole, kept once, and come from where they should."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from replays import (
    Answer,
    Asked,
    Clock,
    Replay,
    entry,
    fetcher,
    http_date,
    in_turn,
    replay_server,
)

from planner.errors import SourceError
from planner.sources import http
from planner.sources.answers import retry_after
from planner.sources.http import build_fetcher

GOOD = Answer(body=b"a,b\n1,2\n", kind="text/csv")


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        yield replay


def refusal(server: Replay, tmp_path: Path, **more: object) -> str:
    with pytest.raises(SourceError) as caught:
        fetcher(tmp_path).fetch(entry(server.url("/a.csv"), **more))
    assert caught.value.hint == "Write to nobody."
    assert caught.value.exit_code == 3
    assert len(str(caught.value).splitlines()) == 2
    return caught.value.message


def test_a_file_is_fetched_once_and_shared(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: GOOD
    first = fetcher(tmp_path).fetch(entry(server.url("/a.csv")))
    second = fetcher(tmp_path).fetch(entry(server.url("/a.csv"), id="other", what="Another place"))
    assert first.read_bytes() == second.read_bytes() == GOOD.body
    assert (first.from_cache, second.from_cache, server.count("/")) == (False, True, 1)


def test_it_says_who_it_is(server: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_CONTACT", "data@example.org\r\nX-Evil: 1")
    server.routes["/a.csv"] = lambda asked: GOOD
    build_fetcher(cache=tmp_path).fetch(entry(server.url("/a.csv")))
    agent = server.asked[0].headers["User-Agent"]
    assert agent.startswith("planner/")
    assert agent.endswith("(+data@example.orgX-Evil: 1)")


def test_two_requests_to_one_host_are_half_a_second_apart(server: Replay, tmp_path: Path) -> None:
    server.routes |= {"/a.csv": lambda asked: GOOD, "/b.csv": lambda asked: GOOD}
    clock = Clock()
    polite = fetcher(tmp_path, clock)
    polite.fetch(entry(server.url("/a.csv")))
    polite.fetch(entry(server.url("/b.csv")))
    assert clock.slept == [0.5]


def test_too_many_requests_then_success_waits_as_long_as_asked(
    server: Replay, tmp_path: Path
) -> None:
    server.routes["/a.csv"] = in_turn(Answer(status=429, headers={"Retry-After": "7"}), GOOD)
    clock = Clock()
    fetcher(tmp_path, clock, seconds_between=0).fetch(entry(server.url("/a.csv")))
    assert clock.slept == [7.0]


def test_an_error_for_ever_is_given_up_after_four_tries(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(status=500)
    clock = Clock()
    with pytest.raises(SourceError, match=r"could not be reached \(it answered 500; tried 4 times"):
        fetcher(tmp_path, clock, seconds_between=0).fetch(entry(server.url("/a.csv")))
    assert (server.count("/a.csv"), clock.slept) == (4, [1.0, 2.0, 4.0])


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with replay_server() as gone:
        address = gone.url("/a.csv")
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 could not be reached \(no connection"):
        fetcher(tmp_path).fetch(entry(address))


def test_a_truncated_body_is_fetched_again(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = in_turn(Answer(body=GOOD.body, kind="text/csv", cut=4), GOOD)
    got = fetcher(tmp_path).fetch(entry(server.url("/a.csv")))
    assert got.read_bytes() == GOOD.body


def test_a_body_that_is_always_truncated_is_refused_and_not_kept(
    server: Replay, tmp_path: Path
) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(body=GOOD.body, kind="text/csv", cut=4)
    assert "could not be reached" in refusal(server, tmp_path)
    assert list(tmp_path.glob("*.bin")) == []


def test_a_broken_off_archive_is_taken_up_where_it_stopped(
    server: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "BLOCK_BYTES", 1000)
    body = b"PK\x03\x04" + bytes(range(256)) * 40

    def answer(asked: Asked) -> Answer:
        span = asked.headers.get("Range", "")
        if not span:
            return Answer(body=body, kind="application/zip", cut=5000, headers={"ETag": '"v1"'})
        start = int(span.removeprefix("bytes=").rstrip("-"))
        assert asked.headers["If-Range"] == '"v1"'
        headers = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
        return Answer(body=body[start:], kind="application/zip", status=206, headers=headers)

    server.routes["/a.zip"] = answer
    got = fetcher(tmp_path).fetch(entry(server.url("/a.zip"), file="a.zip"))
    assert got.read_bytes() == body
    assert server.asked[1].headers["Range"] == "bytes=5000-"


def test_a_server_that_cannot_continue_sends_it_all_again(server: Replay, tmp_path: Path) -> None:
    body = b"PK\x03\x04" + b"x" * 9000
    tag = {"ETag": '"v1"'}
    server.routes["/a.zip"] = in_turn(
        Answer(body=body, kind="application/zip", cut=5000, headers=tag),
        Answer(body=body, kind="application/zip", headers=tag),
    )
    got = fetcher(tmp_path).fetch(entry(server.url("/a.zip"), file="a.zip"))
    assert got.read_bytes() == body


def test_a_web_page_instead_of_a_table_is_refused(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(body=b"<html>Sorry</html>", kind="text/html")
    assert "it answered with a web page, not CSV" in refusal(server, tmp_path)


def test_a_web_page_that_calls_itself_csv_is_refused(server: Replay, tmp_path: Path) -> None:
    body = b"\n<!DOCTYPE html><title>Error</title>"
    server.routes["/a.csv"] = lambda asked: Answer(body=body, kind="text/csv")
    assert "a web page" in refusal(server, tmp_path)
    assert server.count("/a.csv") == 1


def test_another_content_type_is_refused(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(body=b"%PDF-1.7", kind="application/pdf")
    assert "'application/pdf', not CSV" in refusal(server, tmp_path)


def test_an_archive_that_is_none_is_refused(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(body=b"a,b\n", kind="application/zip")
    assert "the answer is not ZIP" in refusal(server, tmp_path, file="a.zip")


def test_an_empty_answer_is_refused(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(kind="text/csv")
    assert "the answer is empty" in refusal(server, tmp_path)


def test_a_missing_file_is_not_asked_for_again(server: Replay, tmp_path: Path) -> None:
    assert "there is nothing at its address any more (404)" in refusal(server, tmp_path)
    assert server.count("/") == 1


def test_more_than_the_source_may_send_is_cut_off(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(body=b"a,b\n" * 1000, kind="text/csv")
    assert "it is larger than 0 MB" in refusal(server, tmp_path, max_megabytes=0.001)
    assert list(tmp_path.glob("*.part")) == []


def test_a_wrong_hash_is_refused(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: GOOD
    assert "SHA-256" in refusal(server, tmp_path, sha256="0" * 64)


def test_a_redirect_on_the_same_host_is_followed(server: Replay, tmp_path: Path) -> None:
    server.routes |= {
        "/a.csv": lambda asked: Answer(status=302, headers={"Location": "/new/b.csv"}),
        "/new/b.csv": lambda asked: GOOD,
    }
    assert fetcher(tmp_path).fetch(entry(server.url("/a.csv"))).read_bytes() == GOOD.body


def test_a_redirect_to_another_host_is_refused(server: Replay, tmp_path: Path) -> None:
    there = {"Location": "https://example.org/a.csv"}
    server.routes["/a.csv"] = lambda asked: Answer(status=301, headers=there)
    assert "it sends on to another host (example.org)" in refusal(server, tmp_path)


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]"])
def test_a_redirect_to_a_private_address_is_refused(
    server: Replay, tmp_path: Path, host: str
) -> None:
    there = {"Location": f"https://{host}/a.csv"}
    server.routes["/a.csv"] = lambda asked: Answer(status=301, headers=there)
    allowed = (host.strip("[]"),)
    message = refusal(server, tmp_path, redirect_hosts=allowed)
    assert "is an address inside a private network" in message


def test_a_public_name_that_leads_inside_is_refused(tmp_path: Path) -> None:
    inside = fetcher(tmp_path, resolve=lambda host: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(SourceError, match="inside a private network"):
        inside.fetch(entry("https://data.example.org/a.csv"))


def test_redirects_have_an_end(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: Answer(status=302, headers={"Location": "/a.csv"})
    assert "too many times" in refusal(server, tmp_path)


def test_offline_uses_what_is_kept_and_nothing_else(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: GOOD
    fetcher(tmp_path).fetch(entry(server.url("/a.csv")))
    offline = fetcher(tmp_path, offline=True)
    assert offline.fetch(entry(server.url("/a.csv"))).from_cache
    with pytest.raises(SourceError, match="not in the cache, and this run is offline"):
        offline.fetch(entry(server.url("/b.csv")))


def test_an_old_answer_is_used_if_it_has_not_changed(server: Replay, tmp_path: Path) -> None:
    tagged = Answer(body=GOOD.body, kind="text/csv", headers={"ETag": '"v1"'})
    server.routes["/a.csv"] = in_turn(tagged, Answer(status=304))
    clock = Clock()
    fetcher(tmp_path, clock).fetch(entry(server.url("/a.csv")))
    clock.seconds += 40 * 86_400
    got = fetcher(tmp_path, clock).fetch(entry(server.url("/a.csv")))
    assert got.from_cache
    assert server.asked[1].headers["If-None-Match"] == '"v1"'


def test_an_old_answer_is_better_than_none(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = in_turn(GOOD, Answer(status=503))
    clock = Clock()
    fetcher(tmp_path, clock).fetch(entry(server.url("/a.csv")))
    clock.seconds += 40 * 86_400
    assert fetcher(tmp_path, clock).fetch(entry(server.url("/a.csv"))).from_cache


def test_a_kept_answer_that_was_damaged_is_fetched_again(server: Replay, tmp_path: Path) -> None:
    server.routes["/a.csv"] = lambda asked: GOOD
    got = fetcher(tmp_path).fetch(entry(server.url("/a.csv")))
    got.path.write_bytes(b"a,b\n9,9\n")
    assert fetcher(tmp_path).fetch(entry(server.url("/a.csv"))).read_bytes() == GOOD.body


def test_a_source_without_an_address_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no address is known"):
        fetcher(tmp_path).fetch(entry(""))


def test_a_date_to_wait_for_is_understood() -> None:
    now = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    assert retry_after(http_date(now + dt.timedelta(seconds=90)), now) == 90.0
    assert retry_after("soon", now) == 0.0
