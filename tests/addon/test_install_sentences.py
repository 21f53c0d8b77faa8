# SPDX-License-Identifier: Apache-2.0
"""What pip, uv and venv say when they fail, and what the person reads."""

import json
from pathlib import Path

import pytest

from blender_addon.engine.base_python import judge
from blender_addon.engine.complaints import Fault, explain, sentence
from uner3d_core.errors import EngineError


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            [
                "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError("
                "'<HTTPSConnection(host='mirror.invalid', port=443)>: Failed to establish a new connection: "
                "[Errno -2] Name or service not known')': /simple/numpy/",
                "ERROR: Could not find a version that satisfies the requirement numpy (from versions: none)",
                "ERROR: No matching distribution found for numpy",
            ],
            "The network can't be reached: mirror.invalid (Name or service not known).",
            "what was downloaded is kept",
        ),
        (
            [
                "error: Request failed after 3 retries in 8.5s",
                "  cause: Failed to fetch: https://a.invalid/whl/cpu/torch/",
                "  cause: dns error",
                "  cause: failed to lookup address information: Name or service not known",
            ],
            "The network can't be reached: a.invalid (failed to lookup address information",
            "Check the connection",
        ),
        (
            [
                "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', "
                "NewConnectionError('<HTTPSConnection object>: [Errno 111] Connection refused'))'",
                "ERROR: No matching distribution found for numpy",
            ],
            "The proxy can't be reached or refuses: Connection refused.",
            "HTTPS_PROXY",
        ),
        (
            [
                "  cause: client error (Connect)",
                "  cause: tunnel error: failed to create underlying connection",
            ],
            "The proxy can't be reached",
            "HTTPS_PROXY",
        ),
        (
            [
                "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
                "failed: self-signed certificate in certificate chain'))"
            ],
            "is not trusted: certificate verify failed: self-signed certificate in certificate chain.",
            "pip's option “cert”",
        ),
        (
            ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"],
            "The disk is full",
            "Free some space",
        ),
        (
            ["OSError: [WinError 112] There is not enough space on the disk"],
            "The disk is full",
            "Free some space",
        ),
        (
            [
                "ERROR: Could not find a version that satisfies the requirement torch<2.14,>=2.5 "
                "(from uner3d) (from versions: none)",
                "ERROR: No matching distribution found for torch<2.14,>=2.5 (from uner3d)",
            ],
            "nothing fits this Python and computer: No matching distribution found for torch",
            "another Python",
        ),
        (
            ["  × No solution found when resolving dependencies:", "  ╰─▶ Because torch has no wheels"],
            "nothing fits this Python and computer",
            "another build",
        ),
        (
            ["The virtual environment was not created successfully because ensurepip is not", "available."],
            "can't make an environment",
            "python3-venv",
        ),
        (
            ["ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'c10.dll'"],
            "can't be written",
            "close other Blenders",
        ),
        (["OSError: [WinError 206] The filename or extension is too long"], "path is longer", "shorter path"),
        (
            ["OSError: [WinError 225] Operation did not complete because the file contains a virus"],
            "virus scanner holds a file back",
            "Allow the engine's folder",
        ),
        (["Traceback", "ValueError: odd"], "Unpacking failed: ValueError: odd.", "“/log”"),
        ([], "Unpacking failed: exit code 1.", "“/log”"),
    ],
)
def test_programs_that_fail_become_sentences(said: list[str], message: str, hint: str) -> None:
    error = explain("Unpacking", said, 1, "/log")
    assert message in error.message
    assert hint in error.hint


def test_a_program_that_was_killed_says_so() -> None:
    error = explain("Unpacking", ["Installing collected packages"], -9, "/log")
    assert "killed by the system" in error.message
    assert "memory" in error.hint


def test_endless_words_are_cut() -> None:
    assert len(explain("Unpacking", ["x" * 10_000], 1, "/log").message) < 300


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_says_what_is_wrong_and_what_to_do(fault: Fault) -> None:
    error = sentence(fault, "“a.whl”.", stage="Downloading", log="/log")
    assert "“a.whl”." in error.message
    assert "{" not in error.message + error.hint
    assert error.hint.endswith(".")


SAID = {
    "version": [3, 13, 1],
    "implementation": "CPython",
    "system": "Linux",
    "machine": "x86_64",
    "bits": 64,
    "base": "/usr/bin/python3.13",
    "has_venv": True,
}


def test_a_fitting_python_is_described() -> None:
    base = judge(Path("python"), ["a stray line", json.dumps(SAID)])
    assert base.version == (3, 13, 1)
    assert base.base == Path("/usr/bin/python3.13")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({**SAID, "version": [3, 10, 4]}, "is Python 3.10.4; the engine needs 3.11 or newer"),
        ({**SAID, "bits": 32}, "32-bit CPython"),
        ({**SAID, "implementation": "PyPy"}, "64-bit PyPy"),
        ({**SAID, "has_venv": False}, "has no venv and ensurepip"),
        ({}, "is no Python"),
        ("Blender 5.2.0", "is no Python"),
    ],
)
def test_unfit_pythons_are_refused_with_their_reason(said: object, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        judge(Path("python"), [json.dumps(said)])
    with pytest.raises(EngineError, match="is no Python"):
        judge(Path("python"), [])
