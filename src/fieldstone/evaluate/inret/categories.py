"""Who says which category a test shape has, before a Category-Chamfer search (INRet, section E.2).

"We use the frozen INR Embeddings to train an MLP for classification"; "for PointNeXt, we use the trained PointNeXt".
"""

from pathlib import Path

import numpy as np
from jaxtyping import Int64

from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.study import RIVALS, Study
from fieldstone.training.category import CategoryHead, Recipe, category_head
from fieldstone.training.heads import classifier
from fieldstone.training.objectives import Classification
from fieldstone.training.run import STATE
from fieldstone.training.seeding import torch_generator
from fieldstone.training.state import read_state, restore

__all__ = ["own_head", "said_categories"]

HEAD = "head"
"""Folder of the head's training, in that of the encoders."""


def said_categories(study: Study, method: str) -> Int64[np.ndarray, "shapes"]:
    """Categories of the test shapes' fields of signed distances, as one of the study's methods says them.

    A rival's own head says them, with which it learnt. For the others a head learns from the rows of the training fields, of
    all three functions, as the rivals did.
    """
    embedded = study.embedded(method)
    asked, classes = embedded.test["sdf"], len(study.selection.classes)
    if method in RIVALS:
        return own_head(embedded.folder, asked.shape[1], classes).classify(asked)
    rows = np.concatenate([embedded.train[function] for function in FUNCTIONS])
    labels = np.tile(study.selection.labels(study.selection.train), len(FUNCTIONS))
    folder = embedded.folder / HEAD
    head = category_head(
        rows, labels, classes, Recipe(), seed=study.seed, folder=folder, device=study.device, progress=study.told
    )
    return head.classify(asked)


def own_head(folder: Path, dim: int, classes: int) -> CategoryHead:
    """The head of a rival's training, from its state in `folder`: rows of length `dim` to categories. BrokenFile where there
    is no such state."""
    head = classifier(dim, classes, Classification().head, torch_generator(0))
    restore(head, read_state(folder / STATE).tensors, f"{Classification.name}.head.")
    return CategoryHead(head.eval())
