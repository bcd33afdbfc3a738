"""Search by words: names, tags, categories, paths and metadata, the way a person remembers them.

BM25 (Robertson and Zaragoza, 2009, "The Probabilistic Relevance Framework") over a few short fields, the name weighing
most. A word of the query also matches the beginning of a longer word ("brack" finds "bracket"), at half the weight.
Little words ("a", "of") are not looked for where others are.
"""

import re
from collections import Counter

import numpy as np
from jaxtyping import Float64, Int64

from fieldstone.errors import QueryError
from fieldstone.library.catalog import Catalog

__all__ = ["score_text", "share_held", "words"]

FIELDS = {"name": 3.0, "tags": 3.0, "category": 2.0, "metadata": 1.0, "source": 1.0}
K1, B = 1.2, 0.5
PREFIX_WEIGHT = 0.5
CALLED = ("name", "tags", "category")
"""Fields that say what a shape is called."""
LITTLE = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to", "with"]
)


def words(text: str) -> list[str]:
    """Lower-case words; `camelCase`, digits and punctuation separate them."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", text)
    return re.findall(r"[^\W_]+", spaced.lower())


def score_text(catalog: Catalog, text: str) -> Float64[np.ndarray, "n"]:
    """How well each row answers the words; 0 where no word occurs. Raises QueryError where the text has no words."""
    wanted = _wanted(text)
    table = catalog.table
    score = np.zeros(len(catalog))
    for name, weight in FIELDS.items():
        documents = [Counter(words(_joined(value))) for value in table[name].to_pylist()]
        score += weight * _bm25(documents, wanted)
    return score


def share_held(catalog: Catalog, text: str) -> Float64[np.ndarray, "n"]:
    """The share of the words that name, tags and category of each row hold, or longer words that begin with them; rare
    words count more, and 1 is all of them. Raises QueryError where the text has no words."""
    wanted = dict.fromkeys(_wanted(text))
    columns = [catalog.table[name].to_pylist() for name in CALLED]
    called = [Counter(words(" ".join(map(_joined, values)))) for values in zip(*columns, strict=True)]
    held = np.array([[_occurrences(one, word) > 0 for word in wanted] for one in called], dtype=bool)
    held = held.reshape(len(catalog), len(wanted))
    rare = _idf(len(catalog), held.sum(axis=0))
    return np.where(held.all(axis=1), 1.0, held @ rare / rare.sum())


def _wanted(text: str) -> list[str]:
    found = words(text)
    if not found:
        raise QueryError("the text holds no words; ask for instance --text 'hinge left'")
    return [word for word in found if word not in LITTLE] or found


def _joined(value: str | list[str] | None) -> str:
    return " ".join(value) if isinstance(value, list) else value or ""


def _bm25(documents: list[Counter[str]], wanted: list[str]) -> Float64[np.ndarray, "n"]:
    length = np.array([sum(d.values()) for d in documents], dtype=np.float64)
    mean = length.mean() if len(length) and length.any() else 1.0
    total = np.zeros(len(documents))
    for word in dict.fromkeys(wanted):
        count = np.array([_occurrences(d, word) for d in documents], dtype=np.float64)
        rare = _idf(len(documents), np.array([np.count_nonzero(count)]))
        total += rare * count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))
    return total


def _idf(documents: int, holding: Int64[np.ndarray, "words"]) -> Float64[np.ndarray, "words"]:
    """How rare words are that so many of the documents hold."""
    return np.log1p((documents - holding + 0.5) / (holding + 0.5))


def _occurrences(document: Counter[str], word: str) -> float:
    if word in document:
        return document[word]
    return PREFIX_WEIGHT * any(other.startswith(word) for other in document) if len(word) > 2 else 0.0
