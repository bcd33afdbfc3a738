"""Words as numbers, without a dictionary: each word, and each run of three letters in it, hashes to a row of a table.

A word that was never seen still shares rows with its kin (Bojanowski, Grave, Joulin, Mikolov, Enriching word vectors with
subword information, 2017, section 3.2). Row 0 is kept for nothing.
"""

import re
import zlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64

__all__ = ["PIECES", "WORDS", "tokens"]

WORDS = 16
"""Words of a text that count; the rest is not read."""
PIECES = 12
"""Table rows of a word at most: the word itself and its runs of three letters."""


def tokens(texts: Sequence[str], rows: int) -> Int64[np.ndarray, "texts 16 12"]:
    """Table rows, below `rows`, of each word of each text; 0 where there is none. Case and punctuation do not matter."""
    found = np.zeros((len(texts), WORDS, PIECES), dtype=np.int64)
    for text, of_text in zip(texts, found, strict=True):
        for word, of_word in zip(re.findall(r"[^\W_]+", text.lower()), of_text, strict=False):
            marked = f"<{word}>"
            pieces = [marked, *(marked[i : i + 3] for i in range(len(marked) - 2))][:PIECES]
            of_word[: len(pieces)] = [1 + zlib.crc32(piece.encode()) % (rows - 1) for piece in pieces]
    return found
