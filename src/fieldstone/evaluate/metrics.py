"""Retrieval metrics, one function each, vectorised over queries; where papers and code differ, both, by name.

Functions that end in nothing special return one value a query, in [0, 1] (their mean is the metric); `macro_f1` is a
figure of the whole set. A query whose label the gallery lacks scores 0.
"""

import math

import numpy as np
from jaxtyping import Bool, Float64, Integer

from fieldstone.evaluate.ranking import Ranking

__all__ = [
    "average_precision",
    "hit_at",
    "macro_f1",
    "ndcg",
    "ndcg_as_coded",
    "nearest_neighbour",
    "shrec_at",
]


def nearest_neighbour(ranking: Ranking) -> Float64[np.ndarray, "queries"]:
    """1 where the first answer has the query's label: its mean is the nearest-neighbour accuracy."""
    return ranking.relevant[:, 0].astype(np.float64)


def macro_f1(ranking: Ranking) -> float:
    """F1 of classifying each query by its first answer, per class, averaged over the classes that occur on either side.

    The definition of scikit-learn's macro average, which the code of the fine-tuning paper (3DOR) calls; the paper's
    text words it as harmonic mean of accuracy and precision.
    """
    truth, guess = ranking.query_labels, ranking.gallery_labels[ranking.order[:, 0]]
    classes = np.unique(np.concatenate([truth, guess]))
    hits = _counts(truth[truth == guess], classes)
    return float(np.mean(2.0 * hits / (_counts(truth, classes) + _counts(guess, classes))))


def average_precision(ranking: Ranking, k: int | None = None) -> Float64[np.ndarray, "queries"]:
    """Textbook average precision: the mean precision at the ranks of the right answers, of all or of the first k.

    Cut at k, a perfect answer holds min(k, right answers in the gallery) hits. Its mean is mAP, or mAP@k (Manning,
    Raghavan, Schütze, Introduction to Information Retrieval, 2008, section 8.4).
    """
    relevant = ranking.relevant[:, :k]
    precision = np.cumsum(relevant, axis=1) / np.arange(1, relevant.shape[1] + 1)
    right = np.clip(ranking.relevant.sum(axis=1), 1, relevant.shape[1])
    means: Float64[np.ndarray, "queries"] = (precision * relevant).sum(axis=1) / right
    return means


def hit_at(ranking: Ranking, k: int) -> Float64[np.ndarray, "queries"]:
    """1 where one of the first k answers is right: hit rate (recall@k with one hit asked for).

    This is what the code of inr2vec and the tables after it print as "mAP@k", with the query itself left out.
    """
    hits: Bool[np.ndarray, "queries"] = ranking.relevant[:, :k].sum(axis=1) > 0
    return hits.astype(np.float64)


def ndcg(ranking: Ranking, k: int = 100) -> Float64[np.ndarray, "queries"]:
    """Textbook normalised discounted cumulative gain at k: gain 1 / log2(rank + 1) for each right answer.

    The ideal holds min(k, number of right answers in the gallery) hits first (Järvelin, Kekäläinen, Cumulated
    gain-based evaluation of IR techniques, 2002).
    """
    discount = 1.0 / np.log2(np.arange(2, min(k, ranking.relevant.shape[1]) + 2))
    gain: Float64[np.ndarray, "queries"] = ranking.relevant[:, :k] @ discount
    ideal = np.concatenate([[0.0], np.cumsum(discount)])
    right = np.minimum(ranking.relevant.sum(axis=1), len(discount))
    return gain / np.where(right > 0, ideal[right], 1.0)


def ndcg_as_coded(ranking: Ranking, k: int = 100) -> Float64[np.ndarray, "queries"]:
    """What the code of the fine-tuning paper (3DOR) computes as NDCG: no ranking measure.

    Each of the k neighbours' labels, one-hot over the C classes of the gallery, is scored as a ranking of classes of its
    own. A match gives 1, a mismatch the tie-averaged floor f = (1 / (C - 1)) sum_{r=2..C} 1 / log2(r + 1), so the
    figure is p + (1 - p) f with p the precision at k; the order of the neighbours does not matter. With one class, 1.
    """
    classes = len(np.unique(ranking.gallery_labels))
    floor = sum(1.0 / math.log2(r + 1) for r in range(2, classes + 1)) / max(classes - 1, 1)
    precision = ranking.relevant[:, :k].mean(axis=1)
    return np.asarray(precision + (1.0 - precision) * floor, dtype=np.float64)


def shrec_at(ranking: Ranking, k: int) -> dict[str, Float64[np.ndarray, "queries"]]:
    """Precision, recall and F1 of the first k answers, the list cut off at k whatever the class size.

    Precision: right answers over answers given (min of k and gallery); recall: right answers over all right ones in the
    gallery; F1: their harmonic mean. As in SHREC's large-scale track (Savva et al., 2016 and 2017), which ranks a set
    against itself with the query included; whether it is, is up to the ranking.
    """
    right = ranking.relevant[:, :k].sum(axis=1).astype(np.float64)
    precision = right / min(k, ranking.relevant.shape[1])
    recall = right / np.maximum(ranking.relevant.sum(axis=1), 1)
    f1 = 2.0 * precision * recall / np.maximum(precision + recall, np.finfo(np.float64).tiny)
    return {"precision": precision, "recall": recall, "f1": f1}


def _counts(labels: Integer[np.ndarray, "n"], classes: Integer[np.ndarray, "c"]) -> Float64[np.ndarray, "c"]:
    equal: Bool[np.ndarray, "c n"] = classes[:, None] == labels
    return equal.sum(axis=1).astype(np.float64)
