import numpy as np
import pytest
from jaxtyping import Float, Float32

from fieldstone.errors import GeometryError
from fieldstone.fields import trace
from fieldstone.fields.extract import mesh
from fieldstone.fields.field import CallableField
from fieldstone.fields.slices import slice_picture, slice_values
from fieldstone.fields.view import OUTLINE_RESOLUTION, render, views
from fieldstone.render import thumbnail
from fieldstone.render.views import ring as ring_of_eyes
from fieldstone.render.views import views as mesh_views
from tests.fields.shapes import ball, bowl, field_of, learnt, moved_frame, occupancy, ring, shells


class Red(CallableField):
    def colors(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"] | None:
        return np.tile(np.float32([1, 0, 0]), (len(points), 1))


def beside(one: np.ndarray, two: np.ndarray) -> float:
    """Share of pixels in which two pictures clearly differ."""
    return float((np.abs(one.astype(int) - two.astype(int)).max(axis=-1) > 40).mean())


@pytest.mark.parametrize(("formula", "function"), [(ring, "sdf"), (occupancy(ring), "occ"), (bowl, "udf")])
def test_a_field_looks_like_its_mesh(formula, function) -> None:
    field = field_of(formula, function, moved_frame())
    view = render(field, 48)
    assert beside(view.picture, thumbnail(mesh(field, 96), size=48)) < 0.05


def plate(points: np.ndarray) -> np.ndarray:
    """Signed distance to a plate as thin as half a cell of the coarse outline, between its nodes."""
    over = np.abs(points - np.array([0.0, 0.0, 0.021])) - np.array([0.6, 0.6, 0.01])
    return np.linalg.norm(np.maximum(over, 0), axis=1) + np.minimum(over.max(axis=1), 0)


@pytest.mark.parametrize("function", ["sdf", "occ"])
def test_what_is_thin_is_seen(function) -> None:
    field = field_of(plate if function == "sdf" else occupancy(plate), function)
    with pytest.raises(GeometryError, match="does not pass"):
        mesh(field, OUTLINE_RESOLUTION)
    assert np.isfinite(render(field, 48).depth).mean() > 0.15
    assert (views(field, ring_of_eyes(2), size=32).depth < np.inf).any()


def test_depth_and_normals() -> None:
    view = render(field_of(ball), 48, azimuth=0, elevation=0)
    seen = np.isfinite(view.depth)
    assert seen.mean() == pytest.approx(np.pi / 4 * 0.91**2, abs=0.05)
    assert (view.picture[..., 3] > 0)[seen].all()
    assert view.depth.min() == pytest.approx(5 * 0.7 * 3**0.5 - 0.7, abs=0.05)  # five half diagonals away
    np.testing.assert_allclose(view.normals[24, 24], [0, 0, 1], atol=0.05)
    assert view.normals[24, 40, 0] > 0.4
    assert not view.normals[~seen].any()


@pytest.mark.parametrize("view", [{"azimuth": np.nan}, {"azimuth": np.inf}, {"elevation": np.nan}, {"size": 0}])
def test_an_eye_that_sees_nothing(view: dict[str, float]) -> None:
    with pytest.raises(GeometryError, match=r"stands nowhere|0 pixels"):
        render(field_of(ball), **view)  # type: ignore[arg-type]


def test_colors_show() -> None:
    picture = render(Red(call=ball, function="sdf"), 32).picture
    assert picture[16, 16, 0] > 2 * picture[16, 16, 1]


def test_slice_values_stand_where_they_say() -> None:
    values = slice_values(field_of(lambda p: p[:, 0] + 10 * p[:, 1] + 100 * p[:, 2]), "z", 0.5, 4)
    np.testing.assert_allclose(values[0], 50 + 7.5 + np.array([-0.75, -0.25, 0.25, 0.75]), atol=1e-4)
    np.testing.assert_allclose(values[:, 0], 50 - 0.75 + 10 * np.array([0.75, 0.25, -0.25, -0.75]), atol=1e-4)
    across = slice_values(field_of(lambda p: p[:, 0] + 10 * p[:, 1] + 100 * p[:, 2]), "x", -0.5, 2)
    np.testing.assert_allclose(across, [[-0.5 - 5 + 50, -0.5 + 5 + 50], [-0.5 - 5 - 50, -0.5 + 5 - 50]], atol=1e-4)
    with pytest.raises(GeometryError, match="misses the cube"):
        slice_values(field_of(ball), "z", 1.5)
    with pytest.raises(GeometryError, match="0 pixels"):
        slice_picture(field_of(ball), size=0)


def test_slices_show_the_sides_and_the_surface() -> None:
    for field in (field_of(ball), field_of(occupancy(ball), "occ")):
        picture = slice_picture(field, size=128)
        assert picture[64, 64, 0] > picture[64, 64, 2] + 60  # warm inside
        assert picture[4, 4, 2] > picture[4, 4, 0] + 60  # cool outside
        assert picture[64, 108:110, :3].max(axis=-1).min() < 120  # dark on the surface
    unsigned = slice_picture(field_of(learnt(shells), "udf"), size=128)
    for radius in (0.62, 0.75):
        columns = 64 + round(radius * 64) + np.arange(-1, 2)
        assert unsigned[64, columns, :3].max(axis=-1).min() < 120
    assert unsigned[64, 64 + 52].min() > unsigned[4, 4].min()


@pytest.mark.parametrize(("formula", "function"), [(ring, "sdf"), (occupancy(ring), "occ"), (bowl, "udf")])
def test_views_are_those_of_its_mesh(formula, function) -> None:
    field = field_of(formula, function, moved_frame())
    turns = ring_of_eyes(3, up="y")
    seen, expected = views(field, turns, size=40), mesh_views(mesh(field, 96), turns, size=40)
    np.testing.assert_array_equal(seen.rotations, turns)
    both = np.isfinite(seen.depth) & np.isfinite(expected.depth)
    assert both.sum() > 0.85 * np.isfinite(expected.depth).sum()
    assert np.median((seen.normals[both] * expected.normals[both]).sum(axis=1)) > 0.98
    assert np.median(np.abs(seen.depth[both] - expected.depth[both])) < 0.03


def test_views_of_an_occupancy_make_its_surface_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = trace.isosurface
    monkeypatch.setattr(trace, "isosurface", lambda field: made.append(field) or real(field))
    views(field_of(occupancy(ring), "occ"), ring_of_eyes(3), size=16)
    assert len(made) == 1
