"""Our own sample shapes: parametric, watertight, coloured models in many everyday and mechanical categories.

make("chair", 7)                              # always the same chair: millimetres, z up, standing on z = 0
for name, category, mesh in make_many(100, seed=0): ...
write("samples", 300, seed=0)                 # files to try the library on

Each shape is a function from a random generator to a solid, so a category holds as many variations as there are seeds.
The shapes are part of Fieldstone and share its licence (Apache-2.0).
"""

from fieldstone.samples.collection import make_many, write
from fieldstone.samples.make import CATEGORIES, make

__all__ = ["CATEGORIES", "make", "make_many", "write"]
