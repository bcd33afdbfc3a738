"""A study of balls and rods, small enough to run whole."""

from dataclasses import replace
from pathlib import Path

from fieldstone.evaluate.inret.shapes import Selection, Shape
from fieldstone.evaluate.inret.study import SCALES, Study, default_fits
from fieldstone.fields.hashgrid import HashGridConfig
from fieldstone.fields.octree import OctreeConfig
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import Schedule
from fieldstone.fields.siren import SirenConfig
from fieldstone.fields.triplane import TriplaneConfig
from fieldstone.types import Mesh
from tests.fields.fits import ball

CONFIGS = {
    "hashgrid": HashGridConfig(coarsest=8, finest=24, levels=4, most_rows=1 << 12),
    "octree": OctreeConfig(last=4),
    "triplane": TriplaneConfig(nodes=9),
    "siren": SirenConfig(hidden=16, layers=2, omega=8.0),
}
SHORT = {
    "sampling": Sampling(uniform=1000, surface=2000, near=2000),
    "schedule": Schedule(epochs=6, batch=512, rate=1e-2),
}


def selection() -> Selection:
    """Balls and rods, two to learn from and two to ask."""
    mesh, found = ball(12), []
    for category, width in (("ball", 1.0), ("rod", 0.3)):
        for i in range(4):
            flat = mesh.vertices * [1.0, width + 0.04 * i, width]
            found.append(Shape(name=f"{category}-{i}", category=category, mesh=Mesh(flat, mesh.faces)))
    return Selection(name="two", train=(*found[:2], *found[4:6]), test=(*found[2:4], *found[6:]))


def tiny_study(folder: Path) -> Study:
    """All methods in seconds; what they learn is little."""
    scale = replace(SCALES["tiny"], points=16)
    fits = {name: {**given, **SHORT, "config": CONFIGS[name]} for name, given in default_fits(scale).items()}
    return Study(selection=selection(), scale=scale, folder=folder, fits=fits)  # type: ignore[arg-type]
