# SPDX-License-Identifier: GPL-3.0-or-later
"""Which build of torch fits, and which files make up an engine with it.

Two programs know the indexes where the files are, and no address of one is written here: pip, as the person
or their office has configured it, and uv, which knows PyTorch's own indexes and looks for the driver of a
graphics card. Each is asked for a list of files with addresses and checksums; neither fetches or installs
them.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
import urllib.parse
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from uner3d_core.errors import EngineError

from .complaints import Fault, sentence
from .fetch import File

CORE = "uner3d"
"""The package whose wheel the add-on carries, so that it need not be fetched."""

EXTRAS = ("poses",)
"""Extras of it that the engine has too."""

POINT_E, MASKS = "point-e", "masks"
"""Extras that it has where the person wants them."""

WANTED = (MASKS, POINT_E)

_SOURCES = ("index-url", "extra-index-url", "find-links", "no-index")
_FILE_NAME = re.compile(r"[A-Za-z0-9_.+!-]+\.whl")


class Build(Enum):
    """The builds of torch to choose from."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    ROCM = "rocm"
    XPU = "xpu"
    CONFIGURED = "configured"


_BACKENDS = {Build.AUTO: "auto", Build.CPU: "cpu", Build.CUDA: "auto", Build.ROCM: "auto", Build.XPU: "xpu"}
"""What uv calls them. The version of CUDA or ROCm depends on the driver, which uv finds with “auto”."""

_LOCAL_VERSIONS = {Build.CUDA: "cu", Build.ROCM: "rocm", Build.XPU: "xpu"}
"""How the part of torch's version begins that names the build, as in 2.9.0+cu128."""

_MISSING = {
    Build.CUDA: (
        "No driver of an NVIDIA graphics card was found.",
        "Install the driver, or choose another build.",
    ),
    Build.ROCM: (
        "No AMD graphics card that ROCm can use was found.",
        "Install its driver, or choose another build.",
    ),
    Build.XPU: ("There is no XPU build of torch for this computer.", "Choose another build."),
}


def pip_options(listing: Sequence[str]) -> dict[str, list[str]]:
    """Read what ``pip config list`` prints.

    Parameters
    ----------
    listing : sequence of str
        Lines such as ``global.index-url='https://…'`` and ``:env:.find-links='a b'``.

    Returns
    -------
    dict of str to list of str
        Each option's values, of all sections that concern installing, without the section.
    """
    options: dict[str, list[str]] = {}
    for line in listing:
        name, equals, value = line.partition("=")
        section, dot, option = name.rpartition(".")
        if equals and dot and section in ("global", "install", "user", "site", ":env:"):
            try:
                text = str(ast.literal_eval(value))
            except (ValueError, SyntaxError):
                text = value
            known = options.setdefault(option, [])
            known += [part for part in text.split() if part not in known]
    return options


def backend(build: Build, options: Mapping[str, Sequence[str]], system: str) -> str | None:
    """Tell which of PyTorch's builds uv is to look for.

    Parameters
    ----------
    build : Build
        What the person has chosen.
    options : mapping of str to sequence of str
        pip's configuration, from :func:`pip_options`.
    system : str
        ``platform.system()`` of the engine's Python.

    Returns
    -------
    str or None
        A backend of uv; None where pip as it is configured finds the build: if that is chosen; on macOS,
        which has one build alone; and, if nothing is chosen, where pip was told to look in other places.
    """
    sources_of_their_own = any(option in options for option in _SOURCES)
    if build is Build.CONFIGURED or system == "Darwin" or (build is Build.AUTO and sources_of_their_own):
        return None
    return _BACKENDS[build]


def requirement(core_wheel: Path, chosen: Sequence[str] = EXTRAS) -> str:
    """Name the core's wheel with all that the engine is to have, for pip and uv."""
    return f"{CORE}[{','.join(chosen)}] @ {core_wheel.absolute().as_uri()}"


def pip_arguments(report: Path, core_wheel: Path, chosen: Sequence[str] = EXTRAS) -> list[str]:
    """Make the arguments of the Python that has pip choose the files, and write them to ``report``."""
    return [
        *("-m", "pip", "install", "--dry-run", "--ignore-installed", "--report", str(report)),
        *(
            "--only-binary",
            ":all:",
            "--no-input",
            "--no-cache-dir",
            "--retries",
            "3",
            "--progress-bar",
            "off",
        ),
        requirement(core_wheel, chosen),
    ]


def uv_arguments(
    chosen_backend: str,
    python: Path,
    *,
    requirements: Path,
    lock: Path,
    cache: Path,
    options: Mapping[str, Sequence[str]],
) -> list[str]:
    """Make the arguments of the Python that has uv choose the files, and write them to ``lock``.

    Parameters
    ----------
    chosen_backend : str
        From :func:`backend`.
    python : Path
        The engine's Python, whose version and platform the files are to fit.
    requirements : Path
        A file that names the core's wheel.
    lock : Path
        Where uv writes the files' names, addresses and checksums.
    cache : Path
        Where uv may keep what it needs.
    options : mapping of str to sequence of str
        pip's configuration: uv looks where pip does for all but torch.
    """
    places = [word for place in options.get("find-links", ()) for word in ("--find-links", place)]
    return [
        *("-m", "uv", "pip", "compile", str(requirements), "--output-file", str(lock)),
        *("--python", str(python), "--torch-backend", chosen_backend, "--only-binary", ":all:"),
        *("--format", "pylock.toml", "--no-config", "--no-python-downloads", "--system-certs"),
        *("--cache-dir", str(cache), "--color", "never", *places),
    ]


def uv_environment(options: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Make the variables that have uv look where pip does for all but torch.

    Addresses may hold a password, which has no place among arguments: everybody on a computer sees those.
    """
    variables = {}
    if options.get("index-url"):
        variables["UV_DEFAULT_INDEX"] = options["index-url"][-1]
    if options.get("extra-index-url"):
        variables["UV_INDEX"] = " ".join(options["extra-index-url"])
    if options.get("cert"):
        variables["SSL_CERT_FILE"] = options["cert"][-1]
    return variables


def logins(options: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """Find the names and passwords in the addresses that pip is configured with.

    Returns
    -------
    dict of str to (str, str)
        Name and password of each host that has them; the host with its port, where that is given.
    """
    found = {}
    for option in ("index-url", "extra-index-url", "find-links"):
        for url in options.get(option, ()):
            parts = urllib.parse.urlsplit(url)
            if parts.hostname and parts.username:
                host = parts.netloc.rpartition("@")[2]
                password = urllib.parse.unquote(parts.password or "")
                found[host] = (urllib.parse.unquote(parts.username), password)
    return found


def read_report(path: Path) -> list[File]:
    """Read the files that pip has chosen, without the core's wheel.

    Raises
    ------
    EngineError
        If pip has left out a checksum or an address.
    """
    chosen = []
    for entry in json.loads(path.read_text(encoding="utf-8"))["install"]:
        name = entry["metadata"]["name"]
        if name.lower() != CORE:
            source = entry["download_info"]
            sha256 = source.get("archive_info", {}).get("hashes", {}).get("sha256", "")
            chosen.append(_file(name, source["url"], sha256, None))
    return chosen


def read_lock(path: Path) -> list[File]:
    """Read the files that uv has chosen, without the core's wheel.

    Raises
    ------
    EngineError
        If uv has left out a checksum or an address.
    """
    chosen = []
    for package in tomllib.loads(path.read_text(encoding="utf-8"))["packages"]:
        if package["name"] != CORE:
            wheel: dict[str, Any] = next(iter(package.get("wheels", ())), {})
            url = wheel.get("url") or (Path(wheel["path"]).absolute().as_uri() if "path" in wheel else "")
            sha256 = wheel.get("hashes", {}).get("sha256", "")
            chosen.append(_file(package["name"], url, sha256, wheel.get("size")))
    return chosen


def require_build(build: Build, files: Sequence[File]) -> None:
    """Make sure that torch is of the build that was chosen.

    Raises
    ------
    EngineError
        If it is another, since this computer has no such device or no driver for it.
    """
    torch = next((file.name for file in files if file.name.startswith("torch-")), "")
    local = torch.partition("+")[2]
    if build in _LOCAL_VERSIONS and not local.startswith(_LOCAL_VERSIONS[build]):
        raise EngineError(*_MISSING[build])


def _file(name: str, url: str, sha256: str, size: int | None) -> File:
    file_name = urllib.parse.unquote(urllib.parse.urlsplit(url).path).rpartition("/")[2]
    if not _FILE_NAME.fullmatch(file_name):
        raise sentence(Fault.NO_BUILD, f"“{name}” is not offered as a wheel")
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise EngineError(
            f"“{file_name}” is offered without a checksum, so it can't be told from a forged one.",
            "Choose another build, or have pip use an index that has checksums.",
        )
    return File(file_name, url, sha256, size)
