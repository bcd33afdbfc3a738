import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldstone.errors import GeometryError
from fieldstone.geometry.measure import measures
from fieldstone.geometry.normalise import Normalisation, Similarity, apply, normalise, turn_up
from fieldstone.types import Axis, Mesh, Paint, PointCloud
from tests.geometry.solids import cube


def lopsided() -> Mesh:
    """A mesh whose mean and box centre differ, with a vertex that no face uses."""
    vertices = np.array([[0.0, 0, 0], [10, 0, 0], [0, 4, 0], [0, 0, 2], [99, 99, 99]])
    return Mesh(vertices, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]))


def similarity(seed: int, mirror: bool = False) -> Similarity:
    generator = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(generator.standard_normal((3, 3)))
    rotation *= np.sign(np.linalg.det(rotation)) * (-1 if mirror else 1)
    return Similarity(
        rotation=rotation, translation=generator.standard_normal(3), scale=float(generator.uniform(0.1, 10))
    )


@pytest.mark.parametrize("name", ["unit_sphere_centroid", "unit_sphere_bbox", "unit_cube_0.9"])
def test_each_does_what_its_name_says(name: Normalisation) -> None:
    moved, _ = normalise(lopsided(), name)
    used = moved.vertices[:4]
    if name == "unit_cube_0.9":
        assert np.abs(used).max() == pytest.approx(0.9)
    else:
        assert np.linalg.norm(used, axis=1).max() == pytest.approx(1)
    centre = (used.min(axis=0) + used.max(axis=0)) / 2 if name == "unit_sphere_bbox" else used.mean(axis=0)
    np.testing.assert_allclose(centre, 0, atol=1e-12)


@pytest.mark.parametrize("name", ["unit_sphere_centroid", "unit_sphere_bbox", "unit_cube_0.9", "metric"])
def test_the_inverse_leads_back(name: Normalisation) -> None:
    moved, applied = normalise(lopsided(), name, unit="inch")
    np.testing.assert_allclose(applied.inverse()(moved.vertices), lopsided().vertices, atol=1e-9)


def test_metric_is_metres() -> None:
    moved, _ = normalise(cube(2.0), "metric", unit="inch")
    assert measures(moved).extents == pytest.approx((0.0508,) * 3)
    with pytest.raises(GeometryError, match="unit"):
        normalise(cube(), "metric")


def test_clouds_too() -> None:
    cloud = PointCloud(np.array([[0.0, 0, 0], [4, 0, 0]]), np.array([[0.0, 0, 1], [0, 0, 1]]))
    moved, _ = normalise(cloud, "unit_sphere_centroid")
    np.testing.assert_allclose(moved.points, [[-1, 0, 0], [1, 0, 0]])
    np.testing.assert_array_equal(moved.normals, cloud.normals)


def test_no_extent() -> None:
    with pytest.raises(GeometryError, match="no extent"):
        normalise(PointCloud(np.ones((5, 3))), "unit_sphere_bbox")
    with pytest.raises(GeometryError, match="no points"):
        normalise(PointCloud(np.zeros((0, 3))), "unit_sphere_centroid")


@given(seed=st.integers(0, 2**32 - 1), mirror=st.booleans())
@settings(max_examples=30, deadline=None)
def test_similarities_compose_and_undo(seed: int, mirror: bool) -> None:
    first, second = similarity(seed, mirror), similarity(seed + 1)
    points = np.random.default_rng(seed).standard_normal((5, 3))
    np.testing.assert_allclose(first.then(second)(points), second(first(points)), atol=1e-9)
    np.testing.assert_allclose(first.then(first.inverse())(points), points, atol=1e-9)


def test_mirrored_solids_still_face_outward() -> None:
    paint = Paint(uv=np.arange(72, dtype=np.float32).reshape(12, 3, 2))
    box = Mesh(cube().vertices, cube().faces, paint)
    moved = apply(similarity(0, mirror=True), box)
    assert measures(moved).signed_volume > 0
    assert moved.paint is not None
    assert moved.paint.uv is not None
    for corner in range(3):  # every corner keeps its texture coordinates
        np.testing.assert_array_equal(moved.faces[:, corner], box.faces[:, 2 - corner])
        np.testing.assert_array_equal(moved.paint.uv[:, corner], paint.uv[:, 2 - corner])


@pytest.mark.parametrize("up", ["x", "y", "z"])
@pytest.mark.parametrize("to", ["x", "y", "z"])
def test_up_turns_without_mirror(up: Axis, to: Axis) -> None:
    turned = turn_up(up, to)
    np.testing.assert_array_equal(turned(np.eye(3)["xyz".index(up)][None])[0], np.eye(3)["xyz".index(to)])
    assert np.linalg.det(turned.rotation) == pytest.approx(1)
