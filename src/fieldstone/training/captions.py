"""What can be said of a shape without looking at it: sentences from labels and file names; or a captioner of your own.

3DOR (section 3.2.3) has a vision-language model describe each of four pictures in four ways. Where none is at hand, four
templates over what the shape is called stand in, and results say so.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

import numpy as np
from jaxtyping import UInt8

from fieldstone.errors import FieldstoneError
from fieldstone.training.collection import Collection

__all__ = ["Captioner", "captioned", "templates", "words_of"]


Captioner: TypeAlias = Callable[[str, UInt8[np.ndarray, "views size size 4"] | None], Sequence[str]]
"""Anything that describes a shape in one or several sentences, given its id and, where the collection has them, its
pictures."""


def templates(label: str, fine: str | None = None, name: str | None = None) -> tuple[str, ...]:
    """Four captions from a class, a finer label and a file's name, as far as they are known.

    What is finer is preferred; where nothing is known, the shape is "object".
    """
    broad = words_of(label)
    narrow = words_of(fine or "") or words_of(PurePosixPath(name or "").stem) or broad
    broad, narrow = broad or narrow or "object", narrow or broad or "object"
    whole = narrow if broad in narrow else f"{narrow}, a kind of {broad}"
    return (_with_article(broad), _with_article(narrow), f"a 3D model of {_with_article(narrow)}", whole)


def words_of(name: str) -> str:
    """The words of a label or a name: lower case, apart, without numbers, hashes and what programs append."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = [
        word for word in re.split(r"[^a-z]+", apart.lower()) if len(word) > 1 and word not in ("mesh", "obj", "lod")
    ]
    return " ".join(words)


def captioned(collection: Collection, captioner: Captioner) -> Collection:
    """The collection with what `captioner` says of each shape. FieldstoneError where it says nothing."""
    said = []
    for i, name in enumerate(collection.ids):
        sentences = tuple(captioner(name, None if collection.views is None else collection.views[i]))
        if not sentences:
            raise FieldstoneError(f"the captioner says nothing of {name}; let it return at least one sentence")
        said.append(sentences)
    return dataclasses.replace(collection, captions=tuple(said))


def _with_article(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
