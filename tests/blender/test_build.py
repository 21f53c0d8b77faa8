# SPDX-License-Identifier: GPL-3.0-or-later
"""The built zip is what gets installed: in a Blender of its own, by Blender's own operator."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

import bpy
import pytest
from packaging.requirements import Requirement

import build_addon
from blender_addon.engine.builds import EXTRAS, WANTED
from uner3d_core import __version__
from uner3d_core.cloud_files import write_ply

ROOT = Path(build_addon.__file__).parent

INSTALL = """
import glob, hashlib, importlib.util, json, os, sys
from pathlib import Path
import bpy

def contents(folder):
    # Python keeps compiled modules beside their sources where it may, and does without elsewhere.
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

archive, cloud = sys.argv[1:]
had_core = importlib.util.find_spec("uner3d_core") is not None
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=False)
installed = Path(bpy.utils.user_resource("EXTENSIONS"), "user_default", "uner3d")
for path in [*installed.rglob("*"), installed]:
    path.chmod(0o555 if path.is_dir() else 0o444)
before = contents(installed)
bpy.ops.preferences.addon_enable(module="bl_ext.user_default.uner3d")
import uner3d_core

bpy.ops.uner3d.import_cloud(filepath=cloud)
shown = []
for density in (0.0, 0.01, 0.1, 0.5, 1.0):
    bpy.context.object.uner3d.density = density
    graph = bpy.context.evaluated_depsgraph_get()
    shown.append(
        sum(len(i.object.data.points) for i in graph.object_instances if i.object.type == "POINTCLOUD")
    )
try:
    bpy.ops.uner3d.resample.poll()
    bpy.context.object.uner3d.field = "gone"
    bpy.ops.uner3d.resample()
except RuntimeError as error:
    sentence = str(error)
from bl_ext.user_default.uner3d.jobs import folders

folder = str(folders.new_job_folder("Thing"))
extensions = bpy.utils.user_resource("EXTENSIONS")
preferences = bpy.context.preferences.addons["bl_ext.user_default.uner3d"].preferences
answer = {
    "had_core": had_core,
    "unpacked": len(glob.glob(extensions + "/.local/lib/*/site-packages/uner3d_core")),
    "core": uner3d_core.__file__,
    "shown": shown,
    "sentence": sentence,
    "folder": folder,
    "device": preferences.device,
}
bpy.ops.preferences.addon_disable(module="bl_ext.user_default.uner3d")
answer["files"] = len(before)
answer["written"] = sorted(dict(set(contents(installed).items()) ^ set(before.items())))
answer["left"] = [name for name in ("Scene", "Object") if hasattr(getattr(bpy.types, name), "uner3d")]
print("ANSWER " + json.dumps(answer))
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip that the environment variable UNER3D_ZIP names, else one built here."""
    if "UNER3D_ZIP" in os.environ:
        return Path(os.environ["UNER3D_ZIP"])
    path = tmp_path_factory.mktemp("ü build") / "uner3d.zip"
    assert build_addon.main(["--output", str(path)]) == 0
    return path


def wheel_in(archive: Path) -> zipfile.ZipFile:
    with zipfile.ZipFile(archive) as file:
        name = f"wheels/uner3d-{__version__}-py3-none-any.whl"
        return zipfile.ZipFile(io.BytesIO(file.read(name)))


def test_the_same_tree_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    build_addon.main(["--output", str(tmp_path / "again.zip")])
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_the_zip_holds_what_it_should_and_nothing_compiled(archive: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        names = file.namelist()
    with wheel_in(archive) as wheel:
        inner = wheel.namelist()
    assert {"__init__.py", "blender_manifest.toml", "LICENSE", "engine/client.py", "operators/files.py"} <= {
        *names
    }
    assert names == sorted(names)
    assert not [name for name in names if name.startswith(("studio", "tests"))]
    trained = {name for name in inner if name.startswith("uner3d_core/network/trained/")}
    assert "uner3d_core/network/trained/uner3d.safetensors" in trained
    assert {Path(name).suffix for name in trained} <= {".safetensors", ".json", ".jsonl", ".txt"}
    allowed = {".py", ".toml", ".whl", "", ".txt", ".typed"}
    assert {Path(name).suffix for name in {*names, *inner} - trained} <= allowed
    assert {name.split("/")[0] for name in inner} == {"uner3d_core", f"uner3d-{__version__}.dist-info"}


def test_the_wheel_is_one_that_installers_take(archive: Path) -> None:
    with wheel_in(archive) as wheel:
        info = f"uner3d-{__version__}.dist-info"
        for line in wheel.read(f"{info}/RECORD").decode().splitlines():
            name, digest, size = line.rsplit(",", 2)
            if name != f"{info}/RECORD":
                content = wheel.read(name)
                expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                assert (digest, int(size)) == (f"sha256={expected}", len(content))
        recorded = {line.rsplit(",", 2)[0] for line in wheel.read(f"{info}/RECORD").decode().splitlines()}
        assert recorded == set(wheel.namelist())
        metadata = message_from_bytes(wheel.read(f"{info}/METADATA"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Name"] == "uner3d"
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0"
    required = metadata.get_all("Requires-Dist")
    assert [line for line in required if "extra ==" not in line] == project["dependencies"]
    assert metadata.get_all("Provides-Extra") == [*EXTRAS, *WANTED]
    extras = [Requirement(line) for line in required if "extra ==" in line]
    assert {each.name for each in extras} == {"av", "onnxruntime", "pycolmap", "transformers"}
    linux = {"sys_platform": "linux", "platform_machine": "x86_64"}
    for each in extras:
        name = {"transformers": "point-e", "onnxruntime": "masks"}.get(each.name, "poses")
        assert each.marker is not None
        assert each.marker.evaluate({**linux, "extra": name})
        assert not each.marker.evaluate({**linux, "extra": ""})
        elsewhere = each.marker.evaluate({**linux, "platform_machine": "aarch64", "extra": name})
        assert elsewhere == (name in WANTED)


def test_blenders_validator_finds_nothing_wrong(archive: Path) -> None:
    tool = next(Path(bpy.utils.resource_path("LOCAL")).glob("scripts/addons_core/bl_pkg/cli/blender_ext.py"))
    done = subprocess.run(
        [sys.executable, str(tool), "validate", str(archive)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout.lower()


def test_a_manifest_of_another_version_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(build_addon, "core_version", lambda root=ROOT: "9.9.9")
    assert build_addon.main(["--output", str(tmp_path / "a.zip")]) == 1
    assert "must have version 9.9.9" in capsys.readouterr().err
    assert not (tmp_path / "a.zip").exists()


def test_the_zip_installs_and_works_in_a_read_only_place(
    archive: Path, tmp_path: Path, sphere_cloud: Any, request: pytest.FixtureRequest
) -> None:
    write_ply(tmp_path / "cloud.ply", sphere_cloud(100_000))
    (tmp_path / "é user").mkdir()
    request.addfinalizer(lambda: make_writable(tmp_path))
    environment = {
        **os.environ,
        "BLENDER_USER_RESOURCES": str(tmp_path / "é user"),
        "TMPDIR": str(tmp_path),
        "PYTHONSAFEPATH": "1",  # the repository must not be found instead of the wheel
    }
    environment.pop("PYTHONPATH", None)
    (tmp_path / "install.py").write_text(INSTALL, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "install.py"), str(archive), str(tmp_path / "cloud.ply")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=300,
        check=False,
        cwd=tmp_path,
        env=environment,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    assert lines, done.stdout + done.stderr
    answer = json.loads(lines[0].removeprefix("ANSWER "))
    assert answer["shown"] == [0, 1000, 10_000, 50_000, 100_000]
    assert answer["unpacked"] == 1
    assert answer["had_core"] or Path(answer["core"]).is_relative_to(tmp_path)
    assert "is gone" in answer["sentence"]
    assert Path(answer["folder"]).is_relative_to(tmp_path / "é user")
    assert answer["device"] == "auto"
    assert answer["left"] == []
    assert answer["files"] > 20
    assert answer["written"] == []


def make_writable(folder: Path) -> None:
    """Let pytest remove a folder that has read-only ones in it."""
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
