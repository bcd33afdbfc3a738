"""Multi-modal contrast: a shape falls together with its pictures and with what is said of it (3DOR, section 3.2; ULIP)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.errors import FieldstoneError
from fieldstone.training.collection import Collection
from fieldstone.training.heads import projection
from fieldstone.training.losses import contrast
from fieldstone.training.objectives import Setting, Step
from fieldstone.training.pictures import STYLES, Style, pictures
from fieldstone.training.towers import Towers

__all__ = ["MMCL", "Triplets", "caption_latents"]

SCALE_LIMIT = math.log(100.0)
SHAPES = 64
"""Shapes whose captions a frozen tower reads at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MMCL:
    """Symmetric contrast of shapes with pictures and with captions."""

    name: ClassVar[str] = "mmcl"
    views: ClassVar[int] = 1
    weight: float = 1.0
    form: Literal["ulip", "paper"] = "ulip"
    """"ulip": means over the batch, halves of both directions, a learnt scale from 1 / 0.07 up to 100. "paper": equation 1
    with its sign and indices mended, as a sum over the batch, without a scale."""
    project: bool = True
    """Whether a linear layer leads from the encoder's rows to the latent; if not, the rows are the latent themselves."""
    shared_captions: bool = True
    """Whether shapes of which the same is said count as each other's right answers (not in the papers)."""
    styles: tuple[Style, ...] = STYLES
    """How pictures are drawn."""

    def build(self, setting: Setting) -> nn.Module:
        """FieldstoneError where towers, or the pictures or captions that they read, are missing."""
        dim, collection, towers = setting.dim, setting.collection, setting.towers
        if towers is None or (towers.image is None and towers.text is None):
            raise FieldstoneError("multi-modal contrast needs an image or a text tower; give towers to train()")
        if towers.image is not None and collection.views is None:
            raise FieldstoneError(
                "an image tower learns from pictures; give the collection views, or leave the tower out"
            )
        if towers.text is not None and collection.captions is None:
            raise FieldstoneError("a text tower learns from captions; give the collection some, or leave the tower out")
        if not self.project and dim != towers.latent:
            raise FieldstoneError(
                f"the network's rows have {dim} values and the towers' {towers.latent}; let mmcl have a projection"
            )
        return Triplets(self, dim, collection, towers, setting.generator)


class Triplets(nn.Module):
    """The objective: the shapes' projection, both towers and the scale."""

    def __init__(
        self, config: MMCL, dim: int, collection: Collection, towers: Towers, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.config, self.collection, self.towers = config, collection, towers
        self.project = projection(dim, towers.latent, generator) if config.project else nn.Identity()
        self.image, self.text = towers.image, towers.text
        self.scale = nn.Parameter(torch.tensor(math.log(1.0 / 0.07)), requires_grad=config.form == "ulip")
        for tower, frozen in ((self.image, towers.image_frozen), (self.text, towers.text_frozen)):
            if tower is not None:
                tower.requires_grad_(not frozen)
        self._said: Tensor | None = None

    def train(self, mode: bool = True) -> "Triplets":
        """As for any module; frozen towers stay as they are used."""
        super().train(mode)
        for tower, frozen in ((self.image, self.towers.image_frozen), (self.text, self.towers.text_frozen)):
            if tower is not None and frozen:
                tower.eval()
        return self

    def forward(self, step: Step) -> Float[Tensor, ""]:
        """The loss of each view of the shapes against one picture and all captions of each, averaged over the views."""
        views, shapes = step.views, step.rows.tolist()
        others = []
        if self.image is not None:
            others.append(self._pictured(shapes, views[0].device, step.generator))
        if self.text is not None:
            others.append(self._described(shapes, views[0].device))
        same = self._same(shapes).to(views[0].device) if self.config.shared_captions else None
        scale = self.scale.clamp(0.0, SCALE_LIMIT).exp() if self.config.form == "ulip" else 1.0
        latents = [self.project(view) for view in views]
        each = [contrast(latent, other, scale, same) for latent in latents for other in others]
        total = torch.stack(each).sum() / len(views)
        return total if self.config.form == "ulip" else total * (0.5 * len(shapes))

    def _pictured(
        self, shapes: list[int], device: torch.device, generator: torch.Generator
    ) -> Float[Tensor, "batch latent"]:
        """One of the views of each shape, in one of the styles, through the image tower."""
        assert self.image is not None
        assert self.collection.views is not None
        count = self.collection.views.shape[1]
        chosen = torch.randint(count, (len(shapes),), generator=generator).numpy()
        seen = torch.from_numpy(self.collection.views[shapes, chosen]).to(device)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.towers.image_frozen):
            return self.image(pictures(seen, self.config.styles, generator))

    def _described(self, shapes: list[int], device: torch.device) -> Float[Tensor, "batch latent"]:
        """All captions of each shape through the text tower; a frozen one reads the whole collection once."""
        assert self.text is not None
        assert self.collection.captions is not None
        captions = self.collection.captions
        if not self.towers.text_frozen:
            return caption_latents(self.text, [captions[i] for i in shapes])
        if self._said is None:
            with torch.no_grad():
                parts = [captions[i : i + SHAPES] for i in range(0, len(captions), SHAPES)]
                self._said = torch.cat([caption_latents(self.text, part) for part in parts]).to(device)
        return self._said[shapes]

    def _same(self, shapes: list[int]) -> Bool[Tensor, "batch batch"]:
        """Which shapes of a batch have the same captions; without captions, each is like itself alone."""
        if self.collection.captions is None:
            return torch.eye(len(shapes), dtype=torch.bool)
        said = [self.collection.captions[i] for i in shapes]
        numbers = torch.tensor([said.index(sentences) for sentences in said])
        return numbers[:, None] == numbers[None]


def caption_latents(text: nn.Module, captions: Sequence[Sequence[str]]) -> Float[Tensor, "shapes latent"]:
    """One row a shape: its captions encoded, normalised, averaged, normalised. Equal sentences are read once."""
    different = list(dict.fromkeys(sentence for sentences in captions for sentence in sentences))
    place = {sentence: i for i, sentence in enumerate(different)}
    latents = functional.normalize(text(different), dim=1)
    means = [latents[[place[sentence] for sentence in sentences]].mean(0) for sentences in captions]
    return functional.normalize(torch.stack(means), dim=1)
