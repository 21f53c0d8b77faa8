# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that is the real worker with Point-E's networks made small, and weights of random numbers."""

from __future__ import annotations

import stat
import sys
import textwrap
from pathlib import Path

import uner3d_core

_WORKER = """\
    #!{python}
    import hashlib, sys
    from pathlib import Path
    sys.path.insert(0, {core!r})
    import torch
    from uner3d_core import worker
    from uner3d_core.point_e import clip, fetching, generation, method, sizes, weights

    torch.set_num_threads(1)
    for name in sizes.BASES:
        sizes.BASES[name] = sizes.Size(32, 2, 2, sizes.BASES[name].condition)
    sizes.UPSAMPLER = sizes.Size(32, 2, 2, upsamples=True)
    sizes.SURFACE = sizes.SurfaceSize(32, 2, 2, 2)
    for name in ("FIRST", "ADDING", "ADDING_UNGUIDED"):
        full = getattr(generation, name)
        few = (full.diffusion, full.points // 16, full.largest_sigma, full.churn, full.guidance)
        setattr(method, name, generation.Stage(*few))
    clip.image_features = lambda *_: (torch.zeros(256, 1024), torch.zeros(768))
    clip.text_vector = lambda *_: torch.zeros(768)
    folder = Path({weights!r})
    folder.mkdir(exist_ok=True)
    torch.manual_seed(0)
    for name in ("base40M", "base40M-textvec", "upsample", "sdf"):
        if not weights.Weights(str(folder)).has(name):
            network = fetching.make_network(name)
            for parameter in network.parameters():
                torch.nn.init.normal_(parameter, std=0.1)
            torch.save(network.state_dict(), folder / weights.NETWORKS[name].name)
    for name in ("CLIP", "VOCABULARY"):
        file = getattr(weights, name)
        (folder / file.name).write_bytes(b"not read")
        known = weights.File(file.name, file.address, hashlib.sha256(b"not read").hexdigest())
        setattr(method, name, known)
    sys.exit(worker.main())
"""


def write_tiny_worker(path: Path, weights: Path) -> Path:
    """Write the engine to ``path``; it makes the weights in the folder ``weights`` when it first starts."""
    core = str(Path(uner3d_core.__file__).parents[1])
    path.write_text(textwrap.dedent(_WORKER).format(python=sys.executable, core=core, weights=str(weights)))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
