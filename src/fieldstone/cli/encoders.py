"""`fieldstone encoders`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import fieldstone
from fieldstone.cli.arguments import AsJson
from fieldstone.cli.console import note, print_json, say, table

if TYPE_CHECKING:
    from fieldstone.encoders.inr import FieldEncoder
    from fieldstone.encoders.learned import Learned

__all__ = ["encoders"]


def encoders(
    library: Annotated[
        str | None, typer.Argument(metavar="[LIBRARY]", help="Also those that this library has.", show_default=False)
    ] = None,
    inspect: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Say what a weight file or published checkpoint is.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the encoders: what each is, its data and licences; with a library, which it has and uses."""
    if inspect is not None:
        if library is not None:
            raise typer.BadParameter("give one of a LIBRARY and --inspect")
        _inspect(inspect, as_json)
        return
    rows = _rows(library)
    if as_json:
        print_json(rows)
        return
    columns = ["", "id", "dim", "any pose", *(["encoded"] if library else []), "title"]
    table(columns, [_cells(row, library is not None) for row in rows], right=["dim", "encoded"])
    trained: dict[str, list[str]] = {}
    for row in rows:
        if row["training"] != "none":
            said = row["training"] + (f" ({row['licences']})" if row["licences"] else "")
            trained.setdefault(said, []).append(row["id"])
    for said, ids in trained.items():
        say(f"{', '.join(ids)}: {said}", "dim")
    for row in rows:
        if row["fields"]:
            say(f"{row['id']}: {_reads(row['fields'])}", "dim")
    say("*: used" if library else "*: what a new library uses", "dim")
    _say_more(learned=any(row["learned"] for row in rows))


def _reads(kinds: Sequence[str]) -> str:
    """What an encoder of neural fields takes, in a clause."""
    return f"reads neural fields ({', '.join(kinds)}); others are distilled, meshes and clouds fitted on the fly"


def _say_more(*, learned: bool) -> None:
    """What there is beyond the list."""
    from fieldstone.encoders.published import PUBLISHED

    names = ", ".join(one.name for one in PUBLISHED.values() if one.shapes)
    say(
        f"published by others: {names}; fieldstone encode LIBRARY --encoder NAME downloads one and says its terms",
        "dim",
    )
    if not learned:
        note('learned encoders need the extra "neural"; run: pip install "fieldstone[neural]"')


def _inspect(path: Path, as_json: bool) -> None:
    """What a file is, in a sentence, and what to do with it."""
    from fieldstone.encoders import of_file
    from fieldstone.encoders.weights import holds_encoder, open_weights

    if holds_encoder(path):
        header, _ = open_weights(path)
        said, taken, plain = _sentence(of_file(path)), True, asdict(header)
    else:
        from fieldstone.fields.torch_fit import require_torch

        require_torch(f"{path} is no weight file of Fieldstone's; to look for a published checkpoint in it")
        from fieldstone.encoders.networks.checkpoints import inspect_checkpoint

        what = inspect_checkpoint(path)
        said, taken, plain = what.sentence(), what.kind in ("ulip", "point-bert"), asdict(what)
    if as_json:
        print_json(plain)
        return
    say(f"{path}: {said}")
    say(f"use it with: fieldstone encode LIBRARY --encoder {path}" if taken else "it holds no encoder of shapes", "dim")


def _sentence(encoder: "Learned | FieldEncoder") -> str:
    header, kinds = encoder.header, _kinds(encoder)
    title, rows = f"{header.id}, {encoder.card.title}", f"rows of {header.latent}"
    if kinds:
        return f"{title}: {_reads(kinds)}; {rows}"
    reads = [name for name, tower in (("words", "text"), ("pictures", "image")) if tower in header.config]
    pose = "shapes in any pose" if header.pose == "any" else "upright shapes"
    also = f"; also reads {' and '.join(reads)}" if reads else ""
    return f"{title}: {header.network} of {pose}, {rows}{also}"


def _kinds(encoder: Any) -> list[str]:
    """The kinds of neural fields that an encoder reads as they are; none for encoders of points."""
    from fieldstone.encoders.inr import FieldEncoder, kind_name

    return [kind_name(kind) for kind in encoder.kinds] if isinstance(encoder, FieldEncoder) else []


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
        "fields": _kinds(encoder),
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
