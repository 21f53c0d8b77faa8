# SPDX-License-Identifier: GPL-3.0-or-later
"""German: tables from the English texts, and nothing else."""
