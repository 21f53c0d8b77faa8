# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects pictured from all sides, with depth and a dense cloud: data sets to train on."""
