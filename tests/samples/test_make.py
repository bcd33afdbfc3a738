"""Every category draws sound, coloured, distinct shapes of sane size, the same in every process."""

import hashlib
import subprocess
import sys
from functools import cache

import igl
import numpy as np
import pytest

from fieldstone.errors import QueryError
from fieldstone.samples import CATEGORIES, collection, make, make_many
from fieldstone.types import Mesh

SEEDS = (0, 1)
shape = cache(make)


def digest(mesh: Mesh) -> str:
    assert mesh.paint is not None
    assert mesh.paint.face is not None
    arrays = (mesh.vertices, mesh.faces, mesh.paint.face)
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()


def test_the_categories_are_many_sorted_and_distinct() -> None:
    assert len(CATEGORIES) >= 36
    assert list(CATEGORIES) == sorted(set(CATEGORIES))


@pytest.mark.parametrize("category", CATEGORIES)
def test_shapes_are_closed_oriented_coloured_and_of_sane_size(category: str) -> None:
    meshes = [shape(category, seed) for seed in SEEDS]
    assert len({digest(mesh) for mesh in meshes}) == len(SEEDS)
    for mesh in meshes:
        assert_good(mesh)


@pytest.mark.slow
@pytest.mark.parametrize("category", CATEGORIES)
def test_more_seeds(category: str) -> None:
    meshes = [make(category, seed) for seed in range(100, 112)]
    assert len({digest(mesh) for mesh in meshes}) == len(meshes)
    for mesh in meshes:
        assert_good(mesh)


def assert_good(mesh: Mesh) -> None:
    assert_closed_when_welded_in_single_precision(mesh)
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.linalg.norm(normals, axis=1) > 0).all(), "a face without area"
    assert np.einsum("ij,ij->", corners[:, 0], normals) > 0, "inside out"
    assert mesh.paint is not None
    assert mesh.paint.face is not None
    assert mesh.paint.face.shape == (len(mesh.faces), 4)
    assert (mesh.paint.face[:, 3] == 255).all()
    assert 100 <= len(mesh.faces) <= 12_000
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    assert low[2] == 0
    assert np.allclose((low + high)[:2], 0, atol=1e-5 * float((high - low).max()))
    assert 5 < np.linalg.norm(high - low) < 60_000


def assert_closed_when_welded_in_single_precision(mesh: Mesh) -> None:
    """What a reader of STL sees: vertices told apart by their 32-bit position; each edge once each way."""
    single = mesh.vertices.astype(np.float32)
    assert (single == mesh.vertices).all()
    _, vertex = np.unique(single, axis=0, return_inverse=True)
    faces = vertex.reshape(-1)[mesh.faces]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    assert len(np.unique(edges, axis=0)) == len(edges), "an edge twice in one direction"
    assert np.array_equal(np.unique(edges, axis=0), np.unique(edges[:, ::-1], axis=0)), "an edge without its twin"


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_surface_does_not_run_through_itself(category: str) -> None:
    """Just outside the winding number is 0, just inside 1; where surfaces cross it would be 2 or 1 outside."""
    mesh = shape(category, 0)
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1)
    some = np.linspace(0, len(area) - 1, min(len(area), 600)).astype(int)
    step = 3e-5 * np.linalg.norm(np.ptp(mesh.vertices, axis=0)) * normals[some] / area[some, None]
    middle = corners[some].mean(1)
    outside = igl.fast_winding_number(mesh.vertices, mesh.faces, middle + step)
    inside = igl.fast_winding_number(mesh.vertices, mesh.faces, middle - step)
    wrong = (np.abs(outside) > 0.5) | (np.abs(inside - 1) > 0.5)
    assert area[some][wrong].sum() < 0.005 * area[some].sum()


def test_several_colours_reach_the_faces() -> None:
    for category, least in (("chair", 2), ("clock", 3), ("snowman", 4), ("train", 5), ("house", 5)):
        paint = shape(category, 0).paint
        assert paint is not None
        assert paint.face is not None
        assert len(np.unique(paint.face, axis=0)) >= least


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    some = CATEGORIES[:: len(CATEGORIES) // 12]
    here = [digest(make(category, 5)) for category in some]
    assert here == [digest(make(category, 5)) for category in some]
    code = (
        "import hashlib, numpy as np; from fieldstone.samples import make\n"
        f"for c in reversed({some!r}):\n"
        "    m = make(c, 5)\n"
        "    b = b''.join(np.ascontiguousarray(a).tobytes() for a in (m.vertices, m.faces, m.paint.face))\n"
        "    print(hashlib.sha256(b).hexdigest())\n"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert here == there[::-1]


def test_many_are_balanced_and_named_by_category(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    mesh = shape("key", 0)
    monkeypatch.setattr(collection, "make", lambda category, seed: asked.append((category, seed)) or mesh)
    n = 2 * len(CATEGORIES) + 2
    names = [name for name, _, _ in make_many(n, seed=4)]
    assert names[0] == f"{CATEGORIES[0]}-0000"
    assert names[-1] == f"{CATEGORIES[1]}-0002"
    assert len(set(names)) == n
    assert [category for category, _ in asked[: len(CATEGORIES)]] == list(CATEGORIES)
    assert asked[-1] == (CATEGORIES[1], 4_000_002)


def test_wrong_questions_are_answered_clearly() -> None:
    with pytest.raises(QueryError, match="did you mean 'chair'"):
        make("chiar", 0)
    with pytest.raises(QueryError, match="choose one of axe"):
        make("zzz", 0)
    with pytest.raises(QueryError, match="from 0"):
        make("chair", -1)
    with pytest.raises(QueryError, match="from 0"):
        next(make_many(3, seed=-2))
