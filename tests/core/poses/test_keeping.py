# SPDX-License-Identifier: Apache-2.0
"""What a kept estimate is known by."""

from pathlib import Path

from uner3d_core.poses.keeping import key_of


def test_an_estimate_is_known_by_all_that_it_was_made_from(tmp_path: Path) -> None:
    picture, other, mask = (tmp_path / name for name in ("a.png", "b.png", "m.png"))
    for file in (picture, other, mask):
        file.write_bytes(file.name.encode())
    keys = [
        key_of([(picture, None)], 0),
        key_of([(other, None)], 0),
        key_of([(picture, mask)], 0),
        key_of([(picture, mask)], 0, named=True),
        key_of([(picture, None)], 0, "a network's hash"),
        key_of([(picture, None)], 1),
    ]
    assert len(set(keys)) == len(keys)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy = picture.rename(elsewhere / picture.name)
    assert key_of([(copy, None)], 0) == keys[0]
