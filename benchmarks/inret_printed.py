"""INRet's ablation (Table 4) with encoders as the paper prints them: no straight path, and no norm behind a row.

    python benchmarks/inret_printed.py

Hash grids of samples10 at scale small, seed 0, which learn for LONGER times that scale's epochs, with an eighth of its places of a
shape a step: the decoder's places are most of a step's work. Fields and trainings are kept where inret.py keeps them.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from fieldstone.encoders.field_input import RowOf
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import across
from fieldstone.evaluate.inret.shapes import samples10
from fieldstone.evaluate.inret.study import SCALES, Study
from fieldstone.evaluate.inret.tables.functions import ABLATIONS
from fieldstone.evaluate.inret.tables.layout import per_cent, table
from fieldstone.training.common_latent import Recipe
from inret import study_of
from machine import describe

HERE: Final = Path(__file__).parent
RESULT: Final = HERE / "results" / "inret_printed.md"
SMALL: Final = SCALES["small"]
LONGER: Final = 4
*_, BOTH = ABLATIONS
INPUT: Final[RowOf] = "input"
NEURON: Final[RowOf] = "neuron"
SCALE: Final = replace(SMALL, epochs=LONGER * SMALL.epochs, points=SMALL.points // 8)


def main() -> None:
    study = study_of(samples10(SMALL.train, SMALL.test), SCALE)
    asked = [(name, recipe, INPUT) for name, recipe in ABLATIONS.items()]
    rows = [_row(study, *each) for each in [*asked, (BOTH, ABLATIONS[BOTH], NEURON)]]
    head = ["", "a row of weights holds those of", "average of nine pairs", "95 %", "same function"]
    said = (
        f"mAP@1 in per cent (a hit rate; in brackets the paper's on ShapeNet10), hash grids; {len(study.labels)} queries, over "
        "which the intervals are."
    )
    about = (
        f"{describe()}; shapes of scale small, {SCALE.epochs} epochs, {SCALE.points} places of a shape a step, seed 0."
    )
    text = f"# INRet as it is printed\n\n{about}\n\n{table(said, head, rows)}\n"
    RESULT.write_text(text)
    print(text)


def _row(study: Study, name: str, recipe: Recipe, row_of: RowOf) -> list[str]:
    """What encoders find that learnt with these regularisations."""
    seen = across(study.made("hashgrid", recipe, row_of=row_of, added="none").test, study.labels)
    low, high = seen.average_interval(np.random.default_rng(0))
    theirs = float(np.mean([*paper.ABLATION[name].values()]))
    return [
        name, f"one {row_of}", per_cent(seen.average, theirs), f"{per_cent(low)} to {per_cent(high)}",
        per_cent(seen.same_function),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
