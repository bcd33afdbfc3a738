"""What a library keeps of a surface, in few bytes: points, 16 bits a coordinate, and normals, 8 bits an angle.

Whatever encodes them, at once or years later, sees the same numbers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from fieldstone.library.store import Store, quoted
from fieldstone.types import Axis, PointCloud, Sampled

__all__ = ["kept_samples", "quantise_normals", "quantise_points", "restore_normals", "restore_points", "sample_of"]

LEVELS = 65535
OCTAHEDRON = 127.0
FETCH = 500  # ids named in one filter


def quantise_points(points: Float32[np.ndarray, "n 3"]) -> tuple[bytes, list[float], float]:
    """16 bits a coordinate over the longest side of the bounding box: little-endian codes, low corner, step."""
    low = points.min(axis=0).astype(np.float64)
    step = float((points.max(axis=0) - low).max()) / LEVELS or 1.0
    codes = np.rint((points - low) / step).astype("<u2")
    return codes.tobytes(), [float(x) for x in low], step


def restore_points(codes: bytes, low: Float[np.ndarray, "3"], step: float) -> Float32[np.ndarray, "n 3"]:
    """The points of `quantise_points`, off by half a step at most."""
    grid = np.frombuffer(codes, dtype="<u2").reshape(-1, 3)
    return np.asarray(grid * step + low, dtype=np.float32)


def quantise_normals(normals: Float[np.ndarray, "n 3"]) -> bytes:
    """Two bytes a unit normal: its place on an octahedron unfolded to a square.

    Cigolle, Donow, Evangelakos, Mara, McGuire, Meyer, A survey of efficient representations for independent unit
    vectors, 2014, section 3.5. A zero vector becomes z.
    """
    wide = normals.astype(np.float64)
    spread = np.abs(wide).sum(axis=1, keepdims=True)
    x, y, z = np.where(spread > 0, wide / np.where(spread > 0, spread, 1.0), [0.0, 0.0, 1.0]).T
    side_x, side_y = np.where(x >= 0, 1.0, -1.0), np.where(y >= 0, 1.0, -1.0)
    u = np.where(z >= 0, x, (1.0 - np.abs(y)) * side_x)
    v = np.where(z >= 0, y, (1.0 - np.abs(x)) * side_y)
    return np.rint(np.stack([u, v], axis=1) * OCTAHEDRON).astype(np.int8).tobytes()


def restore_normals(codes: bytes) -> Float32[np.ndarray, "n 3"]:
    """The unit normals of `quantise_normals`, off by a degree at most."""
    u, v = np.frombuffer(codes, dtype=np.int8).reshape(-1, 2).astype(np.float64).T / OCTAHEDRON
    z = 1.0 - np.abs(u) - np.abs(v)
    fold = np.maximum(-z, 0.0)
    normals = np.stack([u - np.copysign(fold, u), v - np.copysign(fold, v), z], axis=1)
    return (normals / np.linalg.norm(normals, axis=1, keepdims=True)).astype(np.float32)


def sample_of(row: Mapping[str, Any], up: Axis | None) -> Sampled:
    """A row of `shapes` as an encoder sees it; without normals where none are kept."""
    points = restore_points(row["points"], np.array(row["points_low"]), row["points_step"])
    normals = None if row.get("normals") is None else restore_normals(row["normals"])
    return Sampled(shape=PointCloud(points, normals), points=points, normals=normals, up=up)


def kept_samples(store: Store, ids: Sequence[str], up: Mapping[str, Axis | None]) -> list[Sampled]:
    """Some contents as an encoder sees them, in their order, each in its own frame and unit; `up` by id."""
    columns = ["id", "points", "points_low", "points_step"]
    columns += ["normals"] * ("normals" in store.schema("shapes").names)
    found: dict[str, Sampled] = {}
    for start in range(0, len(ids), FETCH):
        rows = store.read("shapes", columns, f"id IN {quoted(ids[start : start + FETCH])}").to_pylist()
        found.update((row["id"], sample_of(row, up.get(row["id"]))) for row in rows)
    return [found[key] for key in ids]
