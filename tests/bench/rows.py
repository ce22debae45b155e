"""How fast are we beside others, how much memory does it take, and is that as promised?"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import platform
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.json")
README = ROOT / "README.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """One piece of work, ours and a peer's in one run; None where there is no such figure.

    ``ratio`` is ours over theirs, ``bar`` the most it may be; ``bar_s`` and ``bar_mb`` are the
    most seconds and megabytes of our own where the promise is about these. ``sent`` is what a
    browser was sent for the work. ``n`` is how many
    origins (or searches) the seconds are for.
    """

    work: str
    peer: str
    ours_s: float
    theirs_s: float | None
    ratio: float | None
    bar: float | None
    ours_peak_mb: float | None
    theirs_peak_mb: float | None
    n: int
    date: str
    machine: str
    bar_s: float | None = None
    bar_mb: float | None = None
    note: str = ""
    ours_sent_mb: float | None = None
    theirs_sent_mb: float | None = None
    bar_sent_mb: float | None = None

    @property
    def met(self) -> bool | None:
        """Return whether every bar is met; None if there is none, or nothing to hold against."""
        pairs = [
            (self.ratio, self.bar),
            (self.ours_s, self.bar_s),
            (self.ours_peak_mb, self.bar_mb),
            (self.ours_sent_mb, self.bar_sent_mb),
        ]
        asked = [(value, bar) for value, bar in pairs if bar is not None]
        if not asked or any(value is None for value, _ in asked):
            return None
        return all(value <= bar for value, bar in asked if value is not None)


def make_row(
    work: str,
    peer: str,
    *,
    ours_s: float,
    theirs_s: float | None = None,
    ours_peak_mb: float | None = None,
    theirs_peak_mb: float | None = None,
    n: int,
    bar: float | None = None,
    bar_s: float | None = None,
    bar_mb: float | None = None,
    note: str = "",
    ours_sent_mb: float | None = None,
    theirs_sent_mb: float | None = None,
    bar_sent_mb: float | None = None,
) -> Row:
    """Return a row with the ratio, today's date and this machine filled in."""
    return Row(
        work=work,
        peer=peer,
        ours_s=_figures(ours_s),
        theirs_s=None if theirs_s is None else _figures(theirs_s),
        ratio=None if theirs_s is None else _figures(ours_s / theirs_s),
        bar=bar,
        ours_peak_mb=None if ours_peak_mb is None else round(ours_peak_mb),
        theirs_peak_mb=None if theirs_peak_mb is None else round(theirs_peak_mb),
        n=n,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        machine=machine(),
        bar_s=bar_s,
        bar_mb=bar_mb,
        note=note,
        ours_sent_mb=None if ours_sent_mb is None else _figures(ours_sent_mb),
        theirs_sent_mb=None if theirs_sent_mb is None else _figures(theirs_sent_mb),
        bar_sent_mb=bar_sent_mb,
    )


def machine() -> str:
    """Return what this ran on, in a few words."""
    cores = os.cpu_count() or 1
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        memory = f", {size:.0f} GiB"
    return f"{cores} cores{memory}, {platform.machine()}, Python {platform.python_version()}"


def read_rows(path: Path = RESULTS) -> list[Row]:
    """Return the rows measured before."""
    if not path.exists():
        return []
    return [Row(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def write_rows(fresh: Iterable[Row], path: Path = RESULTS) -> list[Row]:
    """Put fresh rows in the place of those of the same work and peer; return all of them."""
    rows = {(row.work, row.peer): row for row in read_rows(path)}
    rows.update({(row.work, row.peer): row for row in fresh})
    # Rows about one thing stand together, whenever they were first measured.
    first: dict[str, int] = {}
    for at, row in enumerate(rows.values()):
        first.setdefault(_about(row), at)
    ordered = sorted(rows.values(), key=lambda row: first[_about(row)])
    text = json.dumps([dataclasses.asdict(row) for row in ordered], indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return ordered


def _about(row: Row) -> str:
    return row.work.split(",")[0]


def to_table(rows: Iterable[Row]) -> str:
    """Return rows as a Markdown table."""
    lines = [
        "| work | beside | ours | theirs | ratio | at most | memory, ours / theirs | met |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        bars = [
            *([] if row.bar is None else [_share(row.bar)]),
            *([] if row.bar_s is None else [_seconds(row.bar_s)]),
            *([] if row.bar_mb is None else [f"{row.bar_mb:.0f} MB"]),
            *([] if row.bar_sent_mb is None else [f"{row.bar_sent_mb:.2g} MB sent"]),
        ]
        ratio = "" if row.ratio is None else _share(row.ratio)
        memory = " / ".join("–" if mb is None else f"{mb:.0f} MB" for mb in _memory(row))
        cells = [
            row.work + (f" ({'; '.join(said)})" if (said := _said(row)) else ""),
            row.peer or "–",
            _seconds(row.ours_s),
            "–" if row.theirs_s is None else _seconds(row.theirs_s),
            ratio or "–",
            ", ".join(bars) or "–",
            memory,
            {True: "yes", False: "no", None: "–"}[row.met],
        ]
        lines.append("| " + " | ".join(cells) + " |")
    ran = sorted({f"{row.date}, {row.machine}" for row in rows})
    return "\n".join([*lines, "", f"Measured {'; '.join(ran)}."]) + "\n"


def write_table(rows: list[Row], path: Path = README) -> bool:
    """Put the table between the README's two marks; False if they are not there."""
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        return False
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    path.write_text(
        f"{before}{BEGIN}\n{to_table(rows)}{END}{after}", encoding="utf-8", newline="\n"
    )
    return True


def _memory(row: Row) -> list[float | None]:
    return [row.ours_peak_mb] + ([] if not row.peer else [row.theirs_peak_mb])


def _said(row: Row) -> list[str]:
    """Return what a row says beside its figures: bytes sent, and its note."""
    sent = [] if row.ours_sent_mb is None else [f"sent {row.ours_sent_mb:.2g} MB"]
    if sent and row.theirs_sent_mb is not None:
        sent = [f"{sent[0]}, theirs {row.theirs_sent_mb:.2g} MB"]
    return sent + ([row.note] if row.note else [])


def _share(value: float) -> str:
    return f"1/{1 / value:.3g}" if value < 1 else f"{value:.3g}"


def _seconds(value: float) -> str:
    if value < 0.001:
        return f"{value * 1e6:.3g} µs"
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def _figures(value: float) -> float:
    return float(f"{value:.4g}")
