"""The geometry on real files: nothing is made worse, and what is sound is found sound."""

import csv
import sys
from pathlib import Path

import numpy as np

from fieldstone.geometry.distance import sign_confidence
from fieldstone.geometry.health import health
from fieldstone.geometry.repair import repair
from fieldstone.types import Mesh


def test_health_and_repair_of_real_shapes(shared_data: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(shared_data))
    sys.modules.pop("read_packs", None)
    from read_packs import iter_shapes

    with (shared_data / "shapes" / "shapes.csv").open() as file:
        watertight = {row["id"]: row["watertight"] == "1" for row in csv.DictReader(file)}
    for pack in sorted((shared_data / "shapes").glob("*.npz"))[:12]:
        for k, (shape_id, vertices, faces) in enumerate(iter_shapes(pack)):
            if k % 25:
                continue
            mesh = Mesh(vertices, faces)
            before, fixed = health(mesh), repair(mesh)
            after = health(fixed.mesh)
            assert before.watertight or not watertight[shape_id], shape_id
            assert after.watertight or not before.watertight, shape_id
            assert after.oriented or not before.oriented, shape_id
            assert after.n_non_manifold <= before.n_non_manifold, shape_id
            assert after.n_duplicate_vertices == after.n_duplicate_faces == after.n_unreferenced == 0
            assert repair(fixed.mesh).done == (), shape_id
            assert 0 <= sign_confidence(mesh, np.random.default_rng(0), n=50) <= 1
