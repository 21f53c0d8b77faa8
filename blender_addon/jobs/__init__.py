# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: how one begins, runs in the queue, is drawn early, and becomes an object; and the folders of all."""
