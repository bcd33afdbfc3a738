import numpy as np

from fieldstone.evaluate.category_chamfer import FACTOR, category_accuracy, category_chamfer_accuracy, hierarchical
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
    index, distance, _ = hierarchical(fine.row(0), fine, rough.row(0), rough, 1, rows=rows)
    assert index.tolist() == [1]
    np.testing.assert_array_equal(distance, nearest(fine.row(0), fine, 1, rows)[1])
    assert hierarchical(fine.row(0), fine, rough.row(0), rough, 4, rows=rows, factor=1e9)[2] == 4


def test_the_factor_is_of_distances_and_not_of_their_squares() -> None:
    places = np.stack(np.meshgrid(*[np.arange(4.0)] * 3), axis=-1).reshape(-1, 3)
    points = np.stack([places + np.array([step, 0.0, 0.0]) for step in (0.0, 0.1, 0.29, 0.31, 0.45)]).astype(np.float32)
    cube = Cube.around(points)
    fine, rough = Clouds.of(points, cube), Clouds.of(points[:, ::4], cube, lattice=False)
    asked = (fine.row(0), fine, rough.row(0), rough, 4)
    for factor, kept in ((2.8, 1), (3.0, 2), (3.2, 3), (4.6, 4)):
        index, _, count = hierarchical(*asked, rows=np.arange(1, 5), factor=factor)
        assert count == kept
        assert index.tolist() == [1, 2, 3, 4][:kept]
    assert FACTOR == 3.0
