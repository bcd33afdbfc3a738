"""Views, turntables, contact sheets and overlays."""

import numpy as np
import pytest

from fieldstone.render import contact_sheet, overlay, ring, thumbnail, turntable, views
from fieldstone.types import Mesh, Paint
from tests.render.shapes import ball_cloud, cube, sphere


def test_ring_is_a_set_of_rotations_evenly_spaced() -> None:
    turns = ring(12, up="y")
    np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), np.tile(np.eye(3), (12, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(turns), 1.0)
    assert turns[:, 2] @ [0, 1, 0] == pytest.approx(np.sin(np.pi / 6)), "each eye stands 30 degrees above the ground"
    steps = np.einsum("ni,ni->n", turns[:, 0], np.roll(turns[:, 0], -1, axis=0))
    np.testing.assert_allclose(steps, np.cos(np.pi / 6), atol=1e-12)


def test_views_of_a_sphere_are_alike() -> None:
    seen = views(sphere(48), ring(4), size=64)
    assert seen.depth.shape == (4, 64, 64)
    hit = np.isfinite(seen.depth)
    assert (seen.colors[..., 3] == 255).sum() == hit.sum()
    assert np.abs(hit.sum(axis=(1, 2)) - hit[0].sum()).max() < 0.02 * hit[0].sum()
    radius = 1 / np.sqrt(3)  # of the ball, in half diagonals of its box
    assert seen.depth[hit].min() == pytest.approx(5 - radius, abs=0.01)
    np.testing.assert_allclose(np.linalg.norm(seen.normals[hit], axis=1), 1, atol=1e-5)
    assert not seen.normals[~hit].any()
    np.testing.assert_allclose(seen.normals[:, 31:33, 31:33].mean(axis=(0, 1, 2)), [0, 0, 1], atol=0.05)


def test_views_keep_colours_unlit() -> None:
    red = np.tile(np.array([200, 20, 20, 255], np.uint8), (12, 1))
    seen = views(cube(Paint(face=red)), ring(2), size=32)
    assert np.abs(seen.colors[seen.colors[..., 3] > 0][:, :3].astype(int) - [200, 20, 20]).max() <= 1


def test_views_of_a_cloud() -> None:
    seen = views(ball_cloud(4000, np.random.default_rng(1)), ring(2), size=64)
    assert np.isfinite(seen.depth[:, 28:36, 28:36]).all()


def test_turntable_turns_without_growing() -> None:
    long = Mesh(cube().vertices * np.array([6, 1, 1.0]), cube().faces)
    frames = turntable(long, 8, size=96)
    assert len(frames) == 8
    widths = [np.ptp(np.nonzero(f[..., 3].any(0))[0]) for f in frames]
    assert max(widths) > 1.2 * min(widths), "it turns"
    np.testing.assert_array_equal(frames[4] > 0, turntable(long, 8, size=96)[4] > 0)


def test_contact_sheet_places_pictures_and_labels() -> None:
    pictures = [thumbnail(cube(), size=64)] * 5
    sheet = contact_sheet(pictures, ["a", "b", "Größe\n<b>", "a very long name " * 9, "日本"], columns=2)
    assert sheet.shape[1] > sheet.shape[0] / 2
    assert (sheet[0, 0] == 255).all()
    assert sheet[..., 3].min() == 255
    dark = contact_sheet(pictures[:1], ["x"], background=(0x16, 0x18, 0x1D, 255))
    assert dark[0, 0].tolist() == [0x16, 0x18, 0x1D, 255]
    label = dark[-24:].astype(int)
    assert label.max() > 180, "light letters on a dark page"
    clear = contact_sheet(pictures[:1], ["x"], background=(0, 0, 0, 0))
    assert clear[0, 0, 3] == 0


def test_long_labels_lose_their_middle() -> None:
    from fieldstone.render.sheet import _short

    assert _short("abcdefghij", 10.0, len) == "abcdefghij"
    assert _short("abcdefghijkl", 7.0, len) == "abc…jkl"
    assert _short("abcdefghijkl", 0.0, len) == "…"


def share(image: np.ndarray, channel: int) -> float:
    """Of the solid pixels, those in which a channel rules clearly."""
    solid = image[image[..., 3] == 255][:, :3].astype(int)
    others = np.delete(solid, channel, axis=1).max(axis=1)
    return float((solid[:, channel] > others + 30).mean())


def test_overlay_is_clay_where_shapes_agree() -> None:
    image = overlay(sphere(), sphere(), np.eye(4), size=128)
    assert share(image, 0) < 0.05
    assert share(image, 2) < 0.05


def test_overlay_shows_what_only_one_has() -> None:
    pose = np.eye(4)
    pose[0, 3] = 3.0
    image = overlay(sphere(), sphere(), pose, size=128)
    assert share(image, 0) > 0.35, "the hit, orange"
    assert share(image, 2) > 0.35, "the query, blue"
    left, right = image[:, :50], image[:, -50:]
    assert share(left, 2) > share(left, 0)
    assert share(right, 0) > share(right, 2)


def test_overlay_takes_mirrored_and_scaled_poses_and_clouds() -> None:
    hit = Mesh(sphere().vertices * [-0.04, 0.04, 0.04], sphere().faces)
    image = overlay(sphere(), hit, np.diag([-25.0, 25, 25, 1]), size=96)
    assert share(image, 0) + share(image, 2) < 0.1
    cloud = ball_cloud(3000, np.random.default_rng(0))
    assert (overlay(sphere(), cloud, np.eye(4), size=96)[..., 3] == 255).mean() > 0.3


def test_importing_the_pictures_is_cheap() -> None:
    import subprocess
    import sys

    heavy = "[m for m in ('numba', 'PIL', 'embreex') if m in sys.modules]"
    code = f"import sys, fieldstone.render, fieldstone.library.pages; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
