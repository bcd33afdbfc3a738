"""Thumbnails: determinism, framing, alpha, light, colours, odd meshes."""

import dataclasses
import hashlib

import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.render import encode_png, encode_webp, thumbnail
from fieldstone.types import Mesh, Paint, PointCloud
from tests.render.shapes import ball_cloud, cube, sphere


def extent(image: np.ndarray) -> tuple[int, int, int, int]:
    """First and last row and column that are not fully transparent."""
    rows, columns = np.nonzero(image[..., 3].any(1))[0], np.nonzero(image[..., 3].any(0))[0]
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def brightness(image: np.ndarray) -> float:
    solid = image[..., 3] == 255
    return float(image[solid][:, :3].mean())


def test_same_input_same_bytes() -> None:
    first, second = (hashlib.sha256(encode_webp(thumbnail(sphere()))).hexdigest() for _ in range(2))
    assert first == second


def test_transparent_outside_solid_inside() -> None:
    image = thumbnail(cube(), size=160)
    assert image.shape == (160, 160, 4)
    assert image.dtype == np.uint8
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1]] == 0).all()
    assert image[80, 80, 3] == 255
    assert 0.3 < (image[..., 3] == 255).mean() < 0.8


@pytest.mark.parametrize(("scale", "shift"), [(1e-9, 0.0), (1e-200, 0.0), (1e200, 0.0), (25.4, 1e6), (1e6, -1e9)])
def test_framing_knows_no_size_and_no_place(scale: float, shift: float) -> None:
    base = thumbnail(cube(), size=128)
    moved = thumbnail(dataclasses.replace(cube(), vertices=cube().vertices * scale + shift), size=128)
    assert extent(moved) == extent(base)
    assert np.abs(moved.astype(int) - base.astype(int)).mean() < 0.5


@pytest.mark.parametrize("stretch", [(1, 1, 1), (10, 1, 1), (1, 10, 1), (1, 1, 10), (1, 1, 0.01)])
def test_every_shape_fills_the_picture(stretch: tuple[float, float, float]) -> None:
    image = thumbnail(dataclasses.replace(cube(), vertices=cube().vertices * np.array(stretch)), size=200)
    top, bottom, left, right = extent(image)
    assert 178 <= max(bottom - top, right - left) <= 186, "the longer side reaches from margin to margin"
    assert abs((top + bottom) / 2 - 99.5) <= 1.5
    assert abs((left + right) / 2 - 99.5) <= 1.5


def test_unused_vertices_do_not_disturb() -> None:
    far = np.vstack([cube().vertices, [[1e6, np.nan, np.inf]]])
    np.testing.assert_array_equal(thumbnail(Mesh(far, cube().faces), size=96), thumbnail(cube(), size=96))


def test_up_axis_turns_the_shape() -> None:
    tall = cube().vertices * np.array([1, 1, 4.0])
    for up, order in (("z", [0, 1, 2]), ("y", [0, 2, 1]), ("x", [2, 1, 0])):
        vertices = tall[:, order]
        top, bottom, left, right = extent(thumbnail(Mesh(vertices, cube().faces), size=128, up=up))
        assert bottom - top > 1.5 * (right - left), up
    np.testing.assert_array_equal(thumbnail(cube(), size=64), thumbnail(cube(), size=64, up="z"))


def test_light_comes_from_above_and_stays_there() -> None:
    image = thumbnail(sphere(), size=160)
    assert image[30:70, 60:100, :3].mean() > image[110:140, 60:100, :3].mean() + 20
    turned = sphere().vertices @ np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    again = thumbnail(Mesh(turned, sphere().faces), size=160)
    assert abs(brightness(image) - brightness(again)) < 1.5, "a turned ball looks the same"


def test_inside_out_looks_like_outside() -> None:
    flipped = Mesh(sphere().vertices, sphere().faces[:, ::-1].copy())
    assert np.abs(thumbnail(flipped, size=96).astype(int) - thumbnail(sphere(), size=96).astype(int)).mean() < 0.1
    faces = sphere().faces.copy()
    faces[::3] = faces[::3, ::-1]
    mixed = thumbnail(Mesh(sphere().vertices, faces), size=96)
    assert np.abs(mixed.astype(int) - thumbnail(sphere(), size=96).astype(int)).mean() < 0.1


def test_double_sided_soup_looks_like_the_mesh() -> None:
    soup = sphere().vertices[sphere().faces].reshape(-1, 3)
    faces = np.arange(len(soup)).reshape(-1, 3)
    both = Mesh(soup, np.concatenate([faces, faces[:, ::-1]]))
    assert np.abs(thumbnail(both, size=96).astype(int) - thumbnail(sphere(), size=96).astype(int)).mean() < 0.5


def test_round_surfaces_are_smooth_and_edges_are_drawn() -> None:
    def steps(mesh: Mesh) -> float:
        image = thumbnail(mesh, size=160).astype(int)
        inner = image[40:120, 40:120, :3].sum(-1)
        return float(np.abs(np.diff(inner, axis=1)).max())

    assert steps(sphere(12)) < 60
    assert steps(cube()) > 60


def test_face_colours() -> None:
    red = np.tile(np.array([200, 20, 20, 255], np.uint8), (12, 1))
    image = thumbnail(cube(Paint(face=red)), size=128)
    solid = image[image[..., 3] == 255].astype(int)
    assert (solid[:, 0] > solid[:, 1] + 20).mean() > 0.9
    assert (solid[:, 0] > solid[:, 2] + 20).mean() > 0.9


def test_vertex_colours_blend() -> None:
    colors = np.zeros((8, 4), np.uint8)
    colors[:, 3] = 255
    colors[4:, 1] = 255  # green above, black below
    image = thumbnail(cube(Paint(vertex=colors)), size=128).astype(int)
    solid = np.where(image[..., 3] == 255, image[..., 1], 0)
    assert solid[10:40].max() > 200
    assert solid[70:115, 30:60].max() > solid[105:120, 50:70].max() + 40


def painted_square(texture: np.ndarray, tiles: float = 1.0) -> Mesh:
    """A square that stands in the xz plane and faces the front (-y)."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]], dtype=float)
    uv = tiles * np.array([[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]], dtype=np.float32)
    paint = Paint(uv=uv, image_of_face=np.zeros(2, np.int64), images=(texture,))
    return Mesh(corners, np.array([[0, 1, 2], [0, 2, 3]]), paint)


def test_texture_lies_the_right_way_round() -> None:
    texture = np.zeros((64, 64, 4), np.uint8)
    texture[..., 3] = 255
    texture[:32, :32, 0] = 255  # upper left red
    texture[:32, 32:, 1] = 255  # upper right green
    texture[32:, :32, 2] = 255  # lower left blue, lower right black
    image = thumbnail(painted_square(texture), size=128).astype(int)
    top, bottom, left, right = extent(image)
    high, low, near, far = (
        top + (bottom - top) // 3,
        bottom - (bottom - top) // 3,
        left + (right - left) // 4,
        right - 12,
    )
    assert image[high, near, :3].argmax() == 0
    assert image[top + (bottom - top) // 2 - 8, far, :3].argmax() == 1
    assert image[low, near, :3].argmax() == 2


def test_fine_textures_do_not_sparkle() -> None:
    checks = np.full((2048, 2048, 4), 255, np.uint8)
    checks[(np.indices((2048, 2048)).sum(0) // 2) % 2 == 0, :3] = 0
    image = thumbnail(painted_square(checks), size=128).astype(int)
    inner = image[50:80, 50:80, 0]
    assert inner.std() < 12, "black and white checks far finer than a pixel are an even grey"
    assert 80 < inner.mean() < 220


def test_texture_that_is_clear_cuts_holes() -> None:
    fence = np.full((64, 64, 4), 255, np.uint8)
    fence[16:48, 16:48, 3] = 0
    image = thumbnail(painted_square(fence), size=128)
    assert image[64, 64, 3] == 0
    solid = thumbnail(painted_square(np.full((64, 64, 4), 255, np.uint8)), size=128)
    assert solid[64, 64, 3] == 255


def test_glass_shows_what_is_behind() -> None:
    inner, outer = cube(), cube()
    vertices = np.vstack([outer.vertices, inner.vertices * 0.5 + 0.25])
    faces = np.vstack([outer.faces, inner.faces + 8])
    colors = np.vstack([np.tile([220, 220, 255, 60], (12, 1)), np.tile([220, 0, 0, 255], (12, 1))]).astype(np.uint8)
    middle = thumbnail(Mesh(vertices, faces, Paint(face=colors)), size=128)[55:75, 55:75].astype(int)
    assert (middle[..., 0] > middle[..., 1] + 30).mean() > 0.7


@pytest.mark.parametrize("size", [16, 33, 320, 512])
def test_any_size(size: int) -> None:
    assert thumbnail(cube(), size=size).shape == (size, size, 4)


def test_single_triangle_and_flat_sheet() -> None:
    triangle = Mesh(np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1.0]]), np.array([[0, 1, 2]]))
    assert (thumbnail(triangle, size=96)[..., 3] == 255).sum() > 500


def test_wire_and_sheet_edge_on_are_still_seen() -> None:
    wire = np.linspace(0, 1, 50)[:, None] * np.array([[1.0, 0.2, 0.4]])
    thin = np.vstack([wire, wire + np.array([0, 1e-7, 0])])
    i = np.arange(49)
    faces = np.concatenate([np.stack([i, i + 1, i + 50], 1), np.stack([i + 1, i + 51, i + 50], 1)])
    image = thumbnail(Mesh(thin, faces), size=128)
    assert (image[..., 3] > 60).any(axis=0).sum() > 100, "the wire runs through without a gap"


def test_faces_without_area_are_harmless() -> None:
    needle = np.array([[0, 0, 0], [0, 1, 5], [6, 6, 6]])
    np.testing.assert_allclose(
        thumbnail(Mesh(cube().vertices, np.vstack([cube().faces, needle])), size=96)[40:60, 40:60],
        thumbnail(cube(), size=96)[40:60, 40:60],
        atol=30,
    )


def test_fan_of_many_faces_around_one_vertex() -> None:
    angle = np.linspace(0, 2 * np.pi, 20_001)
    rim = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=1)
    i = np.arange(1, 20_001)
    cone = Mesh(np.vstack([[[0, 0, 1.5]], rim]), np.stack([np.zeros_like(i), i, i + 1], axis=1))
    assert thumbnail(cone, size=64)[32, 32, 3] == 255


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Mesh(np.zeros((3, 3)), np.zeros((0, 3), np.int64)), "no faces"),
        (Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]])), "one place"),
        (Mesh(np.array([[0, 0, 0], [1, 0, 0], [0, np.nan, 0]]), np.array([[0, 1, 2]])), "not finite"),
        (Mesh(np.eye(3), np.array([[0, 1, 3]])), "does not exist"),
        (Mesh(np.eye(3), np.array([[0, 1, -1]])), "does not exist"),
        (PointCloud(np.zeros((0, 3))), "no points"),
        (PointCloud(np.ones((5, 3))), "one place"),
    ],
)
def test_nothing_to_draw_is_said(shape: Mesh | PointCloud, words: str) -> None:
    with pytest.raises(GeometryError, match=words):
        thumbnail(shape)


def test_float32_and_int32_are_welcome() -> None:
    mesh = Mesh(cube().vertices.astype(np.float32), cube().faces.astype(np.int32))
    np.testing.assert_array_equal(thumbnail(mesh, size=64), thumbnail(cube(), size=64))


def test_clouds_close_their_gaps() -> None:
    cloud = ball_cloud(20_000, np.random.default_rng(0))
    for shape in (cloud, PointCloud(cloud.points)):
        image = thumbnail(shape, size=128)
        assert (image[30:98, 30:98, 3] == 255).mean() > 0.995
        assert image[25:50, 50:75, :3].mean() > image[90:110, 50:75, :3].mean() + 15, "lit from above"


def test_cloud_colours_and_few_points() -> None:
    colors = np.tile(np.array([20, 160, 20, 255], np.uint8), (3, 1))
    image = thumbnail(PointCloud(np.eye(3), None, colors), size=96)
    solid = image[image[..., 3] == 255].astype(int)
    assert len(solid) > 30
    assert (solid[:, 1] > solid[:, 0]).all()


def test_encodings_keep_the_picture() -> None:
    import io

    from PIL import Image

    image = thumbnail(sphere())
    png, webp = encode_png(image), encode_webp(image)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png))), image)
    back = np.asarray(Image.open(io.BytesIO(webp)).convert("RGBA"))
    np.testing.assert_array_equal(back[..., 3] > 250, image[..., 3] > 250)
    solid = image[..., 3] == 255
    assert np.abs(back[solid].astype(int) - image[solid].astype(int)).mean() < 6
    assert len(webp) < 8000
