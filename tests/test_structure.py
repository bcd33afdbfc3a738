"""The house holds: imports run one way, public names are the ones written down, and importing costs little."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import fieldstone

ROOT = Path(fieldstone.__file__).parent
ORDER = [
    "errors", "types", "progress", "kernels", "files", "geometry", "render", "samples", "nn", "fields", "archive", "encoders",
    "training", "library", "reconstruct", "evaluate", "cli", "server",
]  # fmt: skip
NEURAL = {"nn", "fields", "archive", "training", "reconstruct"}
NETWORKS = ("encoders", "networks")  # the one folder of a numpy room that holds torch
HEAVY = {
    "lancedb",
    "trimesh",
    "numba",
    "scipy",
    "igl",
    "pyarrow",
    "skimage",
    "embreex",
    "PIL",
    "torch",
    "rich",
    "typer",
}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def room(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[1] if parts[0] == "fieldstone" and len(parts) > 1 else None


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if here in ("__init__", "__main__"):
        return
    for name in imported(path):
        there = room(name)
        if there in ORDER and there != here:
            assert ORDER.index(there) < ORDER.index(here), f"{path.name} in {here} imports {name} from below"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_torch_stays_below(path: Path) -> None:
    here = path.relative_to(ROOT).parts[0].removesuffix(".py")
    twin = here == "kernels" and (path.stem == "reference" or path.stem.startswith("gpu_"))
    network = path.relative_to(ROOT).parts[:2] == NETWORKS
    if here not in NEURAL and not twin and not network:
        assert not any(name.split(".")[0] == "torch" for name in imported(path))


def test_every_room_is_in_the_order() -> None:
    rooms = {
        p.stem if p.is_file() else p.name for p in ROOT.iterdir() if not p.name.startswith("_") and p.name != "py.typed"
    }
    assert rooms <= set(ORDER)


@pytest.mark.parametrize("name", [m.name for m in pkgutil.walk_packages([str(ROOT)], "fieldstone.")])
def test_public_names_exist(name: str) -> None:
    if name == "fieldstone.__main__":
        return
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "triton"):
            raise
        pytest.skip(f"{name} needs {error.name}, which is absent here")
    assert hasattr(module, "__all__"), f"{name} does not say what is public"
    for public in module.__all__:
        assert getattr(module, public) is not None


def test_public_face() -> None:
    assert sorted(fieldstone.__all__) == fieldstone.__all__
    assert all(hasattr(fieldstone, name) for name in fieldstone.__all__)
    with pytest.raises(AttributeError):
        fieldstone.nothing_of_this_name  # noqa: B018


def test_import_is_light() -> None:
    code = "import sys, fieldstone, fieldstone.cli; print(' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)
