"""Fields of what is no mesh: clouds, functions, other fields."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.fields.distil import distil
from fieldstone.fields.field import CallableField
from fieldstone.fields.file import save
from fieldstone.fields.fit import fit
from fieldstone.fields.from_file import fit_file, open_source
from fieldstone.fields.network import NeuralField
from fieldstone.fields.schedule import Schedule
from fieldstone.types import Mesh, Paint, PointCloud
from tests.fields.fits import CONFIGS, FEW, SHORT, ball
from tests.fields.test_fit import inside_and_out, quick

ONCE = Schedule(epochs=1, batch=512, rate=1e-2)


@pytest.fixture(scope="module")
def colored() -> NeuralField:
    """A ball that is red above and blue below."""
    mesh = ball(n=16)
    above = (mesh.vertices[:, 2] > 1.0)[:, None]
    paint = Paint(vertex=np.where(above, [220, 30, 20, 255], [20, 60, 230, 255]).astype(np.uint8))
    return quick(Mesh(mesh.vertices, mesh.faces, paint), color=True, unit="mm", up="z")


@pytest.mark.slow
def test_clouds_give_unsigned_and_with_normals_signed_distance() -> None:
    g = np.random.default_rng(0)
    normals = g.standard_normal((3000, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    points, truth = inside_and_out()
    far = np.abs(truth) > 0.1
    bare = quick(PointCloud(normals * 3 + 1), function="udf")
    assert np.abs(bare.values(points) - np.abs(truth)).mean() < 0.05
    signed = quick(PointCloud(normals * 3 + 1, normals))
    assert ((signed.values(points) < 0) == (truth < 0))[far].mean() > 0.97
    occupied = quick(PointCloud(normals * 3 + 1, normals), function="occ")
    assert ((occupied.values(points) > 0) == (truth < 0))[far].mean() > 0.97
    with pytest.raises(GeometryError, match="without normals"):
        quick(PointCloud(normals))


@pytest.mark.slow
def test_distilling_asks_the_source_alone() -> None:
    source = CallableField(call=lambda p: np.linalg.norm(p, axis=1) - 0.6, function="sdf")
    points = np.random.default_rng(3).uniform(-1, 1, (4000, 3))
    truth = np.linalg.norm(points, axis=1) - 0.6
    assert np.abs(quick(source).values(points) - truth).mean() < 0.02
    assert np.abs(quick(source, "triplane", "udf").values(points) - np.abs(truth)).mean() < 0.03
    assert np.abs(quick(lambda p: np.linalg.norm(p, axis=1) - 0.6).values(points) - truth).mean() < 0.02
    unsigned = CallableField(call=lambda p: np.abs(np.linalg.norm(p, axis=1) - 0.6), function="udf")
    with pytest.raises(GeometryError, match="tells no sdf"):
        quick(unsigned, function="sdf")


@pytest.mark.parametrize("normal", [(0.0, 0.0, 0.0), (np.nan, 0.0, 1.0)])
def test_normals_that_tell_no_side_are_refused(normal: tuple[float, float, float]) -> None:
    points = np.random.default_rng(0).standard_normal((50, 3))
    normals = points.copy()
    normals[7] = normal
    with pytest.raises(GeometryError, match="1 of the cloud's 50 points have a normal that is 0 or no number"):
        quick(PointCloud(points, normals))
    quick(PointCloud(points, normals), function="udf", schedule=ONCE)


def test_distilling_keeps_the_colours_and_how_certain_the_side_is(colored: NeuralField) -> None:
    doubtful = dataclasses.replace(colored, card=dataclasses.replace(colored.card, sign_confidence=0.7))
    given = {"config": CONFIGS["triplane"], "sampling": FEW, "schedule": SHORT}
    again = distil(doubtful, "triplane", **given)
    colors = again.colors(np.array([[0, 0, 0.99], [0, 0, -0.99]]))
    assert colors is not None
    np.testing.assert_allclose(colors * 255, [[220, 30, 20], [20, 60, 230]], atol=40)
    assert again.card.sign_confidence == 0.7
    plain = distil(doubtful, "triplane", "udf", color=False, **{**given, "schedule": ONCE})
    assert (plain.network.outputs, plain.card.sign_confidence) == (1, None)
    with pytest.raises(GeometryError, match="the field has no colours"):
        distil(plain, "triplane", color=True, **given)


def test_unit_and_up_of_a_field_can_be_stated(colored: NeuralField, tmp_path: Path) -> None:
    save(colored, tmp_path / "ball.field")
    source = open_source(tmp_path / "ball.field", unit="inch")
    assert isinstance(source.shape, NeuralField)
    assert (source.unit, source.shape.frame.unit, source.shape.frame.up) == ("inch", "inch", "z")
    given = {"config": CONFIGS["triplane"], "sampling": FEW, "schedule": ONCE}
    frame = fit_file(tmp_path / "ball.field", "triplane", up="y", **given).frame
    assert (frame.unit, frame.up) == ("mm", "y")
    assert fit(colored, "triplane", unit="cm", **given).frame.unit == "cm"
