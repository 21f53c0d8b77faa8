# SPDX-License-Identifier: Apache-2.0
"""The errors a person may meet: each says what is wrong, and its hint says what to do."""

from __future__ import annotations


class Uner3dError(Exception):
    """Base of every error that is meant to be read by the person who started the job.

    Parameters
    ----------
    message : str
        One sentence that says what is wrong, with the file or camera it is about.
    hint : str, optional
        One sentence that says what to do.

    Attributes
    ----------
    code : str
        A short stable word for programs, the same for every error of the class.
    """

    code = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(Uner3dError):
    """The input as a whole can't be used: a folder without images, a job file that is not one."""

    code = "input"


class ImageError(Uner3dError):
    """An image or a mask can't be used."""

    code = "image"


class UnreadableImageError(ImageError):
    """The file of an image or a mask is no picture, is damaged, or can't be read."""


class CameraError(Uner3dError):
    """A camera is missing, or its numbers describe no camera."""

    code = "camera"


class CloudFileError(Uner3dError):
    """A point cloud or field file can't be read."""

    code = "cloud_file"


class ReconstructionError(Uner3dError):
    """The pictures, masks and cameras together describe no object."""

    code = "reconstruction"


class WeightsError(Uner3dError):
    """The weights of a trained network are missing, damaged, or not those they should be."""

    code = "weights"


class DeviceError(Uner3dError):
    """The device asked for is not there, or its memory does not suffice."""

    code = "device"


class EngineError(Uner3dError):
    """The Python that runs the worker is missing, incomplete or of another version."""

    code = "engine"


class OutputError(Uner3dError):
    """A result can't be written: the disk is full or the folder is not writable."""

    code = "output"


class Cancelled(Uner3dError):  # noqa: N818 -- no error: the person wanted it
    """The person asked to stop."""

    code = "cancelled"

    def __init__(self, message: str = "Cancelled.", hint: str = "") -> None:
        super().__init__(message, hint)
