"""INRet's tables on samples10, ten categories of our own generator: `fieldstone evaluate inret`, as we ran it.

    python benchmarks/inret.py [--scale tiny|small|full] [--tables 1,3,4] [--device cuda] [--seed 0]

Fields, trainings and rows are kept below .cache/inret, by what decides them: a run that was stopped goes on, and other
tables take what is there. Writes the report and its figures into results/inret_SCALE/.
"""

import argparse
import sys
from pathlib import Path

from fieldstone.cli.console import TerminalProgress
from fieldstone.evaluate.inret.registry import TABLES, usual
from fieldstone.evaluate.inret.report import run
from fieldstone.evaluate.inret.shapes import Selection, samples10
from fieldstone.evaluate.inret.study import SCALES, Scale, Study, default_fits
from machine import describe

HERE = Path(__file__).parent


def main() -> None:
    asked = arguments(__doc__ or "")
    scale = SCALES[asked.scale]
    reported(samples10(scale.train, scale.test), asked, f"inret_{scale.name}")


def arguments(about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=list(SCALES), default="small")
    parser.add_argument("--tables", type=numbers, help="numbers of the paper's tables, as 1,3,4")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def numbers(text: str) -> list[int]:
    """`1,3,4` as numbers of tables."""
    found = [int(part) for part in text.split(",")]
    if not set(found) <= set(TABLES):
        raise argparse.ArgumentTypeError(f"{text}: the paper's tables are {min(TABLES)} to {max(TABLES)}")
    return found


def study_of(selection: Selection, scale: Scale, *, seed: int = 0, device: str = "cpu") -> Study:
    """Shapes at a scale, what is made of them kept where all INRet benchmarks keep it."""
    return Study(
        selection=selection, scale=scale, folder=HERE / ".cache" / "inret", fits=default_fits(scale), seed=seed,
        device=device, progress=TerminalProgress(),
    )  # fmt: skip


def reported(selection: Selection, asked: argparse.Namespace, folder: str) -> None:
    """Run what was asked for on the selection, and say where the report lies. Exits with 1 where a table or a figure was not
    made."""
    study = study_of(selection, SCALES[asked.scale], seed=asked.seed, device=asked.device)
    made = run(study, asked.tables or usual(study), HERE / "results" / folder, machine=describe())
    print(f"{made.path}, tables {made.tables}, {made.seconds / 60:.1f} minutes")
    for title, why in made.failed.items():
        print(f"{title}: not made: {why}")
    if made.failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
