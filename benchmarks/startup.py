"""What it costs to install and to start: size of the base install, `import fieldstone`, `fieldstone --help`.

python benchmarks/startup.py            # makes a virtual environment of its own and installs this checkout
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import describe

ROOT = Path(__file__).resolve().parents[1]
RUNS = 9


def size(folder: Path) -> float:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) / 1e6


def seconds(command: list[str]) -> tuple[float, float]:
    """Median and largest of the wall-clock times, after one run that fills the caches."""
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:]), max(taken[1:])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = Path(folder) / "bin" / "python"
        packages = next((Path(folder) / "lib").glob("python*/site-packages"))
        before = size(packages)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", str(ROOT)], check=True)
        base = size(packages) - before
        torch = subprocess.run([str(python), "-c", "import torch"], capture_output=True).returncode == 0
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"{ROOT}[step]"], check=True)
        step = size(packages) - before
        bare, _ = seconds([str(python), "-c", "pass"])
        imported, worst = seconds([str(python), "-c", "import fieldstone"])
        used, _ = seconds([str(python), "-c", "from fieldstone import Library"])
        helped, worst_help = seconds([str(python), "-m", "fieldstone", "--help"])
    lines = [
        "# Install and start",
        "",
        describe(),
        "",
        f"- base install {base:.0f} MB of packages, {'with' if torch else 'without'} torch; with the extra `step` {step:.0f} MB",
        f"- `import fieldstone`: {imported - bare:.2f} s beyond a bare Python ({bare:.2f} s), largest of {RUNS} {worst - bare:.2f} s",
        f"- `from fieldstone import Library`, which brings the database: {used - bare:.2f} s",
        f"- `fieldstone --help`: {helped:.2f} s in all, largest of {RUNS} {worst_help:.2f} s",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "startup.md").write_text(text)


if __name__ == "__main__":
    main()
