"""Numbers out of ASCII files in bulk: no Python step per line."""

import re
import warnings
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8

from fieldstone.files.source import Source

__all__ = ["Lines", "Table", "numbers", "table"]

NEWLINE, SPACE = 10, 32


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Numbers in rows of any length: row r is `values[starts[r]:starts[r + 1]]`; blank rows are left out."""

    values: Float64[np.ndarray, "n"]
    starts: Int64[np.ndarray, "_"]

    @property
    def widths(self) -> Int64[np.ndarray, "rows"]:
        """How many numbers each row holds."""
        return np.diff(self.starts)

    def columns(self, count: int) -> Float64[np.ndarray, "rows count"]:
        """The first `count` numbers of every row; every row must have them."""
        rows = len(self.starts) - 1
        if len(self.values) == rows * count:
            return self.values.reshape(rows, count)
        return self.values[self.starts[:-1, None] + np.arange(count)]


def numbers(source: Source, text: bytes, what: str) -> Float64[np.ndarray, "n"]:
    """Every whitespace-separated number of `text`; raises BrokenFile where a word is none."""
    text = text.strip()
    if not text:
        return np.zeros(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return np.fromstring(text, dtype=np.float64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise source.broken(f"holds something that is not a number among its {what}; export it again") from error


def table(source: Source, text: bytes, what: str) -> Table:
    """The numbers of `text`, line by line; raises BrokenFile where a word is no number."""
    values = numbers(source, text, what)
    characters = np.frombuffer(text, dtype=np.uint8)
    space = characters <= SPACE
    begins = np.flatnonzero(~space & np.concatenate([[True], space[:-1]]))
    if len(begins) != len(values):
        raise source.broken(f"holds something that is not a number among its {what}; export it again")
    ends = np.searchsorted(begins, np.flatnonzero(characters == NEWLINE))
    starts = np.concatenate([[0], ends, [len(begins)]]).astype(np.int64)
    return Table(values, starts[np.diff(starts, prepend=-1) > 0])


class Lines:
    """A text as lines that can be sorted by their first word, in bulk."""

    def __init__(self, text: bytes) -> None:
        if b"\n" not in text:
            text = text.replace(b"\r", b"\n")
        self.text = text if text.endswith(b"\n") else text + b"\n"
        self.characters: UInt8[np.ndarray, "n"] = np.frombuffer(self.text, dtype=np.uint8)
        ends = np.flatnonzero(self.characters == NEWLINE)
        self.begins: Int64[np.ndarray, "lines"] = np.concatenate([[0], ends[:-1] + 1])
        self.lengths: Int64[np.ndarray, "lines"] = ends + 1 - self.begins
        self.firsts = self._first_words()

    def _first_words(self) -> Int64[np.ndarray, "lines"]:
        """Where each line's first word starts (its newline where it is blank)."""
        firsts = self.begins.copy()
        indented = np.flatnonzero(self._blank(firsts))
        while len(indented):
            firsts[indented] += 1
            indented = indented[self._blank(firsts[indented])]
        return firsts

    def _blank(self, positions: Int64[np.ndarray, "n"]) -> Bool[np.ndarray, "n"]:
        here = self.characters[positions]
        blank: Bool[np.ndarray, "n"] = (here <= SPACE) & (here != NEWLINE)
        return blank

    def starting(self, word: bytes, *, ignore_case: bool = False) -> Bool[np.ndarray, "lines"]:
        """Which lines have `word` as their first word."""
        last = len(self.characters) - 1
        found = np.ones(len(self.firsts), dtype=bool)
        for offset, letter in enumerate(word):
            here = self.characters[np.minimum(self.firsts + offset, last)]
            found &= (here | 32) == (letter | 32) if ignore_case else here == letter
        found &= self.characters[np.minimum(self.firsts + len(word), last)] <= SPACE
        return found

    def pick(self, chosen: Bool[np.ndarray, "lines"], word_length: int) -> bytes:
        """The chosen lines without their first word and without comments."""
        keep = np.repeat(chosen, self.lengths)
        blanked = self.characters.copy()
        for offset in range(word_length):
            blanked[self.firsts[chosen] + offset] = SPACE
        picked = blanked[keep].tobytes()
        return re.sub(rb"#[^\n]*", b"", picked) if b"#" in picked else picked

    def words(self, chosen: Bool[np.ndarray, "lines"], word_length: int, limit: int = 200) -> list[str]:
        """What stands behind the first word, for each chosen line (a few: names, not coordinates)."""
        begins, ends = self.firsts[chosen] + word_length, (self.begins + self.lengths)[chosen]
        return [
            self.text[begin : min(end, begin + limit)].decode("utf-8", "replace").strip()
            for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]
