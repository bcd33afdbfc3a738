"""What encoders learn from: shapes as arrays, each in the train or the val part. Test shapes have no place here."""

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8

from fieldstone.errors import FieldstoneError
from fieldstone.render.views import Views

__all__ = ["Collection", "Split", "kept_views"]

Split: TypeAlias = Literal["train", "val"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Collection:
    """S shapes side by side. Points stand in `unit_sphere_centroid` unless their maker says otherwise, y up where the pose is known."""

    ids: tuple[str, ...]
    points: Float32[np.ndarray, "shapes n 3"]
    """Training draws a subset of each shape's points at every access, so keep more than the network reads."""
    split: tuple[str, ...]
    """Each shape's part, "train" or "val"; anything else is refused."""
    labels: Int64[np.ndarray, "shapes"]
    """Index into `classes`; -1 where unknown."""
    classes: tuple[str, ...] = ()
    normals: Float32[np.ndarray, "shapes n 3"] | None = None
    """Unit normals of the points, for networks that read them."""
    upright: Bool[np.ndarray, "shapes"] | None = None
    """Whose y is known to point up; None: nobody's."""
    descriptors: Float32[np.ndarray, "shapes variants values"] | None = None
    """Rows of `fieldstone-descriptor@1`; several variants of a shape (other samples, other poses) are drawn from in turn."""
    views: UInt8[np.ndarray, "shapes views size size 4"] | None = None
    """Pictures: 127.5 (normal in the camera's frame + 1), then nearness (far 1, near 255); 0 where nothing is seen."""
    captions: tuple[tuple[str, ...], ...] | None = None
    """What can be said of each shape, one or several sentences."""

    def __post_init__(self) -> None:
        """FieldstoneError where a shape is in neither part, or the columns do not fit together."""
        strange = sorted(set(self.split) - {"train", "val"})
        if strange:
            raise FieldstoneError(
                f'a collection to learn from holds shapes of the split "{strange[0]}"; leave out what is not train or val'
            )
        columns = [
            self.ids, self.points, self.split, self.labels, self.normals, self.upright, self.descriptors, self.views,
            self.captions,
        ]  # fmt: skip
        if len({len(column) for column in columns if column is not None}) != 1:
            raise FieldstoneError(
                "the columns of a collection differ in length; give each shape one entry in every column"
            )
        if len(self.labels) and not (self.labels.min() >= -1 and self.labels.max() < len(self.classes)):
            raise FieldstoneError(
                f"labels of a collection lie outside its {len(self.classes)} classes; use -1 for a shape without a label"
            )

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, split: Split) -> Int64[np.ndarray, "rows"]:
        """The shapes of one part, in order."""
        return np.array([i for i, part in enumerate(self.split) if part == split], dtype=np.int64)

    def fingerprint(self) -> str:
        """SHA-256 of all that is in it: the same collection, the same training."""
        digest = hashlib.sha256(repr((self.ids, self.split, self.classes, self.captions)).encode())
        for array in (self.points, self.labels, self.normals, self.upright, self.descriptors, self.views):
            if array is not None:
                digest.update(repr((array.shape, array.dtype.str)).encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def kept_views(seen: Views) -> UInt8[np.ndarray, "views size size 4"]:
    """What cameras see, as a Collection's `views`; nearness counts from the shape's nearest place."""
    there = np.isfinite(seen.depth)
    depth = np.where(there, seen.depth, 0.0)
    nearness = 255.0 - 127.0 * (depth - depth[there].min(initial=np.inf))  # two half diagonals deep at most
    values = np.concatenate([127.5 * (seen.normals + 1.0), np.maximum(nearness, 1.0)[..., None]], axis=-1)
    return np.where(there[..., None], np.rint(values), 0).astype(np.uint8)
