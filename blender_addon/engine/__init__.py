# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: a Python environment of its own that has torch, and the child process that runs in it.

Nothing in here imports bpy.
"""
