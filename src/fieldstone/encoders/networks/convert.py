"""A published checkpoint as a weight file of ours, which `--encoder` takes like any other."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch

from fieldstone.encoders.networks.checkpoints import Inspection, load_backbone
from fieldstone.encoders.weights import Header, save

__all__ = ["convert"]

SOURCES = {
    "ulip": "Xue et al., ULIP-2: towards scalable multimodal pre-training for 3D understanding, 2024; code BSD-3-Clause",
    "point-bert": "Yu et al., Point-BERT: pre-training 3D point cloud transformers with masked point modeling, 2022; MIT",
}
TERMS = "trained by others: their terms, and those of ShapeNet and of Objaverse where they were the data, go with it"


def convert(path: str | Path, out: str | Path) -> Inspection:
    """Write the PointBERT of a ULIP, ULIP-2 or Point-BERT file as a weight file; what it is.

    An embedding is the row in the latent that ULIP shares with pictures and words; Point-BERT, which has none, gives its
    own rows of [cls ; max]. Shapes stand upright. Raises EncoderError where the file does not fit, FileError where
    `out` cannot be written.
    """
    network, projection, what = load_backbone(path)
    project = torch.eye(network.dim) if projection is None else projection
    tensors = {f"shape.backbone.{name}": tensor for name, tensor in network.state_dict().items()}
    arrays = {
        name: tensor.numpy()
        for name, tensor in (tensors | {"shape.project.weight": project}).items()
        if not name.endswith("num_batches_tracked")
    }
    sizes = json.loads(json.dumps(dataclasses.asdict(network.config)))
    header = Header(
        name=_name(what), version=1, network="pointbert", dim=network.dim, latent=len(project), pose="upright",
        config={"backbone": sizes, "latent": len(project), "descriptor": 0}, card=_card(what),
        training={"layout": what.title},
    )  # fmt: skip
    save(out, arrays, header)
    return what


def _name(what: Inspection) -> str:
    return f"ulip2-pointbert-{what.generation}" if what.kind == "ulip" else "point-bert"


def _card(what: Inspection) -> dict[str, Any]:
    return {
        "title": what.sentence(),
        "source": SOURCES[what.kind],
        "invariances": ["translation", "scale"],
        "normalisation": "centroid at the origin, farthest point at distance 1",
        "up": "y",
        "training": TERMS,
    }
