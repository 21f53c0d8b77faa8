# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong with an installation, from the words of the programs that it runs to a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from uner3d_core.errors import EngineError

KILLED = -9
"""The exit code of a POSIX program that was killed and not by us, most often for want of memory."""


class Fault(Enum):
    """The kinds of fault that have a sentence of their own."""

    NETWORK = "network"
    PROXY = "proxy"
    CERTIFICATE = "certificate"
    LOGIN = "login"
    GONE = "gone"
    INSECURE = "insecure"
    CHECKSUM = "checksum"
    DISK_FULL = "disk full"
    FORBIDDEN = "forbidden"
    LONG_PATH = "long path"
    QUARANTINE = "quarantine"
    NO_BUILD = "no build"
    NO_VENV = "no venv"
    OTHER = "other"


_SENTENCES = {
    Fault.NETWORK: (
        "The network can't be reached: {detail}.",
        "Check the connection and install again; what was downloaded is kept.",
    ),
    Fault.PROXY: (
        "The proxy can't be reached or refuses: {detail}.",
        "Check the proxy in the system's settings or the variable HTTPS_PROXY, and install again.",
    ),
    Fault.CERTIFICATE: (
        "The other side's certificate is not trusted: {detail}.",
        "In a company's network, set pip's option “cert” to the file of its certificates, and install again.",
    ),
    Fault.LOGIN: (
        "The other side wants a name and a password: {detail}.",
        "Put them into the address that pip is configured with, and install again.",
    ),
    Fault.GONE: ("A file is no longer offered: {detail}.", "Install again: the files are chosen anew."),
    Fault.INSECURE: (
        "A file is offered without encryption, which is refused: {detail}.",
        "Have pip use sources with https, or a folder.",
    ),
    Fault.CHECKSUM: (
        "A file arrived damaged, twice: {detail}.",
        "Install again; if that repeats, a proxy or a virus scanner on the way changes files.",
    ),
    Fault.DISK_FULL: (
        "The disk is full: {detail}.",
        "Free some space, or choose another folder, and install again.",
    ),
    Fault.FORBIDDEN: (
        "A file can't be written: {detail}.",
        "Choose a folder of yours, and close other Blenders that use the engine.",
    ),
    Fault.LONG_PATH: (
        "A path is longer than this system allows: {detail}.",
        "Choose a folder with a shorter path, or allow long paths in Windows.",
    ),
    Fault.QUARANTINE: (
        "A virus scanner holds a file back: {detail}.",
        "Allow the engine's folder in the virus scanner, and install again.",
    ),
    Fault.NO_BUILD: (
        "Where pip looks, nothing fits this Python and computer: {detail}.",
        "Make the engine with another Python, or choose another build.",
    ),
    Fault.NO_VENV: (
        "That Python can't make an environment: {detail}.",
        "Install its module venv (on Debian and Ubuntu the package python3-venv), or choose another Python.",
    ),
    Fault.OTHER: ("{stage} failed: {detail}.", "The whole of what was said is in “{log}”."),
}

_ELSEWHERE = (Fault.NETWORK, Fault.PROXY, Fault.CERTIFICATE, Fault.LOGIN)
"""What is somebody else's fault, so that it matters whose."""

_PATTERNS = (
    (Fault.DISK_FULL, r"No space left on device|Errno 28\b|not enough space on the disk|WinError 112\b"),
    (Fault.QUARANTINE, r"WinError 225\b|virus or potentially unwanted"),
    (
        Fault.LONG_PATH,
        r"WinError 206\b|Errno 36\b|[Ff]ile ?name (or extension is )?too long|Long Path support",
    ),
    (
        Fault.NO_VENV,
        r"No module named '?(venv|ensurepip)|ensurepip is not|ensurepip.*non-zero exit",
    ),
    (
        Fault.PROXY,
        r"ProxyError|[Pp]roxy Authentication|status code:? 407|tunnel error|Tunnel connection failed",
    ),
    (Fault.CERTIFICATE, r"SSLError|CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer"),
    (
        Fault.NETWORK,
        r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|[Nn]ame or service not known|"
        r"getaddrinfo failed|nodename nor servname|Temporary failure in name resolution|dns error|"
        r"Network is unreachable|Connection (refused|reset|aborted)|RemoteDisconnected|error sending request|"
        r"ConnectionError|timed out",
    ),
    (Fault.LOGIN, r"\b401\b.*(Error|Unauthorized)|\b403\b.*(Error|Forbidden)|User for .*:"),
    (Fault.CHECKSUM, r"DO NOT MATCH THE HASHES|Hash mismatch"),
    (
        Fault.NO_BUILD,
        r"No matching distribution found for .*|requires a different Python|No solution found.*|"
        r"has no wheels with a matching.*|not a supported wheel on this platform",
    ),
    (
        Fault.FORBIDDEN,
        r"Permission denied|Access is denied|WinError (5|32)\b|Read-only file system|Errno 13\b",
    ),
)


def sentence(fault: Fault, detail: str, stage: str = "", log: str = "") -> EngineError:
    """Say what is wrong and what to do.

    Parameters
    ----------
    fault : Fault
        The kind of fault.
    detail : str
        Which file or place it is about, or what was said.
    stage : str
        What was being done, where the fault is of no known kind.
    log : str
        The log file, where the fault is of no known kind.
    """
    message, hint = _SENTENCES[fault]
    words = {"detail": detail.strip().rstrip(".:"), "stage": stage, "log": log}
    return EngineError(message.format(**words), hint.format(**words))


def explain(stage: str, said: Sequence[str], exit_code: int, log: str) -> EngineError:
    """Make a sentence of how a program has failed.

    Parameters
    ----------
    stage : str
        What it was to do, as the beginning of a sentence.
    said : sequence of str
        Its last lines, newest last.
    exit_code : int
        How it ended; not 0.
    log : str
        The file that holds all that it said.
    """
    for fault, pattern in _PATTERNS:
        for line in reversed(said):
            if re.search(pattern, line):
                if fault not in _ELSEWHERE:
                    return sentence(fault, _shorten(line))
                host, reason = _host(said), _reason(line)
                return sentence(fault, f"{host} ({reason})" if host else reason)
    if exit_code == KILLED:
        return EngineError(
            f"{stage} was killed by the system.", "Most often the memory ran out: close other programs."
        )
    spoken = [line for line in said if line.strip()]
    return sentence(
        Fault.OTHER, _shorten(spoken[-1]) if spoken else f"exit code {exit_code}", stage=stage, log=log
    )


def _host(said: Sequence[str]) -> str:
    """Find whom a program could not reach; empty where it does not say."""
    for line in reversed(said):
        if found := re.search(r"https?://(?:[^/\s@]*@)?([\w.-]+)|host='([\w.-]+)'", line):
            return found[1] or found[2]
    return ""


def _reason(line: str) -> str:
    """Find what the system has said in what pip and uv have wrapped around it."""
    found = re.search(
        r"\[Errno -?\d+\] ([^'\")>(]+)|(certificate verify failed: [^'\"(]+)|"
        r"(Tunnel connection failed: [^'\")]+)",
        line,
    )
    return next(filter(None, found.groups())).strip() if found else _shorten(line)


def _shorten(line: str) -> str:
    """Leave out what pip and uv put before what they say, and all but the first of many words."""
    text = re.sub(r"^\s*(ERROR|WARNING|error|cause|[×╰─▶ ]+)\s*[:>]?\s*", "", line).strip()
    return text if len(text) <= 200 else text[:199] + "…"
