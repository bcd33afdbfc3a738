"""What the paper prints of the quality of its fields (arXiv 2501.15722, appendix C.1); for the rest see paper.py.

It does not say the formula or the scale of its C.D. Table 16 gives the hash grid 0.0168, which Table 15 gives the octree.
"""

from collections.abc import Mapping
from typing import TypeAlias

from fieldstone.encoders.inr import Kind
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.fields.network import Architecture

__all__ = ["RECONSTRUCTION", "UNDERTRAINED", "Said"]

Said: TypeAlias = tuple[float, float | None]
"""C.D., and gIoU in per cent where it is given."""


def _kinds(
    architecture: Architecture, sdf: tuple[Said, Said], udf: tuple[float, float], occ: tuple[Said, Said]
) -> dict[Kind, Mapping[Dataset, Said]]:
    """Each on ShapeNet10 and on Pix3D."""
    unsigned: tuple[Said, Said] = ((udf[0], None), (udf[1], None))
    found: dict[Kind, tuple[Said, Said]] = {
        (architecture, "sdf"): sdf, (architecture, "udf"): unsigned, (architecture, "occ"): occ,
    }  # fmt: skip
    return {kind: {"ShapeNet10": first, "Pix3D": second} for kind, (first, second) in found.items()}


RECONSTRUCTION: Mapping[Kind, Mapping[Dataset, Said]] = {
    **_kinds("octree", ((0.0168, 84.2), (0.0183, 85.5)), (0.0122, 0.0125), ((0.0210, 81.4), (0.0213, 82.2))),
    **_kinds("hashgrid", ((0.0147, 86.2), (0.0146, 86.5)), (0.0119, 0.0120), ((0.0223, 82.1), (0.0241, 82.3))),
    **_kinds("siren", ((0.0354, 77.3), (0.0367, 77.5)), (0.0344, 0.0351), ((0.0389, 75.2), (0.0392, 74.9))),
}
"""Table 15."""
UNDERTRAINED: Mapping[str, tuple[float, float]] = {
    "hashgrid": (84.2, 0.0168),
    "hashgrid, 2 epochs": (78.8, 0.0371),
    "siren (inr2vec)": (73.4, 0.0354),
}
"""Table 16: mAP@1 on ShapeNet10, and C.D."""
