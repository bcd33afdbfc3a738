"""Networks with sine activations: SIREN (Sitzmann et al., Implicit neural representations with periodic functions, 2020).

    h_0 = p,  h_(l+1) = sin(omega (h_l W_l + b_l)),  y = h_L W_L + b_L

omega stands in every hidden layer, the first too. Weights are [inputs, outputs], so that leading dimensions stack
networks that run side by side: weights [shapes, inputs, outputs], biases [shapes, outputs], points [shapes, n, 3].
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["SineMLP", "affine"]


def affine(
    x: Float[Tensor, "*stack n inputs"], weight: Float[Tensor, "*stack inputs outputs"], bias: Float[Tensor, "*stack _"]
) -> Float[Tensor, "*stack n outputs"]:
    """x W + b, of one layer or of a stack of them."""
    if weight.ndim == 2:
        return torch.addmm(bias, x, weight)
    return torch.baddbmm(bias[:, None], x, weight)


class SineMLP(nn.Module):
    """Points of the cube to outputs, unitless, through sine layers and a linear one.

    `weights` and `biases` become the parameters as they are, without a copy.
    """

    def __init__(self, weights: Sequence[Tensor], biases: Sequence[Tensor], omega: float = 30.0) -> None:
        super().__init__()
        self.weights = nn.ParameterList(weights)
        self.biases = nn.ParameterList(biases)
        self.omega = omega

    def forward(self, points: Float[Tensor, "*stack n inputs"]) -> Float[Tensor, "*stack n outputs"]:
        """The outputs at points of the cube."""
        h = points
        for weight, bias in zip(list(self.weights)[:-1], list(self.biases)[:-1], strict=True):
            h = torch.sin(self.omega * affine(h, weight, bias))
        return affine(h, self.weights[-1], self.biases[-1])
