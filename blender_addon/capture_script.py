# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that a second Blender runs: it opens a copy of the scene and renders camera after camera.

``blender --background --python capture_script.py -- request.json``. It tells how far it is in lines of the
engine's protocol. The add-on need not be installed in that Blender: the package around this file is loaded.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_PACKAGE = "uner3d_capturing"
"""What the package around this file is called here, beside the same add-on where it is installed."""


@dataclass(frozen=True)
class CaptureRequest:
    """What is to be rendered, and whereto.

    Parameters
    ----------
    file : str
        The copy of the scene, a .blend file.
    scripts : bool
        Whether scripts in it may run by themselves, as the person allows for all files.
    scripts_ran : bool
        Whether they ran in the Blender that the copy comes from, or there are none.
    scene, layer : str
        Names of the scene and of its view layer.
    cameras : tuple of str
        Their full names (with the library's), in order.
    hidden : tuple of str
        Full names of the objects that must not be rendered.
    pictures : tuple of str
        Files for the pictures, as many as cameras.
    folder : str
        The job folder, where ``transforms.json`` goes.
    maximum_side : int
        Longest side of a picture in pixels.
    depth, flat : bool
        Whether depth is rendered too; whether without light.
    core : str
        Folder that has ``uner3d_core``.
    """

    file: str
    scripts: bool
    scripts_ran: bool
    scene: str
    layer: str
    cameras: tuple[str, ...]
    hidden: tuple[str, ...]
    pictures: tuple[str, ...]
    folder: str
    maximum_side: int
    depth: bool
    flat: bool
    core: str

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="ascii")


@dataclass(frozen=True)
class DataSetRequest:
    """Which objects are to be pictured for a data set, and whereto.

    Parameters
    ----------
    file, scripts, core
        As for :class:`CaptureRequest`.
    objects : tuple of str
        Their full names.
    output : str
        The folder that gets a folder for each.
    choice : dict
        How they are pictured, the fields of ``uner3d_core.data_set.Choice``.
    """

    file: str
    scripts: bool
    objects: tuple[str, ...]
    output: str
    choice: dict[str, Any]
    core: str


def work(request: CaptureRequest | DataSetRequest) -> None:
    """Do what is asked for, telling progress, or the error that ends it."""
    sys.path.append(request.core)
    _load_package()
    # Only now they can be imported, and from the package's new name.
    errors: Any = importlib.import_module("uner3d_core.errors")
    protocol: Any = importlib.import_module("uner3d_core.protocol")

    def say(message: Any) -> None:
        # Blender writes to the same stream, at times half a line.
        sys.stdout.write("\n" + protocol.encode(message))
        sys.stdout.flush()

    def tell(done: int, total: int) -> None:
        say(protocol.Progress("", done, total))

    try:
        if isinstance(request, DataSetRequest):
            _picture(request, tell)
        else:
            _render(request, importlib.import_module(f"{_PACKAGE}.capture"), errors, tell)
    except errors.Uner3dError as error:
        say(protocol.error_to_message(error))


def _render(request: CaptureRequest, capture: Any, errors: Any, tell: Any) -> None:
    import bpy  # noqa: PLC0415 -- the window's Blender imports this module for the request alone

    bpy.ops.wm.open_mainfile(filepath=request.file, load_ui=False, use_scripts=request.scripts)
    objects = {item.name_full: item for item in bpy.data.objects}
    for name in request.hidden:
        objects[name].hide_render = True
    pictures = [Path(picture) for picture in request.pictures]
    captured: list[Any] = []
    for name, picture in zip(request.cameras, pictures, strict=True):
        tell(len(captured), len(pictures))
        captured.append(
            capture.capture_view(
                objects[name],
                picture,
                bpy.data.scenes[request.scene],
                request.maximum_side,
                layer=request.layer,
                depth=request.depth,
                flat=request.flat,
            )
        )
        if request.scripts_ran and bpy.app.autoexec_fail:
            raise errors.CameraError(
                "The file has scripts or drivers that ran in this window, but may not run by themselves in "
                f"another Blender ({bpy.app.autoexec_fail_message}).",
                "Allow “Auto Run Python Scripts” in the preferences, under Save & Load, and start again.",
            )
    tell(len(captured), len(pictures))
    names = [objects[name].name for name in request.cameras]
    capture.write_seeing(Path(request.folder), names, pictures, captured, depth=request.depth)


def _picture(request: DataSetRequest, tell: Any) -> None:
    import bpy  # noqa: PLC0415 -- the window's Blender imports this module for the request alone

    making: Any = importlib.import_module(f"{_PACKAGE}.data_sets.making")
    data_set: Any = importlib.import_module("uner3d_core.data_set")
    bpy.ops.wm.open_mainfile(filepath=request.file, load_ui=False, use_scripts=request.scripts)
    objects = {item.name_full: item for item in bpy.data.objects}
    chosen = [objects[name] for name in request.objects]
    told = -1
    for done, total in making.make(chosen, Path(request.output), data_set.Choice(**request.choice)):
        if done != told:
            tell(done, total)
            told = done


def _load_package() -> None:
    """Import the package around this file by a name of its own, without registering anything."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        _PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"“{folder}” is no package.")
    package = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)


def end_with_the_window() -> None:
    """End as soon as the Blender that started this one is gone, and with it our standard input."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main(arguments: Sequence[str]) -> None:
    """Do what the request in the file named last asks for, and end this Blender."""
    end_with_the_window()
    code = 1
    try:
        content = json.loads(Path(arguments[-1]).read_text(encoding="ascii"))
        work((DataSetRequest if "choice" in content else CaptureRequest)(**content))
        code = 0
    except BaseException:  # what nobody foresaw: its last line is what the person reads
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # whatever other add-ons do when Blender ends must not hold it


if __name__ == "__main__":
    main(sys.argv)
