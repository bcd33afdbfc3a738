"""Learned search: which encoder a library uses, what happens without torch, words, pictures, and the up axis."""

import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fieldstone import Library, encoders, samples
from fieldstone.encoders import BASE, DESCRIPTOR, UPRIGHT, registry
from fieldstone.errors import EncoderError, FileError, LimitExceeded, QueryError
from fieldstone.files import Limits, write
from fieldstone.files.picture import read_picture
from fieldstone.library import encoding, ingest, schema
from fieldstone.types import Mesh, PointCloud
from tests.encoders.tiny import LATENT, tiny

pytest.importorskip("torch")
KINDS = ("bracket", "chair", "gear", "mug")


@pytest.fixture(scope="module", autouse=True)
def patched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A tiny base is the one that ships, and ingest runs in this process."""

    weights = tiny(tmp_path_factory.mktemp("base") / "fieldstone-base-1.safetensors", "fieldstone-base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "WEIGHTS", weights)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A folder of models, a library on the learned base and one on the descriptor; tests that write take copies."""
    place = tmp_path_factory.mktemp("learned")
    for kind in KINDS:
        (place / "models" / kind).mkdir(parents=True)
        for seed in range(2):
            write(samples.make(kind, seed), place / "models" / kind / f"{kind}-{seed}.stl")
    assert Library(place / "base.fieldstone").add(place / "models", category="folder").added == 8
    plain = Library(place / "plain.fieldstone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "has_torch", lambda: False)
        assert plain.add(place / "models", category="folder").added == 8
    return place / "models", place / "base.fieldstone", place / "plain.fieldstone"


@pytest.fixture
def base(made: tuple[Path, Path, Path], tmp_path: Path) -> Library:
    shutil.copytree(made[1], tmp_path / "base.fieldstone")
    return Library(tmp_path / "base.fieldstone")


@pytest.fixture
def plain(made: tuple[Path, Path, Path], tmp_path: Path) -> Library:
    shutil.copytree(made[2], tmp_path / "plain.fieldstone")
    return Library(tmp_path / "plain.fieldstone")


def vectors(library: Library, encoder: str) -> dict[str, bytes]:
    rows = library._store.read(schema.vectors_table(encoder), ["id", "vector"]).to_pylist()
    return {row["id"]: np.array(row["vector"], dtype=np.float32).tobytes() for row in rows}


def without_torch(code: str) -> str:
    """What code prints where torch is not installed; the tiny base ships there too."""
    start = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from fieldstone.encoders import registry\n"
        f"registry.WEIGHTS = Path({str(registry.WEIGHTS)!r})\n"
        "from fieldstone.library import pool\n"
        "pool.run = lambda prepare, arguments, tasks, **_: ((t, prepare(*arguments)(t)) for t in tasks)\n"
        "from fieldstone import Library, FieldstoneError\n"
    )
    done = subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_new_library_remembers_what_it_was_made_with(made: tuple[Path, Path, Path]) -> None:
    assert Library(made[1]).encoder_id == BASE == encoders.default()
    assert Library(made[2]).encoder_id == DESCRIPTOR
    assert vectors(Library(made[1]), DESCRIPTOR) == vectors(Library(made[2]), DESCRIPTOR)
    assert Library(made[1]).embeddings(Library(made[1]).shapes()).shape == (8, LATENT)


def test_search_by_the_base(made: tuple[Path, Path, Path]) -> None:
    answer = Library(made[1]).ask(made[0] / "gear" / "gear-1.stl", k=3)
    assert answer.hits[0].shape.name == "gear-1"
    assert answer.hits[0].evidence.kind == "identical"
    assert not [note for note in answer.notes if "descriptor" in note]


def test_duplicates_and_evidence_by_the_base(base: Library, tmp_path: Path) -> None:
    mesh = samples.make("bracket", 0)
    write(Mesh(mesh.vertices[:, [1, 2, 0]] * 25.4, mesh.faces), tmp_path / "again.stl")
    base.add(tmp_path / "again.stl")
    groups = [{m.shape.name for m in group.members} for group in base.duplicates()]
    assert {"again", "bracket-0"} in groups
    assert base.search("again", k=1)[0].evidence.kind == "rescaled"


def test_encode_later_gives_what_ingest_gave(made: tuple[Path, Path, Path], plain: Library) -> None:
    assert plain.encode(BASE) == 8
    assert vectors(plain, BASE) == vectors(Library(made[1]), BASE)
    assert plain.encode(BASE) == 0
    assert plain.encoder_id == DESCRIPTOR
    assert dict(plain.known_encoders()) == {DESCRIPTOR: 8, BASE: 8}


def test_a_killed_encode_goes_on(plain: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = encoding.append_vectors, []

    def dies(*arguments: Any) -> None:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        real(*arguments)

    monkeypatch.setattr(encoding, "BLOCK", 3)
    monkeypatch.setattr(encoding, "append_vectors", dies)
    with pytest.raises(KeyboardInterrupt):
        plain.encode(BASE)
    monkeypatch.setattr(encoding, "append_vectors", real)
    with pytest.raises(EncoderError, match=r"2 of 8 shapes have no embedding of fieldstone-base@1.*fieldstone encode"):
        plain.use(BASE)
    assert plain.encode(BASE) == 2
    plain.use(BASE)
    assert len(plain.search("gear-0", k=3)) == 3


def test_use_is_an_operation(plain: Library) -> None:
    plain.encode(BASE)
    plain.use(BASE)
    plain.use(BASE)
    assert Library(plain.uri).encoder_id == BASE
    assert [(op.verb, op.text) for op in plain.history()][1:] == [("use", BASE)]
    assert plain.undo().verb == "use"
    assert plain.encoder_id == DESCRIPTOR
    plain.undo(plain.history()[-1].op)
    assert plain.encoder_id == BASE
    with pytest.raises(EncoderError, match="no encoder"):
        plain.use("nothing@1")


def test_a_descriptor_library_says_how_to_switch(plain: Library, made: tuple[Path, Path, Path]) -> None:
    answer = plain.ask(made[0] / "gear" / "gear-0.stl", k=1)
    assert answer.notes == (
        f"by descriptors; learned search, words and pictures come with: fieldstone encode {plain.uri}",
    )
    plain.use(DESCRIPTOR)
    assert not plain.ask("gear-0", k=1).notes  # its owner chose the descriptor


def test_a_weight_file_of_another_place(base: Library, tmp_path: Path) -> None:
    own = tiny(tmp_path / "w.safetensors", "mine", version=2)
    assert base.encode(own) == 8
    assert (Path(base.uri) / "encoders" / "mine@2.safetensors").is_file()
    base.use("mine@2")
    assert Library(base.uri).encoder.id == "mine@2"
    assert len(Library(base.uri)) == 8
    assert base.encode(own) == 0
    with pytest.raises(EncoderError, match="another encoder mine@2"):
        base.encode(tiny(tmp_path / "x.safetensors", "mine", version=2, towers=False))
    with pytest.raises(EncoderError, match="another encoder fieldstone-base@1"):
        base.encode(tiny(tmp_path / "y.safetensors", "fieldstone-base"))


def test_what_came_without_torch_waits(base: Library, made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    write(samples.make("vase", 0), tmp_path / "vase.stl")
    out = without_torch(
        f"library = Library({base.uri!r})\n"
        f"print(library.add({str(tmp_path / 'vase.stl')!r}).added)\n"
        "print(library.ask('vase', k=1).notes)\n"
    )
    assert out.splitlines()[0] == "1"
    assert "1 of 9 shapes have no embedding of fieldstone-base@1 yet" in out
    assert base.add(made[0]).added == 0  # with torch again, any add fills in what lacks
    assert not base.ask("vase", k=1).notes


def test_without_torch(made: tuple[Path, Path, Path]) -> None:
    out = without_torch(
        f"library = Library({str(made[1])!r})\n"
        "answer = library.ask('gear-0', k=3)\n"
        "print([hit.shape.name for hit in answer.hits], answer.notes)\n"
        f"answer = library.ask({str(made[0] / 'mug' / 'mug-1.stl')!r}, k=1, where=\"category = 'mug'\")\n"
        "print(answer.hits[0].shape.name, answer.notes)\n"
        "answer = library.ask(text='chair')\n"
        "print(sorted(hit.shape.name for hit in answer.hits), answer.notes)\n"
        "print(len(library.duplicates()))\n"
        "for ask in (lambda: library.ask(image=sys.argv[0] or 'x.png'), lambda: library.encode('fieldstone-base@1'),\n"
        "            lambda: Library(library.uri, encoder='fieldstone-base@1').ask(library.points(library.shape('gear-0')))):\n"
        "    try: ask()\n"
        "    except FieldstoneError as error: print('error', error)\n"
    ).splitlines()  # fmt: skip
    own = [hit.shape.name for hit in Library(made[1]).search("gear-0", k=3)]
    install = 'pip install "fieldstone[neural]"'
    assert out[0] == f"{own} ()"
    assert out[1].startswith("mug-1 ('compared by fieldstone-descriptor@1: fieldstone-base@1: needs the extra")
    assert install in out[1]
    assert out[2].startswith("['chair-0', 'chair-1'] ('by words alone:")
    assert install in out[2]
    assert len(out) == 7
    assert all(install in line for line in out[5:])


def test_words(made: tuple[Path, Path, Path], plain: Library) -> None:
    answer = Library(made[1]).ask(text="a mug", k=5)
    assert {hit.shape.category for hit in answer.hits[:2]} == {"mug"}
    assert [hit.evidence.text for hit in answer.hits] == ["words of 'a mug'"] * 2 + ["by meaning: 'a mug'"] * 3
    assert answer.notes == ("2 by their words, 3 by meaning (fieldstone-base@1)",)
    assert all(0 <= hit.score <= 1 for hit in answer.hits)
    assert [hit.distance for hit in answer.hits[2:]] == sorted(hit.distance for hit in answer.hits[2:])
    answer = Library(made[1]).ask(text="round thing of the gear kind", k=8, where="category = 'gear'")
    assert {hit.evidence.text[:10] for hit in answer.hits} == {"by meaning"}
    assert len(answer.hits) == 2
    answer = Library(made[1]).ask(text="a chair with wheels", k=3)
    assert [hit.shape.category for hit in answer.hits[:2]] == ["chair", "chair"], (
        "one word fits: it comes before meaning"
    )
    assert [hit.evidence.text.endswith("called so in part") for hit in answer.hits] == [True, True, False]
    without, with_path = (
        Library(made[1]).ask(text=text, k=8) for text in ("thing to sit on", "models thing to sit on")
    )
    assert all(hit.evidence.text.startswith("by meaning") for hit in with_path.hits), (
        "a word of all paths decides nothing"
    )
    assert not any("in part" in hit.evidence.text for hit in (*without.hits, *with_path.hits))
    answer = plain.ask(text="a mug")
    assert len(answer.hits) == 2
    assert "fieldstone encode" in answer.notes[0]


def test_an_encoder_without_words(base: Library, tmp_path: Path) -> None:
    base.encode(tiny(tmp_path / "w", "deaf", towers=False))
    base.use("deaf@1")
    answer = base.ask(text="mug")
    assert len(answer.hits) == 2
    assert answer.notes == ("by words alone: deaf@1 was trained without words",)
    with pytest.raises(EncoderError, match=r"deaf@1 reads no pictures.*fieldstone encode"):
        base.ask(image=picture(tmp_path / "x.png"))


def picture(path: Path, size: tuple[int, int] = (50, 40)) -> Path:
    image = Image.new("RGB", size, "white")
    image.paste((40, 40, 40), (10, 5, 30, 35))
    image.save(path)
    return path


def test_pictures(made: tuple[Path, Path, Path], plain: Library, tmp_path: Path) -> None:
    library, path = Library(made[1]), picture(tmp_path / "x.png")
    answer = library.ask(image=path, k=3)
    assert len(answer.hits) == 3
    assert answer.hits[0].evidence.text == "looks like x.png"
    assert [hit.distance for hit in answer.hits] == sorted(hit.distance for hit in answer.hits)
    assert [hit.shape.id for hit in library.search(path, k=3)] == [hit.shape.id for hit in answer.hits]
    assert {h.shape.category for h in library.search(image=path, where="category = 'mug'")} == {"mug"}
    with pytest.raises(EncoderError, match="fieldstone encode"):
        plain.ask(image=path)
    with pytest.raises(QueryError, match="one of a shape"):
        plain.ask("gear-0", image=path)


def test_alike_names_measure_nothing(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    library = Library(tmp_path / "one.fieldstone")
    library.add(made[0] / "gear", category="gear")
    for asked in ({"text": "a bracket"}, {"image": picture(tmp_path / "x.png")}):
        assert "called alike" in library.ask(**asked).notes[-1]


def png(path: Path, width: int, height: int) -> Path:
    """A few bytes that claim so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    return path


def test_pictures_of_any_size_and_depth(tmp_path: Path) -> None:
    for side in (12_000, 60_000):  # beyond our limit, and beyond Pillow's own
        with pytest.raises(LimitExceeded, match=r"Limits\.pixels"):
            read_picture(png(tmp_path / "bomb.png", side, side))
    assert read_picture(picture(tmp_path / "wide.png", (30_000, 40))).shape[1] == 2048
    deep = np.full((20, 20), 60_000, dtype=np.uint16)
    deep[5:15, 5:15] = 20_000
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert set(np.unique(read_picture(tmp_path / "deep.png")[..., 0])) == {20_000 >> 8, 60_000 >> 8}


def test_pictures_of_strangers(tmp_path: Path) -> None:
    with pytest.raises(LimitExceeded, match=r"Limits\.pixels"):
        read_picture(picture(tmp_path / "x.png"), Limits(pixels=100))
    (tmp_path / "y.png").write_bytes(b"\x89PNG nothing")
    for path in (tmp_path / "y.png", tmp_path / "none.png"):
        with pytest.raises(FileError):
            read_picture(path)


def test_upright(made: tuple[Path, Path, Path], plain: Library, tmp_path: Path) -> None:
    library = Library(tmp_path / "up.fieldstone", encoder=UPRIGHT)
    library.add(made[0] / "gear", up="y")
    assert Library(library.uri).encoder_id == UPRIGHT
    again = Library(library.uri)
    assert not again.ask(made[0] / "gear" / "gear-0.stl", k=1, up="y").notes
    assert again.ask(made[0] / "gear" / "gear-0.stl", k=1, up="y").hits[0].distance < 1e-4
    other = again.ask(made[0] / "gear" / "gear-0.stl", k=1)
    assert "--up" in other.notes[0]
    assert other.hits[0].distance > 1e-4
    ups = vectors(library, UPRIGHT)
    library.add(made[0] / "gear", up="x")  # the label says another axis now
    assert all(vectors(library, UPRIGHT)[key] != vector for key, vector in ups.items())


def test_upright_rows_follow_the_up_axis(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    library = Library(tmp_path / "up.fieldstone", encoder=UPRIGHT)
    library.add(made[0] / "gear" / "gear-0.stl", up="z")
    library.add(made[0] / "mug" / "mug-0.stl", up="y")
    along_z = vectors(library, UPRIGHT)
    gear = library.shape("gear-0").id
    library.add(made[0] / "gear", up="y")  # also a shape that is new
    along_y = vectors(library, UPRIGHT)
    assert along_y[gear] != along_z[gear]
    library.undo()
    assert gear not in vectors(library, UPRIGHT)  # not the row of an axis that counts no more
    assert library.encode(UPRIGHT) == 1
    assert vectors(library, UPRIGHT)[gear] == along_z[gear]


def test_what_was_taken_out_has_no_up_axis(made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    library = Library(tmp_path / "up.fieldstone", encoder=DESCRIPTOR)
    library.add(made[0] / "gear", up="x")
    library.remove("gear-0")
    assert library.encode(UPRIGHT) == 1
    library.undo()
    assert library.encode(UPRIGHT) == 1
    whole = Library(tmp_path / "whole.fieldstone", encoder=UPRIGHT)
    whole.add(made[0] / "gear", up="x")
    assert vectors(library, UPRIGHT) == vectors(whole, UPRIGHT)


def test_a_library_from_before_normals(plain: Library, made: tuple[Path, Path, Path], tmp_path: Path) -> None:
    table = plain._store._table("shapes")
    table.drop_columns(["normals"])
    old = Library(plain.uri)
    assert old.samples(old.shapes()[:1])[0].normals is None
    assert old.search("gear-0", k=1)
    write(samples.make("vase", 0), tmp_path / "vase.stl")
    assert old.add(tmp_path / "vase.stl").added == 1
    assert [one.normals is None for one in Library(old.uri).samples(Library(old.uri).shapes())] == [True] * 8 + [False]
    assert old.encode("surflet-pairs@1") == 9


def test_kept_normals(made: tuple[Path, Path, Path]) -> None:
    library = Library(made[1])
    shape = library.shape("gear-0")
    kept, drawn = library.samples([shape])[0], samples.make("gear", 0)
    assert kept.normals is not None
    from fieldstone.library.describe import examine

    exact = examine(drawn, None).sampled.normals
    assert exact is not None
    assert (np.einsum("nd,nd->n", kept.normals, exact) > np.cos(np.radians(1.2))).mean() > 0.99


def test_octahedron() -> None:
    from fieldstone.library.kept import quantise_normals, restore_normals

    normals = np.random.default_rng(0).standard_normal((2000, 3))
    normals[:6] = np.concatenate([np.eye(3), -np.eye(3)])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    back = restore_normals(quantise_normals(normals))
    np.testing.assert_array_equal(back[:6], normals[:6])
    assert np.degrees(np.arccos(np.clip((back * normals).sum(axis=1), -1, 1))).max() < 1.0
    np.testing.assert_array_equal(restore_normals(quantise_normals(np.zeros((1, 3)))), [[0, 0, 1]])


def test_a_cloud_without_normals(base: Library, tmp_path: Path) -> None:
    points = Library(base.uri).points(base.shape("mug-0"))
    write(PointCloud(points.astype(np.float64)), tmp_path / "cloud.ply")
    assert base.add(tmp_path / "cloud.ply").added == 1
    assert base.samples([base.shape("cloud")])[0].normals is None
    assert len(base.search("cloud", k=2)) == 2


def test_ingest_in_small_batches_gives_the_same(
    made: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH_ROWS", 3)
    library = Library(tmp_path / "a.fieldstone")
    library.add(made[0], category="folder")
    assert vectors(library, BASE) == vectors(Library(made[1]), BASE)
