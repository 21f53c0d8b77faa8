# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloading files whose checksums are known: functions, and a program that consists of them.

The installation runs it in the engine's Python, since a program can be ended at any moment, and Blender stays
as quick as it was. It reads one line of JSON from standard input, with ``folder``, ``files``,
``certificates`` and ``logins``, and writes lines of JSON: ``done`` and ``total`` in bytes, or ``error`` and
``detail`` where something goes wrong. It uses the standard library alone and imports nothing of the add-on.
The end of standard input ends it.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import importlib.util
import json
import os
import shutil
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = 1 << 18  # bytes read at a time
STALLED = 30.0  # seconds without a byte after which a connection counts as lost
ATTEMPTS = 6  # in a row that bring nothing; the others go on where the last was cut
LOCAL = ("localhost", "127.0.0.1", "::1")
"""Hosts that need no encryption, as nobody else is on the way to them."""

UNPACKED = 4.0
"""How many times its size a wheel takes when it is unpacked, at most, for torch and what it needs."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_STATUS = {401: "login", 403: "login", 404: "gone", 407: "proxy", 410: "gone"}


@dataclass(frozen=True)
class File:
    """A file to be fetched.

    Parameters
    ----------
    name : str
        Its name in the folder.
    url : str
        Where it is: https, or file.
    sha256 : str
        Checksum of its content, in hexadecimal.
    size : int, optional
        Bytes; None where the index does not tell.
    """

    name: str
    url: str
    sha256: str
    size: int | None = None


class FetchError(Exception):
    """A file can't be had.

    Parameters
    ----------
    fault : str
        The kind, a value of ``complaints.Fault``.
    detail : str
        Which file, and why.
    """

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects to safe places only."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:  # noqa: PLR0917 -- as urllib calls it
        """Refuse a redirect that gives up encryption."""
        try:
            _require_safe(newurl, allow_file=False)
        except FetchError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Logins(urllib.request.HTTPBasicAuthHandler):
    """Tell a name and a password to the hosts that they are for."""

    def http_error_401(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """Ask once more with them; the first answer is done with then."""
        try:
            answer = super().http_error_401(req, fp, code, msg, headers)
        except OSError:
            fp.close()
            raise
        if answer is not None:
            fp.close()
        return answer


def make_opener(
    certificates: str = "", logins: Mapping[str, Sequence[str]] | None = None
) -> urllib.request.OpenerDirector:
    """Make what opens addresses: with the proxies of the environment or system, and trusted certificates.

    Parameters
    ----------
    certificates : str
        A file of certificates to trust beside the system's; empty for none.
    logins : mapping of str to (str, str), optional
        Name and password for hosts that ask for them; nobody else is told.
    """
    context = ssl.create_default_context()
    bundled = importlib.util.find_spec("pip._vendor.certifi")
    if bundled is not None and bundled.origin is not None:  # Blender's Python may not find the system's
        bundle = Path(bundled.origin).with_name("cacert.pem")
        if bundle.is_file():
            context.load_verify_locations(bundle)
    if certificates:
        context.load_verify_locations(certificates)
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    for host, (name, password) in (logins or {}).items():
        passwords.add_password(None, host, name, password)
    secure = urllib.request.HTTPSHandler(context=context)
    return urllib.request.build_opener(secure, _Redirects, _Logins(passwords))


def fetch_all(
    files: Sequence[File],
    folder: Path,
    opener: urllib.request.OpenerDirector,
    tell: Callable[[int, int], None],
) -> None:
    """Fetch what is not in the folder yet.

    Parameters
    ----------
    files : sequence of File
        What is wanted.
    folder : Path
        Where it goes. A partial file is kept under another name, and gone on with the next time.
    opener : OpenerDirector
        What opens addresses.
    tell : callable
        Called with the bytes that are there, and those of all files.

    Raises
    ------
    FetchError
        If the network fails, the disk has no room for the files and what they unpack to, or a file's
        checksum is wrong.
    """
    sizes = [_size_of(file, folder, opener) for file in files]
    total = sum(sizes)
    kept = [min(_kept_bytes(folder / file.name), size) for file, size in zip(files, sizes, strict=True)]
    require_room(folder, total - sum(kept) + int(UNPACKED * total))
    before = 0
    for file, size in zip(files, sizes, strict=True):
        fetch(file, folder, opener, lambda done, before=before: tell(before + done, total))  # type: ignore[misc]
        before += size
    tell(total, total)


def fetch(
    file: File, folder: Path, opener: urllib.request.OpenerDirector, tell: Callable[[int], None]
) -> None:
    """Fetch one file, or go on with it, and compare its checksum.

    Raises
    ------
    FetchError
        As :func:`fetch_all`.
    """
    whole = folder / file.name
    partial = folder / f"{file.name}.part"
    if whole.is_file():
        if _digest(whole).hexdigest() == file.sha256:
            tell(whole.stat().st_size)
            return
        whole.unlink()
    for is_last in (False, True):
        digest = _fetch_partial(file, partial, opener, tell)
        if digest == file.sha256:
            partial.replace(whole)
            return
        partial.unlink()
        if is_last:
            raise FetchError("checksum", f"“{file.name}”")


def ask_size(file: File, opener: urllib.request.OpenerDirector) -> int:
    """Ask how large a file is, without fetching it.

    Raises
    ------
    FetchError
        If that can't be asked.
    """
    _require_safe(file.url, allow_file=True)
    request = urllib.request.Request(file.url, method="HEAD")  # noqa: S310 (safe, as was just seen)
    try:
        with opener.open(request, timeout=STALLED) as response:
            return int(response.headers.get("Content-Length") or 0)
    except (OSError, http.client.HTTPException) as error:
        raise _why(error, file) from error


def require_room(folder: Path, needed: int) -> None:
    """Make sure that a disk has room.

    Parameters
    ----------
    folder : Path
        A folder on that disk.
    needed : int
        Bytes.

    Raises
    ------
    FetchError
        If there is less.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise FetchError(
            "disk full", f"“{folder}” has {free / 1e9:.1f} GB free, and {needed / 1e9:.1f} GB are needed"
        )


def _fetch_partial(
    file: File, partial: Path, opener: urllib.request.OpenerDirector, tell: Callable[[int], None]
) -> str:
    """Fetch the rest of a file, in as many attempts as it takes; tell the checksum of the whole."""
    _require_safe(file.url, allow_file=True)
    in_vain = 0
    while True:
        before = _size(partial)
        try:
            return _attempt(file, partial, opener, tell)
        except (OSError, http.client.HTTPException) as error:
            # What may pass by itself is tried again: a lost connection, a server that is too busy.
            why = _why(error, file)
            in_vain = 0 if _size(partial) > before else in_vain + 1
            if why.fault != "network" or in_vain == ATTEMPTS:
                raise why from error
            time.sleep(min(0.5 * 2**in_vain, 8.0))


def _attempt(
    file: File, partial: Path, opener: urllib.request.OpenerDirector, tell: Callable[[int], None]
) -> str:
    digest = _digest(partial) if partial.is_file() else hashlib.sha256()
    done = _size(partial)
    if file.size is not None and done == file.size:
        return digest.hexdigest()
    # Compressed on the way, what comes would not be the file's bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    request = urllib.request.Request(file.url, headers=headers)  # noqa: S310 (_fetch_partial has looked)
    try:
        response = opener.open(request, timeout=STALLED)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and done:
            error.close()
            return digest.hexdigest()  # nothing is left to come: the file is whole, or wrong
        raise
    with response:
        goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {done}-")
        if done and not goes_on:  # a server, or a file system, that only begins at the beginning
            digest, done = hashlib.sha256(), 0
        expected = response.headers.get("Content-Length")
        end = done + int(expected) if expected else None
        with partial.open("ab" if done else "wb") as out:
            while block := response.read(BLOCK):
                out.write(block)
                digest.update(block)
                done += len(block)
                tell(done)
    if end is not None and done < end:
        raise http.client.IncompleteRead(b"", end - done)
    return digest.hexdigest()


def _require_safe(url: str, *, allow_file: bool) -> None:
    parts = urllib.parse.urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in LOCAL
    if not (parts.scheme == "https" or local or (allow_file and parts.scheme == "file")):
        raise FetchError("insecure", f"“{parts.scheme}://{parts.hostname or ''}{parts.path}”")


def _why(error: Exception, file: File) -> FetchError:
    """Find the kind of a fault of the network, or of the disk."""
    parts = urllib.parse.urlsplit(file.url)
    where = parts.hostname or urllib.request.url2pathname(parts.path)
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        passing = error.code >= 500 or error.code in (408, 429)
        kind = _STATUS.get(error.code, "network" if passing else "other")
        return FetchError(kind, f"“{file.name}” from {where} ({error.code} {error.reason})")
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    has_proxy = parts.scheme in urllib.request.getproxies()
    if isinstance(reason, OSError) and reason.errno in _FULL:
        kind = "disk full"
    elif isinstance(reason, ssl.SSLCertVerificationError):
        kind = "certificate"
    elif "Tunnel connection failed" in str(reason) or (
        has_proxy and isinstance(reason, ConnectionRefusedError)
    ):
        kind = "proxy"
    elif isinstance(reason, FileNotFoundError):
        kind = "gone"
    elif isinstance(reason, PermissionError):
        kind = "forbidden"
    else:
        kind = "network"
    return FetchError(kind, f"“{file.name}” from {where} ({reason})")


def _digest(path: Path) -> hashlib._Hash:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _size_of(file: File, folder: Path, opener: urllib.request.OpenerDirector) -> int:
    if file.size is not None:
        return file.size
    return _size(folder / file.name) or ask_size(file, opener)  # what is there needs no network


def _kept_bytes(whole: Path) -> int:
    return _size(whole) or _size(whole.with_name(f"{whole.name}.part"))


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(1)


def main() -> int:
    """Do what the line on standard input says."""
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done >= total or time.monotonic() - told > 0.1:
            told = time.monotonic()
            print(json.dumps({"done": done, "total": total}), flush=True)

    try:
        files = [File(**file) for file in job["files"]]
        fetch_all(files, Path(job["folder"]), make_opener(job["certificates"], job["logins"]), tell)
    except FetchError as error:
        print(json.dumps({"error": error.fault, "detail": error.detail}), flush=True)
        return 1
    except OSError as error:
        kind = "disk full" if error.errno in _FULL else "forbidden"
        print(json.dumps({"error": kind, "detail": str(error)}), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
