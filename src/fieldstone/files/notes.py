"""What a reader found odd, said once each and never at length."""

from collections.abc import Iterable

__all__ = ["Notes", "small"]

MOST, LONGEST = 50, 300
ENTRIES, VALUE = 40, 500


class Notes:
    """Gathers notes in the order found; repeats are dropped, and beyond fifty only the number is kept."""

    def __init__(self) -> None:
        self.texts: dict[str, None] = {}
        self.more = 0

    def add(self, text: str) -> None:
        """Keep a note, as one printable line."""
        line = printable(text)[:LONGEST]
        if line in self.texts:
            return
        if len(self.texts) < MOST:
            self.texts[line] = None
        else:
            self.more += 1

    def count(self, number: int, one: str, many: str) -> None:
        """`1 face ...` or `12 faces ...`; nothing for 0."""
        if number:
            self.add(f"1 {one}" if number == 1 else f"{number:,} {many}")

    def done(self) -> tuple[str, ...]:
        """All notes."""
        return (*self.texts, f"and {self.more:,} more notes") if self.more else tuple(self.texts)


def printable(text: str) -> str:
    """Without line breaks, control characters and lone surrogates."""
    joined = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in joined)


def small(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Metadata of a bounded size: first value of a key wins, empty ones are dropped."""
    kept: dict[str, str] = {}
    for key, value in pairs:
        name, text = printable(key)[:80], printable(value)[:VALUE]
        if name and text and name not in kept and len(kept) < ENTRIES:
            kept[name] = text
    return kept
