"""The verbs on fields: each once as a user would, and what they say of what cannot be done."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fieldstone import open_field, read, samples, save_field
from fieldstone.cli import main
from fieldstone.fields.fitting import Epoch, Fitting
from fieldstone.fields.registry import KINDS
from fieldstone.fields.sampling import Sampling
from fieldstone.files import write
from fieldstone.types import Mesh, Paint


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["fieldstone", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


@pytest.fixture(scope="module", autouse=True)
def fewer_points() -> Iterator[None]:
    """A fifth of the usual points, for the time of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fieldstone.fields.recipe.Sampling", lambda: Sampling().part(0.2))
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed model, an open one and a broken one; and a field of the first."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "models" / "inner").mkdir(parents=True)
    (folder / "folder.stl").mkdir()
    bracket, gear = samples.make("bracket", 0), samples.make("gear", 0)
    write(bracket, folder / "models" / "bracket.stl")
    write(Mesh(gear.vertices, gear.faces[: len(gear.faces) // 2]), folder / "models" / "inner" / "open.ply")
    (folder / "models" / "broken.stl").write_bytes(b"solid nothing")
    (folder / "models" / "notes.txt").write_text("not a shape")
    with pytest.MonkeyPatch.context() as patch:
        model, field = folder / "models" / "bracket.stl", folder / "part.field"
        assert run(patch, "fit", model, "-o", field, "--arch", "triplane", "--stop-at", 0.01, "--unit", "mm", "-q") == 0
    return folder


def test_fit_says_what_came_of_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = place / "open.field"
    arguments = [
        "fit",
        place / "models" / "inner" / "open.ply",
        "-o",
        output,
        "--arch",
        "triplane",
        "--stop-at",
        "0.05",
    ]
    assert run(monkeypatch, *arguments, "--precision", "int8", "--up", "y", "--workers", 1) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"wrote {output}, 0.02 MB, error 0.0")
    assert "sign confidence 0." in captured.out
    assert "--function udf" in captured.err
    assert open_field(output).frame.up == "y"


def test_colours_go_into_a_field_and_through_distilling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bracket = samples.make("bracket", 0)
    paint = Paint(vertex=np.tile(np.array([220, 30, 20, 255], dtype=np.uint8), (len(bracket.vertices), 1)))
    write(Mesh(bracket.vertices, bracket.faces, paint), tmp_path / "red.ply")
    short = ["--arch", "triplane", "--stop-at", 0.02, "-q"]
    assert run(monkeypatch, "fit", tmp_path / "red.ply", "-o", tmp_path / "red.field", "--color", *short) == 0
    assert run(monkeypatch, "distil", tmp_path / "red.field", "-o", tmp_path / "again.field", *short) == 0
    for name in ("red.field", "again.field"):
        assert open_field(tmp_path / name).colors(np.zeros((1, 3))) is not None


def test_points_may_be_drawn_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = place / "redrawn.field"
    arguments = ("fit", place / "models" / "bracket.stl", "-o", output, "--arch", "triplane", "--stop-at", 0.5, "-q")
    assert run(monkeypatch, *arguments, "--redraw") == 0
    settings = open_field(output).card.settings
    assert settings is not None
    assert settings["sampling"]["redraw"] is True
    assert run(monkeypatch, *arguments) == 0
    settings = open_field(output).card.settings
    assert settings is not None
    assert settings["sampling"]["redraw"] is False


def test_the_same_seed_gives_the_same_bytes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = place / "models" / "bracket.stl"
    for name in ("one", "two"):
        output = place / f"{name}.field"
        assert run(monkeypatch, "fit", model, "-o", output, "--arch", "triplane", "--stop-at", 0.05, "-q") == 0
    assert (place / "one.field").read_bytes() == (place / "two.field").read_bytes()


def test_an_interrupted_fit_goes_on(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, torn = tmp_path / "whole.field", tmp_path / "torn.field"
    arguments = ["fit", place / "models" / "bracket.stl", "--arch", "triplane", "-q", "-o"]
    assert run(monkeypatch, *arguments, whole) == 0
    epoch, done = Fitting.epoch, []

    def dies(fitting: Fitting) -> Epoch:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(epoch(fitting))
        return done[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fieldstone.fields.fit.SAVE_EVERY", 0.0)
        patch.setattr(Fitting, "epoch", dies)
        assert run(monkeypatch, *arguments, torn) == 130
    assert "goes on from there" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if "torn" in path.name] == [".torn.field.state"]
    assert run(monkeypatch, *arguments, torn) == 0
    assert torn.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["torn.field", "whole.field"]


def test_a_folder_is_fitted_once(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "fit",
        place / "models",
        "-o",
        place / "fields",
        "--arch",
        "triplane",
        "--stop-at",
        0.05,
        "--workers",
        1,
    ]
    assert run(monkeypatch, *arguments) == 1
    captured = capsys.readouterr()
    assert "2 fitted, 1 failed, 1 of other kinds passed over" in captured.out
    assert captured.err.count("broken.stl: is neither") == 1
    fields = sorted(path.relative_to(place / "fields").as_posix() for path in (place / "fields").rglob("*.field"))
    assert fields == ["bracket.stl.field", "inner/open.ply.field"]
    assert run(monkeypatch, *arguments) == 1
    assert "0 fitted, 2 kept as they were, 1 failed" in capsys.readouterr().out


def test_mesh_in_the_models_own_place(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = place / "back.ply"
    assert run(monkeypatch, "mesh", place / "part.field", "-o", output, "--resolution", 64, "-q") == 0
    assert "faces" in capsys.readouterr().out
    back, before = read(output).shape, samples.make("bracket", 0)
    assert isinstance(back, Mesh)
    np.testing.assert_allclose(back.vertices.min(axis=0), before.vertices.min(axis=0), atol=10.0)
    np.testing.assert_allclose(back.vertices.max(axis=0), before.vertices.max(axis=0), atol=10.0)


def test_mesh_tells_of_specks(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("fieldstone.cli.mesh.HANDFUL", 0)
    monkeypatch.setattr("fieldstone.fields.specks._specks", lambda surface, _: (np.arange(len(surface.faces)) < 3, 2))
    arguments = ["mesh", place / "part.field", "-o", place / "specks.ply", "--resolution", 32, "-q"]
    assert run(monkeypatch, *arguments) == 0
    told = capsys.readouterr()
    assert "2 of its bodies are specks of a few cells; --without-specks leaves them out" in " ".join(told.err.split())
    assert run(monkeypatch, *arguments, "--without-specks") == 0
    less = capsys.readouterr()
    assert "2 specks of a few cells were left out" in less.err
    assert int(told.out.split()[2].replace(",", "")) == int(less.out.split()[2].replace(",", "")) + 3


@pytest.mark.slow
def test_distil_keeps_where_it_came_from(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = place / "distilled.field"
    arguments = [
        "distil",
        place / "part.field",
        "-o",
        output,
        "--arch",
        "triplane",
        "--function",
        "udf",
        "--stop-at",
        0.05,
    ]
    assert run(monkeypatch, *arguments, "-q") == 0
    field = open_field(output)
    assert (field.function, field.card.source, field.frame.unit) == ("udf", "bracket.stl", "mm")


def test_an_unsigned_field_cannot_be_given_a_side(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model, udf = place / "models" / "bracket.stl", place / "udf.field"
    fit = ["fit", model, "-o", udf, "--arch", "triplane", "--function", "udf", "--stop-at", 0.05, "-q"]
    assert run(monkeypatch, *fit) == 0
    assert "sign confidence" not in capsys.readouterr().out
    assert run(monkeypatch, "distil", udf, "-o", place / "never.field", "--function", "sdf", "-q") == 1
    assert "a field of kind udf tells no sdf" in capsys.readouterr().err
    assert not (place / "never.field").exists()


def test_inspect(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "inspect", place / "part.field") == 0
    text = capsys.readouterr().out
    for word in ("triplane: nodes 33, channels 4", "15,245", "bracket.stl", "fp32", "mm²", "fit: schedule"):
        assert word in text
    assert run(monkeypatch, "inspect", place / "part.field", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["architecture"], said["parameters"], said["frame"]["unit"]) == ("triplane", 15245, "mm")
    assert said["bytes"] == (place / "part.field").stat().st_size


def test_a_field_without_a_surface_can_be_inspected(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    field = open_field(place / "part.field")
    far = dict(field.network.tensors()) | {"decoder.bias2": np.full(1, 9.0, dtype=np.float32)}
    network = KINDS["triplane"].network(field.network.config, far)
    save_field(replace(field, network=network), tmp_path / "far.field")
    assert run(monkeypatch, "inspect", tmp_path / "far.field") == 0
    assert "none: fit it again" in capsys.readouterr().out
    assert run(monkeypatch, "mesh", tmp_path / "far.field", "-o", tmp_path / "far.stl", "-q") == 1
    assert "does not pass 0 anywhere" in capsys.readouterr().err


def test_pictures(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, arguments in {
        "seen.png": ["render", "--size", 48],
        "depth.png": ["render", "--size", 48, "--depth", "--azimuth", 90],
        "cut.webp": ["slice", "--size", 64, "--axis", "y", "--at", 0.1],
    }.items():
        verb, *options = arguments
        assert run(monkeypatch, verb, place / "part.field", "-o", place / name, *options) == 0
        assert f"wrote {place / name}" in capsys.readouterr().out
        with Image.open(place / name) as picture:
            pixels = np.asarray(picture.convert("RGBA"))
        assert pixels.shape[0] == options[1]
        assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 20


def never(*_: object, **__: object) -> None:
    raise AssertionError("the work was done before its place was looked at")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["fit", "nothing.stl", "-o", "a.field"], 1, "is not there"),
        (["fit", "models/broken.stl", "-o", "a.field"], 1, "is neither an ASCII nor a binary STL"),
        (["fit", "models/bracket.stl", "-o", "no/a.field"], 1, "has no folder"),
        (["fit", "models/bracket.stl", "-o", "folder.field"], 1, "is a folder"),
        (["fit", "models", "-o", "part.field"], 1, "is no folder for fields"),
        (["fit", "models/bracket.stl", "-o", "a.stl"], 2, "ends in .field"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--stop-at", "nan"], 2, "give a mean error"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--seed", "-1"], 2, "greater than or equal to 0"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--device", "nonsense"], 1, "nonsense"),
        (["fit", "models", "-o", "fields", "--device", "nonsense"], 1, "nonsense"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--arch", "siren", "--precision", "int8"], 1, "no tables"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--color"], 1, "has no colours"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--arch", "magic"], 2, "give siren, octree"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--function", "tsdf"], 2, "give sdf, udf or occ"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--precision", "fp8"], 2, "give fp32, fp16 or int8"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--schedule", "slow"], 2, "give fast or inret"),
        (["fit", "models/bracket.stl", "-o", "a.field", "--unit", "mile"], 2, "give mm, cm"),
        (["fit", "models", "-o", "fields", "--unit", "mm"], 2, "single file"),
        (["fit", "part.field", "-o", "part.field"], 1, "is the original"),
        (["mesh", "part.field", "-o", "a.foo"], 1, "a mesh is written as one of"),
        (["mesh", "models/bracket.stl", "-o", "a.stl"], 1, "is not a field file"),
        (["mesh", "models", "-o", "a.stl"], 1, "is not a file"),
        (["mesh", "part.field", "-o", "a.stl", "--resolution", "2048"], 2, "less than or equal to 1024"),
        (["mesh", "part.field", "-o", "no/a.stl"], 1, "has no folder"),
        (["mesh", "part.field", "-o", "folder.stl"], 1, "is a folder"),
        (["render", "part.field", "-o", "no/a.png"], 1, "has no folder"),
        (["slice", "part.field", "-o", "no/a.png"], 1, "has no folder"),
        (["render", "part.field", "-o", "a.gif"], 2, "ends in .png or .webp"),
        (["render", "part.field", "-o", "a.png", "--up", "north"], 2, "give x, y or z"),
        (["slice", "part.field", "-o", "a.png", "--at", "2"], 2, "less than or equal to 1"),
        (["slice", "part.field", "-o", "a.png", "--axis", "w"], 2, "give x, y or z"),
        (["inspect", "nothing.field"], 1, "is not there"),
        (["distil", "models/bracket.stl", "-o", "a.field"], 1, "is not a field file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], status: int, message: str, place: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(place)
    monkeypatch.setenv("COLUMNS", "200")
    (place / "folder.field").mkdir(exist_ok=True)
    monkeypatch.setattr("fieldstone.fields.extract.mesh", never)
    monkeypatch.setattr("fieldstone.fields.view.render", never)
    monkeypatch.setattr("fieldstone.fields.slices.slice_picture", never)
    assert run(monkeypatch, *arguments) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert not (place / "a.field").exists()
