"""The encoders by id. A new one is one line in `_HOMES`; another default is one line, `DEFAULT`."""

from functools import cache
from importlib import import_module

from fieldstone.encoders.protocol import Encoder
from fieldstone.errors import EncoderError

__all__ = ["DEFAULT", "available", "get"]

DEFAULT = "fieldstone-descriptor@1"
"""What a library uses unless told otherwise."""

_HOMES = {
    "fieldstone-descriptor@1": "fieldstone.encoders.fused",
    "surflet-pairs@1": "fieldstone.encoders.surflets",
    "near-surflets@1": "fieldstone.encoders.near",
    "centroid-triangles@1": "fieldstone.encoders.triangles",
    "shape-distributions@1": "fieldstone.encoders.distributions",
    "shell-harmonics@1": "fieldstone.encoders.shells",
    "principal-octant@1": "fieldstone.encoders.principal",
    "aligned-grid@1": "fieldstone.encoders.aligned",
}


def available() -> tuple[str, ...]:
    """The ids of every encoder, the default first."""
    return tuple(sorted(_HOMES, key=lambda name: (name != DEFAULT, name)))


@cache
def get(name: str) -> Encoder:
    """The encoder of that id, its code and constants loaded now; EncoderError where there is none."""
    if name not in _HOMES:
        raise EncoderError(f"there is no encoder {name!r}: choose one of {', '.join(available())}")
    encoder: Encoder = import_module(_HOMES[name]).ENCODER
    return encoder
