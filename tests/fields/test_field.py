import numpy as np
import pytest

from fieldstone.errors import GeometryError
from fieldstone.fields.field import CallableField
from tests.fields.shapes import ball, field_of


def test_gradients_of_a_function_reach_the_border() -> None:
    generator = np.random.default_rng(0)
    points = np.concatenate([generator.uniform(-1, 1, (50, 3)), np.indices((2, 2, 2)).reshape(3, -1).T * 2.0 - 1.0])
    values, gradients = field_of(ball).values_and_gradients(points)
    np.testing.assert_allclose(values, ball(points), atol=1e-6)
    radius = np.linalg.norm(points, axis=1, keepdims=True)
    np.testing.assert_allclose(gradients[radius[:, 0] > 0.2], (points / radius)[radius[:, 0] > 0.2], atol=5e-3)


def test_points_outside_take_the_borders_value() -> None:
    values, gradients = field_of(ball).values_and_gradients(np.array([[3.0, 0, 0]]))
    assert values == pytest.approx(0.3)
    assert np.isfinite(gradients).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda points: ball(points)[:, None], r"shape \[5, 1\] for 5 points"),
        (lambda _: 0.5, r"shape \[\] for 5 points"),
        (lambda points: ball(points)[1:], r"shape \[4\] for 5 points"),
        (lambda points: ball(points) * np.nan, "no finite numbers"),
        (lambda points: ball(points).astype(np.float64) * 1e300, "no finite numbers"),
        (lambda _: ["inside"] * 5, "no numbers"),
    ],
)
def test_a_function_gives_one_finite_number_a_point(call, message: str) -> None:
    field = CallableField(call=call, function="sdf")
    with pytest.raises(GeometryError, match=message):
        field.values(np.full((5, 3), 0.5))
