"""The implicit decoder: a shape's embedding and a place of the cube to a value of the shape's function there.

f_phi(x; e) of INRet (section 3.2, eq. 3 and 4), which takes inr2vec's (De Luigi et al., 2023) as it is:

    g = [x, sin x, cos x, sin 2x, cos 2x, ..., cos 2^9 x],  s = [e, g]
    h = three layers of s,  h + skip layer of s,  two more layers, value        each layer linear, then ReLU

It lives only while encoders learn.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks.initial import torch_uniform

__all__ = ["Config", "ImplicitDecoder", "encoded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of an implicit decoder."""

    embedding: int = 1024
    """Length of e."""
    hidden: int = 512
    """Width of every layer."""
    frequencies: int = 10
    """Of the places' encoding: 2^0 ... 2^9, without a factor pi."""

    @property
    def place(self) -> int:
        """Length of g."""
        return 3 + 6 * self.frequencies


class ImplicitDecoder(nn.Module):
    """Values of several shapes, each at places of its own."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        self.enter, self.skip = Entrance(config), Entrance(config)
        self.before = nn.ModuleList(nn.Linear(config.hidden, config.hidden) for _ in range(2))
        self.after = nn.ModuleList(nn.Linear(config.hidden, config.hidden) for _ in range(2))
        self.last = nn.Linear(config.hidden, 1)
        torch_uniform(self, generator)

    def forward(
        self, embedding: Float[Tensor, "batch dim"], points: Float[Tensor, "batch n 3"]
    ) -> Float[Tensor, "batch n"]:
        """f_phi(x; e) at points of the cube [-1, 1]^3."""
        places = encoded(points, self.config.frequencies)
        h = self.enter(embedding, places)
        for layer in self.before:
            h = torch.relu(layer(h))
        h = h + self.skip(embedding, places)
        for layer in self.after:
            h = torch.relu(layer(h))
        values: Tensor = self.last(h)
        return values[..., 0]


class Entrance(nn.Module):
    """A layer of s = [e, g]. What e adds is the same at all places of a shape, so it is computed once a shape: half of the
    decoder's work."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layer = nn.Linear(config.embedding + config.place, config.hidden)

    def forward(
        self, embedding: Float[Tensor, "batch dim"], places: Float[Tensor, "batch n place"]
    ) -> Float[Tensor, "batch n hidden"]:
        """max(0, W [e, g] + b)."""
        length = embedding.shape[1]
        of_shape, of_place = self.layer.weight[:, :length], self.layer.weight[:, length:]
        shape = torch.addmm(self.layer.bias, embedding, of_shape.t())
        return torch.relu(places @ of_place.t() + shape[:, None])


def encoded(points: Float[Tensor, "*stack 3"], frequencies: int) -> Float[Tensor, "*stack place"]:
    """g: the point, then sine and cosine of 2^k times it, three of each, k rising."""
    angles = points[..., None, :] * 2.0 ** torch.arange(frequencies, device=points.device)[:, None]
    waves = torch.cat([angles.sin(), angles.cos()], dim=-1).flatten(-2)
    return torch.cat([points, waves], dim=-1)
