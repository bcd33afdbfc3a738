"""The encoder of neural fields (INRet): a weight file with an encoder for each kind of field, all into one latent.

    field -> (distilled, where no encoder reads its kind) -> rows and lattice -> its kind's encoder -> unit length

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
from fieldstone.encoders.protocol import Card
from fieldstone.encoders.weights import FIELDS, Header, read_header
from fieldstone.errors import EncoderError
from fieldstone.fields.field import Function
from fieldstone.fields.header import record
from fieldstone.fields.layout import layout
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.fields.registry import KINDS

if TYPE_CHECKING:
    from fieldstone.encoders.networks.field_towers import FieldTowers

__all__ = ["FieldEncoder", "Kind", "Reader", "kind_name"]

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
    def seen(self) -> tuple[int, int]:
        """Length of a row of weights, and features at a place, of fields of these sizes (encoders/field_input.py)."""
        if hasattr(self.config, "hidden"):  # a SIREN has no grid
            return self.config.hidden, 0
        architecture = next(name for name, kind in KINDS.items() if isinstance(self.config, kind.config))
        inputs, neurons = layout(architecture, self.config, 1)["decoder.weight1"].shape
        return int(neurons or 0), int(inputs or 0) - 3


class FieldEncoder:
    """Fields to rows of unit length in one latent, whatever their architecture and function."""

    def __init__(self, path: str | Path) -> None:
        """The encoders of that file. Raises EncoderError for a file that holds none; tensors load when they are needed."""
        self.path = Path(path)
        self.header: Header = read_header(path)
        self.id, self.dim = self.header.id, self.header.latent
        self.card: Card = card_of(self.header, "upright", str(path))
        self.half, self.readers = _read(self.header, str(path))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """That are read as they are; others are distilled first."""
        return tuple(self.readers)

    def reads(self, field: NeuralField) -> bool:
        """Whether the field goes in as it is: an encoder knows its architecture, sizes and function."""
        found = self.readers.get((field.network.architecture, field.function))
        return found is not None and found.config == field.network.config

    def encode(self, fields: Sequence[NeuralField]) -> Float32[np.ndarray, "n dim"]:
        """One row a field, in the frame in which it stands. What no encoder reads is distilled to the file's first
        architecture with the same function (INRet, appendix A.3), which takes seconds. A row does not depend on the others.

        EncoderError where no encoder knows the function, MissingExtra without torch.
        """
        from fieldstone.fields.torch_fit import require_torch

        require_torch(self.id)
        towers, seen = self._towers, []
        for field in fields:
            one = field if self.reads(field) else self._distilled(field)
            kind: Kind = (one.network.architecture, one.function)
            seen.append((kind, field_input(one.network, self.half)))
        return towers.rows(seen)

    def _distilled(self, field: NeuralField) -> NeuralField:
        from fieldstone.fields.distil import distil

        for (architecture, function), reader in self.readers.items():
            if function == field.function:
                return distil(field, architecture, config=reader.config, color=False)
        known = ", ".join(sorted({function for _, function in self.kinds}))
        raise EncoderError(
            f"{self.id} reads fields of {known}, not of {field.function}; distil the field, or train one"
        )

    @cached_property
    def _towers(self) -> "FieldTowers":
        from fieldstone.encoders.networks.field_towers import FieldTowers

        return FieldTowers(self.path, self.header, self.half, self.readers)


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
    """Of a field of these sizes; what its content decides does not count."""
    shapes = [slot.shape for slot in layout(architecture, config, 1).values()]
    return sum(prod(length or 1 for length in shape) for shape in shapes)
