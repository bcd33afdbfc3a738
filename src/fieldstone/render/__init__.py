"""Pictures of shapes without a display: thumbnails, contact sheets, views, turntables, overlays; and rays."""

from fieldstone.render.rays import RayHits, Scene
from fieldstone.render.thumbnail import encode_png, encode_webp, thumbnail

__all__ = ["RayHits", "Scene", "encode_png", "encode_webp", "thumbnail"]
