"""View-GCN: pictures of a shape from around, as a graph of views that grows coarser.

Wei, Yu, Sun, View-GCN: view-based graph convolutional network for 3D shape analysis, 2020, section 3; a rival in 3DOR
(Van den Herrewegen et al., 2024) and INRet (Guan et al., 2024). One selector scores the views of a level with shared
weights, where the paper has a selector for each sampled view; groups shrink where fewer views than neighbours are left.

    pictures -> ResNet -> V views: local and non-local messages -> V/2 views: the same -> V/4 views: local
    row = [max over V ; max over V/2 ; max over V/4]
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.networks import resnet
from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.grouping import centres_of, k_around, rows_of
from fieldstone.encoders.networks.initial import he_normal
from fieldstone.encoders.networks.splat import splat
from fieldstone.encoders.networks.viewpoints import dodecahedron, ring, rotations

__all__ = ["SPLATTED", "Config", "ViewGCN", "compact", "eyes", "wei"]

SLOPE = 0.2
"""Of the leaky ReLUs."""
SPLATTED = 2
"""Coverage and nearness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a View-GCN."""

    views: int
    """12 on a ring or 20 on a dodecahedron; or any other number, a multiple of 4, on a ring."""
    elevation: float = 30.0
    """Of the eyes on a ring, degrees above the ground, -90 to 90."""
    channels: int = 4
    """Channels of the pictures that it is given; SPLATTED: it takes them itself, as splats of the points."""
    size: int = 64
    """Pixels along the side of such a splatted picture."""
    radius: int = 2
    """Pixels: a splat's."""
    points: int = 1024
    """Points that a cloud is given with, where it is splatted."""
    width: int
    """Width of the ResNet-18."""
    large: bool
    """The ResNet's stem, for pictures of about 224 pixels."""
    neighbours: int = 4
    """Views that send messages to a view, itself among them."""
    classes: int = 0
    """Classes that the view selectors tell apart in training; 0 for none: the farthest views stay as they are."""


def wei(views: int = 20, classes: int = 0) -> Config:
    """The paper's sizes: ResNet-18, 1536-d rows."""
    return Config(views=views, width=64, large=True, classes=classes)


def compact(views: int = 12, classes: int = 0) -> Config:
    """For two cores and pictures of 64 pixels: a quarter of the width, 384-d rows."""
    return Config(views=views, width=16, large=True, classes=classes)


def eyes(config: Config) -> Float[Tensor, "{config.views} 2"]:
    """From where the pictures are taken, in their order: azimuth and elevation, radians (see `viewpoints`)."""
    return dodecahedron() if config.views == 20 else ring(config.views, config.elevation)


class Local(nn.Module):
    """Messages among near views, weighted by where the two stand."""

    def __init__(self, dim: int, neighbours: int) -> None:
        super().__init__()
        self.neighbours = neighbours
        self.weigh = nn.Sequential(
            nn.Linear(10, 10), nn.LeakyReLU(SLOPE), nn.Linear(10, 10), nn.LeakyReLU(SLOPE), nn.Linear(10, 1)
        )
        self.map, self.norm = nn.Linear(dim, dim), nn.BatchNorm1d(dim)

    def forward(
        self, x: Float[Tensor, "batch views dim"], places: Float[Tensor, "batch views 3"]
    ) -> Float[Tensor, "batch views dim"]:
        """The views after the messages; `places` are their eyes."""
        near = k_around(places, places, min(self.neighbours, x.shape[1]))
        there = rows_of(places, near)
        here = places[:, :, None].expand_as(there)
        apart = here - there
        weights = self.weigh(torch.cat([here, there, apart, apart.norm(dim=3, keepdim=True)], dim=3))
        gathered = self.map((weights * rows_of(x, near)).sum(2))
        return functional.leaky_relu(self.norm(gathered.flatten(0, 1)), SLOPE).view_as(x)


class NonLocal(nn.Module):
    """Messages among all views, by what the two show."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.here, self.there = nn.Linear(dim, dim), nn.Linear(dim, dim, bias=False)
        self.relate = nn.Sequential(
            nn.LeakyReLU(SLOPE), nn.Linear(dim, dim), nn.LeakyReLU(SLOPE), nn.Linear(dim, dim), nn.LeakyReLU(SLOPE)
        )
        self.fuse, self.norm = nn.Linear(2 * dim, dim), nn.BatchNorm1d(dim)

    def forward(self, x: Float[Tensor, "batch views dim"]) -> Float[Tensor, "batch views dim"]:
        """The views after the messages."""
        messages = self.relate(self.here(x)[:, :, None] + self.there(x)[:, None]).sum(2)
        fused = self.fuse(torch.cat([x, messages], dim=2))
        return functional.leaky_relu(self.norm(fused.flatten(0, 1)), SLOPE).view_as(x)


class Selector(nn.Module):
    """Farthest views, and of each one's neighbours the view that is surest of its class."""

    def __init__(self, dim: int, keep: int, neighbours: int, classes: int) -> None:
        super().__init__()
        self.keep, self.neighbours = keep, neighbours
        self.score = None
        if classes:
            self.score = nn.Sequential(nn.Linear(dim, dim // 2), nn.LeakyReLU(SLOPE), nn.Linear(dim // 2, classes))

    def forward(
        self, x: Float[Tensor, "batch views dim"], places: Float[Tensor, "batch views 3"]
    ) -> tuple[Float[Tensor, "batch kept dim"], Float[Tensor, "batch kept 3"], Float[Tensor, "batch views c"] | None]:
        """The kept views, their eyes, and every view's scores for the loss."""
        chosen = centres_of(places, self.keep)
        if self.score is None:
            return rows_of(x, chosen), rows_of(places, chosen), None
        scores = self.score(x)
        near = k_around(places, rows_of(places, chosen), min(self.neighbours, x.shape[1]))
        sure = rows_of(scores.softmax(2).amax(2, keepdim=True), near)
        chosen = near.gather(2, sure.argmax(2))[:, :, 0]
        return rows_of(x, chosen), rows_of(places, chosen), scores


class ViewGCN(nn.Module):
    """A Backbone that reads views, taken from `eyes(config)`, or splats the points there: rows of 24 x width."""

    turns: Tensor
    places: Tensor

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        assert config.views % 4 == 0, f"{config.views} views cannot be halved twice"
        assert abs(config.elevation) <= 90.0, f"no eyes stand {config.elevation} degrees above the ground"
        self.config = config
        self.see = resnet.ResNet(
            resnet.Config(channels_in=config.channels, width=config.width, large=config.large), generator
        )
        dim, k = self.see.dim, config.neighbours
        self.dim = 3 * dim
        self.register_buffer("turns", rotations(eyes(config)), persistent=False)
        self.register_buffer("places", self.turns[:, 2].contiguous(), persistent=False)
        self.near = nn.ModuleList(Local(dim, k) for _ in range(3))
        self.far = nn.ModuleList(NonLocal(dim) for _ in range(2))
        self.select = nn.ModuleList(Selector(dim, config.views >> (i + 1), k, config.classes) for i in range(2))
        he_normal(self, generator)

    def forward(self, batch: Batch) -> Float[Tensor, "batch dim"]:
        """The maxima over the views of the three levels."""
        return self.scored(batch)[0]

    @torch.no_grad()
    def splatted(self, points: Float[Tensor, "batch n 3"]) -> Float[Tensor, "batch views 2 size size"]:
        """Pictures of the points from the network's own eyes."""
        turns = self.turns.expand(len(points), -1, -1, -1)
        return splat(points, turns, self.config.size, radius=self.config.radius)

    def scored(self, batch: Batch) -> tuple[Float[Tensor, "batch dim"], list[Float[Tensor, "batch _ classes"]]]:
        """The rows, and the selectors' scores (logits) of V and V/2 views; the paper's loss adds their cross-entropy."""
        views = self.splatted(batch.points) if self.config.channels == SPLATTED else batch.views
        assert views is not None, "this network reads views of the shapes"
        x = self.see(views.flatten(0, 1)).view(*views.shape[:2], -1)
        places = self.places.expand(len(x), -1, -1).contiguous()
        rows, scores = [], []
        for level, near in enumerate(self.near):
            x = near(x, places)
            rows.append(x.amax(1))
            if level < len(self.select):
                x, places, of_level = self.select[level](self.far[level](x), places)
                scores += [] if of_level is None else [of_level]
        return torch.cat(rows, dim=1), scores
