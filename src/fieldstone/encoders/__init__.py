"""Anything -> one vector: what an encoder is, which there are, and the one that a library uses unless told otherwise.

Importing this package costs nothing but numpy; an encoder's code loads when it is asked for.
"""

from fieldstone.encoders.protocol import Card, Encoder
from fieldstone.encoders.registry import (
    BASE,
    DESCRIPTOR,
    FIELDS,
    UPRIGHT,
    available,
    default,
    formulas,
    get,
    of_file,
    shipped,
)

__all__ = [
    "BASE",
    "DESCRIPTOR",
    "FIELDS",
    "UPRIGHT",
    "Card",
    "Encoder",
    "available",
    "default",
    "formulas",
    "get",
    "of_file",
    "shipped",
]
