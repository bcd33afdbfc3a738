"""From what a library has and what can run here to an answer: which encoder answers, and what the user should know.

A learned encoder answers where it can. Without torch its stored vectors still answer for shapes of the library; a query
from outside is compared by the descriptor, which a library keeps beside them, and the answer says so.
"""

from pathlib import Path
from typing import Any

from fieldstone import encoders
from fieldstone.encoders import DESCRIPTOR
from fieldstone.encoders.learned import Learned
from fieldstone.errors import EncoderError, MissingExtra
from fieldstone.fields.torch_fit import require_torch
from fieldstone.files.picture import read_picture
from fieldstone.library.encoding import assumed_up, needs_torch
from fieldstone.library.meaning import search_picture, search_text
from fieldstone.library.opened import Opened
from fieldstone.library.question import Question, is_own, to_query
from fieldstone.library.search import Answer, search_shape
from fieldstone.types import Axis, Unit

__all__ = ["ask_picture", "ask_shape", "ask_words"]


def ask_shape(library: Opened, question: Question, unit: Unit | None, up: Axis | None, **how: Any) -> Answer:
    """What is alike, by the library's encoder, or by the descriptor where that cannot answer; see `Library.ask`."""
    name = library.encoder_id
    snapshot, notes = library.snapshot(name), [*_hint(library)]
    why = _unable(library, outside=not is_own(question))
    if why is not None:
        name, notes = DESCRIPTOR, [f"compared by {DESCRIPTOR}: {why}"]
        snapshot = library.snapshot(name)
    query = to_query(snapshot, lambda: library.encoder_named(name), question, unit, up)
    axis = assumed_up(library.encoder_named(name))
    if query.row is None and axis is not None and query.up is None:
        notes.append(f"the query does not say which axis points up: {axis} was taken; state it with --up")
    elif query.row is None and axis is not None and up is None and query.up != axis:
        notes.append(f"the query's file says that {query.up} points up, so it was turned; state another axis with --up")
    answer = search_shape(snapshot, query, **how)
    return Answer(hits=answer.hits, notes=(*answer.notes, *query.notes, *notes))


def ask_words(library: Opened, text: str, *, k: int, where: str | None) -> Answer:
    """Shapes that answer words: by what they are called, and by meaning where the encoder reads words."""
    snapshot, encoder = library.snapshot(), library.encoder
    notes = _hint(library)
    reads = encoder if isinstance(encoder, Learned) and encoder.reads_words else None
    if needs_torch(encoder):
        why = _unable(library, outside=True) or (f"{encoder.id} was trained without words" if reads is None else None)
        reads, notes = (reads, ()) if why is None else (None, (f"by words alone: {why}",))
    answer = search_text(snapshot, text, reads, k=k, where=where)
    return Answer(hits=answer.hits, notes=(*answer.notes, *notes))


def ask_picture(library: Opened, image: str | Path, *, k: int, where: str | None) -> Answer:
    """Shapes that look like a picture. Raises EncoderError or MissingExtra where the encoder does not read pictures."""
    snapshot, encoder, pixels = library.snapshot(), library.encoder, read_picture(image)
    require_torch("search by pictures")
    if not isinstance(encoder, Learned) or not encoder.reads_pictures:
        raise EncoderError(
            f"{encoder.id} reads no pictures; give the library an encoder that does: fieldstone encode {library.uri}"
        )
    return search_picture(snapshot, pixels, Path(image).name, encoder, k=k, where=where)


def _unable(library: Opened, *, outside: bool) -> str | None:
    """Why the library's learned encoder cannot answer, in a clause; None where it can, or where it is no learned one.

    `outside`: the question has to be encoded first. An encoder that was stated is never replaced: its error tells.
    """
    name = library.encoder_id
    if name in encoders.formulas() or library.stated:
        return None
    snapshot = library.snapshot(name)
    if snapshot.missing:
        lacking = f"{snapshot.missing} of {len(snapshot.catalog)} shapes have no embedding of {name} yet"
        return f"{lacking}; make them with: fieldstone encode {library.uri}"
    try:
        if outside:
            require_torch(name)
    except MissingExtra as error:
        return str(error)
    return None


def _hint(library: Opened) -> tuple[str, ...]:
    """How a library that stayed on the descriptor gets learned search; nothing where its owner chose the descriptor."""
    if library.stated or library.encoder_id != DESCRIPTOR or library.was_chosen:
        return ()
    line = f"fieldstone encode {library.uri}"
    try:
        require_torch("learned search")
    except MissingExtra as error:
        return (f"by descriptors; {error}, then: {line}",)
    return (f"by descriptors; learned search, words and pictures come with: {line}",)
