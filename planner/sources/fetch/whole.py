"""How is a place fetched so that its folder is there whole, or not at all?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from planner.errors import ProjectError, SourceError
from planner.sources.fetch import FetchReport, Progress, arcgis, fetch_place
from planner.sources.http import Fetcher
from planner.sources.registry import Registry
from planner.sources.text import slug

#: Somebody watches: whether anything answers at all is known within these seconds.
QUICK_SECONDS = (4.0, 30.0)


def fetch_whole(
    names: Sequence[str],
    parent: Path,
    *,
    registry: Registry,
    fetcher: Fetcher,
    progress: Progress | None = None,
) -> FetchReport:
    """Fetch a place into a new folder of ``parent``, named after it.

    The folder appears when everything is in it. What fails or is stopped (by an error raised in
    ``progress``) leaves nothing behind but the downloads kept for the next time.

    Parameters
    ----------
    names, registry, fetcher, progress
        As of `planner.sources.fetch.fetch_place`.
    parent
        A folder that is there.

    Raises
    ------
    ProjectError
        As `fetch_place`; or the folder is not there, cannot be written to, or has one of that name.
    SourceError
        Nothing answers (within seconds), or the boundaries cannot be had.
    """
    target = parent / (slug("-".join(names))[:60] or "place")
    if not parent.is_dir():
        raise ProjectError(
            f"{parent}: there is no such folder.", hint="Make it first, or name another one."
        )
    if target.exists():
        raise ProjectError(
            f"{target}: is there already, so nothing is fetched into it.",
            hint="Open it as it is, or name another folder to put the new one in.",
        )
    if progress is not None:
        progress("Looking whether the publishers can be reached", 0.0)
    _check_reached(registry, fetcher)
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=parent))
    except OSError as error:
        raise ProjectError(
            f"{parent}: cannot be written to.", hint="Name a folder of your own."
        ) from error
    try:
        report = fetch_place(names, made, registry=registry, fetcher=fetcher, progress=progress)
        made.chmod(0o755)
        made.replace(target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return replace(report, folder=target, project=target / report.project.name)


def _check_reached(registry: Registry, fetcher: Fetcher) -> None:
    """Ask once for the list of districts, which is then kept for the fetch itself."""
    quick = replace(fetcher, tries=1, timeout_seconds=QUICK_SECONDS)
    try:
        arcgis.fetch_rows(quick, registry["district_names"])
    except SourceError as error:
        raise SourceError(
            "The official sources cannot be reached from this computer, so nothing was fetched "
            "and nothing was changed.",
            hint="Check the connection to the internet, or ask whether your network lets programs "
            "through; then try again. Study areas that are on this computer can be opened without.",
        ) from error
