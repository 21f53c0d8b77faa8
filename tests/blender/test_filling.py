# SPDX-License-Identifier: GPL-3.0-or-later
"""A large cloud's mesh is made over several turns, whatever happens between them."""

from __future__ import annotations

import itertools
from typing import Any

import bpy
import numpy as np
import pytest

from blender_addon import cloud_object
from blender_addon.cloud_arrays import cloud_arrays
from blender_addon.jobs import filling, placing


@pytest.fixture
def filled(sphere_cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A mesh of 500 points, of which each turn does one step, as a second passes between two looks."""
    seconds = itertools.count()
    monkeypatch.setattr(filling.time, "perf_counter", lambda: next(seconds))
    monkeypatch.setattr(filling, "TURN_SECONDS", 1.5)
    return filling.Filling(cloud_arrays(sphere_cloud(500)), "Chair")


def turns(filled: Any) -> int:
    count = 1
    while not filled.advance():
        count += 1
        assert count < 50
    return count


def assert_is_the_cloud(filled: Any, sphere_cloud: Any) -> None:
    made = bpy.data.objects.new("a", filled.mesh())
    points = cloud_object.read_cloud(made)
    np.testing.assert_array_equal(points.positions, sphere_cloud(500).positions)
    np.testing.assert_array_equal(points.colours, sphere_cloud(500).colours)
    np.testing.assert_array_equal(points.confidence, sphere_cloud(500).confidence)
    assert points.progressive
    assert len(bpy.data.meshes) == 1


def test_a_mesh_that_takes_several_turns_is_whole(filled: Any, sphere_cloud: Any) -> None:
    assert not filled.advance()
    assert filled.mesh() is None  # it has positions alone
    assert turns(filled) > 3
    assert_is_the_cloud(filled, sphere_cloud)


def test_a_mesh_that_undo_took_is_made_anew(filled: Any, sphere_cloud: Any) -> None:
    for _ in range(3):
        filled.advance()
    bpy.data.meshes.remove(bpy.data.meshes[0])
    turns(filled)
    assert_is_the_cloud(filled, sphere_cloud)
    bpy.data.objects.remove(bpy.data.objects["a"])
    bpy.data.meshes.remove(bpy.data.meshes[0])
    assert filled.mesh() is None


def test_a_mesh_that_undo_brought_back_as_it_was_is_made_anew(filled: Any, sphere_cloud: Any) -> None:
    for _ in range(4):
        filled.advance()
    attributes: Any = bpy.data.meshes[0].attributes
    attributes.remove(attributes["confidence"])
    turns(filled)
    assert_is_the_cloud(filled, sphere_cloud)


def test_a_mesh_that_nobody_wants_is_removed(filled: Any) -> None:
    filled.advance()
    filled.discard()
    assert not bpy.data.meshes


def test_a_mesh_that_is_used_is_not_removed(filled: Any, sphere_cloud: Any) -> None:
    turns(filled)
    cloud = placing.add_to_scene(sphere_cloud(500), "Chair", bpy.context.scene, filled.mesh())
    filled.discard()
    assert len(cloud.data.vertices) == 500
