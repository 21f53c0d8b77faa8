# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from tests.core.training.conftest import ball_views
from uner3d_core.network.framing import find_sphere


@pytest.mark.parametrize("count", [2, 3, 6])
def test_a_few_silhouettes_tell_where_a_ball_is_and_how_large(count: int) -> None:
    centre, radius = find_sphere(ball_views(0.8, count, size=64))
    assert np.linalg.norm(centre) < 0.12
    assert radius == pytest.approx(0.8, abs=0.12)


def test_of_one_view_the_object_is_where_its_line_of_sight_passes_the_origin() -> None:
    centre, radius = find_sphere(ball_views(0.8, 1, size=64))
    assert np.linalg.norm(centre) < 0.03
    assert radius == pytest.approx(0.8, abs=0.05)
