"""Pictures made from normals and nearness: what each style draws, and that chance comes from the generator."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from fieldstone.training.batches import signed_views  # noqa: E402
from fieldstone.training.pictures import drawn, pictures, shaded, silhouette  # noqa: E402

SIZE = 16


def box() -> "torch.Tensor":
    """One view of a block: its left half looks to the left, its right half to the viewer."""
    view = np.zeros((1, SIZE, SIZE, 4), dtype=np.uint8)
    view[0, 4:12, 2:8] = (0, 128, 128, 200)
    view[0, 4:12, 8:14] = (128, 128, 255, 200)
    return torch.from_numpy(view)


def ones(value: float) -> "torch.Tensor":
    return torch.full((1,), value)


def test_views_become_signed_values_and_nothing_stays_nothing() -> None:
    signed = signed_views(box())
    assert signed.shape == (1, 4, SIZE, SIZE)
    assert float(signed[0, :, 0, 0].abs().sum()) == 0.0
    torch.testing.assert_close(signed[0, :, 5, 10], torch.tensor([0.0, 0.0, 1.0, 200 / 127.5 - 1]), atol=0.005, rtol=0)


def test_a_face_is_as_bright_as_it_looks_to_the_light() -> None:
    from_left = torch.tensor([[-0.8, 0.0, 0.6]])
    grey = shaded(signed_views(box()), from_left, ones(0.0))[0]
    torch.testing.assert_close(grey[5, 4], torch.tensor(2 * (0.1 + 0.9 * 0.8) - 1), atol=0.01, rtol=0)
    torch.testing.assert_close(grey[5, 10], torch.tensor(2 * (0.1 + 0.9 * 0.6) - 1), atol=0.01, rtol=0)
    brighter = shaded(signed_views(box()), from_left, ones(1.0))[0]
    assert float(brighter[5, 10]) > float(grey[5, 10])


def test_lines_run_around_the_shape_and_along_its_edge() -> None:
    seen = box()[..., 3] > 0
    grey = drawn(signed_views(box()), seen, ones(0.0))[0]
    expected = np.ones((SIZE, SIZE), dtype=np.float32)
    expected[4, 2:14] = expected[11, 2:14] = -1.0
    expected[4:12, 2] = expected[4:12, 13] = -1.0
    expected[4:12, 7] = -1.0  # where the normal turns
    np.testing.assert_array_equal(grey[seen[0]].numpy(), expected[seen[0].numpy()])


def test_nearness_that_jumps_is_an_edge() -> None:
    view = box()
    view[..., :3] = torch.tensor([128, 128, 255], dtype=torch.uint8) * (view[..., 3:] > 0)
    view[0, 4:12, 8:14, 3] = 150
    grey = drawn(signed_views(view), view[..., 3] > 0, ones(0.0))[0]
    assert float(grey[7, 7]) == -1.0
    assert float(grey[7, 5]) == 1.0


def test_a_silhouette_has_one_tone() -> None:
    torch.testing.assert_close(silhouette(signed_views(box()), ones(0.5)), torch.full((1, SIZE, SIZE), -0.7))


def test_pictures_are_grey_and_mask_and_follow_from_the_generator() -> None:
    views = box().expand(60, -1, -1, -1)
    styles = ("shaded", "drawn", "silhouette")
    one, two, other = (pictures(views, styles, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert one.shape == (60, 2, SIZE, SIZE)
    mask = (views[..., 3] > 0).float()
    assert torch.equal(one[:, 1], mask)
    assert float((one[:, 0] * (1 - mask)).abs().max()) == 0.0
    assert float(one.abs().max()) <= 1.0
    flat = one[:, 0].flatten(1)
    lines = (flat == -1.0).any(1).float().mean()
    assert 0.2 < float(lines) < 0.5  # a third of them are drawings
    shades = torch.tensor([len(set(picture.tolist())) for picture in flat])
    assert float((shades == 2).float().mean()) > 0.2  # and some have one tone beside nothing
    assert len(set(flat[:, 5 * SIZE + 10].tolist())) > 20
