"""The data of a PLY: every element's columns and lists, in bulk, from text or binary."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Int64, Num

from fieldstone.files.ply_header import Element, Header
from fieldstone.files.source import Source
from fieldstone.files.text import numbers

__all__ = ["Ragged", "Rows", "read_rows"]


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """A list of each row: all entries in one array, and how many each row has."""

    values: Num[np.ndarray, "total"]
    counts: Int64[np.ndarray, "rows"]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One element's data by property name."""

    count: int = 0
    columns: dict[str, Num[np.ndarray, "rows"]] = field(default_factory=dict)
    lists: dict[str, Ragged] = field(default_factory=dict)


def read_rows(source: Source, header: Header) -> dict[str, Rows]:
    """All elements by name; raises BrokenFile where the data is shorter than the header promises."""
    found: dict[str, Rows] = {}
    position, values = header.end, np.zeros(0)
    if header.order == "":
        position, values = 0, numbers(source, source.data[header.end :], "values")
    for element in header.elements:
        if element.name in found:
            raise source.broken(f"names the element {element.name[:40]!r} twice; export it again")
        if header.order == "":
            found[element.name], position = _text_rows(source, element, values, position)
        else:
            found[element.name], position = _binary_rows(source, element, header.order, position)
    return found


def _short(source: Source, element: Element) -> Exception:
    return source.broken(
        f"promises {element.count:,} {element.name[:40]} rows and ends before: it was cut short; copy it again"
    )


def _text_rows(source: Source, element: Element, values: Float64[np.ndarray, "n"], begin: int) -> tuple[Rows, int]:
    lists = [item for item in element.properties if item.length is not None]
    least = element.count * len(element.properties)
    if begin + least > len(values):
        raise _short(source, element)
    if element.count == 0 or not element.properties:
        return _nothing(element), begin
    if not lists:
        grid = values[begin : begin + least].reshape(element.count, -1)
        return Rows(
            element.count, {item.name: grid[:, at] for at, item in enumerate(element.properties)}
        ), begin + least
    first = _first_lengths_text(element, values, begin)
    width = len(element.properties) + sum(first)
    end = begin + element.count * width
    if end <= len(values):
        grid = values[begin:end].reshape(element.count, width)
        rows = _uniform_text(element, grid, first)
        if rows is not None:
            return rows, end
    return _ragged_text(source, element, values, begin)


def _nothing(element: Element) -> Rows:
    nothing = np.zeros(0, dtype=np.int64)
    return Rows(
        0,
        {item.name: np.zeros(0) for item in element.properties if item.length is None},
        {item.name: Ragged(nothing, nothing) for item in element.properties if item.length is not None},
    )


def _first_lengths_text(element: Element, values: Float64[np.ndarray, "n"], begin: int) -> list[int]:
    """How long the lists of the first row are (0 where that is no count)."""
    lengths, position = [], begin
    for item in element.properties:
        length = 0
        if item.length is not None and position < len(values):
            length = int(values[position]) if 0 <= values[position] <= len(values) else 0
            lengths.append(length)
        position += 1 + length
    return lengths


def _uniform_text(element: Element, grid: Float64[np.ndarray, "rows w"], lengths: list[int]) -> Rows | None:
    """All rows with lists as long as the first row's; None where some differ."""
    rows, at, remaining = Rows(element.count), 0, iter(lengths)
    for item in element.properties:
        if item.length is None:
            rows.columns[item.name] = grid[:, at]
            at += 1
            continue
        length = next(remaining)
        if not (grid[:, at] == length).all():
            return None
        rows.lists[item.name] = Ragged(
            grid[:, at + 1 : at + 1 + length].ravel(), np.full(len(grid), length, dtype=np.int64)
        )
        at += 1 + length
    return rows


def _ragged_text(source: Source, element: Element, values: Float64[np.ndarray, "n"], begin: int) -> tuple[Rows, int]:
    from fieldstone.files.ply_rows import walk_numbers

    fixed = _fixed(element, [1] * len(element.properties))
    at = np.zeros((element.count, len(fixed) - 1), dtype=np.int64)
    counts = np.zeros_like(at)
    end = walk_numbers(values, begin, element.count, fixed, at, counts)
    if end < 0:
        raise _short(source, element)
    rows = Rows(element.count)
    for name, offsets in _scalar_offsets(element, [1] * len(element.properties), at, counts, begin):
        rows.columns[name] = values[offsets]
    for number, item in enumerate(prop for prop in element.properties if prop.length is not None):
        rows.lists[item.name] = Ragged(values[_spans(at[:, number], counts[:, number], 1)], counts[:, number].copy())
    return rows, int(end)


def _fixed(element: Element, sizes: list[int]) -> Int64[np.ndarray, "_"]:
    """The room that plain properties take before each list and behind the last one."""
    fixed = [0]
    for item, size in zip(element.properties, sizes, strict=True):
        if item.length is None:
            fixed[-1] += size
        else:
            fixed.append(0)
    return np.array(fixed, dtype=np.int64)


def _spans(starts: Int64[np.ndarray, "r"], counts: Int64[np.ndarray, "r"], size: int) -> Int64[np.ndarray, "n"]:
    """The positions start, start + size, ... of each row's entries, all rows in a line."""
    ends = np.cumsum(counts)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
    spans: Int64[np.ndarray, "n"] = np.repeat(starts, counts) + size * within
    return spans


def _scalar_offsets(
    element: Element,
    sizes: list[int],
    at: Int64[np.ndarray, "rows l"],
    counts: Int64[np.ndarray, "rows l"],
    begin: int,
) -> list[tuple[str, Int64[np.ndarray, "rows"]]]:
    """Where each plain property of each row stands, from the end of the list before it or the row's start."""
    item_sizes = [size for item, size in zip(element.properties, sizes, strict=True) if item.length is not None]
    ends = at + counts * np.array(item_sizes, dtype=np.int64)
    fixed = _fixed(element, sizes)
    row_ends = ends[:, -1] + fixed[-1]
    here = np.concatenate([[begin], row_ends[:-1]])
    found, number, shift = [], 0, 0
    for item, size in zip(element.properties, sizes, strict=True):
        if item.length is None:
            found.append((item.name, here + shift))
            shift += size
        else:
            here, shift, number = ends[:, number], 0, number + 1
    return found


def _binary_rows(source: Source, element: Element, order: str, begin: int) -> tuple[Rows, int]:
    lists = [item for item in element.properties if item.length is not None]
    sizes = [np.dtype(item.length or item.kind).itemsize for item in element.properties]
    if begin + element.count * sum(sizes) > len(source.data):
        raise _short(source, element)
    if element.count == 0 or not element.properties:
        return _nothing(element), begin
    if not lists:
        table = np.frombuffer(source.data, element.scalars(order), element.count, begin)
        return Rows(element.count, {item.name: table[item.name] for item in element.properties}), begin + table.nbytes
    uniform = _uniform_binary(source, element, order, begin)
    return uniform if uniform is not None else _ragged_binary(source, element, order, begin)


def _uniform_binary(source: Source, element: Element, order: str, begin: int) -> tuple[Rows, int] | None:
    """All rows with lists as long as the first row's; None where some differ."""
    parts: list[tuple[str, str] | tuple[str, str, tuple[int]]] = []
    position, lengths = begin, []
    for number, item in enumerate(element.properties):
        if item.length is None:
            parts.append((f"v{number}", order + item.kind))
            position += np.dtype(item.kind).itemsize
            continue
        width = np.dtype(item.length).itemsize
        if position + width > len(source.data):
            return None
        length = int(np.frombuffer(source.data, order + item.length, 1, position)[0])
        if not 0 <= length * np.dtype(item.kind).itemsize <= len(source.data):
            return None
        lengths.append(length)
        parts += [(f"n{number}", order + item.length), (f"v{number}", order + item.kind, (length,))]
        position += width + length * np.dtype(item.kind).itemsize
    row = np.dtype(parts)
    if begin + row.itemsize * element.count > len(source.data):
        return None
    table = np.frombuffer(source.data, row, element.count, begin)
    rows, remaining = Rows(element.count), iter(lengths)
    for number, item in enumerate(element.properties):
        if item.length is None:
            rows.columns[item.name] = table[f"v{number}"]
            continue
        length = next(remaining)
        if not (table[f"n{number}"] == length).all():
            return None
        counts = np.full(element.count, length, dtype=np.int64)
        rows.lists[item.name] = Ragged(table[f"v{number}"].reshape(-1), counts)
    return rows, begin + table.nbytes


def _ragged_binary(source: Source, element: Element, order: str, begin: int) -> tuple[Rows, int]:
    from fieldstone.files.ply_rows import walk_bytes

    lists = [item for item in element.properties if item.length is not None]
    sizes = [np.dtype(item.kind).itemsize for item in element.properties]
    data = np.frombuffer(source.data, dtype=np.uint8)
    at = np.zeros((element.count, len(lists)), dtype=np.int64)
    counts = np.zeros_like(at)
    item_sizes = np.array([np.dtype(item.kind).itemsize for item in lists], dtype=np.int64)
    widths = np.array([np.dtype(str(item.length)).itemsize for item in lists], dtype=np.int64)
    fixed = _fixed(element, sizes)
    end = walk_bytes(data, begin, element.count, fixed, at, counts, item_sizes, widths, order == "<")
    if end < 0:
        raise _short(source, element)
    rows = Rows(element.count)
    kinds = {item.name: item.kind for item in element.properties}
    for name, offsets in _scalar_offsets(element, sizes, at, counts, begin):
        rows.columns[name] = _gather(data, offsets, order + kinds[name])
    for number, item in enumerate(lists):
        spans = _spans(at[:, number], counts[:, number], int(item_sizes[number]))
        rows.lists[item.name] = Ragged(_gather(data, spans, order + item.kind), counts[:, number].copy())
    return rows, int(end)


def _gather(data: Num[np.ndarray, "b"], offsets: Int64[np.ndarray, "n"], kind: str) -> Num[np.ndarray, "n"]:
    """Numbers of one type from any byte offsets."""
    width = np.dtype(kind).itemsize
    return np.ascontiguousarray(data[offsets[:, None] + np.arange(width)]).view(kind).reshape(-1)
