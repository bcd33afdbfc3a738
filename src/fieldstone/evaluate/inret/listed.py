"""Shapes of a user's own, named in a CSV: which to learn from, and which to ask."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import TypeAlias, get_args

from fieldstone.errors import FileError, GeometryError
from fieldstone.evaluate.inret.shapes import Selection, Shape
from fieldstone.files import Limits, open_bytes
from fieldstone.files.scanning import entry_of
from fieldstone.geometry.normalise import apply, turn_up
from fieldstone.library.reading import read
from fieldstone.progress import Progress, Silent
from fieldstone.types import Axis, Mesh

__all__ = ["listed"]

COLUMNS = ("path", "split", "category")
"""That every list has; `up` may stand beside them, others are passed over."""
SPLITS = ("train", "test")
UP: Axis = "z"
"""The axis to which all shapes are turned whose up axis is known."""
Line: TypeAlias = tuple[int, dict[str, str]]
"""Its number, and its cells by the names that the first line gives."""


def listed(path: str | Path, *, limits: Limits | None = None, progress: Progress | None = None) -> Selection:
    """The shapes that a CSV names, in the CSV's order, each in its own unit; all are read now.

    Columns: `path`, from the CSV's folder; `split`, train or test; `category`; and, where wanted, `up`: x, y or z, over what
    the file says. A file is whatever a library takes as a mesh, neural fields included. Where the up axes are known, all
    shapes are turned upright, z up; where none is, they stay as they are.

    Raises FileError, with the CSV's name and the line, where a line says none of this, its file cannot be read or is no
    mesh, is the same shape as another line's, or says no up axis while others do; and where there is too
    little: two categories to learn, two shapes to ask.
    """
    source, bounds, told = Path(path), limits or Limits(), progress or Silent()
    lines = list(_lines(source, bounds))
    _check_lines(source, lines)
    shapes: dict[int, Shape] = {}
    told.start("reading shapes", len(lines))
    for number, row in lines:
        shapes[number] = _shape(source, number, row, bounds)
        told.advance(1, row["path"])
    told.finish()
    _check_shapes(source, shapes)
    train, test = (tuple(shapes[number] for number, row in lines if row["split"] == split) for split in SPLITS)
    return Selection(name=source.stem, train=train, test=test)


def _lines(source: Path, limits: Limits) -> Iterator[Line]:
    """Each line that is not empty, after the first."""
    try:
        text = open_bytes(entry_of(source, limits), limits).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(source, "is not UTF-8; save it as a CSV in UTF-8") from error
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            asked = ",".join(COLUMNS)
            raise FileError(source, f"has no column {missing[0]!r}; let its first line be {asked} or {asked},up")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                values = [cell.strip() for cell in cells] + [""] * len(names)
                yield reader.line_num, dict(zip(names, values, strict=False))
    except csv.Error as error:
        raise FileError(
            source, f"line {reader.line_num}: is no line of a CSV ({error}); save the list again"
        ) from error


def _check_lines(source: Path, lines: Sequence[Line]) -> None:
    """What can be known before a shape is read."""
    seen: dict[Path, int] = {}
    for number, row in lines:
        wrong = _wrong(row)
        before = seen.setdefault((source.parent / row["path"]).absolute(), number)
        if not wrong and before != number:
            wrong = f"{row['path']} stands in line {before} already; name each shape once"
        if wrong:
            raise FileError(source, f"line {number}: {wrong}")
    if len({row["category"] for _, row in lines if row["split"] == "train"}) < 2:
        raise FileError(source, "has train shapes of fewer than two categories, and nothing to tell apart; list more")
    if sum(row["split"] == "test" for _, row in lines) < 2:
        raise FileError(source, "has fewer than two test shapes, and each is looked up among the others; list more")


def _wrong(row: dict[str, str]) -> str:
    """What is wrong with a line's cells; empty where nothing is."""
    empty = [name for name in COLUMNS if not row[name]]
    if empty:
        return f"has no {empty[0]}; give one"
    if row["split"] not in SPLITS:
        return f"split {row['split']!r} is neither train nor test; write one of them"
    if row.get("up") and row["up"] not in get_args(Axis):
        return f"up {row['up']!r} is no axis; write x, y or z, or leave it empty"
    return ""


def _shape(source: Path, number: int, row: dict[str, str], limits: Limits) -> Shape:
    """The line's shape, read, and turned upright where its up axis is known."""
    up: Axis | None = row.get("up") or None  # type: ignore[assignment]
    try:
        model = read(source.parent / row["path"], limits=limits, up=up)
    except (FileError, GeometryError) as error:
        raise FileError(source, f"line {number}: {error}") from error
    mesh = model.shape
    if not isinstance(mesh, Mesh):
        reason = f"line {number}: {row['path']} is a cloud of points, and fields are fitted to meshes; leave it out"
        raise FileError(source, reason)
    name = str(PurePosixPath(row["path"]).with_suffix(""))
    if model.up is not None:
        mesh = apply(turn_up(model.up, UP), mesh)
    return Shape(name=name, category=row["category"], mesh=mesh, up=None if model.up is None else UP)


def _check_shapes(source: Path, shapes: Mapping[int, Shape]) -> None:
    """What is known when all are read: whether all stand upright, and whether each is there once."""
    upright = {number: shape.up is not None for number, shape in shapes.items()}
    if len(set(upright.values())) > 1:
        lost, known = (next(n for n, stands in upright.items() if stands is said) for said in (False, True))
        raise FileError(
            source,
            f"line {lost}: nothing says which axis of {shapes[lost].name} points up, and of {shapes[known].name} in line "
            f"{known} it is known; give each shape its axis in a column up",
        )
    seen: dict[str, int] = {}
    for number, shape in shapes.items():
        before = seen.setdefault(shape.digest, number)
        if before != number:
            reason = f"line {number}: {shape.name} is the same shape as line {before}'s; name each shape once"
            raise FileError(source, reason)
