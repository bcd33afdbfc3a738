"""Checkpoints that others published: where they lie, under which terms, and how one is told from a damaged one.

Nothing here is downloaded unless a user asks by name, and nothing is passed on with Fieldstone. Terms are what publishers
say of their code; for weights they often say nothing, and for data each set has its own.
"""

from dataclasses import dataclass
from pathlib import Path

from fieldstone.encoders.download import cache_folder, fetch
from fieldstone.errors import EncoderError
from fieldstone.progress import Progress, Silent

__all__ = ["PUBLISHED", "Published", "download"]

ULIP = "https://huggingface.co/datasets/SFXX/ulip/resolve/main/ULIP-2/pretrained_models/"
ULIP_TERMS = (
    "code BSD-3-Clause (Salesforce); weights without terms of their own; Objaverse ODC-By, ShapeNet for research"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One file to be had from its publisher."""

    name: str
    title: str
    url: str
    file: str
    """Its name in the cache folder."""
    licence: str
    """Terms of code, weights and data, as far as they are said."""
    shapes: bool = False
    """Whether it holds an encoder of shapes, which a library can take."""
    sha256: str | None = None
    """Its SHA-256 or the beginning of it, hexadecimal, where the publisher tells; None where not."""


_ALL = (
    Published(
        name="ulip2", title="ULIP-2's PointBERT, xyz, 8,192 points, 512-d latent of SLIP (first generation)",
        url=f"{ULIP}ULIP-2-PointBERT-8k-xyz-pc-slip_vit_b-objaverse-pretrained.pt",
        file="ULIP-2-PointBERT-8k-xyz-pc-slip_vit_b-objaverse-pretrained.pt", licence=ULIP_TERMS, shapes=True,
    ),
    Published(
        name="ulip2-colour", title="ULIP-2's PointBERT, xyz and colour, 10,000 points, 1280-d latent (second generation)",
        url=f"{ULIP}ULIP-2-PointBERT-10k-xyzrgb-pc-vit_g-objaverse_shapenet-pretrained.pt",
        file="ULIP-2-PointBERT-10k-xyzrgb-pc-vit_g-objaverse_shapenet-pretrained.pt", licence=ULIP_TERMS, shapes=True,
    ),
    Published(
        name="point-bert", title="Point-BERT as pre-trained on ShapeNet, 1,024 points",
        url="https://cloud.tsinghua.edu.cn/f/202b29805eea45d7be92/?dl=1", file="Point-BERT.pth",
        licence="code MIT; ShapeNet's terms for the data: research", shapes=True,
    ),
    Published(
        name="slip", title="SLIP ViT-B/16: image and text towers, 512-d latent",
        url="https://dl.fbaipublicfiles.com/slip/slip_base_100ep.pt", file="slip_base_100ep.pt",
        licence="MIT (Meta); trained on YFCC15M",
    ),
    Published(
        name="clip-vocabulary", title="CLIP's and SLIP's byte pairs",
        url="https://github.com/openai/CLIP/raw/main/clip/bpe_simple_vocab_16e6.txt.gz",
        file="bpe_simple_vocab_16e6.txt.gz", licence="MIT (OpenAI)",
        sha256="924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
    ),
    Published(
        name="resnet18", title="torchvision's ResNet-18, trained on ImageNet",
        url="https://download.pytorch.org/models/resnet18-f37072fd.pth", file="resnet18-f37072fd.pth",
        licence="code BSD-3-Clause (torchvision); ImageNet's terms for the data: research", sha256="f37072fd",
    ),
)  # fmt: skip
PUBLISHED = {one.name: one for one in _ALL}
"""Every file that `download` knows, by name."""


def download(name: str, folder: str | Path | None = None, *, progress: Progress | None = None) -> Path:
    """The published file of that name, in `folder` (None: the cache folder), downloaded unless it is there.

    Raises EncoderError for an unknown name, and as `fetch` does.
    """
    if name not in PUBLISHED:
        raise EncoderError(f"there is no published file {name!r}: choose one of {', '.join(PUBLISHED)}")
    one = PUBLISHED[name]
    progress = progress or Silent()
    place = Path(folder) if folder is not None else cache_folder()
    if not (place / one.file).exists():
        progress.note(f"{one.title}: {one.licence}")
    return fetch(one.url, place / one.file, sha256=one.sha256, progress=progress)
