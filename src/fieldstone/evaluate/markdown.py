"""A table of methods as Markdown, in the manner of the papers' tables: one row a method, shares as per cent."""

from collections.abc import Sequence

from fieldstone.evaluate.retrieval import Row

__all__ = ["COLUMNS", "cells", "markdown"]

COLUMNS = (
    "method", "NN", "95 %", "gain", "macro F1", "NDCG@100", "NDCG@100 as coded", "mAP", "mAP@5", "mAP@10", "hit@5", "hit@10",
)  # fmt: skip
"""NN: nearest-neighbour accuracy; gain: over the first row, with its paired interval; hit@k: what several codes print as
mAP@k."""


def cells(row: Row) -> tuple[str, ...]:
    """The row under COLUMNS."""
    figures = (
        row.macro_f1, row.ndcg, row.ndcg_as_coded, row.mean_average_precision, row.mean_average_precision_at_5,
        row.mean_average_precision_at_10, row.hit_at_5, row.hit_at_10,
    )  # fmt: skip
    low, high = row.nearest_neighbour_interval
    accuracy = _share(row.nearest_neighbour) + (f" ±{_share(row.seed_deviation)}" if row.seeds > 1 else "")
    gain = "-"
    if row.gain is not None and row.gain_interval is not None:
        ends = " to ".join(f"{100 * end:+.1f}" for end in row.gain_interval)
        gain = f"{100 * row.gain:+.1f} ({ends})"
    return (row.method, accuracy, f"{_share(low)} to {_share(high)}", gain, *map(_share, figures))


def markdown(rows: Sequence[Row], notes: Sequence[str] = ()) -> str:
    """The table, and below it how many shapes answered and asked, and the notes."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    lines += [f"| {' | '.join(cells(row))} |" for row in rows]
    said = [f"Gallery {row.gallery}, queries {row.queries}." for row in rows[:1]] + [f"{note}." for note in notes]
    return "\n".join([*lines, "", *said]) + "\n"


def _share(value: float) -> str:
    return f"{100 * value:.1f}"
