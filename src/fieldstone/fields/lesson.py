"""What one network is taught: samples in their order, points held out, and where it begins. No parameter moves here."""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
from jaxtyping import Int64

from fieldstone.fields.network import Network
from fieldstone.fields.recipe import Recipe
from fieldstone.fields.registry import KINDS
from fieldstone.fields.sampling import Samples, Truth, draw, held_out

__all__ = ["Lesson"]

SURFACE_POINTS = 1_000_000
"""Points that say which voxels an octree has: at 32 cells a side some two hundred in each."""


class Lesson:
    """Everything follows from the truth and the recipe: epoch e shuffles with a generator of (seed, e)."""

    def __init__(self, truth: Truth, recipe: Recipe) -> None:
        """Draw the samples and the first parameters."""
        self.recipe, self.function, self.schedule = recipe, truth.function, recipe.schedule
        self._kind, self._truth = KINDS[recipe.architecture], truth
        sampling, seed = recipe.sampling, recipe.seed
        self._samples = draw(truth, sampling, np.random.default_rng([seed, 0]))
        self._held_out = held_out(truth, sampling.std, seed)
        surface = np.zeros((0, 3), dtype=np.float32)
        if recipe.architecture == "octree":
            surface = truth.on_surface(SURFACE_POINTS, np.random.default_rng([seed, 3]))
        self.first = self.network(self._kind.begin(recipe.config, truth.function, truth.outputs, seed, surface))

    def network(self, tensors: Mapping[str, np.ndarray]) -> Network:
        """The network of these parameters."""
        return self._kind.network(self.recipe.config, tensors)

    def samples(self, epoch: int) -> Samples:
        """What epoch (counted from 0) shows: always the same points, or new ones where the sampling says so."""
        sampling = self.recipe.sampling
        if sampling.redraw and epoch > 0:
            return draw(self._truth, sampling, np.random.default_rng([self.recipe.seed, 0, epoch]))
        return self._samples

    def order(self, epoch: int) -> Int64[np.ndarray, "n"]:
        """In which order."""
        return np.random.default_rng([self.recipe.seed, 4, epoch]).permutation(self.recipe.sampling.total)

    def error(self, network: Network) -> float:
        """Mean absolute error at held-out points near the surface, in the frame's unit."""
        found = network.forward(self._held_out.points)[:, 0]
        return float(np.abs(found - self._held_out.values[:, 0]).mean(dtype=np.float64))

    def key(self) -> str:
        """What must agree before a saved state is gone on with: the settings, but where to stop, and what the truth says."""
        settings = {**self.recipe.settings, "stop_at": None}
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        digest.update(self._held_out.points.tobytes())
        digest.update(self._held_out.values.tobytes())
        return digest.hexdigest()
