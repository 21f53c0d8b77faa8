# SPDX-License-Identifier: Apache-2.0
"""Which pictures are compared, and what they have in common.

Up to :data:`EXHAUSTIVE` pictures every pair is compared. Of more, each is compared with those that look most
like it, by a vocabulary tree (Nistér and Stewénius 2006) that is grown from the pictures themselves, and with
its neighbours in the order of their names, where that order is one of frames.

Runs in the solver's process; see :mod:`uner3d_core.poses.solver`.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pycolmap

if TYPE_CHECKING:
    from pathlib import Path

    from uner3d_core.poses.request import Request

EXHAUSTIVE = 100
"""Pictures of which all pairs are compared: as many more take four times as long."""
NEIGHBOURS = 10
"""Pictures before and after one in an order, and as many at growing distances, that it is compared with."""
LOOKALIKES_IN_ORDER, LOOKALIKES = 12, 40
"""Similar pictures that each is compared with, where the names tell an order and where they don't."""
WORDS = 4096
"""Leaves of the vocabulary."""
SAMPLES = 200_000
"""Features, of all pictures together, that it is grown from."""
EMBEDDING = 64
"""Bits by which the tree tells features of one leaf apart."""
PAIRS_AT_ONCE = 64
"""COLMAP reads and writes them together."""


def choose_pairs(database: Path, folder: Path, request: Request) -> list[tuple[int, int]]:
    """Choose the pairs of pictures, as places in the request's list, the first less than the second."""
    count = len(request.pictures)
    if count <= EXHAUSTIVE:
        return list(combinations(range(count), 2))
    pairs = similar_pairs(database, folder, request, LOOKALIKES_IN_ORDER if request.ordered else LOOKALIKES)
    if request.ordered:
        steps = {*range(1, NEIGHBOURS + 1), *(2**power for power in range(NEIGHBOURS))}
        pairs |= {(place, place + step) for place in range(count) for step in steps if place + step < count}
    return sorted(pairs)


def similar_pairs(database: Path, folder: Path, request: Request, most: int) -> set[tuple[int, int]]:
    """Pair each picture with the ``most`` that look most like it."""
    places = {name: place for place, name in enumerate(request.pictures)}
    generator = np.random.default_rng(request.seed)
    with pycolmap.Database.open(database) as content:
        images = {image.image_id: places[image.name] for image in content.read_all_images()}
        share = SAMPLES // len(images)
        samples = []
        for number in images:
            found = content.read_descriptors(number).data
            samples.append(found[generator.permutation(len(found))[:share]])
        descriptors = np.concatenate(samples)
        words = min(WORDS, len(descriptors) // 8)
        if words < 2:
            return set()
        index = pycolmap.VisualIndex.create(descriptors.shape[1], EMBEDDING)
        index.build(
            pycolmap.VisualIndex.BuildOptions(num_visual_words=words, num_iterations=10),
            pycolmap.FeatureDescriptorsFloat(
                type=pycolmap.FeatureExtractorType.SIFT, data=descriptors.astype(np.float32)
            ),
        )
        tree = folder / "vocabulary.bin"
        index.write(tree)
        options = pycolmap.VocabTreePairingOptions(vocab_tree_path=tree, num_images=most)
        chosen = pycolmap.VocabTreePairGenerator(options, content).all_pairs()
    return {
        (min(images[a], images[b]), max(images[a], images[b])) for a, b in chosen if images[a] != images[b]
    }


def match_pairs(
    database: Path, folder: Path, request: Request, pairs: list[tuple[int, int]], *, guided: bool
) -> dict[tuple[int, int], int]:
    """Match the features of pairs of pictures and verify that one movement of the camera explains them.

    Parameters
    ----------
    database : Path
        COLMAP's database, with features.
    folder : Path
        Where a list is written.
    request : Request
        Names the pictures.
    pairs : list of pairs of int
        Places in the request's list.
    guided : bool
        Whether to match once more along what the verified movement allows, which finds more in pictures that
        have little, and takes longer.

    Returns
    -------
    dict
        For each pair with anything in common, how many matches were verified.
    """
    listing = folder / "pairs.txt"
    names = request.pictures
    listing.write_text("".join(f"{names[a]} {names[b]}\n" for a, b in pairs), encoding="utf-8")
    verification = pycolmap.TwoViewGeometryOptions()
    verification.ransac.random_seed = request.seed
    verification.filter_stationary_matches = request.turntable
    pycolmap.match_image_pairs(
        database,
        matching_options=pycolmap.FeatureMatchingOptions(use_gpu=False, guided_matching=guided),
        pairing_options=pycolmap.ImportedPairingOptions(match_list_path=listing, block_size=PAIRS_AT_ONCE),
        verification_options=verification,
        device=pycolmap.Device.cpu,
    )
    places = {name: place for place, name in enumerate(names)}
    with pycolmap.Database.open(database) as content:
        images = {image.image_id: places[image.name] for image in content.read_all_images()}
        numbers, counts = content.read_two_view_geometry_num_inliers()
    found: dict[tuple[int, int], int] = {}
    for number, inliers in zip(numbers, counts, strict=True):
        first, second = sorted(images[each] for each in pycolmap.pair_id_to_image_pair(number))
        if inliers:
            found[first, second] = int(inliers)
    return found
