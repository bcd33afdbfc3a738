import numpy as np
import pytest

from fieldstone.errors import BrokenFile, EmptyFile, LimitExceeded
from fieldstone.files import Limits, read, read_bytes
from tests.files import makers

BOUND = (
    '<node name="box"><instance_geometry url="#g"><bind_material><technique_common>'
    '<instance_material symbol="M" target="#m"/></technique_common></bind_material></instance_geometry></node>'
)


def test_unit_axis_and_colours():
    model = read_bytes(makers.dae(BOUND), "a.dae")
    assert np.array_equal(model.shape.vertices, makers.BOX)
    assert len(model.shape.faces) == 12
    assert (model.unit, model.up) == ("inch", "z")
    assert model.shape.paint.face[0].tolist() == [255, 0, 0, 255]
    assert model.metadata["author"] == "someone"


def test_prefixed_names_and_other_encodings():
    text = makers.dae().decode()
    prefixed = text.replace("xmlns=", "xmlns:c=").replace("</", "\0").replace("<", "<c:").replace("\0", "</c:")
    prefixed = prefixed.replace("<c:?xml", "<?xml")
    assert len(read_bytes(prefixed.encode(), "a.dae").shape.faces) == 12
    assert len(read_bytes(text.replace("utf-8", "utf-16").encode("utf-16"), "a.dae").shape.faces) == 12
    latin = text.replace("utf-8", "iso-8859-1").replace("someone", "J\u00fcrgen").encode("latin-1")
    assert read_bytes(latin, "a.dae").metadata["author"] == "J\u00fcrgen"


def test_format_defaults_and_odd_units():
    model = read_bytes(makers.dae(asset=""), "a.dae")
    assert (model.unit, model.up) == ("m", "y")
    odd = read_bytes(makers.dae(asset='<unit meter="0.1" name="decimetre"/>'), "a.dae")
    assert odd.unit is None
    assert "0.1 m long" in odd.notes[-1]


def test_override():
    model = read_bytes(makers.dae(), "a.dae", unit="mm", up="x")
    assert (model.unit, model.up) == ("mm", "x")


def test_transforms_in_order_and_instances():
    nodes = (
        '<node id="a"><translate>10 0 0</translate><rotate>0 0 1 90</rotate><scale>2 2 2</scale>'
        '<instance_geometry url="#g"/></node><node id="b"><matrix>1 0 0 5 0 1 0 0 0 0 1 0 0 0 0 1</matrix>'
        '<instance_node url="#a"/></node>'
    )
    model = read_bytes(makers.dae(nodes), "a.dae")
    turned = 2 * makers.BOX @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]]) + [10, 0, 0]
    assert np.allclose(model.shape.vertices, np.concatenate([turned, turned + np.array([5, 0, 0])]))
    assert [(part.name, len(part.placements)) for part in model.parts] == [("a", 2)]


@pytest.mark.parametrize(
    ("kind", "inner", "faces"),
    [
        ("triangles", "<p>0 1 3 0 3 2</p>", [[0, 1, 3], [0, 3, 2]]),
        ("polygons", "<p>0 1 3</p><p>4 6 7 5</p>", [[0, 1, 3], [4, 6, 7], [4, 7, 5]]),
        ("tristrips", "<p>0 1 2 3</p>", [[0, 1, 2], [2, 1, 3]]),
        ("trifans", "<p>0 1 3 2</p><p>4 5 6</p>", [[0, 1, 3], [0, 3, 2], [4, 5, 6]]),
    ],
)
def test_every_kind_of_polygon(kind, inner, faces):
    text = makers.dae().decode()
    begin, end = text.index("<polylist"), text.index("</mesh>")
    text = (
        text[:begin]
        + f'<{kind} count="2"><input semantic="VERTEX" source="#v" offset="0"/>{inner}</{kind}>'
        + text[end:]
    )
    assert read_bytes(text.encode(), "a.dae").shape.faces.tolist() == faces


def test_texture_beside(tmp_path):
    (tmp_path / "t.png").write_bytes(makers.png())
    text = makers.dae().decode()
    text = text.replace("<color>1 0 0 1</color>", '<texture texture="s" texcoord="UV"/>').replace(
        "<technique sid",
        '<newparam sid="f"><surface type="2D"><init_from>i</init_from></surface></newparam>'
        '<newparam sid="s"><sampler2D><source>f</source></sampler2D></newparam><technique sid',
    )
    image = '<library_images><image id="i"><init_from>./t.png</init_from></image></library_images>'
    text = text.replace("<library_effects>", image + "<library_effects>")
    uv = (
        '<source id="uv"><float_array id="ua" count="8">0 0 1 0 0 1 1 1</float_array>'
        '<technique_common><accessor count="4" stride="2"/></technique_common></source>'
    )
    text = text.replace("<vertices", uv + "<vertices")
    begin, end = text.index("<polylist"), text.index("</mesh>")
    text = text[:begin] + (
        '<triangles count="1" material="M"><input semantic="VERTEX" source="#v" offset="0"/>'
        '<input semantic="TEXCOORD" source="#uv" offset="1"/><p>0 0 1 1 3 3</p></triangles>'
    ) + text[end:]  # fmt: skip
    text = text.replace('<node id="n" name="box"><instance_geometry url="#g"/></node>', BOUND)
    (tmp_path / "a.dae").write_text(text)
    paint = read(tmp_path / "a.dae").shape.paint
    assert paint.uv.tolist() == [[[0, 0], [1, 0], [1, 1]]]
    assert paint.image_of_face.tolist() == [0]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (makers.dae()[:-200], BrokenFile, "not well-formed XML"),
        (b"<html/>", BrokenFile, "no COLLADA"),
        (makers.dae().replace(b"?>", b"?>" + BOMB.encode(), 1), BrokenFile, "document type"),
        (
            makers.dae().decode().replace("?>", "?>" + BOMB, 1).replace("utf-8", "utf-16").encode("utf-16"),
            BrokenFile,
            "document type",
        ),
        (makers.dae().replace(b'encoding="utf-8"', b'encoding="UTF-7"'), BrokenFile, "encoding"),
        (makers.dae().replace(b"<p>0 1 3 2", b"<p>0 1 3 8"), BrokenFile, "not there"),
        (makers.dae().replace(b"<p>0 1 3 2", b"<p>0 1 3"), BrokenFile, "promises 24 face corners and holds 23"),
        (makers.dae().replace(b'count="6"', b'count="1000000000"'), LimitExceeded, "Limits.faces"),
        (makers.dae("<node/>"), EmptyFile, "no geometry"),
        (makers.dae('<node><instance_geometry url="#nothing"/></node>'), BrokenFile, "geometry that is not there"),
        (makers.dae('<node id="l"><instance_node url="#l"/></node>'), BrokenFile, "contains itself"),
        (makers.dae("<node><matrix>1 2 3</matrix></node>"), BrokenFile, "not well-formed COLLADA"),
    ],
)
def test_refusals_say_why(data, error, words):
    with pytest.raises(error, match=words):
        read_bytes(data, "a.dae")


def test_flood_of_instances_is_refused_quickly():
    levels = "".join(
        f'<node id="l{n}"><instance_node url="#l{n + 1}"/><instance_node url="#l{n + 1}"/></node>' for n in range(40)
    )
    nodes = f'{levels}<node id="l40"><instance_geometry url="#g"/></node>'
    with pytest.raises(LimitExceeded, match=r"Limits\.instances"):
        read_bytes(makers.dae(nodes), "a.dae", limits=Limits(instances=5000))
