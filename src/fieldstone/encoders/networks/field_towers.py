"""The encoders of fields of one weight file at work, and how they get into it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from fieldstone.encoders.field_input import FieldInput
from fieldstone.encoders.inr import Kind, Reader, checked, kind_name
from fieldstone.encoders.networks.build import filled
from fieldstone.encoders.networks.inr import Config, Fields, Inr
from fieldstone.encoders.networks.run import UNFIT, rows_alone, unfit
from fieldstone.encoders.weights import FIELDS, Header, open_weights, save
from fieldstone.errors import EncoderError
from fieldstone.fields.header import record
from fieldstone.fields.network import Architecture

__all__ = ["FieldTowers", "save_encoders"]

KEPT = ("running_mean", "running_var", "straight.mean", "straight.spread")
"""Statistics keep four bytes: those of small weights are below what two bytes can hold."""
NO_STRAIGHT = {"rows": 0, "blocks": 4, "rank": 0}
"""Sizes that files do not have whose encoders were learnt before there was a straight path."""


class FieldTowers:
    """The encoders of a file by kind. EncoderError where its tensors do not fit its header."""

    def __init__(self, path: Path, header: Header, half: int, readers: Mapping[Kind, Reader]) -> None:
        self._header = header
        now, tensors = open_weights(path)
        if now != header:
            raise EncoderError(f"{path}: changed while it was open; open it again")
        known = {kind_name(kind) for kind in readers}
        if strange := sorted(name for name in tensors if name.split(".")[0] not in known):
            raise EncoderError(f"the weight file has a strange tensor {strange[0]}: take the file again")
        self._networks = {kind: self._network(kind, reader, half, tensors) for kind, reader in readers.items()}

    def rows(self, fields: Sequence[tuple[Kind, FieldInput]]) -> Float32[np.ndarray, "n dim"]:
        """One row of unit length a field, the same bytes whatever else is asked for at the same time."""

        def one(asked: tuple[Kind, FieldInput]) -> Tensor:
            kind, seen = asked
            grid = None if seen.grid is None else torch.from_numpy(np.ascontiguousarray(seen.grid))[None]
            found: Tensor = self._networks[kind](Fields(torch.from_numpy(seen.rows)[None], grid))
            return found

        return rows_alone(one, fields, self._header)

    def _network(self, kind: Kind, reader: Reader, half: int, tensors: dict[str, np.ndarray]) -> Inr:
        try:
            sizes = NO_STRAIGHT | reader.sizes if isinstance(reader.sizes, dict) else reader.sizes
            config: Config = record(sizes, Config, f"encoder of {kind_name(kind)}")
            rows, width, channels = reader.seen
            place = 2 * half if channels else config.side
            wanted = (width, channels, place, self._header.latent, rows if config.rows else 0)
            if (config.width, config.channels, config.side, config.dim, config.rows) != wanted:
                raise unfit(self._header)
            network: Inr = filled(Inr(config, torch.Generator().manual_seed(0)), tensors, kind_name(kind))
            if network.straight is not None and not float(network.straight.spread.min()) > 0.0:
                raise ValueError("a deviation is not above 0")
        except UNFIT as error:
            raise EncoderError(f"the encoder of {kind_name(kind)} in {self._header.id} cannot be: {error}") from error
        return network


def save_encoders(
    path: str | Path,
    encoders: Mapping[Kind, Inr],
    configs: Mapping[Architecture, Any],
    *,
    half: int,
    name: str,
    version: int,
    card: Mapping[str, Any],
    training: Mapping[str, Any] | None = None,
) -> None:
    """Write encoders of one latent as a weight file in float16. `configs` are the fields' own sizes, `half` the lattice's N.

    ValueError where they share no latent or do not read such a lattice; EncoderError for a header that would not open again,
    FileError where the place cannot be written to.
    """
    dims = {network.dim for network in encoders.values()}
    sides = {network.config.side for network in encoders.values() if network.config.channels}
    if len(dims) != 1 or not sides <= {2 * half}:
        raise ValueError("encoders of one file have one latent and one lattice, and there is at least one")
    said, tensors = {}, {}
    for kind, network in encoders.items():
        said[kind_name(kind)] = {"field": asdict(configs[kind[0]]), "encoder": asdict(network.config)}
        for key, value in network.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                kept = np.float32 if key.endswith(KEPT) else np.float16
                tensors[f"{kind_name(kind)}.{key}"] = value.cpu().numpy().astype(kept)
    header = Header(
        name=name, version=version, network=FIELDS, config={"half": half, "kinds": said}, dim=min(dims), latent=min(dims),
        card=dict(card), training=dict(training or {}),
    )  # fmt: skip
    save(path, tensors, checked(header, str(path)))
