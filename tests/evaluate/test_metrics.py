import math

import numpy as np
import pytest

from fieldstone.evaluate import evaluate_retrieval, metrics
from fieldstone.evaluate.bootstrap import interval, paired_interval
from fieldstone.evaluate.ranking import Ranking, rank


def ranking(*rows: str, labels: str = "aabbc", queries: str = "a") -> Ranking:
    """A ranking from strings of gallery positions, '0' to '9', best first."""
    gallery = np.array([ord(letter) for letter in labels])
    asked = np.array([ord(letter) for letter in queries])
    order = np.array([[int(digit) for digit in row] for row in rows])
    return Ranking(order, gallery[order] == asked[:, None], gallery, asked)


def test_rank_orders_by_inner_product_with_ties_in_gallery_order() -> None:
    gallery = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.6, 0.8]])
    ranked = rank(gallery, np.array([0, 1, 2, 3]), np.array([[1.0, 0.0]]), np.array([2]))
    assert ranked.order.tolist() == [[1, 2, 3, 0]]
    assert ranked.relevant.tolist() == [[False, True, False, False]]


def test_rank_leaves_the_query_out_of_its_own_set() -> None:
    rows, labels = np.eye(3), np.array([0, 0, 1])
    ranked = rank(rows, labels, rows, labels, same=True)
    assert ranked.order.shape == (3, 2)
    assert all(i not in row for i, row in enumerate(ranked.order))


def test_rank_in_blocks_is_rank_at_once() -> None:
    generator = np.random.default_rng(0)
    gallery, queries = generator.standard_normal((50, 4)), generator.standard_normal((2100, 4))
    ranked = rank(gallery, np.zeros(50, dtype=int), queries, np.zeros(2100, dtype=int))
    np.testing.assert_array_equal(ranked.order, np.argsort(-(queries @ gallery.T), axis=1, kind="stable"))


def test_nearest_neighbour_and_hits() -> None:
    two = ranking("01234", "40123", queries="aa")
    assert metrics.nearest_neighbour(two).tolist() == [1.0, 0.0]
    assert metrics.hit_at(two, 1).tolist() == [1.0, 0.0]
    assert metrics.hit_at(two, 2).tolist() == [1.0, 1.0]


def test_average_precision_by_hand() -> None:
    # right answers at ranks 1 and 4: (1/1 + 2/4) / 2
    assert metrics.average_precision(ranking("02314")).tolist() == [0.75]


def test_ndcg_by_hand() -> None:
    # hits at ranks 2 and 3, two right answers in all
    expected = (1 / math.log2(3) + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert metrics.ndcg(ranking("20134"))[0] == pytest.approx(expected)
    assert metrics.ndcg(ranking("20134"), 2)[0] == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))
    assert metrics.ndcg(ranking("01234"))[0] == pytest.approx(1.0)


@pytest.mark.parametrize(("classes", "floor"), [(40, 0.2587), (55, 0.2364), (68, 0.2230), (76, 0.2164), (15, 0.3472)])
def test_ndcg_as_coded_has_the_known_floors(classes: int, floor: float) -> None:
    labels = np.arange(classes)
    order = np.arange(1, classes)[None]
    nothing_right = Ranking(order, labels[order] == 0, labels, np.array([0]))
    assert metrics.ndcg_as_coded(nothing_right)[0] == pytest.approx(floor, abs=6e-5)


def test_ndcg_as_coded_ignores_the_order() -> None:
    early, late = ranking("01234"), ranking("23401")
    assert metrics.ndcg_as_coded(early, 5)[0] == metrics.ndcg_as_coded(late, 5)[0]
    assert metrics.ndcg(early, 5)[0] > metrics.ndcg(late, 5)[0]


def test_macro_f1_matches_its_definition() -> None:
    # guesses a, b, b, c for truths a, a, b, b: F1 of a 2/3, of b 1/2, of c 0
    four = ranking("0", "2", "2", "4", queries="aabb")
    assert metrics.macro_f1(four) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)


def test_shrec_at_by_hand() -> None:
    at = metrics.shrec_at(ranking("02314"), 4)
    assert at["precision"].tolist() == [0.5]
    assert at["recall"].tolist() == [1.0]
    assert at["f1"][0] == pytest.approx(2 / 3)
    assert metrics.shrec_at(ranking("23401"), 2)["f1"].tolist() == [0.0]
    assert metrics.shrec_at(ranking("01234"), 100)["precision"].tolist() == [0.4]


def test_a_label_that_the_gallery_lacks_scores_nothing() -> None:
    lost = ranking("01234", queries="z")
    for values in (metrics.average_precision(lost), metrics.ndcg(lost), metrics.hit_at(lost, 5)):
        assert values.tolist() == [0.0]


def test_bootstrap_covers_the_mean_and_shrinks_with_the_sample() -> None:
    values = np.random.default_rng(0).integers(0, 2, 400).astype(np.float64)
    low, high = interval(values, np.random.default_rng(1))
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * 0.5 / math.sqrt(400), rel=0.15)
    assert (low, high) == interval(values, np.random.default_rng(1))


def test_the_protocol_on_clusters() -> None:
    """Tight clusters are all found; the same vectors with shuffled labels are found by chance."""
    generator = np.random.default_rng(0)
    centres = generator.standard_normal((8, 16))
    labels = np.repeat(np.arange(8), 20)
    rows = centres[labels] + 0.05 * generator.standard_normal((160, 16))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    good = evaluate_retrieval("good", rows, labels, rows, labels, np.random.default_rng(0), same=True)
    mixed = generator.permutation(labels)
    poor = evaluate_retrieval("poor", rows, mixed, rows, mixed, np.random.default_rng(0), same=True)
    assert good.nearest_neighbour == good.mean_average_precision == good.macro_f1 == 1.0
    assert good.ndcg == pytest.approx(1.0)
    assert poor.nearest_neighbour < 0.3
    assert poor.nearest_neighbour_interval[0] <= poor.nearest_neighbour <= poor.nearest_neighbour_interval[1]
    assert (good.gallery, good.queries) == (160, 160)


def test_average_precision_cut_at_k_by_hand() -> None:
    # "02314": right answers at ranks 1 and 4; of the first three only one, and two could have stood there
    assert metrics.average_precision(ranking("02314"), 3).tolist() == [0.5]
    assert metrics.average_precision(ranking("02314"), 1).tolist() == [1.0]  # one place, one hit
    assert metrics.average_precision(ranking("02314"), 50).tolist() == [0.75]


def test_paired_interval_by_hand() -> None:
    """Two queries, one gained: resamples give a mean gain of 0, 1/2 or 1 with chances 1/4, 1/2, 1/4."""
    worse, better = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    assert paired_interval(worse, better, np.random.default_rng(0)) == (0.0, 1.0)
    low, high = paired_interval(worse, better, np.random.default_rng(0), share=0.4, draws=20_000)
    assert (low, high) == (0.5, 0.5)
    assert paired_interval(worse, worse, np.random.default_rng(0)) == (0.0, 0.0)


def test_pairing_takes_out_what_makes_queries_hard() -> None:
    """One gain in a hundred queries is sure in pairs and drowns in two separate intervals' width."""
    generator = np.random.default_rng(0)
    easy = (generator.random(1000) < 0.5).astype(np.float64)
    better = np.where(generator.random(1000) < 0.03, 1.0, easy)
    low, high = paired_interval(easy, better, np.random.default_rng(1))
    alone_low, alone_high = interval(easy, np.random.default_rng(1))
    assert 0.0 < low <= (better - easy).mean() <= high
    assert high - low < (alone_high - alone_low) / 2
