"""Pictures of shapes for the image tower, made from normals and nearness as they are needed, in several styles.

A tower that only ever sees one way of drawing knows that way and not the shape; so each shape of a batch is shaded by a
random light, drawn as lines, or filled, anew at every step.
"""

from typing import Literal, TypeAlias

import torch
from jaxtyping import Bool, Float, Shaped, UInt8
from torch import Tensor
from torch.nn import functional

from fieldstone.training.batches import signed_views

__all__ = ["STYLES", "Style", "drawn", "pictures", "shaded", "silhouette"]

Style: TypeAlias = Literal["shaded", "drawn", "silhouette"]
STYLES: tuple[Style, ...] = ("shaded", "drawn", "silhouette")

CREASE = 0.82
"""Normals whose cosine is below this have an edge between them (35 degrees)."""
JUMP = 0.06
"""So have pixels whose nearness, in [0, 1], differs by more."""


def pictures(
    views: UInt8[Tensor, "batch size size 4"], styles: tuple[Style, ...], generator: torch.Generator
) -> Float[Tensor, "batch 2 size size"]:
    """Grey in [-1, 1] (0 where nothing is seen) and the mask, 0 or 1, of each view in a style drawn from `styles`.

    `views` are a collection's: normals in the camera's frame (x right, y up, z to the viewer), then nearness. The
    generator lives on the CPU.
    """
    signed = signed_views(views)
    seen = views[..., 3] > 0
    light = _lights(len(views), generator).to(views.device)
    tone = torch.rand(len(views), generator=generator).to(views.device)
    choice = torch.randint(len(styles), (len(views),), generator=generator).to(views.device)
    grey = torch.zeros_like(signed[:, 0])
    for number, style in enumerate(styles):
        made = shaded(signed, light, tone) if style == "shaded" else silhouette(signed, tone)
        made = drawn(signed, seen, tone) if style == "drawn" else made
        grey = torch.where((choice == number)[:, None, None], made, grey)
    return torch.stack([grey * seen, seen.to(grey.dtype)], dim=1)


def shaded(
    views: Float[Tensor, "batch 4 size size"], light: Float[Tensor, "batch 3"], tone: Float[Tensor, "batch"]
) -> Float[Tensor, "batch size size"]:
    """Lambert's law under one far light; `tone` in [0, 1] is how much light comes from everywhere else."""
    normal = functional.normalize(views[:, :3], dim=1)
    facing = torch.einsum("bcij,bc->bij", normal, light).clamp(min=0.0)
    ambient = (0.1 + 0.4 * tone)[:, None, None]
    return 2.0 * (ambient + (1.0 - ambient) * facing) - 1.0


def drawn(
    views: Float[Tensor, "batch 4 size size"], seen: Bool[Tensor, "batch size size"], tone: Float[Tensor, "batch"]
) -> Float[Tensor, "batch size size"]:
    """Dark lines where normals turn or nearness jumps, on paper that is white or, by `tone`, a little grey."""
    normal = functional.normalize(views[:, :3], dim=1)
    near = 0.5 * views[:, 3] + 0.5
    line = torch.zeros_like(seen)
    for axis in (1, 2):
        (here, there), (near_here, near_there) = _neighbours(seen, axis), _neighbours(near, axis)
        turn = torch.mul(*_neighbours(normal, axis + 1)).sum(1) < CREASE
        edge = turn | ((near_here - near_there).abs() > JUMP)
        line_here, line_there = _neighbours(line, axis)
        line_here |= here & (edge | ~there)
        line_there |= there & ~here
    paper = (1.0 - 0.4 * tone)[:, None, None]
    return torch.where(line, -torch.ones_like(near), paper.expand_as(near))


def silhouette(
    views: Float[Tensor, "batch 4 size size"], tone: Float[Tensor, "batch"]
) -> Float[Tensor, "batch size size"]:
    """The shape filled with one dark tone."""
    return (0.6 * tone - 1.0)[:, None, None].expand_as(views[:, 3])


def _neighbours(values: Shaped[Tensor, "*shape"], axis: int) -> tuple[Shaped[Tensor, "*part"], Shaped[Tensor, "*part"]]:
    """Views of all pixels but the last along an axis, and of those that follow them."""
    count = values.shape[axis] - 1
    return values.narrow(axis, 0, count), values.narrow(axis, 1, count)


def _lights(count: int, generator: torch.Generator) -> Float[Tensor, "{count} 3"]:
    """Directions to a light on the viewer's side, uniform over what stands within 60 degrees of the viewer."""
    height = 0.5 + 0.5 * torch.rand(count, generator=generator)
    turn = 2.0 * torch.pi * torch.rand(count, generator=generator)
    away = torch.sqrt(1.0 - height.square())
    return torch.stack([away * torch.cos(turn), away * torch.sin(turn), height], dim=1)
