"""Every category and the function that draws one of its shapes."""

from collections.abc import Callable

import numpy as np

from fieldstone.samples import furniture, kitchen, lamps, seating, tableware
from fieldstone.samples.solid import Solid

__all__ = ["MAKERS"]

MAKERS: dict[str, Callable[[np.random.Generator], Solid]] = {
    "bed": furniture.bed,
    "bench": seating.bench,
    "bottle": tableware.bottle,
    "bowl": tableware.bowl,
    "cabinet": furniture.cabinet,
    "candle": lamps.candle,
    "chair": seating.chair,
    "cup": tableware.cup,
    "desk": furniture.desk,
    "desk_lamp": lamps.desk_lamp,
    "floor_lamp": lamps.floor_lamp,
    "fork": kitchen.fork,
    "glass": tableware.glass,
    "jug": tableware.jug,
    "knife": kitchen.knife,
    "lantern": lamps.lantern,
    "mug": tableware.mug,
    "pan": kitchen.pan,
    "plate": tableware.plate,
    "pot": kitchen.pot,
    "shelf": furniture.shelf,
    "sofa": seating.sofa,
    "spatula": kitchen.spatula,
    "spoon": kitchen.spoon,
    "stool": seating.stool,
    "table": furniture.table,
    "table_lamp": lamps.table_lamp,
    "teapot": tableware.teapot,
    "vase": tableware.vase,
}
