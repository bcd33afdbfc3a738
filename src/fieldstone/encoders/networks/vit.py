"""Vision transformer: pictures to rows of a latent, in the layouts of SLIP (timm's) and of CLIP.

Dosovitskiy et al., An image is worth 16x16 words, 2021, section 3.1; Radford et al., Learning transferable visual models
from natural language supervision, 2021, section 2.4; Mu et al., SLIP, 2022.

    picture -> patches -> tokens [cls, t_1..t_n] + position -> (norm) -> transformer -> norm of cls -> latent
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.nn.transformer import Block

__all__ = ["Config", "OfPictures", "ViT", "quick_gelu", "slip_base"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a vision transformer, and what tells SLIP's from CLIP's."""

    dim: int
    """Width of a token."""
    depth: int
    heads: int
    patch: int
    """Pixels of a patch's side."""
    size: int
    """Pixels of a picture's side."""
    latent: int
    """Length of a row."""
    clip: bool = False
    """CLIP's form: patches without a bias, a norm before the blocks, the quick GELU, its own mean colour."""

    @property
    def eps(self) -> float:
        """What keeps LayerNorms from dividing by zero."""
        return 1e-5 if self.clip else 1e-6

    @property
    def colours(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Mean and deviation of red, green and blue: CLIP's own, or ImageNet's."""
        if self.clip:
            return (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
        return (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def slip_base() -> Config:
    """SLIP's ViT-B/16: pictures of 224 pixels, 12 blocks of 768, a latent of 512."""
    return Config(dim=768, depth=12, heads=12, patch=16, size=224, latent=512)


class ViT(nn.Module):
    """Pictures to rows of the latent, not normalised. Its numbers come from a file (clip.load_image_tower)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.patches = nn.Conv2d(3, config.dim, config.patch, stride=config.patch, bias=not config.clip)
        self.cls = nn.Parameter(torch.zeros(config.dim))
        self.position = nn.Parameter(torch.zeros((config.size // config.patch) ** 2 + 1, config.dim))
        self.before = nn.LayerNorm(config.dim, eps=config.eps) if config.clip else nn.Identity()
        activation = quick_gelu if config.clip else functional.gelu
        self.blocks = nn.ModuleList(
            Block(config.dim, config.heads, bias=True, eps=config.eps, activation=activation)
            for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.dim, eps=config.eps)
        self.project = nn.Linear(config.dim, config.latent, bias=False)

    def forward(self, images: Float[Tensor, "batch 3 size size"]) -> Float[Tensor, "batch latent"]:
        """One row a picture of `config.size` pixels, red, green and blue in [0, 1]."""
        mean, deviation = (images.new_tensor(colour)[:, None, None] for colour in self.config.colours)
        tokens = self.patches((images - mean) / deviation).flatten(2).transpose(1, 2)
        x = self.before(torch.cat([self.cls.expand(len(images), 1, -1), tokens], dim=1) + self.position)
        for block in self.blocks:
            x = block(x)
        return self.project(self.norm(x[:, 0]))


class OfPictures(nn.Module):
    """A vision transformer that reads what our own image tower reads: `encoders.picture`'s grey and mask, of any size."""

    def __init__(self, tower: ViT) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, pictures: Float[Tensor, "batch 2 side side"]) -> Float[Tensor, "batch latent"]:
        """One row a picture: grey in [-1, 1] on white, as large as the tower wants it."""
        grey, mask = pictures[:, :1], pictures[:, 1:]
        shown = 1.0 - mask + mask * (grey + 1.0) / 2.0
        size = self.tower.config.size
        shown = functional.interpolate(shown, (size, size), mode="bilinear", antialias=True)
        return self.tower(shown.clamp(0.0, 1.0).expand(-1, 3, -1, -1))


def quick_gelu(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """x sigmoid(1.702 x): near to GELU, and what CLIP and SLIP learned with."""
    return x * torch.sigmoid(1.702 * x)
