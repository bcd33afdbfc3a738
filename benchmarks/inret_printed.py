"""INRet's ablation (Table 4) with encoders as the paper prints them: no straight path, and no norm behind a row.

    python benchmarks/inret_printed.py

Hash grids of samples10 at scale small, seed 0: once by that scale's schedule, and once in LONGER times as many epochs with as
many fewer places of a shape a step, since the decoder's places are most of a step's work. Fields and trainings are kept
where inret.py keeps them.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from fieldstone.cli.console import TerminalProgress
from fieldstone.evaluate.inret import paper
from fieldstone.evaluate.inret.across import across
from fieldstone.evaluate.inret.shapes import samples10
from fieldstone.evaluate.inret.study import SCALES, Scale, Study, default_fits
from fieldstone.evaluate.inret.tables.functions import ABLATIONS
from fieldstone.evaluate.inret.tables.layout import per_cent, table
from machine import describe

HERE: Final = Path(__file__).parent
RESULT: Final = HERE / "results" / "inret_printed.md"
SMALL: Final = SCALES["small"]
LONGER: Final = 8
SCHEDULES: Final = (SMALL, replace(SMALL, epochs=LONGER * SMALL.epochs, points=SMALL.points // LONGER))


def main() -> None:
    selection = samples10(SMALL.train, SMALL.test)
    rows = [row for scale in SCHEDULES for row in _rows(Study(
        selection=selection, scale=scale, folder=HERE / ".cache" / "inret", fits=default_fits(scale),
        progress=TerminalProgress(),
    ))]  # fmt: skip
    head = ["", "epochs", "places of a shape a step", "average of nine pairs", "95 %", "same function"]
    said = (
        f"mAP@1 in per cent (a hit rate; in brackets the paper's on ShapeNet10), hash grids; {len(selection.test)} queries, over "
        "which the intervals are."
    )
    text = f"# INRet as it is printed\n\n{describe()}; shapes of scale small, seed 0.\n\n{table(said, head, rows)}\n"
    RESULT.write_text(text)
    print(text)


def _rows(study: Study) -> list[list[str]]:
    """A row for each step of the ablation."""
    scale: Scale = study.scale
    rows = []
    for name, recipe in ABLATIONS.items():
        seen = across(study.made("hashgrid", recipe, added="none").test, study.labels)
        low, high = seen.average_interval(np.random.default_rng(0))
        theirs = float(np.mean([*paper.ABLATION[name].values()]))
        figures = [per_cent(seen.average, theirs), f"{per_cent(low)} to {per_cent(high)}", per_cent(seen.same_function)]
        rows.append([name, str(scale.epochs), str(scale.points), *figures])
    return rows


if __name__ == "__main__":
    main()
