"""AdamW over some modules, and all that it needs to go on after a stop."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldstone.training.state import learnt, restore

__all__ = ["ADAM", "Adam"]

ADAM = "adam."
"""Before the names of moments."""


class Adam:
    """Weights and moments of all modules by name; what has one dimension or none is not decayed."""

    def __init__(
        self, modules: Mapping[str, nn.Module], *, rate: float, decay: float, beta2: float = 0.999, clip: float | None = None
    ) -> None:  # fmt: skip
        """`clip` cuts the gradient's length."""
        self.modules, self.beta2, self.clip = modules, beta2, clip
        learns = [p for module in modules.values() for p in module.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in learns if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in learns if p.ndim <= 1], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, beta2))

    def step(self, loss: Float[Tensor, ""], rate: float, beta: float) -> None:
        """One step down the loss's gradient, at this rate and first beta."""
        for group in self.optimiser.param_groups:
            group["lr"], group["betas"] = float(rate), (float(beta), self.beta2)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        if self.clip is not None:
            parameters = [p for group in self.optimiser.param_groups for p in group["params"]]
            torch.nn.utils.clip_grad_norm_(parameters, self.clip)
        self.optimiser.step()

    def tensors(self) -> dict[str, Tensor]:
        """All weights and moments, by name."""
        kept = {f"{name}.{key}": value for name, m in self.modules.items() for key, value in learnt(m).items()}
        for i, moments in self.optimiser.state_dict()["state"].items():
            kept |= {f"{ADAM}{i}.{key}": value.detach().cpu().clone() for key, value in moments.items()}
        return kept

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from `tensors`."""
        for name, module in self.modules.items():
            restore(module, tensors, f"{name}.")
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith(ADAM):
                i, key = name.removeprefix(ADAM).split(".")
                state.setdefault(int(i), {})[key] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})
