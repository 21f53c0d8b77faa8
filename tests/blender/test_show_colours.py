# SPDX-License-Identifier: GPL-3.0-or-later
"""The offer to show the colours: when the panel makes it, and what it sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import bpy
import pytest

from blender_addon.cloud_object import make_cloud_object
from blender_addon.shading import shows_colours
from uner3d_core.point_cloud import PointCloud


@pytest.fixture
def space() -> Iterator[Any]:
    """A viewport, in the context; as new files have it."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    with bpy.context.temp_override(window=window, area=area):
        area.spaces.active.shading.type = "SOLID"
        area.spaces.active.overlay.show_outline_selected = True
        yield area.spaces.active


@pytest.fixture
def cloud(sphere_cloud: Callable[[int], PointCloud]) -> Any:
    made = make_cloud_object(sphere_cloud(100), "Cloud")
    bpy.context.scene.collection.objects.link(made)
    made.select_set(True)
    return made


def test_the_offer_is_taken(space: Any, cloud: Any) -> None:
    assert not shows_colours(space, cloud)
    bpy.ops.uner3d.show_colours()
    assert space.shading.type == "MATERIAL"
    assert not space.overlay.show_outline_selected
    assert shows_colours(space, cloud)


def test_outlines_of_a_selected_cloud_cover_its_colours(space: Any, cloud: Any) -> None:
    space.shading.type = "RENDERED"
    assert not shows_colours(space, cloud)
    cloud.select_set(False)
    assert shows_colours(space, cloud)
    cloud.select_set(True)
    bpy.ops.uner3d.show_colours()
    assert space.shading.type == "RENDERED"
    assert shows_colours(space, cloud)


def test_solid_view_shows_the_colours_of_attributes(space: Any, cloud: Any) -> None:
    space.overlay.show_outline_selected = False
    assert not shows_colours(space, cloud)
    space.shading.color_type = "VERTEX"
    assert not shows_colours(space, cloud)
    cloud.uner3d.solid_colours = True
    assert shows_colours(space, cloud)
