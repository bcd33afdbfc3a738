"""One cell of the table of learned retrieval: a network trained one way on one set with one seed, and asked."""

import resource
import shutil
import time
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import nn

from fieldstone import encoders
from fieldstone.encoders.networks.batch import Batch
from fieldstone.encoders.networks.image import Config as ImageConfig
from fieldstone.encoders.networks.image import ImageTower
from fieldstone.encoders.networks.text import Config as TextConfig
from fieldstone.encoders.networks.text import TextTower
from fieldstone.evaluate.metrics import nearest_neighbour
from fieldstone.evaluate.ranking import rank
from fieldstone.evaluate.retrieval import evaluate_retrieval
from fieldstone.progress import Silent
from fieldstone.training import recipe as recipes
from fieldstone.training.learning import Learning
from fieldstone.training.loop import train
from fieldstone.training.recipe import Recipe
from fieldstone.training.run import pass_over
from fieldstone.training.towers import Towers
from fieldstone.types import PointCloud, Sampled
from learned_networks import NAMES, plan
from learned_sets import SCANS, Scale, Shelf, shelf

GROUPS = {"objects": ("objects", SCANS), "rotated": ("rotated", "parts"), "parts": ("parts",)}
"""What is learnt from, and what is asked afterwards; what learnt turned objects is asked parts, which it never saw."""
METHODS = ("random", "classification", "vicreg", "mmcl")
DATASETS = {"objects": "objaverse_easy", "rotated": "shapenet_perturbed", "parts": "mcb"}
"""Sets of the paper with the same poses: its recipes and rotations are taken from there."""
LATENT, BLOCK = 256, 32
FIGURES = (
    "nearest_neighbour", "macro_f1", "ndcg", "ndcg_as_coded", "mean_average_precision", "mean_average_precision_at_10",
    "hit_at_10",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is trained how on what; `network` is one of NAMES or, of method "formula", an encoder's id."""

    network: str
    method: str
    seed: int
    group: str

    @property
    def name(self) -> str:
        """One word for folders."""
        return f"{self.network}-{self.method}-{self.group}-{self.seed}"


class Watch(Silent):
    """Steps of a training that ran in this process, and since when."""

    def __init__(self) -> None:
        self.steps, self.started = 0, time.perf_counter()

    def advance(self, done: int = 1, detail: str = "") -> None:
        """Steps come one by one and say something; what was taken over from an earlier run does not."""
        self.steps += done if detail else 0

    @property
    def pace(self) -> float:
        """Seconds a step."""
        return (time.perf_counter() - self.started) / max(self.steps, 1)


def run(cell: Cell, scale: Scale, folder: Path, device: str) -> dict[str, Any]:
    """The cell's line of the state: figures and right answers by what was asked, and what the training cost."""
    line: dict[str, Any] = {**asdict(cell), "scale": scale.name, "columns": {}}
    if cell.method == "formula":
        rows_of = cache(lambda place: formula_rows(cell.network, *_shapes(place, scale)))
    else:
        torch.set_num_threads(1 if device == "cpu" else torch.get_num_threads())
        sizes = plan(cell.network, scale.name)
        network = sizes.make(torch.Generator().manual_seed(cell.seed)).eval()
        if cell.method != "random":
            line |= _trained(network, cell, scale, folder, device)
        network.to(device)
        rows_of = cache(lambda place: network_rows(network, *_shapes(place, scale), sizes.points, device))
    for column in GROUPS[cell.group]:
        gallery = "objects" if column == SCANS else column  # scans are looked up among whole shapes
        line["columns"][column] = judged(rows_of((gallery, "train")), rows_of((column, "test")))
    line["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shutil.rmtree(folder / cell.name, ignore_errors=True)
    return line


def recipe(cell: Cell, scale: Scale) -> Recipe:
    """The compact recipe, at full scale the paper's; rotations are the paper's for sets of these poses.

    Objects stand upright and are not turned in training (as its ModelNet40, ShapeNet and Objaverse), turned objects and
    parts by any rotation (as its perturbed ShapeNet and MCB).
    """
    preset = {"classification": recipes.classification, "vicreg": recipes.vicreg, "mmcl": recipes.mmcl}[cell.method]
    sizes = plan(cell.network, scale.name)
    if scale.epochs is None:
        base = preset("paper", DATASETS[cell.group], tuned=False)
        return replace(base, augment=replace(base.augment, points=sizes.points))
    base = preset("compact", tuned=False)
    seen = replace(base.augment, points=sizes.points, rotation="none" if cell.group == "objects" else "any")
    schedule = replace(base.schedule, rate=sizes.rate)
    return replace(base, augment=seen, schedule=schedule, epochs=scale.epochs, keep=sizes.keep)


Rows = tuple[Float[np.ndarray, "shapes dim"], Int64[np.ndarray, "shapes"]]


def network_rows(network: nn.Module, one: Shelf, part: slice, points: int, device: str) -> Rows:
    """Rows of unit length and labels of some shapes, their points thinned evenly, in the pose in which they stand."""
    clouds = one.points[part]
    size = clouds.shape[1]
    clouds = np.ascontiguousarray(clouds[:, np.arange(points) * size // points])
    rows = []
    with torch.inference_mode():
        for start in range(0, len(clouds), BLOCK):
            batch = Batch(points=torch.from_numpy(clouds[start : start + BLOCK]).to(device))
            rows.append(nn.functional.normalize(network(batch).double(), dim=1).cpu().numpy())
    return np.concatenate(rows), one.labels[part]


def formula_rows(encoder: str, one: Shelf, part: slice) -> Rows:
    """The same of a descriptor; scans come without normals."""
    normals = one.normals if one.normals.any() else [None] * len(one.points)
    pairs = list(zip(one.points, normals, strict=True))[part]
    batch = [Sampled(shape=PointCloud(p), points=p, normals=n) for p, n in pairs]
    return encoders.get(encoder).encode(batch), one.labels[part]


def judged(gallery: Rows, queries: Rows) -> dict[str, Any]:
    """The protocol's figures, and for each query a 1 where its nearest neighbour is right."""
    row = evaluate_retrieval("", *gallery, *queries, np.random.default_rng(0))
    right = nearest_neighbour(rank(*gallery, *queries))
    figures = {name: getattr(row, name) for name in FIGURES}
    return {**figures, "gallery": row.gallery, "hits": "".join("1" if hit else "0" for hit in right)}


def pace(cell: Cell, scale: Scale) -> tuple[float, float]:
    """Processor seconds a shape in one thread: of training with everything in a step, and of being looked up."""
    torch.set_num_threads(1)
    how, one = recipe(cell, scale), shelf(cell.group, scale)
    sizes = plan(cell.network, scale.name)
    network = sizes.make(torch.Generator().manual_seed(0))
    learning = Learning(network, one.collection(), how, 0, _towers(cell), "cpu")
    steps = np.full(3, 1e-4)
    seconds = []
    for _ in range(2):  # the first compiles and fills caches
        started = time.process_time()
        pass_over(learning, 0, steps, steps, lambda _: None)
        seconds.append(time.process_time() - started)
    started = time.process_time()
    network_rows(network.eval(), one, slice(0, BLOCK), sizes.points, "cpu")
    return seconds[1] / (len(steps) * how.batch), (time.process_time() - started) / BLOCK


def _shapes(place: tuple[str, str], scale: Scale) -> tuple[Shelf, slice]:
    """A set and where one part of it stands."""
    one = shelf(place[0], scale)
    return one, one.part(place[1])


def _trained(network: nn.Module, cell: Cell, scale: Scale, folder: Path, device: str) -> dict[str, Any]:
    """Train the network in place; what it cost, as if it had run at one stretch."""
    collection, how, watch = shelf(cell.group, scale).collection(), recipe(cell, scale), Watch()
    trained = train(
        network, collection, how, seed=cell.seed, towers=_towers(cell), folder=folder / cell.name, device=device,
        progress=watch,
    )  # fmt: skip
    steps = len(trained.history) * max(1, len(collection.rows("train")) // how.batch)
    return {
        "seconds": watch.pace * steps,
        "shapes_per_second": how.batch / watch.pace,
        "best_epoch": trained.best_epoch,
        "device": device,
    }


def _towers(cell: Cell) -> Towers | None:
    """For multi-modal contrast: a small image tower and a small text tower, both learning with the shapes."""
    if cell.method != "mmcl":
        return None
    generator = torch.Generator().manual_seed(1000 + cell.seed)
    text = TextTower(TextConfig(latent=LATENT, rows=4096, dim=64, depth=1), generator)
    return Towers(latent=LATENT, image=ImageTower(ImageConfig(latent=LATENT, size=32), generator), text=text)


def named(cell_network: str) -> str:
    """As the table calls it."""
    return NAMES.get(cell_network, cell_network)
