"""Prints how far the Triton kernels are from the float64 reference, as JSON; test_gpu_grid.py runs it.

A program of its own, since TRITON_INTERPRET=1, which it needs where there is no GPU, must be set before it starts.
"""

import json

import torch

from fieldstone.kernels.gpu_grid import grid_features, step_rows
from fieldstone.kernels.lookup import Lookup
from fieldstone.kernels.reference import features, lattice_of, lookup, row_gradients, sparse_adam
from tests.kernels.grids import KINDS, cube_points, grids_of, rows_of

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def relative(ours: torch.Tensor, exact: torch.Tensor) -> float:
    return float((ours.cpu().double() - exact).abs().max() / exact.abs().max())


def compare(grids: list[Lookup], points: torch.Tensor, channels: int) -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    lattice, there = lattice_of(grids), lattice_of(grids, DEVICE)
    table = torch.randn(rows_of(grids), channels, generator=generator)
    exact_rows, exact_weights = lookup(lattice, points.double())
    exact = features(table.double(), exact_rows, exact_weights, lattice)
    pull = torch.randn(exact.shape, generator=generator)
    touched, gradient = row_gradients(lattice, exact_rows, exact_weights, pull.double())
    expected, expected_moments = table.double(), (torch.zeros_like(table).double(), torch.zeros_like(table).double())
    runs = []
    for _ in range(2):
        ours = table.to(DEVICE, copy=True)
        moments = torch.zeros_like(ours), torch.zeros_like(ours)
        for step in (1, 2):
            feature, row, weight = grid_features(there, points.to(DEVICE), ours)
            if step == 1:
                first = feature
            step_rows(there, row, weight, pull.to(DEVICE), ours, moments, 0.01, step)
            if step == 1:  # the first moment after one step is a tenth of the gradient
                slope = moments[0].clone() * 10
        runs.append([feature, ours, *moments])
    for step in (1, 2):
        sparse_adam(expected, expected_moments, touched, gradient, 0.01, step)
    dense = torch.zeros_like(expected).index_add(0, touched, gradient)
    return {
        "rows": torch.equal(row.cpu().long(), exact_rows),
        "weights": relative(weight, exact_weights),
        "values": relative(first, exact),
        "gradients": relative(slope, dense),
        "table": relative(ours, expected),
        "moments": max(relative(a, b) for a, b in zip(moments, expected_moments, strict=True)),
        "same": all(torch.equal(a, b) for a, b in zip(*runs, strict=True)),
    }


def main() -> None:
    results = {}
    for kind, channels in zip(KINDS, (2, 3, 4), strict=True):
        points = torch.from_numpy(cube_points(50))
        points[10:] = points[3]  # long stretches of one row
        results[kind] = compare(grids_of(kind), points, channels)
        pair = torch.from_numpy(cube_points(20)).reshape(2, 10, 3)
        results[f"{kind}, two shapes"] = compare(grids_of(kind, 2), pair, channels)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
