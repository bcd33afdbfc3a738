"""`fieldstone search`."""

from pathlib import Path
from typing import Annotated

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson, LibraryPath, Where, choose
from fieldstone.cli.console import note, number, print_json, say, table
from fieldstone.files.picture import is_picture
from fieldstone.library.search import Answer, Rerank
from fieldstone.library.shape import Hit
from fieldstone.types import Axis, Unit

__all__ = ["search"]

SCORE = "share of unrelated pairs of this library that are farther apart"
FIT = "how well the words fit, the best as 100 %"
ACROSS = "share of {} and shapes of this library that do not belong together and are farther apart"


def search(
    library: LibraryPath,
    query: Annotated[
        str | None, typer.Argument(help="A file, a picture, or the id, source or name of a shape.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Words: what shapes are called, then what they are.", show_default=False)
    ] = None,
    image: Annotated[
        Path | None, typer.Option(help="A picture of one shape on a plain ground.", show_default=False)
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many hits.")] = 10,
    where: Where = None,
    same_size: Annotated[
        bool, typer.Option("--same-size", help="Only shapes of the query's size (within 5 %).")
    ] = False,
    rerank: Annotated[str, typer.Option(help="'chamfer': order the best 50 by surface distance.")] = "none",
    unit: Annotated[str | None, typer.Option(help="The query's unit, where its file does not say.")] = None,
    up: Annotated[str | None, typer.Option(help="The query's up axis, where its file does not say: x, y, z.")] = None,
    upright: Annotated[bool, typer.Option("--upright", help="Trust the up axes: the pose counts.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write query and hits as one HTML file.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find what is alike, what is the same, and say which."""
    if image is None and query is not None and is_picture(query) and Path(query).is_file():
        image, query = Path(query), None
    _check_one(query, text, image, of_shapes=same_size or rerank != "none" or unit is not None or up is not None)
    from fieldstone.encoders import UPRIGHT

    opened = fieldstone.Library(library, encoder=UPRIGHT if upright else None)
    answer = opened.ask(
        query, text=text, image=image, k=k, where=where, same_size=same_size, rerank=choose("--rerank", rerank, Rerank),
        unit=choose("--unit", unit, Unit), up=choose("--up", up, Axis),
    )  # fmt: skip
    asked = query or (f"text: {text}" if text else str(image))
    _tell(opened, asked, answer, _score(text, image, answer.hits), report, as_json=as_json)


def _tell(
    opened: fieldstone.Library, asked: str, answer: Answer, score: str, report: Path | None, *, as_json: bool
) -> None:
    """The notes, and the hits as a page, as JSON or as a table."""
    for line in answer.notes:
        note(line)
    if report is not None:
        from fieldstone.library.pictures import write_hits

        write_hits(opened, asked, answer, report)
        (note if as_json else say)(f"wrote {report}")
    if as_json:
        print_json([_as_json(hit) for hit in answer.hits])
    elif report is None:
        _print(answer.hits, score)


def _check_one(query: str | None, text: str | None, image: Path | None, *, of_shapes: bool) -> None:
    """One question, and options that belong to its kind (`of_shapes`: some that only a shape has); else a usage error."""
    if [query, text, image].count(None) != 2:
        raise typer.BadParameter("give one of a QUERY, --text and --image")
    if query is None and of_shapes:
        raise typer.BadParameter(
            "--text and --image ask for no shape; --same-size, --rerank, --unit and --up go with a QUERY that is one"
        )


def _score(text: str | None, image: Path | None, hits: tuple[Hit, ...]) -> str:
    """What the numbers are."""
    if image is not None:
        return ACROSS.format("pictures")
    if text is None:
        return SCORE
    by_meaning = [hit.evidence.text.startswith("by meaning") for hit in hits]
    return "; ".join([FIT] * (not all(by_meaning)) + [f"by meaning: {ACROSS.format('names')}"] * any(by_meaning)) or FIT


def _print(hits: tuple[Hit, ...], score: str) -> None:
    if not hits:
        say("nothing answers; widen --where, or add shapes")
        return
    rows = [
        (
            str(i), f"{100 * hit.score:.1f} %", hit.evidence.text or hit.evidence.kind, hit.shape.name, hit.shape.category or "-",
            f"{number(hit.shape.diagonal)} {hit.shape.unit or '?'}", hit.shape.id[:12], hit.shape.source,
        )
        for i, hit in enumerate(hits, 1)
    ]  # fmt: skip
    table(["", "score", "evidence", "name", "category", "size", "id", "source"], rows, right=["", "score", "size"])
    say(f"score: {score}", "dim")


def _as_json(hit: Hit) -> dict[str, object]:
    pose = hit.pose and {
        "rotation": hit.pose.rotation,
        "translation": hit.pose.translation,
        "scale": hit.pose.scale,
    }
    return {
        "shape": hit.shape,
        "score": hit.score,
        "distance": hit.distance,
        "evidence": hit.evidence,
        "pose": pose,
        "residual": hit.residual,
    }
