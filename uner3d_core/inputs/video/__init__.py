# SPDX-License-Identifier: Apache-2.0
"""Videos as input: their best frames become pictures; :mod:`.frames` is the page to read."""
