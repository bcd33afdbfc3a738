"""A training on its way through its epochs: each validated, the best one kept, its state on disk after every one.

What learns is a `Task`; encoders of shapes (loop.py) and of neural fields (common_latent.py) are two.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn

from fieldstone.errors import FieldstoneError
from fieldstone.files.whole import make_folder, write_whole
from fieldstone.progress import Progress
from fieldstone.training.adam import ADAM, Adam
from fieldstone.training.curve import curve
from fieldstone.training.history import Epoch, Select, best_of
from fieldstone.training.schedule import Schedule
from fieldstone.training.state import State, read_state, restore, write_state

__all__ = ["STATE", "Learner", "Number", "Plan", "Run", "Task", "ToTheEnd", "key_of", "pass_over"]

Number = TypeVar("Number", float, Tensor)

STATE, CURVE, HISTORY = "state.safetensors", "curve.svg", "history.json"
BEST = "best."


@runtime_checkable
class Plan(Protocol):
    """How long a training runs, and which of its epochs it keeps."""

    @property
    def epochs(self) -> int:
        """At most so many."""

    @property
    def schedule(self) -> Schedule:
        """The rate of each step."""

    @property
    def select(self) -> Select:
        """Which epoch is kept (history.py)."""

    @property
    def patience(self) -> int | None:
        """Ends after so many epochs without a better one; None: never early."""


class ToTheEnd:
    """Of a plan for which nothing is held out: it runs all its epochs, and the last one stays."""

    __slots__ = ()

    @property
    def select(self) -> Select:
        """No epoch has figures by which it could be chosen."""
        return "last"

    @property
    def patience(self) -> int | None:
        """Nor by which a training could end early."""
        return None


@runtime_checkable
class Learner(Protocol):
    """What learns, batch by batch. Every draw follows from its seed and the place, so an epoch does not depend on others."""

    @property
    def adam(self) -> Adam:
        """The optimiser over all that learns."""

    def batches(self, number: int) -> Sequence[Int64[np.ndarray, "_"]]:
        """The shapes of each step of an epoch (`number` from 0), in its order."""

    def parts(self, rows: Int64[np.ndarray, "batch"], number: int, step: int) -> dict[str, Float[Tensor, ""]]:
        """The parts of the loss on these shapes, by the random numbers of that step."""

    def total(self, parts: Mapping[str, Number]) -> Number:
        """The loss of its parts."""


@runtime_checkable
class Task(Learner, Protocol):
    """A Learner with a plan."""

    @property
    def recipe(self) -> Plan:
        """Epochs, schedule, and which epoch is kept."""

    @property
    def steps(self) -> int:
        """Of an epoch."""

    def validate(self, number: int) -> tuple[float | None, float | None]:
        """Loss and accuracy on the validation shapes after that epoch; None where they cannot be had."""

    def key(self) -> str:
        """What must be the same before a state is gone on with; see `key_of`."""


class Run:
    """A Task between epochs. FieldstoneError where `folder` holds the state of another training."""

    def __init__(self, task: Task, folder: Path | None) -> None:
        self.task, self.folder = task, folder
        self.rates, self.betas = task.recipe.schedule.steps(task.recipe.epochs, task.steps)
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}
        if folder is not None:
            self.key = task.key()
            make_folder(folder, "the state of a training")
            self._go_on(folder / STATE)

    @property
    def best_epoch(self) -> int:
        """Number of the best epoch so far."""
        return best_of(self.history, self.task.recipe.select)

    @property
    def done(self) -> bool:
        """Whether all epochs ran, or the patience is at its end."""
        recipe, count = self.task.recipe, len(self.history)
        waited = recipe.patience is not None and count - self.best_epoch >= recipe.patience
        return count >= recipe.epochs or waited

    def finish(self, told: Progress) -> None:
        """All epochs that are left; then the best one's weights stand in the modules, in evaluation mode."""
        steps = self.task.steps
        told.start("train", self.task.recipe.epochs * steps)
        told.advance(len(self.history) * steps)
        while not self.done:
            self._epoch(told)
        told.finish()
        for name, module in self.task.adam.modules.items():
            if self.best:
                restore(module, self.best, f"{name}.")
            module.eval()

    def _epoch(self, told: Progress) -> None:
        """One epoch, its validation, and its state on disk."""
        number, task, steps = len(self.history), self.task, self.task.steps
        part = slice(number * steps, (number + 1) * steps)

        def tell(loss: float) -> None:
            told.advance(1, f"epoch {number + 1} of {task.recipe.epochs}, loss {loss:.3f}")

        parts = pass_over(task, number, self.rates[part], self.betas[part], tell)
        loss, accuracy = task.validate(number)
        done = Epoch(
            number=number + 1,
            rate=float(self.rates[part][-1]),
            loss=task.total(parts),
            parts=parts,
            val_loss=loss,
            val_accuracy=accuracy,
        )
        self.history.append(done)
        if self.task.recipe.select != "last" and self.best_epoch == done.number:
            self.best = {name: value for name, value in task.adam.tensors().items() if not name.startswith(ADAM)}
        if self.folder is not None:
            self._keep(self.folder)

    def _keep(self, folder: Path) -> None:
        best = {BEST + name: value for name, value in self.best.items()}
        tensors = {**self.task.adam.tensors(), **best}
        write_state(folder / STATE, State(key=self.key, history=self.history, tensors=tensors))
        figures = [epoch.settings for epoch in self.history]
        write_whole(folder / HISTORY, json.dumps(figures, indent=1).encode())
        write_whole(folder / CURVE, curve(self.history, self.best_epoch).encode())

    def _go_on(self, path: Path) -> None:
        """Where a state of this training stands, go on from it."""
        if not path.exists():
            return
        state = read_state(path)
        if state.key != self.key:
            raise FieldstoneError(f"{path}: is the state of another training; name another folder, or delete this one")
        self.history = state.history
        best = {name: value for name, value in state.tensors.items() if name.startswith(BEST)}
        self.best = {name.removeprefix(BEST): value for name, value in best.items()}
        self.task.adam.restore({name: value for name, value in state.tensors.items() if name not in best})


def pass_over(
    learner: Learner,
    number: int,
    rates: Float64[np.ndarray, "steps"],
    betas: Float64[np.ndarray, "steps"],
    tell: Callable[[float], None],
) -> dict[str, float]:
    """One pass of an epoch (`number` from 0), a rate and a first beta a step: the mean of each part of the loss.

    FieldstoneError where the loss is no number any more.
    """
    for module in learner.adam.modules.values():
        module.train()
    means: dict[str, float] = {}
    steps = zip(learner.batches(number), rates, betas, strict=False)  # a benchmark takes a few steps of an epoch
    for step, (rows, rate, beta) in enumerate(steps):
        parts = learner.parts(rows, number, step)
        loss = learner.total(parts)
        if not bool(torch.isfinite(loss)):
            raise FieldstoneError(
                f"the loss is no number any more in epoch {number + 1}; give the recipe a lower rate or a clip"
            )
        learner.adam.step(loss, rate, beta)
        for name, part in parts.items():
            means[name] = means.get(name, 0.0) + float(part.detach()) / len(rates)
        tell(float(loss.detach()))
    return means


def key_of(about: Any, modules: Mapping[str, nn.Module]) -> str:
    """SHA-256 of what decides a training, as JSON values, and of the weights that it begins with."""
    digest = hashlib.sha256(json.dumps(about).encode())
    for name, module in modules.items():
        for key, value in module.state_dict().items():
            digest.update(f"{name}.{key}{tuple(value.shape)}".encode())
            digest.update(np.ascontiguousarray(value.detach().cpu().numpy()).tobytes())
        if frozen := [key for key, parameter in module.named_parameters() if not parameter.requires_grad]:
            digest.update(repr((name, frozen)).encode())
    return digest.hexdigest()
