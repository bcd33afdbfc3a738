"""Weight files whose numbers are random: baselines of pictures, and networks whose speed is measured."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from fieldstone.encoders.networks.build import build
from fieldstone.encoders.networks.tower import ShapeTower
from fieldstone.encoders.weights import Header, save

LATENT = 256
CARD = {
    "title": "Random weights, for comparison",
    "source": "benchmarks/learned_weights.py",
    "invariances": ["translation", "scale", "rotation"],
    "normalisation": "unit_sphere_centroid, on the principal axes of the points",
    "up": None,
    "metric": "cosine",
    "training": "none",
    "licences": "CC0",
}


def random_file(path: Path, network: str, sizes: Any, *, seed: int = 0) -> Path:
    """Write the network of that name at these sizes (its Config), without other towers and without a descriptor."""
    generator = torch.Generator().manual_seed(seed)
    tower = ShapeTower(build(network, asdict(sizes), generator), LATENT, generator)
    tensors = {
        f"shape.{name}": value.numpy()
        for name, value in tower.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    header = Header(
        name=f"random-{network}", version=1, network=network, dim=int(tower.backbone.dim), latent=LATENT, card=CARD,
        config={"backbone": asdict(sizes), "latent": LATENT, "descriptor": 0, "normals": network == "frameless"},
    )  # fmt: skip
    save(path, tensors, header)
    return path
