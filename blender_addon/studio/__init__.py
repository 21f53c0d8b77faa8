# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes made and rendered by the project itself: bench cases and the demo."""
