# SPDX-License-Identifier: Apache-2.0
"""Distances of forms: zero where they should be, never much larger than the truth; and rays that use them."""

import numpy as np
import pytest
import torch

from uner3d_core.shapes.deformations import Bent, Bumpy, Shell, Tapered, Twisted
from uner3d_core.shapes.forms import Box, Cone, Cylinder, Ellipsoid, Extrusion, Form, Lathe, Torus, Tube
from uner3d_core.shapes.noise import ValueNoise
from uner3d_core.shapes.outlines import regular, turned_solid, turned_vessel
from uner3d_core.shapes.shape import Part, Shape
from uner3d_core.shapes.tracing import bake, trace

NOISE = ValueNoise(np.random.default_rng(0))

FORMS: list[Form] = [
    Ellipsoid((0.5, 0.5, 0.5)),
    Box((0.3, 0.5, 0.2), 0.05),
    Cylinder(0.4, 0.5, 0.1),
    Cone(0.5, 0.2, 0.4),
    Torus(0.5, 0.1),
    Torus(0.5, 0.1, 1.2),
    Tube(((0.0, 0.0, -0.4), (0.2, 0.0, 0.4)), (0.1, 0.1)),
    Lathe(turned_solid([-0.5, 0.0, 0.5], [0.2, 0.4, 0.1])),
    Lathe(turned_vessel([-0.5, 0.5], [0.3, 0.4], 0.06, 0.1)),
    Extrusion(regular(5, 0.5, 0.25), 0.2, 0.02),
    Shell(Ellipsoid((0.5, 0.5, 0.5)), 0.06),
    Bumpy(Ellipsoid((0.5, 0.5, 0.5)), NOISE, 0.05, 3.0),
    Twisted(Box((0.3, 0.2, 0.5)), 1.0, 0.5),
    Bent(Cylinder(0.2, 0.5), 0.4, 0.5),
    Tapered(Cylinder(0.3, 0.5), 0.5, 0.5),
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)
def test_no_step_crosses_the_surface(form: Form) -> None:
    random = torch.Generator().manual_seed(0)
    points = torch.rand(4000, 3, generator=random) * 2.0 - 1.0
    distance = form.distance(points)
    assert (distance < 0.0).any()
    assert (distance > 0.0).any()
    # Were a distance too large, some point closer than it would lie on the other side.
    for share in (0.5, 0.95):
        way = torch.nn.functional.normalize(torch.randn(4000, 3, generator=random), dim=1)
        there = form.distance(points + share * distance.abs()[:, None] * way)
        crossed = (distance.sign() != there.sign()) & (there.abs() > 0.01)
        assert crossed.float().mean() < 0.005


def test_sphere_is_exact() -> None:
    points = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.25, 0.0], [0.0, 0.0, 0.0]])
    assert torch.allclose(Ellipsoid((0.5, 0.5, 0.5)).distance(points), torch.tensor([1.5, -0.25, -0.5]))


def test_inside_of_a_turned_body_is_deep() -> None:
    body = Lathe(turned_solid([-0.5, 0.5], [0.4, 0.4], smooth=False))
    assert body.distance(torch.zeros(1, 3)).item() == pytest.approx(-0.4, abs=0.02)


def _part(form: Form, position: tuple[float, float, float], **values: object) -> Part:
    return Part(form, None, np.eye(3), np.array(position), **values)  # type: ignore[arg-type]


def test_cut_and_mirror() -> None:
    ball, hole = Ellipsoid((0.5, 0.5, 0.5)), Ellipsoid((0.2, 0.2, 0.2))
    shape = Shape(
        (_part(ball, (0.0, 0.0, 0.0)), _part(hole, (0.4, 0.0, 0.0), cut=True, mirror=(True, False)))
    )
    points = torch.tensor([[0.4, 0.0, 0.0], [-0.4, 0.0, 0.0], [0.0, 0.4, 0.0]])
    assert (shape.distance(points) > 0.0).tolist() == [True, True, False]


def test_repeated_part_stands_all_around() -> None:
    shape = Shape((_part(Ellipsoid((0.1, 0.1, 0.1)), (0.5, 0.0, 0.0), repeat=5),))
    angles = torch.arange(5) * 2.0 * torch.pi / 5
    around = torch.stack([0.5 * angles.cos(), 0.5 * angles.sin(), torch.zeros(5)], dim=1)
    assert torch.allclose(shape.distance(around), torch.full((5,), -0.1), atol=1e-5)


@pytest.mark.parametrize("radius", [0.5, 0.02])
def test_rays_meet_a_rod_where_it_is(radius: float) -> None:
    shape = Shape((_part(Tube(((0.0, 0.0, -1.0), (0.0, 0.0, 1.0)), (radius, radius)), (0.0, 0.0, 0.0)),))
    grid = bake(shape, torch.full((3,), -1.1), torch.full((3,), 1.1), 128)
    heights = torch.linspace(-0.9, 0.9, 301)
    starts = torch.stack([torch.full_like(heights, -3.0), torch.full_like(heights, 0.3 * radius), heights], 1)
    way = torch.tensor([[1.0, 0.0, 0.0]]).expand(301, 3)
    found = trace(grid, starts, way, torch.zeros(301))
    assert torch.allclose(found, torch.full((301,), 3.0 - radius * (1.0 - 0.3**2) ** 0.5), atol=2e-3)
