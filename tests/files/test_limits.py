"""What a hostile file could make of little: each is refused, or cut down with a note, before it costs memory or time."""

import json
import struct
import time

import numpy as np
import pytest

from fieldstone.errors import BrokenFile, LimitExceeded
from fieldstone.files import Limits, read, read_bytes
from tests.files import makers


def test_limits_must_let_something_pass():
    with pytest.raises(ValueError, match=r"Limits\.faces is 0"):
        Limits(faces=0)


def test_members_that_share_their_bytes():
    packed = makers.archive({f"{number}.stl": makers.binary_stl() for number in range(50)})
    start = packed.index(b"PK\x01\x02")
    first, directory = packed[: packed.index(b"PK\x03\x04", 4)], bytearray(packed[start:])
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02":
        directory[at + 42 : at + 46] = bytes(4)
        at += 46 + sum(struct.unpack_from("<3H", directory, at + 28))
    struct.pack_into("<I", directory, at + 16, len(first))
    with pytest.raises(BrokenFile, match="overlap"):
        read_bytes(first + bytes(directory), "a.zip")


def test_a_directory_of_too_many_entries_is_not_parsed():
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65000, 65000, 0, 0, 0)
    with pytest.raises(LimitExceeded, match=r"Limits\.members"):
        read_bytes(end, "a.zip", limits=Limits(members=64000))


def test_a_header_of_too_many_properties():
    text = (
        b"ply\nformat ascii 1.0\nelement vertex 1\n"
        + b"".join(b"property int a%d\n" % n for n in range(5000))
        + b"end_header\n"
    )
    with pytest.raises(BrokenFile, match="more than 1,000 properties"):
        read_bytes(text, "a.ply")


def test_an_accessor_that_stores_nothing():
    document, data = makers.gltf_document()
    document["accessors"][0] = {"componentType": 5126, "count": 20_000_000, "type": "VEC3"}
    with pytest.raises(BrokenFile, match="stores none"):
        read_bytes(makers.glb(document, data), "a.glb")


def test_one_buffer_under_many_names(tmp_path):
    document, data = makers.gltf_document()
    data += bytes(4000)
    (tmp_path / "b.bin").write_bytes(data)
    document["buffers"] = [{"uri": "./" * number + "b.bin", "byteLength": len(data)} for number in range(4)]
    for number, view in enumerate(document["bufferViews"]):
        view["buffer"] = number
    document["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    document["images"], document["textures"] = [{"bufferView": 3}], [{"source": 0}]
    path = tmp_path / "a.gltf"
    path.write_text(json.dumps(document))
    assert len(read(path).shape.faces) == 12
    with pytest.raises(LimitExceeded, match="all of its buffers"):
        read(path, limits=Limits(bytes=3 * len(data)))


def test_tinted_copies_of_a_texture_count(tmp_path):
    document, data = makers.gltf_document(texture=True)
    tinted = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "baseColorFactor": [0.5, 1, 1, 1]}}
    document["materials"] = [tinted, tinted]
    document["meshes"][0]["primitives"] *= 2
    document["meshes"][0]["primitives"][1] = {**document["meshes"][0]["primitives"][1], "material": 1}
    model = read_bytes(makers.glb(document, data), "a.glb", limits=Limits(pixels=8))
    assert "a tinted texture was left out" in model.notes[0]
    assert model.shape.paint.images[0][0, 0].tolist() == [188, 0, 0, 255]


def test_elements_are_counted_before_they_are_parsed():
    data = makers.dae().replace(b"<asset>", b"<asset>" + b"<a/>" * 2000)
    with pytest.raises(LimitExceeded, match=r"Limits\.elements"):
        read_bytes(data, "a.dae", limits=Limits(elements=2000))


def test_levels_of_nodes():
    nodes = "<node>" * 300 + '<instance_geometry url="#g"/>' + "</node>" * 300
    with pytest.raises(LimitExceeded, match="levels of nodes"):
        read_bytes(makers.dae(nodes), "a.dae")


def test_polygons_too_large_to_cut_well_are_noted():
    ring = np.random.default_rng(0).normal(size=(20_000, 2))
    text = f"OFF\n{len(ring)} 1 0\n" + "".join(f"{x} {y} 0\n" for x, y in ring.tolist())
    text += f"{len(ring)} {' '.join(map(str, range(len(ring))))}\n"
    started = time.perf_counter()
    model = read_bytes(text.encode(), "a.off")
    assert time.perf_counter() - started < 5
    assert len(model.shape.faces) == len(ring) - 2
    assert model.notes[1] == "1 of them crosses itself or is too large, and may fold over"


def test_many_material_files_are_not_all_looked_up(tmp_path):
    (tmp_path / "a.obj").write_bytes(
        b"".join(b"mtllib %d.mtl\n" % n for n in range(1000)) + b"usemtl m\n" + makers.obj()
    )
    assert "968 material files were left out" in read(tmp_path / "a.obj").notes


def test_notes_and_metadata_stay_small():
    comments = "".join(f"comment {'x' * 2000} {number}\n" for number in range(300))
    model = read_bytes(makers.ply().replace(b"comment made here\n", comments.encode()), "a.ply")
    assert len(model.metadata) <= 41
    assert max(map(len, model.metadata.values())) <= 500
    assert all(value.isprintable() for value in model.metadata.values())
