# SPDX-License-Identifier: Apache-2.0
"""UNeR3D's core: pictures of an object in, a coloured 3D point cloud of it out.

The main job is one page: :func:`uner3d_core.reconstruct.reconstruct`. Importing this package imports no
torch, so that a program without it can use the data types, the file formats and the worker's protocol.
"""

__version__ = "0.1.0"
