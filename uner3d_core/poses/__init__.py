# SPDX-License-Identifier: Apache-2.0
"""Cameras of photographs that come without any, estimated by COLMAP; :mod:`.estimate` is the page to read."""
