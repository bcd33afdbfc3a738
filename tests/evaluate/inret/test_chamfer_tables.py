"""Tables 17 and 18: the nearest by Chamfer in the class, its truth, its searches, and who says the class."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.errors import BrokenFile, GeometryError  # noqa: E402
from fieldstone.evaluate.category_chamfer import rough_squares  # noqa: E402
from fieldstone.evaluate.inret import categories, surfaces  # noqa: E402
from fieldstone.evaluate.inret.across import FUNCTIONS  # noqa: E402
from fieldstone.evaluate.inret.categories import own_head, said_categories  # noqa: E402
from fieldstone.evaluate.inret.converted import Rival  # noqa: E402
from fieldstone.evaluate.inret.searched import SEARCHES, searched  # noqa: E402
from fieldstone.evaluate.inret.study import SCALES, Embedded  # noqa: E402
from fieldstone.evaluate.inret.surfaces import dense, field_clouds, nearest_shapes, one_way_means  # noqa: E402
from fieldstone.evaluate.inret.tables import chamfer  # noqa: E402
from fieldstone.geometry.metrics import chamfer_squared_sum_x1000  # noqa: E402
from fieldstone.kernels.nearest import reference_nearest  # noqa: E402
from fieldstone.training.category import Recipe  # noqa: E402
from fieldstone.training.collection import Collection  # noqa: E402
from fieldstone.training.schedule import Schedule  # noqa: E402
from tests.evaluate.inret.given import GivenStudy, cells, given_study, shapes  # noqa: E402


def clouds(count: int, n: int = 256) -> np.ndarray:
    """Balls of falling radius: each is nearest to its neighbours."""
    g = np.random.default_rng(0)
    way = g.standard_normal((count, n, 3))
    way /= np.linalg.norm(way, axis=2, keepdims=True)
    return (way * np.linspace(0.9, 0.3, count)[:, None, None]).astype(np.float32)


def test_the_truth_is_the_nearest_of_the_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = given_study(tmp_path)
    assert nearest_shapes(study).tolist() == [1, 0, 3, 2]
    monkeypatch.setattr(surfaces, "sample_surface", None)  # what is kept is not drawn again
    assert nearest_shapes(study).tolist() == [1, 0, 3, 2]


def test_a_shape_alone_in_its_class_has_no_nearest(tmp_path: Path) -> None:
    study = given_study(tmp_path)
    object.__setattr__(study.selection, "test", study.selection.test[:3])
    assert nearest_shapes(study).tolist() == [1, 0, -1]


def test_means_are_those_of_all_pairs() -> None:
    given = clouds(3, 50)
    found = one_way_means(list(given))
    expected = [[reference_nearest(a, b)[0].mean() for b in given] for a in given]
    np.testing.assert_allclose(found[~np.eye(3, dtype=bool)], np.array(expected)[~np.eye(3, dtype=bool)], rtol=1e-6)
    assert np.isinf(np.diag(found)).all()


def test_squares_are_those_of_the_metric() -> None:
    given = clouds(4, 30)
    expected = [chamfer_squared_sum_x1000(given[0], one) / 1000.0 for one in given[1:]]
    np.testing.assert_allclose(rough_squares(given[0], given[1:]), expected, rtol=1e-5)


def test_three_searches_find_what_brute_force_finds() -> None:
    given, labels = clouds(14), np.arange(14) % 2
    found = searched(given, labels, labels)
    means = one_way_means(list(given))
    both = np.where(labels[:, None] == labels, means + means.T, np.inf)
    assert [one.naive for one in found] == both.argmin(axis=1).tolist()
    assert [one.exact for one in found] == [one.naive for one in found]
    assert all(one.same_ten for one in found)
    assert all(one.candidates == 6 and 1 <= one.measured <= 6 for one in found)
    assert any(one.measured < 6 for one in found)
    assert all(set(one.seconds) == set(SEARCHES) and min(one.seconds.values()) > 0.0 for one in found)


def test_a_class_said_wrong_is_searched_and_an_empty_one_is_not() -> None:
    found = searched(clouds(4), np.array([0, 0, 1, 1]), np.array([0, 2, 0, 1]))
    assert [(one.query, one.naive) for one in found] == [(0, 1), (2, 1), (3, 2)]


def test_a_shape_without_a_surface_neither_asks_nor_is_found() -> None:
    given, labels = clouds(6), np.array([0, 0, 0, 0, 1, 1])
    given[1] = np.nan
    found = {one.query: one for one in searched(given, labels, labels)}
    assert list(found) == [0, 2, 3, 4, 5]
    assert [(found[i].naive, found[i].exact, found[i].candidates) for i in (0, 2, 3)] == [
        (2, 2, 2),
        (3, 3, 2),
        (2, 2, 2),
    ]


def test_clouds_of_fields_are_kept(tmp_path: Path) -> None:
    study = given_study(tmp_path)
    found = field_clouds(study, ("hashgrid", "sdf"))
    np.testing.assert_allclose(np.linalg.norm(found[0], axis=1), 0.9, atol=2e-3)
    asked = study.given.asked
    np.testing.assert_array_equal(field_clouds(study, ("hashgrid", "sdf")), found)
    assert study.given.asked == asked
    without = field_clouds(given_study(tmp_path, empty="rod-1"), ("hashgrid", "sdf"))
    assert np.isnan(without).all(axis=(1, 2)).tolist() == [False, False, False, True]


def test_points_of_the_paper_but_at_the_smallest_scale(tmp_path: Path) -> None:
    study = given_study(tmp_path)
    assert dense(study) == 4096
    object.__setattr__(study, "scale", SCALES["small"])
    assert dense(study) == 131_072


ANGLES = {"hashgrid": (0.0, 0.3, 0.1, 1.0, 1.05, 1.2), "pointnext": (0.0, 0.05, 1.2, 1.0, 1.05, 0.2)}
"""Of the rows of three balls and three rods. By INRet each finds one of its class, but no ball finds the nearest; PointNeXt
takes the last ball for a rod and the last rod for a ball, and finds the nearest of all others."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Threes(GivenStudy):
    """Three shapes a category, rows by ANGLES."""

    def embedded(self, method: str) -> Embedded:
        """On a circle."""
        angles = np.array(ANGLES[method])
        rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        return Embedded(folder=self.folder, train={}, test=dict.fromkeys(FUNCTIONS, rows))


def test_table_17_counts_the_class_and_the_nearest(tmp_path: Path) -> None:
    given = given_study(tmp_path)
    selection = replace(given.selection, test=shapes((1.0, 0.95, 0.6), (0.3, 0.33, 0.5)))
    study = Threes(selection=selection, scale=given.scale, folder=tmp_path, fits=given.fits, given=given.given)
    assert nearest_shapes(study).tolist() == [1, 0, 1, 4, 3, 4]
    lines = {line[0]: line[1:3] for line in cells(chamfer.table17(study))[2:]}
    assert lines == {"hashgrid": ["100.0 (84.2)", "50.0 (23.2)"], "pointnext": ["66.7 (71.2)", "66.7 (28.4)"]}


def test_table_18_is_right_where_the_class_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"hashgrid": np.array([0, 0, 1, 1]), "pointnext": np.array([0, 1, 1, 0])}
    monkeypatch.setattr(chamfer, "said_categories", lambda _, method: said[method])
    monkeypatch.setattr(
        chamfer, "medians", lambda _study, _function, ways, _count: dict.fromkeys(ways, 0.0125)
    )  # it times neural fields
    text = chamfer.table18(given_study(tmp_path))
    first, own, other = (
        dict(zip(("hashgrid", "pointnext"), cells(part)[2:], strict=True)) for part in text.split("\n\n")[1::2]
    )
    assert first["hashgrid"][1:5] == ["100.0", "100.0 (82.4)", "100.0 (82.4)", "100.0"]
    assert first["pointnext"][1:5] == ["50.0", "50.0 (72.6)", "50.0 (72.6)", "50.0"]
    assert own["hashgrid"][1].endswith("(65,060)")
    assert own["pointnext"][2].endswith("(35,780)")
    assert all(float(cell.split()[0]) > 0.0 for cell in own["hashgrid"][1:])
    assert other["hashgrid"][4:] == other["pointnext"][4:] == ["100.0", "100.0"]
    assert "4 queries among 1 to 1 candidates" in text
    assert "4,096 points 12.5, 128 points 12.5" in text
    assert first["hashgrid"][-1] == "0"
    text = chamfer.table18(given_study(tmp_path / "empty", empty="rod-1"))
    first = dict(zip(("hashgrid", "pointnext"), cells(text.split("\n\n")[1])[2:], strict=True))
    assert first["hashgrid"][1:5] == ["100.0", "50.0 (82.4)", "50.0 (82.4)", "50.0"]
    assert first["hashgrid"][-1] == "1"


def test_a_rival_that_cannot_convert_is_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = given_study(tmp_path)
    study = NoPoints(selection=given.selection, scale=given.scale, folder=tmp_path, fits=given.fits, given=given.given)
    monkeypatch.setattr(chamfer, "medians", lambda _study, _function, ways, _count: dict.fromkeys(ways, 0.0125))
    monkeypatch.setattr(categories, "category_head", lambda *_, **__: _Guess())
    lines = [{line[0]: line[1:] for line in cells(part)[2:]} for part in chamfer.table18(study).split("\n\n")[1:6:2]]
    lines.append({line[0]: line[1:] for line in cells(chamfer.table17(study))[2:]})
    for found in lines:
        assert found["pointnext"] == ["- (rod-1: no points)"]
        assert len(found["hashgrid"]) > 2


@dataclass(frozen=True, eq=False, kw_only=True)
class NoPoints(GivenStudy):
    """A field of it cannot be converted."""

    def embedded(self, method: str) -> Embedded:
        """Nor can PointNeXt learn."""
        if method == "pointnext":
            raise GeometryError("rod-1: no points")
        return super().embedded(method)


@pytest.mark.slow
def test_a_head_on_rows_says_the_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = given_study(tmp_path)
    short = Recipe(epochs=25, schedule=Schedule(rate=1e-2, warm=0.3, kind="one_cycle"))
    monkeypatch.setattr(categories, "Recipe", lambda: short)
    assert said_categories(study, "hashgrid").tolist() == study.labels.tolist()
    assert (tmp_path / "hashgrid" / "head" / "state.safetensors").exists()
    seen = []
    monkeypatch.setattr(categories, "own_head", lambda *given: seen.append(given) or _Guess())
    assert said_categories(study, "pointnext").tolist() == [1, 1, 1, 1]
    assert seen == [(tmp_path / "pointnext", 16, 2)]


class _Guess:
    def classify(self, rows: np.ndarray) -> np.ndarray:
        return np.ones(len(rows), dtype=np.int64)


@pytest.mark.slow
def test_a_rivals_own_head_is_found_in_its_state(tmp_path: Path) -> None:
    labels = np.arange(16) % 2
    flat = np.where(labels[:, None, None] == 0, 1.0, [1.0, 0.2, 0.2]).astype(np.float32)
    collection = Collection(
        ids=tuple(map(str, labels)), points=clouds(1, 2048).repeat(16, axis=0) * flat, split=("train",) * 16, labels=labels,
        classes=("ball", "rod"),
    )  # fmt: skip
    rival = Rival("points", compact=True, epochs=4, seed=0)
    rival.learn(collection, folder=tmp_path)
    rows = rival.rows(collection)
    assert own_head(tmp_path, rows.shape[1], 2).classify(rows).tolist() == labels.tolist()
    with pytest.raises(BrokenFile):
        own_head(tmp_path / "nowhere", rows.shape[1], 2)
