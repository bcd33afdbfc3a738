"""How sure a mean over queries is, and a difference of two methods on the same queries: the percentile bootstrap."""

import numpy as np
from jaxtyping import Float64

__all__ = ["interval", "paired_interval"]


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


def paired_interval(
    first: Float64[np.ndarray, "queries"],
    second: Float64[np.ndarray, "queries"],
    generator: np.random.Generator,
    *,
    share: float = 0.95,
    draws: int = 2000,
) -> tuple[float, float]:
    """Ends of the interval of `second`'s mean less `first`'s, both on the same queries in the same order.

    A resample takes both values of a query together, so what makes a query hard for both cancels. Where both ends are
    above 0, the second is significantly better; where 0 lies between, neither is.
    """
    return interval(second - first, generator, share=share, draws=draws)
