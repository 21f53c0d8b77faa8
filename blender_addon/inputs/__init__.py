# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of a scene: what adds to them, what is known about them, and the cameras around an object."""
