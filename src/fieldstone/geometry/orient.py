"""Turning faces so that neighbours agree and closed bodies face outward."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Int64, Integer

from fieldstone.geometry.health import inverted_bodies
from fieldstone.geometry.measure import face_normals
from fieldstone.types import Mesh

__all__ = ["faces_to_turn", "turn"]


def faces_to_turn(mesh: Mesh) -> Bool[np.ndarray, "m"]:
    """The faces of a cleaned mesh (`clean`) that point the wrong way.

    Patches whose faces disagree are made consistent, and keep the way that the larger part of their area points. Then
    closed bodies that are inside out are turned whole, cavities excepted. Open patches whose faces agree stay as they
    are: nothing in them says which side is out (turning each outward by its own volume makes scattered patches worse).
    """
    from fieldstone.kernels.edges import count_edges, edges_of, label_by_edges, orientation_flips

    turned = np.zeros(len(mesh.faces), dtype=bool)
    if len(mesh.faces) == 0:
        return turned
    edges = edges_of(mesh.faces)
    if count_edges(edges).inconsistent:
        turned = orientation_flips(edges, face_normals(mesh.vertices, mesh.faces)[1])
    body = label_by_edges(edges)
    inverted, _ = inverted_bodies(turn(Mesh(mesh.vertices, mesh.faces), turned), body)
    inverted &= _closed(edges.keys, edges.sides, body)
    wrong: Bool[np.ndarray, "m"] = turned ^ inverted[body]
    return wrong


def _closed(
    keys: Int64[np.ndarray, "sides"], sides: Int64[np.ndarray, "sides"], body: Integer[np.ndarray, "m"]
) -> Bool[np.ndarray, "bodies"]:
    """Which bodies have no border: no edge of an odd number of faces."""
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    closed = np.ones(int(body.max()) + 1, dtype=bool)
    closed[body[sides[first[count % 2 == 1]] // 3]] = False
    return closed


def turn(mesh: Mesh, turned: Bool[np.ndarray, "m"]) -> Mesh:
    """The mesh with the last two corners of some faces exchanged, texture coordinates too."""
    if not turned.any():
        return mesh
    order = np.where(turned[:, None], [0, 2, 1], [0, 1, 2])
    paint = mesh.paint
    if paint is not None and paint.uv is not None:
        paint = dataclasses.replace(paint, uv=np.take_along_axis(paint.uv, order[:, :, None], axis=1))
    return Mesh(mesh.vertices, np.take_along_axis(mesh.faces, order, axis=1), paint)
