"""Tensors of other people's checkpoint files: read without running anything in them, and fitted to networks of ours.

A table says what each tensor of ours is called there and in which form it is kept. Every shape is compared before a
number is taken, and a file that does not fit is refused in one sentence that names the first tensor in the way.
"""

import argparse
import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from fieldstone.errors import EncoderError

__all__ = [
    "MOST_BYTES", "Form", "Row", "Tensors", "blocks_of", "fill", "fitted", "heads_of", "read_tensors", "shape_of", "shown",
]  # fmt: skip

MOST_BYTES = 8 * 2**30
"""Of a checkpoint file. Files are mapped, not read: what is not used costs no memory."""
MOST_TENSORS = 100_000
DEEPEST = 100
HEAD = 64
"""Values of an attention head in every one of the published networks."""
OLD_SCALAR = "numpy.core.multiarray.scalar"
HOMES = ("state_dict", "base_model", "model", "model_state_dict")
"""Where training scripts put the network beside their optimiser."""

Tensors: TypeAlias = Mapping[str, Tensor]
Form: TypeAlias = Literal["same", "conv1d", "token", "rows", "transposed"]
"""How a tensor is kept there: as it is, [out in 1] for [out in], [1 1 d] for [d], [1 n d] for [n d], or [in out]."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: names of ours and names of theirs. `#` stands for a number, `*` for any rest."""

    ours: str
    theirs: str
    form: Form = "same"


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors or torch file by name, on the CPU; prefixes of training scripts are taken off.

    Torch files are read with `weights_only`; beside tensors they may hold numbers and the settings of a command line.
    Raises EncoderError where the file is not there, larger than the limit, not such a file, or holds anything else.
    """
    if not path.is_file():
        raise EncoderError(f"{path}: there is no such file; download the checkpoint and give its path")
    if path.stat().st_size > MOST_BYTES:
        raise EncoderError(f"{path}: has {path.stat().st_size:,} bytes, more than the {MOST_BYTES:,} of a checkpoint")
    held: Mapping[str, Any] = _safetensors_file(path) if path.suffix == ".safetensors" else _torch_file(path)
    for home in HOMES:
        if isinstance(held.get(home), Mapping):
            held = held[home]
            break
    found = {str(name): value for name, value in held.items() if isinstance(value, Tensor)}
    if not found or len(found) > MOST_TENSORS:
        raise EncoderError(f"{path}: holds {len(found)} tensors; give a checkpoint with a network's state dict")
    for name, tensor in found.items():
        _check_storage(path, name, tensor)
    if all(name.startswith("module.") for name in found):
        found = {name.removeprefix("module."): tensor for name, tensor in found.items()}
    return found


def _safetensors_file(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; EncoderError where it is none."""
    try:
        return safetensors.torch.load_file(path)
    except Exception as error:
        raise EncoderError(f"{path}: is not a whole safetensors file ({error}); download it again") from None


def _torch_file(path: Path) -> Mapping[str, Any]:
    mapped = _zipped(path)
    scalar: Any = np.float64().__reduce__()[0]  # figures of a training log; harmless, and what torch's refusal advises
    plain: list[Any] = [argparse.Namespace, np.dtype, type(np.dtype("f8")), scalar, (scalar, OLD_SCALAR)]
    try:
        with torch.serialization.safe_globals(plain), warnings.catch_warnings(action="ignore"):
            held = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:
        raise EncoderError(f"{path}: {_cause(path, str(error))}") from None
    if isinstance(held, nn.Module) or not isinstance(held, Mapping):
        raise EncoderError(f"{path}: holds a {type(held).__name__} and no state dict; give a checkpoint with one")
    return held


def _cause(path: Path, said: str) -> str:
    """One sentence for torch's page about a file that it does not read."""
    if "TorchScript" in said:
        return (
            "is a TorchScript program, which Fieldstone does not run; where you trust it, save its tensors once: "
            f"torch.save(torch.jit.load({path.name!r}, map_location='cpu').state_dict(), 'tensors.pt')"
        )
    if found := re.search(r"GLOBAL ([\w.]+)", said):
        return (
            f"holds a Python object ({found[1]}) beside tensors, which Fieldstone does not run; where you trust the "
            "file, load it with torch yourself and save its state dict alone"
        )
    return "is cut short or no torch file; download it again"


def _zipped(path: Path) -> bool:
    """Whether a torch file is of the newer kind, an archive; EncoderError where torch has not written it.

    Torch stores members as they are: packed ones, or more than the file has bytes, are somebody's trick.
    """
    try:
        if not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise EncoderError(f"{path}: is cut short or damaged ({error}); download it again") from None
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    if packed or sum(member.file_size for member in members) > path.stat().st_size:
        raise EncoderError(f"{path}: has packed members, which torch never writes; get the file from its publisher")
    return True


def _check_storage(path: Path, name: str, tensor: Tensor) -> None:
    whole = tensor.layout == torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized
    if not whole or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise EncoderError(
            f"{path}: {shown(name)} claims more numbers than the file holds; get the file from its publisher"
        )


def shape_of(path: Path, found: Tensors, name: str, rank: int) -> tuple[int, ...]:
    """The shape of one tensor, which must be there with so many sizes, none of them 0; EncoderError where not."""
    if name not in found or found[name].dim() != rank or 0 in found[name].shape:
        state = f"is {_size(found[name].shape)}" if name in found else "is missing"
        raise EncoderError(
            f"{path}: {name} {state}, where a tensor of {rank} sizes is expected; the file is not whole or another kind"
        )
    return tuple(found[name].shape)


def blocks_of(found: Tensors, prefix: str) -> int:
    """How many different words follow a prefix, blocks of a stack, up to the deepest that is believed."""
    return min(DEEPEST, len({name[len(prefix) :].split(".")[0] for name in found if name.startswith(prefix)}))


def heads_of(path: Path, dim: int) -> int:
    """The attention heads of a token of `dim` values, which files do not say: each has 64, or all there are."""
    heads = max(1, dim // HEAD)
    if dim % heads:
        raise EncoderError(f"{path}: {dim} values a token are no whole heads of {HEAD}; the file is of another kind")
    return heads


def fitted(
    path: Path, found: Tensors, table: Sequence[Row], network: nn.Module, remedy: str, own: str = ""
) -> dict[str, Tensor]:
    """A state dict for `network`, float32, from tensors that `table` maps to its names.

    Unknown tensors whose name begins with `own` are refused like missing ones and ones of another shape; the rest of
    the file may hold what it wants. EncoderError names the first in the way, counts all, and ends with `remedy`.
    """
    state, first, differ, missing = {}, "", 0, 0
    for ours, wanted in network.state_dict().items():
        theirs, form = _name_there(ours, table)
        shape = _shape_there(tuple(wanted.shape), form)
        if theirs in found and tuple(found[theirs].shape) == shape:
            state[ours] = _as_ours(path, theirs, found[theirs], form, wanted)
        elif theirs in found:
            differ += 1
            first = first or f"{theirs} is {_size(found[theirs].shape)}, where {_size(shape)} is expected"
        elif ours.endswith("num_batches_tracked"):  # files older than 2018 have none; nothing reads it
            state[ours] = torch.zeros((), dtype=wanted.dtype)
        else:
            missing += 1
            first = first or f"{theirs} ({_size(shape)}) is missing"
    known = {_name_there(ours, table)[0] for ours in network.state_dict()}
    unknown = [name for name in found if name.startswith(own) and name not in known]
    if first or unknown:
        first = first or f"{shown(unknown[0])} ({_size(found[unknown[0]].shape)}) is not expected"
        counts = f"{differ} of another shape, {missing} missing, {len(unknown)} unknown"
        raise EncoderError(f"{path}: {first} (in all: {counts}): {remedy}")
    return state


def fill(network: nn.Module, state: Tensors) -> None:
    """Give a network built on the meta device its tensors, and freeze it: evaluation mode, no gradients."""
    network.load_state_dict(dict(state), assign=True)
    network.requires_grad_(False).eval()


def _name_there(ours: str, table: Sequence[Row]) -> tuple[str, Form]:
    for row in table:
        pattern = re.escape(row.ours).replace(r"\#", "([0-9]+)").replace(r"\*", "(.+)")
        if match := re.fullmatch(pattern, ours):
            theirs = row.theirs
            for word in match.groups():
                theirs = re.sub(r"[#*]", word, theirs, count=1)
            return theirs, row.form
    raise AssertionError(f"the table has no line for {ours}")


def _shape_there(shape: tuple[int, ...], form: Form) -> tuple[int, ...]:
    match form:
        case "conv1d":
            return (*shape, 1)
        case "token":
            return (1, 1, *shape)
        case "rows":
            return (1, *shape)
        case "transposed":
            return shape[::-1]
    return shape


def _as_ours(path: Path, name: str, tensor: Tensor, form: Form, wanted: Tensor) -> Tensor:
    tensor = tensor.t() if form == "transposed" else tensor.reshape(wanted.shape)
    tensor = tensor.to(wanted.dtype, copy=True, memory_format=torch.contiguous_format)
    if not bool(torch.isfinite(tensor).all()):
        raise EncoderError(f"{path}: {name} holds numbers that are not finite; download the file again")
    return tensor


def shown(name: str) -> str:
    """A name out of a file as a terminal may show it: printable, and not too long."""
    return (name if name.isprintable() else ascii(name))[:100]


def _size(shape: Sequence[int]) -> str:
    return " x ".join(str(n) for n in shape) or "a single number"
