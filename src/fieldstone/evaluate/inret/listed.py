"""Shapes of a user's own, named in a CSV: which to learn from, and which to ask."""

import csv
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import get_args

from fieldstone.errors import FileError, GeometryError
from fieldstone.evaluate.inret.shapes import Selection, Shape
from fieldstone.files import Limits, open_bytes
from fieldstone.files.scanning import entry_of
from fieldstone.library.reading import read
from fieldstone.types import Axis, Mesh

__all__ = ["listed"]

COLUMNS = ("path", "split", "category")
"""That every list has; `up` may stand beside them, others are passed over."""
SPLITS = ("train", "test")


def listed(path: str | Path, *, limits: Limits | None = None) -> Selection:
    """The shapes that a CSV names, in the CSV's order, each in its own frame and unit; all are read now.

    Columns: `path`, from the CSV's folder; `split`, train or test; `category`; and, where wanted, `up`: x, y or z, over what
    the file says. A file is whatever a library takes as a mesh, neural fields included.

    Raises FileError, with the CSV's name and the line, where a line says none of this, its file cannot be read or is no
    mesh, or stands in another line too; and where there is too little: two categories to learn, two shapes to ask.
    """
    source, bounds = Path(path), limits or Limits()
    parts: dict[str, list[Shape]] = {split: [] for split in SPLITS}
    seen: dict[Path, int] = {}
    for line, row in _rows(source, bounds):
        wrong = _wrong(row)
        place = (source.parent / row["path"]).absolute()
        if not wrong and place in seen:
            wrong = f"{row['path']} stands in line {seen[place]} already; name each shape once"
        if wrong:
            raise FileError(source, f"line {line}: {wrong}")
        seen[place] = line
        parts[row["split"]].append(_shape(source, line, row, bounds))
    _check(source, parts["train"], parts["test"])
    return Selection(name=source.stem, train=tuple(parts["train"]), test=tuple(parts["test"]))


def _rows(source: Path, limits: Limits) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of each line that is not empty, after the first, by the names that the first gives."""
    try:
        text = open_bytes(entry_of(source, limits), limits).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(source, "is not UTF-8; save it as a CSV in UTF-8") from error
    reader = csv.reader(text.splitlines(), strict=True)
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


def _shape(source: Path, line: int, row: dict[str, str], limits: Limits) -> Shape:
    """The line's shape, read."""
    up: Axis | None = row.get("up") or None  # type: ignore[assignment]
    try:
        model = read(source.parent / row["path"], limits=limits, up=up)
    except (FileError, GeometryError) as error:
        raise FileError(source, f"line {line}: {error}") from error
    if not isinstance(model.shape, Mesh):
        reason = f"line {line}: {row['path']} is a cloud of points, and fields are fitted to meshes; leave it out"
        raise FileError(source, reason)
    name = str(PurePosixPath(row["path"]).with_suffix(""))
    return Shape(name=name, category=row["category"], mesh=model.shape, up=model.up)


def _check(source: Path, train: list[Shape], test: list[Shape]) -> None:
    if len({shape.category for shape in train}) < 2:
        raise FileError(source, "has train shapes of fewer than two categories, and nothing to tell apart; list more")
    if len(test) < 2:
        raise FileError(source, "has fewer than two test shapes, and each is looked up among the others; list more")
