"""Word pieces: the longest first, marked inside words; cleaning as BERT cleans."""

import json
from pathlib import Path

import pytest

from fieldstone.encoders.wordpiece import WordPieces
from fieldstone.errors import EncoderError

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "##a", "cafe", "Café", "-", "$", "中", "ab", "a"]


def read(folder: Path, lower: bool = True) -> WordPieces:
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n", "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower}))
    return WordPieces(folder)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("unaffable", ["un", "##aff", "##able"]),  # the example of BERT's own documentation
        ("unx ab", ["[UNK]", "ab"]),
        ("CAFÉ-cafe\u0301", ["cafe", "-", "cafe"]),
        ("a$a", ["a", "$", "a"]),
        ("a中ab", ["a", "中", "ab"]),
        ("a\u200bb\x00 \u2028a\x85a\tab", ["ab", "a", "##a", "ab"]),  # what cannot be seen joins
        ("un" + "a" * 98, ["un", *["##a"] * 98]),
        ("un" + "a" * 99, ["[UNK]"]),
        ("", []),
    ],
)
def test_pieces(tmp_path: Path, text: str, pieces: list[str]) -> None:
    found = read(tmp_path).encode(text)
    assert [PIECES[i] for i in found] == pieces


def test_cased(tmp_path: Path) -> None:
    pieces = read(tmp_path, lower=False)
    assert [PIECES[i] for i in pieces.encode("Café cafe CAFE")] == ["Café", "cafe", "[UNK]"]


def test_rows_keep_their_end(tmp_path: Path) -> None:
    assert read(tmp_path)(["ab ab ab ab", "a"], 4) == [[2, 13, 13, 3], [2, 14, 3]]


def test_folders_without_a_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"tokenizer\.json: cannot be read"):
        WordPieces(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": 3}')
    with pytest.raises(EncoderError, match="holds no vocabulary"):
        WordPieces(tmp_path)
    for number in ("-1", "Infinity", '"x"'):
        (tmp_path / "tokenizer.json").write_text(f'{{"model": {{"vocab": {{"[PAD]": {number}}}}}}}')
        with pytest.raises(EncoderError, match="holds no vocabulary"):
            WordPieces(tmp_path)
    (tmp_path / "vocab.txt").write_text("a\nb\n")
    with pytest.raises(EncoderError, match=r"lacks \[PAD\]"):
        WordPieces(tmp_path)
