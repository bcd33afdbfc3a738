"""From a field back to a mesh."""

import dataclasses
import math

import numpy as np
from jaxtyping import Float, UInt8

from fieldstone.errors import GeometryError
from fieldstone.fields.blocks import BATCH
from fieldstone.fields.field import Field
from fieldstone.progress import Progress, Silent
from fieldstone.types import Mesh, Paint

__all__ = ["mesh"]

FINEST = 1024
"""The most cells along the cube; the tables of blocks take 0.7 GB then, and eight times as much at twice as many."""
_SILENT = Silent()


def mesh(
    field: Field,
    resolution: int = 128,
    *,
    level: float | None = None,
    colors: bool = True,
    model_frame: bool = True,
    specks: bool = True,
    progress: Progress = _SILENT,
) -> Mesh:
    """The field's surface at `resolution` cells along its cube, in the model's own frame and unit.

    `model_frame=False` leaves it in the field's frame. Signed fields: marching cubes where the field passes `level`
    (None: 0), closed, faces outward. Unsigned fields: where `level` is None the surface itself, open where it is open
    (`udf_surface`); a level above 0 gives the closed surface at that distance. The field's colours become the
    vertices', where it has any. `specks=False` leaves out closed bodies of a few cells, which learnt fields have in the
    void (`specks.CELLS`), and says how many they were. Only blocks that may hold the surface are looked at; `blocks.find_blocks` says what
    that can miss.

    GeometryError where there is no surface within the cube, and for a resolution below 2 or above FINEST.
    """
    if resolution < 2:
        raise GeometryError(f"a resolution of {resolution} cells is too coarse for any surface: take 32 or more")
    if resolution > FINEST:
        raise GeometryError(
            f"a lattice of {resolution} cells along the cube takes too much memory: take up to {FINEST}"
        )
    if level is not None and not math.isfinite(level):
        raise GeometryError(f"there is no surface at level {level}: give a number")
    if field.function == "udf" and level is None:
        from fieldstone.fields.udf_surface import udf_surface

        surface = udf_surface(field, resolution, progress)
    else:
        from fieldstone.fields.signed_surface import signed_surface

        surface = signed_surface(field, resolution, 0.0 if level is None else level, progress)
    if not specks:
        from fieldstone.fields.specks import without_specks

        surface, count = without_specks(surface, 2.0 / resolution)
        progress.note(f"{count:,} specks of a few cells were left out")
    if colors:
        surface = dataclasses.replace(surface, paint=_paint(field, surface.vertices))
    return field.frame.back(surface) if model_frame else surface


def _paint(field: Field, vertices: Float[np.ndarray, "n 3"]) -> Paint | None:
    parts = [field.colors(vertices[start : start + BATCH]) for start in range(0, len(vertices), BATCH)]
    known = [part for part in parts if part is not None]
    if not known:
        return None
    painted: UInt8[np.ndarray, "n 4"] = np.full((len(vertices), 4), 255, dtype=np.uint8)
    painted[:, :3] = np.rint(np.concatenate(known) * 255.0)
    return Paint(vertex=painted)
