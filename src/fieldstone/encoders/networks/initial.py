"""How weights start where batch norm or nothing follows a layer: He's normal, from a generator."""

import torch
from torch import nn

__all__ = ["he_normal"]


def he_normal(network: nn.Module, generator: torch.Generator) -> None:
    """Weights of linear layers from N(0, 2 / values in), of convolutions N(0, 2 / values out), biases 0, in the order
    of the modules (He et al., Delving deep into rectifiers, 2015, eq. 10 and 14)."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=generator)
        elif isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)
