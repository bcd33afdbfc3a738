"""Fit the constants of the default descriptor on the train split, without labels, and write them into the package.

    python benchmarks/fit_descriptor.py

Needs the real data beside the checkout. A change of numbers needs a new version in the encoder's id.
"""

import csv
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from fieldstone.encoders import fused, whitening
from fieldstone.encoders.frame import centred
from retrieval_data import DATA, load_domain

TARGET = Path(whitening.__file__).parent / f"{fused.NAME}.safetensors"


def main() -> None:
    shapes = [shape for domain in ("objects", "parts") for shape in load_domain(domain) if shape.split == "train"]
    tensors: dict[str, np.ndarray] = {}
    for block, formula in fused.FORMULAS.items():
        rows = np.stack([formula(centred(shape.points), shape.normals) for shape in shapes])
        fitted = whitening.fit(rows, fused.KEPT[block], fused.POWER)
        tensors[f"{block}.mean"] = fitted.mean
        tensors[f"{block}.directions"] = fitted.directions.astype(np.float16)
        print(f"{block}: {rows.shape[0]} shapes, {rows.shape[1]} -> {fused.KEPT[block]}")
    save_file(tensors, TARGET, metadata=provenance({shape.id for shape in shapes}))
    print(f"{TARGET}: {TARGET.stat().st_size / 1e3:.0f} kB")


def provenance(ids: set[str]) -> dict[str, str]:
    """What the constants come from: the sources of the fitted shapes with their licences and counts."""
    counts: dict[str, int] = {}
    with (DATA / "shapes" / "shapes.csv").open() as file:
        for row in csv.DictReader(file):
            if row["id"] in ids:
                source = f"{row['source']} ({row['licence']})"
                counts[source] = counts.get(source, 0) + 1
    return {
        "name": fused.ENCODER.id,
        "what": "means and evened principal directions of descriptor blocks, fitted without labels",
        "data": "; ".join(f"{source}: {count} shapes" for source, count in sorted(counts.items())),
        "metric": "cosine",
        "normalisation": fused.ENCODER.card.normalisation,
        "up": "any",
    }


if __name__ == "__main__":
    main()
