import numpy as np

from fieldstone.fields.extract import mesh
from fieldstone.fields.field import CallableField
from fieldstone.fields.specks import without_specks
from fieldstone.geometry.bodies import label_bodies
from fieldstone.geometry.measure import measures
from fieldstone.types import Mesh
from tests.fields.shapes import ball, bowl, field_of, ring

PLACES = np.array([[0.9, 0.9, 0.9], [-0.9, 0.8, 0.1], [0.0, 0.0, 0.0]])


def specked(points: np.ndarray) -> np.ndarray:
    """A ring, three balls of a cell's radius at 64, and one of three cells'."""
    small = [ball(points - place.astype(points.dtype), 1 / 32) for place in PLACES]
    return np.min([ring(points), *small, ball(points - np.array([0, 0, -0.8], dtype=points.dtype), 3 / 32)], axis=0)


def bodies(surface: Mesh) -> int:
    return int(label_bodies(surface.faces, len(surface.vertices)).max()) + 1


def test_specks_go_where_asked() -> None:
    field = field_of(specked)
    whole = mesh(field, 64)
    assert bodies(whole) == 5
    lean, count = without_specks(whole, 2 / 64)
    assert (count, bodies(lean)) == (3, 2)
    asked = mesh(field, 64, specks=False)
    np.testing.assert_array_equal(asked.vertices, lean.vertices)
    assert measures(asked).signed_volume > 0.99 * measures(whole).signed_volume


def test_what_is_all_small_or_open_stays() -> None:
    tiny = mesh(field_of(lambda points: ball(points, 0.03)), 64)
    assert without_specks(tiny, 2 / 64) == (tiny, 0)
    sheet = mesh(CallableField(call=bowl, function="udf"), 32)
    scrap = Mesh(np.concatenate([sheet.vertices, np.eye(3) * 1e-3]), np.concatenate([sheet.faces, [[0, 1, 2]]]))
    scrap.faces[-1] += len(sheet.vertices)
    assert without_specks(scrap, 2 / 32)[1] == 0
