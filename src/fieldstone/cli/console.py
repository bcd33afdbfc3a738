"""What the verbs share: one console, the progress bar, tables, and how numbers are written."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

__all__ = ["TerminalProgress", "complain", "note", "number", "print_json", "say", "table"]

LAST = 24  # characters that the last column keeps, at least

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str, style: str = "") -> None:
    """One line of a result; what stands in it is text, never markup."""
    out.print(Text(_one_line(text), style))


def complain(message: str) -> None:
    """One line on standard error."""
    err.print(Text.assemble(("error: ", "bold red"), _one_line(message)))


def note(message: str) -> None:
    """Something to know, on standard error so that it never mixes with results."""
    err.print(Text.assemble(("note: ", "bold yellow"), _one_line(message)))


def number(value: float | None, digits: int = 4) -> str:
    """A number for a table: `digits` significant ones, thousands apart; a dash for none."""
    if value is None:
        return "-"
    if value != 0 and not 1e-3 <= abs(value) < 1e7:
        return f"{value:.{digits - 1}e}"
    whole = len(str(int(abs(value))))
    text = f"{value:,.{max(0, digits - whole)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table; what stands in it is text, never markup.

    A terminal that is too narrow loses the beginning of the last column, the path; a pipe loses nothing.
    """
    cells = [[_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    room = out.width - sum(widths[:-1]) - 2 * (len(widths) - 1)
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        grid.add_column(Text(_one_line(column)), justify="right" if column in right else "left", no_wrap=True)
    for *row, last in cells:
        cut = out.is_terminal and len(last) > max(room, LAST)
        grid.add_row(*map(Text, row), Text("…" + last[1 - max(room, LAST) :] if cut else last))
    whole = sum(widths) + 2 * len(widths)
    least = whole - max(0, widths[-1] - max(room, LAST)) if out.is_terminal else whole
    Console(highlight=False, width=max(out.width, least)).print(grid)


def _one_line(text: str) -> str:
    """Names come from strangers' files: control characters would move the cursor."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def print_json(value: Any) -> None:
    """Print a value as JSON, numbers as they are; control characters are written as escapes."""
    text = json.dumps(value, indent=2, default=_plain, ensure_ascii=False)
    print(re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text))  # noqa: T201


class TerminalProgress:
    """A bar with count and time left on standard error; plain lines where that is no terminal."""

    _shown: ClassVar["TerminalProgress | None"] = None

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: Bar | None = None
        self._task: Any = None

    def start(self, title: str, total: int | None) -> None:
        """Show a bar."""
        if self._quiet or total == 0:
            return
        self._bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}", style="dim", markup=False),
            console=err,
            transient=True,
        )
        self._task = self._bar.add_task(title, total=total, rate="", detail="")
        TerminalProgress._shown = self
        self._bar.start()

    def advance(self, done: int = 1, detail: str = "") -> None:
        """Move the bar."""
        if self._bar is not None:
            speed = self._bar.tasks[0].speed
            short = detail if len(detail) <= 40 else "…" + detail[-39:]
            self._bar.update(self._task, advance=done, detail=_one_line(short), rate=f"{speed:.0f}/s" if speed else "")

    def note(self, text: str) -> None:
        """Print a line above the bar."""
        note(text)

    def finish(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @classmethod
    def stop(cls) -> None:
        """Take away the bar that is shown, whoever shows it: an error or Ctrl-C leaves the cursor visible."""
        if cls._shown is not None:
            cls._shown.finish()
            cls._shown = None
