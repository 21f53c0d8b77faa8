# SPDX-License-Identifier: Apache-2.0
"""The doctor tells what runs here, with torch and without."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from uner3d_core import __version__, doctor


def test_report_tells_what_is_here() -> None:
    report = doctor.examine()
    assert report.uner3d == __version__
    assert ".." not in Path(report.executable).parts
    assert Path(report.executable).samefile(sys.executable)
    assert Path(report.executable).name == Path(sys.executable).name
    assert report.torch == torch.__version__
    assert report.torch_error == ""
    assert report.devices[0].device == "cpu"
    assert report.devices[0].memory_bytes > 1 << 28
    assert all(free > 0 for free in report.free_disk_bytes.values())
    assert {"numpy", "scipy", "pillow", "safetensors"} <= set(report.packages)


def test_the_link_of_a_virtual_environment_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "python"
    link.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/bin/../bin/python")
    assert doctor.examine().executable == str(link.parent.resolve() / "python")


def test_report_survives_as_json() -> None:
    report = doctor.examine()
    line = doctor.to_json(report)
    assert len(line.splitlines()) == 1
    assert doctor.from_json(line) == report


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"devices": [{"name": "a"}]}', '{"devices": 3}'])
def test_what_is_no_report_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (JSON's own error is one too)
        doctor.from_json(line)


def test_text_says_what_to_do_without_torch() -> None:
    report = replace(doctor.examine(), torch=None, torch_error="DLL load failed")
    text = doctor.to_text(report)
    assert "DLL load failed" in text
    assert "install uner3d again" in text


def test_works_in_a_python_without_torch() -> None:
    code = (
        "import sys\nsys.modules['torch'] = None\n"
        "from uner3d_core.cli import main\nsys.exit(main(['doctor', '--json']))"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    report = doctor.from_json(finished.stdout)
    assert report.torch is None
    assert "torch" in report.torch_error
    assert [device.device for device in report.devices] == ["cpu"]
