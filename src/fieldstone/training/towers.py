"""The image and the text side of multi-modal contrast: two modules that end in one latent space.

A tower is frozen, and gives targets only (3DOR, section 3.2.1), or learns with the shapes. What a training did with each is
part of its record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["ImageSide", "TextSide", "Towers"]


class ImageSide(Protocol):
    """A torch Module from pictures to the latent space."""

    def __call__(self, pictures: Float[Tensor, "batch 2 size size"]) -> Float[Tensor, "batch latent"]:
        """`pictures`: grey in [-1, 1], then the mask, 1 on the shape; both 0 beside it."""


class TextSide(Protocol):
    """A torch Module from sentences to the latent space."""

    def __call__(self, texts: Sequence[str]) -> Float[Tensor, "texts latent"]:
        """One row a sentence, whatever the others."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Towers:
    """Both sides, either of which may be absent. They are torch Modules; training changes those that are not frozen."""

    latent: int
    """Length of a row of the shared space."""
    image: nn.Module | None = None
    """An ImageSide."""
    text: nn.Module | None = None
    """A TextSide."""
    image_frozen: bool = False
    text_frozen: bool = False

    @property
    def record(self) -> dict[str, str]:
        """What becomes of each tower: "none", "frozen" or "trained"."""
        sides = {"image": (self.image, self.image_frozen), "text": (self.text, self.text_frozen)}
        return {
            name: "none" if tower is None else "frozen" if frozen else "trained"
            for name, (tower, frozen) in sides.items()
        }
