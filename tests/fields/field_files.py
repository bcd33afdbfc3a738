"""Fields of every architecture, and what their files say, for the tests of the file."""

import json
from typing import Any

import numpy as np

from fieldstone.fields.file import KEY
from fieldstone.fields.frame import Frame
from fieldstone.fields.hashgrid import HashGridConfig
from fieldstone.fields.network import Architecture, Card, NeuralField
from fieldstone.fields.octree import OctreeConfig
from fieldstone.fields.registry import KINDS
from fieldstone.fields.siren import SirenConfig
from fieldstone.fields.triplane import TriplaneConfig
from fieldstone.geometry.normalise import Similarity

CONFIGS: dict[Architecture, Any] = {
    "hashgrid": HashGridConfig(coarsest=4, finest=16, levels=3, most_rows=1 << 9),
    "octree": OctreeConfig(first=1, last=3, channels=4),
    "triplane": TriplaneConfig(nodes=9),
    "siren": SirenConfig(hidden=16, layers=3),
}
GRIDS: list[Architecture] = ["hashgrid", "octree", "triplane"]
POINTS = np.random.default_rng(1).uniform(-1, 1, (500, 3))


def made(architecture: Architecture = "hashgrid", outputs: int = 1, seed: int = 0) -> NeuralField:
    generator = np.random.default_rng(seed)
    surface = generator.standard_normal((400, 3))
    surface *= 0.7 / np.linalg.norm(surface, axis=1, keepdims=True)
    config = CONFIGS[architecture]
    tensors = KINDS[architecture].begin(config, "sdf", outputs, seed, surface)
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    to_model = Similarity(rotation=turn, translation=np.array([1.0, 2.0, 3.5]), scale=25.4)
    return NeuralField(
        network=KINDS[architecture].network(config, tensors),
        function="sdf",
        frame=Frame(name="unit_sphere_bbox", to_model=to_model, unit="mm", up="z"),
        card=Card(
            source="ball.stl", source_hash="ab" * 32, settings={"points": [1, 2], "schedule": {"rate": 5e-3}},
            error=1.5e-3, sign_confidence=0.99, licence="CC0-1.0",
        ),
    )  # fmt: skip


def header_of(data: bytes) -> dict[str, Any]:
    outer = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(outer["__metadata__"][KEY])
