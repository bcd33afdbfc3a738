"""INRet's Tables 10 to 14: what its accuracy owes to the architecture, the decoder, the weights, the loss and the levels."""

from collections.abc import Callable, Mapping
from functools import partial

from fieldstone.encoders.field_input import Levels
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import FUNCTIONS, across
from fieldstone.evaluate.inret.study import Rows, Study
from fieldstone.evaluate.inret.tables.layout import matrices, per_cent, table
from fieldstone.fields.network import Architecture
from fieldstone.training.common_latent import Error, Recipe

__all__ = ["table10", "table11", "table12", "table13", "table14"]

ARCHITECTURES: tuple[Architecture, ...] = ("hashgrid", "siren", "triplane")
ERRORS: Mapping[str, Error] = {"L1": "l1", "L2": "l2"}
OTHER: Mapping[Architecture, Levels] = {"octree": "concat", "hashgrid": "sum"}
"""How a field of that architecture does not combine its levels."""


def table10(study: Study) -> str:
    """Table 10: INRet on hash grids, on SIRENs (an MLP alone, by inr2vec's encoder) and on triplanes. All three have the norm
    behind a row and INRet's schedule, and the grids the straight path; inr2vec, in Table 3, has that schedule too, and neither, as
    published."""
    return matrices(study, {name: partial(study.inret, name) for name in ARCHITECTURES}, paper.ARCHITECTURES)


def table11(study: Study) -> str:
    """Table 11: hash grids, by the function that the common decoder says."""
    methods: dict[str, Callable[[], Rows]] = {name: _hashgrids(study, Recipe(decoder=name)) for name in FUNCTIONS}
    return matrices(study, methods, {str(name): pairs for name, pairs in paper.DECODERS.items()})


def table12(study: Study) -> str:
    """Table 12: hash grids, by the weights of UDF-SDF, UDF-Occ and SDF-Occ in the L2 regularisation."""
    return matrices(study, {name: _hashgrids(study, _weighted(name)) for name in paper.WEIGHTS}, paper.WEIGHTS)


def table13(study: Study) -> str:
    """Table 13: hash grids, by the loss of the common decoder."""
    methods = {name: _hashgrids(study, Recipe(error=error)) for name, error in ERRORS.items()}
    return matrices(study, methods, paper.ERRORS)


def table14(study: Study) -> str:
    """Table 14: the Conv3D encoder sees a grid's levels as the field has them, or the other way: an octree's concatenated, a
    hash grid's summed. Signed distances among signed distances, learnt with three functions as in Table 1."""
    cells = []
    for architecture in study.scale.architectures:
        other = OTHER[architecture]
        both = (study.inret(architecture), study.inret(architecture, levels=other))
        shares = [across({"sdf": rows["sdf"]}, study.labels).accuracy("sdf", "sdf") for rows in both]
        shown = [per_cent(*pair) for pair in zip(shares, paper.COMBINED[architecture], strict=True)]
        cells.append([architecture, shown[0], other, shown[1]])
    about = f"mAP@1 in per cent (the paper's on ShapeNet10); {len(study.labels)} queries."
    return table(about, ["", "as in the field", "the other way", "mAP@1"], cells)


def _hashgrids(study: Study, recipe: Recipe) -> Callable[[], Rows]:
    return partial(study.inret, "hashgrid", recipe)


def _weighted(name: str) -> Recipe:
    """The recipe of three digits; equal weights are the default."""
    first, second, third = map(float, name)
    if name == "111":
        return Recipe()
    return Recipe(pairs=(("udf", "sdf", first), ("udf", "occ", second), ("sdf", "occ", third)))
