"""A picture as the image tower sees it: the object alone, square, grey on nothing.

Photographs are not what the tower learned; rendered views and drawings are. The ground is what the corners agree on (or
the alpha channel says); lines on paper stay lines.
"""

import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8

from fieldstone.errors import GeometryError

__all__ = ["MARGIN", "picture"]

MARGIN = 0.06
"""Of the picture's side left free around the object."""
APART = 24.0
"""Steps of 255 by which the object differs from the ground."""
LINES = 0.5
"""A picture whose marks cover less than this share of what they enclose is a drawing."""


def picture(rgba: UInt8[np.ndarray, "h w 4"], size: int) -> Float32[np.ndarray, "{size} {size} 2"]:
    """Grey in [-1, 1] (0 where there is nothing) and coverage in [0, 1], the object centred and filling the square.

    Raises GeometryError where the picture is of one colour.
    """
    grey = rgba[..., :3].astype(np.float64) @ [0.299, 0.587, 0.114]
    seen = _object(rgba)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        raise GeometryError("the picture is of one colour: give one that shows an object on a plain ground")
    top, left = rows[0], columns[0]
    height, width = rows[-1] + 1 - top, columns[-1] + 1 - left
    side = int(np.rint(max(height, width) * (1.0 + 2.0 * MARGIN)))
    square = np.zeros((side, side, 2))
    y, x = (side - height) // 2, (side - width) // 2
    here = (slice(top, top + height), slice(left, left + width))
    square[y : y + height, x : x + width, 0] = (grey[here] / 127.5 - 1.0) * seen[here]
    square[y : y + height, x : x + width, 1] = seen[here]
    return _resized(square, size).astype(np.float32)


def _object(rgba: UInt8[np.ndarray, "h w 4"]) -> Bool[np.ndarray, "h w"]:
    """Where the object is: by alpha where there is any, else where the colour is not that of the corners; of a drawing,
    what its lines enclose."""
    if (rgba[..., 3] < 128).any():
        found: Bool[np.ndarray, "h w"] = rgba[..., 3] >= 128
        return found
    from scipy.ndimage import binary_fill_holes

    corners = rgba[[0, 0, -1, -1], [0, -1, 0, -1], :3].astype(np.float64)
    apart: Bool[np.ndarray, "h w"] = np.abs(rgba[..., :3] - np.median(corners, axis=0)).max(axis=2) > APART
    whole: Bool[np.ndarray, "h w"] = binary_fill_holes(apart)
    return whole if apart.sum() < LINES * whole.sum() else apart


def _resized(square: Float[np.ndarray, "side side 2"], size: int) -> Float[np.ndarray, "{size} {size} 2"]:
    """Each new pixel is the mean of the area that it covers, by sums over the picture."""
    side = len(square)
    sums = np.zeros((side + 1, side + 1, 2))
    sums[1:, 1:] = square.cumsum(axis=0).cumsum(axis=1)
    edges = np.linspace(0.0, side, size + 1)
    whole = np.minimum(edges.astype(int), side - 1)
    share = (edges - whole)[:, None, None]
    across = sums[whole] * (1.0 - share) + sums[whole + 1] * share
    share = (edges - whole)[None, :, None]
    both = across[:, whole] * (1.0 - share) + across[:, whole + 1] * share
    return np.diff(np.diff(both, axis=0), axis=1) * (size / side) ** 2
