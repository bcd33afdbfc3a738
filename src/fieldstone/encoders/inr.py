"""The encoder of neural fields (INRet): a weight file with an encoder for each kind of field, all into one latent.

    field -> (distilled, where no encoder reads its kind) -> rows and lattice -> its kind's encoder -> unit length

A kind is an architecture with its sizes, and an implicit function. Its id and card are there without torch; encoding
needs it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.field_input import field_input
from fieldstone.encoders.weights import Header, open_weights, read_header, save
from fieldstone.errors import EncoderError
from fieldstone.fields.field import Function
from fieldstone.fields.layout import layout
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.fields.registry import KINDS

if TYPE_CHECKING:
    from fieldstone.encoders.networks.inr import Inr

__all__ = ["NETWORK", "FieldEncoder", "Kind", "kind_name", "save_encoders"]

NETWORK = "inr"
"""What a weight file of encoders of fields says as its network."""
Kind = tuple[Architecture, Function]
"""An architecture and an implicit function: each kind has an encoder of its own (INRet, section 3.3)."""


def kind_name(kind: Kind) -> str:
    """As results and weight files write it, "hashgrid-sdf"."""
    return "-".join(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """One encoder of the file, as its header tells it."""

    kind: Kind
    config: Any
    """The configuration that fields of this kind must have: their weights would not fit otherwise."""
    sizes: Mapping[str, Any]
    """Of the encoder."""


class FieldEncoder:
    """Fields to rows of unit length in one latent, whatever their architecture and function."""

    def __init__(self, path: str | Path) -> None:
        """The encoders of that file. Raises EncoderError for a file that holds none; tensors load when they are needed."""
        self.path = Path(path)
        self.header: Header = read_header(path)
        self.id, self.dim = self.header.id, self.header.latent
        self._readers = _readers(self.header, str(path))
        self._half = int(self.header.config.get("half", 0))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """That are read as they are; others are distilled first."""
        return tuple(self._readers)

    def reads(self, field: NeuralField) -> bool:
        """Whether the field goes in as it is: an encoder knows its architecture, sizes and function."""
        found = self._readers.get((field.network.architecture, field.function))
        return found is not None and found.config == field.network.config

    def encode(self, fields: Sequence[NeuralField]) -> Float32[np.ndarray, "n dim"]:
        """One row a field, in the frame in which it stands. What no encoder reads is distilled to the file's first
        architecture with the same function (INRet, appendix A.3), which takes seconds. A row does not depend on the others.

        EncoderError where no encoder knows the function, MissingExtra without torch.
        """
        from fieldstone.fields.torch_fit import require_torch

        require_torch(self.id)
        rows = [self._row(field if self.reads(field) else self._distilled(field)) for field in fields]
        return np.stack(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)

    def _row(self, field: NeuralField) -> Float32[np.ndarray, "dim"]:
        import torch

        from fieldstone.encoders.networks.inr import Fields

        seen = field_input(field.network, self._half)
        grid = None if seen.grid is None else torch.from_numpy(np.ascontiguousarray(seen.grid))[None]
        with torch.inference_mode():
            network = self._networks[field.network.architecture, field.function]
            row = network(Fields(torch.from_numpy(seen.rows)[None], grid))[0].double()
            found: Float32[np.ndarray, "dim"] = torch.nn.functional.normalize(row, dim=0).float().numpy()
        return found

    def _distilled(self, field: NeuralField) -> NeuralField:
        from fieldstone.fields.distil import distil

        for (architecture, function), reader in self._readers.items():
            if function == field.function:
                return distil(field, architecture, config=reader.config, color=False)
        known = ", ".join(sorted({function for _, function in self.kinds}))
        raise EncoderError(
            f"{self.id} reads fields of {known}, not of {field.function}; distil the field, or train one"
        )

    @cached_property
    def _networks(self) -> "dict[Kind, Inr]":
        import torch

        from fieldstone.encoders.networks.build import filled, sizes
        from fieldstone.encoders.networks.inr import Config, Inr

        header, tensors = open_weights(self.path)
        if header != self.header:
            raise EncoderError(f"{self.path}: changed while it was open; open it again")
        networks = {}
        for kind, reader in self._readers.items():
            try:
                config = sizes(Config, reader.sizes, f"encoder of {kind_name(kind)}")
            except (TypeError, ValueError) as error:
                raise EncoderError(f"the encoder of {kind_name(kind)} in {self.path} cannot be: {error}") from error
            network = Inr(config, torch.Generator().manual_seed(0))
            width, channels = _seen(kind[0], reader.config)
            places = 2 * self._half if channels else config.side
            if (network.dim, config.width, config.channels, config.side) != (self.dim, width, channels, places):
                raise EncoderError(f"the weights of {self.id} do not fit its header; take the file again")
            networks[kind] = filled(network, tensors, kind_name(kind))
        return networks


def save_encoders(
    path: str | Path,
    encoders: "Mapping[Kind, Inr]",
    configs: Mapping[Architecture, Any],
    *,
    half: int,
    name: str,
    version: int,
    card: Mapping[str, Any],
    training: Mapping[str, Any] | None = None,
) -> None:
    """Write encoders of one latent as a weight file in float16. `configs` are the fields' own sizes, `half` the lattice's N.

    Raises EncoderError, FileError as `weights.save` does.
    """
    said, tensors = {}, {}
    for kind, network in encoders.items():
        said[kind_name(kind)] = {"field": asdict(configs[kind[0]]), "encoder": asdict(network.config)}
        for key, value in network.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                tensors[f"{kind_name(kind)}.{key}"] = value.cpu().numpy().astype(np.float16)
    dim = next(iter(encoders.values())).dim
    header = Header(
        name=name, version=version, network=NETWORK, config={"half": half, "kinds": said}, dim=dim, latent=dim,
        card=dict(card), training=dict(training or {}),
    )  # fmt: skip
    save(path, tensors, header)


def _seen(architecture: Architecture, config: Any) -> tuple[int, int]:
    """Length of a row of weights, and features at a place, of fields of these sizes (encoders/field_input.py)."""
    if architecture == "siren":
        return config.hidden, 0
    inputs, neurons = layout(architecture, config, 1)["decoder.weight1"].shape
    assert inputs is not None, "a grid's inputs are known"
    assert neurons is not None, "a grid's neurons are known"
    return neurons, inputs - 3


def _readers(header: Header, path: str) -> dict[Kind, _Reader]:
    """The encoders by kind. EncoderError where the header tells of none that could be."""
    found = {}
    try:
        if header.network != NETWORK or not 1 <= int(header.config["half"]) <= 128:
            raise ValueError("no encoder of fields")
        for name, said in header.config["kinds"].items():
            architecture, function = name.split("-")
            if function not in ("sdf", "udf", "occ"):
                raise ValueError("no function")
            config = KINDS[architecture].config(**said["field"])
            found[architecture, function] = _Reader(kind=(architecture, function), config=config, sizes=said["encoder"])
        if not found:
            raise ValueError("no encoder")
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise EncoderError(
            f"{path}: holds no encoder of neural fields; `fieldstone encoders` lists those that are at hand"
        ) from error
    return found
