"""Pictures of shapes without a display: thumbnails, contact sheets, views, turntables, overlays; and rays."""

from fieldstone.render.overlay import overlay
from fieldstone.render.rays import RayHits, Scene
from fieldstone.render.sheet import contact_sheet
from fieldstone.render.thumbnail import encode_png, encode_webp, thumbnail
from fieldstone.render.views import Views, ring, turntable, views

__all__ = [
    "RayHits",
    "Scene",
    "Views",
    "contact_sheet",
    "encode_png",
    "encode_webp",
    "overlay",
    "ring",
    "thumbnail",
    "turntable",
    "views",
]
