"""The real files: every good one lands with the unit its format tells; every awkward one is a shape or says why not."""

import numpy as np
import pytest

from fieldstone.errors import EmptyFile, FileError
from fieldstone.files import read, read_entry, scan
from fieldstone.types import Mesh

UNITS = {".glb": "m", ".step": "m", ".stl": None, ".obj": None, ".ply": None, ".off": None, ".xyz": None, ".zip": None}
OWN = {
    "P_XPM_0331_01.3mf": "mm", "counterXP.3MF": "mm", "cube_and_sphere_same_name.3mf": "mm", "pyramids.3mf": "mm",
    "featuretype.3MF": "inch", "blue_cube.dae": "m", "duck.dae": "cm",
}  # fmt: skip
EMPTY = {
    "empty.obj", "empty.ply", "empty.stl", "stl_empty_bin.stl", "empty_nodes.glb", "ply_empty_header.ply",
    "obj_wireframe.obj", "face_in_group_name.obj",
}  # fmt: skip


def test_good_files(shared_data):
    paths = sorted((shared_data / "files" / "good").iterdir())
    assert len(paths) == 41
    for path in (path for path in paths if path.suffix != ".STEP"):
        model = read(path)
        assert model.unit == OWN.get(path.name, UNITS.get(path.suffix.lower())), path.name


@pytest.mark.slow
def test_step_files(shared_data):
    pytest.importorskip("cascadio")
    model = read(shared_data / "files" / "good" / "featuretype.STEP")
    assert model.unit == "m"
    assert np.allclose(np.ptp(model.shape.vertices, axis=0), [0.127, 0.0635, 0.034925])
    box = read(shared_data / "files" / "good" / "box_sides.STEP")
    assert sum(len(part.placements) for part in box.parts) == 10
    assert len(box.parts) == 6
    assert box.parts[0].name == "box_base"


def test_awkward_files(shared_data):
    refused = {}
    for entry in scan(shared_data / "files" / "awkward"):
        try:
            assert isinstance(read_entry(entry).shape.__class__, type)
        except FileError as error:
            refused[entry.path.name] = error
    assert set(refused) == EMPTY
    assert all(isinstance(error, EmptyFile) for error in refused.values())


def test_one_shape_in_two_formats(shared_data):
    folder = shared_data / "files" / "good"

    def extents(name):
        return np.ptp(read(folder / name).shape.vertices, axis=0)

    assert np.allclose(extents("Duck.glb") * 100, extents("duck.dae"), atol=1e-3)
    assert np.allclose(extents("suzanne.ply"), extents("monkey.glb"))
    assert np.allclose(extents("fuze.obj"), extents("fuze.ply"))
    assert np.allclose(extents("featuretype.STL"), extents("featuretype.3MF"))


def test_assemblies(shared_data):
    folder = shared_data / "files" / "good"

    def parts(name):
        return [(part.name, len(part.placements)) for part in read(folder / name).parts]

    assert parts("counterXP.3MF") == [("body418", 1), ("body14018", 5)]
    assert parts("CesiumMilkTruck.glb") == [("Cesium_Milk_Truck", 1), ("Wheels", 2)]
    assert parts("nested.glb") == [("block01", 3)]
    assert len(parts("rabbit.obj")) == 9
    assert [count for _, count in parts("pyramids.3mf")] == [3, 1, 1, 1, 3, 3]
    assert parts("../awkward/multibody.stl") == [("bodyB", 1), ("bodyA", 1)]


def test_reading_is_deterministic(shared_data):
    for name in ("counterXP.3MF", "rabbit.obj", "CesiumMilkTruck.glb"):
        first, second = (read(shared_data / "files" / "good" / name) for _ in range(2))
        assert isinstance(first.shape, Mesh)
        assert isinstance(second.shape, Mesh)
        assert first.shape.vertices.tobytes() == second.shape.vertices.tobytes()
        assert first.shape.faces.tobytes() == second.shape.faces.tobytes()
        assert first.notes == second.notes
