# SPDX-License-Identifier: Apache-2.0
"""Build the add-on's zip, with the core's wheel inside: ``python build_addon.py [--output FILE.zip]``.

The same tree gives the same bytes: entries are sorted, stored without compression (whose output differs
between versions of zlib) and carry a fixed time. Nothing compiled is in the zip, so it serves every platform.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
PERMISSIONS = 0o100644 << 16
ENGINE_EXTRAS = ("poses", "masks", "point-e")
"""Extras of the core that the engine is installed with, always or when it is wanted."""
NOT_IN_ZIP = ("studio",)
"""Folders of the add-on that make test scenes and the demo; they run from the repository."""


def build_wheel(root: Path = ROOT) -> tuple[str, bytes]:
    """Build the wheel of the core alone, which Blender and the engine's environment both install.

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    name : str
        File name of the wheel, after PEP 427.
    content : bytes
        The wheel.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = core_version(root)
    name = project["name"]
    info = f"{name}-{version}.dist-info"
    metadata = [
        "Metadata-Version: 2.4",
        f"Name: {name}",
        f"Version: {version}",
        "Summary: Pictures of an object in, a coloured 3D point cloud of it out: the core.",
        "License-Expression: Apache-2.0",
        "License-File: Apache-2.0.txt",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in project["dependencies"]),
        *(line for extra in ENGINE_EXTRAS for line in _extra(extra, project["optional-dependencies"][extra])),
    ]
    commands = [f"{command} = {target}" for command, target in project["scripts"].items()]
    files = {
        **_tree(root / "uner3d_core", "uner3d_core/"),
        f"{info}/METADATA": _lines(metadata),
        f"{info}/WHEEL": _lines(
            ["Wheel-Version: 1.0", "Generator: build_addon", "Root-Is-Purelib: true", "Tag: py3-none-any"]
        ),
        f"{info}/entry_points.txt": _lines(["[console_scripts]", *commands]),
        f"{info}/licenses/Apache-2.0.txt": (root / "LICENSES" / "Apache-2.0.txt").read_bytes(),
    }
    record = [f"{path},{_digest(content)},{len(content)}" for path, content in sorted(files.items())]
    files[f"{info}/RECORD"] = _lines([*record, f"{info}/RECORD,,"])
    return f"{name}-{version}-py3-none-any.whl", _zip(files)


def _extra(name: str, dependencies: Sequence[str]) -> Iterator[str]:
    """Write the lines of a wheel's metadata about one extra."""
    yield f"Provides-Extra: {name}"
    for dependency in dependencies:
        package, _, marker = (part.strip() for part in dependency.partition(";"))
        condition = f"({marker}) and " if marker else ""
        yield f'Requires-Dist: {package}; {condition}extra == "{name}"'


def build_addon(root: Path = ROOT) -> bytes:
    """Build the zip that Blender installs as an extension.

    Parameters
    ----------
    root : Path
        The repository.

    Returns
    -------
    bytes
        The zip.

    Raises
    ------
    ValueError
        If the manifest names another version or wheel than the core has.
    """
    addon = root / "blender_addon"
    manifest = tomllib.loads((addon / "blender_manifest.toml").read_text(encoding="utf-8"))
    wheel_name, wheel = build_wheel(root)
    if manifest["version"] != core_version(root) or manifest["wheels"] != [f"./wheels/{wheel_name}"]:
        raise ValueError(
            f"blender_manifest.toml must have version {core_version(root)} and name ./wheels/{wheel_name}."
        )
    files = {
        path: content
        for path, content in _tree(addon).items()
        if path.split("/")[0] not in (*NOT_IN_ZIP, "wheels")
    }
    files["LICENSE"] = (root / "LICENSES" / "GPL-3.0-or-later.txt").read_bytes()
    files[f"wheels/{wheel_name}"] = wheel
    return _zip(files)


def core_version(root: Path = ROOT) -> str:
    """Read the version that ``uner3d_core`` states."""
    for line in (root / "uner3d_core" / "__init__.py").read_text(encoding="utf-8").splitlines():
        if line.startswith("__version__ = "):
            return line.split('"')[1]
    raise ValueError("uner3d_core/__init__.py states no __version__.")


def _tree(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """Read the files of a package by their names in an archive; without caches and hidden files."""
    files = {}
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in parts):
            files[prefix + "/".join(parts)] = path.read_bytes()
    return files


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system = 3  # Unix, on every system
            entry.external_attr = PERMISSIONS
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _lines(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def main(arguments: list[str] | None = None) -> int:
    """Build the zip and tell where it is."""
    parser = argparse.ArgumentParser(description="Build the add-on's zip.")
    default = ROOT / "dist" / f"uner3d-{core_version()}.zip"
    parser.add_argument("--output", type=Path, default=default, metavar="FILE.zip")
    output: Path = parser.parse_args(arguments).output
    try:
        content = build_addon()
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except (OSError, ValueError) as error:
        print(f"The zip can't be built: {error}", file=sys.stderr)
        return 1
    print(f"{output} ({len(content) / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
