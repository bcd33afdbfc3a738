"""The training of an encoder: epochs, validation, the best epoch kept. Stopped and called again, it ends in the same bytes.

Every draw follows from (seed, purpose, epoch, step), so an epoch does not depend on whether those before it ran in this
process. Test shapes are not in a collection, so nothing here can look at them.
"""

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from fieldstone.errors import FieldstoneError
from fieldstone.fields.torch_stack import device_of
from fieldstone.progress import Progress, Silent
from fieldstone.training.collection import Collection
from fieldstone.training.history import Epoch
from fieldstone.training.learning import Learning
from fieldstone.training.recipe import Recipe
from fieldstone.training.run import Run, key_of
from fieldstone.training.settle import settle
from fieldstone.training.towers import Towers
from fieldstone.training.validation import val_accuracy, val_loss

__all__ = ["Trained", "train"]


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
    if len(collection.rows("train")) < 2:
        raise FieldstoneError("a training needs two shapes or more in its train part; give the collection some")
    task = _Encoding(backbone, collection, recipe, seed, towers, device)
    run = Run(task, None if folder is None else Path(folder))
    run.finish(progress or Silent())
    return Trained(
        history=run.history, best_epoch=run.best_epoch, heads=task.heads, towers=(towers or Towers(latent=0)).record
    )


class _Encoding(Learning):
    """The Task of an encoder of shapes."""

    def validate(self, number: int) -> tuple[float | None, float | None]:
        """Batch norms are settled first."""
        settle(self, number)
        return val_loss(self), val_accuracy(self)

    def key(self) -> str:
        """Of recipe, seed, shapes and first weights."""
        return key_of([self.recipe.settings, self.seed, self.collection.fingerprint()], self.modules)
