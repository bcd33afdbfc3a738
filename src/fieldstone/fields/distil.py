"""A field from a field: another architecture, another function, fewer bytes (INRet, appendix A.3)."""

from typing import Any

from fieldstone.fields.field import Function
from fieldstone.fields.fit import fit
from fieldstone.fields.network import Architecture, NeuralField

__all__ = ["distil"]


def distil(
    field: NeuralField,
    architecture: Architecture = "hashgrid",
    function: Function | None = None,
    *,
    color: bool | None = None,
    **settings: Any,
) -> NeuralField:
    """Fit a field to a field, in the same frame; `function` None keeps what the values mean, `color` None the colours.

    The source, its hash, its licence and its sign confidence go along. `settings` are those of `fit`. GeometryError where
    the field cannot give the function (an unsigned one tells no side), or as `fit` does.
    """
    card = field.card
    kept = {"name": card.source, "source_hash": card.source_hash, "licence": card.licence}
    colored = field.network.outputs == 4 if color is None else color
    return fit(field, architecture, function or field.function, color=colored, **{**kept, **settings})
