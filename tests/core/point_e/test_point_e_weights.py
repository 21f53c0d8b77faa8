# SPDX-License-Identifier: Apache-2.0
"""Weights are fetched, checked and kept; the person agrees first."""

import hashlib
import io
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request

import pytest
import torch
from small_networks import Shown, randomised

from uner3d_core import cli
from uner3d_core.errors import InputError, OutputError, WeightsError
from uner3d_core.point_e import fetching, weights
from uner3d_core.point_e.fetching import fetch
from uner3d_core.point_e.hashes import HASHES
from uner3d_core.point_e.weights import CLIP, NETWORKS, NOTICE, VOCABULARY, State, Weights
from uner3d_core.protocol import FetchWeights, read_job, write_job
from uner3d_core.run import run
from uner3d_core.settings import Settings


class Site:
    """Addresses and what is found there, without a network."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.asked: list[str] = []

    def open(self, request: Request) -> Any:
        self.asked.append(request.full_url)
        if request.full_url not in self.content:
            raise URLError("Name or service not known")
        answer = io.BytesIO(self.content[request.full_url])
        answer.status = 200  # type: ignore[attr-defined]
        answer.headers = {"Content-Length": str(len(answer.getvalue()))}  # type: ignore[attr-defined]
        return answer


@pytest.fixture
def site(small: None, monkeypatch: pytest.MonkeyPatch) -> Site:
    site = Site()
    for name, file in NETWORKS.items():
        content = io.BytesIO()
        torch.save(randomised(fetching.make_network(name)).state_dict(), content)
        site.content[file.address] = content.getvalue()
    for name, file in (("CLIP", CLIP), ("VOCABULARY", VOCABULARY)):
        content_of_file = f"{name} itself".encode()
        site.content[file.address] = content_of_file
        known = weights.File(file.name, file.address, hashlib.sha256(content_of_file).hexdigest())
        for module in (weights, fetching):
            monkeypatch.setattr(module, name, known)
    return site


def test_fetched_once_and_kept(site: Site, tmp_path: Path, shown: Shown) -> None:
    there = Weights(str(tmp_path / "new" / "folder"))
    assert not there.has("base40M")
    files = fetch(["base40M", "base300M"], there, shown, site.open)
    names = {"base_40m", "base_300m", "upsample_40m", "sdf", "clip_vit_l14"}
    expected = {f"{name}.safetensors" for name in names} | {VOCABULARY.name}
    assert {file.name for file in files} == expected
    assert {path.name for path in there.folder.iterdir()} == expected | {HASHES}
    assert there.has("base40M")
    assert not there.has("base1B")
    assert ("base_40m.pt, MiB", 0, 0) in shown.stages
    asked = len(site.asked)
    assert fetch(["base40M"], there, shown, site.open)
    assert len(site.asked) == asked


def test_every_address_is_https() -> None:
    assert all(file.address.startswith("https://") for file in (CLIP, VOCABULARY, *NETWORKS.values()))


def test_another_file_than_the_pinned_is_thrown_away(site: Site, tmp_path: Path, shown: Shown) -> None:
    site.content[CLIP.address] = b"something else"
    with pytest.raises(WeightsError, match="is not the published file"):
        fetch(["base40M"], Weights(str(tmp_path)), shown, site.open)
    assert list(tmp_path.iterdir()) == []


def test_another_file_than_the_first_is_refused(site: Site, tmp_path: Path, shown: Shown) -> None:
    fetch(["base40M"], Weights(str(tmp_path)), shown, site.open)
    (tmp_path / "base_40m.safetensors").unlink()
    other = io.BytesIO()
    torch.save(randomised(fetching.make_network("base40M"), 1).state_dict(), other)
    site.content[NETWORKS["base40M"].address] = other.getvalue()
    with pytest.raises(WeightsError, match="is not the file that was loaded first"):
        fetch(["base40M"], Weights(str(tmp_path)), shown, site.open)


def test_a_damaged_file_is_fetched_anew(site: Site, tmp_path: Path, shown: Shown) -> None:
    file = NETWORKS["base40M"]
    (tmp_path / file.name).write_bytes(site.content[file.address][:1000])
    there = Weights(str(tmp_path))
    fetch(["base40M"], there, shown, site.open)
    assert there.state("base40M") is State.THERE
    assert any("cut short" in text for text in shown.texts)


def test_what_came_damaged_does_not_stay(site: Site, tmp_path: Path, shown: Shown) -> None:
    file = NETWORKS["base40M"]
    good = site.content[file.address]
    site.content[file.address] = good[:1000]
    with pytest.raises(WeightsError, match="cut short"):
        fetch(["base40M"], Weights(str(tmp_path)), shown, site.open)
    assert not (tmp_path / file.name).exists()
    site.content[file.address] = good
    assert fetch(["base40M"], Weights(str(tmp_path)), shown, site.open)


def test_no_network(site: Site, tmp_path: Path, shown: Shown) -> None:
    site.content.clear()
    with pytest.raises(WeightsError, match="can't be fetched: Name or service not known"):
        fetch(["base40M"], Weights(str(tmp_path)), shown, site.open)


def test_an_unknown_network(tmp_path: Path, shown: Shown) -> None:
    with pytest.raises(InputError, match="“base9000” is no network of Point-E"):
        fetch(["base9000"], Weights(str(tmp_path)), shown)


def test_a_folder_that_can_not_be_made(tmp_path: Path, shown: Shown) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="can't be made"):
        fetch(["base40M"], Weights(str(tmp_path / "file" / "folder")), shown)


def test_the_folder_is_that_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNER3D_WEIGHTS", str(tmp_path))
    assert Weights().folder == tmp_path
    assert Weights("other").folder == Path("other")
    monkeypatch.delenv("UNER3D_WEIGHTS")
    assert Weights().folder.parts[-2:] == ("uner3d", "point-e")


@pytest.mark.parametrize(
    ("words", "answer", "agreed"),
    [([], "yes\n", True), ([], "no\n", False), ([], "", False), (["--accept"], "", True)],
)
def test_the_notice_comes_first(
    words: list[str],
    answer: str,
    agreed: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[list[str]] = []

    def fetched(bases: list[str], there: Weights, *_: object) -> list[Path]:
        asked.append(bases)
        return [there.folder / "a"]

    monkeypatch.setattr(fetching, "fetch", fetched)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    code = cli.main(["weights", "get", "point-e", "--weights", str(tmp_path), *words])
    output, complaint = capsys.readouterr()
    assert NOTICE in complaint
    assert (code, asked) == ((0, [["base40M"]]) if agreed else (1, []))
    assert output == (f"{tmp_path / 'a'}\n" if agreed else "")


def test_the_notice_tells_licence_and_caution() -> None:
    assert all(word in NOTICE for word in ("MIT", "OpenAI", "commercial", "CLIP"))


def test_how_the_weights_stand(site: Site, tmp_path: Path, shown: Shown) -> None:
    there = Weights(str(tmp_path / "weights"))
    assert there.state("base40M") is State.MISSING
    there.folder.mkdir()
    (there.folder / f"{CLIP.name}.part").write_bytes(b"a")
    assert there.state("base40M") is State.PARTLY
    assert len(there.lacking("base40M")) == 5
    fetch(["base40M"], there, shown, site.open)
    assert there.state("base40M") is State.THERE
    assert there.changed("base40M") == []
    assert there.lacking("base300M") == [NETWORKS["base300M"]]
    assert there.state("base300M") is State.PARTLY
    with (there.folder / "sdf.safetensors").open("ab") as file:
        file.write(b"!")
    assert there.changed("base40M") == [there.folder / "sdf.safetensors"]
    fetch(["base40M"], there, shown, site.open)
    assert there.changed("base40M") == []


def test_a_job_fetches_what_is_missing(site: Site, tmp_path: Path, shown: Shown, monkeypatch: Any) -> None:
    monkeypatch.setattr(fetching.fetch, "__defaults__", (site.open,))
    task = FetchWeights(Settings(method="point-e", network="base300M", weights=str(tmp_path / "w")))
    write_job(tmp_path, task)
    assert read_job(tmp_path) == task
    result = run(task, shown)
    assert "base_300m.safetensors" in result.files
    assert all(Path(file).is_file() for file in result.files.values())
