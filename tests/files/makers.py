"""Small files of every format, made in memory: a box of 1 x 2 x 3 unless told otherwise."""

import base64
import io
import json
import struct
import zipfile

import numpy as np

BOX = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 2.0) for z in (0.0, 3.0)])
QUADS = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
FACES = np.concatenate([QUADS[:, [0, 1, 2]], QUADS[:, [0, 2, 3]]])
CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
MATERIAL = "http://schemas.microsoft.com/3dmanufacturing/material/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"


def binary_stl(header: bytes = b"box", vertices=BOX, faces=FACES, attribute: int = 0) -> bytes:
    rows = np.zeros(len(faces), dtype=[("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")])
    rows["v"], rows["a"] = vertices[faces], attribute
    return header.ljust(80, b"\0") + struct.pack("<I", len(faces)) + rows.tobytes()


def ascii_stl(names=("box",), shift: float = 0.0) -> bytes:
    text = ""
    for number, name in enumerate(names):
        text += f"solid {name}\n"
        for triangle in (BOX + shift * number)[FACES].tolist():
            corners = "".join(f"      vertex {x} {y} {z}\n" for x, y, z in triangle)
            text += f"  facet normal 0 0 1\n    outer loop\n{corners}    endloop\n  endfacet\n"
        text += f"endsolid {name}\n"
    return text.encode()


def obj(extra_vertex: str = "", faces=QUADS, head: str = "") -> bytes:
    text = head + "".join(f"v {x} {y} {z}{extra_vertex}\n" for x, y, z in BOX.tolist())
    return (text + "".join(f"f {' '.join(str(i + 1) for i in face)}\n" for face in faces.tolist())).encode()


def off(head: str = "OFF", color: str = "") -> bytes:
    text = f"{head}\n8 6 12\n" + "".join(f"{x} {y} {z}\n" for x, y, z in BOX.tolist())
    return (text + "".join(f"4 {a} {b} {c} {d}{color}\n" for a, b, c, d in QUADS.tolist())).encode()


def ply(order: str = "ascii", mixed: bool = False, comment: str = "made here", colors: bool = False) -> bytes:
    """A box of quads, or (mixed) of five quads and two triangles."""
    polygons = [*QUADS[:5].tolist(), [1, 5, 7], [1, 7, 3]] if mixed else QUADS.tolist()
    color = "property uchar red\nproperty uchar green\nproperty uchar blue\n" if colors else ""
    header = (
        f"ply\nformat {order} 1.0\ncomment {comment}\nelement vertex 8\n"
        f"property float x\nproperty float y\nproperty float z\n{color}element face {len(polygons)}\n"
        "property list uchar int vertex_indices\nproperty uchar flag\nend_header\n"
    ).encode()
    if order == "ascii":
        tail = " 255 0 7" if colors else ""
        body = "".join(f"{x} {y} {z}{tail}\n" for x, y, z in BOX.tolist())
        return header + (body + "".join(f"{len(p)} {' '.join(map(str, p))} 9\n" for p in polygons)).encode()
    mark = "<" if order == "binary_little_endian" else ">"
    data = b"".join(struct.pack(f"{mark}3f", *point) + (b"\xff\x00\x07" if colors else b"") for point in BOX.tolist())
    return header + data + b"".join(struct.pack(f"{mark}B{len(p)}iB", len(p), *p, 9) for p in polygons)


def png(width: int = 2, height: int = 2, color=(255, 0, 0, 255)) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGBA", (width, height), color).save(file, "PNG")
    return file.getvalue()


def gltf_document(nodes=None, texture: bool = False) -> tuple[dict, bytes]:
    """A glTF of the box, and its buffer: positions, indices, uv, an image."""
    positions, indices = BOX.astype("<f4").tobytes(), FACES.astype("<u2").tobytes()
    uv, image = BOX[:, :2].astype("<f4").tobytes(), png()
    blocks, views, data = [positions, indices, uv, image], [], b""
    for block in blocks:
        views.append({"buffer": 0, "byteOffset": len(data), "byteLength": len(block)})
        data += block + b"\0" * (-len(block) % 4)
    document = {
        "asset": {"version": "2.0", "generator": "made here"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes or [{"mesh": 0, "name": "box"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 2}, "indices": 1, "material": 0}]}],
        "materials": [{"name": "paint", "pbrMetallicRoughness": {"baseColorFactor": [1.0, 0.0, 0.0, 1.0]}}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5126, "count": 8, "type": "VEC2"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": len(data)}],
    }
    if texture:
        document["images"] = [{"bufferView": 3, "mimeType": "image/png"}]
        document["textures"] = [{"source": 0}]
        document["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    return document, data


def glb(document: dict | None = None, data: bytes | None = None, **kwargs) -> bytes:
    if document is None or data is None:
        document, data = gltf_document(**kwargs)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(data), 0x004E4942) + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def gltf(uri: str | None = None) -> bytes:
    document, data = gltf_document()
    document["buffers"][0]["uri"] = uri or "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    return json.dumps(document).encode()


def dae(nodes: str | None = None, asset: str = '<unit name="inch" meter="0.0254"/><up_axis>Z_UP</up_axis>') -> bytes:
    points = " ".join(str(x) for x in BOX.ravel().tolist())
    corners = " ".join(str(x) for x in QUADS.ravel().tolist())
    nodes = nodes or '<node id="n" name="box"><instance_geometry url="#g"/></node>'
    return f"""<?xml version="1.0" encoding="utf-8"?>
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset><contributor><author>someone</author></contributor>{asset}</asset>
<library_effects><effect id="e"><profile_COMMON><technique sid="t"><lambert><diffuse><color>1 0 0 1</color></diffuse>
</lambert></technique></profile_COMMON></effect></library_effects>
<library_materials><material id="m" name="red"><instance_effect url="#e"/></material></library_materials>
<library_geometries><geometry id="g" name="box"><mesh>
<source id="p"><float_array id="pa" count="24">{points}</float_array>
<technique_common><accessor source="#pa" count="8" stride="3"/></technique_common></source>
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
<polylist count="6" material="M"><input semantic="VERTEX" source="#v" offset="0"/>
<vcount>4 4 4 4 4 4</vcount><p>{corners}</p></polylist></mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="s">{nodes}</visual_scene></library_visual_scenes>
<scene><instance_visual_scene url="#s"/></scene></COLLADA>""".encode()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, data in members.items():
            packed.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def threemf_object(number: int = 1, name: str = "box", more: str = "", triangle: str = "") -> str:
    points = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in BOX.tolist())
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"{triangle}/>' for a, b, c in FACES.tolist())
    return (
        f'<object id="{number}" name="{name}" type="model"{more}><mesh><vertices>{points}</vertices>'
        f"<triangles>{faces}</triangles></mesh></object>"
    )


def threemf(
    resources: str | None = None, build: str = '<item objectid="1"/>', unit: str = ' unit="inch"', **more: bytes
) -> bytes:
    model = (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<model{unit} xmlns="{CORE}" xmlns:m="{MATERIAL}" xmlns:p="{PRODUCTION}">'
        f'<metadata name="Title">a box</metadata><resources>{resources or threemf_object()}</resources>'
        f"<build>{build}</build></model>"
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r"'
        ' Target="/3D/3dmodel.model" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>'
        "</Relationships>"
    )
    return archive({"_rels/.rels": relations.encode(), "3D/3dmodel.model": model.encode(), **more})


def xyz(header: str = "", tail: str = "") -> bytes:
    return (header + "".join(f"{x} {y} {z}{tail}\n" for x, y, z in BOX.tolist())).encode()
