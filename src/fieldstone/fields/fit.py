"""Fit a field to a mesh, a point cloud, another field or any function of points."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, Unpack

import numpy as np
from jaxtyping import Float, Float32

from fieldstone.errors import GeometryError
from fieldstone.fields.field import CallableField, Field, Function
from fieldstone.fields.fitting import Fitting, check_state
from fieldstone.fields.frame import Frame
from fieldstone.fields.lesson import Lesson
from fieldstone.fields.machine import check_machine
from fieldstone.fields.network import Architecture, Card, Network, NeuralField
from fieldstone.fields.recipe import Recipe, Settings, recipe
from fieldstone.fields.sampling import Truth
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
    unit: Unit | None = None,
    up: Axis | None = None,
    name: str = "",
    source_hash: str = "",
    licence: str = "",
    device: str = "cpu",
    workers: int | None = None,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
    **settings: Unpack[Settings],
) -> NeuralField:
    """A field of the source on the cube [-1, 1]^3 of the frame `unit_sphere_bbox`, with the way back to its own frame.

    A mesh becomes any of sdf, udf and occ; a cloud udf, or with normals the others; a field or a function of points of
    the cube (which must give signed distances) is distilled (INRet, appendix A.3). `settings` are config, schedule,
    sampling, seed, color and stop_at: see recipe.py. `checkpoint` names a file for the state of a long fit; a call with
    the same arguments goes on from it, and it is deleted at the end. Grids run on numpy and numba; siren, and any device
    but the cpu, need torch. Same seed, same bytes, on any number of `workers` (threads).

    ValueError where the settings make no fit; MissingExtra without torch where it is needed; FileError where no state can
    be kept at `checkpoint`; all before any work. GeometryError where the source cannot give the function.
    """
    asked = recipe(architecture, function, **settings)
    check_machine(architecture, device, workers)
    if checkpoint is not None:
        check_state(checkpoint)
    begun = prepare(source, asked, unit, up)
    fitting = Fitting(begun.lesson, device, workers)
    error = run(fitting, checkpoint, progress or Silent())
    about = Card(source=name, source_hash=source_hash, licence=licence)
    return begun.field(fitting.network, error, fitting.epochs_done, about)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Prepared:
    """A fit before its first step."""

    lesson: Lesson
    frame: Frame
    sign_confidence: float | None

    def field(self, network: Network, error: float, epochs_done: int, about: Card) -> NeuralField:
        """The field of the trained network; `about` says what the source was."""
        settings = {**self.lesson.recipe.settings, "epochs_done": epochs_done}
        card = replace(about, settings=settings, error=error, sign_confidence=self.sign_confidence)
        return NeuralField(network=network, function=self.lesson.function, frame=self.frame, card=card)


def prepare(source: Source, asked: Recipe, unit: Unit | None = None, up: Axis | None = None) -> Prepared:
    """Truth and samples for a fit. GeometryError as `truth_of` raises it."""
    truth, frame, confidence = truth_of(source, asked.function, asked.color, unit, up)
    return Prepared(lesson=Lesson(truth, asked), frame=frame, sign_confidence=confidence)


def truth_of(
    source: Source, function: Function, color: bool = False, unit: Unit | None = None, up: Axis | None = None
) -> tuple[Truth, Frame, float | None]:
    """What a field of the source should say, its frame, and for a side the share of points that tell it plainly.

    A field's own unit and up stay where others are not given. GeometryError where the source cannot give the function,
    or has no colours though they are asked for.
    """
    if isinstance(source, Mesh):
        moved, frame = Frame.of(source, unit=unit, up=up)
        confidence = None if function == "udf" else sign_confidence(moved, np.random.default_rng(0))
        return MeshTruth(moved, function, color), frame, confidence
    if isinstance(source, PointCloud):
        if color:
            raise GeometryError("a point cloud gives no colours to a field: leave the colour out")
        cloud, frame = Frame.of(source, unit=unit, up=up)
        return CloudTruth(cloud, function), frame, None
    field = source if isinstance(source, Field) else CallableField(call=source, function="sdf")
    told = field.card.sign_confidence if isinstance(field, NeuralField) and function != "udf" else None
    return FieldTruth(field, function, color), _stated(field.frame, unit, up), told


def _stated(frame: Frame, unit: Unit | None, up: Axis | None) -> Frame:
    return replace(frame, unit=unit or frame.unit, up=up or frame.up)


def run(fitting: Fitting, checkpoint: Path | None, progress: Progress) -> float:
    """Epochs until the schedule or the target is reached, from where a saved state of this fit stands; the error then."""
    stop_at = fitting.lesson.recipe.stop_at
    if checkpoint is not None and checkpoint.exists() and not fitting.restore(checkpoint):
        progress.note(f"{checkpoint} is the state of another fit: this one begins anew and takes its place")
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
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return error
