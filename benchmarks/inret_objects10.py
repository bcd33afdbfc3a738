"""INRet's tables on objects10, ten categories of real shapes in the role of the paper's unbalanced Pix3D.

    python benchmarks/inret_objects10.py [--scale tiny|small|full] [--tables 1,6,7] [--device cuda] [--seed 0]

Its shapes are those of ../shared/data/lists/objects10.csv, whatever the scale. What is fitted and learnt is kept as
inret.py keeps it. Writes the report and its figures into results/inret_objects10_SCALE/.
"""

import csv

from fieldstone.evaluate.inret.shapes import Selection, Shape
from inret import arguments, reported
from real_shapes import SHARED, meshes, rows

UP = "y"
"""Of the real shapes, as their sources have them."""


def main() -> None:
    asked = arguments(__doc__ or "")
    reported(objects10(), asked, f"inret_objects10_{asked.scale}")


def objects10() -> Selection:
    """The list's shapes, in its order."""
    with (SHARED / "lists" / "objects10.csv").open() as file:
        listed = {row["id"]: row for row in csv.DictReader(file)}
    index = rows()
    packs = sorted({index[name]["pack"] for name in listed})
    found = {name: mesh for name, mesh in meshes(packs) if name in listed}
    parts = {
        split: tuple(
            Shape(name=name, category=row["category"], mesh=found[name], up=UP)
            for name, row in listed.items()
            if row["split"] == split
        )
        for split in ("train", "test")
    }
    return Selection(name="objects10", train=parts["train"], test=parts["test"])


if __name__ == "__main__":
    main()
