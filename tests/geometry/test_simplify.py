import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.geometry.health import health
from fieldstone.geometry.measure import measures
from fieldstone.geometry.simplify import simplify
from fieldstone.types import Mesh
from tests.geometry.solids import cube, soup, torus


def test_fewer_faces_same_shape() -> None:
    ring = torus()
    ring = Mesh(ring.vertices + 1000.0, ring.faces)
    fewer = simplify(ring, 2000)
    assert 1900 <= len(fewer.faces) <= 2000
    assert health(fewer).watertight
    assert measures(fewer).signed_volume == pytest.approx(measures(ring).signed_volume, rel=0.01)
    np.testing.assert_allclose(measures(fewer).surface_centroid, 1000, atol=0.02)
    np.testing.assert_array_equal(simplify(ring, 2000).vertices, fewer.vertices)


def test_nothing_to_do_and_nonsense() -> None:
    assert len(simplify(soup(cube()), 100).vertices) == 8
    with pytest.raises(GeometryError, match="at least 4"):
        simplify(cube(), 2)
