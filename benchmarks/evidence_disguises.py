"""A shape as a library keeps it, and the nine ways in which it comes back."""

from collections.abc import Callable
from pathlib import Path

import fast_simplification
import numpy as np

from fieldstone.files import read, write
from fieldstone.geometry.fingerprint import body_fingerprints, fingerprint
from fieldstone.geometry.sample import sample_surface
from fieldstone.geometry.weld import weld
from fieldstone.library.evidence import Record
from fieldstone.types import Mesh, Unit


def record(mesh: Mesh, seed: int, unit: Unit | None = None) -> Record:
    """What a library keeps of a mesh, its points rounded to 16 bits."""
    welded = weld(mesh)
    points = sample_surface(mesh, 4096, np.random.default_rng(seed)).points.astype(np.float64)
    low, step = points.min(axis=0), np.ptp(points, axis=0).max() / 65535
    points = np.rint((points - low) / step) * step + low
    return Record(
        points=points.astype(np.float32),
        fingerprint=fingerprint(welded),
        bodies=body_fingerprints(welded),
        n_faces=len(mesh.faces),
        unit=unit,
        kind="mesh",
    )


def rotation(generator: np.random.Generator) -> np.ndarray:
    """A rotation drawn evenly from all."""
    q, r = np.linalg.qr(generator.standard_normal((3, 3)))
    q = q * np.sign(np.diag(r))
    return q * np.sign(np.linalg.det(q))


def stored(vertices: np.ndarray, faces: np.ndarray) -> Mesh:
    """With 32-bit coordinates, as most files have them."""
    return Mesh(vertices.astype(np.float32), faces)


def subdivided(mesh: Mesh, generator: np.random.Generator) -> Mesh:
    """Each face cut in three at a random inner point, and the first of these in two at the middle of its outer edge."""
    a, b, c = (mesh.vertices[mesh.faces[:, i]] for i in range(3))
    share = generator.dirichlet([2, 2, 2], len(mesh.faces))
    inner = share[:, :1] * a + share[:, 1:2] * b + share[:, 2:] * c
    n, m = len(mesh.vertices), len(mesh.faces)
    i, mid = n + np.arange(m), n + m + np.arange(m)
    fa, fb, fc = mesh.faces.T
    pieces = [(fb, fc, i), (fc, fa, i), (fa, mid, i), (mid, fb, i)]
    return stored(
        np.concatenate([mesh.vertices, inner, 0.5 * (a + b)]), np.concatenate([np.stack(p, 1) for p in pieces])
    )


def decimated(mesh: Mesh) -> Mesh:
    """Half the faces, by quadric errors (fast-simplification)."""
    whole = weld(mesh)
    vertices, faces = fast_simplification.simplify(
        whole.vertices.astype(np.float32), whole.faces.astype(np.int32), target_reduction=0.5
    )
    return Mesh(vertices, faces.astype(np.int64))


def reordered(mesh: Mesh, generator: np.random.Generator) -> Mesh:
    """Vertices, faces and the corners of each face in another order."""
    order = generator.permutation(len(mesh.vertices))
    faces = np.argsort(order)[mesh.faces][generator.permutation(len(mesh.faces))]
    return stored(mesh.vertices[order], np.roll(faces, 1, axis=1))


def through_ascii(mesh: Mesh, folder: Path) -> Mesh:
    """Written as ASCII STL with six digits after the point, as most programs do, and read back."""
    corners = mesh.vertices[mesh.faces]
    lines = ["solid shape"]
    for face in corners:
        lines += ["facet normal 0 0 0", " outer loop", *(f"  vertex {x:.6e} {y:.6e} {z:.6e}" for x, y, z in face)]
        lines += [" endloop", "endfacet"]
    (folder / "ascii.stl").write_text("\n".join([*lines, "endsolid shape", ""]))
    return read(folder / "ascii.stl").shape


def through_binary(mesh: Mesh, folder: Path) -> Mesh:
    """Written as binary STL and read back."""
    write(mesh, folder / "binary.stl")
    return read(folder / "binary.stl").shape


def disguises(mesh: Mesh, generator: np.random.Generator, folder: Path) -> dict[str, Callable[[], Mesh]]:
    """The nine ways in which a shape comes back."""
    v, f = mesh.vertices, mesh.faces
    diagonal = np.linalg.norm(np.ptp(v, axis=0))
    return {
        "rotated": lambda: stored(v @ rotation(generator).T, f),
        "moved": lambda: stored(v + generator.uniform(-3, 3, 3) * diagonal, f),
        "x 25.4": lambda: stored(v * 25.4, f),
        "mirrored": lambda: stored(v @ rotation(generator).T * [-1, 1, 1], f[:, ::-1]),
        "re-triangulated": lambda: subdivided(mesh, generator),
        "decimated to half": lambda: decimated(mesh),
        "ASCII STL": lambda: through_ascii(mesh, folder),
        "binary STL": lambda: through_binary(mesh, folder),
        "vertex order": lambda: reordered(mesh, generator),
    }
