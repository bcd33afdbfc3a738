"""What a training makes small. Each objective owns its head; several are one weighted sum, and none is a special case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from fieldstone.errors import FieldstoneError
from fieldstone.training import losses
from fieldstone.training.collection import Collection
from fieldstone.training.heads import ClassifierForm, classifier, projector
from fieldstone.training.losses import VICRegForm
from fieldstone.training.towers import Towers

__all__ = ["Classification", "Method", "Objective", "Setting", "Step", "VICReg"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Setting:
    """What an objective is built for."""

    dim: int
    """Length of the encoder's rows."""
    collection: Collection
    towers: Towers | None
    generator: torch.Generator
    """Draws the heads' first weights; lives on the CPU."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Step:
    """What an objective sees of a batch."""

    views: Sequence[Float[Tensor, "batch dim"]]
    """The encoder's rows of each augmented view of the shapes."""
    rows: Int64[Tensor, "batch"]
    """Which shapes of the collection these are."""
    generator: torch.Generator
    """Draws what the objective itself leaves to chance; lives on the CPU."""


class Objective(Protocol):
    """A loss with its head, ready for one collection. Also a torch Module."""

    def __call__(self, step: Step) -> Float[Tensor, ""]:
        """The loss of a batch."""


class Method(Protocol):
    """The configuration of an objective."""

    @property
    def weight(self) -> float:
        """What its loss counts in the sum."""

    @property
    def name(self) -> str:
        """How results call it."""

    @property
    def views(self) -> int:
        """Augmented views of each shape that it needs at least."""

    def build(self, setting: Setting) -> nn.Module:
        """The Objective. FieldstoneError where the collection lacks what it learns from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Cross-entropy over the collection's classes (3DOR, section 3.1). Shapes without a label are left out."""

    name: ClassVar[str] = "classification"
    views: ClassVar[int] = 1
    weight: float = 1.0
    head: ClassifierForm = "released"
    smoothing: float = 0.0
    """Share of the target that is spread over all classes."""

    def build(self, setting: Setting) -> nn.Module:
        """FieldstoneError where fewer than two classes have shapes to learn from."""
        collection = setting.collection
        labels = collection.labels[collection.rows("train")]
        if len(set(labels[labels >= 0].tolist())) < 2:
            raise FieldstoneError(
                "classification needs shapes of two classes or more to learn from; label some, or use vicreg or mmcl"
            )
        return _Classified(
            self, classifier(setting.dim, len(collection.classes), self.head, setting.generator), collection
        )


class _Classified(nn.Module):
    """Every view is classified."""

    labels: Tensor

    def __init__(self, config: Classification, head: nn.Module, collection: Collection) -> None:
        super().__init__()
        self.head, self.smoothing = head, config.smoothing
        self.register_buffer("labels", torch.from_numpy(collection.labels.copy()), persistent=False)

    def forward(self, step: Step) -> Float[Tensor, ""]:
        """The mean cross-entropy of the views."""
        labels = self.labels[step.rows]
        each = [losses.classification(self.head(view), labels, self.smoothing) for view in step.views]
        return torch.stack(each).mean()


@dataclass(frozen=True, slots=True, kw_only=True)
class VICReg:
    """Two views of a shape fall together, and the dimensions of a batch stay wide and apart (3DOR, section 3.3)."""

    name: ClassVar[str] = "vicreg"
    views: ClassVar[int] = 2
    weight: float = 1.0
    form: VICRegForm = "released"
    width: int = 1024
    """Width of the projector's three layers."""

    def build(self, setting: Setting) -> nn.Module:
        """Learns from the shapes alone."""
        return _Siamese(self, projector(setting.dim, self.width, setting.generator))


class _Siamese(nn.Module):
    """The first two views, each through the projector by itself, as the authors' code does."""

    def __init__(self, config: VICReg, head: nn.Module) -> None:
        super().__init__()
        self.head, self.form = head, config.form

    def forward(self, step: Step) -> Float[Tensor, ""]:
        """VICReg's loss of the first two views."""
        return losses.vicreg(self.head(step.views[0]), self.head(step.views[1]), self.form)
