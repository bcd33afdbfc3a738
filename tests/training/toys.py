"""Shapes and networks so small that a training takes a blink."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from fieldstone.encoders.networks.batch import Batch
from fieldstone.training.augment import Augment
from fieldstone.training.collection import Collection
from fieldstone.training.recipe import Recipe
from fieldstone.training.schedule import Schedule
from fieldstone.training.towers import Towers

CLASSES = ("rod", "plate", "ball", "ring")


def collection(n: int = 40, points: int = 48, *, views: bool = False, seed: int = 0, **given: object) -> Collection:
    """Rods, plates, balls and rings; every fifth is in the val part."""
    g = np.random.default_rng(seed)
    labels = np.arange(n) % len(CLASSES)
    widths = np.array([[1.0, 0.15, 0.15], [1.0, 0.1, 1.0], [0.6, 0.6, 0.6], [0.9, 0.9, 0.2]])
    clouds = g.standard_normal((n, points, 3))
    clouds /= np.linalg.norm(clouds, axis=2, keepdims=True)
    ring = labels == 3
    clouds[ring] /= np.linalg.norm(clouds[ring][..., :2], axis=2, keepdims=True)
    clouds *= widths[labels][:, None] * g.uniform(0.8, 1.2, (n, 1, 3))
    columns: dict[str, object] = {
        "ids": tuple(f"{CLASSES[c]}-{i}" for i, c in enumerate(labels)),
        "points": clouds.astype(np.float32),
        "split": tuple("val" if i // 4 % 5 == 4 else "train" for i in range(n)),
        "labels": labels.astype(np.int64),
        "classes": CLASSES,
        "captions": tuple((f"a {CLASSES[c]}", f"the shape of a {CLASSES[c]}") for c in labels),
    }
    if views:
        columns["views"] = g.integers(0, 256, (n, 2, 8, 8, 4), dtype=np.uint8)
    return Collection(**(columns | given))  # type: ignore[arg-type]


class Toy(nn.Module):
    """A PointNet with one hidden layer, dropout and a batch norm: whatever a training must reproduce."""

    def __init__(self, dim: int = 12, seed: int = 0) -> None:
        super().__init__()
        self.dim = dim
        g = torch.Generator().manual_seed(seed)
        self.lift, self.norm, self.drop = nn.Linear(3, 24), nn.BatchNorm1d(24), nn.Dropout(0.1)
        self.last = nn.Linear(24, dim)
        with torch.no_grad():
            for p in self.parameters():
                if p.ndim > 1:
                    p.copy_(torch.randn(p.shape, generator=g) * 0.5)
            self.lift.bias.zero_()
            self.last.bias.zero_()
        self.kept: list[int | None] = []

    def forward(self, batch: Batch, keep: int | None = None) -> torch.Tensor:
        self.kept.append(keep)
        points = batch.points if keep is None else batch.points[:, :keep]
        x = torch.relu(self.lift(torch.cat([points, points.square()], 2)[..., :3] + points.square()))
        return self.last(self.drop(self.norm(x.amax(1))))


def recipe(*objectives: object, **given: object) -> Recipe:
    settings: dict[str, object] = {
        "objectives": objectives,
        "augment": Augment(points=32, rotation="up", jitter=0.01, jitter_limit=0.02),
        "schedule": Schedule(rate=5e-3, warm=0.2),
        "epochs": 3,
        "batch": 8,
    }
    return Recipe(**(settings | given))  # type: ignore[arg-type]


class Seer(nn.Module):
    """An image tower of one layer."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.last = nn.Linear(2 * 8 * 8, latent)
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(0.1 * torch.randn(p.shape, generator=torch.Generator().manual_seed(5)))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.last(pictures.flatten(1))


class Reader(nn.Module):
    """A text tower that knows sentences by their length and first letters."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.table = nn.Embedding(256, latent)
        with torch.no_grad():
            self.table.weight.copy_(torch.randn(256, latent, generator=torch.Generator().manual_seed(6)))
        self.read: list[str] = []

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        self.read += texts
        return torch.stack([self.table(torch.tensor(list(text.encode()))).mean(0) for text in texts])


def towers(latent: int = 6, **given: object) -> Towers:
    sides: dict[str, object] = {"latent": latent, "image": Seer(latent), "text": Reader(latent)}
    return Towers(**(sides | given))  # type: ignore[arg-type]
