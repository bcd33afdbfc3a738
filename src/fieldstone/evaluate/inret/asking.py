"""One field at a time asked of a trained method, and SIRENs asked among fields of another kind (INRet, Table 2).

A SIREN is distilled into the grid that an encoder of INRet reads (section A.3), or converted to points or views as it is.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
from jaxtyping import Float32

from fieldstone.encoders.inr import Kind, kind_name
from fieldstone.errors import GeometryError
from fieldstone.evaluate.inret.converted import PIXELS, Form, Rival, conversion_numbers, field_points, field_views
from fieldstone.evaluate.inret.fitted import FieldStore, readings_of
from fieldstone.evaluate.inret.kept import kept
from fieldstone.evaluate.inret.learned import reopened
from fieldstone.evaluate.inret.study import RIVALS, Study
from fieldstone.fields.distil import distil
from fieldstone.fields.network import Architecture, NeuralField
from fieldstone.training.asking import rows_of_fields
from fieldstone.training.collection import Collection
from fieldstone.training.run import STATE
from fieldstone.training.state import read_state, restore

__all__ = ["QUERY", "Asked", "asked_with", "distilled", "embedder", "siren_rows"]

Asked: TypeAlias = Callable[[NeuralField], Float32[np.ndarray, "dim"]]
QUERY: Kind = ("siren", "sdf")
"""What Table 2 asks with."""


def embedder(study: Study, method: str) -> Asked:
    """From an open field of signed distances to its row by one of the study's methods, which is trained first if it is not.

    It reads what the method reads: a grid of its architecture, a SIREN, or for the rivals any field.
    """
    folder = study.embedded(method).folder
    if method in RIVALS:
        return _rival(study, RIVALS[method], folder)
    kind: Kind = ("siren" if method == "inr2vec" else cast("Architecture", method), "sdf")
    half, seen = study.store.half, study.store.readings(study.selection.test[:1], kind)
    encoder = reopened(folder, kind, seen, study.device)
    return lambda field: rows_of_fields(encoder, [readings_of([field], half)], study.device)[0]


def asked_with(study: Study, method: str) -> Asked:
    """From an open SIREN to its row: what Table 2 times."""
    way = embedder(study, method)
    if method in RIVALS:
        return way
    architecture = cast("Architecture", method)
    return lambda field: way(distil(field, architecture, "sdf", device=study.device, **study.fits[architecture]))


def distilled(study: Study) -> FieldStore:
    """The test shapes' SIRENs as grids, with the study's settings of fits."""
    return replace(study.store, source=QUERY)


def siren_rows(study: Study, method: str) -> Float32[np.ndarray, "shapes dim"]:
    """Rows of the test shapes' SIRENs by one of the study's methods but inr2vec, each kept beside the method's own rows.
    GeometryError, with the shape's name, for one that has no surface."""
    test, store, kind = study.selection.test, study.store, QUERY
    store.fit_all(test, [QUERY], progress=study.told)
    if method not in RIVALS:
        store, kind = distilled(study), (cast("Architecture", method), "sdf")
        store.fit_all(test, [kind], progress=study.told)
    folder, way, rows = study.embedded(method).folder / kind_name(QUERY), cache(partial(embedder, study, method)), []
    study.told.start(f"SIRENs by {method}", len(test))
    for shape in test:
        make = partial(_siren_row, way, partial(store.field, shape, kind), f"{shape.name} as {kind_name(kind)}")
        rows.append(kept(folder / f"{store.path(shape, kind).stem}.safetensors", make)["row"])
        study.told.advance(1, shape.name)
    study.told.finish()
    return np.stack(rows)


def _siren_row(
    way: Callable[[], Asked], field: Callable[[], NeuralField], name: str
) -> dict[str, Float32[np.ndarray, "dim"]]:
    """Method and field are opened now, and not where the row is there."""
    try:
        return {"row": way()(field())}
    except GeometryError as error:
        raise GeometryError(f"{name}: {error}") from error


def _rival(study: Study, form: Form, folder: Path) -> Asked:
    rival = Rival(form, compact=study.scale.compact, epochs=study.scale.epochs, seed=study.seed)
    restore(rival.network, read_state(folder / STATE).tensors, "backbone.")
    rival.network.eval().to(study.device)
    size, classes = PIXELS[study.scale.compact], study.selection.classes

    def row(field: NeuralField) -> Float32[np.ndarray, "dim"]:
        cloud, pictures = np.zeros((1, 3), dtype=np.float32), None
        if form == "points":
            cloud = field_points(field, conversion_numbers(field.card.source_hash, study.seed))
        else:
            pictures = field_views(field, size, field.frame.up)[None]
        one = Collection(
            ids=("query",), points=cloud[None], split=("train",), labels=np.zeros(1, dtype=np.int64), classes=classes,
            views=pictures,
        )  # fmt: skip
        return rival.rows(one, study.device)[0]

    return row
