"""Evidence: each class on a shape made for it, with pose, factor and count."""

import numpy as np
import pytest

from fieldstone.geometry.fingerprint import body_fingerprints, fingerprint, fingerprint_cloud
from fieldstone.geometry.sample import sample_surface
from fieldstone.geometry.weld import weld
from fieldstone.library.evidence import Judgement, Record, judge
from fieldstone.library.factors import describe_factor
from fieldstone.types import Mesh, PointCloud, Unit
from tests.geometry.forms import join, knot, moved, rotation, screw, subdivided
from tests.geometry.solids import cube, sphere, torus

GENERATOR = np.random.default_rng(0)
TURN = rotation(GENERATOR)
MIRROR = np.diag([-1.0, 1.0, 1.0])


def record(mesh: Mesh, seed: int = 1, unit: Unit | None = None) -> Record:
    points = sample_surface(mesh, 4096, np.random.default_rng(seed)).points
    bodies = body_fingerprints(weld(mesh))
    return Record(points=points, fingerprint=fingerprint(mesh), bodies=bodies, n_faces=len(mesh.faces), unit=unit)


def cloud_record(points: np.ndarray) -> Record:
    cloud = PointCloud(points.astype(np.float32))
    return Record(points=cloud.points, fingerprint=fingerprint_cloud(cloud), kind="cloud")


def lays(answer: Judgement, other: Mesh, query: Mesh, tolerance: float) -> None:
    """The pose takes the other's vertices to the query's."""
    assert answer.pose is not None
    laid = answer.pose.scale * other.vertices @ answer.pose.rotation.T + answer.pose.translation
    assert np.abs(laid - query.vertices).max() < tolerance


def test_identical_in_another_pose_encoding_and_triangulation() -> None:
    other = moved(knot(), TURN, 4.0)
    rough = Mesh(other.vertices.astype(np.float32), other.faces)
    for changed in (rough, subdivided(rough, GENERATOR), Mesh(rough.vertices, rough.faces[::-1, ::-1].copy())):
        answer = judge(record(knot()), record(changed, 2))
        assert answer.evidence.kind == "identical"
        assert answer.evidence.factor == 1.0
        assert answer.residual == 0.0
    lays(judge(record(knot()), record(rough, 2)), other, knot(), 1e-4)


def test_rescaled_says_the_factor_and_the_units() -> None:
    small, large = record(knot()), record(moved(knot(), TURN, 1.0, 25.4), 2)
    answer = judge(large, small)
    assert answer.evidence.kind == "rescaled"
    assert answer.evidence.factor == pytest.approx(25.4, rel=1e-6)
    assert answer.evidence.text == "rescaled by 25.4 (inch / mm)"
    assert answer.pose is not None
    assert answer.pose.scale == pytest.approx(25.4, rel=1e-6)
    assert judge(small, large).evidence.factor == pytest.approx(1 / 25.4, rel=1e-6)


def test_known_units_compare_in_real_size() -> None:
    inch, metre = record(knot(), 1, "inch"), record(moved(knot(), TURN, 0.0, 0.0254), 2, "m")
    answer = judge(inch, metre)
    assert answer.evidence.kind == "identical"
    assert answer.pose is not None
    assert answer.pose.scale == pytest.approx(1 / 0.0254)
    same_numbers = judge(inch, record(knot(), 2, "mm"))
    assert same_numbers.evidence.kind == "rescaled"
    assert same_numbers.evidence.text == "rescaled by 25.4 (inch / mm)"
    assert judge(inch, record(knot(), 2)).evidence.kind == "identical"


def test_mirrored_only_where_the_shape_is_chiral() -> None:
    answer = judge(record(knot()), record(moved(knot(), TURN @ MIRROR, 2.0), 2))
    assert answer.evidence.kind == "mirrored"
    assert answer.evidence.mirrored
    lays(answer, moved(knot(), TURN @ MIRROR, 2.0), knot(), 1e-5)
    assert answer.pose is not None
    assert np.linalg.det(answer.pose.rotation) == pytest.approx(-1.0)
    assert judge(record(torus()), record(moved(torus(), TURN @ MIRROR), 2)).evidence.kind == "identical"
    assert judge(record(screw()), record(moved(screw(), TURN @ MIRROR), 2)).evidence.kind == "mirrored"
    inch = judge(record(moved(knot(), MIRROR, 0.0, 25.4)), record(knot(), 2))
    assert inch.evidence.kind == "mirrored"
    assert "25.4 (inch / mm)" in inch.evidence.text


def test_another_tessellation_of_one_smooth_part_is_identical() -> None:
    coarse, fine = torus(rows=128, columns=64), torus(rows=192, columns=96)
    answer = judge(record(coarse), record(moved(fine, TURN), 2))
    assert answer.evidence.kind == "identical"
    assert "tessellated anew" in answer.evidence.text


def test_decimated_is_remeshed() -> None:
    import fast_simplification

    vertices, faces = fast_simplification.simplify(
        knot().vertices.astype(np.float32), knot().faces.astype(np.int32), target_reduction=0.5
    )
    half = Mesh(vertices, faces.astype(np.int64))
    answer = judge(record(knot()), record(moved(half, TURN, 1.0), 2))
    assert answer.evidence.kind == "remeshed"
    assert not answer.evidence.mirrored
    assert answer.residual is not None
    assert answer.residual < 0.01
    mirrored = judge(record(knot()), record(moved(half, TURN @ MIRROR, 1.0), 2))
    assert mirrored.evidence.kind == "remeshed"
    assert mirrored.evidence.mirrored


def test_a_cloud_of_a_mesh_is_points_of_the_same_surface() -> None:
    points = sample_surface(moved(knot(), TURN, 3.0, 10.0), 6000, np.random.default_rng(5)).points
    answer = judge(cloud_record(points), record(knot()))
    assert answer.evidence.kind == "remeshed"
    assert answer.evidence.text == "points of the same surface, rescaled by 10 (cm / mm)"
    assert judge(cloud_record(points), cloud_record(points @ TURN.T.astype(np.float32))).evidence.kind == "identical"
    assert judge(cloud_record(points), record(sphere())).evidence.kind == "similar"


def test_part_of_says_how_many_and_where() -> None:
    wheel = moved(screw(turns=2), np.eye(3), 0.0, 0.5)
    places = [moved(wheel, rotation(GENERATOR), GENERATOR.uniform(-4, 4, 3)) for _ in range(3)]
    whole = join(knot(), *places)
    part = moved(wheel, TURN, 7.0)
    answer = judge(record(part), record(whole, 2))
    assert answer.evidence.kind == "part of"
    assert answer.evidence.count == 3
    assert answer.pose is not None
    laid = whole.vertices @ answer.pose.rotation.T * answer.pose.scale + answer.pose.translation
    nearest = np.linalg.norm(laid[:, None] - part.vertices[None, ::40], axis=2).min(axis=0)
    assert nearest.max() < 1e-4
    back = judge(record(whole), record(part, 2))
    assert back.evidence.kind == "part of"
    assert back.evidence.count == 3
    assert back.pose is not None
    laid = part.vertices @ back.pose.rotation.T * back.pose.scale + back.pose.translation
    assert np.linalg.norm(laid[::40, None] - whole.vertices[None], axis=2).min(axis=1).max() < 1e-4


def test_part_of_minds_the_size_and_the_hand() -> None:
    whole = record(join(sphere(9.0, 3), moved(knot(), np.eye(3), 20.0)), 1, "mm")
    assert judge(record(knot(), 2), whole).evidence.kind == "part of"
    assert judge(record(knot(), 2, "mm"), whole).evidence.kind == "part of"
    assert judge(record(moved(knot(), TURN, 0.0, 0.001), 2, "m"), whole).evidence.kind == "part of"
    assert judge(record(knot(), 2, "cm"), whole).evidence.kind == "similar"
    assert judge(record(moved(knot(), TURN, 0.0, 1.1), 2), whole).evidence.kind == "similar"
    assert judge(record(moved(knot(), TURN @ MIRROR), 2), whole).evidence.kind == "similar"


def test_a_box_is_no_part() -> None:
    whole = record(join(knot(), cube(1.0, (5, 5, 5))))
    assert judge(record(cube(1.0), 2), whole).evidence.kind == "similar"


def test_other_shapes_are_similar_with_a_pose() -> None:
    answer = judge(record(knot()), record(torus(), 2))
    assert answer.evidence.kind == "similar"
    assert answer.pose is not None
    assert answer.residual is not None
    assert answer.residual > 0.01


@pytest.mark.parametrize(
    ("factor", "text"),
    [(25.4, "25.4 (inch / mm)"), (1 / 25.4, "1/25.4 (inch / mm)"), (39.3701, "39.37 (metre / inch)"),
     (0.001, "1/1000 (metre / mm)"), (0.3048, "1/3.281 (metre / foot)"), (1.7, "1.7"), (10.0, "10 (cm / mm)")],
)  # fmt: skip
def test_factors_are_said_as_units(factor: float, text: str) -> None:
    assert describe_factor(factor, 1e-3) == text


def test_real_files_of_one_shape(shared_data) -> None:
    from fieldstone.files import read

    folder = shared_data / "files" / "good"
    step, stl, three = (read(folder / f"featuretype.{kind}") for kind in ("STEP", "STL", "3MF"))
    rescaled = judge(record(stl.shape), record(step.shape, 2, step.unit))
    assert rescaled.evidence.kind == "rescaled"
    assert rescaled.evidence.text == "rescaled by 39.37 (metre / inch)"
    assert judge(record(stl.shape, 1, "inch"), record(step.shape, 2, step.unit)).evidence.kind == "identical"
    assert judge(record(three.shape, 1, three.unit), record(step.shape, 2, step.unit)).evidence.kind == "identical"
