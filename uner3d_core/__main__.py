# SPDX-License-Identifier: Apache-2.0
"""``python -m uner3d_core`` is the command ``uner3d``."""

import sys

from uner3d_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
