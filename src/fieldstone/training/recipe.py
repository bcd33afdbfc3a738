"""All that decides a training beside its network and its shapes, and the recipes of the paper.

Van den Herrewegen et al., Fine-tuning 3D foundation models for geometric object retrieval, 2024 (below: 3DOR), section 4.4,
and the configurations that its authors released ("released"), which differ. `compact` recipes are ours, for two cores.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from fieldstone.training.augment import Augment, Dataset, paper, released, ulip
from fieldstone.training.history import Select
from fieldstone.training.mmcl import MMCL
from fieldstone.training.objectives import Classification, VICReg
from fieldstone.training.schedule import Schedule

__all__ = ["Form", "Recipe", "classification", "mmcl", "vicreg"]

Form: TypeAlias = Literal["paper", "compact"]

SCRATCH, TUNED = Schedule(rate=3e-4), Schedule(rate=5e-5, warm=0.2)
"""3DOR, section 4.4: random weights, and weights that are tuned."""

RELEASED: dict[Dataset, tuple[float, float, float, int, int]] = {
    "modelnet40": (5e-5, 1e-6, 0.05, 100, 64),
    "shapenet": (5e-5, 1e-4, 0.08, 70, 64),
    "shapenet_perturbed": (5e-5, 1e-4, 0.20, 50, 64),
    "mcb": (8e-5, 3e-3, 0.20, 45, 64),
    "scanobjectnn": (2e-4, 3e-3, 0.20, 50, 64),
    "objaverse_easy": (5e-5, 1e-4, 0.20, 75, 32),
}
"""Highest rate, weight decay, warm-up, epochs, batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """AdamW on a weighted sum of objectives."""

    objectives: tuple[Classification | VICReg | MMCL, ...]
    augment: Augment
    schedule: Schedule
    epochs: int
    batch: int
    """Shapes a step; what is left of an epoch below a batch waits for the next."""
    decay: float = 1e-2
    """Weight decay of matrices; biases and norms have none."""
    beta2: float = 0.999
    clip: float | None = None
    """The gradient's length is cut here."""
    steps: int | None = None
    """At most so many batches an epoch."""
    gallery: int | None = None
    """At most so many training shapes are searched when validation shapes are looked up."""
    select: Select = "accuracy"
    """Which epoch is kept, by the validation shapes: see `history.best_of`."""
    patience: int | None = None
    """Ends after so many epochs without a better one; None: never early."""
    keep: int | None = None
    """Patches that a network of patches keeps of a cloud in training; None: all."""
    views: bool = False
    """Whether the network looks at the collection's pictures."""
    bf16: bool = False
    """Whether the network computes in bfloat16; losses and weights stay in float32."""

    def __post_init__(self) -> None:
        """ValueError where nothing would be learnt."""
        names = [method.name for method in self.objectives]
        if len(set(names)) != len(names):
            raise ValueError("a recipe has each objective once")
        counts = (self.epochs, self.steps, self.gallery, self.patience, self.keep)
        if not self.objectives or any(count is not None and count < 1 for count in counts) or self.batch < 2:
            raise ValueError("a recipe has an objective, batches of two shapes or more, and counts of at least one")

    @property
    def branches(self) -> int:
        """Augmented views of each shape in a step."""
        return max(method.views for method in self.objectives)

    @property
    def settings(self) -> dict[str, Any]:
        """As JSON values, with the name of each objective."""
        methods = [{"method": method.name, **asdict(method)} for method in self.objectives]
        return {**asdict(self), "objectives": methods}


def classification(
    form: Form | Literal["released"] = "compact", dataset: Dataset = "modelnet40", *, tuned: bool = True
) -> Recipe:
    """Tuning with labels; `tuned` False for weights that start at random.

    "paper": batches of 64; "released": the configurations that came with the checkpoints, one cycle stepped once an
    epoch, chosen there by accuracy on the test shapes and here on the validation shapes.
    """
    if form == "released":
        rate, decay, warm, epochs, batch = RELEASED[dataset]
        return Recipe(
            objectives=(Classification(),), augment=released(dataset), decay=decay, epochs=epochs, batch=batch,
            schedule=Schedule(rate=rate, warm=warm, kind="one_cycle"),
        )  # fmt: skip
    if form == "compact":
        return _compact((Classification(smoothing=0.1),), tuned)
    return _paper((Classification(head="paper"),), dataset, tuned, 64)


def vicreg(form: Form = "compact", dataset: Dataset = "modelnet40", *, tuned: bool = True) -> Recipe:
    """Tuning without labels; batches of 48 in the paper."""
    if form == "compact":
        return _compact((VICReg(width=512),), tuned)
    return _paper((VICReg(),), dataset, tuned, 48)


def mmcl(form: Form | Literal["ulip"] = "compact", dataset: Dataset = "modelnet40", *, tuned: bool = True) -> Recipe:
    """Tuning with pictures and captions; batches of 32 in the paper.

    "ulip" is ULIP's own pre-training from random weights, as its code has it (there 64 shapes on each of eight GPUs).
    """
    if form == "ulip":
        return Recipe(
            objectives=(MMCL(shared_captions=False),), augment=ulip(), decay=0.1, beta2=0.98, epochs=250, batch=64,
            schedule=Schedule(rate=3e-3, warm=1.0 / 250.0, final=1e-5),
        )  # fmt: skip
    if form == "compact":
        return _compact((MMCL(),), tuned)
    return _paper((MMCL(shared_captions=False),), dataset, tuned, 32)


def _paper(objectives: tuple[Classification | VICReg | MMCL, ...], dataset: Dataset, tuned: bool, batch: int) -> Recipe:
    """3DOR, section 4.4: fewer epochs on the larger sets, twice as many from random weights."""
    large = dataset in ("shapenet", "shapenet_perturbed", "mcb")
    epochs = (50 if large else 100) * (1 if tuned else 2)
    return Recipe(
        objectives=objectives, augment=paper(dataset), schedule=TUNED if tuned else SCRATCH, epochs=epochs, batch=batch
    )


def _compact(objectives: tuple[Classification | VICReg | MMCL, ...], tuned: bool) -> Recipe:
    """Ours: 2,048 points in any pose, 10 epochs with warm-up."""
    gentle = Augment(points=2048, rotation="any", stretch=(0.8, 1.1), jitter=0.005, jitter_limit=0.05, shift=0.05)
    rate = 1e-4 if tuned else 5e-4
    return Recipe(
        objectives=objectives, augment=gentle, schedule=Schedule(rate=rate, warm=0.1), epochs=10, batch=32, decay=0.05,
        clip=1.0, patience=3 if tuned else None,
    )  # fmt: skip
