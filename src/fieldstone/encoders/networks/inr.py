"""INRet's encoder: a neural field to one row, from the weights of its decoder and the features of its grid.

INRet, sections 3.2 and A.2 (De Luigi et al., inr2vec, 2023, for the MLP encoder):

    e = n([c(z) + S z; m(theta) + T theta])     c: Conv3D encoder of the features z, m: MLP encoder of the weights theta

The straight path (S and T, linear layers of evened numbers) and n, a batch norm without weights, are ours (Config). All are
pure torch. An encoder reads fields of one architecture and one function; a set of them shares one latent.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.encoders.networks.initial import torch_uniform

__all__ = ["Config", "Fields", "Inr", "Straight", "grid_config", "inr2vec_config", "thinned"]

MOST_INPUTS = 1 << 15
"""Of a straight path; INRet's hash grids have 2,304."""
FAR = 5.0
"""Deviations from the mean that a number counts at most: one that hardly ever moved, such as a feature of a voxel that few
octrees have, would outweigh all others when it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of an encoder of fields."""

    width: int
    """Numbers in a row of weights."""
    hidden: tuple[int, ...]
    """Widths of the MLP encoder's layers, each with batch norm and ReLU."""
    last: bool = True
    """A linear layer without norm or ReLU behind them, as inr2vec's code has it and INRet's text does not; INRet halves
    the sizes of that code's layers, so it is taken to have halved this one too."""
    channels: int = 0
    """Features that the field's grid gives at a place; 0: the field has no grid, and e = m(theta)."""
    convolutions: int = 5
    """Halvings of the lattice, each of which doubles the channels: five take a lattice of 32 to one place."""
    groups: int = 8
    """Of the group norms, which the paper does not state; 8 divides the channels of every layer."""
    grid: int = 512
    """Length of the grid's part of e."""
    norm: bool = True
    """Whether every number of e has mean 0 and variance 1 over the fields of its kind. The papers have no such norm. In the
    few epochs that two cores allow, fields of one function find those of another far less often without it
    (benchmarks/inret_printed.py has neither norm nor straight path, inret_seeds.py the norm alone)."""
    rows: int = 0
    """Rows of weights that the straight path reads beside the grid; 0: there is no such path, as in the papers. From 150
    shapes, m and c alone find the like of others far less well (benchmarks/inret_seeds.py has both)."""
    blocks: int = 4
    """Along each side of the lattice, whose mean features the straight path reads: with 8 features, 512 numbers."""
    rank: int = 0
    """Of the straight path's matrices, in a file that keeps each as the product of two thin ones; 0: whole, as they learn."""

    def __post_init__(self) -> None:
        """ValueError where the numbers make no encoder, or one of more than some hundred megabytes."""
        widths = (self.width, *self.hidden, self.grid, self.groups)
        if not 1 <= len(self.hidden) <= 8 or min(widths) < 1 or max(widths) > 2048:
            raise ValueError("an encoder of fields has 1 to 8 layers, all of its widths from 1 to 2,048")
        if self.channels < 0 or not 1 <= self.convolutions <= 7 or self.channels << self.convolutions > 2048:
            raise ValueError("an encoder of fields has 1 to 7 convolutions, and at most 2,048 channels after them")
        if 2 * self.channels % self.groups:
            raise ValueError("the channels of an encoder of fields are normed in equal groups")
        if self.rows and not (self.channels and self.rows > 0 and self.blocks > 0 and self.side % self.blocks == 0):
            raise ValueError("a straight path reads rows of weights and equal blocks of a lattice")
        if self.inputs > MOST_INPUTS:
            raise ValueError(f"a straight path reads {MOST_INPUTS:,} numbers at most, not {self.inputs:,}")
        sides = (self.grid_inputs, self.inputs - self.grid_inputs, self.grid, self.hidden[-1])
        if not 0 <= self.rank <= (min(sides) if self.rows else 0):
            raise ValueError("no matrix of a straight path can have such a rank")

    @property
    def side(self) -> int:
        """Places along a side of the lattice."""
        return 1 << self.convolutions

    @property
    def dim(self) -> int:
        """Length of e."""
        return self.hidden[-1] + (self.grid if self.channels else 0)

    @property
    def grid_inputs(self) -> int:
        """Numbers of the grid that the straight path reads."""
        return self.channels * self.blocks**3 if self.rows else 0

    @property
    def inputs(self) -> int:
        """All numbers that it reads."""
        return self.grid_inputs + self.rows * self.width


def grid_config(channels: int, width: int = 128) -> Config:
    """INRet's encoder of a grid with `channels` features (8 for hash grid and octree, 12 for the triplane): 1,024-d."""
    return Config(width=width, hidden=(256, 256, 512, 512), channels=channels)


def inr2vec_config() -> Config:
    """inr2vec's encoder, INRet's for fields that are an MLP alone: no grid, 1,024-d."""
    return Config(width=512, hidden=(512, 512, 1024, 1024), norm=False)


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """What a batch of fields shows of itself (encoders/field_input.py)."""

    rows: Float[Tensor, "batch rows width"]
    grid: Float[Tensor, "batch channels z y x"] | None = None


class Inr(nn.Module):
    """Fields to rows e, not normalised."""

    def __init__(self, config: Config, generator: torch.Generator) -> None:
        super().__init__()
        self.config, self.dim = config, config.dim
        self.weights = WeightEncoder(config)
        self.grid = GridEncoder(config) if config.channels else None
        self.straight = Straight(config) if config.rows else None
        self.norm = nn.BatchNorm1d(config.dim, affine=False) if config.norm else nn.Identity()
        torch_uniform(self, generator)

    def forward(self, fields: Fields) -> Float[Tensor, "batch dim"]:
        """n([c(z) + S z; m(theta) + T theta])."""
        found: Tensor = self.norm(self.bare(fields))
        return found

    def bare(self, fields: Fields) -> Float[Tensor, "batch dim"]:
        """What n norms."""
        parts = [self.weights(fields.rows)]
        if self.grid is not None:
            assert fields.grid is not None, "this encoder reads a grid"
            parts = [self.grid(fields.grid), *parts]
        found = torch.cat(parts, dim=1)
        return found if self.straight is None else found + self.straight(fields)


class WeightEncoder(nn.Module):
    """m: every row through the same layers, then the maximum over rows."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = config.width
        for hidden in config.hidden:
            layers += [nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU()]
            width = hidden
        if config.last:
            layers.append(nn.Linear(width, width))
        self.layers = nn.Sequential(*layers)

    def forward(self, rows: Float[Tensor, "batch rows width"]) -> Float[Tensor, "batch dim"]:
        """One row a field, whatever the order of its rows of weights."""
        batch, n, width = rows.shape
        found: Tensor = self.layers(rows.reshape(batch * n, width))
        return found.view(batch, n, -1).amax(dim=1)


class GridEncoder(nn.Module):
    """c: convolutions of 2 x 2 x 2 at a stride of 2, until one place is left, and a linear layer."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = config.channels
        for _ in range(config.convolutions):
            layers += [
                nn.Conv3d(channels, 2 * channels, kernel_size=2, stride=2),
                nn.GroupNorm(config.groups, 2 * channels),
                nn.ReLU(),
            ]
            channels *= 2
        self.layers = nn.Sequential(*layers)
        self.last = nn.Linear(channels, config.grid)

    def forward(self, grid: Float[Tensor, "batch channels z y x"]) -> Float[Tensor, "batch dim"]:
        """One row a field."""
        return self.last(self.layers(grid).flatten(1))


class Straight(nn.Module):
    """S and T: all numbers of a field, each less its mean over the fields that were learnt from and in units of its deviation
    there (training/settle.py), through a linear layer for the grid and one for the weights."""

    mean: Tensor
    spread: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.blocks, self.of_grid = config.blocks, config.grid_inputs
        self.register_buffer("mean", torch.zeros(config.inputs))
        self.register_buffer("spread", torch.ones(config.inputs))
        self.grid = _linear(config.grid_inputs, config.grid, config.rank)
        self.weights = _linear(config.rows * config.width, config.hidden[-1], config.rank)

    def forward(self, fields: Fields) -> Float[Tensor, "batch dim"]:
        """What is added to [c(z); m(theta)]."""
        evened = ((self.numbers(fields) - self.mean) / self.spread).clamp(-FAR, FAR)
        return torch.cat([self.grid(evened[:, : self.of_grid]), self.weights(evened[:, self.of_grid :])], dim=1)

    def numbers(self, fields: Fields) -> Float[Tensor, "batch inputs"]:
        """A field's features as means over blocks of the lattice, and its rows of weights one behind the other."""
        assert fields.grid is not None, "this encoder reads a grid"
        means = nn.functional.adaptive_avg_pool3d(fields.grid, self.blocks)
        return torch.cat([means.flatten(1), fields.rows.flatten(1)], dim=1)


def _linear(inputs: int, outputs: int, rank: int) -> nn.Sequential:
    """A linear layer; with a rank, one whose matrix is the product of two."""
    thin = [nn.Linear(inputs, rank, bias=False)] if rank else []
    return nn.Sequential(*thin, nn.Linear(rank or inputs, outputs))


def thinned(network: Inr, rank: int) -> Inr:
    """The encoder with the straight path's matrices as products of two thin ones, the nearest of that rank to each (Eckart and
    Young, 1936); of one that has no such path, or a thin one, itself. Its norm must be settled anew (training/settle.py: settle_rows)."""
    if network.straight is None or network.config.rank:
        return network
    state, paths = network.state_dict(), ("straight.grid", "straight.weights")
    rank = min(rank, *(side for name in paths for side in state[f"{name}.0.weight"].shape))
    for name in paths:
        u, s, v = torch.linalg.svd(state[f"{name}.0.weight"], full_matrices=False)
        even = s[:rank].sqrt()
        state |= {f"{name}.0.weight": even[:, None] * v[:rank], f"{name}.1.weight": u[:, :rank] * even}
        state[f"{name}.1.bias"] = state.pop(f"{name}.0.bias")
    thin = Inr(replace(network.config, rank=rank), torch.Generator().manual_seed(0))
    thin.load_state_dict(state)
    return thin.to(next(network.parameters()).device).train(network.training)
