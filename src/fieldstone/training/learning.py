"""One training on its way: the network, its objectives and AdamW, a step at a time."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from fieldstone.encoders.networks.batch import Batch
from fieldstone.training.adam import Adam
from fieldstone.training.batches import training_batch
from fieldstone.training.collection import Collection
from fieldstone.training.objectives import Setting, Step
from fieldstone.training.recipe import Recipe
from fieldstone.training.run import Number
from fieldstone.training.seeding import forked, numpy_generator, torch_generator
from fieldstone.training.towers import Towers

__all__ = ["HEADS", "ORDER", "STEP", "Learning"]

HEADS, ORDER, STEP = 1, 2, 3
"""Purposes of random numbers, after the seed."""


class Learning:
    """The network with its heads, and the optimiser over both."""

    def __init__(
        self, backbone: nn.Module, collection: Collection, recipe: Recipe, seed: int, towers: Towers | None, device: str
    ) -> None:
        """FieldstoneError where the collection or the towers do not fit the recipe."""
        self.collection, self.recipe, self.seed, self.device = collection, recipe, seed, device
        self.backbone = backbone.to(device)
        assert isinstance(backbone.dim, int), "a backbone says how long its rows are"
        setting = Setting(
            dim=backbone.dim, collection=collection, towers=towers, generator=torch_generator(seed, HEADS)
        )
        with forked(seed, HEADS, device=device):
            self.heads = {method.name: method.build(setting).to(device) for method in recipe.objectives}
        self.adam = Adam(
            self.modules, rate=recipe.schedule.rate, decay=recipe.decay, beta2=recipe.beta2, clip=recipe.clip
        )

    @property
    def modules(self) -> dict[str, nn.Module]:
        """All that learns, by name."""
        return {"backbone": self.backbone, **self.heads}

    def embed(self, batch: Batch, keep: int | None = None) -> Float[Tensor, "batch dim"]:
        """Rows of a batch in float32; `keep` patches only, for a network that can leave some out."""
        kind = torch.device(self.device).type
        with torch.autocast(kind, torch.bfloat16, enabled=self.recipe.bf16):
            rows = self.backbone(batch) if keep is None else self.backbone(batch, keep=keep)
        return rows.float()

    def losses(
        self, rows: Int64[np.ndarray, "batch"], place: tuple[int, ...], keep: int | None = None
    ) -> dict[str, Float[Tensor, ""]]:
        """Each objective's loss on these shapes, augmented as the recipe says by the random numbers of `place`."""
        numbers = numpy_generator(*place)
        batches = [
            training_batch(
                self.collection, rows, self.recipe.augment, numbers, views=self.recipe.views, device=self.device
            )
            for _ in range(self.recipe.branches)
        ]
        with forked(*place, device=self.device):
            views = [self.embed(batch, keep) for batch in batches]
            seen = Step(views=views, rows=torch.from_numpy(rows).to(self.device), generator=torch_generator(*place, 1))
            return {name: head(seen) for name, head in self.heads.items()}

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        shapes = len(self.collection.rows("train"))
        return min(max(1, shapes // self.recipe.batch), self.recipe.steps or shapes)

    def batches(self, number: int) -> list[Int64[np.ndarray, "_"]]:
        """The training shapes in the order of an epoch; what is left of it below a batch waits for the next."""
        order = numpy_generator(self.seed, ORDER, number).permutation(self.collection.rows("train"))
        size = self.recipe.batch
        return [order[step * size : (step + 1) * size] for step in range(self.steps)]

    def parts(self, rows: Int64[np.ndarray, "batch"], number: int, step: int) -> dict[str, Float[Tensor, ""]]:
        """Each objective's loss, on the patches that the recipe keeps."""
        return self.losses(rows, (self.seed, STEP, number, step), self.recipe.keep)

    def total(self, parts: Mapping[str, Number]) -> Number:
        """The recipe's sum of its objectives' losses."""
        total, *others = [method.weight * parts[method.name] for method in self.recipe.objectives]
        for other in others:
            total = total + other
        return total
