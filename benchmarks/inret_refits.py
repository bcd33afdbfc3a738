"""Fields that were fitted otherwise than those which INRet's encoders learnt from, as queries: hash grids at scale small of
samples10.

    python benchmarks/inret_refits.py [--seeds 0,1,2]

The first FEW test shapes of each category are fitted again, each time with one thing changed, and asked among all test shapes'
usual fields; the encoders are those of inret_seeds.py, with our straight path and without it.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
from jaxtyping import Float64

from fieldstone.encoders.inr import Kind
from fieldstone.evaluate.bootstrap import interval
from fieldstone.evaluate.inret.across import FUNCTIONS, asked
from fieldstone.evaluate.inret.learned import Added, embedded, reopened
from fieldstone.evaluate.inret.study import SCALES, Study, default_fits
from fieldstone.evaluate.inret.tables.layout import per_cent, table
from fieldstone.evaluate.metrics import hit_at
from fieldstone.fields.recipe import Settings
from inret_seeds import HERE, study_by
from machine import describe

Values: TypeAlias = Float64[np.ndarray, "queries"]
RESULT: Final = HERE / "results" / "inret_refits.md"
KINDS: Final[tuple[Kind, ...]] = tuple(("hashgrid", function) for function in FUNCTIONS)
FEW: Final = 2
SMALL: Final = SCALES["small"]
USUAL: Final = default_fits(SMALL)["hashgrid"]
OTHERWISE: Final[Mapping[str, Settings]] = {
    "as usual": USUAL,
    "another seed": {**USUAL, "seed": 1},
    "5 epochs, not 10": {**USUAL, "schedule": replace(USUAL["schedule"], epochs=5)},
    "20 epochs": {**USUAL, "schedule": replace(USUAL["schedule"], epochs=20)},
}
ADDED: Final[Mapping[Added, str]] = {"norm": "without", "straight": "with"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    seeds = [int(seed) for seed in parser.parse_args().seeds.split(",")]
    studies, found = [study_by(seed) for seed in seeds], dict[tuple[Added, str], list[Values]]()
    for added in ADDED:
        found |= {(added, name): [_right(study, added, of) for study in studies] for name, of in OTHERWISE.items()}
    rows = [[name, *(_shown(found[added, name]) for added in ADDED)] for name in OTHERWISE]
    said = (
        "mAP@1 in per cent, mean of nine pairs of functions and of all trainings, with its 95 % interval over queries; in brackets "
        f"each training. {FEW} queries of each category."
    )
    text = table(said, ["queries fitted", *(f"{word} the straight path" for word in ADDED.values())], rows)
    text = f"# INRet asked with fields that were fitted otherwise\n\n{describe()}; hash grids, scale small.\n\n{text}\n"
    RESULT.write_text(text)
    print(text)


def _right(study: Study, added: Added, of: Settings) -> Values:
    """For each query the share of pairs of functions in which its nearest other shape has its category."""
    usual, store = study.made("hashgrid", added=added), replace(study.store, settings={"hashgrid": of})
    own = np.flatnonzero(np.arange(len(study.labels)) % SMALL.test < FEW)
    shapes = [study.selection.test[i] for i in own]
    hits = []
    store.fit_all(shapes, KINDS, progress=study.told)
    for kind in KINDS:
        encoder = reopened(usual.folder, kind, study.store.readings(shapes[:1], kind))
        queries = usual.test[kind[1]].copy()
        queries[own] = embedded(encoder, store, shapes, kind)
        hits += [hit_at(asked(queries, gallery, study.labels), 1)[own] for gallery in usual.test.values()]
    return np.mean(hits, axis=0)


def _shown(trainings: list[Values]) -> str:
    low, high = interval(np.mean(trainings, axis=0), np.random.default_rng(0))
    each = ", ".join(per_cent(float(values.mean())) for values in trainings)
    return f"{per_cent(float(np.mean(trainings)))}, {per_cent(low)} to {per_cent(high)} ({each})"


if __name__ == "__main__":
    main()
