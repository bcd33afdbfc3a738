"""A learned encoder of a few hundred numbers, in the layout of those that ship; its weights mean nothing."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fieldstone.encoders.weights import Header, save

CARD = {
    "title": "A tiny network, for tests",
    "source": "nobody",
    "invariances": ["translation", "scale", "rotation"],
    "normalisation": "unit_sphere_centroid",
    "up": None,
    "metric": "cosine",
    "training": "none; CC0 noise",
    "licences": "CC0",
}
LATENT = 16


def tiny(path: Path, name: str = "tiny", *, towers: bool = True, half: bool = True, **header: Any) -> Path:
    """Write it to `path`; `towers` adds those for words and pictures, `half` keeps its numbers in two bytes."""
    import torch

    from fieldstone.encoders.networks import image, pointbert, text
    from fieldstone.encoders.networks.tower import ShapeTower

    backbone = pointbert.Config(
        dim=32, depth=1, heads=2, groups=16, group_size=8, points=256, patch_widths=(8, 16, 32, 16),
        position_width=16, descriptor=256,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    nets: dict[str, torch.nn.Module] = {
        "shape": ShapeTower(pointbert.PointBERT(backbone, generator), LATENT, generator, descriptor=256)
    }
    config: dict[str, Any] = {"backbone": asdict(backbone), "latent": LATENT, "descriptor": 256}
    if towers:
        words, pictures = text.Config(latent=LATENT, rows=64, dim=16, depth=1, heads=2), image.Config(latent=LATENT)
        nets |= {"text": text.TextTower(words, generator), "image": image.ImageTower(pictures, generator)}
        config |= {"text": asdict(words), "image": asdict(pictures)}
    kind = np.float16 if half else np.float32
    tensors = {
        f"{prefix}.{key}": value.numpy().astype(kind)
        for prefix, net in nets.items()
        for key, value in net.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    tensors |= {"descriptor.mean": np.zeros(256, kind), "descriptor.std": np.full(256, 0.1, kind)}
    said: dict[str, Any] = {"version": 1, "network": "pointbert", "dim": 64, "latent": LATENT, "card": CARD}
    save(path, tensors, Header(name=name, config=config, **{**said, **header}))
    return path
