# SPDX-License-Identifier: Apache-2.0
"""Objects that are made up, and posed pictures of them, to train and to test on.

``random_object(seed)`` draws an object, ``random_cameras(seed, count, size)`` cameras around it, and
``render(object, cameras)`` gives the views. Seeds from ``HELD_OUT`` on are kept for evaluation, and
``surface_points(object, count)`` gives the truth that clouds of them are measured against.
"""

from uner3d_core.shapes.cameras import random_cameras
from uner3d_core.shapes.generation import HELD_OUT, GeneratedObject, random_object
from uner3d_core.shapes.rendering import random_views, render
from uner3d_core.shapes.truth import surface_points

__all__ = [
    "HELD_OUT",
    "GeneratedObject",
    "random_cameras",
    "random_object",
    "random_views",
    "render",
    "surface_points",
]
