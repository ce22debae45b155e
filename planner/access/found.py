"""Which measures were taken so far, of which areas, in which units, and what was said of them?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access.options import OF_AN_AREA, OriginMeasure, to_areas_values
from planner.ledger import Note
from planner.standards import kind_words

Better = Literal["less", "more"]
#: Measure, kind and setting.
Key = tuple[str, str, str]


@dataclass(kw_only=True)
class MeasureList:
    """Measures of areas, added one after the other.

    ``homes`` are as from `planner.access.build_homes`; ``more`` is a sentence that belongs to the
    method of every measure of points.
    """

    codes: pd.Index
    homes: pd.DataFrame
    more: str = ""
    notes: list[Note] = field(default_factory=list)
    _points: dict[Key, OriginMeasure] = field(default_factory=dict, init=False)
    _values: dict[Key, pd.DataFrame] = field(default_factory=dict, init=False)
    _words: dict[Key, tuple[str, str, str, Better]] = field(default_factory=dict, init=False)
    _short: dict[tuple[str, float, float], list[Key]] = field(default_factory=dict, init=False)

    def add(
        self,
        key: Key,
        title: str,
        build: Callable[[], OriginMeasure],
        *,
        needs: tuple[float, float] | None = None,
    ) -> None:
        """Add a measure of points as one of areas.

        ``needs`` are the minutes that journeys must be searched up to, and those that they were:
        where they fall short there is no data, and a note.
        """
        if needs is not None and needs[0] > needs[1]:
            self.fall_short(key, title, needs)
            return
        self.take(key, title, build())

    def take(self, key: Key, title: str, measure: OriginMeasure, *, more: bool = True) -> None:
        """Add a measure of points that is worked out already.

        ``more`` says whether the sentence of that name belongs to its method.
        """
        self._points[key] = measure
        method = " ".join(filter(None, (measure.method, OF_AN_AREA, self.more if more else "")))
        better: Better = "more" if measure.more_is_better else "less"
        self._words[key] = (title, measure.unit, method, better)
        self.notes += measure.notes

    def fall_short(self, key: Key, title: str, needs: tuple[float, float]) -> None:
        """Add a measure without data, for want of journeys as long as it needs."""
        self._short.setdefault((key[0], *needs), []).append(key)
        words = f"Not measured: journeys were searched up to {needs[1]:g} minutes only."
        self.put(key, title, None, unit="", method=words)

    def put(
        self,
        key: Key,
        title: str,
        values: pd.DataFrame | None,
        *,
        unit: str,
        method: str,
    ) -> None:
        """Add ``value`` and ``status`` of areas, more being better; None: no data for any."""
        if values is None:
            values = pd.DataFrame({"value": np.nan, "status": "no_data"}, index=self.codes)
        self._values[key] = values
        self._words[key] = (title, unit, method, "more")

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the long table of values and what describes each measure, in the same order."""
        found = {key: _arrays(table.reindex(self.codes)) for key, table in self._values.items()}
        if self._points:
            areas, values, reasons = to_areas_values(list(self._points.values()), self.homes)
            at = areas.get_indexer(self.codes)
            values, reasons = values[:, at], reasons[:, at]
            values[:, at < 0], reasons[:, at < 0] = np.nan, "no_data"
            found |= dict(zip(self._points, zip(values, reasons, strict=True), strict=True))
        keys = sorted(found, key=_in_order)
        size, count = len(self.codes), len(keys)
        columns = {
            name: np.repeat(np.array([key[at] for key in keys], dtype=object), size)
            for at, name in enumerate(("measure", "kind", "setting"))
        }
        none = [np.zeros(0)]
        value = np.concatenate([found[key][0] for key in keys] or none)
        status = np.concatenate([found[key][1] for key in keys] or none)
        status = np.where(pd.isna(status), "no_data", status)
        codes = np.tile(self.codes.to_numpy(dtype=object), count)
        table = pd.DataFrame({"area_code": codes, **columns, "value": value, "status": status})
        described = pd.DataFrame(
            [self._words[key] for key in keys],
            columns=["title", "unit", "method", "better"],
            index=pd.MultiIndex.from_tuples(keys, names=["measure", "kind", "setting"])
            if keys
            else pd.MultiIndex.from_arrays([[], [], []], names=["measure", "kind", "setting"]),
        )
        return table, described

    def all_notes(self) -> tuple[Note, ...]:
        """Return every note once, with those on thresholds beyond what was searched."""
        found = list(self.notes)
        for (measure, asked, searched), keys in self._short.items():
            kinds = tuple(sorted({key[1] for key in keys}))
            text = (
                f"{_WORDS.get(measure, measure)} need journeys of {asked:g} minutes, and they were "
                f"searched up to {searched:g} only: no data, for the answer would be too low "
                f"({', '.join(kind_words(kind, plural=True) for kind in kinds)})."
            )
            note = Note(
                stage="access",
                what="measure_beyond_times",
                count=len(kinds),
                text=text,
                items=kinds,
            )
            found.append(note)
        return tuple(dict.fromkeys(found))


_WORDS = {
    "share_within": "Shares within reach",
    "interval": "Means over an interval",
    "jobs_band": "Jobs by band",
    "catchment": "Catchments",
    "count_open": "Counts of services that are open then",
}


def _arrays(values: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    return values["value"].to_numpy(dtype=np.float64), values["status"].to_numpy(dtype=object)


def _in_order(key: Key) -> tuple[str, str, float, str]:
    """Sort settings that are or begin with a number by it, then by their text."""
    first = key[2].partition("-")[0]
    return key[0], key[1], float(first) if first.isdigit() else -1.0, key[2]
