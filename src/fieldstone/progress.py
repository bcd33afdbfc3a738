"""One way of saying how far a long job is: a terminal bar, a log and (later) a REST job all speak it."""

from typing import Protocol, runtime_checkable

__all__ = ["Progress", "Silent"]


@runtime_checkable
class Progress(Protocol):
    """A job says its total once, then what is done; `note` is for the one line that a user should not miss."""

    def start(self, title: str, total: int | None) -> None:
        """Begin a step of `total` units (None: unknown)."""

    def advance(self, done: int = 1, detail: str = "") -> None:
        """`done` more units are finished; `detail` names the latest."""

    def note(self, text: str) -> None:
        """Say something that matters beside the bar."""

    def finish(self) -> None:
        """End the step."""


class Silent:
    """A Progress that says nothing."""

    def start(self, title: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, done: int = 1, detail: str = "") -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""
