"""The small picture of a shape: the same eye, light and framing for all, on a transparent background."""

import io

import numpy as np
from jaxtyping import UInt8

from fieldstone.types import Axis, Mesh, PointCloud

__all__ = ["encode_png", "encode_webp", "thumbnail"]

QUALITY = 77


def thumbnail(
    shape: Mesh | PointCloud, *, size: int = 320, up: Axis | None = None
) -> UInt8[np.ndarray, "{size} {size} 4"]:
    """A picture of a shape: sRGB with straight alpha, for white and for dark pages.

    Seen from the front, right and above of the axis `up` (None: z), framed so that every shape fills the same share.
    The same input gives the same bytes. GeometryError where there is nothing to draw.
    """
    from fieldstone.render.camera import three_quarter
    from fieldstone.render.draw import picture

    return picture(shape, three_quarter(up), size)


def encode_webp(image: UInt8[np.ndarray, "h w 4"]) -> bytes:
    """The picture as WebP with alpha: 5 to 6 kB for a usual thumbnail."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(image, "RGBA").save(out, "WEBP", quality=QUALITY, alpha_quality=90, method=2)
    return out.getvalue()


def encode_png(image: UInt8[np.ndarray, "h w 4"]) -> bytes:
    """The picture as PNG, without loss."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(image, "RGBA").save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()
