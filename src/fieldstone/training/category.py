"""A category head on frozen embeddings, widened by E-Stitchup: INRet, section E.2, with inr2vec's settings.

It says among which shapes a Category-Chamfer search looks. The embeddings stay as they are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from fieldstone.errors import FieldstoneError
from fieldstone.fields.torch_stack import device_of
from fieldstone.progress import Progress, Silent
from fieldstone.training.adam import Adam
from fieldstone.training.heads import classifier
from fieldstone.training.losses import classification
from fieldstone.training.run import Number, Run, ToTheEnd, key_of
from fieldstone.training.schedule import Schedule
from fieldstone.training.seeding import forked, numpy_generator, torch_generator

__all__ = ["CategoryHead", "Recipe", "category_head", "stitched"]

HEAD, ORDER, STEP = 1, 2, 3
"""Purposes of random numbers, after the seed."""
CYCLE = Schedule(rate=1e-4, warm=0.3, kind="one_cycle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(ToTheEnd):
    """inr2vec's, as coded, but for three things: its cycle steps with every batch and here with every epoch, it decays biases
    and norms too, and it keeps the best epoch of a validation part, where here nothing is held out."""

    epochs: int = 150
    batch: int = 256
    """Rows a step, before E-Stitchup doubles them."""
    schedule: Schedule = CYCLE
    """One cycle to 1e-4."""
    decay: float = 1e-2
    """AdamW's, of weights alone."""

    def __post_init__(self) -> None:
        """ValueError where nothing would be learnt."""
        if self.epochs < 1 or self.batch < 2:
            raise ValueError("a recipe has one epoch or more, and batches of two rows or more")

    @property
    def settings(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class CategoryHead:
    """Rows to categories."""

    network: torch.nn.Module

    def classify(self, rows: Float32[np.ndarray, "n dim"]) -> Int64[np.ndarray, "n"]:
        """The likeliest category of each row."""
        device = next(self.network.parameters()).device
        with torch.inference_mode():
            logits = self.network(torch.from_numpy(rows).to(device))
        return logits.argmax(dim=1).cpu().numpy()


def category_head(
    rows: Float32[np.ndarray, "n dim"],
    labels: Int64[np.ndarray, "n"],
    classes: int,
    recipe: Recipe,
    *,
    seed: int,
    folder: Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> CategoryHead:
    """Learn the categories of embeddings. Same seed, same bytes, on a CPU. FieldstoneError where there are not two, or a
    label is none of 0 to `classes` - 1."""
    device_of(device)
    if len(np.unique(labels)) < 2 or labels.min() < 0 or labels.max() >= classes:
        raise FieldstoneError(
            f"a category head needs rows of two categories or more to learn from, each 0 to {classes - 1}; label some"
        )
    task = _Task(rows, labels, classes, recipe, seed, device)
    Run(task, folder).finish(progress or Silent())
    return CategoryHead(task.head)


class _Task:
    """See training/run.py."""

    def __init__(
        self, rows: Float32[np.ndarray, "n dim"], labels: Int64[np.ndarray, "n"], classes: int, recipe: Recipe, seed: int,
        device: str,
    ) -> None:  # fmt: skip
        self.rows, self.labels, self.recipe, self.seed, self.device = rows, labels, recipe, seed, device
        self.head = classifier(rows.shape[1], classes, "inr2vec", torch_generator(seed, HEAD)).to(device)
        self.adam = Adam({"head": self.head}, rate=recipe.schedule.rate, decay=recipe.decay)

    @property
    def steps(self) -> int:
        """Batches of an epoch, of about equal size and at most the recipe's."""
        return -(-len(self.rows) // self.recipe.batch)

    def batches(self, number: int) -> list[Int64[np.ndarray, "_"]]:
        """The rows in the order of an epoch."""
        return np.array_split(numpy_generator(self.seed, ORDER, number).permutation(len(self.rows)), self.steps)

    def parts(self, rows: Int64[np.ndarray, "batch"], number: int, step: int) -> dict[str, Float[Tensor, ""]]:
        """The cross-entropy of these rows and their mixtures."""
        numbers = numpy_generator(self.seed, STEP, number, step)
        seen, labels = stitched(self.rows[rows], self.labels[rows], numbers)
        with forked(self.seed, STEP, number, step, device=self.device):
            logits: Float[Tensor, "batch classes"] = self.head(torch.from_numpy(seen).to(self.device))
        return {"classification": classification(logits, torch.from_numpy(labels).to(self.device))}

    def total(self, parts: Mapping[str, Number]) -> Number:
        """The one part."""
        return parts["classification"]

    def validate(self, number: int) -> tuple[float | None, float | None]:  # noqa: ARG002
        """Nothing is held out."""
        return None, None

    def key(self) -> str:
        """Of recipe, seed, rows, labels and first weights."""
        rows = hashlib.sha256(np.ascontiguousarray(self.rows).data).hexdigest()
        about = [self.recipe.settings, self.seed, self.rows.shape, self.labels.tolist(), rows]
        return key_of(about, self.adam.modules)


def stitched(
    rows: Float32[np.ndarray, "batch dim"], labels: Int64[np.ndarray, "batch"], numbers: np.random.Generator
) -> tuple[Float32[np.ndarray, "_ dim"], Int64[np.ndarray, "_"]]:
    """The batch, and behind it a mixture for every row whose class has more than two rows in it: E-Stitchup (Wolfe,
    Lundgaard, 2019) as inr2vec codes it.

    A mate of the same class is drawn, a threshold t from U(0, 1), and each number is the mate's where another draw from
    U(0, 1) is at least t.
    """
    many = np.flatnonzero(np.bincount(labels)[labels] > 2)
    order = np.argsort(labels, kind="stable")
    start = np.searchsorted(labels[order], labels[many])
    count = np.bincount(labels)[labels[many]]
    mates = order[start + numbers.integers(count)]
    thresholds = numbers.random((len(many), 1))
    mixed = np.where(numbers.random((len(many), rows.shape[1])) >= thresholds, rows[mates], rows[many])
    return np.concatenate([rows, mixed.astype(np.float32)]), np.concatenate([labels, labels[many]])
