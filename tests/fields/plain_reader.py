"""A reader of field files from docs/field-format.md alone: nothing of Fieldstone's, one point at a time, in doubles."""

import json
import math
from itertools import product

import numpy as np

TYPES = {"F32": "<f4", "F16": "<f2", "I8": "i1", "I32": "<i4"}


def read(data: bytes) -> tuple[dict, dict]:
    size = int.from_bytes(data[:8], "little")
    outer = json.loads(data[8 : 8 + size])
    header = json.loads(outer.pop("__metadata__")["fieldstone"])
    arrays = {}
    for name, entry in outer.items():
        first, last = (8 + size + offset for offset in entry["data_offsets"])
        arrays[name] = np.frombuffer(data[first:last], TYPES[entry["dtype"]]).reshape(entry["shape"])
    if "table.scale" in arrays:
        scale = arrays.pop("table.scale")
        arrays["table"] = np.array([row * float(scale[i // 64]) for i, row in enumerate(arrays["table"])])
    return header, {name: array.astype(float) for name, array in arrays.items()}


def evaluate(header: dict, arrays: dict, point: list[float]) -> list[float]:
    p = [min(max(x, -1.0), 1.0) for x in point]
    if header["architecture"] == "siren":
        return siren(header["config"], arrays, p)
    features = {"hashgrid": hash_grid, "octree": octree, "triplane": triplane}[header["architecture"]]
    x = np.array(p + features(header["config"], arrays, p))
    hidden = np.maximum(x @ arrays["decoder.weight1"] + arrays["decoder.bias1"], 0)
    return list(hidden @ arrays["decoder.weight2"] + arrays["decoder.bias2"])


def cell(at: float, nodes: int) -> tuple[int, float]:
    low = min(max(math.floor(at), 0), nodes - 2)
    return low, min(max(at - low, 0.0), 1.0)


def corners(p: list[float], rate: float, nodes: int):
    """The 8 nodes around a point, and the share of each."""
    places = [cell((x / 2 + 0.5) * rate, nodes) for x in p]
    for upper in product((0, 1), repeat=3):
        node = [low + up for (low, _), up in zip(places, upper, strict=True)]
        yield node, math.prod(share if up else 1 - share for (_, share), up in zip(places, upper, strict=True))


def hash_grid(config: dict, arrays: dict, p: list[float]) -> list[float]:
    features, start, levels = [], 0, config["levels"]
    for level in range(levels):
        step = (config["finest"] / config["coarsest"]) ** (level / max(levels - 1, 1))
        n = math.floor(config["coarsest"] * step + 1e-9)
        rows = min(config["most_rows"], n**3)
        total = np.zeros(config["channels"])
        for (x, y, z), share in corners(p, n, n):
            hashed = x ^ (y * 2654435761) % 2**32 ^ (z * 805459861) % 2**32
            row = x + n * (y + n * z) if rows == n**3 else hashed % rows
            total += share * arrays["table"][start + row]
        features += list(total)
        start += rows
    return features


def octree(config: dict, arrays: dict, p: list[float]) -> list[float]:
    total, start = np.zeros(config["channels"]), 0
    for level in range(config["first"], config["last"] + 1):
        side = 2**level
        voxels = {tuple(int(i) for i in voxel) for voxel in arrays[f"voxels.{level}"]}
        nodes = sorted({(z + c, y + b, x + a) for x, y, z in voxels for a, b, c in product((0, 1), repeat=3)})
        here = tuple(cell((x / 2 + 0.5) * side, side + 1)[0] for x in p)
        if here in voxels:
            for (x, y, z), share in corners(p, side, side + 1):
                total += share * arrays["table"][start + nodes.index((z, y, x))]
        start += len(nodes)
    return list(total)


def triplane(config: dict, arrays: dict, p: list[float]) -> list[float]:
    features, n = [], config["nodes"]
    for plane, (u, v) in enumerate([(1, 2), (0, 2), (0, 1)]):
        (low_u, share_u), (low_v, share_v) = (cell((p[axis] / 2 + 0.5) * (n - 1), n) for axis in (u, v))
        total = np.zeros(config["channels"])
        for a, b in product((0, 1), repeat=2):
            share = (share_u if a else 1 - share_u) * (share_v if b else 1 - share_v)
            total += share * arrays["table"][plane * n * n + (low_v + b) * n + low_u + a]
        features += list(total)
    return features


def siren(config: dict, arrays: dict, p: list[float]) -> list[float]:
    h = np.array(p)
    for i in range(config["layers"]):
        h = np.sin(config["omega"] * (h @ arrays[f"weights.{i}"] + arrays[f"biases.{i}"]))
    return list(h @ arrays[f"weights.{config['layers']}"] + arrays[f"biases.{config['layers']}"])
