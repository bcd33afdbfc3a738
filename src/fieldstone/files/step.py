"""STEP, through cascadio (extra `step`): tessellated by OpenCASCADE in a process of its own, always in metres."""

import importlib.util
import math
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from fieldstone.errors import FileError, LimitExceeded, MissingExtra
from fieldstone.files import gltf
from fieldstone.files.notes import Notes, small
from fieldstone.files.source import Source
from fieldstone.types import Model

__all__ = ["read"]

NAME = re.compile(r"FILE_NAME\s*\(\s*'([^']{0,200})'\s*,\s*'([^']{0,40})'", re.IGNORECASE)
SCHEMA = re.compile(r"FILE_SCHEMA\s*\(\s*\(\s*'([^']{0,80})", re.IGNORECASE)
CONVERTER = Path(__file__).with_name("step_convert.py")
MEMORY = 4 * 2**30
"""Address space of the converting process, where the system can limit it."""
SHARE = 0.9
"""Of Limits.seconds that the conversion may take; the rest is for reading what it made."""


def read(source: Source, notes: Notes) -> Model:
    """The assembly as triangles, in metres (cascadio converts); which axis is up is not said by the format."""
    if importlib.util.find_spec("cascadio") is None:
        raise MissingExtra(source.path, 'needs the extra "step"; run: pip install "fieldstone[step]"')
    if b"ISO-10303-21" not in source.data[:4096]:
        raise source.broken(
            "does not start like a STEP file (ISO-10303-21); check that this is one, or export it again"
        )
    glb = _convert(source)
    try:
        model = gltf.read(Source(source.path, glb, source.limits), notes)
    except LimitExceeded:
        raise
    except FileError as error:
        raise source.empty(
            "holds no solids or surfaces that can be shown; check that the export was not empty"
        ) from error
    header = source.data[:8192].decode("latin-1")
    name, schema = NAME.search(header), SCHEMA.search(header)
    metadata = small(
        [
            ("schema", schema.group(1) if schema else ""),
            *zip(("file", "written"), name.groups() if name else (), strict=False),
        ]
    )
    return replace(model, up=None, metadata=metadata)


def _convert(source: Source) -> bytes:
    """Tessellate in a child process: OpenCASCADE may crash or spin on a damaged file, and must not take us along."""
    seconds = SHARE * source.limits.seconds
    command = [sys.executable, str(CONVERTER), str(MEMORY), str(math.ceil(seconds))]
    try:
        result = subprocess.run(command, input=source.data, timeout=seconds, capture_output=True, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise LimitExceeded(
            source.path, f"took longer than {seconds:g} s to convert; raise Limits.seconds, or simplify it"
        ) from error
    if result.returncode != 0:
        raise source.broken("cannot be converted by OpenCASCADE; open it in a CAD program and export it again")
    source.check("bytes", len(result.stdout), "bytes of triangles")
    return result.stdout
