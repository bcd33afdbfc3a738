"""INRet on triplanes beside hash grids: the part of the paper's Table 10 that needs no SIRENs.

    python benchmarks/inret_triplane.py

Shapes, epochs and places are those of scale small on samples10; fields and trainings are kept where inret.py keeps them.
"""

from functools import partial
from pathlib import Path
from typing import Final

from fieldstone.cli.console import TerminalProgress
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.shapes import samples10
from fieldstone.evaluate.inret.study import SCALES, Study, default_fits
from fieldstone.evaluate.inret.tables.layout import matrices
from machine import describe

HERE: Final = Path(__file__).parent
RESULT: Final = HERE / "results" / "inret_triplane.md"


def main() -> None:
    scale = SCALES["small"]
    study = Study(
        selection=samples10(scale.train, scale.test), scale=scale, folder=HERE / ".cache" / "inret",
        fits=default_fits(scale), progress=TerminalProgress(),
    )  # fmt: skip
    shown = matrices(
        study, {name: partial(study.inret, name) for name in ("hashgrid", "triplane")}, paper.ARCHITECTURES
    )
    RESULT.write_text(f"# INRet on triplanes\n\n{describe()}; scale small, seed 0.\n\n{shown}\n")
    print(shown)


if __name__ == "__main__":
    main()
