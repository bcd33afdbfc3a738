import itertools
import json
import math
from importlib.resources import files

import numpy as np
import pytest

from fieldstone.encoders import fused, whitening
from fieldstone.encoders.aligned import share_nodes
from fieldstone.encoders.distributions import BINS, shape_distributions
from fieldstone.encoders.frame import centred
from fieldstone.encoders.harmonics import spherical_harmonics
from fieldstone.encoders.near import CENTRES, near_histogram
from fieldstone.encoders.near import REACH as NEAR
from fieldstone.encoders.normals import estimate_normals
from fieldstone.encoders.pairs import paired
from fieldstone.encoders.shells import shell_energies
from fieldstone.encoders.surflets import DISTANCES, LEVELS, PARTNERS, REACH, surflet_histogram
from fieldstone.encoders.triangles import triangle_histogram
from tests.encoders.solids import box, revolved, sampled


def sphere_directions(n: int) -> np.ndarray:
    """The Fibonacci lattice on the unit sphere."""
    i = np.arange(n) + 0.5
    z, angle = 1.0 - 2.0 * i / n, math.pi * (1.0 + math.sqrt(5.0)) * i
    r = np.sqrt(1.0 - z * z)
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=1).astype(np.float32)


def test_frame_has_centroid_zero_and_unit_radius() -> None:
    points = centred(sampled(box(1.0, 2.0, 3.0)).points)
    np.testing.assert_allclose(points.mean(axis=0), 0.0, atol=1e-5)
    assert np.square(points).sum(axis=1).mean() == pytest.approx(1.0, abs=1e-5)


def test_harmonics_match_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    directions, degree = sphere_directions(50), 7
    ours = spherical_harmonics(directions, degree)
    polar, azimuth = np.arccos(directions[:, 2]), np.arctan2(directions[:, 1], directions[:, 0])
    for order in range(degree + 1):
        for m in range(order + 1):
            theirs = special.sph_harm_y(order, m, polar, azimuth) * (1.0 if m == 0 else math.sqrt(2.0))
            np.testing.assert_allclose(ours[:, order * order + order + m], theirs.real, atol=1e-5)
            if m > 0:
                np.testing.assert_allclose(ours[:, order * order + order - m], theirs.imag, atol=1e-5)


def test_a_sphere_has_energy_of_degree_zero_only() -> None:
    points = centred(sphere_directions(4000))
    energies = shell_energies(points, points).reshape(12, 13)
    assert energies[:, 1:].max() < 0.01 * energies[:, 0].max()


def test_pairs_take_every_point_equally_often_and_leave_out_none() -> None:
    order, shifts = paired(100, 6)
    assert sorted(order.tolist()) == list(range(100))
    assert shifts.tolist() == [1, 2, 3, 4, 5, 6]
    assert paired(1, 6)[1].tolist() == [1]
    assert len(paired(10_000, 6)[0]) == 4096


def surflets_by_definition(points: np.ndarray, normals: np.ndarray, pairs: list[tuple[int, int]]) -> np.ndarray:
    """The histogram of section 2, pair by pair, as written in the module's docstring."""
    counts = np.zeros((DISTANCES, LEVELS, LEVELS * (LEVELS + 1) // 2))
    for a, b in pairs:
        line = points[b] - points[a]
        distance = np.linalg.norm(line)
        cosines = np.abs([normals[a] @ normals[b], normals[a] @ line / distance, normals[b] @ line / distance])
        place = [min(max(distance * DISTANCES / REACH - 0.5, 0.0), DISTANCES - 1), *(cosines * (LEVELS - 1))]
        low = [min(int(p), n - 2) for p, n in zip(place, (10**6, LEVELS, LEVELS, LEVELS), strict=True)]
        for corner in itertools.product((0, 1), repeat=4):
            weight = math.prod(p - i if c else 1 - (p - i) for p, i, c in zip(place, low, corner, strict=True))
            d, turn, first, second = (i + c for i, c in zip(low, corner, strict=True))
            high, least = max(first, second), min(first, second)
            if d < DISTANCES:
                counts[d, turn, high * (high + 1) // 2 + least] += weight
    return np.sqrt(counts.reshape(-1) / len(pairs))


def test_surflets_are_what_the_definition_says() -> None:
    shape = sampled(revolved([(1.0, 0.0), (1.0, 2.0), (0.3, 2.6)]), n=64)
    points, normals = centred(shape.points), shape.normals
    assert normals is not None
    order, shifts = paired(64, PARTNERS)
    pairs = [(int(order[i]), int(order[(i + s) % 64])) for i in range(64) for s in shifts]
    expected = surflets_by_definition(points.astype(np.float64), normals.astype(np.float64), pairs)
    np.testing.assert_allclose(surflet_histogram(points, normals), expected, atol=2e-4)


def test_near_surflets_count_exactly_the_pairs_within_reach() -> None:
    """Flat pairs of a thin plate hold turn 1 and angles 0; their share is what brute force finds."""
    shape = sampled(box(3.0, 2.0, 0.02), n=1500)
    points, normals = centred(shape.points), shape.normals
    assert normals is not None
    centres = paired(1500, 1)[0][:CENTRES]
    gaps = np.linalg.norm(points[centres, None] - points[None], axis=2)
    within = gaps <= NEAR
    turns = np.abs(normals[centres] @ normals.T)
    shares = np.square(near_histogram(points, normals)).reshape(5, LEVELS, -1)
    assert shares.sum() == pytest.approx(1.0, abs=1e-3)
    assert shares[:, LEVELS - 1].sum() == pytest.approx(float((turns[within]).mean()), abs=0.01)
    assert within.sum() > 5 * CENTRES
    place = np.clip(1.0 + np.log2(np.maximum(gaps[within], 1e-9) / NEAR) / 3.2, 0.0, 1.0) * 4.0
    expected = [np.maximum(0.0, 1.0 - np.abs(place - node)).mean() for node in range(5)]
    np.testing.assert_allclose(shares.sum(axis=(1, 2)), expected, atol=2e-3)


@pytest.mark.parametrize("histogram", [surflet_histogram, near_histogram, triangle_histogram])
def test_pair_histograms_hold_every_pair_once(histogram) -> None:
    shape = sampled(box(3.0, 2.0, 0.1))
    assert shape.normals is not None
    assert np.square(histogram(centred(shape.points), shape.normals)).sum() == pytest.approx(1.0, abs=1e-3)


def test_distributions_of_a_sphere_are_the_known_ones() -> None:
    """D1 is one spike; D2 of a unit sphere has density d / 2 on [0, 2]."""
    points = centred(sphere_directions(4096))
    shares = np.square(shape_distributions(points, points)).reshape(5, BINS)
    assert shares[0].max() == pytest.approx(1.0, abs=1e-5)
    edges = np.linspace(0.0, 3.5, BINS + 1).clip(max=2.0)
    np.testing.assert_allclose(shares[1], np.diff(edges**2) / 4.0, atol=0.006)


def test_share_nodes_keeps_the_total_and_the_centre() -> None:
    places = np.random.default_rng(0).uniform(0.0, 4.0, (200, 3))
    shares = share_nodes(places, 5)
    nodes = np.array(list(np.ndindex(5, 5, 5)), dtype=np.float64)
    assert shares.sum() == pytest.approx(200.0)
    np.testing.assert_allclose(shares @ nodes, places.sum(axis=0))


def test_estimated_normals_are_right_up_to_the_edges_of_a_box() -> None:
    shape = sampled(box(1.0, 2.0, 3.0))
    assert shape.normals is not None
    cosine = np.abs((estimate_normals(shape.points) * shape.normals).sum(axis=1))
    assert (cosine > 0.99).mean() > 0.97


def test_estimated_normals_of_equal_and_of_aligned_points_are_unit() -> None:
    line = np.zeros((30, 3), dtype=np.float32)
    line[:, 0] = np.arange(30) // 2
    np.testing.assert_allclose(np.linalg.norm(estimate_normals(line), axis=1), 1.0, atol=1e-6)


def test_whitening_evens_out_the_variances() -> None:
    generator = np.random.default_rng(0)
    rows = (generator.standard_normal((4000, 6)) * [8.0, 4.0, 2.0, 1.0, 0.5, 1e-9] + 3.0).astype(np.float32)
    fitted = whitening.fit(rows, kept=4, power=0.5)
    spread = ((rows - fitted.mean) @ fitted.directions).std(axis=0)
    np.testing.assert_allclose(spread / spread[0], [1.0, 1.0, 1.0, 1.0], atol=0.05)
    unit = whitening.apply(fitted, rows[0])
    expected = (rows[0] - fitted.mean) @ fitted.directions
    np.testing.assert_allclose(unit, expected / np.linalg.norm(expected), atol=1e-5)
    assert not whitening.apply(fitted, fitted.mean).any()


def test_the_shipped_constants_name_their_data_and_licences() -> None:
    data = files("fieldstone.encoders").joinpath(f"{fused.NAME}.safetensors").read_bytes()
    metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    assert metadata["name"] == fused.ENCODER.id
    assert "CC-BY" in metadata["data"]
    assert "CC0" in metadata["data"]
    for block, kept in fused.KEPT.items():
        assert whitening.load(fused.NAME, block).directions.shape[1] == kept
