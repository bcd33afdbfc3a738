import numpy as np

from fieldstone.evaluate.category_chamfer import category_accuracy, category_chamfer_accuracy, hierarchical
from fieldstone.kernels.chamfer import Clouds, Cube, nearest


def test_accuracies_by_hand() -> None:
    query, retrieved = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0])
    assert category_accuracy(query, retrieved) == 0.75
    shape, truth = np.array([5, 6, 7, 8]), np.array([5, 9, 7, 8])
    assert category_chamfer_accuracy(query, retrieved, shape, truth) == 0.5


def test_hierarchical_keeps_what_is_within_the_factor() -> None:
    generator = np.random.default_rng(0)
    base = generator.standard_normal((512, 3)).astype(np.float32) / 4
    points = np.stack([base + np.float32(step) for step in (0.0, 0.3, 0.5, 0.8, 2.0)])
    cube = Cube.around(points)
    fine, rough = Clouds.of(points, cube), Clouds.of(points[:, :64], cube, lattice=False)
    rows = np.arange(1, 5)
    index, distance, kept = hierarchical(fine.row(0), fine, rough.row(0), rough, 1, rows=rows)
    assert index.tolist() == [1]
    assert 1 <= kept < 4
    np.testing.assert_array_equal(distance, nearest(fine.row(0), fine, 1, rows)[1])
    assert hierarchical(fine.row(0), fine, rough.row(0), rough, 4, rows=rows, factor=1e9)[2] == 4
