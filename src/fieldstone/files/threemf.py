"""3MF: a ZIP of XML models with units, objects made of meshes or of other objects, colours and textures. z is up."""

import io
from typing import Any

import numpy as np
from jaxtyping import Float64

from fieldstone.files import xml
from fieldstone.files.archive import extract, index
from fieldstone.files.assembly import Piece, assemble, budget
from fieldstone.files.beside import inside
from fieldstone.files.checks import check_faces
from fieldstone.files.images import Images
from fieldstone.files.notes import Notes, small
from fieldstone.files.source import Source
from fieldstone.files.text import numbers
from fieldstone.files.threemf_colors import Palettes, paint_of
from fieldstone.files.units import unit_of_word
from fieldstone.types import Mesh, Model

__all__ = ["read"]

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
START = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
NAMES = {"c": CORE, "r": RELATIONS}
LATER_SPECS = ("beamlattice", "slice", "volumetric", "displacement", "triangleset", "boolean")

Key = tuple[str, str]
"""An object: the model part of the package that holds it, and its id there."""
Pose = Float64[np.ndarray, "4 4"]


class Package:
    """The archive of a 3MF, and its model parts once they are parsed."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.file = io.BytesIO(source.data)
        self.members = index(source.path, self.file, source.limits)
        self.spellings = {name.lower(): name for name in self.members}  # the format does not tell cases apart
        self.models: dict[str, Any] = {}
        self.objects: dict[Key, Any] = {}
        self.unpacked, self.elements = 0, 0

    def member(self, name: str) -> bytes:
        """Unpack a member; names start at the root of the package."""
        clean = inside(name.lstrip("/")) or name
        data = extract(
            self.source.path, self.file, self.members, self.spellings.get(clean.lower(), clean), self.source.limits
        )
        self.unpacked += len(data)
        self.source.check("bytes", self.unpacked, "bytes, unpacked")
        return data

    def model(self, name: str) -> Any:
        """The parsed root element of a model part."""
        name = "/" + (inside(name.lstrip("/")) or "")
        if name not in self.models:
            data = self.member(name)
            self.elements += xml.size(data)
            self.source.check("elements", self.elements, "XML elements and attributes in all of its models")
            root = self.models[name] = xml.parse(self.source, data, "model")
            if root.tag != f"{{{CORE}}}model":
                raise self.source.broken("has a model part that is no 3MF model; export it again")
            for element in root.iterfind("c:resources/c:object", NAMES):
                self.objects[name, element.get("id")] = element
        return self.models[name]


def read(source: Source, notes: Notes) -> Model:
    """The build items, with one part for each distinct mesh object; unit as stated, else millimetres."""
    package = Package(source)
    with source.parsing("3MF"):
        start = _start(package)
        root = package.model(start)
        _note_extensions(root, notes)
        word = root.get("unit", "millimeter")
        unit = unit_of_word(word)
        if unit is None:
            notes.add(f"unit {word[:40]!r} is not one of the format's")
        instances = _instances(package, "/" + (inside(start.lstrip("/")) or ""), root, notes)
        shape, parts = assemble(source, _pieces(package, instances, notes))
        metadata = small((item.get("name", ""), item.text or "") for item in root.iterfind("c:metadata", NAMES))
    return Model(name=source.stem, shape=shape, parts=parts, unit=unit, up="z", metadata=metadata)


def _start(package: Package) -> str:
    """The model part where the package starts."""
    root = xml.parse(package.source, package.member("_rels/.rels"), "list of parts")
    for relation in root.iterfind("r:Relationship", NAMES):
        if relation.get("Type") == START:
            return str(relation.get("Target", ""))
    raise package.source.broken("does not name its model; export it again")


def _note_extensions(root: Any, notes: Notes) -> None:
    """Say which parts of the format that change the shape are not read."""
    for prefix, uri in root.nsmap.items():
        if any(spec in uri for spec in LATER_SPECS) and prefix in root.get("requiredextensions", "").split():
            notes.add(f"extension {prefix} ({uri[-60:]}) is not read")


def _instances(package: Package, start: str, root: Any, notes: Notes) -> dict[Key, list[tuple[str, Pose]]]:
    """Every mesh object with the names and poses at which the build holds it (all objects, where it has no build)."""
    found: dict[Key, list[tuple[str, Pose]]] = {}
    stack: list[tuple[Key, Pose, str, frozenset[Key]]] = []
    for item in root.iterfind("c:build/c:item", NAMES):
        key = (item.get(f"{{{PRODUCTION}}}path", start), item.get("objectid"))
        stack.append((key, _pose(item.get("transform")), item.get("partnumber", ""), frozenset()))
    if not stack:
        notes.add("has no build: all of its mesh objects are shown")
        meshes = [key for key, item in package.objects.items() if item.find("c:mesh", NAMES) is not None]
        stack = [(key, np.eye(4), "", frozenset()) for key in meshes]
    stack.reverse()
    known: dict[Key, tuple[str, list[tuple[Key, Pose]] | None]] = {}
    steps = 0
    while stack:
        steps += 1
        package.source.check("instances", steps, "instances")
        key, pose, name, above = stack.pop()
        if key in above:
            raise package.source.broken(f"has an object ({key[1]}) that contains itself; export it again")
        package.source.check("levels", len(above), "levels of components")
        if key not in known:
            known[key] = _object(package, key)
        own_name, components = known[key]
        if components is None:
            found.setdefault(key, []).append((own_name or name or f"object {key[1]}", pose))
        else:
            stack += [(child, pose @ local, name, above | {key}) for child, local in components]
    return found


def _object(package: Package, key: Key) -> tuple[str, list[tuple[Key, Pose]] | None]:
    """An object's name, and what it is composed of, last first; None for a mesh."""
    package.model(key[0])
    element = package.objects.get(key)
    if element is None:
        raise package.source.broken(f"uses object {str(key[1])[:40]!r}, which is not there; export it again")
    name = element.get("name") or ""
    if element.find("c:mesh", NAMES) is not None:
        return name, None
    components = [
        ((child.get(f"{{{PRODUCTION}}}path", key[0]), child.get("objectid")), _pose(child.get("transform")))
        for child in element.iterfind("c:components/c:component", NAMES)
    ]
    return name, components[::-1]


def _pose(text: str | None) -> Pose:
    """The twelve numbers of a transform, row vectors from the left in the file, as a matrix for column vectors."""
    pose = np.eye(4)
    if text is not None:
        pose[:3, :4] = np.array([float(word) for word in text.split()]).reshape(4, 3).T
    return pose


def _pieces(package: Package, instances: dict[Key, list[tuple[str, Pose]]], notes: Notes) -> list[Piece]:
    if not instances:
        raise package.source.empty("holds no mesh; check that the export was not empty")
    sizes = []
    for key, shown in instances.items():
        mesh = package.objects[key].find("c:mesh", NAMES)
        sizes.append((len(mesh.find("c:vertices", NAMES)), len(mesh.find("c:triangles", NAMES)), len(shown)))
    budget(package.source, sizes)
    images = Images(package.source, notes)
    palettes = {path: Palettes(root, notes, images, package.member) for path, root in package.models.items()}
    pieces = []
    for key, shown in instances.items():
        mesh = _mesh(package.source, package.objects[key], palettes[key[0]], notes)
        pieces.append(Piece(shown[0][0], mesh, np.stack([pose for _, pose in shown])))
    return pieces


def _mesh(source: Source, element: Any, palettes: Palettes, notes: Notes) -> Mesh:
    mesh = element.find("c:mesh", NAMES)
    vertices = _grid(source, mesh, "c:vertices/c:vertex", ("x", "y", "z"), "vertices")
    faces = _grid(source, mesh, "c:triangles/c:triangle", ("v1", "v2", "v3"), "faces")
    if not (np.isfinite(faces) & (faces == np.floor(faces)) & (np.abs(faces) < 2**53)).all():
        raise source.broken("has face corners that are not whole numbers; export it again")
    corners = faces.astype(np.int64)
    check_faces(source, corners, len(vertices))
    if mesh.find("{*}beamlattice") is not None:
        notes.add("a beam lattice was left out")
    return Mesh(vertices, corners, paint_of(element, mesh, len(corners), palettes))


def _grid(source: Source, mesh: Any, path: str, names: tuple[str, str, str], what: str) -> Float64[np.ndarray, "n 3"]:
    """Three attributes of every element, as columns."""
    columns = [numbers(source, " ".join(xml.strings(mesh, f"{path}/@{name}", NAMES)).encode(), what) for name in names]
    count = int(mesh.xpath(f"count({path})", namespaces=NAMES))
    if any(len(column) != count for column in columns):
        raise source.broken(f"has {what} without {', '.join(names)}; export it again")
    return np.stack(columns, axis=1)
