"""Functions across functions: the query's own shape is left out, unless it is asked for."""

import numpy as np
import pytest

from fieldstone.evaluate.inret.across import FUNCTIONS, across, asked

LABELS = np.array([0, 0, 1, 1, 2, 2])


def rows(noise: float, seed: int = 0) -> dict:
    """Shapes of a class lie together, and each function's rows of a shape lie closest together."""
    g = np.random.default_rng(seed)
    centre, own = 3.0 * np.eye(3, 8)[LABELS], 0.3 * g.standard_normal((6, 8))
    return {f: centre + own + noise * g.standard_normal((6, 8)) for f in FUNCTIONS}


def test_a_common_latent_is_searched_whole() -> None:
    found = across(rows(0.01), LABELS)
    assert len(found.rankings) == 9
    assert found.average == found.same_function == 1.0
    assert found.average_interval(np.random.default_rng(0)) == (1.0, 1.0)
    assert found.mean_average_precision("udf", "occ") == 1.0
    assert found.shrec("udf", "occ", 2) == pytest.approx({"precision": 0.5, "recall": 1.0, "f1": 2 / 3})


def test_the_own_shape_is_left_out_across_functions_too() -> None:
    given = rows(0.01)
    labels = np.arange(6)  # no other shape is right
    assert across(given, labels).average == 0.0
    allowed = across(given, labels, same_shape=True)
    assert allowed.same_function == 0.0
    assert allowed.average == pytest.approx(6 / 9)


def test_functions_without_a_common_latent_are_seen() -> None:
    given = rows(0.01)
    given["occ"] = given["occ"][:, ::-1]  # another latent
    found = across(given, LABELS)
    assert found.same_function == 1.0
    assert found.accuracy("udf", "occ") < 1.0
    expected = np.mean([[found.accuracy(a, b) for a in FUNCTIONS] for b in FUNCTIONS])
    assert found.average == pytest.approx(expected)
    assert found.accuracy("udf", "occ", k=5) == 1.0


def test_others_may_ask() -> None:
    given, labels = rows(0.01), np.arange(6)
    queries = 5.0 * given["occ"][:, :8]  # length tells nothing
    assert not asked(queries, given["sdf"], labels).relevant.any()
    own = asked(queries, given["sdf"], labels, same_shape=True)
    np.testing.assert_array_equal(own.order[:, 0], labels)
    seen = across({"sdf": given["sdf"]}, LABELS)
    assert seen.interval("sdf", "sdf", np.random.default_rng(0)) == (1.0, 1.0)
