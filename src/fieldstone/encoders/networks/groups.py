"""What point networks share: one small network over every point of a group, and the maximum over the group.

Qi, Su, Mo, Guibas, PointNet, 2017, eq. 1; Qi, Yi, Su, Guibas, PointNet++, 2017, section 3.2.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.networks.grouping import rows_of

__all__ = ["GroupNetwork", "everything"]


class GroupNetwork(nn.Module):
    """max over j of h([(p_j - c_i) / scale ; f_j]), where h is layers of linear map, batch norm and ReLU."""

    def __init__(self, channels: int, widths: Sequence[int], *, last_relu: bool = True) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in pairwise((3 + channels, *widths)))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for width in widths)
        self.last_relu = last_relu

    def forward(
        self,
        points: Float[Tensor, "batch n 3"],
        features: Float[Tensor, "batch n c"] | None,
        centres: Float[Tensor, "batch m 3"],
        groups: Int64[Tensor, "batch m k"],
        scale: float = 1.0,
    ) -> Float[Tensor, "batch m width"]:
        """One vector a group; `groups` are indices of points, `scale` the length that becomes 1."""
        x = self._first(points / scale, features, centres / scale, groups).flatten(0, 2)
        for i, norm in enumerate(self.norms):
            x = norm(self.layers[i](x) if i else x)
            if i + 1 < len(self.norms) or self.last_relu:
                x = functional.relu(x)
        return x.view(*groups.shape, x.shape[1]).max(2).values

    def _first(
        self, points: Tensor, features: Tensor | None, centres: Tensor, groups: Tensor
    ) -> Float[Tensor, "batch m k width"]:
        """The first linear map, computed once a point and once a centre, not once a pair."""
        weight: Tensor = self.layers[0].get_parameter("weight")
        each = functional.linear(points, weight[:, :3])
        if features is not None:
            each = each + functional.linear(features, weight[:, 3:])
        return rows_of(each, groups) - functional.linear(centres, weight[:, :3])[:, :, None]


def everything(points: Float[Tensor, "batch n 3"]) -> tuple[Float[Tensor, "batch 1 3"], Int64[Tensor, "batch 1 n"]]:
    """The group of all points about the origin: its centre and its indices."""
    batch, n, _ = points.shape
    return torch.zeros_like(points[:, :1]), torch.arange(n, device=points.device).expand(batch, 1, n)
