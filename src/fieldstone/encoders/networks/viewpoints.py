"""Where eyes stand around a shape, as azimuth and elevation in radians, and the rotations that they mean.

y is up; at azimuth 0 the eye stands on +z, at a quarter turn on +x; elevation is the angle above the ground.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["dodecahedron", "ring", "rotations"]


def ring(views: int = 12, elevation: float = 30.0) -> Float[Tensor, "{views} 2"]:
    """Eyes at equal steps around the up axis, at an elevation in degrees (Su et al., Multi-view CNN, 2015, section 3.1: 12 at
    30 degrees)."""
    azimuth = torch.arange(views) * (2 * math.pi / views)
    return torch.stack([azimuth, torch.full_like(azimuth, math.radians(elevation))], dim=1)


def dodecahedron() -> Float[Tensor, "20 2"]:
    """Eyes on the corners of a regular dodecahedron around the shape: all sides alike."""
    phi = (1 + math.sqrt(5)) / 2
    signs = (1.0, -1.0)
    corners = [(x, y, z) for x in signs for y in signs for z in signs]
    for a in (1 / phi, -1 / phi):
        for b in (phi, -phi):
            corners += [(0.0, a, b), (a, b, 0.0), (b, 0.0, a)]
    x, y, z = torch.tensor(corners, dtype=torch.float64).T
    return torch.stack([torch.atan2(x, z), torch.asin(y / math.sqrt(3))], dim=1).float()


def rotations(viewpoints: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch 3 3"]:
    """Rotations from the shape's frame to each camera's (rows: right, up, towards the eye); differentiable."""
    azimuth, elevation = viewpoints.unbind(-1)
    sin_a, cos_a, sin_e, cos_e = azimuth.sin(), azimuth.cos(), elevation.sin(), elevation.cos()
    right = torch.stack([cos_a, torch.zeros_like(cos_a), -sin_a], dim=-1)
    up = torch.stack([-sin_e * sin_a, cos_e, -sin_e * cos_a], dim=-1)
    eye = torch.stack([cos_e * sin_a, sin_e, cos_e * cos_a], dim=-1)
    return torch.stack([right, up, eye], dim=-2)
