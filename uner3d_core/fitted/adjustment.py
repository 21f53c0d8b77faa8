# SPDX-License-Identifier: Apache-2.0
"""Cameras that explain what the views see of surface points, and each other's silhouettes: bundle adjustment.

Cameras and points are moved together until the points are seen where they were found (Triggs, McLauchlan,
Hartley and Fitzgibbon 2000), the points eliminated from the equations. Silhouettes that belong to one object
are coherent: the ray of any contour pixel meets what all other silhouettes allow (Hernández, Schmitt and
Cipolla 2007). Both speak of a camera's small turn, shift and zoom, and a prior holds it where it was given,
which fixes where the world is, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from uner3d_core.fitted.coherence import Contours, Contradictions, contradictions
from uner3d_core.fitted.grid import Grid
from uner3d_core.fitted.pictures import Picture
from uner3d_core.fitted.tracks import Tracks

LIKELY_PIXELS = 3.0
"""Standard deviation of how far cameras are off as they are given, in pixels at the object."""
LIKELY_ZOOM = 0.001
"""The same of the logarithm of their focal lengths."""
LIKELY_DISTANCE = 0.05
"""The same of the points, working units: they come from a surface of wrong cameras."""
LEAST_INFORMATION = 1e-4
"""In 1 / pixel²: what is added so that none has a direction of which nothing is known."""
TRACK_SCALE = 2.0
"""Standard deviations from which on an observation counts less (Cauchy)."""
CONTOUR_PIXELS = 1.0
"""Standard deviation of a contour."""
CONTOUR_SCALE = 2.0
"""Pixels from which on a contour's contradiction counts less (Cauchy)."""
STEPS = 3


@dataclass(frozen=True)
class Corrections:
    """What is done to the cameras of V views, in camera coordinates of the working frame.

    Parameters
    ----------
    turn : float64 tensor (V, 3)
        Rotation vectors about the working frame's origin.
    shift : float64 tensor (V, 3)
        Working units.
    zoom : float64 tensor (L,)
        Logarithms of factors of the focal lengths.
    lenses : long tensor (V,)
        Which of these each view has.
    """

    turn: Tensor
    shift: Tensor
    zoom: Tensor
    lenses: Tensor

    @classmethod
    def none(cls, lenses: Tensor) -> Corrections:
        """Leave the cameras as they are."""
        still = torch.zeros((len(lenses), 3), dtype=torch.float64)
        return cls(still, still, torch.zeros(int(lenses.max()) + 1, dtype=torch.float64), lenses)

    def plus(self, change: Tensor) -> Corrections:
        """Add a step of all unknowns (6 V + L,), the six numbers of each camera first."""
        offset = change[: 2 * self.turn.numel()].view(-1, 6)
        turn, shift = offset[:, :3], offset[:, 3:]
        return replace(
            self, turn=self.turn + turn, shift=self.shift + shift, zoom=self.zoom + change[2 * turn.numel() :]
        )

    @property
    def rotations(self) -> Tensor:
        """Matrices (V, 3, 3) of the turns."""
        matrices: Tensor = torch.linalg.matrix_exp(cross_matrix(self.turn))
        return matrices

    @property
    def zooms(self) -> Tensor:
        """Factors (V,) of the focal lengths."""
        return torch.exp(self.zoom)[self.lenses]

    def applied(self, pictures: list[Picture]) -> list[Picture]:
        """Correct the cameras of pictures."""
        return [
            replace(
                picture,
                rotation=(turn @ picture.rotation.double().cpu()).to(picture.rotation),
                translation=(picture.translation.double().cpu() + shift).to(picture.translation),
                fx=picture.fx * zoom,
                fy=picture.fy * zoom,
            )
            for picture, turn, shift, zoom in zip(
                pictures, self.rotations, self.shift, self.zooms.tolist(), strict=True
            )
        ]


def adjust(
    pictures: list[Picture],
    before: Corrections,
    positions: Tensor,
    *,
    tracks: Tracks,
    contours: Contours,
    hull: Grid,
) -> tuple[Corrections, Tensor]:
    """Move cameras and points until they explain tracks and contours.

    Parameters
    ----------
    pictures : list of Picture
        The V views, with the cameras as they are given.
    before : Corrections
        Of these cameras, to start from.
    positions : tensor (N, 3)
        Points of the surface.
    tracks : Tracks
        Where they are seen.
    contours : Contours
        Of the silhouettes; none where there are no silhouettes.
    hull : Grid
        Signed distance, near enough to that of the silhouettes.

    Returns
    -------
    corrections : Corrections
        Of the cameras as they are given.
    positions : tensor (N, 3)
        Of the moved points.
    """
    corrections, start = before, positions
    for _ in range(STEPS):
        moved = corrections.applied(pictures)
        system = _System(corrections)
        system.add_prior(pictures)
        eliminated = system.add_tracks(moved, positions, start, tracks)
        system.add_contours(moved, contradictions(moved, contours, hull))
        change = system.solve()
        positions = positions + eliminated.moves(change).to(positions)
        corrections = corrections.plus(change)
    return corrections, positions


class _System:
    """Normal equations of a Gauss-Newton step: six numbers of each camera, then one of each lens."""

    def __init__(self, corrections: Corrections) -> None:
        self.corrections = corrections
        self.views = len(corrections.turn)
        size = 6 * self.views + len(corrections.zoom)
        self.matrix = torch.zeros((size, size), dtype=torch.float64)
        self.right = torch.zeros(size, dtype=torch.float64)

    def columns(self, view: Tensor) -> Tensor:
        """Which unknowns (O, 7) what is seen in views (O,) depends on."""
        own = 6 * view[:, None] + torch.arange(6)
        return torch.cat([own, 6 * self.views + self.corrections.lenses[view][:, None]], dim=1)

    def add_prior(self, given: list[Picture]) -> None:
        """Hold cameras where they are given."""
        done = self.corrections
        distance = torch.stack([picture.translation.norm() for picture in given]).double().cpu().clamp_min(1)
        focal = torch.tensor([picture.focal for picture in given], dtype=torch.float64)
        spread = (LIKELY_PIXELS * distance / focal)[:, None].repeat(1, 6)
        spread[:, 5] *= distance  # along the line of sight it takes more to move the picture as much
        spread = torch.cat([spread.reshape(-1), torch.full_like(done.zoom, LIKELY_ZOOM)])
        now = torch.cat([torch.cat([done.turn, done.shift], dim=1).reshape(-1), done.zoom])
        self.matrix.diagonal().add_(1 / spread**2)
        self.right -= now / spread**2

    def add_rows(self, slopes: Tensor, residual: Tensor, weight: Tensor, columns: Tensor) -> None:
        """Add weighted residuals (O,) with slopes (O, U) after the unknowns ``columns`` (O, U)."""
        weighted = slopes * weight[:, None]
        blocks = weighted[:, :, None] * slopes[:, None]
        index = columns[:, :, None] * len(self.right) + columns[:, None]
        self.matrix.view(-1).index_add_(0, index.reshape(-1), blocks.reshape(-1))
        self.right.index_add_(0, columns.reshape(-1), -(weighted * residual[:, None]).reshape(-1))

    def add_tracks(
        self, pictures: list[Picture], positions: Tensor, start: Tensor, tracks: Tracks
    ) -> _Eliminated:
        """Add where points are seen, with the points eliminated."""
        points, count = positions.double().cpu(), len(positions)
        point, view = tracks.point.cpu(), tracks.view.cpu()
        predicted, camera, place = derivatives(pictures, view, points[point])
        residual = predicted - tracks.pixels.double().cpu()
        information = tracks.information.double().cpu()
        information = information + LEAST_INFORMATION * torch.eye(2, dtype=torch.float64)
        size = torch.einsum("oa,oab,ob->o", residual, information, residual)
        information = information / (1 + size / TRACK_SCALE**2)[:, None, None]
        columns = self.columns(view)
        root = torch.linalg.cholesky(information).mT  # rows that are independent
        residual = torch.einsum("oab,ob->oa", root, residual)
        camera, place = root @ camera, root @ place
        own = torch.eye(3, dtype=torch.float64).expand(count, 3, 3) / LIKELY_DISTANCE**2
        matrix = own.clone().index_add_(0, point, place.mT @ place)
        right = (points - start.double().cpu()) / LIKELY_DISTANCE**2
        right = right.index_add_(0, point, (place.mT @ residual[..., None])[..., 0])
        inverse = torch.linalg.inv(matrix)
        joint = torch.zeros((len(self.right), count, 3), dtype=torch.float64)
        joint.view(-1, 3).index_add_(
            0, (columns * count + point[:, None]).reshape(-1), (camera.mT @ place).reshape(-1, 3)
        )
        for axis in range(2):
            self.add_rows(camera[:, axis], residual[:, axis], torch.ones_like(size), columns)
        weighted = torch.einsum("unp,npq->unq", joint, inverse)
        self.matrix -= weighted.reshape(len(self.right), -1) @ joint.reshape(len(self.right), -1).T
        self.right += torch.einsum("unp,np->u", weighted, right)
        return _Eliminated(inverse, joint, right)

    def add_contours(self, pictures: list[Picture], found: Contradictions) -> None:
        """Add how far the rays of contour pixels miss the silhouettes of all other views."""
        if not len(found.view):
            return
        _, camera, place = derivatives(pictures, found.other, found.places)
        theirs = torch.einsum("oa,oab->ob", found.slope, camera)
        # The ray moves with its own camera, the other way than what stands still is seen to.
        rotation, translation = _poses(pictures, found.view)
        turned = torch.einsum("oab,ob->oa", rotation, found.places)
        ray = turned + translation
        along = torch.zeros((len(ray), 3, 7), dtype=torch.float64)
        along[:, :, :3], along[:, :, 3:6] = cross_matrix(turned), -torch.eye(3, dtype=torch.float64)
        along[:, :2, 6] = -ray[:, :2]
        own = torch.einsum("oa,oab,ocb,ocd->od", found.slope, place, rotation, along)
        weight = 1 / CONTOUR_PIXELS**2 / (1 + (found.residual / CONTOUR_SCALE) ** 2)
        columns = torch.cat([self.columns(found.view), self.columns(found.other)], dim=1)
        self.add_rows(torch.cat([own, theirs], dim=1), found.residual, weight, columns)

    def solve(self) -> Tensor:
        """Solve for the unknowns."""
        solution: Tensor = torch.linalg.solve(self.matrix, self.right)
        return solution


@dataclass(frozen=True)
class _Eliminated:
    """What gives the points' moves back once the cameras' are known."""

    inverse: Tensor
    joint: Tensor
    right: Tensor

    def moves(self, change: Tensor) -> Tensor:
        """Find the moves (N, 3) of the points after the cameras' change (U,)."""
        right = self.right + torch.einsum("unp,u->np", self.joint, change)
        return -torch.einsum("npq,nq->np", self.inverse, right)


def derivatives(pictures: list[Picture], view: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Project points (O, 3), each into its view (O,), in double precision.

    Returns
    -------
    pixels : tensor (O, 2)
    camera : tensor (O, 2, 7)
        Derivatives after the camera's turn about the origin, its shift and the logarithm of its focal length.
    place : tensor (O, 2, 3)
        Derivatives after the point.
    """
    rotation, translation = _poses(pictures, view)
    focal, middle = (
        torch.tensor(numbers, dtype=torch.float64)[view]
        for numbers in ([(p.fx, p.fy) for p in pictures], [(p.cx, p.cy) for p in pictures])
    )
    turned = torch.einsum("oab,ob->oa", rotation, points)
    local = turned + translation
    depth = local[:, 2:].clamp_min(1e-6)
    flat = focal * local[:, :2] / depth
    slope = torch.zeros((len(points), 2, 3), dtype=torch.float64)
    slope[:, 0, 0], slope[:, 1, 1] = (focal / depth).unbind(1)
    slope[:, :, 2] = -flat / depth
    camera = torch.cat([slope @ -cross_matrix(turned), slope, flat[..., None]], dim=2)
    return flat + middle, camera, slope @ rotation


def _poses(pictures: list[Picture], view: Tensor) -> tuple[Tensor, Tensor]:
    """Rotations (O, 3, 3) and translations (O, 3) of views (O,)."""
    rotation = torch.stack([picture.rotation for picture in pictures]).double().cpu()
    translation = torch.stack([picture.translation for picture in pictures]).double().cpu()
    return rotation[view], translation[view]


def cross_matrix(vectors: Tensor) -> Tensor:
    """Matrices (K, 3, 3) that take the cross product of vectors (K, 3) with what they are applied to."""
    matrix = vectors.new_zeros((len(vectors), 3, 3))
    x, y, z = vectors.unbind(1)
    matrix[:, 0, 1], matrix[:, 0, 2], matrix[:, 1, 2] = -z, y, -x
    matrix[:, 1, 0], matrix[:, 2, 0], matrix[:, 2, 1] = z, -y, x
    return matrix
