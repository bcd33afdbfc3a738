"""One latent for several kinds of fields: both regularisations do what they say, and a killed training goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.encoders.inr import Kind, kind_name  # noqa: E402
from fieldstone.encoders.networks.inr import Config, Inr  # noqa: E402
from fieldstone.errors import FieldstoneError  # noqa: E402
from fieldstone.training.common_latent import Recipe, _Task, common_latent  # noqa: E402
from fieldstone.training.fields import FieldCollection, Readings  # noqa: E402
from fieldstone.training.schedule import Schedule  # noqa: E402

KINDS: tuple[Kind, ...] = (("hashgrid", "sdf"), ("hashgrid", "udf"), ("octree", "occ"))
SIZES = Config(width=6, hidden=(16, 16), channels=2, convolutions=2, groups=2, grid=16)
SHORT = Recipe(epochs=12, batch=4, points=32, schedule=Schedule(rate=3e-3, final=3e-3))


def collection(shapes: int = 12, kinds: tuple[Kind, ...] = KINDS) -> FieldCollection:
    """Balls of different radii: each kind writes the radius into rows and grid in a way of its own."""
    g = np.random.default_rng(0)
    radius = np.linspace(0.2, 0.9, shapes)
    readings = {}
    for i, kind in enumerate(kinds):
        mark = g.standard_normal((1, 5, 6)) * radius[:, None, None] + 0.1 * i
        grid = np.broadcast_to((radius - 0.5)[:, None, None, None, None] * (1 + i), (shapes, 2, 4, 4, 4))
        readings[kind] = Readings(rows=mark.astype(np.float32), grid=np.ascontiguousarray(grid, dtype=np.float16))
    points = g.uniform(-1, 1, (shapes, 200, 3)).astype(np.float32)
    signed = (np.linalg.norm(points, axis=2) - radius[:, None]).astype(np.float32)
    values = {"sdf": signed, "udf": np.abs(signed), "occ": np.where(signed < 0, 1, -1).astype(np.float32)}
    return FieldCollection(readings=readings, points=points, values=values)


def encoders(kinds: tuple[Kind, ...] = KINDS) -> dict[Kind, Inr]:
    """All with a straight path but one."""
    sizes = [SIZES if kind == KINDS[1] else replace(SIZES, rows=5, blocks=2) for kind in kinds]
    return {kind: Inr(sizes[i], torch.Generator().manual_seed(i)) for i, kind in enumerate(kinds)}


def rows(found: dict[Kind, Inr], given: FieldCollection) -> dict[Kind, torch.Tensor]:
    everything = np.arange(len(given))
    with torch.no_grad():
        return {kind: net(given.readings[kind].fields(everything, "cpu")) for kind, net in found.items()}


def spread(found: dict[Kind, Inr], given: FieldCollection) -> float:
    """Mean cosine distance between a shape's embeddings of two kinds."""
    seen = [torch.nn.functional.normalize(e - e.mean(0), dim=1) for e in rows(found, given).values()]
    return float(torch.stack([1 - (seen[i] * seen[j]).sum(1).mean() for i in range(3) for j in range(i)]).mean())


@pytest.mark.slow
def test_regularisations_bring_kinds_together() -> None:
    given, apart = collection(), {}
    for name, recipe in (
        ("none", replace(SHORT, decoder="own", pull=0.0)),
        ("L2", replace(SHORT, decoder="own")),
        ("both", SHORT),
    ):
        apart[name] = spread(common_latent(encoders(), given, recipe, seed=0).encoders, given)
    assert apart["both"] < 0.5 * apart["none"]
    assert apart["L2"] < 0.5 * apart["none"]


@pytest.mark.slow
def test_it_learns_the_function() -> None:
    found = common_latent(encoders(), collection(), replace(SHORT, epochs=40), seed=0)
    first, last = found.history[0], found.history[-1]
    assert last.parts["decoder"] < 0.5 * first.parts["decoder"]
    assert last.loss == pytest.approx(last.parts["decoder"] + last.parts["apart"])


def test_straight_paths_are_evened_over_the_collection() -> None:
    given = collection()
    found = common_latent(encoders(), given, replace(SHORT, epochs=1), seed=0).encoders
    assert found[KINDS[1]].straight is None
    for kind in (KINDS[0], KINDS[2]):
        path = found[kind].straight
        numbers = path.numbers(given.readings[kind].fields(np.arange(len(given)), "cpu"))
        torch.testing.assert_close(path.mean, numbers.mean(dim=0))
        torch.testing.assert_close(path.spread, numbers.std(dim=0))


def test_rows_are_normed_and_stay_apart() -> None:
    """However strong the pull, embeddings do not shrink to one."""
    given = collection()
    found = rows(common_latent(encoders(), given, replace(SHORT, pull=100.0), seed=0).encoders, given)
    normed = [float(e.var(0).mean()) for e in found.values()]
    assert max(float(e.mean(0).abs().max()) for e in found.values()) < 0.5
    raw = {kind: Inr(replace(SIZES, norm=False), torch.Generator().manual_seed(i)) for i, kind in enumerate(KINDS)}
    found = rows(common_latent(raw, given, replace(SHORT, pull=100.0), seed=0).encoders, given)
    assert min(normed) > 0.3 > 3.0 * max(float(e.var(0).mean()) for e in found.values())


def test_losses_are_equation_4() -> None:
    given, recipe = collection(), replace(SHORT, pairs=(("udf", "sdf", 2.0),))
    task = _Task(encoders(), given, recipe, 0, "cpu")
    for module in task.adam.modules.values():
        module.eval()
    shapes = np.array([1, 5, 7])
    error, apart = task.losses(shapes, np.random.default_rng(3))
    at = np.random.default_rng(3).integers(200, size=(3, 32))
    points = torch.from_numpy(given.points[shapes[:, None], at])
    truth = torch.from_numpy(given.values["udf"][shapes[:, None], at])
    seen = {kind: e[shapes] for kind, e in rows(task.encoders, given).items()}
    decoder = task.decoders["udf"]
    off = sum((decoder(e, points) - truth).abs().mean() for e in seen.values())
    s, u, o = (seen[kind] for kind in KINDS)
    pulled = [(2.0, s, u), (1.0, s, o), (1.0, u, o)]
    distance = sum(weight * (a - b).pow(2).sum(1).mean() for weight, a, b in pulled)
    assert torch.allclose(error, off, atol=1e-5)
    assert torch.allclose(apart, distance, rtol=1e-5)


def test_own_decoders_say_their_own_function() -> None:
    task = _Task(encoders(), collection(), replace(SHORT, decoder="own", error="l2"), 0, "cpu")
    assert set(task.decoders) == set(map(kind_name, KINDS))
    points, values = task.collection.truth(np.arange(4), 32, np.random.default_rng(0), "cpu")
    embedding = torch.zeros(4, SIZES.dim)
    off = task._error(("octree", "occ"), embedding, points, values)
    expected = (task.decoders["octree-occ"](embedding, points) - values["occ"]).square().mean()
    assert torch.equal(off, expected)


def test_same_seed_same_bytes_and_goes_on(tmp_path: Path) -> None:
    given, recipe = collection(), replace(SHORT, epochs=3)
    whole = common_latent(encoders(), given, recipe, seed=4)
    folder = tmp_path / "state"

    class Stop(Exception):
        pass

    class Killed:
        def start(self, name: str, total: int) -> None: ...
        def advance(self, done: int = 1, detail: str = "") -> None:
            if detail.startswith("epoch 2"):
                raise Stop

        def note(self, text: str) -> None: ...
        def finish(self) -> None: ...

    with pytest.raises(Stop):
        common_latent(encoders(), given, recipe, seed=4, folder=folder, progress=Killed())
    again = common_latent(encoders(), given, recipe, seed=4, folder=folder)
    for kind in KINDS:
        pairs = zip(whole.encoders[kind].state_dict().values(), again.encoders[kind].state_dict().values(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
    with pytest.raises(FieldstoneError, match="another training"):
        common_latent(encoders(), given, recipe, seed=5, folder=folder)


@pytest.mark.parametrize("part", ["points", "values", "rows", "grid"])
def test_the_fingerprint_knows_every_part(part: str) -> None:
    given, other = collection(), collection()
    array = {
        "points": other.points, "values": other.values["occ"], "rows": other.readings[KINDS[1]].rows,
        "grid": other.readings[KINDS[2]].grid,
    }[part]  # fmt: skip
    assert array is not None
    assert given.fingerprint() == other.fingerprint()
    array.flat[-1] += 1
    assert given.fingerprint() != other.fingerprint()


def test_what_cannot_be_trained_is_said() -> None:
    without = collection()
    told = FieldCollection(readings=without.readings, points=without.points, values={"sdf": without.values["sdf"]})
    with pytest.raises(FieldstoneError, match="learns udf: the collection tells sdf"):
        common_latent(encoders(), told, SHORT, seed=0)
    with pytest.raises(ValueError, match="weights of pairs"):
        Recipe(pairs=(("udf", "sdf", -1.0),))
    with pytest.raises(FieldstoneError, match="2 shapes, hashgrid-sdf, for encoders of none"):
        common_latent({}, collection(2, KINDS[:1]), SHORT, seed=0)
    with pytest.raises(FieldstoneError, match="two shapes or more"):
        common_latent(encoders(KINDS[:1]), collection(1, KINDS[:1]), SHORT, seed=0)
    with pytest.raises(ValueError, match="a field of every shape"):
        FieldCollection(readings={}, points=np.zeros((1, 1, 3), np.float32), values={})
    with pytest.raises(ValueError, match="two shapes or more"):
        Recipe(batch=1)
