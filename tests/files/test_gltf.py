import json

import numpy as np
import pytest

from fieldstone.errors import BrokenFile, EmptyFile, LimitExceeded, UnsupportedFormat
from fieldstone.files import Limits, read, read_bytes
from fieldstone.types import Mesh, PointCloud
from tests.files import makers


def test_glb_and_gltf_say_the_same():
    for name, data in (("a.glb", makers.glb()), ("a.gltf", makers.gltf())):
        model = read_bytes(data, name)
        assert np.array_equal(model.shape.vertices, makers.BOX)
        assert np.array_equal(model.shape.faces, makers.FACES)
        assert (model.unit, model.up, model.parts) == ("m", "y", ())
        assert model.shape.paint.face[0].tolist() == [255, 0, 0, 255]
        assert model.metadata["materials"] == "paint"


def test_instances_are_one_part_and_mirrored_ones_stay_outside_out():
    nodes = [
        {"children": [1, 2], "translation": [0, 0, 10]},
        {"mesh": 0, "name": "left", "scale": [2, 2, 2]},
        {"mesh": 0, "name": "right", "scale": [-1, 1, 1]},
    ]
    model = read_bytes(makers.glb(nodes=nodes), "a.glb")
    (part,) = model.parts
    assert part.name == "left"
    assert part.placements.shape == (2, 4, 4)
    assert np.array_equal(part.shape.vertices, makers.BOX)
    assert np.array_equal(model.shape.vertices[:8], 2 * makers.BOX + np.array([0, 0, 10]))

    def volume(mesh: Mesh) -> float:
        corners = mesh.vertices[mesh.faces]
        return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))) / 6

    assert np.isclose(volume(model.shape), 9 * volume(part.shape))


def test_equal_geometry_under_two_names_is_one_part():
    document, data = makers.gltf_document(
        nodes=[{"children": [1, 2]}, {"mesh": 0, "name": "a"}, {"mesh": 1, "name": "b"}]
    )
    document["meshes"].append(document["meshes"][0])
    model = read_bytes(makers.glb(document, data), "a.glb")
    assert [(part.name, len(part.placements)) for part in model.parts] == [("a", 2)]


def test_texture_is_decoded_and_uv_is_turned():
    paint = read_bytes(makers.glb(texture=True), "a.glb").shape.paint
    assert paint.images[0].shape == (2, 2, 4)
    assert (paint.image_of_face == 0).all()
    assert np.array_equal(paint.uv[..., 1], (1.0 - makers.BOX[makers.FACES][..., 1]).astype(np.float32))


def test_rotation_and_matrix():
    half = np.sqrt(0.5)
    turned = read_bytes(makers.glb(nodes=[{"mesh": 0, "rotation": [0, 0, half, half]}]), "a.glb").shape.vertices
    assert np.allclose(turned, makers.BOX @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]]))
    matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1]
    moved = read_bytes(makers.glb(nodes=[{"mesh": 0, "matrix": matrix}]), "a.glb").shape.vertices
    assert np.array_equal(moved, makers.BOX + np.array([5, 6, 7]))


def test_points_strips_fans_and_lines():
    document, data = makers.gltf_document()
    primitive = document["meshes"][0]["primitives"][0]
    primitive["mode"] = 0
    assert isinstance(read_bytes(makers.glb(document, data), "a.glb").shape, PointCloud)
    primitive["mode"] = 1
    with pytest.raises(EmptyFile):
        read_bytes(makers.glb(document, data), "a.glb")
    del primitive["indices"]
    primitive["mode"] = 5
    assert read_bytes(makers.glb(document, data), "a.glb").shape.faces[:3].tolist() == [[0, 1, 2], [2, 1, 3], [2, 3, 4]]
    primitive["mode"] = 6
    assert read_bytes(makers.glb(document, data), "a.glb").shape.faces[:2].tolist() == [[0, 1, 2], [0, 2, 3]]


def test_sparse_and_normalised_accessors():
    document, data = makers.gltf_document()
    start = len(data)
    data += np.array([0], "<u2").tobytes() + b"\0\0" + np.array([7, 8, 9], "<f4").tobytes()
    views = document["bufferViews"]
    views += [
        {"buffer": 0, "byteOffset": start, "byteLength": 2},
        {"buffer": 0, "byteOffset": start + 4, "byteLength": 12},
    ]
    document["buffers"][0]["byteLength"] = len(data)
    document["accessors"][0]["sparse"] = {
        "count": 1, "indices": {"bufferView": 4, "componentType": 5123}, "values": {"bufferView": 5}
    }  # fmt: skip
    assert read_bytes(makers.glb(document, data), "a.glb").shape.vertices[0].tolist() == [7, 8, 9]


def test_skin_holds_the_mesh_where_its_joints_are():
    document, data = makers.gltf_document(
        nodes=[{"mesh": 0, "skin": 0, "translation": [100, 0, 0], "children": [1]}, {"scale": [2, 2, 2]}]
    )
    document["nodes"][0]["children"] = []
    document["scenes"][0]["nodes"] = [0, 1]
    joints, weights = np.zeros((8, 4), "<u1").tobytes(), np.tile([1, 0, 0, 0], (8, 1)).astype("<f4").tobytes()
    for block, kind, name in ((joints, 5121, "JOINTS_0"), (weights, 5126, "WEIGHTS_0")):
        document["bufferViews"].append({"buffer": 0, "byteOffset": len(data), "byteLength": len(block)})
        data += block
        view = len(document["bufferViews"]) - 1
        document["accessors"].append({"bufferView": view, "componentType": kind, "count": 8, "type": "VEC4"})
        document["meshes"][0]["primitives"][0]["attributes"][name] = len(document["accessors"]) - 1
    document["skins"] = [{"joints": [1]}]
    document["buffers"][0]["byteLength"] = len(data)
    assert np.allclose(read_bytes(makers.glb(document, data), "a.glb").shape.vertices, 2 * makers.BOX)


def test_buffer_beside_and_buffer_outside(tmp_path):
    _, data = makers.gltf_document()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a b.bin").write_bytes(data)
    (tmp_path / "out.bin").write_bytes(data)
    path = tmp_path / "in" / "a.gltf"
    path.write_bytes(makers.gltf("a%20b.bin"))
    assert len(read(path).shape.faces) == 12
    for uri in (
        "../out.bin",
        str(tmp_path / "out.bin"),
        "%2e%2e/out.bin",
        "file:///etc/passwd",
        "http://localhost/out.bin",
    ):
        path.write_bytes(makers.gltf(uri))
        with pytest.raises(BrokenFile, match="not in the file's own folder"):
            read(path)
    (tmp_path / "in" / "link.bin").symlink_to(tmp_path / "out.bin")
    path.write_bytes(makers.gltf("link.bin"))
    with pytest.raises(BrokenFile, match="not in the file's own folder"):
        read(path)


def changed(change) -> bytes:
    document, data = makers.gltf_document()
    change(document)
    return makers.glb(document, data)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (makers.glb()[:-1], BrokenFile, "promises"),
        (makers.glb()[:15], BrokenFile, "header"),
        (b"glTF\1\0\0\0" + makers.glb()[8:], UnsupportedFormat, "version 1"),
        (b"{}", BrokenFile, "no glTF"),
        (b"[" * 100_000, BrokenFile, "nested too deeply"),
        (json.dumps({"asset": {"version": "1.0"}}).encode(), UnsupportedFormat, "version 1.0"),
        (changed(lambda d: d["nodes"][0].pop("mesh")), EmptyFile, "no geometry"),
        (changed(lambda d: d["nodes"][0].update(children=[0])), BrokenFile, "twice"),
        (changed(lambda d: d["accessors"][0].update(count=10**9)), LimitExceeded, "Limits.vertices"),
        (changed(lambda d: d["accessors"][0].update(count=80)), BrokenFile, "holds fewer"),
        (changed(lambda d: d["accessors"][1].update(componentType=5125)), BrokenFile, "holds fewer"),
        (changed(lambda d: d["bufferViews"][0].update(byteLength=10**9)), BrokenFile, "cut short"),
        (changed(lambda d: d["meshes"][0].pop("primitives")), BrokenFile, "not well-formed glTF"),
        (changed(lambda d: d.update(extensionsRequired=["KHR_draco_mesh_compression"])), UnsupportedFormat, "Draco"),
    ],
)
def test_refusals_say_why(data, error, words):
    with pytest.raises(error, match=words):
        read_bytes(data, "a.glb")


def test_instances_count_before_they_are_composed():
    nodes = [{"children": list(range(1, 1001))}, *({"mesh": 0} for _ in range(1000))]
    with pytest.raises(LimitExceeded, match="12,000 faces"):
        read_bytes(makers.glb(nodes=nodes), "a.glb", limits=Limits(faces=11_999))
    assert len(read_bytes(makers.glb(nodes=nodes), "a.glb").parts[0].placements) == 1000


def test_broken_and_oversized_textures_become_notes():
    document, data = makers.gltf_document(texture=True)
    document["bufferViews"][3]["byteLength"] = 20
    model = read_bytes(makers.glb(document, data), "a.glb")
    assert "cannot be decoded" in model.notes[0]
    model = read_bytes(makers.glb(texture=True), "a.glb", limits=Limits(pixels=3))
    assert "Limits.pixels" in model.notes[0]
    assert model.shape.paint.images == ()
