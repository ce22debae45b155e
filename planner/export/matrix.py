"""How is a large travel matrix written without ever standing in memory as a whole?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from planner.travel.blocks import Pairs
from planner.travel.times import DECISECONDS_PER_MINUTE, Mode

#: Rows of a group of the file: more than most blocks of a search, so that small ones are joined.
GROUP_ROWS = 1_000_000

_DESCRIPTIONS = {
    "from_id": "Where the journey begins",
    "to_id": "Where it ends",
    "travel_time": "Minutes from door to door; a pair that is absent was not reached",
    "mode": "How",
    "window": "When",
    "percentile": "Of the times over the window's minutes; empty where there is only one time",
}


def write_matrix(
    path: Path,
    blocks: Iterable[Pairs],
    *,
    origins: pd.Index,
    destinations: pd.Index,
    mode: Mode,
    window: str = "",
    percentile: int | None = None,
    about: Mapping[str, str] | None = None,
) -> int:
    """Write a matrix to Parquet, block after block as a search gives them.

    Parameters
    ----------
    path
        The file; another of this name is replaced once the new one is whole.
    blocks
        Positions of origins and of destinations and the deciseconds between them, as from
        `planner.travel.nearby.walk_blocks`. Each is let go before the next is asked for, but for
        those waiting to fill a group of rows.
    origins, destinations
        Their ids.
    mode, window, percentile
        What was timed.
    about
        What to say in the file's metadata (sources, licences, method, longest journey).

    Returns
    -------
    rows
        How many pairs were written, in the order of the blocks.
    """
    schema = _schema(about or {})
    ids = [pa.array(index.astype(str), type=pa.string()) for index in (origins, destinations)]
    same = {"mode": mode, "window": window, "percentile": percentile}
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    rows = 0
    try:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for pairs in _grouped(blocks):
                writer.write_table(_table(pairs, ids, same, schema))
                rows += len(pairs[0])
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _schema(about: Mapping[str, str]) -> pa.Schema:
    words = pa.dictionary(pa.int32(), pa.string())
    types = {
        "from_id": pa.string(),
        "to_id": pa.string(),
        "travel_time": pa.float32(),
        "mode": words,
        "window": words,
        "percentile": pa.int16(),
    }
    fields = [
        pa.field(name, kind, metadata={"description": _DESCRIPTIONS[name]})
        for name, kind in types.items()
    ]
    return pa.schema(fields, {f"planner.{key}": about[key] for key in sorted(about)})


def _grouped(blocks: Iterable[Pairs]) -> Iterable[Pairs]:
    """Join small blocks to groups of rows; a large one stays alone."""
    waiting: list[Pairs] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block[0])
        if count >= GROUP_ROWS:
            whole = _joined(waiting)
            waiting, count = [], 0
            yield whole
    if count:
        yield _joined(waiting)


def _joined(blocks: list[Pairs]) -> Pairs:
    origin, destination, time = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return origin, destination, time


def _table(
    pairs: Pairs, ids: list[pa.Array], same: Mapping[str, str | int | None], schema: pa.Schema
) -> pa.Table:
    origin, destination, time = pairs
    columns = {
        "from_id": ids[0].take(pa.array(origin)),
        "to_id": ids[1].take(pa.array(destination)),
        "travel_time": pa.array((time / DECISECONDS_PER_MINUTE).astype(np.float32)),
        **{
            name: pa.array([value], type=pa.string() if name != "percentile" else pa.int16())
            .take(pa.array(np.zeros(len(time), np.int8)))
            .cast(schema.field(name).type)
            for name, value in same.items()
        },
    }
    return pa.table(columns, schema=schema)
