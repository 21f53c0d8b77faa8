# SPDX-License-Identifier: Apache-2.0
"""The method ``uner3d``: a signed-distance field fitted to the pictures, coarse to fine."""
