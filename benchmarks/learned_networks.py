"""The networks of the table of learned retrieval, at sizes for two cores and at the papers'.

Every network sees the points alone. The view-based ones see soft splats of them (coverage and nearness), which MVTN needs
to learn its view-points and which give View-GCN the poses and the scans that the point networks get. No weights of
ImageNet: all begin at random.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from fieldstone.encoders.networks import mvtn, pointbert, pointnet2, pointnext, viewgcn

NAMES = {
    "pointnet2": "PointNet++",
    "pointnext": "PointNeXt-S",
    "viewgcn12": "View-GCN, 12 views",
    "viewgcn20": "View-GCN, 20 views",
    "mvtn": "MVTN, 12 views",
    "pointbert": "PointBERT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A network of the table at one scale."""

    points: int
    """Points that it reads of a shape."""
    make: Callable[[torch.Generator], nn.Module]
    keep: int | None = None
    """Patches that PointBERT keeps in training."""
    rate: float = 2e-3
    """Highest learning rate of the small scales, where ten epochs are few steps; the papers' have their own."""


def plan(name: str, scale: str) -> Plan:
    """The network of that name (see NAMES): the papers' sizes for "full", small ones otherwise."""
    return (_full if scale == "full" else _small)()[name]


def _small() -> dict[str, Plan]:
    """The compact presets, thinned: fewer points and groups, pictures of 20 pixels, so that a table takes two hours."""
    groups = pointnet2.Config(
        points=512, centres=(128, 32), neighbours=(12, 12), widths=((32, 32, 64), (64, 64, 128), (128, 256, 512))
    )
    next_s = replace(pointnext.compact(), points=384, neighbours=8)
    views = replace(mvtn.compact(), points=384, size=20, radius=1)
    patches = replace(pointbert.compact(), points=512, groups=32, group_size=16)
    return {
        "pointnet2": Plan(points=512, make=lambda g: pointnet2.PointNet2(groups, g)),
        "pointnext": Plan(points=384, make=lambda g: pointnext.PointNeXt(next_s, g)),
        "viewgcn12": Plan(
            points=384, make=lambda g: viewgcn.ViewGCN(replace(viewgcn.compact(12), channels=2, size=20, radius=1), g)
        ),
        "viewgcn20": Plan(
            points=384, make=lambda g: viewgcn.ViewGCN(replace(viewgcn.compact(20), channels=2, size=20, radius=1), g)
        ),
        "mvtn": Plan(points=384, make=lambda g: mvtn.MVTN(views, g)),
        "pointbert": Plan(points=512, make=lambda g: pointbert.PointBERT(patches, g), keep=8, rate=1e-3),
    }


def _full() -> dict[str, Plan]:
    """The papers'; of PointBERT's 8,192 points the 4,096 that are kept of a shape."""
    return {
        "pointnet2": Plan(points=2048, make=lambda g: pointnet2.PointNet2(pointnet2.ssg(), g)),
        "pointnext": Plan(points=1024, make=lambda g: pointnext.PointNeXt(pointnext.small_wide(), g)),
        "viewgcn12": Plan(
            points=2048, make=lambda g: viewgcn.ViewGCN(replace(viewgcn.wei(12), channels=2, size=224, radius=4), g)
        ),
        "viewgcn20": Plan(
            points=2048, make=lambda g: viewgcn.ViewGCN(replace(viewgcn.wei(20), channels=2, size=224, radius=4), g)
        ),
        "mvtn": Plan(points=2048, make=lambda g: mvtn.MVTN(mvtn.hamdi(), g)),
        "pointbert": Plan(points=4096, make=lambda g: pointbert.PointBERT(pointbert.ulip2(), g)),
    }
