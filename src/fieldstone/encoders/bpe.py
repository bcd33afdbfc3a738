"""Byte-pair encoding as CLIP's and SLIP's text towers read it; the user brings `bpe_simple_vocab_16e6.txt.gz`.

Radford et al., Learning transferable visual models from natural language supervision, 2021, section 2.4; Sennrich, Haddow,
Birch, Neural machine translation of rare words with subword units, 2016. Letters and accents are composed; mis-decoded
text is not repaired (their code calls ftfy for both), and their two markers cannot be written in a text.
"""

import gzip
import html
import re
import unicodedata
import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from fieldstone.errors import EncoderError

__all__ = ["BytePairs"]

MERGES = 48_894
"""Of the published list, the first that count: 49,152 words less 256 bytes and the two markers."""
MOST_BYTES = 64 * 2**20
END = "</w>"
CONTRACTION = re.compile("'(?:s|t|re|ve|m|ll|d)")
RUN = re.compile("L+|N|O+")


class BytePairs:
    """Texts to token numbers: 256 bytes, the same at a word's end, the merges in their order, start and end of text."""

    def __init__(self, path: str | Path) -> None:
        """Read the merges, a pair a line after a first line of its own; EncoderError where the file is none such."""
        merges = _merges(Path(path))
        self._letters = _letters()
        letters = [*self._letters.values()]
        words = [*letters, *(letter + END for letter in letters), *(first + second for first, second in merges)]
        self._ids = {word: i for i, word in enumerate(words)}
        self._ranks = {pair: i for i, pair in enumerate(merges)}
        self.start, self.end = len(words), len(words) + 1
        self.size = len(words) + 2
        self._pieces = lru_cache(maxsize=100_000)(self._split)

    def __call__(self, texts: Sequence[str], context: int) -> Int64[np.ndarray, "texts {context}"]:
        """A row a text: start, its tokens, end, then zeros; what is too long loses its tail and keeps its end."""
        rows = np.zeros((len(texts), context), dtype=np.int64)
        for row, text in zip(rows, texts, strict=True):
            ids = [self.start, *self.encode(text)[: context - 2], self.end]
            row[: len(ids)] = ids
        return rows

    def encode(self, text: str) -> list[int]:
        """The token numbers of a text, lower case, without start and end."""
        text = unicodedata.normalize("NFC", html.unescape(html.unescape(text)))
        text = " ".join(text.split()).lower()
        return [i for word in _words(text) for i in self._pieces(word)]

    def _split(self, word: str) -> tuple[int, ...]:
        """A word's bytes, merged pair by pair, the earliest pair of the list first."""
        parts = [self._letters[byte] for byte in word.encode("utf-8", "replace")]
        parts[-1] += END
        while len(parts) > 1:
            pairs = set(pairwise(parts))
            first, second = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if (first, second) not in self._ranks:
                break
            parts = _joined(parts, first, second)
        return tuple(self._ids[part] for part in parts)


def _joined(parts: Sequence[str], first: str, second: str) -> list[str]:
    """The parts with each neighbouring (first, second) made one."""
    joined: list[str] = []
    i = 0
    while i < len(parts):
        both = i + 1 < len(parts) and (parts[i], parts[i + 1]) == (first, second)
        joined.append(first + second if both else parts[i])
        i += 2 if both else 1
    return joined


def _words(text: str) -> list[str]:
    """Contractions, runs of letters, single numerals, and runs of anything else but space."""
    kinds = "".join(_kind(letter) for letter in text)
    words, place = [], 0
    while place < len(text):
        found = CONTRACTION.match(text, place) or RUN.match(kinds, place)
        if found:
            words.append(text[place : found.end()])
        place = found.end() if found else place + 1
    return words


def _kind(letter: str) -> str:
    category = unicodedata.category(letter)[0]
    return " " if letter.isspace() else category if category in "LN" else "O"


def _letters() -> dict[int, str]:
    """A visible letter for each byte, in the order of the vocabulary: printable ones stand for themselves and come first."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}


def _merges(path: Path) -> list[tuple[str, str]]:
    way = "give CLIP's bpe_simple_vocab_16e6.txt.gz"
    if not path.is_file():
        raise EncoderError(f"{path}: there is no such file; {way}")
    try:
        with gzip.open(path) as file:
            text = file.read(MOST_BYTES).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise EncoderError(f"{path}: is no gzip file of text ({error}); {way}") from None
    pairs = [tuple(line.split()) for line in text.split("\n")[1 : MERGES + 1] if line.strip()]
    merges = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
    if not merges or len(merges) < len(pairs):
        raise EncoderError(f"{path}: is no list of pairs of letters, one a line; {way}")
    return merges
