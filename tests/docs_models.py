"""The `models/` folder that the examples of README and docs work on: small, and with every trouble that they tell of."""

import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np

from fieldstone import samples
from fieldstone.files import write
from fieldstone.geometry.sample import sample_surface
from fieldstone.geometry.simplify import simplify
from fieldstone.types import Mesh, PointCloud

TURN = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])


def write_encoder_of_fields(path: Path) -> None:
    """Write a weight file that reads small fields; its weights mean nothing."""
    from tests.encoders.tiny_fields import tiny_fields

    tiny_fields(path, up="z")


def write_models(folder: Path) -> None:
    """Write the folder; the examples name its files."""
    for category, count in {"bracket": 3, "gear": 2, "mug": 2, "chair": 2}.items():
        for seed in range(count):
            _write(samples.make(category, seed), folder / category / f"{category}-{seed}.stl")
    bracket, gear = samples.make("bracket", 0), samples.make("gear", 0)
    _write(Mesh(bracket.vertices @ TURN.T + [5.0, -3.0, 2.0], bracket.faces), folder / "bracket.stl")
    _write(Mesh(bracket.vertices / 25.4, bracket.faces), folder / "old" / "bracket-inch.obj")
    _write(simplify(gear, len(gear.faces) // 2), folder / "gear" / "gear-0-light.ply")
    _write(Mesh(gear.vertices, gear.faces[:-40]), folder / "open.stl")
    propeller = samples.make("propeller", 0)
    _write(propeller, folder / "propeller" / "propeller-left.stl")
    _write(
        Mesh(propeller.vertices * [-1, 1, 1], propeller.faces[:, ::-1]), folder / "propeller" / "propeller-right.stl"
    )
    _write(samples.make("hinge", 0), folder / "hinge-left.obj")
    _write(samples.make("bolt", 0), folder / "bolt.stl")
    points = sample_surface(samples.make("mug", 0), 6000, np.random.default_rng(0)).points
    _write(PointCloud(points.astype(np.float64)), folder / "scan.ply")
    (folder / "flange.3mf").write_bytes(_assembly(samples.make("flange", 0), samples.make("bolt", 0)))
    (folder / "broken.stl").write_bytes(b"solid nothing")
    (folder / "notes.txt").write_text("not a shape")
    with zipfile.ZipFile(folder / "pack.zip", "w") as archive:
        archive.write(folder / "bracket" / "bracket-0.stl", "parts/bracket.stl")
        archive.write(folder / "mug" / "mug-1.stl", "parts/mug.stl")


def _write(shape: Mesh | PointCloud, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(shape, path)


def _assembly(plate: Mesh, bolt: Mesh) -> bytes:
    """A 3MF, in millimetres, of a plate and four studs."""
    model = (
        '<model unit="millimeter" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>'
        + _object(1, "plate", plate)
        + _object(2, "stud", bolt)
        + '</resources><build><item objectid="1"/>'
        + "".join(f'<item objectid="2" transform="1 0 0 0 1 0 0 0 1 {200 * i} 0 0"/>' for i in range(1, 5))
        + "</build></model>"
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        'Target="/3D/m.model" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
    )
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations)
        archive.writestr("3D/m.model", model)
    return data.getvalue()


def _object(number: int, name: str, mesh: Mesh) -> str:
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in mesh.vertices.tolist())
    faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh.faces.tolist())
    inside = f"<vertices>{vertices}</vertices><triangles>{faces}</triangles>"
    return f'<object id="{number}" name="{name}" type="model"><mesh>{inside}</mesh></object>'
