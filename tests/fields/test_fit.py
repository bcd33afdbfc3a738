import dataclasses

import numpy as np
import pytest

from fieldstone.errors import FieldstoneError, GeometryError
from fieldstone.fields.field import Field
from fieldstone.fields.fit import fit
from fieldstone.fields.network import NeuralField
from fieldstone.fields.sampling import Sampling
from fieldstone.types import Mesh, Paint
from tests.fields.fits import CONFIGS, FEW, SHORT, ball

GRIDS = ("hashgrid", "octree", "triplane")


def quick(source: object, architecture: str = "hashgrid", function: str = "sdf", **given: object) -> NeuralField:
    settings = {"config": CONFIGS[architecture], "sampling": FEW, "schedule": SHORT, **given}
    return fit(source, architecture, function, **settings)


def inside_and_out() -> tuple[np.ndarray, np.ndarray]:
    """Points of the cube, and their distance to a unit sphere (less its facets)."""
    points = np.random.default_rng(3).uniform(-1, 1, (4000, 3))
    return points, np.linalg.norm(points, axis=1) - 1.0


@pytest.mark.parametrize("architecture", GRIDS)
def test_a_signed_distance_is_learnt(architecture: str) -> None:
    field = quick(ball(), architecture)
    points, truth = inside_and_out()
    assert isinstance(field, Field)
    assert np.abs(field.values(points) - truth).mean() < 0.02
    far = np.abs(truth) > 0.05
    assert ((field.values(points) < 0) == (truth < 0))[far].mean() > 0.995
    assert field.card.error is not None
    assert field.card.error < 0.01
    assert field.card.sign_confidence == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("architecture", GRIDS)
def test_unsigned_distance_and_occupancy_are_learnt(architecture: str) -> None:
    points, truth = inside_and_out()
    unsigned = quick(ball(), architecture, "udf")
    assert np.abs(unsigned.values(points) - np.abs(truth)).mean() < 0.03
    assert unsigned.card.sign_confidence is None
    occupied = quick(ball(), architecture, "occ")
    far = np.abs(truth) > 0.05
    assert ((occupied.values(points) > 0) == (truth < 0))[far].mean() > 0.97


@pytest.mark.parametrize("architecture", GRIDS)
def test_gradients_are_the_values_slopes(architecture: str) -> None:
    field = quick(ball(), architecture, schedule=dataclasses.replace(SHORT, epochs=2))
    points = np.random.default_rng(0).uniform(-0.97, 0.97, (300, 3)).astype(np.float32)
    values, gradients = field.values_and_gradients(points)
    np.testing.assert_allclose(values, field.values(points), atol=1e-6)
    assert gradients.std() > 0.1
    step = np.float32(2e-3)
    for axis in range(3):
        move = np.zeros(3, np.float32)
        move[axis] = step
        slope = (field.values(points + move) - field.values(points - move)) / (2 * step)
        smooth = np.abs(slope - gradients[:, axis]) < 0.05  # elsewhere a cell's border or a neuron's kink lies between
        assert smooth.mean() > 0.75


def test_the_frame_leads_back_to_the_model() -> None:
    field = quick(ball(), unit="mm", up="y", schedule=dataclasses.replace(SHORT, epochs=1))
    assert field.frame.unit == "mm"
    assert field.frame.up == "y"
    assert field.frame.to_model.scale == pytest.approx(2.0, rel=0.01)
    np.testing.assert_allclose(field.frame.to_model(np.zeros((1, 3))), [[5.0, -3.0, 1.0]], atol=0.02)


@pytest.mark.parametrize("architecture", GRIDS)
def test_same_seed_same_bytes_on_any_number_of_threads(architecture: str) -> None:
    short = dataclasses.replace(SHORT, epochs=2)
    one, three = (quick(ball(), architecture, schedule=short, seed=5, workers=w).network.tensors() for w in (1, 3))
    other = quick(ball(), architecture, schedule=short, seed=6, workers=1).network.tensors()
    assert sorted(one) == sorted(three)
    for name in one:
        np.testing.assert_array_equal(one[name], three[name])
    assert (one["table"] != other["table"]).any()


@pytest.mark.slow
def test_a_fit_stops_at_its_target() -> None:
    whole = quick(ball(), schedule=dataclasses.replace(SHORT, epochs=30))
    early = quick(ball(), schedule=dataclasses.replace(SHORT, epochs=30), stop_at=0.01)
    assert early.card.error is not None
    assert early.card.error <= 0.01
    assert early.card.settings is not None
    assert whole.card.settings is not None
    assert early.card.settings["epochs_done"] < whole.card.settings["epochs_done"] == 30


def test_colours_are_learnt_with_the_shape() -> None:
    mesh = ball()
    red = (mesh.vertices[:, 2] > 1.0)[:, None]
    paint = Paint(vertex=np.where(red, [220, 30, 20, 255], [20, 60, 230, 255]).astype(np.uint8))
    field = quick(Mesh(mesh.vertices, mesh.faces, paint), color=True)
    points = np.array([[0, 0, 0.99], [0, 0, -0.99], [0.7, 0, 0.7]])
    colors = field.colors(points)
    assert colors is not None
    np.testing.assert_allclose(colors[:2] * 255, [[220, 30, 20], [20, 60, 230]], atol=25)
    assert field.card.error is not None
    assert field.card.error < 0.02
    assert quick(ball(), schedule=dataclasses.replace(SHORT, epochs=1)).colors(points) is None


def test_what_cannot_be_fitted_is_said() -> None:
    with pytest.raises(GeometryError, match="no colours"):
        quick(ball(), color=True)
    flat = Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]]))
    with pytest.raises(FieldstoneError, match="extent"):
        quick(flat)


def test_the_sampling_is_inrets() -> None:
    assert Sampling().total == 500_000
    with pytest.raises(ValueError, match="at least one"):
        Sampling(uniform=0, surface=0, near=0)
