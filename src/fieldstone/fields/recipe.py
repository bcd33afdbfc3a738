"""What a fit is asked for, checked before any work is done."""

import math
import operator
from dataclasses import asdict, dataclass
from typing import Any, TypedDict, get_args

from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture
from fieldstone.fields.registry import KINDS
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule, fast, siren

__all__ = ["Recipe", "Settings", "one_of", "recipe"]


class Settings(TypedDict, total=False):
    """What decides a fit, by name; each may be left out."""

    config: Any
    """The architecture's own configuration; without it, INRet's."""
    schedule: Schedule | None
    """Without it `fast()`, for siren `siren()`."""
    sampling: Sampling | None
    """Without it INRet's half million points."""
    seed: int
    """Without it 0."""
    color: bool
    """Whether the source's colours are learnt too."""
    stop_at: float | None
    """The fit ends as soon as the mean absolute error at held-out points near the surface is not above this, in the
    frame's unit (1 is the radius of the shape)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides a field beside its source. Made by `recipe`."""

    architecture: Architecture
    function: Function
    config: Any
    """The architecture's own configuration."""
    schedule: Schedule
    sampling: Sampling
    seed: int
    color: bool
    stop_at: float | None

    @property
    def settings(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def recipe(
    architecture: Architecture,
    function: Function,
    *,
    config: Any = None,
    schedule: Schedule | None = None,
    sampling: Sampling | None = None,
    seed: Any = 0,
    color: bool = False,
    stop_at: Any = None,
) -> Recipe:
    """The settings of `fit`, whole: what is None is the default. ValueError where nothing can be fitted with them."""
    one_of("architecture", architecture, Architecture)
    one_of("function", function, Function)
    kind = KINDS[architecture].config
    if config is not None and not isinstance(config, kind):
        raise ValueError(f"a field of architecture {architecture} has a {kind.__name__}, not a {type(config).__name__}")
    target = None if stop_at is None else float(stop_at)
    if target is not None and not 0.0 <= target < math.inf:
        raise ValueError(f"stop_at is a mean error to stop at, 0 or more, not {target}")
    if operator.index(seed) < 0:
        raise ValueError(f"a seed is a whole number, 0 or more, not {seed}")
    return Recipe(
        architecture=architecture,
        function=function,
        config=kind() if config is None else config,
        schedule=schedule or (siren() if architecture == "siren" else fast()),
        sampling=sampling or Sampling(),
        seed=operator.index(seed),
        color=color,
        stop_at=target,
    )


def one_of(name: str, value: object, kind: Any) -> None:
    """ValueError, with the choices, where the value is none of the Literal `kind`."""
    if value not in get_args(kind):
        *most, last = get_args(kind)
        raise ValueError(f"{name} {value!r} is none: give {', '.join(most)} or {last}")
