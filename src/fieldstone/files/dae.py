"""COLLADA (DAE): unit and up axis as its asset says, nodes with transforms, polygons of several kinds, materials."""

import re
from typing import Any

import numpy as np

from fieldstone.files import xml
from fieldstone.files.assembly import Piece, assemble, budget
from fieldstone.files.dae_materials import Materials
from fieldstone.files.dae_mesh import read_mesh, room
from fieldstone.files.dae_scene import Shown, read_scene
from fieldstone.files.notes import Notes, small
from fieldstone.files.source import Source
from fieldstone.files.units import unit_of_metres
from fieldstone.types import Axis, Model, Unit

__all__ = ["read"]

NAMESPACE = re.compile(rb"\sxmlns\s*=\s*(?:\"[^\"]*\"|'[^']*')")
UPS: dict[str, Axis] = {"X_UP": "x", "Y_UP": "y", "Z_UP": "z"}


def read(source: Source, notes: Notes) -> Model:
    """The visual scene in the file's own unit and axes; each geometry is a part with the poses of its nodes."""
    with source.parsing("COLLADA"):
        root = _parse(source)
        ids = {element.get("id"): element for element in root.xpath("//*[@id]")}
        shown = read_scene(source, root, ids, notes)
        shape, parts = assemble(source, _pieces(source, root, ids, shown, notes))
        unit = _unit(root, notes)
        up = UPS.get((root.findtext("asset/up_axis") or "Y_UP").strip())
        metadata = small(_metadata(root))
    return Model(name=source.stem, shape=shape, parts=parts, unit=unit, up=up, metadata=metadata)


def _parse(source: Source) -> Any:
    """The document without namespaces: the format's versions differ in them alone."""
    root = xml.parse(source, NAMESPACE.sub(b"", source.data), "document")
    if root.tag.rpartition("}")[2] != "COLLADA":
        raise source.broken("is XML and no COLLADA; check that this is a DAE file")
    if root.tag != "COLLADA":  # a prefix, or text that is not in single bytes: rare, and slower
        for element in root.iter("{*}*"):
            element.tag = element.tag.rpartition("}")[2]
    return root


def _unit(root: Any, notes: Notes) -> Unit | None:
    """The asset's unit; metres where it states none, as the format says."""
    element = root.find("asset/unit")
    metres = 1.0 if element is None else float(element.get("meter", "1"))
    unit = unit_of_metres(metres)
    if unit is None:
        notes.add(f"its unit is {metres:g} m long, which has no name here")
    return unit


def _pieces(source: Source, root: Any, ids: dict[str, Any], shown: Shown, notes: Notes) -> list[Piece]:
    if not shown:
        raise source.empty("holds no geometry in its scene; check that the export was not empty")
    budget(source, [(*room(ids[geometry]), len(places)) for (geometry, _), places in shown.items()])
    materials = Materials(source, root, ids, notes)
    pieces, sizes = [], []
    for (geometry, bound), places in shown.items():
        mesh = read_mesh(source, ids[geometry], dict(bound), materials, notes)
        if mesh is None:
            notes.add(f"geometry {geometry[:60]!r} has no faces and was left out")
            continue
        # The counts in the file may lie: what is read is counted again.
        sizes.append((len(mesh.vertices), len(mesh.faces), len(places)))
        budget(source, sizes)
        name = places[0][0] or ids[geometry].get("name") or geometry
        pieces.append(Piece(name, mesh, np.stack([pose for _, pose in places])))
    if not pieces:
        raise source.empty("holds no faces; check that the export was not empty")
    return pieces


def _metadata(root: Any) -> list[tuple[str, str]]:
    paths = (
        "contributor/author",
        "contributor/authoring_tool",
        "contributor/copyright",
        "title",
        "subject",
        "keywords",
        "created",
    )
    found = [(path.rpartition("/")[2], root.findtext(f"asset/{path}") or "") for path in paths]
    names = [item.get("name") or item.get("id") or "" for item in root.findall("library_materials/material")[:40]]
    return [*found, ("materials", ", ".join(names))]
