# SPDX-License-Identifier: Apache-2.0
"""Tiny wheels: a core that answers as a doctor, and a torch, so that an installation takes seconds."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from uner3d_core import __version__
from uner3d_core.doctor import Device, Report

TORCH = "torch-2.9.0+cpu-py3-none-any.whl"
REPORT = Report(
    uner3d=__version__,
    schema=1,
    python="3.13.1",
    executable="python",
    platform="Some system",
    machine="arm64",
    torch="2.9.0+cpu",
    torch_error="",
    devices=(Device("cpu", "Some processor", 16 << 30), Device("cuda:0", "Some card", 8 << 30)),
    free_disk_bytes={"/": 1 << 40},
    packages={},
)


def write_wheel(path: Path, files: Mapping[str, str], requires: tuple[str, ...] = ()) -> Path:
    """Write a wheel of these files; its name and version are those in the file's name."""
    name, version = path.name.split("-")[:2]
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {each}" for each in requires]
    everything = {
        **files,
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for inner, text in everything.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{inner},sha256={digest},{len(text.encode())}\n"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in {**everything, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(inner), text)
    return path


def write_core(folder: Path, main: str | None = None, requires: tuple[str, ...] = ("torch>=2.5",)) -> Path:
    """Write a core whose doctor finds a torch where one can be imported; or whose program is ``main``."""
    missing = replace(REPORT, torch=None, torch_error="ModuleNotFoundError")
    answer = (
        "import json\ntry:\n    import torch\n"
        f"    print({json.dumps(asdict(REPORT))!r})\n"
        f"except ImportError:\n    print({json.dumps(asdict(missing))!r})\n"
    )
    files = {"uner3d_core/__init__.py": "", "uner3d_core/__main__.py": answer if main is None else main}
    return write_wheel(folder / f"uner3d-{__version__}-py3-none-any.whl", files, requires)


def write_torch(folder: Path, version: str = "2.9.0") -> Path:
    """Write a torch."""
    return write_wheel(
        folder / TORCH.replace("2.9.0", version), {"torch/__init__.py": "", "torch/weight.txt": "x" * 300_000}
    )
