"""What stands on an encoder while it learns, and goes away afterwards."""

from typing import Literal, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["ClassifierForm", "classifier", "projection", "projector"]

ClassifierForm: TypeAlias = Literal["released", "paper", "inr2vec", "linear"]


def classifier(dim: int, classes: int, form: ClassifierForm, generator: torch.Generator) -> nn.Sequential:
    """[batch dim] -> [batch classes]. 3DOR, section 3.1: hidden layers 512 and 256 ("paper"); its checkpoints have one as
    wide as the row ("released").

    The paper's dropout of "0.2%" is read as 0.2; the checkpoints' is 0.25. "inr2vec" is 3DOR's paper form with inr2vec's
    dropout of 0.5 (De Luigi et al., 2023, as coded), which INRet takes over (section E.2). "linear" has no hidden layer, so that the rows
    themselves fall apart into classes (ours).
    """
    if form == "linear":
        return _layers([dim, classes], 0.0, generator)
    widths, dropout = ([dim, dim], 0.25) if form == "released" else ([dim, 512, 256], 0.5 if form == "inr2vec" else 0.2)
    return _layers([*widths, classes], dropout, generator)


def projector(dim: int, width: int, generator: torch.Generator) -> nn.Sequential:
    """[batch dim] -> [batch width] through two hidden layers of the same width (3DOR, section 3.3.1: 1,024)."""
    return _layers([dim, width, width, width], 0.0, generator)


def projection(dim: int, latent: int, generator: torch.Generator) -> nn.Linear:
    """[batch dim] -> [batch latent]: one product, weights from N(0, 1 / latent) (3DOR, section 3.2.1; ULIP)."""
    layer = nn.Linear(dim, latent, bias=False)
    nn.init.normal_(layer.weight, std=latent**-0.5, generator=generator)
    return layer


def _layers(widths: list[int], dropout: float, generator: torch.Generator) -> nn.Sequential:
    """Linear layers with batch norm, ReLU and dropout between them."""
    layers: list[nn.Module] = []
    for i in range(len(widths) - 1):
        if i:
            layers += [nn.BatchNorm1d(widths[i]), nn.ReLU()]
            if dropout:
                layers.append(nn.Dropout(dropout))
        layers.append(_linear(widths[i], widths[i + 1], generator))
    return nn.Sequential(*layers)


def _linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """Torch's own start of a linear layer, U(±1/√inputs), drawn by a generator."""
    layer = nn.Linear(inputs, outputs)
    bound = inputs**-0.5
    with torch.no_grad():
        for parameter in (layer.weight, layer.bias):
            parameter.copy_(_uniform(parameter, bound, generator))
    return layer


def _uniform(like: Float[Tensor, "*shape"], bound: float, generator: torch.Generator) -> Float[Tensor, "*shape"]:
    return (2.0 * torch.rand(like.shape, generator=generator) - 1.0) * bound
