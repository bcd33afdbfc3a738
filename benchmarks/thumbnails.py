"""What a thumbnail costs and weighs: one core, everything included (framing, visibility, lines, light, WebP).

Usage: python benchmarks/thumbnails.py [path of shared/data]
"""

import hashlib
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np

from fieldstone.render import Scene, encode_webp, thumbnail
from fieldstone.render.camera import DISTANCE, three_quarter, window
from fieldstone.types import Mesh, PointCloud
from machine import describe

RESULT = Path(__file__).parent / "results" / "thumbnails.md"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
BANDS = ((1, 500), (500, 2000), (2000, 4500), (4500, 5500))
EACH = 40


def main() -> None:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED
    sys.path.insert(0, str(data))
    from read_packs import iter_shapes

    every = [Mesh(v, f) for pack in sorted((data / "shapes").glob("*.npz")) for _, v, f in iter_shapes(pack)]
    generator = np.random.default_rng(0)
    thumbnail(every[0], up="y")
    rows = []
    for low, high in BANDS:
        band = [m for m in every if low <= len(m.faces) < high]
        chosen = [band[i] for i in generator.permutation(len(band))[:EACH]]
        rows.append(measure(f"{low:,} to {high:,} faces, {len(chosen)} of the packs", chosen))
    rows.append(measure("a bumpy ball, 100,000 faces", [ball(224)] * 5))
    points = ball(158).vertices
    rows.append(measure(f"the same as a cloud of {len(points):,} points", [PointCloud(points)] * 5))
    lines = [
        "# Thumbnails, 320 x 320",
        "",
        f"{describe()}. Processor time of one thread; load average {os.getloadavg()[0]:.1f} while measuring.",
        "",
        *table(rows),
        "",
        *ray_comparison(every),
        "",
    ]
    again = [hashlib.sha256(encode_webp(thumbnail(every[k], up="y"))).hexdigest() for k in (0, 0)]
    lines.append(f"Same input twice: {'the same bytes' if again[0] == again[1] else 'DIFFERENT BYTES'}.")
    text = "\n".join(lines) + "\n"
    print(text)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text)


def ball(n: int) -> Mesh:
    """2 n^2 faces."""
    polar, around = np.meshgrid(np.linspace(0, np.pi, n + 1), np.linspace(0, 2 * np.pi, n + 1), indexing="ij")
    radius = 1 + 0.15 * np.sin(7 * polar) * np.cos(5 * around)
    out = (
        np.stack([np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], -1)
        * radius[..., None]
    )
    a = (np.arange(n)[:, None] * (n + 1) + np.arange(n)).ravel()
    return Mesh(
        out.reshape(-1, 3), np.concatenate([np.stack([a, a + n + 1, a + n + 2], 1), np.stack([a, a + n + 2, a + 1], 1)])
    )


def measure(name: str, shapes: list[Mesh] | list[PointCloud]) -> tuple[str, list[float], list[float], list[int]]:
    """Processor time of drawing and of encoding, and bytes; the better of two runs of each."""
    draw, encode, size = [], [], []
    for shape in shapes:
        times = []
        for _ in range(2):
            start = time.process_time()
            image = thumbnail(shape, up="y")
            middle = time.process_time()
            data = encode_webp(image)
            times.append((middle - start, time.process_time() - middle))
        best = min(times, key=sum)
        draw.append(best[0] * 1e3)
        encode.append(best[1] * 1e3)
        size.append(len(data))
    return name, draw, encode, size


def table(rows: list[tuple[str, list[float], list[float], list[int]]]) -> list[str]:
    lines = [
        "| shapes | draw ms, median | encode ms, median | together ms, median / 95 % | bytes, mean |",
        "|---|---|---|---|---|",
    ]
    for name, draw, encode, size in rows:
        both = np.add(draw, encode)
        lines.append(f"| {name} | {np.median(draw):.1f} | {np.median(encode):.1f} | {np.median(both):.1f} / "
                     f"{np.percentile(both, 95):.1f} | {np.mean(size):,.0f} |")  # fmt: skip
    return lines


def ray_comparison(every: list[Mesh]) -> list[str]:
    """What the first hits alone cost with embree, a tree and one ray a pixel (a thumbnail has four samples a pixel)."""
    from fieldstone.render.raster import triangles

    size, builds, traces, buffers = 320, [], [], []
    for mesh in [m for m in every if 4500 <= len(m.faces) < 5500][:10]:
        rotation = three_quarter("y")
        camera = window(mesh.vertices, rotation, size)
        y, x = np.mgrid[:size, :size] + 0.5
        plane = np.stack(
            [(x - camera.shift[0]) / camera.scale, (camera.shift[1] - y) / camera.scale, -np.ones_like(x)], -1
        )
        directions = plane.reshape(-1, 3) @ rotation * camera.framing.radius
        eye = np.tile(camera.framing.centre + camera.framing.radius * DISTANCE * rotation[2], (size * size, 1))
        start = time.process_time()
        scene = Scene(mesh)
        scene.closest(eye[:1], directions[:1])
        built = time.process_time()
        scene.closest(eye, directions)
        traced = time.process_time()
        triangles(camera.project(mesh.vertices), mesh.faces, size)
        buffers.append(time.process_time() - traced)
        builds.append(built - start)
        traces.append(traced - built)
    build, trace, buffer = (float(np.median(t)) * 1e3 for t in (builds, traces, buffers))
    return [
        f"First hits of 320 x 320 samples on 5,000 faces: depth buffer {buffer:.1f} ms; embree {build:.1f} ms for the "
        f"tree and {trace:.1f} ms for the rays. So pictures use the depth buffer, and rays stay for what needs rays.",
    ]


if __name__ == "__main__":
    main()
