# SPDX-License-Identifier: Apache-2.0
"""What runs here: Python, torch, devices, memory, free disk, versions. Works without torch, and says so."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from uner3d_core import __version__
from uner3d_core.protocol import SCHEMA

PACKAGES = (
    "numpy",
    "scipy",
    "pillow",
    "safetensors",
    "tqdm",
    "pycolmap",
    "av",
    "pi-heif",
    "onnxruntime",
    "transformers",
    "bpy",
)


@dataclass(frozen=True)
class Device:
    """Something that torch can compute on.

    Parameters
    ----------
    device : str
        As torch names it: the kind that ``--device`` takes, and its number.
    name : str
        What it is called.
    memory_bytes : int
        How much memory it has in all.
    """

    device: str
    name: str
    memory_bytes: int


@dataclass(frozen=True)
class Report:
    """What one Python can do.

    Parameters
    ----------
    uner3d : str
        Version of ``uner3d_core``.
    schema : int
        Version of the worker's protocol.
    python : str
        Version of Python.
    executable : str
        Its program.
    platform, machine : str
        Operating system and processor type.
    torch : str, optional
        Version of torch; None where it can't be loaded.
    torch_error : str
        Why torch can't be loaded; empty where it can.
    devices : tuple of Device
        The processor first. Only the processor where there is no torch.
    free_disk_bytes : dict of str to int
        Room in the current folder and in the one for temporary files.
    packages : dict of str to str
        Versions of the other packages that are installed.
    """

    uner3d: str
    schema: int
    python: str
    executable: str
    platform: str
    machine: str
    torch: str | None
    torch_error: str
    devices: tuple[Device, ...]
    free_disk_bytes: dict[str, int]
    packages: dict[str, str]


def examine() -> Report:
    """Look at this Python and this computer."""
    devices = [Device("cpu", platform.processor() or platform.machine(), _memory_bytes())]
    version, fault = None, ""
    try:
        torch = import_module("torch")
        version = str(torch.__version__)
        devices += _accelerators(torch)
    except (ImportError, OSError, RuntimeError) as error:  # not there, half there, or with a broken driver
        fault = " ".join(f"{type(error).__name__}: {error}".split())
    return Report(
        uner3d=__version__,
        schema=SCHEMA,
        python=platform.python_version(),
        executable=str(_plain(Path(sys.executable))),
        platform=platform.platform(),
        machine=platform.machine(),
        torch=version,
        torch_error=fault,
        devices=tuple(devices),
        free_disk_bytes={
            str(folder): shutil.disk_usage(folder).free
            for folder in (Path.cwd(), Path(tempfile.gettempdir()))
        },
        packages={name: found for name in PACKAGES if (found := _version(name))},
    )


def _plain(program: Path) -> Path:
    """Tell a program's path without “..”. Its own link stays: a virtual environment's Python is one."""
    return program.parent.resolve() / program.name


def to_json(report: Report) -> str:
    """Write the report as one line of JSON."""
    return json.dumps(asdict(report))


def from_json(line: str) -> Report:
    """Read a report.

    Raises
    ------
    ValueError
        If the line is no report of this version.
    """
    try:
        content = json.loads(line)
        devices = tuple(Device(**device) for device in content.pop("devices"))
        return Report(**content, devices=devices)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"“{line[:80]}” is no report") from error


def to_text(report: Report) -> str:
    """Write the report for people."""
    torch = report.torch or (
        f"can't be loaded ({report.torch_error}); reconstruction needs it: "
        "install uner3d again in this Python"
    )
    rows = [
        ("uner3d", f"{report.uner3d} (protocol {report.schema})"),
        ("Python", f"{report.python}, {report.executable}"),
        ("platform", f"{report.platform}, {report.machine}"),
        ("torch", torch),
        *(
            (f"device {d.device}", f"{d.name}, {_gibibytes(d.memory_bytes)} of memory")
            for d in report.devices
        ),
        *((f"{folder}", f"{_gibibytes(free)} free") for folder, free in report.free_disk_bytes.items()),
        *report.packages.items(),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _accelerators(torch: Any) -> list[Device]:
    found = []
    for kind in ("cuda", "xpu"):  # a ROCm build calls its devices cuda too
        module = getattr(torch, kind, None)
        if module is not None and module.is_available():
            for number in range(module.device_count()):
                properties = module.get_device_properties(number)
                found.append(Device(f"{kind}:{number}", str(properties.name), int(properties.total_memory)))
    if torch.backends.mps.is_available():
        found.append(Device("mps", platform.processor(), int(torch.mps.recommended_max_memory())))
    return found


def _memory_bytes() -> int:
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 (Windows alone needs it)

        class Status(ctypes.Structure):
            _fields_ = (
                ("length", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                *((name, ctypes.c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
            )

        status = Status(length=ctypes.sizeof(Status))
        ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.total)
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _gibibytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"
