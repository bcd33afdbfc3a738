import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.kernels.decode import COLOR_WEIGHT  # noqa: E402
from fieldstone.kernels.reference import (  # noqa: E402
    decode,
    features,
    lattice_of,
    lookup,
    losses,
    row_gradients,
    sparse_adam,
)
from tests.kernels.grids import KINDS, cube_points, grids_of, hash_grid, rows_of, tree  # noqa: E402


def test_hash_grid_by_hand() -> None:
    lattice, points = lattice_of([hash_grid()]), cube_points(40)
    rows, weights = lookup(lattice, torch.from_numpy(points.astype(np.float64)))
    for p, row, weight in zip(points.astype(float).tolist(), rows.tolist(), weights.tolist(), strict=True):
        for level, n in enumerate(lattice.nodes):
            at = [min(max(n * (x / 2 + 0.5), 0), n - 1) for x in p]
            low = [min(int(a), n - 2) for a in at]
            length = lattice.starts[level + 1] - lattice.starts[level]
            for k in range(8):
                bit = [k >> a & 1 for a in range(3)]
                x, y, z = (low[a] + bit[a] for a in range(3))
                mixed = (x ^ y * 2654435761 ^ z * 805459861) % 2**32
                expected = x + n * y + n * n * z if n**3 <= 512 else mixed % length
                assert row[8 * level + k] == lattice.starts[level] + expected
                share = [at[a] - low[a] if bit[a] else 1 - (at[a] - low[a]) for a in range(3)]
                assert weight[8 * level + k] == pytest.approx(share[0] * share[1] * share[2], abs=1e-12)


def test_planes_are_torchs_grid_sample() -> None:
    lattice, points = lattice_of(grids_of("plane")), torch.from_numpy(cube_points(50).astype(np.float64))
    table = torch.randn(lattice.rows, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ours = features(table, *lookup(lattice, points), lattice)
    images = table.reshape(3, 9, 9, 4).permute(0, 3, 1, 2)
    places = torch.stack([points[:, [1, 2]], points[:, [0, 2]], points[:, [0, 1]]])[:, None]
    theirs = torch.nn.functional.grid_sample(images, places, align_corners=True)[:, :, 0]
    torch.testing.assert_close(ours, theirs.permute(2, 0, 1).reshape(50, 12))


def test_octree_interpolates_where_it_has_voxels_and_is_zero_elsewhere() -> None:
    grid = tree(3, 3)
    lattice = lattice_of([grid])
    points = torch.from_numpy(cube_points(200).astype(np.float64))
    rows, weights = lookup(lattice, points)
    cell = ((points * 0.5 + 0.5) * 8).long().clamp(max=7)
    present = lattice.index[0, cell @ torch.tensor([1, 8, 64])] >= 0
    torch.testing.assert_close(weights.sum(1), present.double())
    assert (rows[~present] == 0).all()
    places = torch.zeros(grid.size, 3, dtype=torch.float64)
    for m, voxel in enumerate(grid.index.tolist()):
        for k in range(8 if voxel >= 0 else 0):
            node = [(m // 8**a % 8) + (k >> a & 1) for a in range(3)]
            places[lattice.corners[voxel, k]] = torch.tensor(node, dtype=torch.float64) / 4 - 1
    torch.testing.assert_close(features(places, rows, weights, lattice)[present], points[present])


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_are_those_of_the_values(kind: str) -> None:
    grids, generator = grids_of(kind), torch.Generator().manual_seed(0)
    lattice = lattice_of(grids)
    points = torch.from_numpy(cube_points(8).astype(np.float64))[3:]
    table = torch.randn(rows_of(grids), 2, dtype=torch.float64, generator=generator)
    width = 2 if lattice.summed else 2 * lattice.levels
    sizes = ((3 + width, 5), (5,), (5, 2), (2,))
    decoder = [torch.randn(size, dtype=torch.float64, generator=generator) for size in sizes]

    def outputs(points: torch.Tensor, table: torch.Tensor, *decoder: torch.Tensor) -> torch.Tensor:
        return decode(points, features(table, *lookup(lattice, points), lattice), decoder)

    inputs = [t.requires_grad_() for t in (points, table, *decoder)]
    assert torch.autograd.gradcheck(outputs, inputs, eps=1e-7, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stack_is_its_shapes_side_by_side(kind: str) -> None:
    grids = grids_of(kind, 3)
    stack, before = lattice_of(grids), np.cumsum([0] + [grid.size for grid in grids])
    points = torch.from_numpy(cube_points(60)).reshape(3, 20, 3)
    table = torch.randn(int(before[-1]), 2, generator=torch.Generator().manual_seed(0))
    together = features(table, *lookup(stack, points), stack)
    for s, grid in enumerate(grids):
        alone = lattice_of([grid])
        single = features(table[before[s] : before[s + 1]], *lookup(alone, points[s]), alone)
        torch.testing.assert_close(together[s], single)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_by_row_are_autograds(kind: str) -> None:
    grids, generator = grids_of(kind), torch.Generator().manual_seed(0)
    lattice = lattice_of(grids)
    rows, weights = lookup(lattice, torch.from_numpy(cube_points(50).astype(np.float64)))
    table = torch.randn(rows_of(grids), 2, dtype=torch.float64, generator=generator, requires_grad=True)
    feature = features(table, rows, weights, lattice)
    pull = torch.randn(feature.shape, dtype=torch.float64, generator=generator)
    feature.backward(pull)
    touched, gradient = row_gradients(lattice, rows, weights, pull)
    assert touched.tolist() == sorted(set(rows[weights > 0].tolist()))
    torch.testing.assert_close(torch.zeros_like(table).index_add(0, touched, gradient), table.grad)


@pytest.mark.parametrize("kind", KINDS)
def test_numba_reads_the_same_rows(kind: str) -> None:
    (grid,), points = grids_of(kind), cube_points(500)
    slots = grid.levels * grid.corners
    rows, weights = np.zeros((500, slots), np.int32), np.zeros((500, slots), np.float32)
    grid(points, slice(0, 500), rows, weights)
    exact_rows, exact_weights = lookup(lattice_of([grid]), torch.from_numpy(points.astype(np.float64)))
    np.testing.assert_array_equal(rows, exact_rows.numpy())
    np.testing.assert_allclose(weights, exact_weights.numpy(), atol=2e-7)


def test_sparse_adam_is_torchs() -> None:
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(9, 2, generator=generator)
    ours, moments = start.clone(), (torch.zeros(9, 2), torch.zeros(9, 2))
    theirs = torch.nn.Parameter(start.clone())
    optimiser = torch.optim.SparseAdam([theirs], lr=0.01, eps=1e-15)
    for step in range(1, 6):
        touched = torch.randperm(9, generator=generator)[:4].sort().values
        gradient = torch.randn(4, 2, generator=generator)
        theirs.grad = torch.sparse_coo_tensor(touched[None], gradient, (9, 2), check_invariants=True)
        optimiser.step()
        sparse_adam(ours, moments, touched, gradient, 0.01, step)
    torch.testing.assert_close(ours, theirs.detach())


def test_losses_leave_out_what_has_no_target() -> None:
    weight = float(COLOR_WEIGHT)
    outputs = torch.tensor([[0.0, 1.0], [2.0, 3.0]], requires_grad=True)
    targets = torch.tensor([[1.0, float("nan")], [0.0, 0.0]])
    assert losses(outputs, targets, squared=True).item() == pytest.approx((1 + 4 + 9 * weight) / 2)
    loss = losses(outputs, targets, squared=False)
    assert loss.item() == pytest.approx((1 + 2 + 3 * weight) / 2)
    loss.backward()
    torch.testing.assert_close(outputs.grad, torch.tensor([[-0.5, 0.0], [0.5, 0.5 * weight]]))
