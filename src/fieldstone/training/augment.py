"""Random changes of a cloud that leave its class what it was: the paper's, the released configurations' and ULIP's.

Van den Herrewegen et al., Fine-tuning 3D foundation models for geometric object retrieval, 2024 (below: 3DOR), section
3.3.3. In the paper's order: subset, rotation, stretch, scale, jitter, shift.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float32, Float64

from fieldstone.geometry.rotations import quaternion_rotations, small_rotations

__all__ = [
    "Augment",
    "Dataset",
    "Rotation",
    "augmented",
    "paper",
    "released",
    "rotations",
    "ulip",
    "view",
]

Rotation: TypeAlias = Literal["none", "up", "any"]
Dataset: TypeAlias = Literal["modelnet40", "shapenet", "shapenet_perturbed", "mcb", "scanobjectnn", "objaverse_easy"]
"""Public sets of 3DOR, each with its own recipe."""

NORMAL_OF = {"yz": 0, "xz": 1, "xy": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """What is done to a cloud at each access; the defaults do nothing. Lengths are shares of the unit sphere's radius."""

    points: int | None = None
    """Points drawn from a shape's own, without repetition; None: all, in order."""
    rotation: Rotation = "none"
    """Uniform: about the y axis ("up"), or over all rotations ("any")."""
    tilt: float = 0.0
    """Standard deviation of three small turns about the axes, in radians, cut at three of them (ULIP)."""
    flip: tuple[Literal["xy", "yz", "xz"], ...] = ()
    """Planes at which the shape is mirrored, each with a chance of 1/2."""
    stretch: tuple[float, float] = (1.0, 1.0)
    """Bounds of a factor for each axis."""
    scale: tuple[float, float] = (1.0, 1.0)
    """Bounds of one factor for all axes."""
    jitter: float = 0.0
    """Standard deviation of a point's own displacement along each axis."""
    jitter_limit: float = 0.0
    """That displacement is cut here."""
    shift: float = 0.0
    """Bound of the displacement of the whole along each axis."""
    told: float = 0.0
    """Chance that the network is told which way is up, where the collection knows; at 1, validation is told as well."""
    dropout: float = 0.0
    """Up to this share of the points, itself drawn, fall on the cloud's first point (ULIP)."""

    def __post_init__(self) -> None:
        """ValueError for bounds that no change can keep."""
        if self.points is not None and self.points < 1:
            raise ValueError("an augmentation keeps at least one point")
        if not all(0.0 < low <= high for low, high in (self.stretch, self.scale)):
            raise ValueError("factors of stretch and scale are above 0, the lower bound first")
        if min(self.tilt, self.jitter, self.jitter_limit, self.shift, self.dropout) < 0.0 or self.dropout >= 1.0:
            raise ValueError("tilt, jitter, shift and dropout are not below 0, and dropout is below 1")
        if (self.jitter > 0.0) != (self.jitter_limit > 0.0):
            raise ValueError("jitter comes with a limit above 0, and a limit with a jitter")


def augmented(
    points: Float32[np.ndarray, "batch n 3"],
    normals: Float32[np.ndarray, "batch n 3"] | None,
    config: Augment,
    generator: np.random.Generator,
) -> tuple[Float32[np.ndarray, "batch m 3"], Float32[np.ndarray, "batch m 3"] | None]:
    """The clouds, each changed in its own way, and the unit normals of what they were changed to; noise leaves normals as they
    are. m is `config.points`, or n where that is less or None."""
    cloud, facing = _subset(points, normals, config.points, generator)
    count = len(cloud)
    frame = rotations(count, config.rotation, generator)
    if config.tilt:
        tilts = np.clip(config.tilt * generator.standard_normal((count, 3)), -3.0 * config.tilt, 3.0 * config.tilt)
        for axis in range(3):
            frame = small_rotations(tilts[:, axis, None] * np.eye(3)[axis]) @ frame
    factors = generator.uniform(*config.stretch, (count, 3)) * generator.uniform(*config.scale, (count, 1))
    for plane in config.flip:
        factors[:, NORMAL_OF[plane]] *= generator.choice([-1.0, 1.0], count)
    cloud = cloud @ (frame.transpose(0, 2, 1) * factors[:, None]).astype(np.float32)
    if facing is not None:
        facing = facing @ (frame.transpose(0, 2, 1) / factors[:, None]).astype(np.float32)
        facing = facing / np.maximum(np.linalg.norm(facing, axis=2, keepdims=True), np.float32(1e-12))
    if config.jitter:
        noise = config.jitter * generator.standard_normal(cloud.shape, dtype=np.float32)
        cloud += np.clip(noise, -config.jitter_limit, config.jitter_limit)
    if config.shift:
        cloud += generator.uniform(-config.shift, config.shift, (count, 1, 3)).astype(np.float32)
    if config.dropout:
        lost = generator.random(cloud.shape[:2]) < config.dropout * generator.random((count, 1))
        cloud = np.where(lost[..., None], cloud[:, :1], cloud)
        facing = None if facing is None else np.where(lost[..., None], facing[:, :1], facing)
    return np.ascontiguousarray(cloud), None if facing is None else np.ascontiguousarray(facing)


def view(
    points: Float32[np.ndarray, "batch n 3"],
    normals: Float32[np.ndarray, "batch n 3"] | None,
    config: Augment,
    generator: np.random.Generator,
) -> tuple[Float32[np.ndarray, "batch m 3"], Float32[np.ndarray, "batch m 3"] | None]:
    """The clouds as an encoder that learnt with `config` meets them afterwards: evenly thinned, in poses that it was
    taught, and nothing else; and the normals of the points that are kept."""
    size = points.shape[1]
    kept = min(config.points or size, size)
    chosen = np.arange(kept) * size // kept
    frame = rotations(len(points), config.rotation, generator).transpose(0, 2, 1).astype(np.float32)
    cloud = np.ascontiguousarray(points[:, chosen] @ frame)
    return cloud, None if normals is None else np.ascontiguousarray(normals[:, chosen] @ frame)


def rotations(count: int, kind: Rotation, generator: np.random.Generator) -> Float64[np.ndarray, "{count} 3 3"]:
    """Random proper rotations; those of "any" uniform over all, from unit quaternions."""
    if kind == "none":
        return np.tile(np.eye(3), (count, 1, 1))
    if kind == "up":
        return small_rotations(generator.uniform(0.0, 2.0 * np.pi, (count, 1)) * np.eye(3)[1])
    quaternions = generator.standard_normal((count, 4))
    return quaternion_rotations(quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True))


def paper(dataset: Dataset = "modelnet40", points: int = 8192) -> Augment:
    """3DOR, section 3.3.3; rotations as section 4.2 says for each set."""
    turned: dict[str, Rotation] = {"shapenet_perturbed": "any", "mcb": "any", "scanobjectnn": "up"}
    return Augment(
        points=points, rotation=turned.get(dataset, "none"), stretch=(0.7, 1.25), scale=(0.7, 1.25), jitter=0.005,
        jitter_limit=0.05, shift=0.07,
    )  # fmt: skip


def released(dataset: Dataset = "modelnet40", points: int = 8192) -> Augment:
    """As 3DOR's released configurations have it: no scale, and for MCB, against the paper, no rotation."""
    strong = Augment(points=points, stretch=(0.7, 1.25), jitter=0.005, jitter_limit=0.05, shift=0.07)
    if dataset in ("modelnet40", "shapenet"):
        return strong
    fine = dataset in ("mcb", "scanobjectnn")
    turned: dict[str, Rotation] = {"shapenet_perturbed": "any", "scanobjectnn": "up"}
    mirrored: dict[str, tuple[Literal["xy", "yz", "xz"], ...]] = {
        "scanobjectnn": ("xy", "yz"), "objaverse_easy": ("yz", "xz"),
    }  # fmt: skip
    return Augment(
        points=points, rotation=turned.get(dataset, "none"), flip=mirrored.get(dataset, ()), stretch=(0.8, 1.1),
        jitter=0.001 if fine else 0.01, jitter_limit=0.01 if fine else 0.05, shift=0.05,
    )  # fmt: skip


def ulip(points: int = 8192) -> Augment:
    """ULIP's pre-training: points lost, scale, shift, a small tilt and a full turn about the up axis."""
    return Augment(points=points, rotation="up", tilt=0.06, scale=(0.8, 1.25), shift=0.1, dropout=0.875)


def _subset(
    points: Float32[np.ndarray, "batch n 3"],
    normals: Float32[np.ndarray, "batch n 3"] | None,
    kept: int | None,
    generator: np.random.Generator,
) -> tuple[Float32[np.ndarray, "batch m 3"], Float32[np.ndarray, "batch m 3"] | None]:
    if kept is None:
        return points, normals
    keys = generator.random(points.shape[:2], dtype=np.float32)
    kept = min(kept, points.shape[1])
    chosen = np.argsort(keys, axis=1, kind="stable")[:, :kept, None]
    turns = None if normals is None else np.take_along_axis(normals, chosen, axis=1)
    return np.take_along_axis(points, chosen, axis=1), turns
