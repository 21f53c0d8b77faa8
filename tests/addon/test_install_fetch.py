# SPDX-License-Identifier: Apache-2.0
"""Downloading: what is gone on with, what is refused, and what each fault is called."""

import base64
import errno
import hashlib
import http.server
import io
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blender_addon.engine import fetch
from blender_addon.engine.fetch import FetchError, File

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A server of CONTENT that misbehaves as a test wants."""

    ranges = True
    cut_after: int | None = None  # bytes of an answer after which the connection is lost
    cuts = 0  # how often that happens
    statuses: list[int]  # what the next answers are
    contents: list[bytes]  # what the next answers hold instead
    asked: list[str]  # the Range of each request
    login = ""  # what has to be said before anything is sent

    def url(self, name: str = "a.whl") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range", "")
        server.asked.append(wanted)
        if server.login and self.headers.get("Authorization") != server.login:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="mirror"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if server.statuses:
            self.send_response(server.statuses.pop(0))
            self.send_header("Location", "http://example.invalid/a.whl")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = server.contents.pop(0) if server.contents else CONTENT
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and server.ranges else 0
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        rest = content[start:]
        if server.cut_after is not None and server.cuts > 0:
            server.cuts -= 1
            rest = rest[: server.cut_after]
        self.wfile.write(rest)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.statuses, server.contents, server.asked = [], [], []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy_and_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(fetch.time, "sleep", lambda seconds: None)


def get(file: File, folder: Path) -> list[int]:
    """Fetch a file; tell what was said of the progress."""
    told: list[int] = []
    fetch.fetch(file, folder, fetch.make_opener(), told.append)
    assert (folder / file.name).read_bytes() == CONTENT
    assert not (folder / f"{file.name}.part").exists()
    return told


def fault_of(action: Callable[[], object]) -> FetchError:
    with pytest.raises(FetchError) as caught:
        action()
    return caught.value


def test_downloads_with_true_progress(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    files = [File("a.whl", server.url(), SHA256), File("b.whl", server.url("b"), SHA256, len(CONTENT))]
    fetch.fetch_all(files, tmp_path, fetch.make_opener(), lambda *now: told.append(now))
    assert {total for _, total in told} == {2 * len(CONTENT)}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == 2 * len(CONTENT)
    assert len(set(told)) > 4


def test_a_folder_is_a_source(tmp_path: Path) -> None:
    source = tmp_path / "é source" / "a.whl"
    source.parent.mkdir()
    source.write_bytes(CONTENT)
    get(File("a.whl", source.as_uri(), SHA256), tmp_path)
    source.unlink()
    fault = fault_of(lambda: get(File("b.whl", source.as_uri(), SHA256), tmp_path))
    assert fault.fault == "gone"


def test_goes_on_where_it_was_cut(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.whl.part").write_bytes(CONTENT[:700_000])
    told = get(File("a.whl", server.url(), SHA256), tmp_path)
    assert server.asked == ["bytes=700000-"]
    assert told[0] > 700_000


def test_a_server_without_ranges_is_asked_for_everything(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "a.whl.part").write_bytes(b"x" * 1000)
    get(File("a.whl", server.url(), SHA256), tmp_path)


def test_lost_connections_are_made_again(server: Server, tmp_path: Path) -> None:
    server.cut_after, server.cuts = 100_000, 10
    get(File("a.whl", server.url(), SHA256), tmp_path)
    assert server.asked == ["", *(f"bytes={100_000 * count}-" for count in range(1, 11))]


def test_a_network_that_stays_away_keeps_what_came(server: Server, tmp_path: Path) -> None:
    server.cut_after, server.cuts = 10, 1
    file = File("a.whl", server.url(), SHA256)
    opened = fetch.make_opener()
    count = 0
    real_open = opened.open

    def open_once(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count > 1:
            raise urllib.error.URLError(OSError(errno.ENETUNREACH, "Network is unreachable"))
        return real_open(*arguments, **options)

    opened.open = open_once  # type: ignore[method-assign]
    fault = fault_of(lambda: fetch.fetch(file, tmp_path, opened, lambda done: None))
    assert fault.fault == "network"
    assert "127.0.0.1" in fault.detail
    assert (tmp_path / "a.whl.part").read_bytes() == CONTENT[:10]
    assert count == 1 + fetch.ATTEMPTS


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.statuses = [503, 429]
    get(File("a.whl", server.url(), SHA256), tmp_path)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "gone"), (401, "login"), (403, "login"), (407, "proxy"), (400, "other")]
)
def test_refusals_have_their_kinds(server: Server, tmp_path: Path, status: int, kind: str) -> None:
    server.statuses = [status]
    fault = fault_of(lambda: get(File("a.whl", server.url(), SHA256), tmp_path))
    assert fault.fault == kind
    assert str(status) in fault.detail


def test_a_mirror_that_asks_for_a_password_is_told_it(server: Server, tmp_path: Path) -> None:
    server.login = "Basic " + base64.b64encode(b"me:s:cret").decode()
    file = File("a.whl", server.url(), SHA256)
    host = f"127.0.0.1:{server.server_address[1]}"

    def fetch_with(logins: dict[str, tuple[str, str]]) -> None:
        fetch.fetch(file, tmp_path, fetch.make_opener("", logins), lambda done: None)

    assert fault_of(lambda: fetch_with({})).fault == "login"
    assert fault_of(lambda: fetch_with({"elsewhere.invalid": ("me", "s:cret")})).fault == "login"
    assert fault_of(lambda: fetch_with({host: ("me", "wrong")})).fault == "login"
    fetch_with({host: ("me", "s:cret")})
    assert (tmp_path / "a.whl").read_bytes() == CONTENT


def test_a_file_that_arrives_damaged_is_fetched_once_more(server: Server, tmp_path: Path) -> None:
    server.contents = [b"damaged"]
    get(File("a.whl", server.url(), SHA256), tmp_path)


def test_a_file_that_arrives_damaged_twice_is_refused(server: Server, tmp_path: Path) -> None:
    server.contents = [b"damaged", b"forged"]
    fault = fault_of(lambda: get(File("a.whl", server.url(), SHA256), tmp_path))
    assert (fault.fault, fault.detail) == ("checksum", "“a.whl”")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept", [b"x" * 100, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 1)])
def test_a_damaged_part_is_not_gone_on_with(server: Server, tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "a.whl.part").write_bytes(kept)
    get(File("a.whl", server.url(), SHA256, len(CONTENT)), tmp_path)


def test_what_is_there_is_not_fetched_again_but_looked_at(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(CONTENT)
    get(File("a.whl", server.url(), SHA256), tmp_path)
    assert server.asked == []
    (tmp_path / "a.whl").write_bytes(b"damaged since")
    get(File("a.whl", server.url(), SHA256), tmp_path)
    assert server.asked == [""]


def test_http_is_refused(server: Server, tmp_path: Path) -> None:
    file = File("a.whl", "http://example.invalid/a.whl", SHA256)
    assert fault_of(lambda: get(file, tmp_path)).fault == "insecure"
    assert fault_of(lambda: fetch.ask_size(file, fetch.make_opener())).fault == "insecure"
    server.statuses = [302]  # to http
    assert fault_of(lambda: get(File("a.whl", server.url(), SHA256), tmp_path)).fault == "insecure"


def test_a_disk_without_room_is_told_of_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 3 << 20

    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda folder: Usage)
    files = [File("a.whl", server.url(), SHA256)]
    fault = fault_of(lambda: fetch.fetch_all(files, tmp_path, fetch.make_opener(), lambda *now: None))
    assert fault.fault == "disk full"
    assert server.asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_disk_that_becomes_full(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.whl.part").symlink_to("/dev/full")
    fault = fault_of(lambda: get(File("a.whl", server.url(), SHA256), tmp_path))
    assert fault.fault == "disk full"


def test_a_proxy_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    fault = fault_of(lambda: get(File("a.whl", "https://example.invalid/a.whl", SHA256), tmp_path))
    assert fault.fault == "proxy"


def run_program(job: dict[str, Any], **options: Any) -> subprocess.Popen[bytes]:
    program = subprocess.Popen(
        [sys.executable, "-I", fetch.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options
    )
    assert program.stdin is not None
    program.stdin.write(json.dumps({"certificates": "", "logins": {}, **job}).encode() + b"\n")
    program.stdin.flush()
    return program


def test_the_program_speaks_json(server: Server, tmp_path: Path) -> None:
    files = [{"name": "a.whl", "url": server.url(), "sha256": SHA256}]
    with run_program({"folder": str(tmp_path), "files": files}) as program:
        assert isinstance(program.stdout, io.BufferedReader)
        said = [json.loads(line) for line in program.stdout]
    assert said[-1] == {"done": len(CONTENT), "total": len(CONTENT)}
    assert program.returncode == 0
    files[0]["sha256"] = "0" * 64
    with run_program({"folder": str(tmp_path), "files": files}) as program:
        assert isinstance(program.stdout, io.BufferedReader)
        said = [json.loads(line) for line in program.stdout]
    assert said[-1]["error"] == "checksum"
    assert program.returncode == 1


def test_the_program_ends_with_whoever_started_it(tmp_path: Path) -> None:
    class Silent(Handler):
        def do_GET(self) -> None:
            release.wait(30)

    release = threading.Event()
    with Server(("127.0.0.1", 0), Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        files = [{"name": "a.whl", "url": server.url(), "sha256": SHA256}]
        program = run_program({"folder": str(tmp_path), "files": files})
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.close()
        assert program.wait(20) == 1
        program.stdout.close()
        release.set()
        server.shutdown()
        thread.join()
