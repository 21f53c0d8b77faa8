# SPDX-License-Identifier: Apache-2.0
"""The method “depth”: clouds straight from rendered depth. Numpy is all it needs; Blender uses it too."""
