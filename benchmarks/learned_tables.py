"""The tables of learned retrieval, from the lines of its state: means over seeds, intervals, differences, costs."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float64

from fieldstone.evaluate.bootstrap import interval, paired_interval
from learned_cells import METHODS, named

Line: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, str]
PLACES: dict[Place, str] = {
    ("objects", "objects"): "objects",
    ("rotated", "rotated"): "objects turned",
    ("parts", "parts"): "parts",
    ("rotated", "parts"): "parts, unseen",
    ("objects", "scans"): "scans",
}
"""What was learnt from and what was asked, and its name."""
WAYS = {
    "formula": "as it is", "random": "random weights", "classification": "classification", "vicreg": "VICReg", "mmcl": "MMCL",
}  # fmt: skip
SEED = 20_262
"""Of the bootstrap."""


class Table:
    """The lines by network, method and place."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.found: dict[tuple[str, str, Place], list[Line]] = {}
        for line in lines:
            for column, figures in line["columns"].items():
                key = (line["network"], line["method"], (line["group"], column))
                self.found.setdefault(key, []).append(figures)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Networks and methods: formulas first, then networks as they came, methods in the paper's order."""
        order = ("formula", *METHODS)
        networks = list(dict.fromkeys(line["network"] for line in self.lines))
        pairs = {(line["network"], line["method"]) for line in self.lines}
        ranked = sorted(pairs, key=lambda pair: (networks.index(pair[0]), order.index(pair[1])))
        return sorted(ranked, key=lambda pair: pair[1] != "formula")

    @property
    def places(self) -> list[Place]:
        """Those of PLACES of which something is known."""
        return [place for place in PLACES if any(key[2] == place for key in self.found)]

    def hits(self, network: str, method: str, place: Place) -> Float64[np.ndarray, "queries"] | None:
        """Of each query, the share of seeds whose nearest neighbour is right."""
        cells = self.found.get((network, method, place))
        if not cells:
            return None
        return np.mean([[float(c) for c in cell["hits"]] for cell in cells], axis=0)

    def mean(self, network: str, method: str, place: Place, figure: str) -> float | None:
        """A figure's mean over the seeds."""
        cells = self.found.get((network, method, place))
        return None if not cells else float(np.mean([cell[figure] for cell in cells]))

    def best_formula(self, place: Place) -> str | None:
        """The descriptor with the highest accuracy there."""
        known = {n: self.mean(n, m, place, "nearest_neighbour") for n, m in self.rows if m == "formula"}
        known = {name: value for name, value in known.items() if value is not None}
        return max(known, key=lambda name: known[name]) if known else None


def accuracies(table: Table) -> list[str]:
    """Nearest-neighbour accuracy: the paper's Tables 1 and 2."""

    def cell(network: str, method: str, place: Place) -> str:
        values = table.hits(network, method, place)
        if values is None:
            return "-"
        low, high = interval(values, np.random.default_rng(SEED))
        seeds = len(table.found[network, method, place])
        return f"{100 * values.mean():.1f} ({100 * low:.1f}-{100 * high:.1f})" + (f" x{seeds}" if seeds > 1 else "")

    return _grid(table, table.places, lambda place: PLACES[place], cell)


def others(table: Table) -> list[str]:
    """The other figures, on the places that the paper has."""
    figures = {
        "macro_f1": "F1", "ndcg": "NDCG", "ndcg_as_coded": "as coded", "mean_average_precision": "mAP",
        "mean_average_precision_at_10": "mAP@10", "hit_at_10": "hit@10",
    }  # fmt: skip
    columns = [(place, figure) for place in table.places for figure in figures]

    def cell(network: str, method: str, column: tuple[Place, str]) -> str:
        value = table.mean(network, method, *column)
        return "-" if value is None else f"{100 * value:.1f}"

    return _grid(table, columns, lambda column: f"{PLACES[column[0]]}: {figures[column[1]]}", cell)


def costs(table: Table) -> list[str]:
    """Training shapes a second, seconds and peak memory of each network and recipe; medians over its cells."""
    text = [
        "| network | recipe | trainings | shapes/s | seconds | peak MB | best epoch |",
        "|---|---|---|---|---|---|---|",
    ]
    for network, method in table.rows:
        cells = [
            line for line in table.lines if (line["network"], line["method"]) == (network, method) and "seconds" in line
        ]
        if not cells:
            continue
        pace, seconds, peak, best = (
            float(np.median([line[key] for line in cells]))
            for key in ("shapes_per_second", "seconds", "peak_mb", "best_epoch")
        )
        text.append(
            f"| {named(network)} | {WAYS[method]} | {len(cells)} | {pace:.0f} | {seconds:.0f} | {peak:.0f} | {best:.0f} |"
        )
    return text


def gains(table: Table) -> list[str]:
    """Differences of accuracy in points with paired 95 % intervals: to the best descriptor, and to random weights."""
    text = ["| network | method | where | to the best descriptor | to random weights |", "|---|---|---|---|---|"]
    for network, method in table.rows:
        if method in ("formula", "random"):
            continue
        for place in table.places:
            values = table.hits(network, method, place)
            if values is None:
                continue
            formula = table.best_formula(place)
            best = None if formula is None else table.hits(formula, "formula", place)
            text.append(
                f"| {named(network)} | {WAYS[method]} | {PLACES[place]} | {gain(best, values)} "
                f"| {gain(table.hits(network, 'random', place), values)} |"
            )
    return text


def gain(first: Float64[np.ndarray, "queries"] | None, second: Float64[np.ndarray, "queries"]) -> str:
    """The second's mean less the first's, in points, with the ends of its paired interval."""
    if first is None:
        return "-"
    low, high = paired_interval(first, second, np.random.default_rng(SEED))
    return f"{100 * (second - first).mean():+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _grid(
    table: Table, columns: Sequence[Any], title: Callable[[Any], str], cell: Callable[[str, str, Any], str]
) -> list[str]:
    head = _joined(["network", "method", *(title(column) for column in columns)])
    rows = [_joined([named(n), WAYS[m], *(cell(n, m, column) for column in columns)]) for n, m in table.rows]
    return [head, "|" + "---|" * (2 + len(columns)), *rows]


def _joined(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
