"""Pages and pictures of a library: what `report`, `map` and `search --report` write."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fieldstone.errors import FileError, GeometryError, QueryError
from fieldstone.files.picture import is_picture, read_picture
from fieldstone.library.duplicates import Group
from fieldstone.library.layout import map_places
from fieldstone.library.library import Library
from fieldstone.library.pages import (
    DuplicateGroup,
    HitView,
    QueryView,
    Refused,
    ReportData,
    render_hits,
    render_map_html,
    render_map_png,
    render_report,
)
from fieldstone.library.question import is_file
from fieldstone.library.reading import read
from fieldstone.library.save import write_bytes, write_text
from fieldstone.library.search import Answer
from fieldstone.library.shape import Hit, Shape
from fieldstone.library.units import unit_doubts
from fieldstone.progress import Progress
from fieldstone.render import encode_png, encode_webp, overlay, thumbnail
from fieldstone.types import Mesh, PointCloud

__all__ = ["write_hits", "write_map", "write_report"]

PICTURE = 320
"""Pixels along a picture that was asked with, at most."""


def write_report(library: Library, path: str | Path, *, progress: Progress | None = None) -> None:
    """One HTML file: contact sheet, health, units that look wrong, duplicates, sizes, refused files."""
    shapes = library.shapes()
    groups = library.duplicates(progress=progress)
    pictures = dict(zip((shape.id for shape in shapes), library.thumbnails(shapes), strict=True))
    data = ReportData(
        title=Path(library.uri).stem,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        shapes=tuple(shapes),
        thumbnails=pictures,
        duplicates=tuple(_shown(group) for group in groups if len(group.members) > 1),
        doubts=tuple(unit_doubts(shapes, groups)),
        refused=tuple(Refused(path=source, reason=reason) for source, reason in library.refused()),
        n_bytes=library.size_on_disk(),
    )
    write_text(path, render_report(data))


def _shown(group: Group) -> DuplicateGroup:
    shapes = tuple(member.shape for member in group.members)
    return DuplicateGroup(shapes=shapes, evidence=tuple(member.evidence for member in group.members[1:]))


def write_hits(library: Library, query: Mesh | PointCloud | str | Path, answer: Answer, path: str | Path) -> None:
    """Query and hits side by side, and overlaid in the found pose, as one HTML file."""
    shape, view = _query(library, query)
    pictures = library.thumbnails([hit.shape for hit in answer.hits])
    views = [
        HitView(hit=hit, thumbnail=picture, overlay=None if shape is None else _overlay(library, shape, hit))
        for hit, picture in zip(answer.hits, pictures, strict=True)
    ]
    write_text(path, render_hits(view, views))


def _query(library: Library, query: Mesh | PointCloud | str | Path) -> tuple[Mesh | PointCloud | None, QueryView]:
    """The geometry of a query, None for words; and how the page shows it."""
    if isinstance(query, Mesh | PointCloud):
        return query, QueryView(name="query", thumbnail=encode_webp(thumbnail(query)))
    if is_picture(query) and is_file(query):
        pixels = read_picture(query)
        step = -(-max(pixels.shape[:2]) // PICTURE)
        return None, QueryView(name=Path(query).name, source=str(query), thumbnail=encode_webp(pixels[::step, ::step]))
    try:
        model = read(query)
        picture = encode_webp(thumbnail(model.shape, up=model.up))
        return model.shape, QueryView(name=model.name, source=str(query), thumbnail=picture)
    except FileError:
        pass  # not a file: a shape of the library, or words
    try:
        row = library.shape(str(query))
    except QueryError:
        return None, QueryView(name=str(query))
    picture = library.thumbnails([row])[0]
    return _geometry(library, row), QueryView(name=row.name, source=row.source, shape=row, thumbnail=picture)


def _geometry(library: Library, shape: Shape) -> Mesh | PointCloud:
    """A shape as its file has it, or, where that went or it is a part, as the points that the library keeps."""
    if shape.parent is None:
        try:
            return read(shape.source).shape
        except (FileError, GeometryError):
            pass
    return PointCloud(library.points(shape).astype(np.float64))


def _overlay(library: Library, query: Mesh | PointCloud, hit: Hit) -> bytes | None:
    if hit.pose is None:
        return None
    pose = np.eye(4)
    pose[:3, :3] = hit.pose.scale * hit.pose.rotation
    pose[:3, 3] = hit.pose.translation
    try:
        return encode_webp(overlay(query, _geometry(library, hit.shape), pose))
    except GeometryError:
        return None


def write_map(library: Library, path: str | Path, *, where: str | None = None) -> None:
    """The library as a map, .html or .png. Raises QueryError for another ending or where no shape is left."""
    path = Path(path)
    if path.suffix.lower() not in (".html", ".png"):
        raise QueryError(f"cannot draw a map as '{path.suffix}'; name an .html or .png file")
    shapes = library.shapes(where)
    if not shapes:
        raise QueryError("there is no shape to draw; widen --where, or add shapes")
    places = map_places(library.embeddings(shapes))
    pictures = dict(zip((shape.id for shape in shapes), library.thumbnails(shapes), strict=True))
    if path.suffix.lower() == ".html":
        write_text(path, render_map_html(places, shapes, pictures, title=Path(library.uri).stem))
    else:
        write_bytes(path, encode_png(render_map_png(places, shapes, pictures)))
