"""What a user states of files: category, tags, unit, up axis; kept with the folder that was added, for files to come."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fieldstone.files import Entry
from fieldstone.library.memory import MEMORY
from fieldstone.types import Axis, Unit

__all__ = ["Labels", "below", "for_entry", "stated_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What the user states of the files that are added; None leaves it to the file."""

    category: str | None = None
    """A name, or "folder": each file's own folder names its category."""
    tags: tuple[str, ...] = ()
    unit: Unit | None = None
    up: Axis | None = None


def for_entry(labels: Labels, entry: Entry) -> Labels:
    """The labels of one file: the category "folder" becomes the name of the file's folder."""
    if labels.category != "folder":
        return labels
    if entry.source.startswith(MEMORY):
        return replace(labels, category=None)
    return replace(labels, category=Path(entry.source.replace("!/", "/")).parent.name)


def stated_for(entry: Entry, roots: Mapping[str, dict[str, Any]]) -> Labels:
    """What was stated of the innermost of the added folders that holds a file."""
    holders = [root for root in roots if below(entry.source, root)]
    if not holders:
        return Labels()
    stated = roots[max(holders, key=len)]
    return Labels(**{**stated, "tags": tuple(stated["tags"])})


def below(source: str, root: str) -> bool:
    """Whether a source is the root, or lies in that folder or archive."""
    path = source.split("!/")[0]
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
