"""The shape tower: a backbone, and the latent that shapes, pictures and words share on top of it.

    z = P backbone(points, descriptor) + D descriptor

The descriptor's own way to the latent (D, absent where there is none) gives the tower from its first step what formulas
know; the backbone learns what they miss, the more as in training a shape's descriptor is hidden half of the time. Not in
the papers.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.initial import he_normal

__all__ = ["HIDDEN", "ShapeTower"]

HIDDEN = 0.5
"""Chance that a shape's descriptor is hidden in training."""


class ShapeTower(nn.Module):
    """A Backbone with a projection: rows of the latent, not normalised."""

    def __init__(self, backbone: nn.Module, latent: int, generator: torch.Generator, *, descriptor: int = 0) -> None:
        super().__init__()
        self.dim = latent
        self.backbone = backbone
        assert isinstance(backbone.dim, int), "a backbone says how long its rows are"
        self.project = nn.Linear(backbone.dim, latent, bias=False)
        self.describe = nn.Linear(descriptor, latent, bias=False) if descriptor else None
        for layer in (self.project, self.describe):
            if layer is not None:
                he_normal(layer, generator)

    def forward(
        self, batch: Batch, keep: int | None = None, generator: torch.Generator | None = None
    ) -> Float[Tensor, "batch dim"]:
        """One row a shape. `keep` and `generator` as in PointBERT, for backbones that take them."""
        rows = self.backbone(batch) if keep is None else self.backbone(batch, keep, generator)
        latent = self.project(rows)
        if self.describe is None:
            return latent
        assert batch.descriptor is not None, "this tower reads a descriptor beside the points"
        known = self.describe(batch.descriptor)
        if self.training:
            shown = torch.rand(len(known), 1, generator=generator).to(known.device) >= HIDDEN
            known = known * shown
        return latent + known
