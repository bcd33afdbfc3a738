"""What each method finds, as one sheet of pictures: INRet's Figure 4, drawn from the fields that were compared."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from fieldstone.encoders.inr import Kind
from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret.across import across
from fieldstone.evaluate.inret.study import Study
from fieldstone.fields.field import Function
from fieldstone.fields.network import Architecture
from fieldstone.fields.view import render
from fieldstone.render.sheet import contact_sheet

__all__ = ["STRIPS", "Strip", "queries", "retrievals", "sheet"]

ANSWERS, SIZE, COLOURS = 5, 150, 192
FAMILIAR = "car"
"""The category that the paper shows."""
RIGHT, WRONG, INK = (0, 90, 181), (213, 94, 0), (58, 65, 77)
"""Blue and vermilion, which the colour-blind tell apart; a tick and a cross say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A method, asked with fields of one function for fields of another."""

    method: str
    title: str
    architecture: Architecture
    query: Function
    gallery: Function


STRIPS = (
    Strip(method="hashgrid", title="INRet\nhash grid", architecture="hashgrid", query="udf", gallery="udf"),
    Strip(method="hashgrid", title="INRet\nhash grid", architecture="hashgrid", query="udf", gallery="sdf"),
    Strip(method="hashgrid", title="INRet\nhash grid", architecture="hashgrid", query="sdf", gallery="sdf"),
    Strip(method="octree", title="INRet\noctree", architecture="octree", query="sdf", gallery="sdf"),
    Strip(method="inr2vec", title="inr2vec\nSIREN", architecture="siren", query="sdf", gallery="sdf"),
    Strip(method="pointnext", title="PointNeXt\nof hash grids", architecture="hashgrid", query="sdf", gallery="sdf"),
    Strip(method="viewgcn", title="View-GCN\nof hash grids", architecture="hashgrid", query="sdf", gallery="sdf"),
)  # fmt: skip
"""The paper's seven, from above; those of methods that a study has are drawn."""


def queries(study: Study) -> tuple[int, ...]:
    """Test shapes to ask with: a car where there is one, as in the paper, and one of another category, drawn by the seed."""
    names = [shape.category for shape in study.selection.test]
    drawn = np.random.default_rng([study.seed, 4]).permutation(len(names)).tolist()
    first = names.index(FAMILIAR) if FAMILIAR in names else drawn[0]
    return (first, *[i for i in drawn if names[i] != names[first]][:1])


def sheet(study: Study, asked: Sequence[int]) -> bytes:
    """Figure 4 as a PNG: a block of `STRIPS` for each of these test shapes."""
    from PIL import Image

    strips = [strip for strip in STRIPS if strip.method in study.methods]
    found = [retrievals(study, strip, asked) for strip in strips]
    pictures = _Pictures(study)
    told = study.told
    told.start("drawing what was found", len(asked) * len(strips))
    tiles: list[UInt8[np.ndarray, "size size 4"]] = []
    labels: list[str] = []
    for q, query in enumerate(asked):
        for strip, hits in zip(strips, found, strict=True):
            drawn, said = _strip(study, strip, query, hits[q], pictures)
            tiles += drawn
            labels += said
            told.advance(1, strip.title.replace("\n", ", "))
    told.finish()
    whole = Image.fromarray(contact_sheet(tiles, labels, columns=2 + ANSWERS), "RGBA")
    out = io.BytesIO()
    whole.convert("RGB").quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def retrievals(study: Study, strip: Strip, asked: Sequence[int]) -> list[list[int]]:
    """For each query the test shapes that the strip's method finds first, nearest first; never the query itself."""
    seen = across(study.rows(strip.method), study.labels)
    order = seen.rankings[strip.query, strip.gallery].order
    return [order[query, :ANSWERS].tolist() for query in asked]


class _Pictures:
    """Fields of test shapes, each drawn once."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._drawn: dict[tuple[int, Kind], UInt8[np.ndarray, "size size 4"]] = {}

    def of(self, index: int, kind: Kind) -> UInt8[np.ndarray, "size size 4"]:
        """The field as it is seen; words where it has no surface."""
        if (index, kind) not in self._drawn:
            field = self._study.store.field(self._study.selection.test[index], kind)
            try:
                self._drawn[index, kind] = render(field, SIZE).picture
            except GeometryError:
                self._drawn[index, kind] = _words("no surface")
        return self._drawn[index, kind]


def _strip(
    study: Study, strip: Strip, query: int, hits: Sequence[int], pictures: _Pictures
) -> tuple[list[UInt8[np.ndarray, "size size 4"]], list[str]]:
    """Words, the query and its answers, with what stands under each."""
    names = [shape.category for shape in study.selection.test]
    tiles = [_words(f"{strip.title}\n{strip.query} asks {strip.gallery}")]
    tiles.append(pictures.of(query, (strip.architecture, strip.query)))
    labels = ["", f"query: {names[query]}"]
    for rank, hit in enumerate(hits, 1):
        tiles.append(_marked(pictures.of(hit, (strip.architecture, strip.gallery)), names[hit] == names[query]))
        labels.append(f"{rank}: {names[hit]}")
    empty = np.zeros((SIZE, SIZE, 4), dtype=np.uint8)
    short = ANSWERS - len(hits)
    return tiles + [empty] * short, labels + [""] * short


def _words(text: str) -> UInt8[np.ndarray, "size size 4"]:
    """Lines of text on nothing."""
    from PIL import Image, ImageDraw, ImageFont

    tile = Image.new("RGBA", (SIZE, SIZE), (255, 255, 255, 0))
    pen, font = ImageDraw.Draw(tile), ImageFont.load_default(15)
    pen.multiline_text((SIZE // 2, SIZE // 2), text, fill=INK, font=font, anchor="mm", align="center", spacing=7)
    return np.array(tile)


def _marked(picture: UInt8[np.ndarray, "size size 4"], right: bool) -> UInt8[np.ndarray, "size size 4"]:
    """The picture in a frame, with a tick or a cross in its corner."""
    from PIL import Image, ImageDraw

    tile = Image.fromarray(picture, "RGBA")
    pen, tint, last = ImageDraw.Draw(tile), RIGHT if right else WRONG, SIZE - 1
    pen.rectangle((0, 0, last, last), outline=tint, width=3 if right else 1)
    pen.rectangle((last - 20, 0, last, 20), fill=tint)
    lines = [((-16, 10), (-11, 15), (-4, 5))] if right else [((-15, 5), (-5, 15)), ((-15, 15), (-5, 5))]
    for line in lines:
        pen.line([(last + x, y) for x, y in line], fill="white", width=3, joint="curve")
    return np.array(tile)
