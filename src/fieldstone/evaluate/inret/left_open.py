"""What INRet's paper leaves open, and how it was chosen here, and where we leave it; every report ends with it."""

from fieldstone.evaluate.inret.study import Study
from fieldstone.fields.network import Architecture
from fieldstone.fields.recipe import recipe
from fieldstone.training.common_latent import Recipe

__all__ = ["left_open"]

ALWAYS: tuple[tuple[str, str], ...] = (
    ("Lattice", "N of the grid's (2N)^3 places is not stated: 16, for five halvings leave one place of 32. The printed "
     "formula leaves out the innermost places; ours are the cells' centres."),
    ("Weights", "How 1,665 weights become rows is not stated: 14 rows of 128, each column one hidden neuron (field_input.py: RowOf)."),
    ("Encoders", "Groups of the group norms: 8. The MLP encoder ends in a linear layer without norm, as in inr2vec's code "
     "and not in INRet's text."),
    ("Figures", "mAP@k is the share of queries of which one of the first k answers has the category, as inr2vec's code "
     "computes it; textbook mAP stands beside it. Answers are ranked by cosine. Test shapes are queries and gallery; the "
     "query's own shape is left out in every function, but for Table 8. P, R and F1 follow SHREC, with the cut-off named."),
    ("inr2vec", "Its encoder with a decoder for each function and nothing that ties them, by INRet's schedule; it learns "
     "distances by their absolute error, as INRet's text says, where inr2vec's code clips them and learns by cross-entropy."),
    ("Converting", "One PointNeXt and one View-GCN learn, by category and from random weights, from the training fields of "
     "all functions: batches of 16, a rate of 1e-3, View-GCN in one stage, without classes for its selectors. Points stand in the "
     "field's frame; an occupancy's are of its isosurface without specks. Views are normals and nearness from 12 eyes, not shaded "
     "pictures, and nothing starts from ImageNet. The eyes are 12.5 degrees up, as 0.65 in 3 units are, and 5 half diagonals of the "
     "surface's box away."),
)  # fmt: skip
OURS = (
    "Not the paper's: beside each encoder of a grid a straight path, linear layers of its weights and of its lattice's means over "
    "4 x 4 x 4 blocks, whose numbers are evened over the fields learnt from; and a batch norm without weights behind each row. "
    "inr2vec's rows have neither, as published. Fieldstone's benchmarks/inret_seeds.py and inret_printed.py measure INRet without them."
)


def left_open(study: Study) -> tuple[tuple[str, str], ...]:
    """What was left open, and what was chosen, of a study."""
    return (
        ("Shapes", _shapes(study)), ("Fields", _fields(study)), *ALWAYS, ("Training", _training(Recipe())),
        ("Ours", OURS), ("Sizes", _sizes(study)),
    )  # fmt: skip


def _shapes(study: Study) -> str:
    name = study.selection.name
    if study.selection.role == "ShapeNet10":
        return f"ShapeNet10's ten categories are not named: {name} has ten of ShapeNet's 13, made by our generator."
    return f"{name} stands in the role of Pix3D and is another set of shapes, in other categories and numbers."


def _fields(study: Study) -> str:
    """How fields were fitted, architectures with equal settings together."""
    fitted: dict[str, list[str]] = {}
    for architecture in study.fits:
        fitted.setdefault(_fit(study, architecture), []).append(architecture)
    said = "; ".join(f"{', '.join(names)}: {how}" for how, names in fitted.items())
    return (
        f"{said} (the paper: 10 epochs for grids and 100 for MLPs, half a million places, a rate of 1e-3). Its \"variance of "
        "0.015\" near the surface is the deviation, as in the code that it names. Fields are kept in half precision."
    )  # fmt: skip


def _fit(study: Study, architecture: Architecture) -> str:
    of = recipe(architecture, "sdf", **study.fits[architecture])
    rate = _rate(of.schedule.rate, of.schedule.cosine)
    return f"{of.schedule.epochs} epochs in batches of {of.schedule.batch:,}, {rate}, {of.sampling.total:,} places"


def _training(of: Recipe) -> str:
    rate = _rate(of.schedule.rate, of.schedule.final < of.schedule.rate)
    return (
        f"Batches of {of.batch} shapes and {rate} (the paper: 1e-4; inr2vec: batches of 16); epochs and places "
        "are the scale's (the paper states neither). Each pair of functions counts once in the L2 term. The last epoch is kept."
    )


def _rate(rate: float, falls: bool) -> str:
    return f"a rate that {'falls from' if falls else 'stays at'} {rate:g}"


def _sizes(study: Study) -> str:
    return f"Rivals and SIRENs have {'sizes for two cores' if study.scale.compact else 'the sizes of their papers'}."
