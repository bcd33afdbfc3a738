"""MTL: the materials beside an OBJ, as far as they colour it."""

from dataclasses import dataclass

from fieldstone.errors import FileError
from fieldstone.files.colors import from_unit
from fieldstone.files.notes import Notes
from fieldstone.files.source import Source

__all__ = ["Material", "read_materials"]

# Options of `map_Kd`, each with the most numbers or words that may follow it.
OPTIONS = {
    "-blendu": 1, "-blendv": 1, "-bm": 1, "-boost": 1, "-cc": 1, "-clamp": 1, "-imfchan": 1, "-mm": 2,
    "-o": 3, "-s": 3, "-t": 3, "-texres": 1,
}  # fmt: skip

MOST = 32
"""Material files of one OBJ that are read."""


@dataclass(frozen=True, slots=True)
class Material:
    """A colour (sRGB, 8 bits) and the name of an image; None where the material does not say."""

    color: tuple[int, int, int, int] | None = None
    image: str | None = None


def read_materials(source: Source, notes: Notes, files: list[str]) -> dict[str, Material]:
    """The materials of all `mtllib` files that can be had; what is missing becomes a note."""
    found: dict[str, Material] = {}
    names = list(dict.fromkeys(files))
    notes.count(max(len(names) - MOST, 0), "material file was left out", "material files were left out")
    for name in names[:MOST]:
        try:
            text = source.beside.get(name)
        except FileError as error:
            notes.add(f"material file {name[:80]!r} {error.reason}")
            continue
        found.update(_parse(text[: 2**24].decode("utf-8", "replace")))
    return found


def _parse(text: str) -> dict[str, Material]:
    found: dict[str, Material] = {}
    name, color, alpha, image = None, None, 1.0, None
    for line in [*text.splitlines(), "newmtl"]:
        word, _, rest = line.strip().partition(" ")
        word = word.lower()
        if word == "newmtl":
            if name is not None:
                found[name] = Material(None if color is None else from_unit((*color, alpha)), image)
            name, color, alpha, image = rest.strip(), None, 1.0, None
        elif word == "kd":
            color = _numbers(rest, 3)
        elif word in ("d", "tr"):
            opacity = _numbers(rest, 1)
            if opacity is not None:
                alpha = opacity[0] if word == "d" else 1.0 - opacity[0]
        elif word == "map_kd":
            image = _image_name(rest) or None
    return found


def _numbers(text: str, count: int) -> tuple[float, ...] | None:
    try:
        values = tuple(float(word) for word in text.split()[:count])
    except ValueError:
        return None
    return values if len(values) == count else None


def _image_name(text: str) -> str:
    """The file behind the options, spaces in it kept."""
    words = text.strip().split(" ")
    while words and words[0].lower() in OPTIONS:
        most = OPTIONS[words.pop(0).lower()]
        while most and len(words) > 1 and (most == 1 or _numbers(words[0], 1) is not None):
            words.pop(0)
            most -= 1
    return " ".join(words).strip()
