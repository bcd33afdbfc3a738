"""glTF's scene: which mesh stands where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float64

from fieldstone.files.gltf_buffers import Buffers, whole
from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["Pose", "Scene", "read_scene"]

Pose = Float64[np.ndarray, "4 4"]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Of every mesh (and skin, or None) the names and poses of the nodes that show it; and the pose of every node."""

    instances: dict[tuple[int, int | None], list[tuple[str, Pose]]] = field(default_factory=dict)
    poses: dict[int, Pose] = field(default_factory=dict)


def read_scene(source: Source, buffers: Buffers, notes: Notes) -> Scene:
    """Walk the default scene (without scenes, all root nodes); a node that is reached twice makes the file broken."""
    source.check("instances", len(buffers.document.get("nodes", [])), "nodes")
    scene = Scene()
    stack = [(root, np.eye(4)) for root in reversed(_roots(buffers))]
    while stack:
        index, parent = stack.pop()
        if index in scene.poses:
            raise source.broken(f"reaches node {index} twice, so its nodes are no tree; export it again")
        node = buffers.item("nodes", index)
        pose = scene.poses[index] = parent @ _local(node)
        if node.get("mesh") is not None:
            skin = node.get("skin")
            # A skinned mesh follows its joints; the pose of its own node has no say (glTF 2.0, 3.7.3.3).
            shown = (str(node.get("name") or ""), pose if skin is None else np.eye(4))
            scene.instances.setdefault((whole(node["mesh"]), None if skin is None else whole(skin)), []).append(shown)
        stack += [(whole(child), pose) for child in reversed(node.get("children", []))]
    unused = len(buffers.document.get("meshes", [])) - len({mesh for mesh, _ in scene.instances})
    few, many = (
        "mesh is in no node of the scene and was left out",
        "meshes are in no node of the scene and were left out",
    )
    notes.count(unused, few, many)
    return scene


def _roots(buffers: Buffers) -> list[int]:
    document = buffers.document
    scenes = document.get("scenes", [])
    if scenes:
        scene = scenes[whole(document.get("scene", 0))]
        return [whole(node) for node in scene.get("nodes", [])]
    children = {whole(child) for node in document.get("nodes", []) for child in node.get("children", [])}
    return [index for index in range(len(document.get("nodes", []))) if index not in children]


def _local(node: Mapping[str, Any]) -> Float64[np.ndarray, "4 4"]:
    """A node's own transform: its matrix (column by column), or translation @ rotation @ scale."""
    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    pose = np.eye(4)
    if "rotation" in node:
        x, y, z, w = np.array(node["rotation"], dtype=np.float64).reshape(4) / max(
            float(np.linalg.norm(node["rotation"])), 1e-300
        )
        pose[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    pose[:3, :3] *= np.array(node.get("scale", [1.0, 1.0, 1.0]), dtype=np.float64).reshape(3)
    pose[:3, 3] = np.array(node.get("translation", [0.0, 0.0, 0.0]), dtype=np.float64).reshape(3)
    return pose
