"""Shapes to files: STL, PLY, OBJ, OFF, GLB for meshes; PLY and XYZ for clouds. A file appears whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from fieldstone.errors import GeometryError, UnsupportedFormat
from fieldstone.files import write_formats
from fieldstone.files.registry import extension
from fieldstone.files.whole import write_whole
from fieldstone.files.write_glb import glb_bytes
from fieldstone.types import Mesh, PointCloud

__all__ = ["check_mesh_ending", "write"]

MESHES: dict[str, Callable[[Mesh], bytes]] = {
    ".stl": write_formats.stl_bytes,
    ".ply": write_formats.ply_bytes,
    ".obj": write_formats.obj_bytes,
    ".off": write_formats.off_bytes,
    ".glb": glb_bytes,
}
CLOUDS: dict[str, Callable[[PointCloud], bytes]] = {".ply": write_formats.ply_bytes, ".xyz": write_formats.xyz_bytes}


def check_mesh_ending(path: str | Path) -> None:
    """Raise UnsupportedFormat where the path's extension is none that a mesh is written as: before long work, not after."""
    if extension(str(path)) not in MESHES:
        raise UnsupportedFormat(path, f"a mesh is written as one of {', '.join(MESHES)}; choose one of them")


def write(shape: Mesh | PointCloud, path: str | Path) -> None:
    """Write a shape in the format of the path's extension, coordinates as they are (in a GLB they count as metres).

    STL and GLB store 32-bit coordinates, the others all digits; PLY, OBJ, OFF and GLB keep colours, GLB textures too.
    The file is written beside its place and then moved there. Raises UnsupportedFormat for an extension that is not
    written, GeometryError for an empty shape, FileError where the place cannot be written to.
    """
    suffix = extension(str(path))
    data: bytes
    if isinstance(shape, Mesh):
        check_mesh_ending(path)
        if len(shape.faces) == 0:
            raise GeometryError("the mesh has no faces; there is nothing to write")
        data = MESHES[suffix](shape)
    else:
        if suffix not in CLOUDS:
            raise UnsupportedFormat(path, f"a point cloud is written as one of {', '.join(CLOUDS)}; choose one of them")
        if len(shape.points) == 0:
            raise GeometryError("the cloud has no points; there is nothing to write")
        data = CLOUDS[suffix](shape)
    write_whole(path, data)
