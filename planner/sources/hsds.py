"""Which services does an Open Referral directory list, in a saved file or page by page?

The format is HSDS-UK 3.0, the UK profile of the Human Services Data Specification
(openreferraluk.org; API and schemas in the repository OpenReferralUK/uk-profile): ``/services``
answers with pages (``total_pages``, ``page_number``, ``last_page``, ``contents``) of services cut
to their own fields, ``/services/{id}`` with a whole one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from planner.errors import DataError, PlannerError, SourceError

Json = dict[str, Any]

#: A directory of a county is some 20 MB; read whole, JSON takes ten times its size in memory.
MAX_JSON_BYTES = 300_000_000
MAX_SERVICES = 200_000
MAX_PAGES = 5_000
#: So many whole services in a row that cannot be had, and the feed is given up.
MAX_FAILURES = 10

_WANTED = "Wanted: the saved answer of /services, a list of services, or one service per line."
_SERVICE_KEYS = {"service_at_locations", "organization", "organization_id", "schedules", "status"}


def read_service_file(path: Path, *, what: str) -> list[Json]:
    """Read a saved directory: pages, a list of services, one service, or JSON lines of these.

    Returns
    -------
    services
        As published, in their order, not yet checked for anything but being services.

    Raises
    ------
    DataError
        The file is missing, too large, no JSON (a saved web page, say), or not of services.
    """
    services = list(iterate_services(_read_json(path, what=what)))
    if not services:
        raise DataError(f"{what}: JSON, but not a list of services (HSDS-UK).", hint=_WANTED)
    return services


def iterate_services(found: Any) -> Iterator[Json]:
    """Yield every service in pages, lists or single services, whatever way they are nested.

    An entry of ``/service_at_locations`` is turned round into its service with that one location.
    """
    stack: list[Any] = [found]
    count = 0
    while stack and count < MAX_SERVICES:
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(reversed(top))
        elif isinstance(top, Mapping):
            inner = next((top[k] for k in ("contents", "services") if _is_list(top.get(k))), None)
            if inner is not None and "service_at_locations" not in top:
                stack.append(inner)
            elif _is_service(top):
                count += 1
                yield dict(top)
            elif isinstance(top.get("service"), Mapping) and isinstance(
                top.get("location"), Mapping
            ):
                count += 1
                at = {key: value for key, value in top.items() if key != "service"}
                yield {**top["service"], "service_at_locations": [at]}


def read_feed_pages(get: Callable[[str], Json], url: str) -> Iterator[Json]:
    """Yield the pages of a live feed with every service whole.

    Parameters
    ----------
    get
        Returns the JSON at an address, or raises.
    url
        The feed, with or without ``/services`` at its end; a query is kept.

    Yields
    ------
    page
        As the feed gives it, services cut short replaced by ``/services/{id}``. Where that cannot
        be had the short one stays, and `open_referral.from_hsds` lists it as without a location.

    Raises
    ------
    SourceError
        The feed answers with something else, repeats a page, goes on past `MAX_PAGES`, or
        `MAX_FAILURES` services in a row cannot be had.
    """
    base, query = _service_address(url)
    seen: set[str] = set()
    failures, number, last = 0, 1, 1
    while number <= last:
        page = get(f"{base}?{urlencode([*query, ('page', str(number))])}")
        contents = page.get("contents") if isinstance(page, Mapping) else None
        if not isinstance(contents, list):
            raise SourceError(
                f"{base}: page {number} is not a page of services (HSDS-UK has `contents`).",
                hint="Check the address of the feed; it should end in /services.",
            )
        mark = json.dumps(contents, sort_keys=True, default=str)
        if contents and mark in seen:
            raise SourceError(
                f"{base}: page {number} is the same as an earlier one.",
                hint="The feed does not turn pages; save it by hand, or ask its publisher.",
            )
        seen.add(mark)
        whole = []
        for service in contents:
            service, failed = _whole(service, base, get)
            failures = failures + 1 if failed else 0
            if failures >= MAX_FAILURES:
                raise SourceError(
                    f"{base}: {failures} services in a row could not be fetched.",
                    hint="Try again later; what was fetched is kept.",
                )
            whole.append(service)
        yield {**page, "contents": whole}
        last = _pages(page, number, bool(contents))
        number += 1
        if last > MAX_PAGES:
            raise SourceError(f"{base}: more than {MAX_PAGES:,} pages.", hint="Add a filter.")


# --- parts ----------------------------------------------------------------------------------


def _read_json(path: Path, *, what: str) -> Any:
    try:
        size = path.stat().st_size
        if size > MAX_JSON_BYTES:
            raise DataError(
                f"{what}: {size / 1e6:,.0f} MB; at most {MAX_JSON_BYTES / 1e6:,.0f} MB are read.",
                hint="Ask the feed for the services of your place only.",
            )
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as err:
        raise DataError(f"{what}: cannot be opened ({err.strerror}).") from err
    except UnicodeDecodeError as err:
        raise DataError(f"{what}: not JSON (it is not UTF-8 text).", hint=_WANTED) from err
    start = text[:2000].lstrip()
    if start.startswith("<"):
        raise DataError(
            f"{what}: named {path.suffix or 'as JSON'} but it is a web page or XML.",
            hint="Save the feed's own answer (/services), not the page about it.",
        )
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as err:
        lines = [line for line in text.splitlines() if line.strip()]
        if start.startswith("{") and len(lines) > 1 and lines[0].rstrip().endswith("}"):
            return _read_lines(lines, what=what)
        raise DataError(f"{what}: not readable JSON ({_reason(err)}).", hint=_WANTED) from err


def _read_lines(lines: list[str], *, what: str) -> list[Any]:
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(json.loads(line, parse_constant=_no_number))
        except (ValueError, RecursionError) as err:
            raise DataError(
                f"{what}, line {number}: not readable JSON ({_reason(err)}).", hint=_WANTED
            ) from err
    return found


def _no_number(_: str) -> None:
    """Take NaN and Infinity, which are not JSON, as nothing."""


def _reason(err: Exception) -> str:
    if isinstance(err, RecursionError):
        return "nested too deeply"
    if isinstance(err, json.JSONDecodeError):
        return f"{err.msg}, line {err.lineno} column {err.colno}"
    return "a number too long"


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_service(found: Mapping[str, Any]) -> bool:
    named = isinstance(found.get("name"), str) and bool(found.get("id"))
    return named and bool(_SERVICE_KEYS & found.keys())


def _service_address(url: str) -> tuple[str, Iterable[tuple[str, str]]]:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    path = path if path.endswith("/services") else f"{path}/services"
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "page"]
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), query


def _whole(service: Any, base: str, get: Callable[[str], Json]) -> tuple[Any, bool]:
    """Return a service with all that belongs to it, and whether that could not be had."""
    if not isinstance(service, Mapping) or "service_at_locations" in service:
        return service, False
    own = str(service.get("id") or "")
    if not own or len(own) > 200:
        return service, False
    try:
        found = get(f"{base}/{quote(own, safe='')}")
    except PlannerError:
        return service, True
    # An answer about another service than the one asked for is not used.
    same = isinstance(found, Mapping) and str(found.get("id")) == own
    return (dict(found), False) if same else (service, True)


def _pages(page: Mapping[str, Any], number: int, any_there: bool) -> int:
    """Return the number of the last page, as far as this one tells."""
    if page.get("last_page") is True or page.get("empty") is True or not any_there:
        return number
    total = page.get("total_pages")
    if isinstance(total, int) and not isinstance(total, bool):
        return max(total, number)
    return number + 1 if page.get("last_page") is False else number
