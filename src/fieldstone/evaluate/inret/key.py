"""What a study comes to in a few figures: one latent for all functions, and its lead over the paper's rivals."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fieldstone.errors import GeometryError
from fieldstone.evaluate.bootstrap import paired_interval
from fieldstone.evaluate.inret.across import across
from fieldstone.evaluate.inret.study import Study

__all__ = ["KeyFigures", "Lead", "key_figures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """INRet's average less a rival's, on the same queries."""

    average: float
    """The rival's."""
    gain: float
    interval: tuple[float, float]
    """95 %, paired bootstrap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigures:
    """INRet's for hash grids, shares of queries of which the first answer has the category (the paper's mAP@1)."""

    average: float
    """Of the nine pairs of functions (Table 3)."""
    interval: tuple[float, float]
    """95 %, bootstrap over query shapes."""
    same_function: float
    """Of the three pairs of one function."""
    leads: Mapping[str, Lead]
    """By rival, on the same shapes; one that the shapes do not allow is not among them."""


def key_figures(study: Study) -> KeyFigures:
    """The figures of a study; what was not learnt yet is learnt now."""
    own = across(study.rows("hashgrid"), study.labels)
    leads = {}
    for name in (name for name in study.methods if name not in study.scale.architectures):
        try:
            other = across(study.rows(name), study.labels)
        except GeometryError:  # Tables 3 and 7 say why
            continue
        ends = paired_interval(other.values(), own.values(), np.random.default_rng(0))
        leads[name] = Lead(average=other.average, gain=own.average - other.average, interval=ends)
    return KeyFigures(
        average=own.average, interval=own.average_interval(np.random.default_rng(0)), same_function=own.same_function,
        leads=leads,
    )  # fmt: skip
