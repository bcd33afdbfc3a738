"""`fieldstone encoders`."""

from typing import Annotated, Any

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson
from fieldstone.cli.console import note, print_json, say, table

__all__ = ["encoders"]


def encoders(
    library: Annotated[
        str | None, typer.Argument(metavar="[LIBRARY]", help="Also those that this library has.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the encoders: what each is, its data and licences; with a library, which it has and uses."""
    rows = _rows(library)
    if as_json:
        print_json(rows)
        return
    columns = ["", "id", "dim", "any pose", *(["encoded"] if library else []), "title"]
    table(columns, [_cells(row, library is not None) for row in rows], right=["dim", "encoded"])
    for row in rows:
        if row["training"] != "none":
            say(f"{row['id']}: {row['training']}" + (f" ({row['licences']})" if row["licences"] else ""), "dim")
    say("*: used" if library else "*: what a new library uses", "dim")
    if not any(row["learned"] for row in rows):
        from fieldstone.encoders import shipped

        if shipped():
            note('learned encoders need the extra "neural"; run: pip install "fieldstone[neural]"')


def _rows(library: str | None) -> list[dict[str, Any]]:
    """One a encoder, those that are used first."""
    from fieldstone import encoders as at_hand

    names = dict.fromkeys(at_hand.available(), 0)
    used, named = at_hand.default(), at_hand.get
    if library is not None:
        opened = fieldstone.Library(library)
        names |= dict(opened.known_encoders())
        used, named = opened.encoder_id, opened.encoder_named
    rows = [_row(named(name), name == used, count) for name, count in names.items()]
    return sorted(rows, key=lambda row: (not row["used"], not row["learned"], -row["encoded"]))


def _row(encoder: Any, used: bool, count: int) -> dict[str, Any]:
    card, header = encoder.card, getattr(encoder, "header", None)
    more = {} if header is None else {name: value for name, value in header.card.items() if not hasattr(card, name)}
    return {
        "id": encoder.id,
        "used": used,
        "learned": header is not None,
        "words": bool(getattr(encoder, "reads_words", False)),
        "pictures": bool(getattr(encoder, "reads_pictures", False)),
        "dim": encoder.dim,
        "encoded": count,
        "title": card.title,
        "source": card.source,
        "training": card.training,
        "licences": more.pop("licences", ""),
        "invariances": card.invariances,
        "normalisation": card.normalisation,
        "up": card.up,
        "metric": card.metric,
        "more": more,
    }


def _cells(row: dict[str, Any], counted: bool) -> list[str]:
    pose = "yes" if "rotation" in row["invariances"] else "no"
    mark = "*" if row["used"] else ""
    return [mark, row["id"], str(row["dim"]), pose, *([f"{row['encoded']:,}"] if counted else []), row["title"]]
