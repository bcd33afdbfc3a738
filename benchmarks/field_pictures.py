"""Pictures of what is hard: a car body with seats inside as an unsigned field, whole and cut open; a shape whose sign is
a guess as a signed field; slices and views.

Usage: python benchmarks/field_pictures.py [path of shared/data]
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fieldstone.fields.extract import mesh
from fieldstone.fields.fit import fit
from fieldstone.fields.sampling import Sampling
from fieldstone.fields.schedule import fast
from fieldstone.fields.slices import slice_picture
from fieldstone.fields.view import render
from fieldstone.geometry.distance import sign_confidence
from fieldstone.geometry.health import health
from fieldstone.render import thumbnail
from fieldstone.types import Mesh
from machine import describe

RESULTS = Path(__file__).parent / "results"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
CAR, SEAT, OPEN, WORST = "gazebo_models_0192", "kaykit_0276", "kaykit_0740", "m3_base_meshes_0769"
SIZE = 420
MIDDLE = ("z", 0.0)
SEATS = ("z", -0.12)
EPOCHS = 20
SCHEDULE, SAMPLING = dataclasses.replace(fast(), epochs=EPOCHS), Sampling(redraw=True)


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    sys.path.insert(0, str(data))
    shapes = chosen(data, (CAR, SEAT, OPEN, WORST))
    lines = ["# Pictures of fields", "", f"{describe()}. Hash grids, {EPOCHS} epochs of new points each.", ""]
    lines += car(furnished(shapes[CAR], shapes[SEAT])) + unsure(OPEN, shapes[OPEN], "field_open.png")
    lines += unsure(WORST, shapes[WORST], "field_unsure.png")
    (RESULTS / "field_pictures.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def chosen(data: Path, names: tuple[str, ...]) -> dict[str, Mesh]:
    from read_packs import iter_shapes

    packs = {name: data / "shapes" / f"{name.rsplit('_', 1)[0]}.npz" for name in names}
    return {n: Mesh(v, f) for n, pack in packs.items() for key, v, f in iter_shapes(pack) if key == n}


def car(shape: Mesh) -> list[str]:
    """A body of many layers: sheet metal, seats, wheels."""
    field = fit(shape, "hashgrid", "udf", schedule=SCHEDULE, sampling=SAMPLING, up="y")
    found = mesh(field, 256)
    tiles = [
        ("the model", thumbnail(shape, size=SIZE, up="y")),
        ("cut open", thumbnail(cut(shape), size=SIZE, up="y")),
        ("unsigned field, meshed at 256", thumbnail(found, size=SIZE, up="y")),
        ("the mesh cut open", thumbnail(cut(found), size=SIZE, up="y")),
        ("the field, rays traced", render(field, SIZE).picture),
        ("the field, sliced", slice_picture(field, *SEATS, SIZE)),
    ]
    sheet(tiles, 2).save(RESULTS / "field_car.png")
    state = health(found)
    return [
        f"`{CAR}` with four of `{SEAT}` inside: "
        f"{health(shape).n_bodies} bodies, not watertight. Mean error near the surface {field.card.error:.4f} "
        f"radii; the mesh at 256^3 has {len(found.faces):,} faces, {state.n_boundary:,} open edges (the model's sheets "
        f"end too), {state.n_bodies} bodies.", "", "![car](field_car.png)", "",
    ]  # fmt: skip


def unsure(name: str, shape: Mesh, picture: str) -> list[str]:
    """Not watertight, and the sign is a guess in places."""
    sure = sign_confidence(shape, np.random.default_rng(0))
    signed = fit(shape, "hashgrid", "sdf", schedule=SCHEDULE, sampling=SAMPLING, up="y")
    unsigned = fit(shape, "hashgrid", "udf", schedule=SCHEDULE, sampling=SAMPLING, up="y")
    found = mesh(signed, 256)
    tiles = [
        ("the model", thumbnail(shape, size=SIZE, up="y")),
        ("signed field, meshed at 256", thumbnail(found, size=SIZE, up="y")),
        ("unsigned field, meshed at 256", thumbnail(mesh(unsigned, 256), size=SIZE, up="y")),
        ("the model cut open", thumbnail(cut(shape), size=SIZE, up="y")),
        ("signed, cut open", thumbnail(cut(found), size=SIZE, up="y")),
        ("signed, sliced", slice_picture(signed, *MIDDLE, SIZE)),
    ]
    sheet(tiles, 3).save(RESULTS / picture)
    return [
        f"`{name}`: not watertight, sign confidence {sure:.2f}. The signed field's mesh is "
        f"{'watertight' if health(found).watertight else 'open'}, {len(found.faces):,} faces.", "",
        f"![not watertight]({picture})", "",
    ]  # fmt: skip


def furnished(body: Mesh, seat: Mesh) -> Mesh:
    """The car with four seats, a quarter turn each, scaled to its cabin."""
    low, high = body.vertices.min(axis=0), body.vertices.max(axis=0)
    size = high - low
    turned = seat.vertices[:, [2, 1, 0]] - seat.vertices[:, [2, 1, 0]].min(axis=0)
    turned = turned * (0.3 * size[1] / turned[:, 1].max()) - [
        0,
        0,
        np.ptp(turned[:, 2]) * 0.15 * size[1] / np.ptp(turned[:, 1]),
    ]
    meshes = [body]
    for along in (0.27, 0.5):
        for aside in (0.28, 0.62):
            place = low + size * [along, 0.36, aside]
            meshes.append(Mesh(turned + place, seat.faces[:, ::-1]))
    starts = np.cumsum([0] + [len(m.vertices) for m in meshes[:-1]])
    return Mesh(np.concatenate([m.vertices.astype(np.float64) for m in meshes]),
                np.concatenate([m.faces + start for m, start in zip(meshes, starts, strict=True)]))  # fmt: skip


def cut(shape: Mesh) -> Mesh:
    """What lies behind the plane through the middle of the box across z, as the picture's eye sees it."""
    height = shape.vertices[:, 2] - (shape.vertices[:, 2].min() + shape.vertices[:, 2].max()) / 2
    corners, heights = shape.vertices[shape.faces].astype(np.float64), height[shape.faces]
    behind = (heights < 0).sum(axis=1)
    pieces = [corners[behind == 3]]
    for count in (1, 2):
        some = behind == count
        alone = ((heights[some] < 0) == (count == 1)).argmax(axis=1)
        order = (alone[:, None] + np.arange(3)) % 3
        a, b, c = np.take_along_axis(corners[some], order[:, :, None], axis=1).transpose(1, 0, 2)
        x, y, z = np.take_along_axis(heights[some], order, axis=1).T
        ab, ac = a + (x / (x - y))[:, None] * (b - a), a + (x / (x - z))[:, None] * (c - a)
        pieces += [np.stack([a, ab, ac], 1)] if count == 1 else [np.stack([ab, b, c], 1), np.stack([ab, c, ac], 1)]
    soup = np.concatenate(pieces)
    return Mesh(soup.reshape(-1, 3), np.arange(3 * len(soup)).reshape(-1, 3))


def sheet(tiles: list[tuple[str, np.ndarray]], columns: int) -> Image.Image:
    rows, caption = -(-len(tiles) // columns), 30
    page = Image.new("RGB", (columns * SIZE, rows * (SIZE + caption)), "white")
    for i, (title, tile) in enumerate(tiles):
        x, y = i % columns * SIZE, i // columns * (SIZE + caption)
        picture = Image.fromarray(tile, "RGBA")
        page.paste(picture, (x, y + caption), picture)
        ImageDraw.Draw(page).text((x + 10, y + 8), title, fill=(24, 28, 38), font=ImageFont.load_default(15))
    return page


if __name__ == "__main__":
    main()
