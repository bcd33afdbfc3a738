"""How sure a mean over queries is: the percentile bootstrap."""

import numpy as np
from jaxtyping import Float64

__all__ = ["interval"]


def interval(
    values: Float64[np.ndarray, "queries"],
    generator: np.random.Generator,
    *,
    share: float = 0.95,
    draws: int = 2000,
) -> tuple[float, float]:
    """Ends of the interval that holds `share` of the means of `draws` resamples of the queries, with replacement.

    Bradley Efron, Robert Tibshirani, An introduction to the bootstrap, 1993, section 13.3.
    """
    n = len(values)
    counts = generator.multinomial(n, np.full(n, 1.0 / n), size=draws)
    low, high = np.quantile(counts @ values / n, [(1.0 - share) / 2.0, (1.0 + share) / 2.0])
    return float(low), float(high)
