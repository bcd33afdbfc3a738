"""The default: surflet pairs, far and near, and centroid triangles, whitened and joined to 256 numbers; the same in any pose.

The formulas are those of `surflets.py`, `near.py` and `triangles.py`. Each block is projected on its principal directions, evened
out (`whitening.py`), scaled to unit length, weighted, and joined. Means and directions were fitted without labels by
`benchmarks/fit_descriptor.py`; the file that holds them names the data and its licences.
"""

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders import whitening
from fieldstone.encoders.descriptor import Descriptor, Formula
from fieldstone.encoders.near import near_histogram
from fieldstone.encoders.protocol import Card
from fieldstone.encoders.surflets import surflet_histogram
from fieldstone.encoders.triangles import triangle_histogram

__all__ = ["ENCODER", "FORMULAS", "KEPT", "NAME", "POWER", "WEIGHTS"]

NAME = "fieldstone-descriptor-1"
"""The file of constants, beside this module."""
POWER = 0.4
KEPT = {"surflets": 144, "near": 64, "triangles": 48}
"""Components of each block."""
WEIGHTS = {"surflets": 1.0, "near": 0.65, "triangles": 0.45}
"""Length of each block. All of these were chosen on train and val, where values near them do as well."""
FORMULAS: dict[str, Formula] = {
    "surflets": surflet_histogram,
    "near": near_histogram,
    "triangles": triangle_histogram,
}


def _fused(points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "256"]:
    blocks = [
        np.float32(WEIGHTS[block]) * whitening.apply(whitening.load(NAME, block), formula(points, normals))
        for block, formula in FORMULAS.items()
    ]
    return np.concatenate(blocks)


ENCODER = Descriptor(
    id="fieldstone-descriptor@1",
    dim=sum(KEPT.values()),
    card=Card(
        title="Surflet pairs, far and near, and centroid triangles, whitened and joined",
        source=(
            "Wahl, Hillenbrand, Hirzinger, Surflet-pair-relation histograms, 2003; Osada, Funkhouser, Chazelle, "
            "Dobkin, Shape distributions, 2002; whitening after Jégou, Chum, Negative evidences and co-occurences in "
            "image retrieval, 2012; the choice and joining of blocks are ours"
        ),
        invariances=("translation", "scale", "rotation", "reflection", "orientation of faces"),
        normalisation="centroid at the origin, root mean square radius 1",
        up=None,
        training=(
            "means and principal directions, without labels, of 4,103 real meshes: the train split of Fieldstone's "
            "development data (CC0, CC-BY 2.0 / 3.0 / 4.0, MIT, MIT-0, BSD-3-Clause, Apache-2.0); the file's own "
            "metadata names the sources"
        ),
    ),
    formula=_fused,
    needs_normals=True,
)
