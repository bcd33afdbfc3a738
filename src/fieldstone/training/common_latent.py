"""One latent for fields of every function and architecture: INRet's training, section 3.3 and equation 4.

    L = sum_i mean |f_phi(x; e_i) - d(x)|  +  lambda sum_(i<j) ||e_i - e_j||^2

e_i is what encoder i makes of the shape's field of kind i. Two regularisations tie the encoders together: the second sum
("L2"), and a decoder f_phi that all share and that says one function, whatever the field's own ("common decoder").
Without it, each kind has a decoder of its own that says the field's own function. The paper's kinds are three functions
of one architecture; here they may be of several, which then share the latent too. Equation 4 sums over i and j; each pair
counts once here, as in the paper's table 12, which names three.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.encoders.networks.implicit_decoder import Config as DecoderConfig
from fieldstone.encoders.networks.implicit_decoder import ImplicitDecoder
from fieldstone.encoders.networks.inr import Inr
from fieldstone.errors import FieldstoneError
from fieldstone.fields.field import Function
from fieldstone.fields.torch_stack import device_of
from fieldstone.progress import Progress, Silent
from fieldstone.training.adam import Adam
from fieldstone.training.fields import FieldCollection
from fieldstone.training.history import Epoch
from fieldstone.training.run import Number, Run, ToTheEnd, key_of
from fieldstone.training.schedule import Schedule
from fieldstone.training.seeding import forked, numpy_generator, torch_generator
from fieldstone.training.settle import settle_inputs, settle_norms, settle_rows

__all__ = ["Latent", "Recipe", "common_latent"]

DECODERS, ORDER, STEP, SETTLE = 1, 2, 3, 4
"""Purposes of random numbers, after the seed."""
SETTLED = 8
"""Batches that batch norms see before they are used."""
Error: TypeAlias = Literal["l1", "l2"]
FALLING = Schedule(rate=1e-3, final=1e-6)
"""Our default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(ToTheEnd):
    """INRet's training of encoders (section 3.3, appendix A.2). What it leaves out is as inr2vec's code has it where nothing
    else is said; the decay leaves biases and norms alone here."""

    decoder: Function | Literal["own"] = "udf"
    """What the common decoder says (table 11), or "own": a decoder a kind, saying the kind's own function (table 4)."""
    pull: float = 1.0
    """lambda; 0 leaves out the L2 regularisation (table 4)."""
    pairs: tuple[tuple[Function, Function, float], ...] = ()
    """Weights of pairs of functions other than 1 (table 12)."""
    error: Error = "l1"
    """Of the decoder's values (table 13)."""
    points: int = 2048
    """Places of each shape in a step. The paper does not say; inr2vec's code takes 20,000."""
    epochs: int = 300
    """inr2vec's; the paper does not say."""
    batch: int = 8
    """Shapes a step, each as every kind. inr2vec's is 16; half of that takes twice the steps for the same work."""
    schedule: Schedule = FALLING
    """The paper states a rate of 1e-4, which inr2vec's code holds: `Schedule(rate=1e-4, final=1e-4)` is that. Ours is meant for
    few epochs."""
    decay: float = 1e-2
    """AdamW's, of weights alone."""

    def __post_init__(self) -> None:
        """ValueError where nothing would be learnt."""
        if min(self.points, self.epochs) < 1 or self.batch < 2 or not 0.0 <= self.pull < math.inf:
            raise ValueError(
                "a recipe has an epoch and a place or more, batches of two shapes or more, and a pull from 0"
            )

        named = {function for one, other, _ in self.pairs for function in (one, other)}
        if not named <= set(get_args(Function)) or not all(0.0 <= weight < math.inf for *_, weight in self.pairs):
            raise ValueError("weights of pairs are 0 or more, each between two of sdf, udf and occ")

    @property
    def settings(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Latent:
    """What a training came to."""

    encoders: dict[Kind, Inr]
    """In evaluation mode."""
    history: list[Epoch]


def common_latent(
    encoders: Mapping[Kind, Inr],
    collection: FieldCollection,
    recipe: Recipe,
    *,
    seed: int,
    folder: str | Path | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Latent:
    """Train encoders of all the collection's kinds in place, so that a shape's fields fall together in one latent.

    `folder` holds the state after every epoch, from which an equal call goes on. On a CPU the same seed gives the same
    bytes. FieldstoneError where the collection is smaller than two shapes or not of the encoders' kinds, the device is not
    here, or the folder holds another training.
    """
    device_of(device)
    if len(collection) < 2 or set(encoders) != set(collection.kinds):
        raise FieldstoneError(
            f"a common latent needs two shapes or more, each as a field of every kind: there are {len(collection)} shapes, "
            f"{_listed(collection.kinds)}, for encoders of {_listed(tuple(encoders))}"
        )
    said = set(collection.values)
    wanted = {kind[1] for kind in collection.kinds} if recipe.decoder == "own" else {recipe.decoder}
    if not wanted <= said or len({encoder.dim for encoder in encoders.values()}) != 1:
        raise FieldstoneError(
            f"encoders of one latent give rows of one length, and their decoder learns {', '.join(sorted(wanted))}: "
            f"the collection tells {', '.join(sorted(said)) or 'nothing'}"
        )
    task = _Task(encoders, collection, recipe, seed, device)
    run = Run(task, None if folder is None else Path(folder))
    run.finish(progress or Silent())
    return Latent(encoders=dict(encoders), history=run.history)


class _Task:
    """See training/run.py."""

    def __init__(
        self, encoders: Mapping[Kind, Inr], collection: FieldCollection, recipe: Recipe, seed: int, device: str
    ) -> None:
        self.collection, self.recipe, self.seed, self.device = collection, recipe, seed, device
        for kind in collection.kinds:  # before they go to the device: their statistics are part of the key
            settle_inputs(encoders[kind], collection.readings[kind])
        self.encoders = {kind: encoders[kind].to(device) for kind in collection.kinds}
        said = [recipe.decoder] if recipe.decoder != "own" else [kind_name(kind) for kind in self.encoders]
        sizes = DecoderConfig(embedding=next(iter(self.encoders.values())).dim)
        generator = torch_generator(seed, DECODERS)
        self.decoders = {name: ImplicitDecoder(sizes, generator).to(device) for name in said}
        modules: dict[str, nn.Module] = {kind_name(kind): encoder for kind, encoder in self.encoders.items()}
        modules |= {f"decoder {name}": decoder for name, decoder in self.decoders.items()}
        self.adam = Adam(modules, rate=recipe.schedule.rate, decay=recipe.decay)

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return max(1, len(self.collection) // self.recipe.batch)

    def batches(self, number: int) -> list[Int64[np.ndarray, "_"]]:
        """The shapes in the order of an epoch; what is left of it below a batch waits for the next."""
        order, size = numpy_generator(self.seed, ORDER, number).permutation(len(self.collection)), self.recipe.batch
        return [order[step * size : (step + 1) * size] for step in range(self.steps)]

    def parts(self, rows: Int64[np.ndarray, "batch"], number: int, step: int) -> dict[str, Float[Tensor, ""]]:
        """The decoder's error, and the squared distance of embeddings."""
        with forked(self.seed, STEP, number, step, device=self.device):
            error, apart = self.losses(rows, numpy_generator(self.seed, STEP, number, step))
        return {"decoder": error, "apart": apart}

    def losses(
        self, shapes: Int64[np.ndarray, "batch"], numbers: np.random.Generator
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """The two sums of equation 4 on some shapes, means over shapes and places; lambda is not yet in."""
        points, values = self.collection.truth(shapes, self.recipe.points, numbers, self.device)
        seen = self.embedded(shapes)
        errors = [self._error(kind, embedding, points, values) for kind, embedding in seen.items()]
        apart = [
            self._weight(one[1], other[1]) * (seen[one] - seen[other]).square().sum(dim=1).mean()
            for one, other in combinations(seen, 2)
        ]
        return torch.stack(errors).sum(), torch.stack(apart).sum() if apart else points.new_zeros(())

    def embedded(self, shapes: Int64[np.ndarray, "batch"]) -> dict[Kind, Float[Tensor, "batch dim"]]:
        """e_i of some shapes."""
        return {
            kind: encoder(self.collection.readings[kind].fields(shapes, self.device))
            for kind, encoder in self.encoders.items()
        }

    def total(self, parts: Mapping[str, Number]) -> Number:
        """Equation 4."""
        return parts["decoder"] + self.recipe.pull * parts["apart"]

    def validate(self, number: int) -> tuple[float | None, float | None]:
        """Nothing is held out. After the last epoch batch norms are settled (settle.py), then those behind the rows: steps
        never ask what these have measured."""
        if number + 1 < self.recipe.epochs:
            return None, None
        numbers = numpy_generator(self.seed, SETTLE, number)
        shapes = numbers.permutation(len(self.collection))[: SETTLED * self.recipe.batch]

        def look() -> None:
            for part in np.array_split(shapes, max(1, len(shapes) // self.recipe.batch)):
                self.embedded(part)

        settle_norms(self.encoders.values(), look)
        for kind, encoder in self.encoders.items():
            settle_rows(encoder, self.collection.readings[kind], self.device)
        return None, None

    def key(self) -> str:
        """Of recipe, seed, fields, first weights and statistics."""
        return key_of([self.recipe.settings, self.seed, self.collection.fingerprint()], self.adam.modules)

    def _error(
        self,
        kind: Kind,
        embedding: Float[Tensor, "batch dim"],
        points: Float[Tensor, "batch n 3"],
        values: Mapping[Function, Float[Tensor, "batch n"]],
    ) -> Float[Tensor, ""]:
        """How far the decoder's values are off."""
        function, name = (kind[1], kind_name(kind)) if self.recipe.decoder == "own" else (self.recipe.decoder,) * 2
        off = self.decoders[name](embedding, points) - values[function]
        return off.abs().mean() if self.recipe.error == "l1" else off.square().mean()

    def _weight(self, one: Function, other: Function) -> float:
        stated = {frozenset((a, b)): weight for a, b, weight in self.recipe.pairs}
        return stated.get(frozenset((one, other)), 1.0)


def _listed(kinds: tuple[Kind, ...]) -> str:
    return ", ".join(map(kind_name, kinds)) or "none"
