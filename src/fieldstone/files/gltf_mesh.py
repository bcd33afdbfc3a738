"""A glTF mesh: its primitives joined into one triangle mesh, and its points, if any, into a cloud."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from fieldstone.files.assembly import HERE, Piece, assemble
from fieldstone.files.checks import check_faces
from fieldstone.files.colors import srgb_from_linear
from fieldstone.files.gltf_buffers import Buffers, whole
from fieldstone.files.gltf_materials import Materials
from fieldstone.files.gltf_scene import Scene
from fieldstone.files.notes import Notes
from fieldstone.files.strips import fan_triangles, strip_triangles
from fieldstone.types import Mesh, Paint, PointCloud

__all__ = ["read_mesh"]

POINTS, TRIANGLES, STRIP, FAN = 0, 4, 5, 6


def read_mesh(
    buffers: Buffers, materials: Materials, notes: Notes, entry: Mapping[str, Any], bones: tuple[Scene, int | None]
) -> list[Mesh | PointCloud]:
    """At most one mesh, else one cloud; raises FileError, and LookupError and the like where the JSON is malformed."""
    shapes: list[Mesh | PointCloud] = []
    for primitive in entry["primitives"]:
        if (
            "KHR_draco_mesh_compression" in primitive.get("extensions", {})
            and "POSITION" not in primitive["attributes"]
        ):
            raise buffers.source.unsupported(
                "is compressed with Draco, which is not read; export it without compression"
            )
        shape = _read_primitive(buffers, materials, notes, primitive, bones)
        if shape is not None:
            shapes.append(shape)
    if any(primitive.get("targets") for primitive in entry["primitives"]):
        notes.add("shapes to morph into were left out")
    meshes = [shape for shape in shapes if isinstance(shape, Mesh)]
    if meshes and len(meshes) < len(shapes):
        notes.add("points beside a mesh were left out")
    kept: list[Mesh | PointCloud] = list(meshes) if meshes else shapes
    if len(kept) < 2:
        return kept
    whole_mesh, _ = assemble(buffers.source, [Piece("", shape, HERE) for shape in kept])
    return [whole_mesh]


def _read_primitive(
    buffers: Buffers, materials: Materials, notes: Notes, primitive: Mapping[str, Any], bones: tuple[Scene, int | None]
) -> Mesh | PointCloud | None:
    attributes, mode = primitive["attributes"], whole(primitive.get("mode", TRIANGLES))
    if "POSITION" not in attributes:
        notes.add("a primitive without positions was left out")
        return None
    if mode not in (POINTS, TRIANGLES, STRIP, FAN):
        notes.add("lines were left out")
        return None
    vertices = buffers.floats(attributes["POSITION"], 3)
    if bones[1] is not None:
        vertices = _skinned(buffers, vertices, attributes, bones[0], bones[1])
    if mode == POINTS:
        colors = (
            None
            if "COLOR_0" not in attributes
            else srgb_from_linear(buffers.read(attributes["COLOR_0"]).astype(np.float64))
        )
        return PointCloud(vertices, None, colors)
    indices = primitive.get("indices")
    corners = np.arange(len(vertices), dtype=np.int64) if indices is None else buffers.indices(indices)
    faces = _faces(notes, corners, mode)
    check_faces(buffers.source, faces, len(vertices))
    if len(faces) == 0:
        notes.add("a primitive without faces was left out")
        return None
    return Mesh(vertices, faces, _paint(buffers, materials, primitive, faces, len(vertices)))


def _faces(notes: Notes, corners: Int64[np.ndarray, "n"], mode: int) -> Int64[np.ndarray, "m 3"]:
    if mode == STRIP:
        return strip_triangles(corners, np.array([len(corners)]))
    if mode == FAN:
        return fan_triangles(corners)
    if len(corners) % 3:
        notes.add(f"{len(corners) % 3} corners behind the last whole triangle were left out")
    return corners[: len(corners) // 3 * 3].reshape(-1, 3)


def _paint(
    buffers: Buffers,
    materials: Materials,
    primitive: Mapping[str, Any],
    faces: Int64[np.ndarray, "m 3"],
    n_vertices: int,
) -> Paint | None:
    """Vertex colours (times the material's), or the material's colour on every face, and its image."""
    attributes, material = primitive["attributes"], materials.get(primitive.get("material"))
    vertex, face = None, None
    if "COLOR_0" in attributes:
        linear = buffers.read(attributes["COLOR_0"]).astype(np.float64)
        if len(linear) != n_vertices or linear.shape[1] not in (3, 4):
            raise ValueError("colours and positions differ in number")
        factor = np.ones(4) if material is None else material.factor
        vertex = srgb_from_linear(np.c_[linear, np.ones((n_vertices, 4 - linear.shape[1]))] * factor)
    elif material is not None:
        face = np.tile(material.color, (len(faces), 1))
    coordinates = None if material is None else attributes.get(f"TEXCOORD_{material.channel}")
    if material is None or material.image is None or coordinates is None:
        return None if vertex is None and face is None else Paint(vertex=vertex, face=face)
    uv = material.texture_coordinates(buffers.floats(coordinates, 2).astype(np.float32))
    if len(uv) != n_vertices:
        raise ValueError("texture coordinates and positions differ in number")
    none = np.zeros(len(faces), dtype=np.int64)
    return Paint(vertex=vertex, face=face, uv=np.nan_to_num(uv[faces]), image_of_face=none, images=(material.image,))


def _skinned(
    buffers: Buffers, vertices: Float64[np.ndarray, "n 3"], attributes: Mapping[str, Any], scene: Scene, skin: int
) -> Float64[np.ndarray, "n 3"]:
    """The vertices where their joints hold them at rest (glTF 2.0, 3.7.3.3): weights * poses @ inverse binds."""
    entry = buffers.item("skins", skin)
    joints = [whole(joint) for joint in entry["joints"]]
    poses = np.stack([scene.poses.get(joint, np.eye(4)) for joint in joints])
    if "inverseBindMatrices" in entry:
        inverse = buffers.floats(entry["inverseBindMatrices"], 16).reshape(-1, 4, 4).transpose(0, 2, 1)
        poses = poses @ inverse[: len(joints)]
    if "JOINTS_0" not in attributes or "WEIGHTS_0" not in attributes:
        return vertices
    chosen, weights = buffers.read(attributes["JOINTS_0"]).astype(np.int64), buffers.floats(attributes["WEIGHTS_0"], 4)
    if chosen.shape != (len(vertices), 4) or len(weights) != len(vertices):
        raise ValueError("joints and positions differ in number")
    blended = np.zeros((len(vertices), 4, 4))
    for slot in range(4):
        blended += weights[:, slot, None, None] * poses[chosen[:, slot]]
    turned: Float64[np.ndarray, "n 3"] = np.einsum("nij,nj->ni", blended[:, :3, :3], vertices)
    return turned + blended[:, :3, 3]
