"""Files to shapes and back: one format per file behind a registry; units and up axis; limits for hostile input.

for entry in scan("~/models"):
    data = open_bytes(entry)          # hash these
    model = read_bytes(data, entry)   # or read("part.stl"), or read("archive.zip!/part.stl")
write(model.shape, "part.ply")
"""

from fieldstone.files.limits import Limits
from fieldstone.files.reading import read, read_bytes, read_entry
from fieldstone.files.registry import Format, formats
from fieldstone.files.scanning import Entry, Skipped, beside_of, open_bytes, scan
from fieldstone.files.write import write

__all__ = [
    "Entry",
    "Format",
    "Limits",
    "Skipped",
    "beside_of",
    "formats",
    "open_bytes",
    "read",
    "read_bytes",
    "read_entry",
    "scan",
    "write",
]
