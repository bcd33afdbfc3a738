"""The live rows of a library in memory: light columns of content, joined with the paths that hold it."""

import json
import os
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fieldstone.errors import QueryError
from fieldstone.library.log import state
from fieldstone.library.schema import SHAPES
from fieldstone.library.shape import Shape
from fieldstone.library.store import Store
from fieldstone.types import Unit

__all__ = ["MILLIMETRES", "Catalog", "load"]

MILLIMETRES: dict[Unit, float] = {"um": 0.001, "mm": 1.0, "cm": 10.0, "m": 1000.0, "inch": 25.4, "ft": 304.8}
"""Millimetres in each unit."""

Column: TypeAlias = pa.Array | pa.ChunkedArray
BLOBS = {"points", "points_low", "points_step", "thumbnail", "fingerprint", "normals"}
LIGHT = [name for name in SHAPES.names if name not in BLOBS]
LENGTHS = {"width": 1, "depth": 1, "height": 1, "diagonal": 1, "area": 2, "volume": 3}
"""Measures and the power of the unit that each carries."""


class Catalog:
    """Live rows: `table` has one row a shape, wholes before nothing in particular; `position` finds a row by id."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.ids: list[str] = table["id"].to_pylist()
        self.position = {shape_id: i for i, shape_id in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, key: str) -> int:
        """The row of an id, a unique beginning of one (6 digits or more), a source or a name.

        Raises QueryError where nothing or more than one shape answers.
        """
        if key in self.position:
            return self.position[key]
        path = os.path.abspath(os.path.expanduser(key))
        matches = [
            i for i, sources in enumerate(self.table["sources"].to_pylist()) if key in sources or path in sources
        ]
        if not matches and len(key) >= 6:
            matches = [i for i, shape_id in enumerate(self.ids) if shape_id.startswith(key)]
        if not matches:
            matches = [i for i, name in enumerate(self.table["name"].to_pylist()) if name == key]
        if not matches:
            raise QueryError(
                f"no file and no shape answers to '{key}'; give a file, or an id, source or name that `show` lists"
            )
        if len(matches) > 1:
            raise QueryError(f"{len(matches)} shapes answer to '{key}'; give the id, which `show` lists")
        return matches[0]

    def shape(self, row: int) -> Shape:
        """The row as a Shape."""
        return self.shapes([row])[0]

    def shapes(self, rows: Sequence[int]) -> list[Shape]:
        """The rows as Shapes."""
        return [_shape(record) for record in self.table.take(np.asarray(rows, dtype=np.int64)).to_pylist()]


def _shape(record: dict[str, Any]) -> Shape:
    fields = {name: record[name] for name in Shape.__dataclass_fields__ if name in record}
    fields["extents"] = (record["width"], record["depth"], record["height"])
    fields["metadata"] = json.loads(record["metadata"])
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
    return Shape(**plain)


def load(store: Store) -> Catalog:
    """Join content with the paths that hold it; content that no live path holds is left out."""
    held = state(store)
    held = held.filter(pc.equal(held["outcome"], "added"))
    content = store.read("shapes", LIGHT)
    owner = pc.coalesce(content["parent"], content["id"])
    grouped = _by_content(held, ["source", "category", "tags", "unit", "up"])
    group = pc.index_in(owner, value_set=grouped["content"].combine_chunks())
    content, group = content.filter(pc.is_valid(group)), group.drop_null()
    grouped = grouped.take(group)
    is_part = pc.is_valid(content["parent"])
    columns = {name: content[name] for name in LIGHT}
    columns["sources"] = _part_sources(grouped["source"], is_part, content["name"])
    columns["source"] = pc.list_element(columns["sources"], 0)
    columns["name"] = pc.if_else(is_part, content["name"], _stem(columns["source"]))
    columns["category"] = _first_stated(grouped["category"])
    columns["tags"] = _merged_tags(grouped["tags"])
    columns["unit"] = pc.coalesce(_first_stated(grouped["unit"]), content["unit"])
    columns["up"] = pc.coalesce(_first_stated(grouped["up"]), content["up"])
    factor = _millimetres(columns["unit"])
    for name, power in LENGTHS.items():
        columns[f"{name}_mm"] = pc.multiply(content[name], pc.power(factor, power))
    return Catalog(pa.table(columns))


def _by_content(held: pa.Table, columns: Sequence[str]) -> pa.Table:
    """One row a content: `content`, and for each column the list of its values, what was stated last first."""
    held = held.sort_by([("op", "descending"), ("source", "ascending")])
    codes = held["content"].combine_chunks().dictionary_encode()
    code = codes.indices.to_numpy()
    order = np.argsort(code, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=len(codes.dictionary)))])
    sorted_rows = held.take(order)
    lists = {
        name: pa.ListArray.from_arrays(pa.array(ends, pa.int32()), sorted_rows[name].combine_chunks())
        for name in columns
    }
    return pa.table({"content": codes.dictionary, **lists})


def _first_stated(lists: Column) -> pa.Array:
    """The first value of each list that is not null: what was stated last."""
    return pa.array([next((v for v in values if v is not None), None) for values in lists.to_pylist()], pa.string())


def _merged_tags(lists: Column) -> pa.Array:
    merged = [sorted({tag for tags in lists_of_row for tag in tags}) for lists_of_row in lists.to_pylist()]
    return pa.array(merged, pa.list_(pa.string()))


def _part_sources(sources: Column, is_part: Column, names: Column) -> pa.Array:
    """Each row's paths in order; a part's is `path#part name`."""
    rows = zip(sources.to_pylist(), is_part.to_pylist(), names.to_pylist(), strict=True)
    return pa.array(
        [[f"{s}#{name}" if part else s for s in sorted(paths)] for paths, part, name in rows], pa.list_(pa.string())
    )


def _stem(sources: Column) -> Column:
    last = pc.replace_substring_regex(sources, pattern=r"^.*[/\\]", replacement="")
    return pc.replace_substring_regex(last, pattern=r"(.)\.[^.]*$", replacement=r"\1")


def _millimetres(units: Column) -> Column:
    names = pa.array(list(MILLIMETRES))
    return pc.take(pa.array(list(MILLIMETRES.values())), pc.index_in(units, value_set=names))
