"""A library's own encoder: what it learns from, where it is kept, and the way back."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from fieldstone import Library
from fieldstone.encoders.learned import Learned
from fieldstone.encoders.weights import read_header
from fieldstone.errors import EncoderError, MissingExtra, QueryError
from fieldstone.library import tuning
from fieldstone.library.lesson import VARIANTS, lesson
from fieldstone.library.schema import vectors_table
from fieldstone.library.tuning import pupil_of, roll_back, teach
from fieldstone.progress import Silent
from tests.encoders.tiny import tiny
from tests.evaluate.balls import fill


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Sixteen balls and sticks, and a tiny network as their encoder."""
    place = tmp_path_factory.mktemp("tuning")
    library = fill(place)
    library.encode(tiny(place / "tiny.safetensors"))
    library.use("tiny@1")
    return Library(library.uri)


@pytest.fixture
def library(made: Library, tmp_path: Path) -> Library:
    """The same, to write to."""
    return Library(shutil.copytree(made.uri, tmp_path / "a.fieldstone"))


def pupil(library: Library) -> Learned:
    return pupil_of(library.encoder)


def test_a_lesson_holds_nothing_that_is_held_out(made: Library) -> None:
    division = made.divide("category")
    learnt = lesson(made, division, pupil(made), labels=True, pictures=False, progress=Silent())
    held_out = {shape.id for shape, asks in zip(division.shapes, division.queries, strict=True) if asks}
    assert len(held_out) == 4
    assert not held_out & set(learnt.ids)
    assert len(learnt) == 12
    assert 0 < len(learnt.rows("val")) < 6
    assert learnt.classes == ("ball", "stick")
    kind = dict(zip(learnt.ids, learnt.labels.tolist(), strict=True))
    assert all(kind[s.id] == ("ball", "stick").index(s.category or "") for s in division.shapes if s.id in kind)
    assert learnt.captions is None
    assert learnt.views is None


def test_clouds_stand_as_the_encoder_sees_them(made: Library) -> None:
    learnt = lesson(made, made.divide("category"), pupil(made), labels=False, pictures=False, progress=Silent())
    assert learnt.points.shape == (12, 4096, 3)
    np.testing.assert_allclose(np.linalg.norm(learnt.points, axis=2).max(axis=1), 1.0, atol=1e-5)
    spread = learnt.points.std(axis=1)
    assert (np.diff(spread, axis=1) <= 1e-6).all()  # widest axis first
    assert learnt.labels.tolist() == [-1] * 12  # no label is told
    assert learnt.descriptors is not None
    assert learnt.descriptors.shape == (12, VARIANTS, 256)
    assert (np.abs(np.diff(learnt.descriptors, axis=1)).max(axis=2) > 0).all()


def test_pictures_and_captions_for_contrast(made: Library) -> None:
    learnt = lesson(made, made.divide("category"), pupil(made), labels=False, pictures=True, progress=Silent())
    assert learnt.views is not None
    assert learnt.views.shape == (12, 4, 64, 64, 4)
    seen = learnt.views[..., 3] > 0
    assert (seen.mean(axis=(2, 3)) > 0.02).all()
    assert not learnt.views[~seen].any()
    assert (learnt.views[..., 3].max(axis=(1, 2, 3)) == 255).all()
    assert learnt.captions is not None
    assert {"a ball", "a stick"} <= {sentence for said in learnt.captions for sentence in said}


def test_too_little_to_learn_from_is_told(made: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    division = made.divide("category")
    monkeypatch.setattr("fieldstone.library.lesson.FEWEST", 13)
    with pytest.raises(
        QueryError, match="12 shapes with a label to learn from beside those held out, and tuning needs 13"
    ):
        lesson(made, division, pupil(made), labels=True, pictures=False, progress=Silent())
    monkeypatch.undo()
    with pytest.raises(QueryError, match="all shapes to learn from have one label"):
        lesson(made, made.divide("kind"), pupil(made), labels=True, pictures=False, progress=Silent())


def test_what_was_taught_stands_in_the_library(library: Library) -> None:
    learnt = lesson(
        library, library.divide("category"), pupil(library), labels=False, pictures=False, progress=Silent()
    )
    taught = teach(library, pupil(library), learnt, "vicreg", epochs=2)
    assert taught.id == "tiny-tuned@1"
    assert taught.path == Path(library.uri) / "encoders" / "tiny-tuned@1.safetensors"
    assert taught.curve.read_text().startswith("<svg")
    header = read_header(taught.path)
    assert header.training["base"] == "tiny@1"
    assert header.training["recipe"]["objectives"][0]["method"] == "vicreg"
    assert not list(taught.path.parent.glob("training-*"))
    assert Library(library.uri).encoder.id == "tiny@1"  # nothing uses it yet
    assert len(Library(library.uri, encoder=taught.id).encoder.encode(library.samples(library.shapes()[:1]))) == 1

    before = taught.path.read_bytes()
    again = teach(library, pupil(library), learnt, "vicreg", epochs=2)
    assert again == taught  # found, not trained anew
    assert taught.path.read_bytes() == before
    other = teach(library, pupil(library), learnt, "vicreg", epochs=1)
    assert other.id == "tiny-tuned@2"


class Killed(Exception):
    pass


class KillsAfterAnEpoch(Silent):
    """Ends the process, as far as a test can, in the second epoch of a training of one step each."""

    left = 1

    def advance(self, done: int = 1, detail: str = "") -> None:
        self.left -= done
        if self.left < 0:
            raise Killed


def test_killed_it_goes_on_to_the_same_weights(library: Library, made: Library) -> None:
    learnt = lesson(library, library.divide("category"), pupil(library), labels=True, pictures=False, progress=Silent())
    with pytest.raises(Killed):
        teach(library, pupil(library), learnt, "classification", epochs=2, progress=KillsAfterAnEpoch())
    assert len(list(Path(library.uri, "encoders").glob("training-*/state.safetensors"))) == 1
    again = teach(library, pupil(library), learnt, "classification", epochs=2)
    shutil.copytree(made.uri, other := Path(library.uri).with_name("other.fieldstone"))
    whole = teach(Library(other), pupil(library), learnt, "classification", epochs=2)
    assert (again.id, again.epochs) == ("tiny-tuned@1", 2)
    assert again.path.read_bytes() == whole.path.read_bytes()


def test_the_way_back(library: Library) -> None:
    with pytest.raises(QueryError, match="searches with no encoder that was tuned to it"):
        roll_back(library)
    learnt = lesson(
        library, library.divide("category"), pupil(library), labels=False, pictures=False, progress=Silent()
    )
    taught = teach(library, pupil(library), learnt, "vicreg", epochs=1)
    library.encode(taught.id)
    library.use(taught.id)
    assert Library(library.uri).encoder.id == taught.id
    assert roll_back(library) == "tiny@1"
    assert Library(library.uri).embeddings(library.shapes()).shape == (16, 16)
    with pytest.raises(QueryError, match="no encoder that was tuned"):
        roll_back(library)


class Listens(Silent):
    """Keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_the_way_back_without_torch(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library.encode(tiny(tmp_path / "tuned.safetensors", "tiny-tuned"))
    library.use("tiny-tuned@1")
    library._store.delete(vectors_table("tiny@1"), f"id = '{library.shapes()[0].id}'")  # as if it came in since
    monkeypatch.setattr("fieldstone.library.encoding.has_torch", lambda: False)
    progress = Listens()
    assert roll_back(library, progress=progress) == "tiny@1"
    assert progress.notes == ["1 shapes wait for their embeddings of tiny@1, which need torch"]


def test_a_formula_cannot_be_tuned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Library) -> None:
    with pytest.raises(EncoderError, match="is a formula and cannot be tuned; run `fieldstone encode`"):
        pupil_of(Library(made.uri, encoder="fieldstone-descriptor@1").encoder)
    monkeypatch.setattr("fieldstone.fields.torch_fit.importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"fieldstone\[neural\]"):
        tuning.pupil_of(made.encoder)
