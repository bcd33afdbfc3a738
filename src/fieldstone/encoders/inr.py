"""The encoder of neural fields (INRet): a weight file with an encoder for each kind of field, all into one latent.

    field  -> (distilled, where no encoder reads its kind) -+-> rows and lattice -> its kind's encoder -> unit length
    points -> fitted on the fly ----------------------------+

A kind is an architecture with its sizes, and an implicit function. Its id, dim and card are there without torch; encoding
needs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.field_input import field_input
from fieldstone.encoders.learned import card_of
from fieldstone.encoders.on_the_fly import Wanted, functions_of, made
from fieldstone.encoders.protocol import Card
from fieldstone.encoders.weights import FIELDS, Header, check_header, read_header
from fieldstone.errors import EncoderError
from fieldstone.fields.field import Function
from fieldstone.fields.header import record
from fieldstone.fields.layout import layout
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.fields.registry import KINDS
from fieldstone.types import Sampled

if TYPE_CHECKING:
    from fieldstone.encoders.networks.field_towers import FieldTowers

__all__ = ["FieldEncoder", "Kind", "Reader", "checked", "kind_name"]

Kind: TypeAlias = tuple[Architecture, Function]
"""An architecture and an implicit function: each kind has an encoder of its own (INRet, section 3.3)."""
MOST_NUMBERS = 1 << 24
"""Of a field that is made while one is distilled; INRet's hash grid has 2.4 million."""
FINEST = 64
"""N of a lattice at most: a seventh of a gigabyte at 8 features."""


def kind_name(kind: Kind) -> str:
    """As results and weight files write it, "hashgrid-sdf"."""
    return "-".join(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One encoder of a file, as its header tells it."""

    config: Any
    """The configuration that fields of this kind must have: their weights would not fit otherwise."""
    sizes: Any
    """Of the encoder, as JSON values."""

    @property
    def seen(self) -> tuple[int, int, int]:
        """Rows of weights, their length, and features at a place, of fields of these sizes (encoders/field_input.py)."""
        if hasattr(self.config, "hidden"):  # a SIREN has no grid
            return (self.config.layers - 1) * (self.config.hidden + 1), self.config.hidden, 0
        architecture = next(name for name, kind in KINDS.items() if isinstance(self.config, kind.config))
        inputs, neurons = layout(architecture, self.config, 1)["decoder.weight1"].shape
        return int(inputs or 0) + 3, int(neurons or 0), int(inputs or 0) - 3


class FieldEncoder:
    """An `Encoder` whose latent is that of neural fields, whatever their architecture and function; points of surfaces
    join them as fields that are fitted on the fly."""

    def __init__(self, path: str | Path) -> None:
        """The encoders of that file. Raises EncoderError for a file that holds none; tensors load when they are needed."""
        self.path = Path(path)
        self.header: Header = read_header(path)
        self.id, self.dim = self.header.id, self.header.latent
        self.card: Card = card_of(self.header, str(path))
        self.half, self.readers = _read(self.header, str(path))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """That are read as they are; others are distilled first."""
        return tuple(self.readers)

    @property
    def functions(self) -> frozenset[Function]:
        """That some encoder of the file reads: no field of another can be encoded."""
        return frozenset(function for _, function in self.kinds)

    def reads(self, shape: Sampled | NeuralField) -> bool:
        """Whether it goes in as it is: a field of which an encoder knows architecture, sizes and function, and in which
        no axis other than the card's is said to point up."""
        if not isinstance(shape, NeuralField) or not (self.card.up is None or shape.frame.up in (None, self.card.up)):
            return False
        found = self.readers.get((shape.network.architecture, shape.function))
        return found is not None and found.config == shape.network.config

    def kind_of(self, shape: Sampled | NeuralField) -> Kind:
        """The kind of field as which a shape is read: its own, for a field that goes in as it is. Any other field becomes
        the file's first grid with the same function, and points too: an sdf where they have normals, else a udf.

        Raises EncoderError where the file reads no such function.
        """
        if isinstance(shape, NeuralField) and self.reads(shape):
            return shape.network.architecture, shape.function
        able = functions_of(shape)
        grids_first = sorted(self.kinds, key=lambda kind: kind[0] == "siren")
        found = [kind for function in able for kind in grids_first if kind[1] == function]
        if found:
            return found[0]
        raise EncoderError(
            f"{self.id} reads fields of {', '.join(sorted(self.functions))}, not of {able[0]}; give one of those, or train "
            "an encoder that does"
        )

    def prepared(self, batch: Sequence[Sampled | NeuralField]) -> list[NeuralField]:
        """The shapes as fields that are read as they are; those that are such fields already come back themselves.

        Other fields are distilled with the same function (INRet, appendix A.3), and so is one in which another axis than
        the card's points up, after it was turned. Points are fitted on the fly (on_the_fly.py), turned in the same way.
        Points take seconds, about as long as `fieldstone fit`, whose schedule they get; a field takes longer, by the tracing of
        its surface. An axis that no one names counts as the card's. Raises as `encode`.
        """
        from fieldstone.fields.torch_fit import require_torch

        require_torch(self.id)
        wanted: list[Wanted] = []
        for shape in batch:
            if not self.reads(shape):
                kind = self.kind_of(shape)
                wanted.append((shape, *kind, self.readers[kind].config))
        new = iter(made(wanted, self.card.up))
        return [shape if isinstance(shape, NeuralField) and self.reads(shape) else next(new) for shape in batch]

    def encode(self, batch: Sequence[Sampled | NeuralField]) -> Float32[np.ndarray, "batch dim"]:
        """One row of unit length a shape. What is no field that the file reads becomes one first (`prepared`). A row does
        not depend on the others.

        EncoderError where no encoder knows the function, GeometryError where a shape has no points, a coordinate is not
        finite, or a field that is to be distilled holds no surface; MissingExtra without torch.
        """
        fields = self.prepared(batch)
        kinds = [self.kind_of(field) for field in fields]
        seen = [field_input(field.network, self.half) for field in fields]
        return self._towers.rows(list(zip(kinds, seen, strict=True)))

    @cached_property
    def _towers(self) -> "FieldTowers":
        from fieldstone.encoders.networks.field_towers import FieldTowers

        return FieldTowers(self.path, self.header, self.half, self.readers)


def checked(header: Header, path: str) -> Header:
    """The header, where a file that begins with it opens again. EncoderError where it does not."""
    check_header(header, path)
    card_of(header, path)
    _read(header, path)
    return header


def _read(header: Header, path: str) -> tuple[int, dict[Kind, Reader]]:
    """N of the lattice, and the encoders by kind. EncoderError where the header tells of none that could be."""
    found: dict[Kind, Reader] = {}
    half = header.config.get("half")
    try:
        if header.network != FIELDS or type(half) is not int or not 1 <= half <= FINEST:
            raise ValueError("no encoder of fields")
        for name, said in header.config["kinds"].items():
            architecture, function = name.split("-")
            if function not in get_args(Function):
                raise ValueError("no function")
            config = record(said["field"], KINDS[architecture].config, "field")
            if architecture == "siren" and config.layers < 2:
                raise ValueError("no weights that rows could be made of")
            if _numbers(architecture, config) > MOST_NUMBERS:
                raise ValueError("fields beyond all measure")
            found[architecture, function] = Reader(config=config, sizes=said["encoder"])
        if not found:
            raise ValueError("no encoder")
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise EncoderError(
            f"{path}: holds no encoder of neural fields; `fieldstone encoders` lists those that are at hand"
        ) from error
    return half, found


def _numbers(architecture: Architecture, config: Any) -> int:
    """Of a field of these sizes. What its content decides is counted as much as a cube's surface would give: the corners of
    an octree's voxels."""
    surface = sum(6 * 4**level for level in range(config.first, config.last + 1)) if architecture == "octree" else 1
    shapes = [slot.shape for slot in layout(architecture, config, 1).values()]
    return sum(prod(surface if length is None else length for length in shape) for shape in shapes)
