"""INRet's tables on objects10, ten categories of real shapes in the role of the paper's unbalanced Pix3D.

    python benchmarks/inret_objects10.py [--scale tiny|small|full] [--tables 1,6,7] [--device cuda] [--seed 0]

Its shapes are those of ../shared/data/lists/objects10.csv, turned upright: of each category the first training shapes, as many
as the scale has (full: all), and every test shape. What is fitted and learnt is kept as inret.py keeps it. Writes the report
and its figures into results/inret_objects10_SCALE/.
"""

import csv
from collections import defaultdict
from typing import Final

from fieldstone.evaluate.inret.shapes import Selection, Shape
from fieldstone.evaluate.inret.study import SCALES
from fieldstone.geometry.normalise import apply, turn_up
from inret import arguments, reported
from real_shapes import SHARED, meshes, rows

UP: Final = "y"
"""Of the real shapes, as their sources have them."""


def main() -> None:
    asked = arguments(__doc__ or "")
    reported(objects10(SCALES[asked.scale].train), asked, f"inret_objects10_{asked.scale}")


def objects10(train: int) -> Selection:
    """The list's test shapes, and the first `train` training shapes of each category, in its order, standing on z."""
    listed, shapes = chosen(train), dict[str, Shape]()
    index = rows()
    packs = sorted({index[row["id"]]["pack"] for row in listed})
    categories = {row["id"]: row["category"] for row in listed}
    for name, mesh in meshes(packs):
        if name in categories:
            upright = apply(turn_up(UP, "z"), mesh)
            shapes[name] = Shape(name=name, category=categories[name], mesh=upright, up="z")
    parts = {part: tuple(shapes[row["id"]] for row in listed if row["split"] == part) for part in ("train", "test")}
    return Selection(name="objects10", train=parts["train"], test=parts["test"])


def chosen(train: int) -> list[dict[str, str]]:
    """The list's rows: "id", "split" and "category"."""
    found, taken = list[dict[str, str]](), defaultdict[str, int](int)
    with (SHARED / "lists" / "objects10.csv").open() as file:
        for row in csv.DictReader(file):
            if row["split"] == "train":
                taken[row["category"]] += 1
                if taken[row["category"]] > train:
                    continue
            found.append(row)
    return found


if __name__ == "__main__":
    main()
