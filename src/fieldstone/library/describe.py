"""From geometry to everything that a library keeps of it: measures, health, fingerprint, points, embedding, thumbnail.

    bytes -> reading.read_bytes -> measure, health -> sample -> fingerprint -> encoder -> thumbnail -> Content

One shape at a time, in a worker process; numpy only.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders import Encoder
from fieldstone.errors import FileError, GeometryError
from fieldstone.files import Entry, Limits, beside_of, open_bytes
from fieldstone.geometry.distance import sign_confidence
from fieldstone.geometry.fingerprint import BodyMark, body_fingerprints, fingerprint, fingerprint_cloud
from fieldstone.geometry.health import health
from fieldstone.geometry.measure import measures
from fieldstone.geometry.sample import sample_cloud, sample_surface
from fieldstone.geometry.weld import weld
from fieldstone.library.evidence import Record
from fieldstone.library.kept import quantise_normals, quantise_points
from fieldstone.render import encode_webp, thumbnail
from fieldstone.types import Axis, Mesh, Model, PointCloud, Sampled, Unit

__all__ = ["N_POINTS", "Content", "contents", "examine", "open_content"]

N_POINTS = 4096
"""Surface points kept of each shape: for evidence, re-ranking and encoders that come later."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Content:
    """What is kept of one shape: a row of `shapes`, its rows of `bodies`, and its embedding by formula."""

    row: dict[str, Any]
    bodies: list[dict[str, Any]]
    embedding: Float32[np.ndarray, "dim"]
    up: Axis | None
    """The axis that points up, as the user or the file says."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Examined:
    """A shape, its points, and what evidence is judged on."""

    sampled: Sampled
    record: Record


def open_content(entry: Entry, limits: Limits) -> tuple[bytes, str]:
    """The bytes of a file and the id of its content: the first 32 hex digits of their SHA-256.

    A .gltf keeps its geometry in the files beside it, so those count too. Raises FileError where it cannot be opened.
    """
    data = open_bytes(entry, limits)
    digest = hashlib.sha256(data)
    if entry.source.lower().endswith(".gltf"):
        beside = beside_of(entry, limits)
        for name in sorted(set(re.findall(rb'"uri"\s*:\s*"([^":]+)"', data))):  # no colon: not data:, not http:
            with suppress(FileError, UnicodeDecodeError):
                digest.update(beside.get(name.decode()))
    return data, digest.hexdigest()[:32]


def examine(shape: Mesh | PointCloud, unit: Unit | None, up: Axis | None = None) -> Examined:
    """Sample a shape and take its fingerprints; the same for a row that comes in and for a query.

    Raises GeometryError where a mesh has no area.
    """
    generator = np.random.default_rng(0)  # one seed for all: the same mesh, however it is placed, gives the same points
    if isinstance(shape, Mesh):
        welded = weld(shape)
        samples = sample_surface(shape, N_POINTS, generator)
        sampled = Sampled(shape=shape, points=samples.points, normals=samples.normals, up=up)
        marks, bodies, n_faces = fingerprint(welded), body_fingerprints(welded), len(shape.faces)
    else:
        cloud = sample_cloud(shape, N_POINTS, generator)
        normals = None if cloud.normals is None else cloud.normals.astype(np.float32)
        sampled = Sampled(shape=shape, points=cloud.points.astype(np.float32), normals=normals, up=up)
        marks, bodies, n_faces = fingerprint_cloud(shape), (), 0
    record = Record(
        points=sampled.points,
        fingerprint=marks,
        bodies=bodies,
        n_faces=n_faces,
        unit=unit,
        kind="mesh" if isinstance(shape, Mesh) else "cloud",
    )
    return Examined(sampled=sampled, record=record)


def contents(model: Model, whole_id: str, encoder: Encoder, up: Axis | None) -> Iterator[Content]:
    """The whole, then each distinct part. Raises GeometryError where the whole cannot be measured."""
    up = up or model.up
    yield _content(model, model.shape, whole_id, encoder, up, notes=model.notes)
    for number, part in enumerate(model.parts):
        part_id = hashlib.sha256(f"{whole_id}/{number}/{part.name}".encode()).hexdigest()[:32]
        try:
            count = len(part.placements)
            yield _content(model, part.shape, part_id, encoder, up, parent=whole_id, name=part.name, count=count)
        except GeometryError:
            continue  # a part without area is counted in the whole's faces and cannot be looked for


def _content(
    model: Model,
    shape: Mesh | PointCloud,
    shape_id: str,
    encoder: Encoder,
    up: Axis | None,
    *,
    notes: tuple[str, ...] = (),
    parent: str | None = None,
    name: str | None = None,
    count: int = 1,
) -> Content:
    examined = examine(shape, model.unit, up)
    normals = examined.sampled.normals
    codes, low, step = quantise_points(examined.sampled.points)
    row = {
        "id": shape_id,
        "parent": parent,
        "count": count,
        "name": name or model.name,
        "format": model.metadata.get("format", ""),
        "unit": model.unit,
        "up": model.up,
        "metadata": json.dumps(dict(model.metadata) if parent is None else {}, sort_keys=True),
        "added": datetime.now(UTC).isoformat(timespec="seconds"),
        "fingerprint": examined.record.fingerprint.vector.tolist(),
        "points": codes,
        "points_low": low,
        "points_step": step,
        "thumbnail": encode_webp(thumbnail(shape, up=up)),
        "normals": None if normals is None or not np.isfinite(normals).all() else quantise_normals(normals),
        **(_mesh_columns(shape, notes) if isinstance(shape, Mesh) else _cloud_columns(shape, notes)),
    }
    bodies = [_body_row(shape_id, mark) for mark in examined.record.bodies]
    return Content(row=row, bodies=bodies, embedding=encoder.encode([examined.sampled])[0], up=up)


def _body_row(shape_id: str, body: BodyMark) -> dict[str, Any]:
    return {
        "id": shape_id,
        "count": body.count,
        "n_faces": body.n_faces,
        "fingerprint": body.fingerprint.vector.tolist(),
    }


def _extents(sides: Sequence[float]) -> dict[str, float]:
    width, depth, height = (float(side) for side in sides)
    return {"width": width, "depth": depth, "height": height, "diagonal": math.hypot(width, depth, height)}


def _mesh_columns(mesh: Mesh, notes: tuple[str, ...]) -> dict[str, Any]:
    size, state = measures(mesh), health(mesh)
    return {
        "kind": "mesh",
        "n_vertices": len(mesh.vertices),
        "n_faces": len(mesh.faces),
        **_extents(size.extents),
        "area": size.area,
        "volume": state.volume,
        "watertight": state.watertight,
        "oriented": state.oriented,
        "n_bodies": state.n_bodies,
        "n_degenerate": state.n_degenerate,
        "n_non_manifold": state.n_non_manifold,
        "n_boundary": state.n_boundary,
        "sign_confidence": sign_confidence(mesh, np.random.default_rng(0)),
        "notes": [*notes, *state.notes],
    }


def _cloud_columns(cloud: PointCloud, notes: tuple[str, ...]) -> dict[str, Any]:
    nothing = {"n_faces": 0, "n_bodies": 0, "n_degenerate": 0, "n_non_manifold": 0, "n_boundary": 0}
    return {
        "kind": "cloud",
        "n_vertices": len(cloud.points),
        **_extents(np.ptp(cloud.points, axis=0).tolist()),
        **nothing,
        "area": None,
        "volume": None,
        "watertight": False,
        "oriented": False,
        "sign_confidence": None,
        "notes": list(notes),
    }
