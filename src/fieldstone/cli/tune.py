"""`fieldstone tune`."""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson, Device, LibraryPath, Quiet, Yes, choose
from fieldstone.cli.console import TerminalProgress, note, print_json, say, table

if TYPE_CHECKING:
    from fieldstone.evaluate.compared import Measure
    from fieldstone.evaluate.tuned import Plan, Tuned

__all__ = ["tune"]

Method: TypeAlias = Literal["classification", "vicreg", "mmcl"]
LEARNS = {
    "classification": "from their labels ({})",
    "vicreg": "without labels",
    "mmcl": "from pictures of them and captions, made of categories and names",
}
ASKS = {
    "labels": "the first answer is of the same {}",
    "words": "of every {}, read as words, its own is nearest",
    "copies": "a turned, cut and noisy copy finds its original first",
}


def tune(
    library: LibraryPath,
    method: Annotated[
        str | None,
        typer.Option(
            help="classification, vicreg or mmcl. By default the first where --labels is given, else the second."
        ),
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="The column that holds labels, such as category.", show_default=False)
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the shapes, at most.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same weights.")] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Use the tuned encoder even where it does not win.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the encoder before.")] = False,
    device: Device = "cpu",
    yes: Yes = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Adapt search to the library's own shapes, and use it where it finds better."""
    chosen: Method | None = choose("--method", method, Method)
    opened = fieldstone.Library(library)
    progress = TerminalProgress(quiet=quiet)
    if rollback:
        _roll_back(opened, progress, as_json)
        return
    from fieldstone.evaluate.tuned import plan_tuning
    from fieldstone.evaluate.tuned import tune as carry_out

    plan = plan_tuning(opened, chosen, labels)
    if not as_json:
        _say_plan(plan)
    if not yes and not as_json and not typer.confirm("Tune? (nothing changes unless it finds better)"):
        say("nothing was done")
        return
    done = carry_out(opened, plan, epochs=epochs, seed=seed, keep=keep, device=device, progress=progress)
    if as_json:
        print_json(done)
    else:
        _say_outcome(done, plan.column, library)


def _roll_back(library: fieldstone.Library, progress: TerminalProgress, as_json: bool) -> None:
    from fieldstone.library.tuning import roll_back

    before = roll_back(library, progress=progress)
    if as_json:
        print_json({"encoder": before})
    else:
        say(f"{library.uri} searches with {before} again; what was tuned is kept")


def _say_plan(plan: "Plan") -> None:
    how = LEARNS[plan.method].format(plan.column)
    say(f"{plan.base} learns {how}: {plan.shapes} shapes, {plan.held_out} more held out to compare on")
    if not plan.judged_by_labels:
        note(
            f"the shapes have no {plan.column} to judge by: only whether disguised copies find their originals is told"
        )


def _say_outcome(done: "Tuned", column: str, library: str) -> None:
    taught = done.taught
    say(f"{taught.id}: weights of epoch {taught.best_epoch} of {taught.epochs}; its curve is in {taught.curve}")
    rows = [_cells(one, column) for one in done.measures]
    table(["before", "after", "gain", "95 %", "queries", "held-out shapes"], rows, right=["before", "after", "gain"])
    if done.used:
        forced = "" if done.won else ", as --keep asked, though it did not win"
        say(f"{library} searches with {taught.id} now{forced}; `fieldstone tune {library} --rollback` goes back")
    else:
        why = "no better by the first line" if done.measures[0].gain <= 0.0 else "significantly worse by a later line"
        say(f"it did not win ({why}): {library} searches with {done.base} as before; --keep would use it all the same")


def _cells(one: "Measure", column: str) -> tuple[str, ...]:
    low, high = (100 * end for end in one.gain_interval)
    asks = ASKS[one.by].format(column)
    if one.rank_before is not None:
        asks += f" (mean rank {one.rank_before:.1f} before, {one.rank_after:.1f} after)"
    return (
        f"{100 * one.before:.1f} %", f"{100 * one.after:.1f} %", f"{100 * one.gain:+.1f}", f"{low:+.1f} to {high:+.1f}",
        str(one.queries), asks,
    )  # fmt: skip
