import io
import zipfile

import numpy as np
import pytest

from fieldstone.errors import BrokenFile, EmptyFile, LimitExceeded
from fieldstone.files import Limits, read_bytes
from tests.files import makers


def test_box_with_unit():
    model = read_bytes(makers.threemf(), "a.3mf")
    assert np.array_equal(model.shape.vertices, makers.BOX)
    assert np.array_equal(model.shape.faces, makers.FACES)
    assert (model.unit, model.up, model.parts) == ("inch", "z", ())
    assert model.metadata["Title"] == "a box"


@pytest.mark.parametrize(
    ("word", "unit"),
    [("", "mm"), ("micron", "um"), ("millimeter", "mm"), ("centimeter", "cm"), ("foot", "ft"), ("meter", "m")],
)
def test_every_unit(word, unit):
    assert read_bytes(makers.threemf(unit=f' unit="{word}"' if word else ""), "a.3mf").unit == unit


def test_components_and_items_multiply():
    resources = makers.threemf_object() + (
        '<object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 5 0 0"/>'
        '<component objectid="1"/></components></object>'
    )
    build = '<item objectid="2" transform="0 1 0 -1 0 0 0 0 1 0 0 7"/><item objectid="2"/><item objectid="1"/>'
    model = read_bytes(makers.threemf(resources, build), "a.3mf")
    (part,) = model.parts
    assert part.placements.shape == (5, 4, 4)
    assert len(model.shape.faces) == 60
    # x, y, z -> -y, x, z + 7 of the box moved by 5 along x
    moved = makers.BOX + np.array([5, 0, 0])
    assert np.allclose(model.shape.vertices[:8], np.c_[-moved[:, 1], moved[:, 0], moved[:, 2] + 7])


def test_same_name_different_shape_stay_two_parts():
    small = makers.threemf_object(2).replace('x="1.0"', 'x="0.5"')
    model = read_bytes(
        makers.threemf(makers.threemf_object() + small, '<item objectid="1"/><item objectid="2"/>'), "a.3mf"
    )
    assert [part.name for part in model.parts] == ["box", "box"]


def test_production_extension_reads_parts_of_the_package():
    other = (
        f'<model unit="inch" xmlns="{makers.CORE}"><resources>{makers.threemf_object(7)}</resources><build/></model>'
    ).encode()
    build = '<item objectid="7" p:path="/3D/other.model"/>'
    model = read_bytes(makers.threemf("<object id='9'/>", build, **{"3D/other.model": other}), "a.3mf")
    assert len(model.shape.faces) == 12


def test_colours_of_objects_and_of_triangles():
    groups = (
        '<basematerials id="5"><base name="x" displaycolor="#FF0000"/></basematerials>'
        '<m:colorgroup id="6"><m:color color="#00FF0080"/><m:color color="#0000FF"/></m:colorgroup>'
    )
    whole = read_bytes(makers.threemf(groups + makers.threemf_object(more=' pid="5" pindex="0"')), "a.3mf").shape.paint
    assert (whole.face == [255, 0, 0, 255]).all()
    every = read_bytes(makers.threemf(groups + makers.threemf_object(triangle=' pid="6" p1="1"')), "a.3mf").shape.paint
    assert (every.face == [0, 0, 255, 255]).all()
    one = makers.threemf_object(more=' pid="5" pindex="0"').replace('v3="3"/>', 'v3="3" pid="6" p1="0"/>', 1)
    mixed = read_bytes(makers.threemf(groups + one), "a.3mf").shape.paint
    assert mixed.face[:2].tolist() == [[0, 255, 0, 128], [255, 0, 0, 255]]


def test_texture():
    groups = (
        '<m:texture2d id="3" path="/3D/t.png" contenttype="image/png"/><m:texture2dgroup id="4" texid="3">'
        '<m:tex2coord u="0" v="0"/><m:tex2coord u="1" v="0"/><m:tex2coord u="0" v="1"/></m:texture2dgroup>'
    )
    data = makers.threemf(
        groups + makers.threemf_object(triangle=' pid="4" p1="0" p2="1" p3="2"'), **{"3D/t.png": makers.png()}
    )
    paint = read_bytes(data, "a.3mf").shape.paint
    assert paint.uv[0].tolist() == [[0, 0], [1, 0], [0, 1]]
    assert paint.images[0][0, 0].tolist() == [255, 0, 0, 255]


LOOP = '<object id="1"><components><component objectid="1"/></components></object>'
TWICE = "".join(
    f'<object id="{n}"><components><component objectid="{n + 1}"/><component objectid="{n + 1}"/></components></object>'
    for n in range(1, 40)
)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (makers.threemf(LOOP), BrokenFile, "contains itself"),
        (makers.threemf(TWICE + makers.threemf_object(40)), LimitExceeded, "Limits.instances"),
        (makers.threemf(build='<item objectid="3"/>'), BrokenFile, "not there"),
        (makers.threemf()[:-40], BrokenFile, "not a whole ZIP"),
        (makers.archive({"a": b"b"}), BrokenFile, "is not in the archive"),
        (makers.threemf(makers.threemf_object().replace('z="3.0"', 'z="NaN"')), BrokenFile, "not finite"),
        (makers.threemf(makers.threemf_object().replace('z="3.0"', "")), BrokenFile, "vertices without x, y, z"),
        (makers.threemf(makers.threemf_object().replace('v1="0"', 'v1="99"')), BrokenFile, "not there"),
        (makers.threemf("<object id='1'><components/></object>"), EmptyFile, "no mesh"),
        (makers.threemf(build='<item objectid="1" transform="1 2"/>'), BrokenFile, "not well-formed 3MF"),
        (makers.threemf("<!DOCTYPE a>"), BrokenFile, "document type"),
    ],
)
def test_refusals_say_why(data, error, words):
    with pytest.raises(error, match=words):
        read_bytes(data, "a.3mf", limits=Limits(instances=20_000))


def test_bomb_is_refused_by_its_ratio():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("_rels/.rels", b" " * 20_000_000)
    with pytest.raises(LimitExceeded, match=r"Limits\.zip_ratio"):
        read_bytes(file.getvalue(), "a.3mf")
