"""What is made small: cross-entropy, VICReg and symmetric contrast. Each is a mean, without unit, in float32."""

from typing import Literal, TypeAlias

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.nn import functional

__all__ = ["VICRegForm", "classification", "contrast", "vicreg"]

VICRegForm: TypeAlias = Literal["released", "paper"]
INVARIANCE, VARIANCE, COVARIANCE = 25.0, 25.0, 1.0
EPSILON = 1e-4


def classification(
    logits: Float[Tensor, "batch classes"], labels: Int64[Tensor, "batch"], smoothing: float = 0.0
) -> Float[Tensor, ""]:
    """Mean cross-entropy over the shapes whose label is known (not -1); 0 where there are none."""
    known = labels >= 0
    if not bool(known.any()):
        return logits.sum() * 0.0
    return functional.cross_entropy(logits[known], labels[known], label_smoothing=smoothing)


def vicreg(
    first: Float[Tensor, "batch dim"], second: Float[Tensor, "batch dim"], form: VICRegForm = "released"
) -> Float[Tensor, ""]:
    """Bardes, Ponce, LeCun, VICReg, 2022, equations 1 to 6: 25 invariance + 25 variance + 1 covariance.

    The authors' code ("released") and their equations ("paper") differ: the code takes the mean of the squares over
    batch and dimensions where equation 5 sums over dimensions, and the mean of the two branches' variance terms where
    equation 6 sums them. Both sum the branches' covariance terms. 3DOR gives its weights and no normaliser.
    """
    squares = (first - second).square()
    spread = _variance(first) + _variance(second)
    mixed = _covariance(first) + _covariance(second)
    if form == "released":
        return INVARIANCE * squares.mean() + VARIANCE * spread / 2.0 + COVARIANCE * mixed
    return INVARIANCE * squares.sum(1).mean() + VARIANCE * spread + COVARIANCE * mixed


def _variance(rows: Float[Tensor, "batch dim"]) -> Float[Tensor, ""]:
    """Equation 1 (3DOR, equation 2): how far the deviations stay below 1."""
    return functional.relu(1.0 - torch.sqrt(rows.var(0) + EPSILON)).mean()


def _covariance(rows: Float[Tensor, "batch dim"]) -> Float[Tensor, ""]:
    """Equation 4: the squares off the covariance's diagonal, over the dimensions."""
    centred = rows - rows.mean(0)
    covariance = centred.T @ centred / (len(rows) - 1)
    return (covariance.square().sum() - covariance.diagonal().square().sum()) / rows.shape[1]


def contrast(
    first: Float[Tensor, "batch latent"],
    second: Float[Tensor, "batch latent"],
    scale: Float[Tensor, ""] | float,
    same: Bool[Tensor, "batch batch"] | None = None,
) -> Float[Tensor, ""]:
    """Symmetric InfoNCE of the cosines times `scale`: the mean of both directions (ULIP; 3DOR, equation 1, mended).

    `same` says which pairs belong together beside the diagonal; a row's target is then spread evenly over them.
    """
    logits = scale * functional.normalize(first, dim=1) @ functional.normalize(second, dim=1).T
    if same is None:
        same = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    target = same.to(logits.dtype)
    forth = functional.cross_entropy(logits, target / target.sum(1, keepdim=True))
    back = functional.cross_entropy(logits.T, target.T / target.T.sum(1, keepdim=True))
    return 0.5 * (forth + back)
