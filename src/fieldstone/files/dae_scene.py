"""COLLADA's scene: which geometry stands where, with which materials."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float64

from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["Pose", "Shown", "read_scene"]

Pose = Float64[np.ndarray, "4 4"]
Shown = dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[str, Pose]]]
"""A geometry's id and its materials (symbol, target) to the names and poses of the nodes that show it."""

Node: TypeAlias = tuple[str, Pose, list[tuple[str, tuple[tuple[str, str], ...], Pose]], list[Any]]
"""A node's name, its own transform, its geometries with materials and bind matrix, its inner nodes last first."""


def read_scene(source: Source, root: Any, ids: dict[str, Any], notes: Notes) -> Shown:
    """Walk the instantiated scene (else the first one, else all geometries); loops and floods are refused."""
    instance = root.find("scene/instance_visual_scene")
    scene = None if instance is None else ids.get(_target(instance.get("url")))
    if scene is None:
        scene = root.find("library_visual_scenes/visual_scene")
    shown: Shown = {}
    if scene is None:
        notes.add("has no scene: all of its geometries are shown")
        for geometry in root.findall("library_geometries/geometry"):
            shown.setdefault((str(geometry.get("id")), ()), []).append(("", np.eye(4)))
        return shown
    stack: list[tuple[Any, Pose, frozenset[Any]]] = [
        (node, np.eye(4), frozenset()) for node in reversed(scene.findall("node"))
    ]
    known: dict[Any, Node] = {}
    steps = 0
    while stack:
        steps += 1
        source.check("instances", steps, "instances")
        node, parent, above = stack.pop()
        if node in above:
            raise source.broken("has a node that contains itself; export it again")
        source.check("levels", len(above), "levels of nodes")
        if node not in known:
            known[node] = _node(source, node, ids, notes)
        name, local, geometries, inner = known[node]
        pose = parent @ local
        for geometry, bound, bind in geometries:
            shown.setdefault((geometry, bound), []).append((name, pose @ bind))
        stack += [(child, pose, above | {node}) for child in inner]
    return shown


def _node(source: Source, node: Any, ids: dict[str, Any], notes: Notes) -> Node:
    """What a node says, parsed once however often it is instantiated."""
    inner = [*node.findall("node"), *_instances(source, node, ids)]
    name = str(node.get("name") or node.get("id") or "")
    return name, _pose(node, notes), list(_geometries(source, node, ids, notes)), inner[::-1]


def _target(url: str | None) -> str:
    """The id behind `#id`."""
    return (url or "").removeprefix("#")


def _instances(source: Source, node: Any, ids: dict[str, Any]) -> Iterator[Any]:
    """The nodes that a node instantiates."""
    for instance in node.findall("instance_node"):
        target = ids.get(_target(instance.get("url")))
        if target is None or target.tag != "node":
            raise source.broken(
                f"instantiates a node that is not there ({str(instance.get('url'))[:60]!r}); export it again"
            )
        yield target


def _geometries(
    source: Source, node: Any, ids: dict[str, Any], notes: Notes
) -> Iterator[tuple[str, tuple[tuple[str, str], ...], Pose]]:
    """The geometries of a node with their materials; a controller stands for the geometry that it bends."""
    for instance in [*node.findall("instance_geometry"), *node.findall("instance_controller")]:
        target, bind = ids.get(_target(instance.get("url"))), np.eye(4)
        hops = 0
        while target is not None and target.tag == "controller" and hops < 8:
            bone = target.find("skin") if target.find("skin") is not None else target.find("morph")
            if bone is None:
                break
            matrix = bone.findtext("bind_shape_matrix")
            bind = bind if matrix is None else bind @ _matrix(matrix)
            notes.add("a shape that bones or morphs bend is shown as it was modelled")
            target, hops = ids.get(_target(bone.get("source"))), hops + 1
        if target is None or target.tag != "geometry":
            raise source.broken(
                f"shows a geometry that is not there ({str(instance.get('url'))[:60]!r}); export it again"
            )
        bound = [
            (item.get("symbol", ""), _target(item.get("target")))
            for item in instance.findall("bind_material/technique_common/instance_material")
        ]
        yield str(target.get("id")), tuple(bound), bind


def _matrix(text: str) -> Pose:
    return np.array([float(word) for word in text.split()]).reshape(4, 4)


def _pose(node: Any, notes: Notes) -> Pose:
    """The node's transforms, in their order."""
    pose = np.eye(4)
    for element in node:
        if element.tag == "matrix":
            pose = pose @ _matrix(element.text or "")
        elif element.tag in ("translate", "scale", "rotate"):
            values = np.array([float(word) for word in (element.text or "").split()])
            pose = pose @ _simple(element.tag, values)
        elif element.tag in ("lookat", "skew"):
            notes.add(f"a {element.tag} transform was left out")
    return pose


def _simple(kind: str, values: Float64[np.ndarray, "k"]) -> Pose:
    """A translation, a scaling, or a rotation of degrees about an axis (Rodrigues' formula)."""
    step = np.eye(4)
    if kind == "translate":
        step[:3, 3] = values.reshape(3)
    elif kind == "scale":
        step[:3, :3] = np.diag(values.reshape(3))
    else:
        x, y, z, degrees = values.reshape(4)
        axis = np.array([x, y, z]) / max(float(np.linalg.norm([x, y, z])), 1e-300)
        cross = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
        angle = np.radians(degrees)
        step[:3, :3] = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    return step
