"""A library as it lies on disk: its store, its latest state in memory, and the encoder that it uses."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from fieldstone import encoders
from fieldstone.encoders import Encoder
from fieldstone.errors import EncoderError, LibraryNotFound
from fieldstone.fields.torch_fit import require_torch
from fieldstone.files import Entry, Limits
from fieldstone.library import encoding, log
from fieldstone.library.ingest import recover
from fieldstone.library.snapshot import Snapshot
from fieldstone.library.store import Store, is_remote
from fieldstone.library.taking import take_in
from fieldstone.library.vectors import keep_index
from fieldstone.progress import Progress, Silent

__all__ = ["Opened"]


class Opened:
    """What `Library` stands on: state and encoders."""

    def __init__(self, path: str | Path, *, encoder: str | None = None) -> None:
        """`encoder` overrides the library's own while this object lives. EncoderError where there is none of that id."""
        self.uri = os.path.expanduser(str(path))
        self._stated = encoder
        self._encoders: dict[str, Encoder] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._known: tuple[int, str, bool] | None = None
        if encoder is not None:
            self.encoder_named(encoder)

    @cached_property
    def _store(self) -> Store:
        return Store(self.uri)

    def snapshot(self, encoder: str | None = None) -> Snapshot:
        """The latest state under an encoder (None: the library's own); what is loaded stays so until it changes."""
        name = encoder or self.encoder_id
        known = self._snapshots.get(name)
        if known is None or known.versions != Snapshot.current_versions(self._store, name):
            known = self._snapshots[name] = Snapshot(self._store, name)
        return known

    # --- encoders ----------------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path | None:
        """Where the library lies, whether or not it is there yet; None under an object store."""
        return None if is_remote(self.uri) else Path(self.uri.removeprefix("file://"))

    @property
    def stated(self) -> bool:
        """Whether this object was opened with an encoder of its own."""
        return self._stated is not None

    @property
    def was_chosen(self) -> bool:
        """Whether an operation chose the library's encoder, rather than the day on which it was made."""
        return self._own()[2]

    @property
    def encoder_id(self) -> str:
        """The id of the encoder that search uses: the stated one, else the library's own, else what a new one gets."""
        if self._stated is not None:
            return self._stated
        try:
            return self._own()[1]
        except LibraryNotFound:
            return encoders.default()

    def _own(self) -> tuple[int, str, bool]:
        """The history's version, the library's own encoder, and whether an operation chose it; read when it changes."""
        version = self._store.version("history")
        if self._known is None or self._known[0] != version:
            self._known = version, encoding.chosen(self._store), log.latest(self._store, "use") is not None
        return self._known

    @property
    def encoder(self) -> Encoder:
        """The encoder that search uses. Raises EncoderError where it is neither in the package nor in the library."""
        return self.encoder_named(self.encoder_id)

    def encoder_named(self, name: str) -> Encoder:
        """An encoder by id: one kept in the library's folder, else one of the package. EncoderError for neither."""
        if name not in self._encoders:
            self._encoders[name] = encoding.named(self.folder, name)
        return self._encoders[name]

    def encode(self, encoder: str | Path, *, progress: Progress | None = None) -> int:
        """Encode every shape that has no embedding of an encoder yet, from the kept points (under an encoder of neural
        fields, what came as a field from its file); returns how many.

        What is no id is taken in first. Search goes on with the encoder that it used: `use` switches. Killed and called
        again, it goes on. Raises EncoderError, MissingExtra.
        """
        told = progress or Silent()
        chosen = self.encoder_named(self.take_in(encoder, progress=told))
        with self._store.writing():
            recover(self._store, self.encoder)
            if encoding.needs_torch(chosen):
                require_torch(chosen.id)
            count = encoding.fill(self._store, chosen, told)
            keep_index(self._store, chosen.id)
            self._store.tidy()
        return count

    def take_in(self, encoder: str | Path, *, progress: Progress | None = None) -> str:
        """The id of an encoder given by id, weight file, published checkpoint, or published name; see `taking.take_in`.

        Raises EncoderError, MissingExtra, LibraryError as it does, LibraryNotFound where there is no library.
        """
        folder = self._store.folder  # LibraryNotFound comes before a download
        return take_in(folder, encoder, progress or Silent())

    def complete(self, *, progress: Progress | None = None) -> None:
        """Encode what the encoder that search uses lacks; without torch a learned one waits, and a note says so."""
        with self._store.writing():
            self._complete(self._store, progress or Silent())

    def use(self, encoder: str) -> None:
        """Search with that encoder from now on: an operation, which `undo` takes back.

        Raises EncoderError for an unknown one, or where shapes have no embedding of it yet.
        """
        self.encoder_named(encoder)
        snapshot = self.snapshot(encoder)
        if snapshot.missing:
            raise EncoderError(
                f"{snapshot.missing} of {len(snapshot.catalog)} shapes have no embedding of {encoder}; "
                f"encode what lacks with: fieldstone encode {self.uri} --encoder {encoder}"
            )
        with self._store.writing():
            if encoding.chosen(self._store) != encoder or (encoder == encoders.DESCRIPTOR and not self.was_chosen):
                log.begin(self._store, "use", encoder)

    def known_encoders(self) -> list[tuple[str, int]]:
        """The encoders that this library has embeddings or weights of, and how many shapes each has encoded."""
        kept = encoding.own(self.folder)
        names = dict.fromkeys([self.encoder_id, *encoders.available(), *encoders.shipped(), *kept])
        counts = {name: encoding.count(self._store, name) for name in names}
        return [(name, n) for name, n in counts.items() if n or name in kept or name == self.encoder_id]

    def _settled(self, store: Store) -> Encoder:
        """The encoder to add with; a library that is new remembers it as its own."""
        if store.meta("encoder") is None and not store.count("history"):
            store.remember("encoder", self._stated or encoders.default())
            self._known = None
        return self.encoder

    def _complete(
        self, store: Store, progress: Progress, lent: Sequence[Entry] = (), limits: Limits | None = None
    ) -> None:
        """Encode what came in before this encoder, or without torch; the library's own encoder too, where another is stated.

        `lent` are the files of fields that came from memory, `limits` those of the call, for files of fields. Without torch
        a learned encoder waits, and a note says so.
        """
        for name in dict.fromkeys((self.encoder_id, encoding.chosen(store))):
            encoding.fill(store, self.encoder_named(name), progress, lent, limits)
            keep_index(store, name)
