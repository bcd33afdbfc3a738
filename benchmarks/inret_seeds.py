"""How far INRet's figures hang on the training's random numbers: hash grids at scale small of samples10, several seeds.

    python benchmarks/inret_seeds.py [--seeds 0,1,2]

The seed draws first weights, order and places; fields are the same, kept where inret.py keeps them, as trainings are. The
report of inret.py is of seed 0 alone, with its rivals.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float64

from fieldstone.cli.console import TerminalProgress
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret.across import Across, across
from fieldstone.evaluate.inret.shapes import samples10
from fieldstone.evaluate.inret.study import SCALES, Study, default_fits
from fieldstone.evaluate.inret.tables.layout import per_cent, table
from fieldstone.evaluate.metrics import hit_at
from machine import describe

HERE: Final = Path(__file__).parent
RESULT: Final = HERE / "results" / "inret_seeds.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    seeds = [int(seed) for seed in parser.parse_args().seeds.split(",")]
    text = report({seed: found(seed) for seed in seeds})
    RESULT.write_text(text)
    print(text)


def found(seed: int) -> Across:
    """What INRet finds that learnt with this seed."""
    scale = SCALES["small"]
    study = Study(
        selection=samples10(scale.train, scale.test), scale=scale, folder=HERE / ".cache" / "inret",
        fits=default_fits(scale), seed=seed, progress=TerminalProgress(),
    )  # fmt: skip
    return across(study.inret("hashgrid"), study.labels)


def gap(seen: Across) -> Float64[np.ndarray, "queries"]:
    """Each query shape's share right within one function, less that over all nine pairs."""
    same = np.mean([hit_at(ranking, 1) for (a, b), ranking in seen.rankings.items() if a == b], axis=0)
    return np.asarray(same - seen.values())


def report(seen: dict[int, Across]) -> str:
    rows = [[str(seed), *_cells(one.values(), one.same_function, gap(one))] for seed, one in seen.items()]
    values, gaps = (np.mean([each(one) for one in seen.values()], axis=0) for each in (Across.values, gap))
    same = float(np.mean([one.same_function for one in seen.values()]))
    rows.append(["mean", *_cells(values, same, gaps)])
    head = ["seed", "average of nine pairs", "95 %", "same function", "gap, points", "95 %"]
    said = f"mAP@1 in per cent (a hit rate), hash grids; {len(values)} queries, the same in all rows; intervals are over queries."
    return f"# INRet, several trainings\n\n{describe()}; scale small.\n\n{table(said, head, rows)}\n"


def _cells(values: Float64[np.ndarray, "queries"], same: float, gaps: Float64[np.ndarray, "queries"]) -> list[str]:
    ends = [interval(each, np.random.default_rng(0)) for each in (values, gaps)]
    shown = [f"{per_cent(low)} to {per_cent(high)}" for low, high in ends]
    return [per_cent(float(values.mean())), shown[0], per_cent(same), per_cent(float(gaps.mean())), shown[1]]


if __name__ == "__main__":
    main()
