"""The encoders by id. A new formula is one line in `_HOMES`; the learned ones come from weight files."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fieldstone.encoders.learned import DESCRIPTOR, Learned, has_torch
from fieldstone.encoders.protocol import Encoder
from fieldstone.encoders.weights import FIELDS as OF_FIELDS
from fieldstone.encoders.weights import read_header
from fieldstone.errors import EncoderError

if TYPE_CHECKING:
    from fieldstone.encoders.inr import FieldEncoder

__all__ = ["BASE", "DESCRIPTOR", "FIELDS", "UPRIGHT", "available", "default", "formulas", "get", "of_file", "shipped"]

BASE = "fieldstone-base@1"
"""The learned encoder that ships: shapes in any pose, words, pictures."""
UPRIGHT = "fieldstone-base-upright@1"
"""The same network, for shapes whose up axis can be trusted."""
FIELDS = "fieldstone-fields@2"
"""The encoder of neural fields; meshes and clouds are fitted on the fly, in seconds each."""
WEIGHTS = Path(__file__).with_name("fieldstone-base-1.safetensors")
"""The file of the first two."""
FIELD_WEIGHTS = Path(__file__).with_name("fieldstone-fields-2.safetensors")
"""The file of the third."""

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


def default() -> str:
    """What a new library uses unless told otherwise: the learned base where it can run, else the descriptor."""
    return BASE if has_torch() else DESCRIPTOR


def available() -> tuple[str, ...]:
    """The ids of every encoder that can run here, the default first."""
    learned = shipped() if has_torch() else ()
    return tuple(sorted((*learned, *_HOMES), key=lambda name: (name != default(), name)))


def shipped() -> tuple[str, ...]:
    """The ids of the learned encoders whose weights come with the package, whether or not they can run here."""
    return BASE, UPRIGHT, FIELDS


def formulas() -> tuple[str, ...]:
    """The ids of the descriptors by formula, which need no torch."""
    return tuple(_HOMES)


def get(name: str) -> Encoder:
    """The encoder of that id; EncoderError where there is none.

    Without torch the learned ones still tell their dim and card, and raise MissingExtra when they are to encode.
    """
    if name in (BASE, UPRIGHT):
        return _learned(WEIGHTS, name == UPRIGHT)
    if name == FIELDS:
        return _of_file(FIELD_WEIGHTS)
    if name not in _HOMES:
        raise EncoderError(f"there is no encoder {name!r}: choose one of {', '.join(available())}")
    return _formula(name)


def of_file(path: str | Path) -> "Learned | FieldEncoder":
    """The encoder of a weight file: of neural fields, or of points. EncoderError for a file that holds none."""
    if read_header(path).network != OF_FIELDS:
        return Learned(path)
    from fieldstone.encoders.inr import FieldEncoder

    return FieldEncoder(path)


@cache
def _formula(name: str) -> Encoder:
    encoder: Encoder = import_module(_HOMES[name]).ENCODER
    return encoder


@cache
def _learned(path: Path, upright: bool) -> Learned:
    return Learned(path, upright=upright)


@cache
def _of_file(path: Path) -> "Learned | FieldEncoder":
    return of_file(path)
