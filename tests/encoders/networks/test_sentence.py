"""Sentence-transformer folders of BERT's kind, against plain torch on the same tensors."""

import json
import math
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor
from torch.nn import functional

from fieldstone.encoders.networks.sentence import load_sentence_tower
from fieldstone.errors import EncoderError
from tests.encoders.networks.published import Made, layer_norm, linear

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "round", "side", "table", "chair", "##s", ",", "small"]
CONFIG = {
    "model_type": "bert", "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40,
    "vocab_size": len(WORDS), "max_position_embeddings": 16, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
    "hidden_act": "gelu", "position_embedding_type": "absolute",
}  # fmt: skip
STEPS = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def made() -> Made:
    state = Made(6)
    state.put("embeddings.word_embeddings.weight", len(WORDS), 24)
    state.put("embeddings.position_embeddings.weight", 16, 24)
    state.put("embeddings.token_type_embeddings.weight", 2, 24)
    state.norm("embeddings.LayerNorm", 24)
    for i in range(2):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            state.linear(f"encoder.layer.{i}.attention.{part}", 24, 24)
        state.norm(f"encoder.layer.{i}.attention.output.LayerNorm", 24)
        state.linear(f"encoder.layer.{i}.intermediate.dense", 24, 40)
        state.linear(f"encoder.layer.{i}.output.dense", 40, 24)
        state.norm(f"encoder.layer.{i}.output.LayerNorm", 24)
    state.linear("pooler.dense", 24, 24)
    state["embeddings.position_ids"] = torch.arange(16)[None]
    return state


def written(
    folder: Path, state: dict[str, Tensor] | None = None, pooling: str = "mean_tokens", **config: object
) -> Path:
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | config))
    (folder / "modules.json").write_text(json.dumps(STEPS))
    modes = {f"pooling_mode_{mode}": mode == pooling for mode in ("cls_token", "mean_tokens", "max_tokens")}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 24, **modes}))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 8, "do_lower_case": False}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    safetensors.torch.save_file(dict(state or made()), folder / "model.safetensors")
    return folder


def run(state: dict[str, Tensor], words: list[str], first: bool = False) -> Tensor:
    """One sentence of known pieces through a BERT, as its paper has it."""
    ids = torch.tensor([WORDS.index(word) for word in words])
    x = state["embeddings.word_embeddings.weight"][ids] + state["embeddings.position_embeddings.weight"][: len(ids)]
    x = layer_norm(x + state["embeddings.token_type_embeddings.weight"][0], state, "embeddings.LayerNorm", 1e-12)
    for i in range(2):
        block = f"encoder.layer.{i}"
        q, k, v = (linear(x, state, f"{block}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for part in range(3):
            own = slice(8 * part, 8 * part + 8)
            heads.append((q[:, own] @ k[:, own].T / math.sqrt(8)).softmax(1) @ v[:, own])
        y = linear(torch.cat(heads, 1), state, f"{block}.attention.output.dense")
        x = layer_norm(x + y, state, f"{block}.attention.output.LayerNorm", 1e-12)
        y = linear(functional.gelu(linear(x, state, f"{block}.intermediate.dense")), state, f"{block}.output.dense")
        x = layer_norm(x + y, state, f"{block}.output.LayerNorm", 1e-12)
    row = x[0] if first else x.mean(0)
    return row / row.norm()


def test_rows_are_berts(tmp_path: Path) -> None:
    tower = load_sentence_tower(written(tmp_path))
    assert tower.dim == 24
    assert not tower.training
    assert not any(parameter.requires_grad for parameter in tower.parameters())
    rows = tower(["A small, ROUND table", "chairs", "a table " * 9])
    there = [
        run(made(), ["[CLS]", "a", "small", ",", "round", "table", "[SEP]"]),
        run(made(), ["[CLS]", "chair", "##s", "[SEP]"]),
        run(made(), ["[CLS]", "a", "table", "a", "table", "a", "table", "[SEP]"]),
    ]
    assert torch.allclose(rows, torch.stack(there), atol=1e-5)
    assert torch.allclose(tower(["chairs"])[0], rows[1], atol=1e-6)
    assert tower([]).shape == (0, 24)


def test_the_first_token_where_the_folder_says_so(tmp_path: Path) -> None:
    tower = load_sentence_tower(written(tmp_path, pooling="cls_token"))
    there = run(made(), ["[CLS]", "chair", "[UNK]", "[SEP]"], first=True)
    assert torch.allclose(tower(["chair xyz"])[0], there, atol=1e-5)


def test_a_bare_bert_in_a_torch_file(tmp_path: Path) -> None:
    written(tmp_path)
    for name in ("modules.json", "sentence_bert_config.json", "model.safetensors"):
        (tmp_path / name).unlink()
    torch.save({f"bert.{name}": tensor for name, tensor in made().items()}, tmp_path / "pytorch_model.bin")
    tower = load_sentence_tower(tmp_path)
    assert tower.config.context == 16
    assert torch.allclose(tower(["chair"])[0], run(made(), ["[CLS]", "chair", "[SEP]"]), atol=1e-5)


def test_the_vocabulary_of_a_tokenizer_file(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "vocab.txt").unlink()
    model = {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {word: i for i, word in enumerate(WORDS)}}
    said = {"normalizer": {"type": "BertNormalizer", "lowercase": True}, "model": model}
    (tmp_path / "tokenizer.json").write_text(json.dumps(said))
    rows = load_sentence_tower(tmp_path)(["Chairs"])
    assert torch.allclose(rows[0], run(made(), ["[CLS]", "chair", "##s", "[SEP]"]), atol=1e-5)
    model["type"] = "BPE"
    (tmp_path / "tokenizer.json").write_text(json.dumps(said))
    with pytest.raises(EncoderError, match="cuts words by BPE"):
        load_sentence_tower(tmp_path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "mpnet"}, "is a model of the kind 'mpnet'"),
        ({"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ({"num_attention_heads": 5}, "sizes that cannot be"),
        ({"hidden_size": "24"}, "no hidden_size that can be"),
        ({"num_hidden_layers": 10**6}, "no num_hidden_layers that can be"),
        ({"layer_norm_eps": "small"}, "no layer_norm_eps that can be"),
        ({"vocab_size": 5}, "vocabulary and its config.json are not of one model"),
        ({"num_hidden_layers": 3}, r"encoder\.layer\.2\.\S+ \(.+\) is missing .*12 missing"),
        ({"num_hidden_layers": 1}, r"encoder\.layer\.1\.\S+ \(.+\) is not expected .*12 unknown"),
        ({"intermediate_size": 41}, r"intermediate\.dense\.weight is 40 x 24, where 41 x 24 is expected"),
    ],
)
def test_folders_that_do_not_fit(tmp_path: Path, config: dict[str, object], message: str) -> None:
    written(tmp_path, **config)
    with pytest.raises(EncoderError, match=message):
        load_sentence_tower(tmp_path)


def test_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"config\.json: cannot be read"):
        load_sentence_tower(tmp_path)
    written(tmp_path)
    (tmp_path / "config.json").write_text("[" * 100_000)
    with pytest.raises(EncoderError, match=r"config\.json: is no JSON"):
        load_sentence_tower(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(EncoderError, match=r"config\.json: is no JSON object"):
        load_sentence_tower(tmp_path)
    written(tmp_path)
    (tmp_path / "modules.json").write_text('{"idx": 1}')
    with pytest.raises(EncoderError, match=r"modules\.json: is no list of steps"):
        load_sentence_tower(tmp_path)
    written(tmp_path, pooling="max_tokens")
    with pytest.raises(EncoderError, match="makes rows by max_tokens"):
        load_sentence_tower(tmp_path)
    written(tmp_path)
    (tmp_path / "modules.json").write_text(json.dumps([*STEPS, {"type": "sentence_transformers.models.Dense"}]))
    with pytest.raises(EncoderError, match="has a step 'Dense'"):
        load_sentence_tower(tmp_path)
    written(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"pytorch_model\.bin: there is no such file"):
        load_sentence_tower(tmp_path)
