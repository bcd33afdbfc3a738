"""INRet's protocol from a study to a folder: a Markdown file a table, the figures, and `report.md` that holds them all."""

import datetime as dt
import inspect
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from fieldstone.errors import FieldstoneError
from fieldstone.evaluate.inret import pictures, plots
from fieldstone.evaluate.inret.across import FUNCTIONS
from fieldstone.evaluate.inret.converted import VERSION as CONVERTED
from fieldstone.evaluate.inret.key import KeyFigures, key_figures
from fieldstone.evaluate.inret.left_open import left_open
from fieldstone.evaluate.inret.parts import Parts
from fieldstone.evaluate.inret.registry import TABLES, Table
from fieldstone.evaluate.inret.study import ADDED, Study
from fieldstone.evaluate.inret.study import VERSION as LEARNT
from fieldstone.evaluate.inret.surfaces import VERSION as DRAWN
from fieldstone.files.whole import make_folder, write_whole

__all__ = ["FIGURES", "Figure", "Report", "run"]

CROSSES = {3, 7}
"""Tables that hold all that the key figures are made of."""
KEY, SHORT = "in-short.md", "In short"
"""The key figures' file and title."""
VERSIONS = [LEARNT, ADDED, CONVERTED, DRAWN]
"""Of what all tables are made of, beside fitted fields, whose names hold theirs."""
Made = TypeVar("Made")


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
    """Numbers of the tables that this run made."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why a table or figure was not made, by its title."""
    figures: KeyFigures | None = None
    """Where Table 3 or 7 was asked for."""
    seconds: float = 0.0
    """That the run took; what an earlier one had kept took none."""


def run(study: Study, tables: Sequence[int], folder: Path, *, machine: str = "") -> Report:
    """Make tables by the paper's numbers, and the figures that come with them, into a folder.

    Each is written as soon as it is made, `table-NN.md`, and `report.md` with it, which also holds what earlier runs of the
    same settings made in the folder (parts.py). What tables are made of is kept in the study's folder, so that a run that was
    stopped goes on from there. A table that cannot be made, or a figure that lacks an optional package, is a line in the
    report, and no earlier file is lost to it. `machine` says where and when it runs, better than Python can; each table keeps
    that line, for a report may gather those of several days. KeyError for numbers that are no table's; FileError where the
    folder cannot be written to.
    """
    asked, started = [TABLES[number] for number in sorted(set(tables))], time.perf_counter()
    where = machine or _here()
    head = _head(study)
    parts, failed, made = Parts(folder=folder, settings=_settings(study, head)), dict[str, str](), list[int]()
    make_folder(folder, "a report")

    def report() -> float:
        seconds = time.perf_counter() - started
        write_whole(folder / "report.md", _report(study, parts, head, failed, seconds).encode())
        return seconds

    for place, table in enumerate(asked, 1):
        study.told.note(f"table {table.number}: {table.title.lower()} ({place} of {len(asked)})")
        text = _tried(failed, _title(table), partial(_table, study, table, where))
        if text is not None:
            parts.write(_file(table), text.encode(), table.version)
            made.append(table.number)
        report()
    key = _tried(failed, SHORT, partial(key_figures, study)) if CROSSES.intersection(made) else None
    if key is not None:
        parts.write(KEY, _key(key).encode())
    for figure in (figure for figure in FIGURES if figure.needs.intersection(made)):
        study.told.note(figure.title)
        picture = _tried(failed, figure.title, partial(figure.make, study))
        if picture is not None:
            parts.write(figure.file, picture)
    return Report(path=folder / "report.md", tables=tuple(made), failed=failed, figures=key, seconds=report())


def _tried(failed: dict[str, str], title: str, make: Callable[[], Made]) -> Made | None:
    """What is made; or nothing, and why in `failed`."""
    try:
        return make()
    except FieldstoneError as error:
        failed[title] = str(error)
        return None


def _title(table: Table) -> str:
    return f"Table {table.number}: {table.title}"


def _file(table: Table) -> str:
    return f"table-{table.number:02d}.md"


def _table(study: Study, table: Table, where: str) -> str:
    """The table under its title, with what it shows and where it was made."""
    made = table.make(study)
    said = " ".join((inspect.getdoc(table.make) or "").split()).removeprefix(f"Table {table.number}: ")
    return f"# {_title(table)}\n\n{said[:1].upper()}{said[1:]} (Section {table.section} of the paper.)\n\n{made}\n\n{where}\n"


def _report(study: Study, parts: Parts, head: Sequence[str], failed: Mapping[str, str], seconds: float) -> str:
    """All parts of these settings, and why others are missing."""
    took = f"| this run | {seconds / 60:.1f} minutes; what an earlier one kept took none of them |"
    shown = [_shown(parts, KEY, SHORT, failed)]
    shown += [_shown(parts, _file(table), _title(table), failed, table.version) for table in TABLES.values()]
    shown += [_shown(parts, figure.file, figure.title, failed) for figure in FIGURES]
    rows = [f"| {what} | {chosen} |" for what, chosen in left_open(study)]
    foot = ["## What the paper leaves open, and what was chosen", "", "| | |", "|---|---|", *rows, ""]
    return "\n".join([*head, took, "", *filter(None, shown), *foot])


def _shown(parts: Parts, file: str, title: str, failed: Mapping[str, str], version: int = 0) -> str:
    """A part as it stands in the report, under its title; empty where there is none."""
    content, why = parts.read(file, version), failed.get(title)
    if content is None:
        return f"## {title}\n\nNot made: {why}\n" if why else ""
    text = f"#{content.decode()}" if file.endswith(".md") else f"## {title}\n\n![{title}]({file})\n"
    return f"{text}\nAn earlier run made it; this one could not: {why}\n" if why else text


def _settings(study: Study, head: Sequence[str]) -> str:
    """All that decides the tables: what the head says, the scale, and every field's name."""
    selection = study.selection
    shapes = (*selection.train, *selection.test)
    kinds = [(architecture, function) for architecture in study.fits for function in FUNCTIONS]
    fields = [study.store.path(shape, kind).name for kind in kinds for shape in shapes]
    of = [selection.role, len(selection.train), [[shape.name, shape.category] for shape in shapes], fields, VERSIONS]
    return json.dumps([head, asdict(study.scale), of], sort_keys=True)


def _here() -> str:
    today = dt.datetime.now(dt.UTC).date()
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {today}"


def _head(study: Study) -> list[str]:
    """Title and settings."""
    selection, scale = study.selection, study.scale
    packages = ", ".join(f"{name} {version(name)}" for name in ("fieldstone", "torch", "numpy"))
    return [
        f"# INRet on {selection.name}, scale {scale.name}", "",
        "The tables of arXiv 2501.15722 on our shapes, the paper's figures in brackets. Per cent unless said otherwise.", "",
        "| | |", "|---|---|",
        f"| shapes | {len(selection.classes)} categories, {len(selection.train)} shapes to learn from, "
        f"{len(selection.test)} to ask, each as udf, sdf and occ |",
        f"| training | epochs: {scale.epochs}; places of each shape a step: {scale.points}; seed: {study.seed}; "
        f"device: {study.device} |",
        f"| versions | {packages} |",
    ]  # fmt: skip


def _key(key: KeyFigures) -> str:
    """The key figures as a table."""
    low, high = key.interval
    lines = [
        f"# {SHORT}", "",
        f"INRet on hash grids: the first answer is right for {100 * key.average:.1f} % of the queries, averaged over nine "
        f"pairs of functions (95 %: {100 * low:.1f} to {100 * high:.1f}), and for {100 * key.same_function:.1f} % where "
        "query and gallery have the same function.", "",
        "| rival, on the same shapes | average of nine pairs | INRet's lead, points | 95 %, paired |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, lead in key.leads.items():
        low, high = lead.interval
        cells = f"{100 * lead.average:.1f} | {100 * lead.gain:+.1f} | {100 * low:+.1f} to {100 * high:+.1f}"
        lines.append(f"| {name} | {cells} |")
    return "\n".join([*lines, ""])
