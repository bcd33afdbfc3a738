"""INRet over several trainings, with our straight path and without it: hash grids at scale small of samples10.

    python benchmarks/inret_seeds.py [--seeds 0,1,2]

The seed draws first weights, order and places; fields are the same, kept where inret.py keeps them, as trainings are. The
report of inret.py is of seed 0 alone, with its rivals. The last
rows are of the same encoders as weight files keep them: straight paths of a low rank, half precision.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float64

from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret.across import FUNCTIONS, Across, across
from fieldstone.evaluate.inret.learned import embedded, reopened
from fieldstone.evaluate.inret.own import as_filed
from fieldstone.evaluate.inret.shapes import samples10
from fieldstone.evaluate.inret.study import SCALES, Study
from fieldstone.evaluate.inret.tables.layout import per_cent, table
from fieldstone.evaluate.metrics import hit_at
from inret import study_of
from machine import describe

HERE: Final = Path(__file__).parent
RESULT: Final = HERE / "results" / "inret_seeds.md"
SMALL: Final = SCALES["small"]
NORM, STRAIGHT, FILED = "the norm alone", "norm and straight path", "the same, as in a file"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    seeds = [int(seed) for seed in parser.parse_args().seeds.split(",")]
    found = {seed: _found(seed) for seed in seeds}
    text = report({name: {seed: found[seed][name] for seed in seeds} for name in (NORM, STRAIGHT, FILED)})
    RESULT.write_text(text)
    print(text)


def report(seen: dict[str, dict[int, Across]]) -> str:
    """A row for each training, and each way's mean over trainings."""
    rows = [row for name, trainings in seen.items() for row in _rows(name, trainings)]
    count = len(next(iter(next(iter(seen.values())).values())).values())
    head = [
        "added to the papers' encoders",
        "seed",
        "average of nine pairs",
        "95 %",
        "same function",
        "gap, points",
        "95 %",
    ]
    said = f"mAP@1 in per cent (a hit rate), hash grids; {count} queries, the same in all rows; intervals are over queries."
    return f"# INRet, several trainings\n\n{describe()}; scale small.\n\n{table(said, head, rows)}\n"


def study_by(seed: int) -> Study:
    """Scale small of samples10."""
    return study_of(samples10(SMALL.train, SMALL.test), SMALL, seed=seed)


def gap(seen: Across) -> Float64[np.ndarray, "queries"]:
    """Each query shape's share right within one function, less that over all nine pairs."""
    same = np.mean([hit_at(ranking, 1) for (a, b), ranking in seen.rankings.items() if a == b], axis=0)
    return np.asarray(same - seen.values())


def _found(seed: int) -> dict[str, Across]:
    """What INRet finds that learnt with this seed, by what was added to its encoders."""
    study = study_by(seed)
    made = {NORM: study.made("hashgrid", added="norm").test, STRAIGHT: study.inret("hashgrid"), FILED: _filed(study)}
    return {name: across(rows, study.labels) for name, rows in made.items()}


def _filed(study: Study) -> dict[str, np.ndarray]:
    """Rows of the test shapes by the study's encoders as a file keeps them."""
    folder, rows = study.made("hashgrid").folder, {}
    for kind in (("hashgrid", function) for function in FUNCTIONS):
        seen = study.store.readings(study.selection.train, kind, study.told)
        encoder = as_filed(reopened(folder, kind, seen), seen)
        rows[kind[1]] = embedded(encoder, study.store, study.selection.test, kind)
    return rows


def _rows(name: str, trainings: dict[int, Across]) -> list[list[str]]:
    rows = [[name, str(seed), *_cells(one.values(), one.same_function, gap(one))] for seed, one in trainings.items()]
    values, gaps = (np.mean([each(one) for one in trainings.values()], axis=0) for each in (Across.values, gap))
    same = float(np.mean([one.same_function for one in trainings.values()]))
    return [*rows, [name, "mean", *_cells(values, same, gaps)]]


def _cells(values: Float64[np.ndarray, "queries"], same: float, gaps: Float64[np.ndarray, "queries"]) -> list[str]:
    ends = [interval(each, np.random.default_rng(0)) for each in (values, gaps)]
    shown = [f"{per_cent(low)} to {per_cent(high)}" for low, high in ends]
    return [per_cent(float(values.mean())), shown[0], per_cent(same), per_cent(float(gaps.mean())), shown[1]]


if __name__ == "__main__":
    main()
