"""Sentences to rows, by any sentence-transformer of BERT's kind (MiniLM among them) in a local folder.

Reimers, Gurevych, Sentence-BERT: sentence embeddings using siamese BERT-networks, 2019, section 3; Devlin et al., BERT, 2019,
section 3. The folder holds config.json, model.safetensors (or pytorch_model.bin), vocab.txt or tokenizer.json, and
modules.json with 1_Pooling/config.json; without the last two, rows are the mean over tokens.

    text -> pieces -> norm(word + place + kind) -> blocks, norm after each sum -> mean over tokens (or cls) -> unit length
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from fieldstone.encoders.networks.state_dicts import Row, fill, fitted, read_tensors
from fieldstone.encoders.wordpiece import WordPieces, read_json
from fieldstone.errors import EncoderError
from fieldstone.nn.transformer import Attention

__all__ = ["Config", "SentenceTower", "load_sentence_tower"]

TABLE = [
    Row("words.*", "embeddings.word_embeddings.*"),
    Row("places.*", "embeddings.position_embeddings.*"),
    Row("kinds.*", "embeddings.token_type_embeddings.*"),
    Row("norm.*", "embeddings.LayerNorm.*"),
    Row("blocks.#.attention.qkv.*", "encoder.layer.#.attention.self.qkv.*"),
    Row("blocks.#.attention.proj.*", "encoder.layer.#.attention.output.dense.*"),
    Row("blocks.#.norm1.*", "encoder.layer.#.attention.output.LayerNorm.*"),
    Row("blocks.#.mlp1.*", "encoder.layer.#.intermediate.dense.*"),
    Row("blocks.#.mlp2.*", "encoder.layer.#.output.dense.*"),
    Row("blocks.#.norm2.*", "encoder.layer.#.output.LayerNorm.*"),
]
THIRDS = ("query", "key", "value")
PLAIN = {"Transformer", "Pooling", "Normalize"}
"""Steps of a sentence-transformer that are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The sizes of a BERT, and how its tokens become one row."""

    dim: int
    """Width of a token, and length of a row."""
    depth: int
    heads: int
    hidden: int
    """Width of a block's hidden layer."""
    vocabulary: int
    places: int
    """Tokens that have a place of their own."""
    kinds: int
    """Kinds of sentence; one is used."""
    context: int
    """Tokens of a text that are read."""
    eps: float
    """What keeps LayerNorms from dividing by zero."""
    first: bool
    """Rows are the first token, not the mean over all."""


class _Block(nn.Module):
    """norm(x + attention(x)), then norm(x + mlp(x))."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention = Attention(config.dim, config.heads, bias=True)
        self.norm1, self.norm2 = (nn.LayerNorm(config.dim, eps=config.eps) for _ in range(2))
        self.mlp1, self.mlp2 = nn.Linear(config.dim, config.hidden), nn.Linear(config.hidden, config.dim)

    def forward(
        self, x: Float[Tensor, "batch n dim"], mask: Bool[Tensor, "batch 1 1 n"]
    ) -> Float[Tensor, "batch n dim"]:
        x = self.norm1(x + self.attention(x, mask))
        return self.norm2(x + self.mlp2(functional.gelu(self.mlp1(x))))


class SentenceTower(nn.Module):
    """Texts to rows of unit length. Its numbers come from a folder (load_sentence_tower)."""

    def __init__(self, config: Config, pieces: WordPieces) -> None:
        super().__init__()
        self.config, self.pieces, self.dim = config, pieces, config.dim
        self.words = nn.Embedding(config.vocabulary, config.dim)
        self.places = nn.Embedding(config.places, config.dim)
        self.kinds = nn.Embedding(config.kinds, config.dim)
        self.norm = nn.LayerNorm(config.dim, eps=config.eps)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.depth))

    def forward(self, texts: Sequence[str]) -> Float[Tensor, "texts dim"]:
        """One row a text; what goes beyond the context is not read."""
        ids = [torch.tensor(row) for row in self.pieces(texts, self.config.context)]
        if not ids:
            return self.words.weight.new_zeros(0, self.dim)
        padded = nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=-1).to(self.words.weight.device)
        return self.of_tokens(padded.clamp(min=0), padded >= 0)

    def of_tokens(self, ids: Int64[Tensor, "texts n"], there: Bool[Tensor, "texts n"]) -> Float[Tensor, "texts dim"]:
        """One row a text of piece numbers, of which only some are there."""
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]] + self.kinds.weight[0])
        for block in self.blocks:
            x = block(x, there[:, None, None])
        weight = there[..., None].to(x.dtype)
        rows = x[:, 0] if self.config.first else (x * weight).sum(1) / weight.sum(1)
        return functional.normalize(rows, dim=1)


def load_sentence_tower(folder: str | Path) -> SentenceTower:
    """The sentence-transformer of a folder, frozen; EncoderError says what of it is missing or of another kind."""
    folder = Path(folder)
    config, pieces = _config(folder), WordPieces(folder)
    if pieces.largest >= config.vocabulary:
        raise EncoderError(f"{folder}: its vocabulary and its config.json are not of one model; take the model again")
    weights = folder / "model.safetensors"
    found = read_tensors(weights if weights.exists() else folder / "pytorch_model.bin")
    found = _joined({name.removeprefix("bert."): tensor for name, tensor in found.items()})
    with torch.device("meta"):
        tower = SentenceTower(config, pieces)
    remedy = "config.json and weights are not of one model, or it is none of BERT's kind; take the model again"
    fill(tower, fitted(folder, found, TABLE, tower, remedy, own="encoder."))
    return tower


def _joined(found: dict[str, Tensor]) -> dict[str, Tensor]:
    """Queries, keys and values of each block as the one product that Attention has; what does not join stays."""
    joined = dict(found)
    for name in found:
        parts = [name.replace(".self.query.", f".self.{third}.") for third in THIRDS]
        if ".self.query." in name and all(part in found and found[part].shape == found[name].shape for part in parts):
            joined[name.replace(".self.query.", ".self.qkv.")] = torch.cat([joined.pop(part) for part in parts])
    return joined


def _config(folder: Path) -> Config:
    said = _object(folder / "config.json")
    if said.get("model_type") != "bert":
        kind = said.get("model_type")
        raise EncoderError(
            f"{folder}: is a model of the kind {kind!r}, and only BERT's kind is read; give a BERT or MiniLM"
        )
    for name, wanted in (("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if said.get(name, wanted) != wanted:
            raise EncoderError(
                f"{folder}: its {name} is {said[name]!r}, and only {wanted!r} is known; give another model"
            )
    places = _number(folder, said, "max_position_embeddings")
    config = Config(
        dim=_number(folder, said, "hidden_size"), depth=_number(folder, said, "num_hidden_layers", most=100),
        heads=_number(folder, said, "num_attention_heads"), hidden=_number(folder, said, "intermediate_size"),
        vocabulary=_number(folder, said, "vocab_size"), places=places, kinds=_number(folder, said, "type_vocab_size"),
        context=min(places, _context(folder, places)), eps=_eps(folder, said), first=_first(folder),
    )  # fmt: skip
    if config.dim % config.heads or config.context < 3:
        raise EncoderError(f"{folder}: its config.json holds sizes that cannot be; take the model again")
    return config


def _context(folder: Path, places: int) -> int:
    """What sentence-transformers reads of a text, often less than the model could."""
    path = folder / "sentence_bert_config.json"
    said = _object(path) if path.exists() else {}
    return _number(folder, said, "max_seq_length") if said.get("max_seq_length") else places


def _first(folder: Path) -> bool:
    """Whether a row is the first token; EncoderError for steps and poolings that are not known."""
    if not (folder / "modules.json").exists():
        return False
    steps = read_json(folder / "modules.json")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise EncoderError(f"{folder / 'modules.json'}: is no list of steps; take the model again")
    kinds = [str(step.get("type")).split(".")[-1] for step in steps]
    if strange := [kind for kind in kinds if kind not in PLAIN]:
        raise EncoderError(
            f"{folder}: has a step {strange[0]!r} after the transformer, which is not known; give another model"
        )
    said = _object(folder / "1_Pooling" / "config.json") if "Pooling" in kinds else {}
    modes = {
        name.removeprefix("pooling_mode_")
        for name, on in said.items()
        if name.startswith("pooling_mode_") and on is True
    }
    if not modes <= {"mean_tokens"} and not modes <= {"cls_token"}:
        raise EncoderError(
            f"{folder}: makes rows by {' and '.join(sorted(modes))}; only the mean or the first token are known"
        )
    return modes == {"cls_token"}


def _number(folder: Path, said: dict[str, Any], name: str, most: int = 2**24) -> int:
    value = said.get(name)
    if type(value) is not int or not 0 < value <= most:
        raise EncoderError(f"{folder}: its config.json holds no {name} that can be; take the model again")
    return value


def _eps(folder: Path, said: dict[str, Any]) -> float:
    value = said.get("layer_norm_eps", 1e-12)
    if not isinstance(value, float) or not 0.0 < value < 1.0:
        raise EncoderError(f"{folder}: its config.json holds no layer_norm_eps that can be; take the model again")
    return value


def _object(path: Path) -> dict[str, Any]:
    said = read_json(path)
    if not isinstance(said, dict):
        raise EncoderError(f"{path}: is no JSON object; take the model again")
    return said
