"""What does a council's own service directory say today?"""

from __future__ import annotations

import json
from pathlib import Path

from planner.errors import SourceError
from planner.sources.hsds import read_feed_pages
from planner.sources.http import Fetcher
from planner.sources.registry import RegistryEntry


def fetch_directory(address: str, file: Path, *, fetcher: Fetcher) -> int:
    """Save a live Open Referral UK feed as one page a line, for the ``open_referral`` reader.

    Parameters
    ----------
    address
        The feed, with or without ``/services`` at its end; https, or this machine.
    file
        Where it goes; an earlier one stands until the new one is whole.
    fetcher
        Asks politely and keeps what it got.

    Returns
    -------
    services
        How many services were saved.

    Raises
    ------
    SourceError
        The feed cannot be reached or answers with something else.
    """
    entry = RegistryEntry(
        id="directory",
        what="Service directory (Open Referral UK)",
        kind="file",
        publisher="The directory's owner",
        licence="as the directory says",
        geography="place",
        vintage="as fetched",
        address=address,
        file=file.name,
        reader="open_referral",
        nations=("England", "Wales", "Scotland", "Northern Ireland"),
        proved="replay",
        documentation="https://docs.openreferraluk.org",
        by_hand="Ask the directory's owner for a copy of its /services answers as JSON.",
        format="json",
    )

    def get(url: str) -> dict[str, object]:
        answer = json.loads(fetcher.fetch(entry, address=url).read_bytes())
        if not isinstance(answer, dict):
            raise SourceError(f"{url}: the answer is no JSON object.", hint=entry.by_hand)
        return answer

    beside = file.with_name(f".{file.name}.new")
    services = 0
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as handle:
            for page in read_feed_pages(get, address):
                services += len(page["contents"])
                handle.write(json.dumps(page, ensure_ascii=False) + "\n")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return services
