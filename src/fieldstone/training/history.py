"""What a training came to, epoch by epoch."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["Epoch", "Select", "best_of"]

Select: TypeAlias = Literal["accuracy", "loss", "last"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The figures of one epoch."""

    number: int
    """Counted from 1."""
    rate: float
    """Learning rate of its last step."""
    loss: float
    """Mean weighted sum over its steps."""
    parts: dict[str, float]
    """Mean of each objective, without its weight."""
    val_loss: float | None = None
    """The weighted sum on the validation shapes after it; None without two of them."""
    val_accuracy: float | None = None
    """Nearest-neighbour accuracy of the validation shapes among the training shapes; None without labels."""

    @property
    def settings(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def best_of(history: Sequence[Epoch], select: Select = "accuracy") -> int:
    """Number of the epoch to keep, of equals the first; 0 for an empty history.

    "accuracy" is the highest on validation shapes, of equals the one of lower loss, and where none was measured "loss";
    "loss" is the lowest on validation shapes, and where none was measured "last". What is no number does not count.
    """
    if not history:
        return 0
    accuracies = {epoch.number: epoch.val_accuracy for epoch in history if epoch.val_accuracy is not None}
    measured = {epoch.number: epoch.val_loss for epoch in history if epoch.val_loss is not None}
    losses = {number: loss for number, loss in measured.items() if math.isfinite(loss)}
    if select == "accuracy" and accuracies:
        return max(accuracies, key=lambda number: (accuracies[number], -losses.get(number, math.inf)))
    if select != "last" and losses:
        return min(losses, key=lambda number: losses[number])
    return history[-1].number
