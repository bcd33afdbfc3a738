"""INRet's protocol from a study to a folder: a Markdown file a table, the figures, and `report.md` that holds them all."""

import inspect
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from fieldstone.errors import FileError, GeometryError, MissingExtra
from fieldstone.evaluate.inret import pictures, plots
from fieldstone.evaluate.inret.key import KeyFigures, key_figures
from fieldstone.evaluate.inret.left_open import LEFT_OPEN
from fieldstone.evaluate.inret.registry import TABLES, Table
from fieldstone.evaluate.inret.study import Study
from fieldstone.files.whole import write_whole

__all__ = ["FIGURES", "Figure", "Report", "run"]

CROSSES = {3, 7}
"""Tables that hold all that the key figures are made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One of the paper's figures on our shapes."""

    file: str
    title: str
    make: Callable[[Study], bytes]
    needs: frozenset[int]
    """It is drawn beside any of these tables, which train what it shows."""


FIGURES = (
    Figure(file="figure-4.png", title="Figure 4: what each method finds", needs=frozenset({1, 3, 7}),
           make=lambda study: pictures.sheet(study, pictures.queries(study))),
    Figure(file="figure-5.svg", title="Figure 5: embeddings without and with the common decoder, by t-SNE",
           needs=frozenset({4}), make=lambda study: plots.decoders(study).encode()),
    Figure(file="figure-6.svg", title="Figure 6: embeddings of the three functions, by t-SNE",
           needs=frozenset({3, 4, 7, 8}), make=lambda study: plots.functions(study).encode()),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run made."""

    path: Path
    """Of `report.md`."""
    tables: tuple[int, ...]
    """Numbers of the tables that were made."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why a table or figure was not made, by its title."""
    figures: KeyFigures | None = None
    """Where Table 3 or 7 was asked for."""
    seconds: float = 0.0
    """That the run took; what an earlier one had kept took none."""


def run(study: Study, tables: Sequence[int], folder: Path, *, machine: str = "") -> Report:
    """Make tables by the paper's numbers, and the figures that come with them, into a folder.

    Each is written as soon as it is made, `table-NN.md`; what they are made of is kept in the study's folder, so that a run
    that was stopped goes on from there. A table that its shapes do not allow, or a figure that lacks an optional package, is
    a line in the report. `machine` describes where it ran, better than Python can. KeyError for numbers that are no table's.
    """
    asked, started = [TABLES[number] for number in sorted(set(tables))], time.perf_counter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(folder, f"is no folder for a report ({error.strerror}); choose another place") from error
    failed: dict[str, str] = {}
    parts = []
    for place, table in enumerate(asked, 1):
        study.told.note(f"table {table.number}: {table.title.lower()} ({place} of {len(asked)})")
        text = _table(study, table, failed)
        write_whole(folder / f"table-{table.number:02d}.md", f"# {text[3:]}".encode())
        parts.append(text)
    made = tuple(table.number for table in asked if _title(table) not in failed)
    parts += [_figure(study, figure, folder, failed) for figure in FIGURES if figure.needs.intersection(made)]
    key = key_figures(study) if CROSSES.intersection(made) else None
    seconds = time.perf_counter() - started
    path = folder / "report.md"
    write_whole(path, "\n".join([*_head(study, machine, seconds, key), *parts, *_foot()]).encode())
    return Report(path=path, tables=made, failed=failed, figures=key, seconds=seconds)


def _title(table: Table) -> str:
    return f"Table {table.number}: {table.title}"


def _table(study: Study, table: Table, failed: dict[str, str]) -> str:
    """The table under its title, with what it shows; or why there is none."""
    try:
        made = table.make(study)
    except GeometryError as error:
        failed[_title(table)] = str(error)
        made = f"Not made: {error}"
    said = " ".join((inspect.getdoc(table.make) or "").split()).removeprefix(f"Table {table.number}: ")
    return f"## {_title(table)}\n\n{said[:1].upper()}{said[1:]} (Section {table.section} of the paper.)\n\n{made}\n"


def _figure(study: Study, figure: Figure, folder: Path, failed: dict[str, str]) -> str:
    """The figure under its title; or why there is none."""
    study.told.note(figure.title)
    try:
        write_whole(folder / figure.file, figure.make(study))
        made = f"![{figure.title}]({figure.file})"
    except (GeometryError, MissingExtra) as error:
        failed[figure.title] = str(error)
        made = f"Not drawn: {error}"
    return f"## {figure.title}\n\n{made}\n"


def _head(study: Study, machine: str, seconds: float, key: KeyFigures | None) -> list[str]:
    """Title, settings and key figures."""
    selection, scale = study.selection, study.scale
    packages = ", ".join(f"{name} {version(name)}" for name in ("fieldstone", "torch", "numpy"))
    where = machine or f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        f"# INRet on {selection.name}, scale {scale.name}", "",
        "The tables of arXiv 2501.15722 on our shapes, the paper's figures in brackets. Per cent unless said otherwise.", "",
        "| | |", "|---|---|",
        f"| shapes | {len(selection.classes)} categories, {len(selection.train)} shapes to learn from, "
        f"{len(selection.test)} to ask, each as udf, sdf and occ |",
        f"| training | epochs: {scale.epochs}; places of each shape a step: {scale.points}; seed: {study.seed}; "
        f"device: {study.device} |",
        f"| machine | {where} |",
        f"| versions | {packages} |",
        f"| this run | {seconds / 60:.1f} minutes; what an earlier one kept took none of them |", "",
    ]  # fmt: skip
    return lines + (_key(key) if key else [])


def _key(key: KeyFigures) -> list[str]:
    """The key figures as a table."""
    low, high = key.interval
    lines = [
        "## In short", "",
        f"INRet on hash grids: the first answer is right for {100 * key.average:.1f} % of the queries, averaged over nine "
        f"pairs of functions (95 %: {100 * low:.1f} to {100 * high:.1f}), and for {100 * key.same_function:.1f} % where "
        "query and gallery have the same function.", "",
        "| rival, on the same shapes | average of nine pairs | INRet's lead, points | 95 %, paired |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, lead in key.leads.items():
        low, high = lead.interval
        cells = f"{100 * lead.average:.1f} | {100 * lead.gain:+.1f} | {100 * low:+.1f} to {100 * high:+.1f}"
        lines.append(f"| {name} | {cells} |")
    return [*lines, ""]


def _foot() -> list[str]:
    """What the paper leaves open."""
    rows = [f"| {what} | {chosen} |" for what, chosen in LEFT_OPEN]
    return ["## What the paper leaves open, and what was chosen", "", "| | |", "|---|---|", *rows, ""]
