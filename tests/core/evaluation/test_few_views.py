# SPDX-License-Identifier: Apache-2.0
"""The table of few views."""

import math

import numpy as np
import pytest

from uner3d_core.evaluation import few_views
from uner3d_core.evaluation.few_views import generated, spread_views
from uner3d_core.shapes import random_cameras
from uner3d_core.shapes.cameras import turned_around


def test_a_camera_is_turned_around_the_origin() -> None:
    camera = random_cameras(3, 1, 64)[0]
    for azimuth, elevation in ((0.5, 0.0), (0.0, -0.5)):
        turned = turned_around(camera, azimuth, elevation)
        origin = np.zeros((1, 3))
        assert np.allclose(turned.project(origin)[0], camera.project(origin)[0])
        between = turned.centre @ camera.centre / np.linalg.norm(camera.centre) ** 2
        assert np.linalg.norm(turned.centre) == pytest.approx(np.linalg.norm(camera.centre))
        if azimuth:
            assert turned.centre[2] == pytest.approx(camera.centre[2])
        else:
            assert math.acos(between) == pytest.approx(abs(elevation), abs=0.02)


def test_views_are_spread_and_the_first_comes_first() -> None:
    subject = generated(0, 32)
    assert (len(subject.views), len(subject.held_out), len(subject.nearby)) == (24, 8, 4)
    two = spread_views(subject.views, 2)
    assert two[0] is subject.views[0]
    assert abs(two[0].camera.forward @ two[1].camera.forward) < 0.3


def test_every_cloud_gets_its_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_views, "TRUE_POINTS", 2000)
    monkeypatch.setattr(few_views, "HELD_OUT_VIEWS", 1)
    words = ["1", "--generated", "0", "--views", "1", "--size", "48", "--points", "1000"]
    assert few_views.main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 4 + 4
    assert lines[-1].startswith("mean, generated       1  both")
    assert all(0 <= float(number) < 100 for line in lines[1:] for number in line.split()[-6:-1])
