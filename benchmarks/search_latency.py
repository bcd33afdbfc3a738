"""Search latency of the exact scan: 10k, 100k and 1M unit vectors of 256 dimensions, beside numpy and faiss Flat.

Each method runs in a process of its own over the same vectors, so that its memory is its own; the three take turns on the
same queries. `pip install faiss-cpu` brings the rival.

    python benchmarks/search_latency.py
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from machine import describe

SIZES = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
LABELS = {
    "numpy": "numpy float32",
    "faiss": "faiss Flat",
    "fieldstone": "fieldstone, exact",
    "lancedb": "LanceDB IVF_FLAT, 64 probes",
}
DIM, QUERIES, K = 256, 100, 10


def make(path: Path, n: int) -> None:
    """Clustered unit vectors, as embeddings are: 2,000 centres and noise."""
    generator = np.random.default_rng(0)
    rows = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, DIM))
    centres = generator.standard_normal((2000, DIM), dtype=np.float32)
    for start in range(0, n, 100_000):
        block = centres[generator.integers(0, 2000, min(100_000, n - start))]
        block = block + 0.6 * generator.standard_normal(block.shape, dtype=np.float32)
        rows[start : start + len(block)] = block / np.linalg.norm(block, axis=1, keepdims=True)
    rows.flush()
    np.save(path.with_suffix(".queries.npy"), queries(rows))


def queries(rows: np.ndarray) -> np.ndarray:
    generator = np.random.default_rng(1)
    picked = rows[np.sort(generator.choice(len(rows), QUERIES, replace=False))]
    noisy = picked + 0.03 * generator.standard_normal(picked.shape, dtype=np.float32)
    return noisy / np.linalg.norm(noisy, axis=1, keepdims=True)


def peak() -> float:
    """Largest resident size so far, in GB; the kernel's ru_maxrss would count the parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 2**20


def through_lancedb(mapped: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The index that the library turns to beyond EXACT_ROWS, through the same store."""
    import pyarrow as pa

    from fieldstone.library.schema import vectors_schema
    from fieldstone.library.store import Store
    from fieldstone.library.vectors import PROBES

    store = Store(tempfile.mkdtemp(dir=Path(sys.argv[2]).parent) + "/store", create=True)
    store.create("v", vectors_schema(DIM))
    for start in range(0, len(mapped), 50_000):
        block = np.array(mapped[start : start + 50_000])
        ids = pa.array([str(start + i) for i in range(len(block))])
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), DIM)
        store.append("v", pa.table([ids, vectors], schema=vectors_schema(DIM)))
    began = time.perf_counter()
    store.index("v")
    print(f"index built in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return lambda query: np.array([int(i) for i in store.nearest("v", query, K, PROBES)["id"].to_pylist()])


def measure(method: str, path: str) -> None:
    """In the child: time each query, print JSON."""
    mapped = np.load(path, mmap_mode="r")
    asked = np.load(Path(path).with_suffix(".queries.npy"))
    if method == "fieldstone":
        from fieldstone.kernels.scan import best, quantise
        from fieldstone.library.vectors import FileRows

        codes = np.zeros(mapped.shape, dtype=np.int8)
        scale, lost = np.zeros(len(mapped), dtype=np.float32), np.zeros(len(mapped), dtype=np.float32)
        file = Path(path).open("rb")  # noqa: SIM115 - read, not mapped: mapped pages would count as memory
        file.seek(mapped.offset)
        for i in range(0, len(mapped), 8192):
            block = np.fromfile(file, dtype=np.float32, count=min(8192, len(mapped) - i) * DIM).reshape(-1, DIM)
            codes[i : i + 8192], scale[i : i + 8192], lost[i : i + 8192] = quantise(block)
        rows = FileRows(file, DIM, mapped.offset)
        keep = np.ones(len(mapped), dtype=bool)

        def ask(query: np.ndarray) -> np.ndarray:
            return best(query, rows.__getitem__, codes, scale, lost, K, keep)[0]

    elif method == "numpy":
        rows = np.load(path)

        def ask(query: np.ndarray) -> np.ndarray:
            products = rows @ query
            found = np.argpartition(products, -K)[-K:]
            return found[np.argsort(-products[found])]

    elif method == "lancedb":
        ask = through_lancedb(mapped)

    else:
        import faiss

        index = faiss.IndexFlatIP(DIM)
        index.add(np.load(path))

        def ask(query: np.ndarray) -> np.ndarray:
            return index.search(query[None], K)[1][0]

    found = [ask(query).tolist() for query in asked]
    seconds = []
    for query in asked:
        start = time.perf_counter()
        ask(query)
        seconds.append(time.perf_counter() - start)
    p50, p95 = np.percentile(seconds, [50, 95]) * 1e3
    print(json.dumps({"p50": p50, "p95": p95, "memory": peak(), "found": found}))


def main() -> None:
    lines = [
        "# Exact search: latency and memory", "", describe(), "",
        f"Unit vectors of {DIM} dimensions, {QUERIES} single queries, k = {K}. Memory: peak resident size of the whole process.",
        "", "| rows | method | p50 ms | p95 ms | memory GB | recall of numpy's ten |", "| --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name, n in SIZES.items():
            path = Path(folder) / f"{name}.npy"
            make(path, n)
            results = {}
            for method in LABELS:
                command = [sys.executable, __file__, method, str(path)]
                results[method] = json.loads(
                    subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                )
            for method, result in results.items():
                pairs = list(zip(result["found"], results["numpy"]["found"], strict=True))
                recall = np.mean([len(set(a) & set(b)) / K for a, b in pairs])
                figures = f"{result['p50']:.2f} | {result['p95']:.2f} | {result['memory']:.2f} | {recall:.3f}"
                lines.append(f"| {name} | {LABELS[method]} | {figures} |")
            path.unlink()
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "search_latency.md").write_text(text)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], sys.argv[2])
    else:
        main()
