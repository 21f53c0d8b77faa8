# SPDX-License-Identifier: Apache-2.0
"""UNeR3D's core: pictures of an object in, a coloured 3D point cloud of it out.

The main job is one page: :func:`uner3d_core.reconstruct.reconstruct`. Importing this package imports no
torch, so that a program without it can use the data types, the file formats and the worker's protocol.
"""

import os

__version__ = "0.1.0"

# torch's threads wait for each other by spinning. On a machine that is busy with something else, such as
# Blender, that makes short operations up to sixty times slower; OpenMP reads this when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
