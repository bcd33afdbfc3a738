"""THE DATABASE: ingest, search, evidence, duplicates, history. `Library` is the facade over it.

`Library` loads when it is used: worker processes import their part of this package without the database.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldstone.library.library import Library

__all__ = ["Library"]


def __getattr__(name: str) -> Any:
    if name == "Library":
        from fieldstone.library.library import Library

        return Library
    raise AttributeError(f"module 'fieldstone.library' has no attribute '{name}'")
