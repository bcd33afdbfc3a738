"""A training's state as one file: weights, the best so far, moments and history, written in one move."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from fieldstone.errors import BrokenFile
from fieldstone.files.whole import write_whole
from fieldstone.training.history import Epoch

__all__ = ["State", "learnt", "read_state", "restore", "write_state"]

KEY = "fieldstone"
FOREIGN = "is not the saved state of a training; name another folder, or delete this file to begin anew"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class State:
    """All that is needed to go on."""

    key: str
    """What the training is of: recipe, shapes, seed, first weights."""
    history: list[Epoch]
    tensors: dict[str, Tensor]


def write_state(path: Path, state: State) -> None:
    """Write a state. FileError where the place cannot be written to."""
    about = {"key": state.key, "history": [epoch.settings for epoch in state.history]}
    write_whole(path, save(state.tensors, {KEY: json.dumps(about)}))


def read_state(path: Path) -> State:
    """Read a state, tensors on the CPU. BrokenFile where the file is none."""
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})[KEY])
            history = [Epoch(**epoch) for epoch in about["history"]]
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return State(key=about["key"], history=history, tensors=tensors)
    except (SafetensorError, ValueError, LookupError, TypeError, OSError) as error:
        raise BrokenFile(path, FOREIGN) from error


def learnt(module: nn.Module) -> dict[str, Tensor]:
    """A copy on the CPU of what training changes in a module: its state without frozen parameters."""
    frozen = {name for name, parameter in module.named_parameters() if not parameter.requires_grad}
    state = module.state_dict()
    return {name: value.detach().cpu().clone().contiguous() for name, value in state.items() if name not in frozen}


def restore(module: nn.Module, tensors: Mapping[str, Tensor], prefix: str) -> None:
    """Put back what `learnt` took, from the tensors whose names begin with `prefix`."""
    state = module.state_dict()
    with torch.no_grad():
        for name in learnt(module):
            state[name].copy_(tensors[prefix + name])
