"""INRet on triplanes beside hash grids: the part of the paper's Table 10 that needs no SIRENs.

    python benchmarks/inret_triplane.py

Shapes, epochs and places are those of inret.py at scale small, seed 0; fields and trainings are kept where it keeps them.
"""

from functools import partial
from pathlib import Path
from typing import Final

from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.shapes import samples10
from fieldstone.evaluate.inret.study import SCALES
from fieldstone.evaluate.inret.tables.layout import matrices
from inret import study_of
from machine import describe

RESULT: Final = Path(__file__).parent / "results" / "inret_triplane.md"


def main() -> None:
    scale = SCALES["small"]
    study = study_of(samples10(scale.train, scale.test), scale)
    grids = {name: partial(study.inret, name) for name in ("hashgrid", "triplane")}
    shown = matrices(study, grids, paper.ARCHITECTURES)
    text = f"# INRet on triplanes\n\n{describe()}; scale {scale.name}, seed {study.seed}.\n\n{shown}\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
