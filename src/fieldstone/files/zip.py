"""A ZIP as a single model: all that it holds, each member a part. (A library takes its members one by one.)"""

import io
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from fieldstone.files import registry
from fieldstone.files.archive import Member, extract, index
from fieldstone.files.assembly import HERE, Piece, assemble
from fieldstone.files.beside import Packed
from fieldstone.files.notes import Notes
from fieldstone.files.source import Source
from fieldstone.types import Model

__all__ = ["read", "readable"]


def readable(name: str) -> bool:
    """Whether a member is worth reading: a format with a reader, and neither hidden nor a Mac's resource fork."""
    steps = name.replace("\\", "/").split("/")
    return registry.find(name) is not None and not any(
        step == "__MACOSX" or (step.startswith(".") and step not in (".", "..")) for step in steps
    )


def read(source: Source, notes: Notes) -> Model:
    """The one model of an archive, or all of them where they lie; they must agree on unit and up axis."""
    source.check("archive_depth", source.path.count("!/") + 1, "archives, one in the other")
    members = index(source.path, io.BytesIO(source.data), source.limits)
    known = [name for name in members if readable(name)]
    inner, fields = (
        {name for name in known if registry.extension(name) in suffixes}
        for suffixes in (registry.ARCHIVES, registry.FIELDS)
    )
    names = [name for name in known if name not in inner | fields]
    notes.count(len(inner), "archive in the archive was left out", "archives in the archive were left out")
    notes.count(len(fields), "field in the archive was left out", "fields in the archive were left out")
    if not names:
        raise source.empty("holds no file that can be read; unpack it and look")
    source.check("instances", len(names), "models")

    def unpack(name: str) -> bytes:
        return extract(source.path, io.BytesIO(source.data), members, name, source.limits)

    models = []
    budget = source.limits.bytes
    for name in names:
        budget -= members[name].size
        source.check("bytes", source.limits.bytes - budget, "bytes of models, unpacked")
        models.append(_member(source, notes, name, unpack, members))
    if len(models) == 1:
        return models[0]
    units, ups = {model.unit for model in models}, {model.up for model in models}
    if len(units) > 1 or len(ups) > 1:
        raise source.unsupported("holds models of different units or axes; name one of them as archive.zip!/member")
    notes.add(f"{len(models)} models of the archive are shown together, each where its file has it")
    shape, parts = assemble(source, [Piece(model.name, model.shape, HERE) for model in models])
    return Model(name=source.stem, shape=shape, parts=parts, unit=models[0].unit, up=models[0].up)


def _member(
    source: Source, notes: Notes, name: str, unpack: Callable[[str], bytes], members: Mapping[str, Member]
) -> Model:
    """Read one member, with the files beside it."""
    chosen = registry.find(name)
    assert chosen is not None
    beside = Packed(members, "/".join(PurePosixPath(name).parts[:-1]), unpack)
    inner = Source(f"{source.path}!/{name}", unpack(name), source.limits, beside)
    return chosen.reader()(inner, notes)
