"""Fit a field to a mesh, a point cloud, another field or any function of points."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float, Float32

from fieldstone.errors import GeometryError
from fieldstone.fields.field import CallableField, Field, Function
from fieldstone.fields.fitting import Fitting
from fieldstone.fields.frame import Frame
from fieldstone.fields.lesson import Lesson
from fieldstone.fields.network import Architecture, Card, Network, NeuralField
from fieldstone.fields.sampling import Sampling, Truth
from fieldstone.fields.schedule import Schedule, fast
from fieldstone.fields.truth import CloudTruth, FieldTruth, MeshTruth
from fieldstone.geometry.distance import sign_confidence
from fieldstone.progress import Progress, Silent
from fieldstone.types import Axis, Mesh, PointCloud, Unit

__all__ = ["Prepared", "Source", "fit", "prepare", "run", "truth_of"]

Source: TypeAlias = Mesh | PointCloud | Field | Callable[[Float32[np.ndarray, "n 3"]], Float[np.ndarray, "n"]]
SAVE_EVERY = 5.0
"""Seconds of training between saved states."""


def fit(
    source: Source,
    architecture: Architecture = "hashgrid",
    function: Function = "sdf",
    *,
    config: Any = None,
    schedule: Schedule | None = None,
    sampling: Sampling | None = None,
    color: bool = False,
    unit: Unit | None = None,
    up: Axis | None = None,
    name: str = "",
    source_hash: str = "",
    licence: str = "",
    seed: int = 0,
    stop_at: float | None = None,
    device: str = "cpu",
    workers: int | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> NeuralField:
    """A field of the source on the cube [-1, 1]^3 of the frame `unit_sphere_bbox`, with the way back to its own frame.

    A mesh becomes any of sdf, udf and occ; a cloud udf, or with normals the others; a field or a function of points of
    the cube (which must give signed distances) is distilled (INRet, appendix A.3). `schedule` None: `fast()`; `sampling`
    None: INRet's. `stop_at` ends the fit as soon as the mean absolute error at held-out points near the surface is not
    above it, in the frame's unit (1 is the radius of the shape). `checkpoint` names a file for the state of a long fit;
    a call with the same arguments goes on from it, and it is deleted at the end. Grid architectures run on numpy and
    numba; siren, and any device but the cpu, need torch. Same seed, same bytes, on any number of `workers` (threads).

    GeometryError where the source cannot give the function; MissingExtra without torch where it is needed.
    """
    begun = prepare(
        source, architecture, function, config=config, schedule=schedule, sampling=sampling, color=color, unit=unit,
        up=up, seed=seed,
    )  # fmt: skip
    fitting, progress = Fitting(begun.lesson, device, workers), progress or Silent()
    if checkpoint is not None and checkpoint.exists() and not fitting.restore(checkpoint):
        progress.note(f"{checkpoint} is the state of another fit: this one begins anew and takes its place")
    error = run(fitting, stop_at, checkpoint, progress)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    about = Card(source=name, source_hash=source_hash, licence=licence)
    return begun.field(fitting.network, error, fitting.epochs_done, stop_at, about)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Prepared:
    """A fit before its first step."""

    lesson: Lesson
    frame: Frame
    sign_confidence: float | None

    def field(
        self, network: Network, error: float, epochs_done: int, stop_at: float | None, about: Card
    ) -> NeuralField:
        """The field of the trained network; `about` says what the source was."""
        settings: Mapping[str, Any] = {**self.lesson.settings, "stop_at": stop_at, "epochs_done": epochs_done}
        card = replace(about, settings=settings, error=error, sign_confidence=self.sign_confidence)
        return NeuralField(network=network, function=self.lesson.function, frame=self.frame, card=card)


def prepare(
    source: Source,
    architecture: Architecture,
    function: Function,
    *,
    config: Any = None,
    schedule: Schedule | None = None,
    sampling: Sampling | None = None,
    color: bool = False,
    unit: Unit | None = None,
    up: Axis | None = None,
    seed: int = 0,
) -> Prepared:
    """Truth and samples for `fit`, with its arguments and errors."""
    truth, frame, confidence = truth_of(source, function, color, unit, up)
    lesson = Lesson(
        truth,
        architecture,
        config=config,
        schedule=schedule or fast(),
        sampling=sampling or Sampling(),
        seed=seed,
    )
    return Prepared(lesson=lesson, frame=frame, sign_confidence=confidence)


def truth_of(
    source: Source, function: Function, color: bool = False, unit: Unit | None = None, up: Axis | None = None
) -> tuple[Truth, Frame, float | None]:
    """What a field of the source should say, its frame, and for a mesh's side the share of points that tell it plainly.

    GeometryError where the source cannot give the function, or has no colours though they are asked for.
    """
    if color and not isinstance(source, Mesh):
        raise GeometryError("only a mesh gives colours to a field: leave the colour out")
    if isinstance(source, Mesh):
        moved, frame = Frame.of(source, unit=unit, up=up)
        confidence = None if function == "udf" else sign_confidence(moved, np.random.default_rng(0))
        return MeshTruth(moved, function, color), frame, confidence
    if isinstance(source, PointCloud):
        cloud, frame = Frame.of(source, unit=unit, up=up)
        return CloudTruth(cloud, function), frame, None
    field = source if isinstance(source, Field) else CallableField(call=source, function="sdf")
    return FieldTruth(field, function), field.frame, None


def run(fitting: Fitting, stop_at: float | None, checkpoint: Path | None, progress: Progress) -> float:
    """Epochs until the schedule or the target is reached; the error at the end."""
    progress.start("fitting", fitting.lesson.schedule.epochs)
    progress.advance(fitting.epochs_done)
    error, unsaved = fitting.error(), 0.0
    while not fitting.done and (stop_at is None or error > stop_at):
        report = fitting.epoch()
        error, unsaved = report.error, unsaved + report.seconds
        progress.advance(1, f"loss {report.loss:.2e}, error {report.error:.2e}")
        if checkpoint is not None and unsaved >= SAVE_EVERY and not fitting.done:
            fitting.save(checkpoint)
            unsaved = 0.0
    progress.finish()
    return error
