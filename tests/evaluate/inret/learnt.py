"""A study whose fields and rows are given, each method's rows as far from their category as its noise."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.paper import Dataset
from fieldstone.evaluate.inret.study import Embedded, Rows
from tests.evaluate.inret.given import GivenStudy, given_study

NOISE = {"hashgrid": 0.0, "inr2vec": 3.0, "pointnext": 1.0, "viewgcn": 1.0}


@dataclass(frozen=True, eq=False, kw_only=True)
class Learnt(GivenStudy):
    """Two balls and two rods, by INRet on hash grids and by its rivals."""

    def embedded(self, method: str) -> Embedded:
        """Around one place a category."""
        generator = np.random.default_rng(0)
        places = np.eye(2, 16)[self.labels] + 0.1 * generator.standard_normal((4, 16))
        rows = {
            function: (places + NOISE[method] * generator.standard_normal((4, 16))).astype(np.float32)
            for function in FUNCTIONS
        }
        return Embedded(folder=self.folder, train=rows, test=rows)

    def inret(self, architecture: str, recipe: object = None, levels: str = "own") -> Rows:
        """With other recipes than the default, rows of much noise."""
        return self.rows("hashgrid" if recipe is None else "inr2vec")


def learnt(folder: Path, empty: str = "", role: Dataset = "Pix3D") -> Learnt:
    """`empty` names a shape whose fields have no surface."""
    given = given_study(folder, empty)
    return Learnt(
        selection=replace(given.selection, role=role), scale=given.scale, folder=folder, fits=given.fits, given=given.given
    )  # fmt: skip
