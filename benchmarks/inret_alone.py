"""INRet without its rivals: triplanes beside hash grids (the part of the paper's Table 10 that needs no SIRENs), and real shapes.

    python benchmarks/inret_alone.py

Epochs and places are those of scale small, seed 0; shapes are those of inret.py and inret_objects10.py, which have the rivals.
Fields and trainings are kept where those keep them.
"""

from functools import partial
from pathlib import Path
from typing import Final

from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.shapes import samples10
from fieldstone.evaluate.inret.study import SCALES
from fieldstone.evaluate.inret.tables.layout import matrices
from inret import study_of
from inret_objects10 import objects10
from machine import describe

HERE: Final = Path(__file__).parent
RESULT: Final = HERE / "results" / "inret_alone.md"
SMALL: Final = SCALES["small"]


def main() -> None:
    ours, real = (study_of(of, SMALL) for of in (samples10(SMALL.train, SMALL.test), objects10(SMALL.train)))
    grids = {name: partial(ours.inret, name) for name in ("hashgrid", "triplane")}
    parts = {
        "Triplanes": matrices(ours, grids, paper.ARCHITECTURES),
        "Real shapes": matrices(real, {"hashgrid": partial(real.inret, "hashgrid")}, paper.PIX3D_PAIRS, "Pix3D"),
    }
    shown = "\n\n".join(f"## {title}\n\n{part}" for title, part in parts.items())
    text = f"# INRet without its rivals\n\n{describe()}; scale small, seed 0.\n\n{shown}\n"
    RESULT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
