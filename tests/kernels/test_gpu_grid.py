import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("triton")

from tests.kernels.grids import KINDS  # noqa: E402

ROOT = Path(__file__).parents[2]
CASES = [f"{kind}{more}" for kind in KINDS for more in ("", ", two shapes")]


def run(script: str, **environment: str) -> str:
    """The output of one of our scripts in a fresh process."""
    command = [sys.executable, "-m", f"tests.kernels.{script}"]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def deviations() -> dict[str, dict[str, Any]]:
    """On the GPU where there is one, in Triton's interpreter elsewhere."""
    return json.loads(run("gpu_grid_script", TRITON_INTERPRET=str(int(not torch.cuda.is_available()))))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_equals_the_reference(deviations: dict[str, dict[str, Any]], case: str) -> None:
    result = deviations[case]
    assert result["rows"], "the same table rows"
    for name in ("weights", "values", "gradients", "table", "moments"):
        assert result[name] < 2e-6, name


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_same_bytes_every_time(deviations: dict[str, dict[str, Any]], case: str) -> None:
    assert deviations[case]["same"]


@pytest.mark.slow
def test_compiles_for_gpus_without_one(tmp_path: Path) -> None:
    names = run("gpu_grid_compile", TRITON_CACHE_DIR=str(tmp_path)).split()
    assert names == ["_features", "_features", "_features", "_add_pieces", "_step"]
