"""Samples written as files come back as the shapes they were."""

from pathlib import Path

import numpy as np

from fieldstone import files
from fieldstone.samples import CATEGORIES, make, write
from fieldstone.types import Mesh


def test_written_files_read_back(tmp_path: Path) -> None:
    n = 16
    paths = write(tmp_path, n, seed=0)
    assert len(paths) == n
    assert {path.suffix for path in paths} == {".glb", ".stl", ".ply", ".obj"}
    assert sum(path.suffix == ".glb" for path in paths) > n / 2
    for path, category in zip(paths, CATEGORIES[:n], strict=True):
        assert path == tmp_path / category / f"{category}-0000{path.suffix}"
        model, truth = files.read(path), make(category, 0)
        assert isinstance(model.shape, Mesh)
        assert len(model.shape.faces) == len(truth.faces)
        low, high = truth.vertices.min(0), truth.vertices.max(0)
        size = high - low
        expected = size[[0, 2, 1]] / 1000 if path.suffix == ".glb" else size
        assert np.allclose(np.ptp(model.shape.vertices, axis=0), expected, rtol=1e-5)
        if path.suffix == ".glb":
            assert (model.unit, model.up) == ("m", "y")
            assert model.shape.paint is not None
