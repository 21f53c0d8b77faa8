# SPDX-License-Identifier: Apache-2.0
"""How a running job tells what it does, and learns that it should stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from uner3d_core.point_cloud import PointCloud


class Progress(Protocol):
    """What a long function tells while it works. Every call may raise ``Cancelled``."""

    def stage(self, name: str, done: int, total: int) -> None:
        """Tell that ``done`` of ``total`` true steps of the stage ``name`` are finished."""

    def preview(self, cloud: PointCloud) -> None:
        """Show an early, coarse cloud."""

    def log(self, text: str) -> None:
        """Tell something worth reading once, such as a camera that was left out."""


@dataclass(frozen=True)
class Silent:
    """Tells nobody anything."""

    def stage(self, name: str, done: int, total: int) -> None:
        """Ignore the step."""

    def preview(self, cloud: PointCloud) -> None:
        """Ignore the cloud."""

    def log(self, text: str) -> None:
        """Ignore the text."""
