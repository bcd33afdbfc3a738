"""The whole protocol on a few tiny shapes: every table has its rows, and a second run takes up what the first left."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.evaluate.inret import tables  # noqa: E402
from fieldstone.evaluate.inret.shapes import Selection, Shape  # noqa: E402
from fieldstone.evaluate.inret.study import SCALES, Study, default_fits  # noqa: E402
from fieldstone.fields.hashgrid import HashGridConfig  # noqa: E402
from fieldstone.fields.octree import OctreeConfig  # noqa: E402
from fieldstone.fields.sampling import Sampling  # noqa: E402
from fieldstone.fields.schedule import Schedule  # noqa: E402
from fieldstone.fields.siren import SirenConfig  # noqa: E402
from fieldstone.fields.triplane import TriplaneConfig  # noqa: E402
from fieldstone.types import Mesh  # noqa: E402
from tests.fields.fits import ball  # noqa: E402

CONFIGS = {
    "hashgrid": HashGridConfig(coarsest=8, finest=24, levels=4, most_rows=1 << 12),
    "octree": OctreeConfig(last=4),
    "triplane": TriplaneConfig(nodes=9),
    "siren": SirenConfig(hidden=16, layers=3),
}
SHORT = {
    "sampling": Sampling(uniform=1000, surface=2000, near=2000),
    "schedule": Schedule(epochs=3, batch=512, rate=1e-2),
}


def selection() -> Selection:
    """Balls and rods, three to learn from and two to ask."""
    mesh, found = ball(12), []
    for category, width in (("ball", 1.0), ("rod", 0.3)):
        for i in range(5):
            flat = mesh.vertices * [1.0, width + 0.04 * i, width]
            found.append(Shape(name=f"{category}-{i}", category=category, mesh=Mesh(flat, mesh.faces)))
    return Selection(name="two", train=(*found[:3], *found[5:8]), test=(*found[3:5], *found[8:]))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    scale = replace(SCALES["tiny"], points=16)
    fits = {name: {**given, **SHORT, "config": CONFIGS[name]} for name, given in default_fits(scale).items()}
    return Study(selection=selection(), scale=scale, folder=tmp_path_factory.mktemp("inret"), fits=fits)  # type: ignore[arg-type]


@pytest.mark.slow
def test_tables_have_their_rows(study: Study) -> None:
    first = tables.found(study, ["hashgrid", "inr2vec"])
    assert [line.split(" |")[0] for line in first.splitlines()[2:]] == ["| hashgrid", "| inr2vec"]
    assert "(84.2)" in first
    matrices = tables.pairs(study, ["hashgrid"])
    assert matrices.count("| hashgrid |") == 4
    assert "(82.0)" in matrices
    kept = {path: path.stat().st_mtime_ns for path in study.folder.rglob("*")}
    assert tables.found(replace(study), ["hashgrid"]) == "\n".join(first.splitlines()[:3])
    assert {path: path.stat().st_mtime_ns for path in study.folder.rglob("*")} == kept
    other = replace(study, seed=1)
    assert not np.array_equal(other.inret("hashgrid")["sdf"], study.inret("hashgrid")["sdf"])
    assert len(list(study.folder.glob("two-hashgrid-udf-1-*/state.safetensors"))) == 2


def test_the_ablation_has_its_three_blocks(study: Study) -> None:
    ablation = tables.ablation(study)
    assert ablation.count("| none |") == ablation.count("| L2 |") == ablation.count("| L2 and common decoder |") == 4


@pytest.mark.slow
def test_conversion_is_timed(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "TIMED", 1)
    monkeypatch.setattr(tables, "PIXELS", 16)
    monkeypatch.setattr(tables, "FUNCTIONS", ("sdf",))  # others, as little learnt as here, have hardly a surface
    assert [line.split(" |")[0] for line in tables.conversion(study).splitlines()[2:]] == [
        "| rows and lattice", "| and encoded (INRet)", "| points", "| views",
    ]  # fmt: skip
