"""Whether the nearest training shape has the right label: the figure by which a training is watched."""

from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

__all__ = ["nearest_accuracy"]

BLOCK = 1024


def nearest_accuracy(
    gallery: Float[Tensor, "gallery dim"],
    gallery_labels: Int64[Tensor, "gallery"],
    queries: Float[Tensor, "queries dim"],
    query_labels: Int64[Tensor, "queries"],
) -> float:
    """Share of the queries whose nearest row of the gallery by cosine has their label (3DOR, section 4.1)."""
    kept, right = functional.normalize(gallery, dim=1), 0
    for start in range(0, len(queries), BLOCK):
        asked = functional.normalize(queries[start : start + BLOCK], dim=1)
        first = (asked @ kept.T).argmax(1)
        right += int((gallery_labels[first] == query_labels[start : start + BLOCK]).sum())
    return right / max(len(queries), 1)
