# SPDX-License-Identifier: Apache-2.0
"""One file from an address: over https alone, resumed where it broke off, whole or not there."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from uner3d_core.errors import OutputError, WeightsError
from uner3d_core.progress import Progress

ATTEMPTS = 5
"""Times that a broken connection is made anew while it still brings something."""
PATIENCE = 30.0
"""Seconds without a byte after which a connection counts as broken."""
_CHUNK = 1 << 20
_MEBIBYTE = 1 << 20


class Response(Protocol):
    """What is used of an answer."""

    status: int
    headers: http.client.HTTPMessage

    def read(self, size: int, /) -> bytes:
        """Read so many bytes, or what is left."""


Open = Callable[[Request], AbstractContextManager[Response]]


class _OnlyHttps(HTTPRedirectHandler):
    def redirect_request(  # noqa: PLR0917 -- the library's
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        if not newurl.startswith("https://"):
            raise URLError(f"it is sent on to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def open_https(request: Request) -> AbstractContextManager[Response]:
    """Open an address over https, and follow redirects to https alone.

    Raises
    ------
    URLError
        If it is no https address, or can't be reached.
    """
    if not request.full_url.startswith("https://"):
        raise URLError(f"{request.full_url} is not https")
    opened: AbstractContextManager[Response] = build_opener(_OnlyHttps).open(request, timeout=PATIENCE)
    return opened


def download(address: str, path: Path, progress: Progress, open_address: Open = open_https) -> None:
    """Fetch a file.

    What has come lies in a ``.part`` file beside it, from which a later call goes on.

    Parameters
    ----------
    address : str
        Of https.
    path : Path
        Where the file is put, once it has the size that the server told.
    progress : Progress
        Is told the MiB, and may raise ``Cancelled``.
    open_address : callable
        Opens a request.

    Raises
    ------
    WeightsError
        If the address can't be reached or does not give all.
    OutputError
        If the disk is full or the folder can't be written to.
    """
    part = path.with_name(path.name + ".part")
    fruitless = 0
    while True:
        before = _size(part)
        try:
            if _receive(address, path.name, part, progress, open_address):
                part.replace(path)
                return
            problem = "the connection ended too early"
        except HTTPError as error:
            if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or not before:
                raise _unfetched(path, f"the server says {error.code} {error.reason}") from error
            part.unlink()  # it is as long as the file, or longer: something else
            continue
        except (URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            problem = str(getattr(error, "reason", error)) or type(error).__name__
        except OSError as error:
            raise OutputError(
                f"“{path}” can't be written: {error.strerror or error}.",
                "Free some space or choose another folder.",
            ) from error
        fruitless = 0 if _size(part) > before else fruitless + 1
        if fruitless >= ATTEMPTS:
            raise _unfetched(path, problem)


def _receive(address: str, name: str, part: Path, progress: Progress, open_address: Open) -> bool:
    """Add what comes to the part, and tell whether it is whole."""
    have = _size(part)
    request = Request(address, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310 -- https, see open_https
    with open_address(request) as response:
        if have and response.status != http.client.PARTIAL_CONTENT:
            have = 0  # all of it comes anew
        length = response.headers.get("Content-Length")
        total = None if length is None else have + int(length)
        if total is not None and total - have > shutil.disk_usage(part.parent).free:
            raise OutputError(
                f"“{name}” has {total / _MEBIBYTE:,.0f} MiB, for which the disk has no room.",
                "Free some space or choose another folder.",
            )
        with part.open("ab" if have else "wb") as file:
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                progress.stage(f"{name}, MiB", have // _MEBIBYTE, (total or have) // _MEBIBYTE)
    return total is None or have == total


def _unfetched(path: Path, problem: str) -> WeightsError:
    return WeightsError(
        f"“{path.name}” can't be fetched: {problem}.",
        "Check the connection and start again: it goes on where it was.",
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
