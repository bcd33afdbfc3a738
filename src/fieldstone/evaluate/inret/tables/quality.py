"""INRet's Tables 15 and 16: how near fields come to their meshes, and what that has to do with retrieval.

The paper says neither the formula nor the scale of its C.D.; ours have their conventions beside them, in the unit of
`unit_sphere_bbox`. Its points are traced on both sides; ours are traced on fields and uniform by area on meshes.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.evaluate.inret.across import FUNCTIONS, across
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.paper_quality import RECONSTRUCTION, UNDERTRAINED
from fieldstone.evaluate.inret.reconstruction import measured
from fieldstone.evaluate.inret.study import Rows, Study
from fieldstone.evaluate.inret.surfaces import dense
from fieldstone.evaluate.inret.tables.layout import per_cent, table
from fieldstone.fields.network import Architecture
from fieldstone.fields.schedule import fast

__all__ = ["table15", "table16", "undertrained"]

CHAMFER = ["mean distance", "1,000 x squared, summed", "the paper's C.D."]
"""Of both ways, `chamfer_l2_mean` and `chamfer_squared_sum_x1000`."""
FEW = 2
"""Epochs of Table 16's hash grid."""


def table15(study: Study) -> str:
    """Table 15: Chamfer distance and gIoU of the scale's grids and of SIRENs against the meshes, means over the test shapes'
    fields. One that has no surface is in no mean, and counted."""
    architectures: tuple[Architecture, ...] = (*study.scale.architectures, "siren")
    kinds: list[Kind] = [(architecture, function) for architecture in architectures for function in FUNCTIONS]
    given = study.selection.role
    cells = [_quality(kind, measured(study, kind), RECONSTRUCTION[kind][given]) for kind in kinds]
    head = ["", *CHAMFER, "gIoU %", "median distance", "without a surface"]
    return table(_about(study, "Chamfer distances and gIoU", given), head, cells)


def table16(study: Study) -> str:
    """Table 16: hash grids fitted for two epochs (their rate falls to 0 within these) beside those of the study and inr2vec's
    SIRENs: how often a signed distance finds one of its class, and how near it is to its mesh."""
    less = undertrained(study)
    found: dict[str, tuple[Study, Architecture, Rows]] = {
        "hashgrid": (study, "hashgrid", study.rows("hashgrid")),
        f"hashgrid, {FEW} epochs": (less, "hashgrid", less.rows("hashgrid")),
        "siren (inr2vec)": (study, "siren", study.rows("inr2vec")),
    }
    cells = []
    for name, (of, architecture, rows) in found.items():
        seen, (said, distance) = across({"sdf": rows["sdf"]}, study.labels), UNDERTRAINED[name]
        low, high = seen.interval("sdf", "sdf", np.random.default_rng(0))
        accuracy = [per_cent(seen.accuracy("sdf", "sdf"), said), f"{per_cent(low)} to {per_cent(high)}"]
        cells.append([name, *accuracy, *_chamfer(measured(of, (architecture, "sdf")), distance)])
    return table(_about(study, "Chamfer distances", "ShapeNet10"), ["", "mAP@1 %", "95 %", *CHAMFER], cells)


def undertrained(study: Study) -> Study:
    """The same study on hash grids of two epochs."""
    own = study.fits["hashgrid"]
    schedule = replace(own.get("schedule") or fast(), epochs=FEW)
    return replace(study, fits={**study.fits, "hashgrid": {**own, "schedule": schedule}})


def _quality(kind: Kind, found: Float64[np.ndarray, "shapes 3"], said: tuple[float, float | None]) -> list[str]:
    overlap = found[:, 2][np.isfinite(found[:, 2])]
    giou = f"{overlap.mean():.1f} ({said[1]})" if len(overlap) else "-"
    there = found[:, 0][np.isfinite(found[:, 0])]
    middle = f"{np.median(there):.4f}" if len(there) else "-"
    return [kind_name(kind), *_chamfer(found, said[0]), giou, middle, str(len(found) - len(there))]


def _chamfer(found: Float64[np.ndarray, "shapes 3"], said: float) -> Sequence[str]:
    there = found[np.isfinite(found[:, 0])]
    if not len(there):
        return ["-", "-", f"{said:.4f}"]
    return [f"{there[:, 0].mean():.4f}", f"{there[:, 1].mean():.3f}", f"{said:.4f}"]


def _about(study: Study, measures: str, given: Dataset) -> str:
    return (
        f"{len(study.selection.test)} test shapes; {measures} at {dense(study):,} points (the paper's figures on {given}; "
        "it does not say its formula)."
    )
