"""Learned encoders: the contract of encoders, words and pictures, the pose, and life without torch."""

import dataclasses
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fieldstone.encoders import Encoder
from fieldstone.encoders.learned import Learned, thinned, with_normals
from fieldstone.encoders.weights import open_weights, save
from fieldstone.errors import EncoderError, GeometryError
from fieldstone.types import PointCloud, Sampled
from tests.encoders.solids import as_cloud, sampled, solids, turned
from tests.encoders.tiny import LATENT, tiny

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("weights") / "tiny.safetensors")


@pytest.fixture(scope="module")
def encoder(path: Path) -> Learned:
    return Learned(path)


def test_contract(encoder: Learned) -> None:
    assert isinstance(encoder, Encoder)
    assert (encoder.id, encoder.dim, encoder.pose) == ("tiny@1", LATENT, "any")
    rows = encoder.encode([sampled(solid) for solid in solids()[:3]])
    assert rows.shape == (3, LATENT)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    assert encoder.encode([]).shape == (0, LATENT)
    assert encoder.card.up is None


def test_same_bytes_whatever_else_is_encoded(encoder: Learned, path: Path) -> None:
    batch = [sampled(solid) for solid in solids()[:5]]
    together = encoder.encode(batch)
    before = torch.get_num_threads()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        alone = np.concatenate([Learned(path).encode([shape]) for shape in reversed(batch)])[::-1]
        assert together.tobytes() == alone.tobytes()
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    with ThreadPoolExecutor(2) as pool:
        for row, again in zip(together, pool.map(encoder.encode, [[shape] for shape in batch]), strict=True):
            assert row.tobytes() == again.tobytes()


def test_in_bf16_where_the_processor_gains_by_it(encoder: Learned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fieldstone.encoders.networks import run

    batch, images = [sampled(solid) for solid in solids()[:3]], np.zeros((1, 20, 30, 4), dtype=np.uint8)
    images[0, 5:15, 5:20] = 255
    exact = encoder.encode(batch), encoder.encode_text(["a gear"]), encoder.encode_images(images)
    monkeypatch.setattr(run, "_in_bf16", lambda: True)
    half = Learned(path)
    rough = half.encode(batch), half.encode_text(["a gear"]), half.encode_images(images)
    for found, one in zip(rough, exact, strict=True):
        assert found.tobytes() != one.tobytes()
        assert (found * one).sum(axis=1).min() > 0.995
    assert half.encode(batch[1:2])[0].tobytes() == half.encode(batch)[1].tobytes()


def test_known_descriptors_spare_the_work(encoder: Learned) -> None:
    from fieldstone.encoders.fused import ENCODER

    batch = [sampled(solid) for solid in solids()[:2]]
    known = ENCODER.encode(batch)
    assert encoder.encode(batch, known).tobytes() == encoder.encode(batch).tobytes()
    assert not np.allclose(encoder.encode(batch, known[::-1].copy()), encoder.encode(batch))


def test_any_pose_and_upright(path: Path, encoder: Learned) -> None:
    upright = Learned(path, upright=True)
    assert (upright.id, upright.pose, upright.card.up) == ("tiny-upright@1", "upright", "y")
    assert "rotation" not in upright.card.invariances
    one, other = sampled(solids()[5]), sampled(turned(solids()[5], seed=1))
    np.testing.assert_allclose(encoder.encode([one]), encoder.encode([other]), atol=2e-3)
    assert np.abs(upright.encode([one]) - upright.encode([other])).max() > 5e-3
    said = [dataclasses.replace(one, up=up) for up in (None, "z", "y")]
    unknown, z, y = upright.encode(said)
    assert unknown.tobytes() == z.tobytes() != y.tobytes()


def test_a_file_made_for_upright_shapes(tmp_path: Path) -> None:
    path = tiny(tmp_path / "w", "tuned", pose="upright", version=4)
    assert (Learned(path).id, Learned(path).pose) == ("tuned@4", "upright")
    assert Learned(path, upright=True).id == "tuned@4"


def test_words_and_pictures(encoder: Learned) -> None:
    rows = encoder.encode_text(["a round table", "a gear"])
    assert rows.shape == (2, LATENT)
    assert rows[1].tobytes() == encoder.encode_text(["a gear"])[0].tobytes()
    images = np.full((2, 40, 50, 4), 255, dtype=np.uint8)
    images[0, 10:30, 10:20, :3] = 0
    images[1, 5:15, 30:45, :3] = 90
    rows = encoder.encode_images(images)
    assert rows[1].tobytes() == encoder.encode_images(images[1:])[0].tobytes()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    with pytest.raises(GeometryError, match="one colour"):
        encoder.encode_images(images[:1, :5])


def test_without_the_other_towers(tmp_path: Path) -> None:
    deaf = Learned(tiny(tmp_path / "w", "deaf", towers=False))
    assert not deaf.reads_words
    assert not deaf.reads_pictures
    with pytest.raises(EncoderError, match="trained without words"):
        deaf.encode_text(["x"])


@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_few_points_still_give_a_vector(encoder: Learned, n: int) -> None:
    points = np.random.default_rng(n).standard_normal((n, 3)).astype(np.float32)
    assert np.isfinite(encoder.encode([Sampled(shape=PointCloud(points), points=points)])).all()


def test_unfit_points_are_refused(encoder: Learned) -> None:
    for points in (np.zeros((0, 3), np.float32), np.full((9, 3), np.nan, np.float32)):
        with pytest.raises(GeometryError):
            encoder.encode([Sampled(shape=PointCloud(points), points=points)])


def test_points_at_even_steps() -> None:
    points = np.arange(12, dtype=np.float32).reshape(4, 3)
    np.testing.assert_array_equal(thinned(points, 2), points[[0, 2]])
    np.testing.assert_array_equal(thinned(points, 6), points[[0, 0, 1, 2, 2, 3]])


def test_a_cloud_without_normals(encoder: Learned) -> None:
    assert np.isfinite(encoder.encode([as_cloud(sampled(solids()[1]))])).all()


def test_normals_that_are_none_are_estimated() -> None:
    shape = sampled(solids()[1])
    assert with_normals(shape) is shape
    for length in (5.0, 1e30, np.nan):
        odd = dataclasses.replace(shape, normals=np.float32(length) * shape.normals)
        np.testing.assert_allclose(np.linalg.norm(with_normals(odd).normals, axis=1), 1.0, atol=1e-5)


def test_weights_that_do_not_fit_their_header(path: Path, tmp_path: Path) -> None:
    header, tensors = open_weights(path)
    batch = [sampled(solids()[0])]
    save(tmp_path / "less", {k: v for k, v in tensors.items() if k != "shape.project.weight"}, header)
    with pytest.raises(EncoderError, match="lacks tensor"):
        Learned(tmp_path / "less").encode(batch)
    for change in ({"network": "nothing"}, {"config": {}}, {"config": {**header.config, "backbone": {"dim": "x"}}}):
        save(tmp_path / "odd", tensors, dataclasses.replace(header, **change))
        with pytest.raises(EncoderError):
            Learned(tmp_path / "odd").encode(batch)
    for name, value in (("mean", np.zeros(3)), ("std", np.zeros(256))):
        save(tmp_path / "odd", tensors | {f"descriptor.{name}": value.astype(np.float32)}, header)
        with pytest.raises(EncoderError, match="do not fit its header"):
            Learned(tmp_path / "odd").encode(batch)
    for change in ({"group_size": 999}, {"points": -3}):  # sizes that are in no tensor
        config = {**header.config, "backbone": {**header.config["backbone"], **change}}
        save(tmp_path / "odd", tensors, dataclasses.replace(header, config=config))
        with pytest.raises(EncoderError, match="do not fit its header"):
            Learned(tmp_path / "odd").encode(batch)
    save(tmp_path / "odd", tensors, dataclasses.replace(header, config={**header.config, "image": []}))
    with pytest.raises(EncoderError, match="do not fit its header"):
        Learned(tmp_path / "odd").encode_images(np.zeros((1, 9, 9, 4), dtype=np.uint8))
    for change in ({"title": None}, {"invariances": 5}, {"invariances": [5]}, {"up": "left"}, {"metric": {}}):
        save(tmp_path / "card", tensors, dataclasses.replace(header, card={**header.card, **change}))
        with pytest.raises(EncoderError, match="card lacks"):
            Learned(tmp_path / "card", upright=True)
    save(tmp_path / "card", tensors, dataclasses.replace(header, card={"title": "only"}))
    with pytest.raises(EncoderError, match="card lacks"):
        Learned(tmp_path / "card")


@pytest.mark.parametrize("channels", [2, 4])
def test_a_view_gcn_is_an_encoder_where_it_splats_the_points(path: Path, tmp_path: Path, channels: int) -> None:
    from fieldstone.encoders.networks import viewgcn
    from fieldstone.encoders.networks.tower import ShapeTower

    header, _ = open_weights(path)
    sizes = dataclasses.replace(viewgcn.compact(12), channels=channels, size=24, width=4)
    generator = torch.Generator().manual_seed(0)
    tower = ShapeTower(viewgcn.ViewGCN(sizes, generator), header.latent, generator)
    values = {f"shape.{name}": value.numpy() for name, value in tower.state_dict().items() if "tracked" not in name}
    config = {"backbone": dataclasses.asdict(sizes), "latent": header.latent, "descriptor": 0}
    save(tmp_path / "views", values, dataclasses.replace(header, network="viewgcn", config=config))
    seeing = Learned(tmp_path / "views")
    if channels == 4:
        with pytest.raises(
            EncoderError, match="tiny@1 looks at rendered pictures, and encoders are given points; take"
        ):
            seeing.encode([sampled(solids()[0])])
    else:
        rows = seeing.encode([sampled(solid) for solid in solids()[:2]])
        assert rows.shape == (2, seeing.dim)
        assert not np.allclose(rows[0], rows[1], atol=1e-3)


def test_a_thread_of_the_caller_keeps_its_number(encoder: Learned) -> None:
    """Towers compute on one thread each; a training afterwards has all of them again."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    with ThreadPoolExecutor(1) as fresh:
        fresh.submit(encoder.encode_text, ["a gear"]).result()
        assert fresh.submit(torch.get_num_threads).result() == 2
    with ThreadPoolExecutor(1) as later:
        assert later.submit(torch.get_num_threads).result() == 2
    torch.set_num_threads(before)


def test_without_torch(path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from fieldstone.encoders.learned import Learned\n"
        "from fieldstone.errors import MissingExtra\n"
        f"encoder = Learned({str(path)!r})\n"
        "print(encoder.id, encoder.dim)\n"
        "try: encoder.encode_text(['x'])\n"
        "except MissingExtra as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "tiny@1 16"
    assert 'pip install "fieldstone[neural]"' in done.stdout
