# SPDX-License-Identifier: Apache-2.0
"""Scores and pictures by which a cloud is judged against the true surface."""
