"""How weights start, from a generator: He's normal, or PyTorch's own way, which several papers' codes leave as it is."""

import torch
from torch import nn

__all__ = ["he_normal", "torch_uniform"]


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


def torch_uniform(network: nn.Module, generator: torch.Generator) -> None:
    """Weights and biases of linear layers and convolutions from U(-b, b), b = 1 / sqrt(values in), in the order of the
    modules: what PyTorch draws from its global generator when it makes such a layer."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.Conv3d):
            bound = module.weight[0].numel() ** -0.5
            nn.init.uniform_(module.weight, -bound, bound, generator=generator)
            if module.bias is not None:
                nn.init.uniform_(module.bias, -bound, bound, generator=generator)
