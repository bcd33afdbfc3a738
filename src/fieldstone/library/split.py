"""A library's shapes in a gallery and queries: as their tags say, or by what they contain.

Shapes that may be copies of each other, and the parts of one assembly, stay on one side: a query that finds its own copy
says nothing of an encoder.
"""

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Int64

from fieldstone.errors import QueryError
from fieldstone.library.catalog import Catalog
from fieldstone.library.shape import Shape
from fieldstone.library.snapshot import Snapshot

__all__ = ["SHARE", "Division", "by_content", "by_tags", "divide", "labels_of"]

SHARE = 0.25
"""Of the shapes of each label that become queries, at most."""
NEIGHBOURS = 8
"""Nearest fingerprint keys of each shape that are looked at."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Division:
    """Shapes side by side: which answer, and which ask. A shape that does neither is left out."""

    shapes: tuple[Shape, ...]
    labels: tuple[str | None, ...]
    """Each shape's value of the column; None where it has none, or no column was named."""
    group: Int64[np.ndarray, "n"]
    """The same number for what may be copies of each other."""
    gallery: Bool[np.ndarray, "n"]
    queries: Bool[np.ndarray, "n"]
    by: Literal["tags", "content"]
    """What divided them."""


def divide(snapshot: Snapshot, column: str | None) -> Division:
    """The library's wholes (parts are in their wholes), labelled by a column: by their tags `train` and `test` where any
    carries `test`, else by content. QueryError where there is no such column of labels."""
    catalog = snapshot.catalog
    rows = np.array(
        [i for i, parent in enumerate(catalog.table["parent"].to_pylist()) if parent is None], dtype=np.int64
    )
    said = [None] * len(catalog) if column is None else labels_of(catalog, column)
    labels = [said[row] for row in rows]
    group = _groups(snapshot)[rows]
    tagged = by_tags([catalog.table["tags"][row].as_py() for row in rows.tolist()])
    if tagged is None:
        queries = by_content(group, [catalog.ids[row] for row in rows], labels)
        gallery = ~queries
    else:
        gallery, queries = tagged
    return Division(
        shapes=tuple(catalog.shapes(rows.tolist())), labels=tuple(labels), group=group, gallery=gallery, queries=queries,
        by="content" if tagged is None else "tags",
    )  # fmt: skip


def labels_of(catalog: Catalog, column: str) -> list[str | None]:
    """Each row's value of a column of words, as text; None where it has none. QueryError where there is no such column."""
    table = catalog.table
    kinds = (pa.types.is_string, pa.types.is_boolean, pa.types.is_integer)
    fit = [name for name in table.column_names if any(kind(table[name].type) for kind in kinds)]
    if column not in fit:
        raise QueryError(f"'{column}' is no column of labels; give one of {', '.join(fit)}")
    return [None if value in (None, "") else str(value) for value in table[column].to_pylist()]


def by_tags(tags: Sequence[Sequence[str]]) -> tuple[Bool[np.ndarray, "n"], Bool[np.ndarray, "n"]] | None:
    """Gallery and queries by the tags `train` and `test`; None where no shape carries `test` alone.

    A shape of both is no query. Where none carries `train`, all that is not `test` is the gallery.
    """
    train = np.array(["train" in one for one in tags], dtype=bool)
    test = np.array(["test" in one for one in tags], dtype=bool) & ~train
    if not test.any():
        return None
    return (train if train.any() else ~test), test


def by_content(
    group: Int64[np.ndarray, "n"],
    ids: Sequence[str],
    labels: Sequence[Hashable],
    *,
    share: float = SHARE,
    salt: str = "query",
) -> Bool[np.ndarray, "n"]:
    """Which shapes are chosen: of each label at most that share, whole groups in the order of a hash of their content.

    The same shapes give the same choice on any machine, in whatever order they came; another `salt` gives another. A
    label of two groups or more has at least one on either side; the only group of a label is not chosen. A group has
    the label of its first id.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row in sorted(range(len(ids)), key=ids.__getitem__):
        members[int(group[row])].append(row)
    by_label: dict[Hashable, list[list[int]]] = defaultdict(list)
    for rows in members.values():
        by_label[labels[rows[0]]].append(rows)
    chosen = np.zeros(len(ids), dtype=bool)
    for of_label in by_label.values():
        of_label.sort(key=lambda rows: hashlib.sha256(f"{salt} {ids[rows[0]]}".encode()).digest())
        for rows in _up_to(share * sum(map(len, of_label)), of_label):
            chosen[rows] = True
    return chosen


def _up_to(most: float, groups: list[list[int]]) -> list[list[int]]:
    """Groups in their order, as far as they fit into so many shapes; where none fits, the first of the smallest, unless
    it is the only one."""
    taken: list[list[int]] = []
    for rows in groups:
        if sum(map(len, taken)) + len(rows) <= most:
            taken.append(rows)
    return taken or ([min(groups, key=len)] if len(groups) > 1 else [])


def _groups(snapshot: Snapshot) -> Int64[np.ndarray, "n"]:
    """A number for each row of the catalog: one for all that may show the same surface, or belong to one assembly.

    Near fingerprint keys are a necessary condition for copies (rescaled, mirrored and remeshed ones too) and cost no
    alignment; what they tie in vain only makes a group larger.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    catalog, n = snapshot.catalog, len(snapshot.catalog)
    near = snapshot.key_pairs(NEIGHBOURS) if n > 1 else np.zeros((0, 2), dtype=np.int64)
    parents = enumerate(catalog.table["parent"].to_pylist())
    owned = [(row, catalog.position[parent]) for row, parent in parents if parent in catalog.position]
    a, b = np.concatenate([near, np.array(owned, dtype=np.int64).reshape(-1, 2)]).T
    _, label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    return label.astype(np.int64)
