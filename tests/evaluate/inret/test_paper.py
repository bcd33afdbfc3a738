"""The paper's figures are copied right: its printed averages follow from them."""

import numpy as np
import pytest

from fieldstone.evaluate.inret.paper import ABLATION, PAIRS


@pytest.mark.parametrize(
    ("name", "average"),
    [("octree", 79.4), ("hashgrid", 82.0), ("inr2vec", 29.9), ("pointnext", 60.0), ("viewgcn", 67.9)],
)
def test_averages_of_table_3(name: str, average: float) -> None:
    assert np.mean(list(PAIRS[name].values())) == pytest.approx(average, abs=0.06)


@pytest.mark.parametrize(("name", "average"), [("none", 34.4), ("L2", 64.6), ("L2 and common decoder", 82.0)])
def test_averages_of_table_4(name: str, average: float) -> None:
    """The first is printed as 34.0, though its nine figures make 34.4."""
    assert np.mean(list(ABLATION[name].values())) == pytest.approx(average, abs=0.06)
