"""From a path, or bytes with a name, to a Model: find the reader, run it, check what it gives."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from fieldstone.errors import FileError, LimitExceeded, UnsupportedFormat
from fieldstone.files import registry
from fieldstone.files.beside import Alone, Beside
from fieldstone.files.checks import check_model
from fieldstone.files.limits import Limits
from fieldstone.files.notes import Notes, small
from fieldstone.files.scanning import Entry, beside_of, entry_of, open_bytes
from fieldstone.files.source import Source
from fieldstone.types import Axis, Model, Unit

__all__ = ["read", "read_bytes", "read_entry"]

DEFAULT = Limits()


def read(path: str | Path, *, limits: Limits = DEFAULT, unit: Unit | None = None, up: Axis | None = None) -> Model:
    """Read one file, or one member of an archive as `archive.zip!/member`.

    `unit` and `up` override what the file says. Coordinates stay in the file's own unit and frame. What was found
    odd is in the model's notes. Raises FileError, and nothing else, where the file cannot become a shape.
    """
    return read_entry(entry_of(path, limits), limits=limits, unit=unit, up=up)


def read_entry(entry: Entry, *, limits: Limits = DEFAULT, unit: Unit | None = None, up: Axis | None = None) -> Model:
    """Read what `scan` found, the files beside it (materials, buffers, textures) included; like `read`."""
    return read_bytes(open_bytes(entry, limits), entry, limits, unit=unit, up=up)


def read_bytes(
    data: bytes, name: str | Entry, limits: Limits = DEFAULT, *, unit: Unit | None = None, up: Axis | None = None
) -> Model:
    """Read the bytes of a file called `name`; given an Entry, the files beside it can be read too. Like `read`."""
    label = name.source if isinstance(name, Entry) else name
    chosen = registry.find(label)
    if chosen is None:
        suffixes = (suffix for item in registry.FORMATS for suffix in item.extensions)
        known = ", ".join(suffix for suffix in suffixes if suffix not in registry.FIELDS)
        raise UnsupportedFormat(label, f"is of a kind that no reader takes; convert it to one of {known}")
    limits.check(label, "bytes", len(data), "bytes")
    beside: Beside = beside_of(name, limits) if isinstance(name, Entry) else Alone()
    source, notes = Source(label, data, limits, beside), Notes()
    if not data:
        raise source.empty("is an empty file; copy or export it again")
    try:
        with np.errstate(all="ignore"):
            model = check_model(source, chosen.reader()(source, notes), notes)
    except FileError:
        raise
    except MemoryError as error:
        raise LimitExceeded(
            label, "needs more memory than there is; simplify it, or read it on a larger machine"
        ) from error
    except RecursionError as error:
        raise source.broken("is nested too deeply; export it again") from error
    if len(model.parts) > limits.parts:
        notes.add(f"its {len(model.parts):,} parts are not told apart: more than Limits.parts ({limits.parts:,})")
        model = replace(model, parts=())
    metadata = small([("format", chosen.name), *model.metadata.items()])
    return replace(model, unit=unit or model.unit, up=up or model.up, notes=notes.done(), metadata=metadata)
