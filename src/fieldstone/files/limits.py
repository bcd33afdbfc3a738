"""How much of a file Fieldstone is willing to take in before it says no."""

from dataclasses import dataclass, fields

from fieldstone.errors import LimitExceeded

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a reader refuses to go beyond; counts are checked from headers, before memory is taken."""

    bytes: int = 512 * 2**20
    """Of one file, archive member or side file, unpacked (an archive itself is read member by member)."""
    faces: int = 10_000_000
    """Triangles of the whole, every instance counted."""
    vertices: int = 30_000_000
    """Vertices or points of the whole, every instance counted (an STL has three a face)."""
    instances: int = 100_000
    """Places at which the whole holds a part, and nodes on the way to them."""
    parts: int = 2_000
    """Distinct parts that are told apart; a whole of more is kept as one, with a note."""
    levels: int = 200
    """Nodes in nodes, or components of components, of a scene."""
    elements: int = 10_000_000
    """XML elements and attributes, or JSON values, of a document."""
    pixels: int = 2**27
    """Of all textures of a file together; textures beyond are left out with a note."""
    zip_ratio: int = 200
    """Unpacked over packed size of an archive member larger than 16 MiB."""
    archive_depth: int = 2
    """Archives inside archives: 1 opens an archive, 2 also the archives in it."""
    members: int = 100_000
    """Entries of one archive."""
    seconds: float = 60.0
    """Wall clock for one file, where a reader runs in a process of its own (STEP)."""

    def __post_init__(self) -> None:
        """Refuse limits that nothing can pass."""
        for item in fields(self):
            if not getattr(self, item.name) > 0:
                raise ValueError(f"Limits.{item.name} is {getattr(self, item.name)}; give a number above 0")

    def check(self, path: str, name: str, found: int, what: str) -> None:
        """Raise LimitExceeded where `found` of `what` is more than the limit called `name` allows."""
        allowed = getattr(self, name)
        if found > allowed:
            raise LimitExceeded(
                path, f"holds {found:,} {what}, above the limit of {allowed:,}; raise Limits.{name} to read it"
            )
