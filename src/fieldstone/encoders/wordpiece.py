"""Words in pieces, as BERT reads them: `vocab.txt`, or the WordPiece model of a `tokenizer.json`.

Devlin, Chang, Lee, Toutanova, BERT: pre-training of deep bidirectional transformers for language understanding, 2019,
section 3; Wu et al., Google's neural machine translation system, 2016, section 4.1: from a word's start, the longest piece
of the vocabulary, and so on; pieces inside a word are marked "##".
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from fieldstone.errors import EncoderError

__all__ = ["WordPieces", "read_json"]

MOST_BYTES = 64 * 2**20
LONGEST = 100
"""Letters of a word that is still looked at; longer ones are unknown."""
MARKERS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
IDEOGRAPHS = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
              (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))  # fmt: skip


class WordPieces:
    """Texts to piece numbers; each text stands between the markers of its start and end."""

    def __init__(self, folder: str | Path) -> None:
        """Read the vocabulary of a model's folder; EncoderError where there is none that is WordPiece."""
        folder = Path(folder)
        self._ids, self._lower = _vocabulary(folder)
        if lacks := [marker for marker in MARKERS if marker not in self._ids]:
            raise EncoderError(
                f"{folder}: its vocabulary lacks {lacks[0]}, so it is none of BERT's; give another model"
            )
        self._unknown, self._start, self._end = (self._ids[marker] for marker in MARKERS[1:])
        self.largest = max(self._ids.values())
        self._pieces = lru_cache(maxsize=100_000)(self._split)

    def __call__(self, texts: Sequence[str], context: int) -> list[list[int]]:
        """The numbers of each text, start and end included, at most `context` of them: what is too long loses its tail."""
        return [[self._start, *self.encode(text)[: context - 2], self._end] for text in texts]

    def encode(self, text: str) -> list[int]:
        """The piece numbers of a text without its markers."""
        return [i for word in _words(text, self._lower) for i in self._pieces(word)]

    def _split(self, word: str) -> tuple[int, ...]:
        found: list[int] = []
        start = 0
        while start < len(word) <= LONGEST:
            mark = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if mark + word[start:end] in self._ids), None)
            if end is None:
                return (self._unknown,)
            found.append(self._ids[mark + word[start:end]])
            start = end
        return tuple(found) or (self._unknown,)


def read_json(path: Path) -> Any:
    """A JSON file of a model's folder; EncoderError where it is absent, too large or none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise EncoderError(f"{path}: has more than {MOST_BYTES:,} bytes; take the model again")
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise EncoderError(
            f"{path}: cannot be read ({error.strerror}); give a folder of a sentence-transformer"
        ) from None
    except (ValueError, RecursionError):
        raise EncoderError(f"{path}: is no JSON; take the model again") from None


def _vocabulary(folder: Path) -> tuple[dict[str, int], bool]:
    """Pieces by name, and whether texts become lower case first."""
    settings = folder / "tokenizer_config.json"
    said = read_json(settings) if settings.exists() else {}
    lower = bool(said.get("do_lower_case", True)) if isinstance(said, Mapping) else True
    plain = folder / "vocab.txt"
    if plain.is_file():
        if plain.stat().st_size > MOST_BYTES:
            raise EncoderError(f"{plain}: has more than {MOST_BYTES:,} bytes; take the model again")
        lines = plain.read_text("utf-8", "replace").split("\n")
        return {line.rstrip("\r"): i for i, line in enumerate(lines) if line.rstrip("\r")}, lower
    held = read_json(folder / "tokenizer.json")
    try:
        model, normalizer = held["model"], held.get("normalizer") or {}
        if model.get("type", "WordPiece") != "WordPiece":
            raise EncoderError(
                f"{folder}: cuts words by {model['type']}, and only BERT's WordPiece is read; give a BERT model"
            )
        ids = {str(piece): int(i) for piece, i in model["vocab"].items()}
        if min(ids.values()) < 0:
            raise ValueError("a piece has a number below 0")
        return ids, bool(normalizer.get("lowercase", lower))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise EncoderError(f"{folder / 'tokenizer.json'}: holds no vocabulary; take the model again") from None


def _words(text: str, lower: bool) -> list[str]:
    """Words between spaces; punctuation marks and ideographs stand alone; lower case goes without accents."""
    text = "".join(_cleaned(letter) for letter in text)
    if lower:
        bare = (letter for letter in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(letter) != "Mn")
        text = "".join(bare)
    return "".join(f" {letter} " if _punctuation(letter) else letter for letter in text).split()


def _cleaned(letter: str) -> str:
    """A space for any white space, nothing for what is not to be seen, ideographs set apart."""
    if letter not in "\t\n\r" and (letter == "\ufffd" or unicodedata.category(letter)[0] == "C"):
        return ""
    if letter.isspace():
        return " "
    return f" {letter} " if any(low <= ord(letter) <= high for low, high in IDEOGRAPHS) else letter


def _punctuation(letter: str) -> bool:
    """Every printable ASCII sign that is neither letter nor digit, and what Unicode calls punctuation."""
    return ("!" <= letter <= "~" and not letter.isalnum()) or unicodedata.category(letter)[0] == "P"
