"""The table of methods: means over seeds, gains over the first, gallery and queries as told."""

import numpy as np
import pytest

from fieldstone.evaluate.retrieval import Labelled, retrieval_table

LABELS = np.array([0, 0, 1, 1, 0, 1])
GALLERY = np.array([True, True, True, True, False, False])


def rows(of_first_query: int, of_second_query: int) -> np.ndarray:
    """Gallery shapes as axes; each query lies on the axis of the gallery shape that it finds first."""
    return np.eye(4)[[0, 1, 2, 3, of_first_query, of_second_query]]


def test_a_row_by_hand() -> None:
    data = Labelled(LABELS, GALLERY, ~GALLERY)
    (row,) = retrieval_table(data, {"half": lambda seed: rows(0, 1)}, np.random.default_rng(0))
    # the first query (label 0) finds shape 0, then ties in order: 1, 2, 3; the second (label 1): 1, then 0, 2, 3
    assert (row.method, row.gallery, row.queries, row.seeds) == ("half", 4, 2, 1)
    assert row.nearest_neighbour == 0.5
    assert row.hit_at_5 == 1.0
    assert row.mean_average_precision == pytest.approx((1.0 + (1 / 3 + 2 / 4) / 2) / 2)
    assert row.mean_average_precision_at_5 == row.mean_average_precision  # the gallery has four
    assert row.gain is None


def test_shapes_in_neither_part_are_left_out() -> None:
    gallery = GALLERY.copy()
    gallery[0] = False
    (row,) = retrieval_table(
        Labelled(LABELS, gallery, ~GALLERY), {"x": lambda seed: rows(0, 2)}, np.random.default_rng(0)
    )
    assert (row.gallery, row.queries) == (3, 2)


def test_figures_are_means_over_seeds() -> None:
    data = Labelled(LABELS, GALLERY, ~GALLERY)
    by_seed = [rows(0, 2), rows(0, 1)]
    (row,) = retrieval_table(data, {"drawn": lambda seed: by_seed[seed]}, np.random.default_rng(0), seeds=2)
    assert row.seeds == 2
    assert row.nearest_neighbour == 0.75
    assert row.seed_deviation == 0.25


def test_gains_are_over_the_first_method() -> None:
    data = Labelled(LABELS, GALLERY, ~GALLERY)
    methods = {"poor": lambda seed: rows(2, 0), "good": lambda seed: rows(0, 2), "half": lambda seed: rows(0, 0)}
    poor, good, half = retrieval_table(data, methods, np.random.default_rng(0))
    assert (poor.nearest_neighbour, good.nearest_neighbour) == (0.0, 1.0)
    assert (good.gain, good.gain_interval) == (1.0, (1.0, 1.0))
    assert half.gain == 0.5
    assert half.gain_interval == (0.0, 1.0)
