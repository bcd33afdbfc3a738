import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.fields import trace
from fieldstone.fields.extract import mesh as extract
from fieldstone.fields.surface_points import points_on_surface, sample_surface_points
from fieldstone.fields.trace import normals_at, sphere_trace
from fieldstone.render.rays import Scene
from tests.fields.shapes import ball, bowl, field_of, learnt, moved_frame, occupancy, ring, shells, unsigned, wavy


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Occupancies through a coarser mesh: quicker."""
    monkeypatch.setattr(trace, "ISOSURFACE_RESOLUTION", 96)


def rays(n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    origins = generator.standard_normal((n, 3))
    origins *= 3 / np.linalg.norm(origins, axis=1, keepdims=True)
    return origins, generator.uniform(-0.8, 0.8, (n, 3)) - origins


def to_ball(origins: np.ndarray, directions: np.ndarray, radius: float = 0.7) -> np.ndarray:
    """Distance along each ray to a ball around 0; inf where the ray misses it."""
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    middle = -(origins * unit).sum(axis=1)
    under = radius**2 - (origins**2).sum(axis=1) + middle**2
    return np.where(under > 0, middle - np.sqrt(np.maximum(under, 0)), np.inf)


def steep(points: np.ndarray) -> np.ndarray:
    """A distance to the ball that is a fifth too long."""
    return 1.2 * ball(points)


@pytest.mark.parametrize(
    ("formula", "function", "tolerance"),
    [(ball, "sdf", 0.004), (wavy(ball), "sdf", 0.006), (steep, "sdf", 0.004),
     (unsigned(ball), "udf", 0.01), (learnt(unsigned(ball)), "udf", 0.02),
     (occupancy(ball), "occ", 0.004)],
)  # fmt: skip
def test_rays_arrive_where_they_should(formula, function, tolerance: float) -> None:
    origins, directions = rays()
    exact = to_ball(origins, directions)
    clear = np.abs(np.linalg.norm(np.cross(origins, directions), axis=1) / np.linalg.norm(directions, axis=1) - 0.7)
    hits = sphere_trace(field_of(formula, function), origins, directions)
    sure = clear > 0.03  # away from the silhouette
    np.testing.assert_array_equal(hits.hit[sure], np.isfinite(exact[sure]))
    both = sure & hits.hit
    assert np.abs(hits.distance[both] - exact[both]).max() < 4 * tolerance
    assert np.abs(ball(hits.points[both])).max() < tolerance
    assert (hits.distance[~hits.hit] == np.inf).all()


def test_rays_from_inside_find_the_way_out() -> None:
    hits = sphere_trace(field_of(ball), np.zeros((1, 3)), np.array([[0.0, 0, 2]]))
    assert hits.distance[0] == pytest.approx(0.7, abs=1e-3)


def cut_by_the_border(points: np.ndarray) -> np.ndarray:
    """A rod along z, longer than the cube."""
    return np.hypot(points[:, 0], points[:, 1]) - 0.5


def test_a_solid_cut_by_the_border_is_closed_there() -> None:
    origins = np.array([[0.1, 0.2, -3], [0.1, 0.2, 0], [0.7, 0, -3], [3, 0, 0]])
    directions = np.array([[0, 0, 2.0], [0, 0, -1], [0, 0, 1], [-1, 0, 0]])
    field = field_of(cut_by_the_border)
    hits = sphere_trace(field, origins, directions)
    np.testing.assert_allclose(hits.distance, [2.0, 1.0, np.inf, 2.5], atol=1e-3)
    assert bool(np.isfinite(hits.points).all())
    normals = normals_at(field, hits.points[[0, 1, 3]])
    np.testing.assert_allclose(normals, [[0, 0, -1], [0, 0, -1], [1, 0, 0]], atol=1e-3)
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    np.testing.assert_allclose(hits.distance, Scene(extract(field, 32)).closest(origins, unit).t, atol=2e-3)


def test_the_nearest_of_two_sheets_is_met() -> None:
    for formula in (shells, learnt(shells)):
        origins, directions = np.array([[0.0, 0, 3], [0.0, 0, 0]]), np.array([[0.0, 0, -1], [0.0, 0, -1]])
        hits = sphere_trace(field_of(formula, "udf"), origins, directions)
        np.testing.assert_allclose(hits.distance, [2.25, 0.62], atol=0.01)


def test_a_ray_needs_a_direction() -> None:
    with pytest.raises(GeometryError, match="length"):
        sphere_trace(field_of(ball), np.zeros((1, 3)), np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("formula", "function"), [(ring, "sdf"), (unsigned(ring), "udf"), (occupancy(ring), "occ"), (bowl, "udf")]
)
def test_points_on_the_surface(formula, function) -> None:
    field = field_of(formula, function)
    cloud = sample_surface_points(field, 2000, np.random.default_rng(1))
    assert cloud.points.shape == (2000, 3)
    assert np.abs(formula(cloud.points)).max() < (0.06 if function == "occ" else 0.009)
    assert cloud.normals is not None
    np.testing.assert_allclose(np.linalg.norm(cloud.normals, axis=1), 1, atol=1e-3)
    again = sample_surface_points(field, 2000, np.random.default_rng(1))
    np.testing.assert_array_equal(cloud.points, again.points)


def test_normals_point_outward() -> None:
    points = 0.7 * np.eye(3)
    np.testing.assert_allclose(normals_at(field_of(ball), points), np.eye(3), atol=1e-3)
    np.testing.assert_allclose(normals_at(field_of(occupancy(ball), "occ"), points), np.eye(3), atol=1e-3)
    sided = normals_at(field_of(learnt(unsigned(ball)), "udf"), points)
    assert (np.abs((sided * np.eye(3)).sum(axis=1)) > 0.97).all()


def test_points_come_back_to_the_model() -> None:
    cloud = sample_surface_points(field_of(ball, frame=moved_frame()), 500, np.random.default_rng(0), model_frame=True)
    np.testing.assert_allclose(np.linalg.norm(cloud.points - [5, 0, 0], axis=1), 2.1, atol=0.01)
    with pytest.raises(GeometryError, match="0 of 10"):
        sample_surface_points(field_of(lambda p: np.full(len(p), 5.0)), 10, np.random.default_rng(0))


@pytest.mark.parametrize(("formula", "function"), [(ball, "sdf"), (unsigned(ball), "udf"), (occupancy(ball), "occ")])
def test_no_points_are_no_trouble(formula, function) -> None:
    field = field_of(formula, function)
    assert sample_surface_points(field, 0, np.random.default_rng(0), model_frame=True).points.shape == (0, 3)
    assert points_on_surface(field, 0, np.random.default_rng(0)).shape == (0, 3)


def test_points_of_a_learnt_field_lie_on_its_surface() -> None:
    field = field_of(wavy(ring))
    points = points_on_surface(field, 20000, np.random.default_rng(0))
    assert np.abs(field.values(points)).max() < 3e-3
    np.testing.assert_array_equal(points, sample_surface_points(field, 20000, np.random.default_rng(0)).points)
    assert len(np.unique(points.round(6), axis=0)) == 20000


def test_few_points_of_a_small_thing_are_found() -> None:
    field = field_of(lambda points: ball(points, 0.02))
    points = points_on_surface(field, 3, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 0.02, atol=1e-3)
