# SPDX-License-Identifier: Apache-2.0
"""Which build is looked for where, and what the two programs answer that choose the files."""

import json
from pathlib import Path

import pytest

from blender_addon.engine.builds import (
    Build,
    backend,
    logins,
    pip_arguments,
    pip_options,
    read_lock,
    read_report,
    require_build,
    requirement,
    uv_arguments,
    uv_environment,
)
from blender_addon.engine.fetch import File
from blender_addon.engine.plan import read_plan, write_plan
from uner3d_core.errors import EngineError

SHA256 = "0123456789abcdef" * 4
OFFICE = {"index-url": ["https://mirror.invalid/simple"]}


def report(tmp_path: Path, url: str, hashes: dict[str, str]) -> Path:
    entries = [
        {"metadata": {"name": "uner3d"}, "download_info": {"url": "file:///uner3d-1-py3-none-any.whl"}},
        {"metadata": {"name": "torch"}, "download_info": {"url": url, "archive_info": {"hashes": hashes}}},
    ]
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"install": entries}), encoding="utf-8")
    return path


def test_pips_configuration_is_read_over_all_its_sections() -> None:
    listing = [
        "global.index-url='https://mirror.invalid/simple'",
        "global.extra-index-url='https://a.invalid/simple\\nhttps://b.invalid/simple'",
        ":env:.find-links='/srv/wheels'",
        "install.find-links='/srv/wheels'",
        "list.format='columns'",
        "a line of something else",
    ]
    assert pip_options(listing) == {
        "index-url": ["https://mirror.invalid/simple"],
        "extra-index-url": ["https://a.invalid/simple", "https://b.invalid/simple"],
        "find-links": ["/srv/wheels"],
    }


@pytest.mark.parametrize(
    ("build", "options", "system", "expected"),
    [
        (Build.AUTO, {}, "Linux", "auto"),
        (Build.AUTO, {}, "Windows", "auto"),
        (Build.AUTO, {"cert": ["a.pem"]}, "Windows", "auto"),
        (Build.AUTO, OFFICE, "Linux", None),
        (Build.AUTO, {"find-links": ["/srv/wheels"]}, "Windows", None),
        (Build.AUTO, {}, "Darwin", None),
        (Build.CPU, OFFICE, "Linux", "cpu"),
        (Build.CPU, {}, "Darwin", None),
        (Build.CUDA, {}, "Windows", "auto"),
        (Build.XPU, {}, "Linux", "xpu"),
        (Build.CONFIGURED, {}, "Linux", None),
    ],
)
def test_who_is_asked_for_a_build(
    build: Build, options: dict[str, list[str]], system: str, expected: str | None
) -> None:
    assert backend(build, options, system) == expected


@pytest.mark.parametrize(
    ("build", "torch", "message"),
    [
        (Build.CUDA, "torch-2.9.0+cpu-cp311-cp311-win_amd64.whl", "NVIDIA"),
        (Build.ROCM, "torch-2.9.0+cu128-cp311-cp311-linux_x86_64.whl", "AMD"),
        (Build.XPU, "torch-2.9.0-cp311-cp311-linux_x86_64.whl", "XPU"),
    ],
)
def test_another_build_than_was_chosen_is_refused(build: Build, torch: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        require_build(build, [File(torch, "", SHA256)])


def test_the_build_that_was_chosen_is_taken() -> None:
    require_build(Build.CUDA, [File("torch-2.9.0+cu128-cp311-cp311-win_amd64.whl", "", SHA256)])
    require_build(Build.AUTO, [File("torch-2.9.0-cp311-cp311-win_amd64.whl", "", SHA256)])


def test_pips_answer_is_read(tmp_path: Path) -> None:
    url = "file:///srv/wheels/torch-2.13.0%2Bcpu-cp311-cp311-linux_x86_64.whl"
    path = report(tmp_path, url, {"sha256": SHA256})
    assert read_report(path) == [File("torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl", url, SHA256)]


def test_uvs_answer_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(
        f"""
        lock-version = "1.0"
        [[packages]]
        name = "torch"
        version = "2.13.0+cu130"
        wheels = [{{ url = "https://a.invalid/torch-2.13.0%2Bcu130-cp311-cp311-win_amd64.whl",
                     size = 7, hashes = {{ sha256 = "{SHA256}" }} }}]
        [[packages]]
        name = "uner3d"
        archive = {{ path = "wheels/uner3d-0.1.0-py3-none-any.whl" }}
        """.replace("\n                     ", " "),
        encoding="utf-8",
    )
    url = "https://a.invalid/torch-2.13.0%2Bcu130-cp311-cp311-win_amd64.whl"
    assert read_lock(path) == [File("torch-2.13.0+cu130-cp311-cp311-win_amd64.whl", url, SHA256, 7)]


@pytest.mark.parametrize(
    ("url", "hashes", "sentence"),
    [
        ("https://a.invalid/torch-1-py3-none-any.whl", {}, "without a checksum"),
        ("https://a.invalid/torch-1-py3-none-any.whl", {"sha256": "short"}, "without a checksum"),
        ("https://a.invalid/torch-1.tar.gz", {"sha256": SHA256}, "not offered as a wheel"),
        ("https://a.invalid/..%2F..%2Fevil.py", {"sha256": SHA256}, "not offered as a wheel"),
        ("https://a.invalid/%2E%2E%5Cevil.whl", {"sha256": SHA256}, "not offered as a wheel"),
        ("https://a.invalid/", {"sha256": SHA256}, "not offered as a wheel"),
    ],
)
def test_what_can_not_be_checked_is_refused(
    tmp_path: Path, url: str, hashes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(EngineError, match=sentence):
        read_report(report(tmp_path, url, hashes))


def test_pip_is_asked_not_to_build_or_to_wait_for_answers(tmp_path: Path) -> None:
    arguments = pip_arguments(tmp_path / "report.json", tmp_path / "a.whl")
    assert {"--dry-run", "--no-input", ":all:", requirement(tmp_path / "a.whl")} <= set(arguments)


def test_uv_looks_where_pip_does(tmp_path: Path) -> None:
    options = {**OFFICE, "find-links": ["/srv/wheels"], "extra-index-url": ["https://b.invalid/simple"]}
    folder = {name: tmp_path / name for name in ("requirements", "lock", "cache")}
    arguments = uv_arguments("cpu", tmp_path / "python", **folder, options=options)
    text = " ".join(arguments)
    assert "--torch-backend cpu" in text
    assert "--find-links /srv/wheels" in text
    assert uv_environment(options) == {
        "UV_DEFAULT_INDEX": "https://mirror.invalid/simple",
        "UV_INDEX": "https://b.invalid/simple",
    }
    assert uv_environment({}) == {}


def test_passwords_are_found_in_addresses_and_not_among_arguments(tmp_path: Path) -> None:
    options = {"index-url": ["https://me:s%3Acret@mirror.invalid:8443/simple"], "find-links": ["/srv/wheels"]}
    assert logins(options) == {"mirror.invalid:8443": ("me", "s:cret")}
    folder = {name: tmp_path / name for name in ("requirements", "lock", "cache")}
    assert "cret" not in " ".join(uv_arguments("cpu", tmp_path / "python", **folder, options=options))


def test_a_plan_serves_its_own_kind_alone(tmp_path: Path) -> None:
    path, kind = tmp_path / "plan.json", {"python": "3.11"}
    assert read_plan(path, kind) is None
    files = [File("a.whl", "https://a.invalid/a.whl", SHA256, 7)]
    write_plan(path, kind, files)
    assert read_plan(path, kind) == files
    assert read_plan(path, {"python": "3.13"}) is None
    path.write_text("{", encoding="utf-8")
    assert read_plan(path, kind) is None
