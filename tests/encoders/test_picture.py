"""Pictures from people: the object is found, centred and scaled, whatever the ground."""

import numpy as np
import pytest

from fieldstone.encoders.picture import MARGIN, picture
from fieldstone.errors import GeometryError


def drawing(height: int, width: int, ground: int, ink: int, box: tuple[slice, slice]) -> np.ndarray:
    rgba = np.full((height, width, 4), 255, dtype=np.uint8)
    rgba[..., :3] = ground
    rgba[box][..., :3] = ink
    return rgba


def test_where_and_how_large_the_object_is_does_not_matter() -> None:
    small = picture(drawing(100, 200, 255, 50, (slice(10, 60), slice(20, 120))), 32)
    large = picture(drawing(400, 300, 0, 50, (slice(100, 200), slice(50, 250))), 32)
    np.testing.assert_allclose(small[..., 1], large[..., 1], atol=1e-6)
    assert small[..., 1].max() == pytest.approx(1.0, abs=1e-5)


def test_grey_and_coverage() -> None:
    seen = picture(drawing(64, 64, 255, 0, (slice(16, 48), slice(16, 48))), 64)
    inside, outside = seen[..., 1] > 0.99, seen[..., 1] < 1e-6
    np.testing.assert_allclose(seen[inside][:, 0], -1.0, atol=1e-5)
    np.testing.assert_array_equal(seen[outside][:, 0], 0.0)
    assert np.sqrt(seen[..., 1].sum()) == pytest.approx(64 / (1 + 2 * MARGIN), rel=0.05)


def test_alpha_tells_before_colour() -> None:
    rgba = drawing(50, 50, 200, 200, (slice(0, 0), slice(0, 0)))
    rgba[..., 3] = 0
    rgba[10:40, 20:30, 3] = 255
    assert picture(rgba, 16)[..., 1].max() == pytest.approx(1.0, abs=1e-5)


def test_the_whole_is_kept_when_it_shrinks() -> None:
    lines = drawing(512, 512, 255, 0, (slice(100, 104), slice(50, 460)))
    lines[50:460, 300:304, :3] = 0
    wide = picture(lines, 64)
    assert wide[..., 1].sum() == pytest.approx(picture(lines, 128)[..., 1].sum() / 4, rel=1e-4)


def test_one_colour_is_refused() -> None:
    with pytest.raises(GeometryError, match="of one colour"):
        picture(drawing(20, 20, 90, 90, (slice(0, 5), slice(0, 5))), 16)


def test_a_drawing_is_what_its_lines_enclose_and_a_ring_keeps_its_hole() -> None:
    lines = drawing(100, 100, 255, 0, (slice(20, 80), slice(20, 80)))
    lines[22:78, 22:78, :3] = 255
    seen = picture(lines, 64)
    assert seen[32, 32, 1] == pytest.approx(1.0)
    assert seen[32, 32, 0] == pytest.approx(1.0)
    ring = drawing(100, 100, 255, 0, (slice(20, 80), slice(20, 80)))
    ring[40:60, 40:60, :3] = 255
    assert picture(ring, 64)[32, 32, 1] == 0.0
