import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Bool, Float, Float32

from fieldstone.errors import GeometryError
from fieldstone.fields import signed_surface
from fieldstone.fields.extract import mesh
from fieldstone.fields.field import CallableField, Field
from fieldstone.geometry.grid import grid_points
from fieldstone.geometry.health import health
from fieldstone.geometry.isosurface import isosurface
from fieldstone.geometry.measure import measures
from fieldstone.types import Grid, Mesh
from tests.fields.shapes import ball, bowl, box, field_of, learnt, moved_frame, occupancy, ring, shells, unsigned, wavy

STATUS = Path("/proc/self/status")


@dataclasses.dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Voxels(CallableField):
    """A field that is nonsense outside the voxels around its surface, as a sparse octree is."""

    cells: int = 16

    def _here(self, points: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        half = 1.0 / self.cells
        centres = (np.floor(np.clip(points, -1, 1 - 1e-9) / (2 * half)) + 0.5) * 2 * half
        return np.abs(self.call(centres)) < 0.9 * half * 3**0.5

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        nonsense = np.sin(40 * points.sum(axis=1))
        return np.where(self._here(points), self.call(points), nonsense).astype(np.float32)

    def may_hold(self, points: Float[np.ndarray, "n 3"], reach: float) -> Bool[np.ndarray, "n"]:
        held = self._here(points)
        steps = np.linspace(-reach, reach, max(2, int(2 * reach * self.cells) + 2))
        for offset in np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3):
            held |= self._here(points + offset)
        return held


class Sensible(Voxels):
    """A field fitted on the whole cube, with voxels on the inner side of its surface alone, which lies on their border."""

    def _here(self, points: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        deep = block(np.clip(points, -1, 1))
        return (deep < 0.0) & (deep > -2.0 / self.cells)

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        return self.call(np.clip(points, -1, 1)).astype(np.float32)


def block(points: np.ndarray) -> np.ndarray:
    """Steps away from a block of half side 0.5, along axes."""
    return np.abs(points).max(axis=1) - 0.5


class Colored(CallableField):
    def colors(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"] | None:
        return (points / 2 + 0.5).astype(np.float32)


def places(surface: Mesh) -> np.ndarray:
    """The triangles as sorted rows of numbers, whatever their order."""
    corners = np.round(surface.vertices, 12)[surface.faces]
    first = np.lexsort(corners.transpose(2, 0, 1)[::-1], axis=1)[:, :1]
    rolled = np.take_along_axis(corners, ((first + np.arange(3)) % 3)[:, :, None], axis=1).reshape(-1, 9)
    return rolled[np.lexsort(rolled.T)]


@pytest.mark.parametrize("formula", [ball, ring, box])
@pytest.mark.parametrize("resolution", [17, 64])
def test_signed_surfaces_are_closed_and_right(formula, resolution: int) -> None:
    surface = mesh(field_of(formula), resolution)
    found = health(surface)
    assert (found.watertight, found.oriented, found.outward, found.n_non_manifold) == (True, True, True, 0)
    assert np.abs(formula(surface.vertices)).max() < (0.4 if formula is box else 0.06) * 2 / resolution


def test_blocks_find_the_triangles_of_a_dense_run(monkeypatch: pytest.MonkeyPatch) -> None:
    sparse = mesh(field_of(ring), 40)
    every = np.indices((21,) * 3).reshape(3, -1).T
    monkeypatch.setattr(signed_surface, "find_blocks", lambda *_: every)
    np.testing.assert_array_equal(places(sparse), places(mesh(field_of(ring), 40)))


def test_beside_scikit_image() -> None:
    at = Grid(values=np.zeros((65, 65, 65)), origin=np.full(3, -1.0), spacing=2 / 64)
    theirs = isosurface(dataclasses.replace(at, values=box(grid_points(at).reshape(-1, 3)).reshape(65, 65, 65)))
    ours = mesh(field_of(box), 64)
    assert len(ours.vertices) == len(theirs.vertices)
    assert measures(ours).signed_volume == pytest.approx(measures(theirs).signed_volume, rel=1e-3)


def test_any_signs_give_a_closed_manifold() -> None:
    noise = np.random.default_rng(0).standard_normal((24, 24, 24))

    def call(points: np.ndarray) -> np.ndarray:
        return noise[tuple(np.rint((points + 1) * 11.5).astype(int).T)] * 0.01

    surface = mesh(field_of(call), 23)
    found = health(surface)
    assert (found.n_boundary, found.n_non_manifold, found.n_inconsistent) == (0, 0, 0)
    assert len(surface.faces) > 20_000


@pytest.mark.parametrize(("function", "finest"), [("sdf", 128), ("occ", 128), ("occ", 16)])
def test_a_solid_that_reaches_the_border_is_closed(function, finest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_surface, "FINEST_OCCUPANCY", finest)
    large = lambda points: ball(points, 1.2)  # noqa: E731
    surface = mesh(field_of(occupancy(large) if function == "occ" else large, function), 32)
    assert health(surface).watertight
    assert np.abs(surface.vertices).max() < 1 + 1e-3


def test_occupancy() -> None:
    surface = mesh(field_of(occupancy(ball), "occ"), 64)
    assert health(surface).outward
    assert measures(surface).signed_volume == pytest.approx(4 / 3 * np.pi * 0.343, rel=0.01)


def test_level_frame_and_colors() -> None:
    frame = moved_frame()
    surface = mesh(field_of(ball, frame=frame), 32, level=0.1)
    np.testing.assert_allclose(np.linalg.norm(surface.vertices - [5, 0, 0], axis=1), 2.4, atol=0.02)
    inner = mesh(field_of(ball, frame=frame), 32, level=0.1, model_frame=False)
    np.testing.assert_allclose(np.linalg.norm(inner.vertices, axis=1), 0.8, atol=0.01)
    offset = mesh(field_of(bowl, "udf"), 48, level=0.1)
    assert health(offset).watertight
    painted = mesh(Colored(call=ball, function="sdf"), 32)
    assert painted.paint is not None
    assert painted.paint.vertex is not None
    np.testing.assert_allclose(painted.paint.vertex[:, :3], (painted.vertices / 2 + 0.5) * 255, atol=0.51)
    assert mesh(Colored(call=ball, function="sdf"), 32, colors=False).paint is None


@pytest.mark.parametrize("resolution", [48, 75])
def test_nothing_outside_an_octree_and_nothing_torn_within(resolution: int) -> None:
    field: Field = Voxels(call=ring, function="sdf")
    surface = mesh(field, resolution)
    assert health(surface).watertight
    assert np.abs(ring(surface.vertices)).max() < 2 / resolution


@pytest.mark.parametrize("resolution", [24, 31, 48, 64])
def test_a_surface_on_the_border_of_voxels_is_closed(resolution: int) -> None:
    field: Field = Sensible(call=wavy(lambda points: block(points) - 0.002), function="sdf")
    assert health(mesh(field, resolution)).watertight


@pytest.mark.parametrize("function", ["sdf", "udf", "occ"])
def test_no_surface(function) -> None:
    with pytest.raises(GeometryError, match="resolution"):
        mesh(field_of(lambda points: np.full(len(points), -0.9 if function == "occ" else 0.9), function), 32)
    with pytest.raises(GeometryError, match="too coarse"):
        mesh(field_of(ball, function), 1)
    with pytest.raises(GeometryError, match="up to 1024"):
        mesh(field_of(ball, function), 1025)


@pytest.mark.parametrize(("function", "level"), [("sdf", 99.0), ("udf", 99.0), ("occ", -2.0)])
def test_the_cube_is_no_surface(function, level: float) -> None:
    formula = {"sdf": ball, "udf": unsigned(ball), "occ": occupancy(ball)}[function]
    with pytest.raises(GeometryError, match="does not pass"):
        mesh(field_of(formula, function), 32, level=level)
    with pytest.raises(GeometryError, match="give a number"):
        mesh(field_of(formula, function), 32, level=np.nan)


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize(
    ("formula", "area", "bodies"),
    [(unsigned(ball), 6.16, 1), (bowl, 3.08, 1), (shells, 11.90, 2), (unsigned(box), 3.76, 1)],
)
def test_unsigned_surfaces(formula, area: float, bodies: int, noisy: bool) -> None:
    surface = mesh(field_of(learnt(formula) if noisy else formula, "udf"), 48)
    found = health(surface)
    assert found.n_bodies == bodies
    assert measures(surface).area == pytest.approx(area, rel=0.04)
    assert formula(surface.vertices).mean() < 1e-3
    assert formula(surface.vertices).max() < 0.6 * 2 / 48
    if formula is bowl:
        assert 100 < found.n_boundary < 180
        assert surface.vertices[:, 2].min() > -0.01
    elif len(surface.faces) > 8_000:
        assert found.n_boundary <= 12
    if formula is shells or (formula is bowl and not noisy):
        assert found.n_inconsistent == 0


class Raw(CallableField):
    """What a damaged network may say."""

    def values(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        return np.asarray(self.call(points), dtype=np.float32)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (lambda points: np.zeros(len(points)), "below 0.05"),
        (lambda points: np.full(len(points), 0.01), "below 0.05"),
        (lambda points: np.full(len(points), -3e38), "below 0.05"),
        (lambda points: np.full(len(points), 3e38), "nowhere near 0"),
        (lambda points: np.full(len(points), np.inf), "nowhere near 0"),
        (lambda points: np.where(points[:, 0] > 0, np.nan, 0.3), "no numbers"),
    ],
)
def test_unsigned_nonsense_is_refused(formula, message: str) -> None:
    asked: list[int] = []
    counted = lambda points: asked.append(len(points)) or formula(points)  # noqa: E731
    with pytest.raises(GeometryError, match=message):
        mesh(Raw(call=counted, function="udf"), 64)
    assert sum(asked) < 100_000


def test_unsigned_overflow_is_no_trouble() -> None:
    half = lambda points: np.where(points[:, 0] > 0.8, 3e38, unsigned(ball)(points))  # noqa: E731
    surface = mesh(Raw(call=half, function="udf"), 48)
    assert np.abs(ball(surface.vertices)).max() < 0.1


@pytest.mark.slow
@pytest.mark.skipif(
    not STATUS.exists(), reason="Linux alone tells the peak of a program without that of what started it"
)
def test_512_cells_in_bounded_memory() -> None:
    """In a process of its own: the peak of this one is whatever tests before it took, and getrusage hands it on."""
    code = (
        "from fieldstone.fields.extract import mesh\n"
        "from tests.fields.shapes import field_of, ring\n"
        "print(len(mesh(field_of(ring), 512).faces))\n"
        f"print(open({str(STATUS)!r}).read().split('VmHWM:')[1].split()[0])\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    faces, kibibytes = map(int, done.stdout.split())
    assert faces > 1_000_000
    assert kibibytes < 2**19
