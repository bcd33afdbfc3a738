"""The training of an encoder: epochs, validation, the best epoch kept. Stopped and called again, it ends in the same bytes.

Every draw follows from (seed, purpose, epoch, step), so an epoch does not depend on whether those before it ran in this
process. Test shapes are not in a collection, so nothing here can look at them.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from fieldstone.errors import FieldstoneError
from fieldstone.fields.torch_stack import device_of
from fieldstone.files.whole import write_whole
from fieldstone.progress import Progress, Silent
from fieldstone.training.collection import Collection
from fieldstone.training.curve import curve
from fieldstone.training.history import Epoch, best_of
from fieldstone.training.learning import ADAM, Learning
from fieldstone.training.recipe import Recipe
from fieldstone.training.settle import settle
from fieldstone.training.state import State, read_state, restore, write_state
from fieldstone.training.towers import Towers
from fieldstone.training.validation import val_accuracy, val_loss

__all__ = ["STATE", "Trained", "train"]

STATE, CURVE, HISTORY = "state.safetensors", "curve.svg", "history.json"
BEST = "best."


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trained:
    """What a training came to. The network that was given carries the weights of the best epoch, without heads."""

    history: list[Epoch]
    best_epoch: int
    """Counted from 1."""
    heads: dict[str, nn.Module]
    """The objectives of the best epoch by name, for who wants more than the encoder: of "mmcl", `project`, `image`, `text`."""
    towers: dict[str, str]
    """What became of each tower: "none", "frozen" or "trained"."""


def train(
    backbone: nn.Module,
    collection: Collection,
    recipe: Recipe,
    *,
    seed: int,
    towers: Towers | None = None,
    folder: str | Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Trained:
    """Train a Backbone in place, and leave it with the weights of its best epoch, in evaluation mode.

    The best is the one with the highest nearest-neighbour accuracy on validation shapes (see `history.best_of`). `folder`
    is made where it does not exist; after every epoch it holds the state, from which an equal call goes on, the figures
    as JSON and their curve as SVG. On a CPU the same seed gives the same bytes; a GPU adds in an order of its own.
    FieldstoneError where the collection does not fit the recipe, the device is not here, or the folder holds another
    training.
    """
    device_of(device)
    told = progress or Silent()
    learning = Learning(backbone, collection, recipe, seed, towers, device)
    run = _Run(learning, None if folder is None else Path(folder))
    told.start("train", recipe.epochs * run.steps)
    told.advance(len(run.history) * run.steps)
    while not run.done:
        run.epoch(told)
    told.finish()
    run.take_best()
    return Trained(
        history=run.history, best_epoch=run.best_epoch, heads=learning.heads, towers=(towers or Towers(latent=0)).record
    )


class _Run:
    """A training between epochs."""

    def __init__(self, learning: Learning, folder: Path | None) -> None:
        recipe, shapes = learning.recipe, len(learning.collection.rows("train"))
        if shapes < 2:
            raise FieldstoneError("a training needs two shapes or more in its train part; give the collection some")
        self.learning, self.folder = learning, folder
        self.steps = min(max(1, shapes // recipe.batch), recipe.steps or shapes)
        self.rates, self.betas = recipe.schedule.steps(recipe.epochs, self.steps)
        self.history: list[Epoch] = []
        self.best: dict[str, Tensor] = {}
        if folder is not None:
            self.key = _key(learning)
            folder.mkdir(parents=True, exist_ok=True)
            self._go_on(folder / STATE)

    @property
    def best_epoch(self) -> int:
        """Number of the best epoch so far."""
        return best_of(self.history, self.learning.recipe.select)

    @property
    def done(self) -> bool:
        """Whether all epochs ran, or the patience is at its end."""
        recipe, count = self.learning.recipe, len(self.history)
        waited = recipe.patience is not None and count - self.best_epoch >= recipe.patience
        return count >= recipe.epochs or waited

    def epoch(self, told: Progress) -> None:
        """One epoch, its validation, and its state on disk."""
        number, recipe = len(self.history), self.learning.recipe
        part = slice(number * self.steps, (number + 1) * self.steps)

        def tell(loss: float) -> None:
            told.advance(1, f"epoch {number + 1} of {recipe.epochs}, loss {loss:.3f}")

        parts = self.learning.epoch(number, self.rates[part], self.betas[part], tell)
        settle(self.learning, number)
        done = Epoch(
            number=number + 1,
            rate=float(self.rates[part][-1]),
            loss=sum(method.weight * parts[method.name] for method in recipe.objectives),
            parts=parts,
            val_loss=val_loss(self.learning),
            val_accuracy=val_accuracy(self.learning),
        )
        self.history.append(done)
        if self.best_epoch == done.number:
            self.best = {name: value for name, value in self.learning.tensors().items() if not name.startswith(ADAM)}
        if self.folder is not None:
            self._keep(self.folder)

    def take_best(self) -> None:
        """Put the best epoch's weights into the network and its heads."""
        for name, module in self.learning.modules.items():
            restore(module, self.best, f"{name}.")
            module.eval()

    def _keep(self, folder: Path) -> None:
        best = {BEST + name: value for name, value in self.best.items()}
        write_state(
            folder / STATE, State(key=self.key, history=self.history, tensors={**self.learning.tensors(), **best})
        )
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
        self.learning.restore({name: value for name, value in state.tensors.items() if name not in best})


def _key(learning: Learning) -> str:
    """SHA-256 of all that decides a training."""
    about = [learning.recipe.settings, learning.seed, learning.collection.fingerprint()]
    digest = hashlib.sha256(json.dumps(about).encode())
    for name, module in learning.modules.items():
        for key, value in module.state_dict().items():
            digest.update(f"{name}.{key}{tuple(value.shape)}".encode())
            digest.update(np.ascontiguousarray(value.detach().cpu().numpy()).tobytes())
        if frozen := [key for key, parameter in module.named_parameters() if not parameter.requires_grad]:
            digest.update(repr((name, frozen)).encode())
    return digest.hexdigest()
